// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// Values as JSON, as their shapes say: the bodies of json and rest-json.
struct JSONCodec {
    /// Values that do not fit their shape are refused; otherwise kept as they are.
    var isStrict = true

    // MARK: Writing

    /// Writes a structure's members that are wanted, in the model's order.
    func write(_ value: Value, _ shape: Shape, where isWanted: (Member) -> Bool = { _ in true }) -> [UInt8] {
        var writer = JSONWriter()
        write(members: value, shape, into: &writer, where: isWanted)
        return writer.output
    }

    private func write(members value: Value, _ shape: Shape, into writer: inout JSONWriter, where isWanted: (Member) -> Bool) {
        writer.open("{")
        var isFirst = true
        for member in shape.members where isWanted(member) {
            guard let content = value[member.name] else { continue }
            writer.separate(isFirst: isFirst)
            isFirst = false
            writer.write(key: member.locationName)
            write(content, member.shape, format: member.timestampFormat, into: &writer)
        }
        writer.close("}")
    }

    func write(_ value: Value, _ shape: Shape, format: TimestampFormat?, into writer: inout JSONWriter) {
        switch (shape.kind, value) {
        case (.structure, .object):
            if shape.isDocument { writer.write(value) } else { write(members: value, shape, into: &writer, where: { _ in true }) }
        case (.list, .list(let elements)):
            guard let element = shape.element else { return writer.write(value) }
            writer.open("[")
            for (position, content) in elements.enumerated() {
                writer.separate(isFirst: position == 0)
                write(content, element.shape, format: element.timestampFormat, into: &writer)
            }
            writer.close("]")
        case (.map, .object(let entries)):
            guard let member = shape.value else { return writer.write(value) }
            writer.open("{")
            var isFirst = true
            for (key, content) in entries {
                writer.separate(isFirst: isFirst)
                isFirst = false
                writer.write(key: key)
                write(content, member.shape, format: member.timestampFormat, into: &writer)
            }
            writer.close("}")
        case (.timestamp, .timestamp(let seconds)):
            switch format ?? .unixTimestamp {
            case .unixTimestamp: writer.write(ascii: Timestamp.epoch(seconds))
            case .iso8601: writer.write(string: Timestamp.iso8601(seconds))
            case .rfc822: writer.write(string: Timestamp.rfc822(seconds))
            }
        case (.float, .integer(let number)), (.double, .integer(let number)): writer.write(.double(Double(number)))
        case (_, .double(let number)) where !number.isFinite: writer.write(string: JSON.text(of: number))
        default: writer.write(value)
        }
    }

    // MARK: Reading

    /// The value of JSON text for a structure; no text is an empty structure.
    func read(_ bytes: [UInt8], _ shape: Shape, where isWanted: (Member) -> Bool = { _ in true }) throws -> Value {
        if bytes.isEmpty { return .emptyObject }
        let parsed: Value
        do {
            parsed = try JSON.parse(bytes)
        } catch {
            throw MalformedInput(place: "", problem: error.description)
        }
        return try members(parsed, shape, place: "", where: isWanted)
    }

    private func members(_ value: Value, _ shape: Shape, place: String, where isWanted: (Member) -> Bool) throws -> Value {
        guard case .object(let found) = value else { return try mismatch(value, shape, place) }
        var members = OrderedDictionary<String, Value>(minimumCapacity: found.count)
        for member in shape.members where isWanted(member) {
            guard let content = found[member.locationName], content != .null else { continue }
            members[member.name] = try read(content, member.shape, place: member.name)
        }
        return .object(members)
    }

    func read(_ value: Value, _ shape: Shape, place: String) throws -> Value {
        switch (shape.kind, value) {
        case (_, .null): return .null
        case (.structure, _): return shape.isDocument ? value : try members(value, shape, place: place, where: { _ in true })
        case (.list, .list(let elements)):
            guard let element = shape.element?.shape else { return value }
            return .list(try elements.map { try read($0, element, place: place) })
        case (.map, .object(let entries)):
            guard let element = shape.value?.shape else { return value }
            return .object(try entries.mapValues { try read($0, element, place: place) })
        case (.timestamp, .integer), (.timestamp, .double): return .timestamp(value.doubleValue ?? 0)
        case (.timestamp, .string(let text)): return try Timestamp.parse(text).map(Value.timestamp) ?? mismatch(value, shape, place)
        case (.blob, .string(let text)): return try Base64.decode(text).map(Value.blob) ?? mismatch(value, shape, place)
        case (.integer, .double(let number)), (.long, .double(let number)):
            return Int(exactly: number.rounded(.towardZero)).map(Value.integer) ?? value
        case (.float, .integer(let number)), (.double, .integer(let number)): return .double(Double(number))
        case (.float, .string(let text)), (.double, .string(let text)):
            switch text {
            case "NaN": return .double(.nan)
            case "Infinity": return .double(.infinity)
            case "-Infinity": return .double(-.infinity)
            default: return try mismatch(value, shape, place)
            }
        case (.string, .string), (.boolean, .boolean), (.integer, .integer), (.long, .integer), (.float, .double),
            (.double, .double):
            return value
        default: return try mismatch(value, shape, place)
        }
    }

    private func mismatch(_ value: Value, _ shape: Shape, _ place: String) throws -> Value {
        guard isStrict else { return value }
        throw MalformedInput(
            place: place, problem: "\(Self.token(value)) can not be converted to \(Self.typeName(shape.kind))",
            found: JSON.serialize(value))
    }

    /// The names that AWS's own parsers use in such errors.
    private static func token(_ value: Value) -> String {
        switch value {
        case .boolean(let flag): flag ? "TRUE_VALUE" : "FALSE_VALUE"
        case .integer: "NUMBER_VALUE"
        case .double: "DECIMAL_VALUE"
        case .list: "START_ARRAY"
        case .object: "START_OBJECT"
        default: "STRING_VALUE"
        }
    }

    private static func typeName(_ kind: ShapeKind) -> String {
        switch kind {
        case .string: "a String"
        case .integer: "an Integer"
        case .long: "a Long"
        case .float: "a Float"
        case .double: "a Double"
        case .boolean: "a Boolean"
        case .timestamp: "milliseconds since epoch"
        case .blob: "a Blob"
        case .list: "a List"
        case .map: "a Map"
        case .structure: "a Structure"
        }
    }
}
