// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// The service's own checks: everything that the model constrains, in the service frameworks' words.
struct ValidationOfService {
    var problems: [String] = []
    /// The first value of a kind that cannot be read as its member's.
    var mismatch: String?
    /// IAM's own words for a name with wrong characters.
    var firstOwnText: String?
    private let streamingMember: String?
    /// The service in whose inputs plain text is enough where the model has a pattern; nil for none.
    private let plainTextService: String?

    init(streamingMember: String?, plainTextOf service: String? = nil) {
        self.streamingMember = streamingMember
        plainTextService = service
    }

    mutating func checkStructure(_ value: Value, _ shape: Shape, at path: String) {
        guard case .object(let members) = value else { return reportMismatch(value, expected: "a structure") }
        for member in shape.members {
            let place = path.isEmpty ? lowerCamel(member.name) : "\(path).\(lowerCamel(member.name))"
            guard let content = members[member.name], content != .null else {
                let isStream = path.isEmpty && member.name == streamingMember
                if member.isRequired, !isStream { report("null", "Member must not be null", at: place) }
                continue
            }
            check(content, member.shape, at: place)
        }
    }

    private mutating func check(_ value: Value, _ shape: Shape, at path: String) {
        if shape.isDocument { return }
        switch shape.kind {
        case .structure: checkStructure(value, shape, at: path)
        case .list:
            guard case .list(let elements) = value else { return reportMismatch(value, expected: "a list") }
            reportBroken(value, constraints(on: elements.count, shape), at: path)
            guard let element = shape.element?.shape else { return }
            if element.kind.isScalar {
                checkElements(of: value, elements, element, constraint: "Member must satisfy constraint", at: path)
            } else {
                for (place, content) in elements.enumerated() { check(content, element, at: "\(path).\(place + 1).member") }
            }
        case .map:
            guard case .object(let members) = value else { return reportMismatch(value, expected: "a map") }
            reportBroken(value, constraints(on: members.count, shape), at: path)
            guard let key = shape.key?.shape, let content = shape.value?.shape else { return }
            checkElements(
                of: value, members.keys.map { .string($0) }, key, constraint: "Map keys must satisfy constraint", at: path)
            if content.kind.isScalar {
                checkElements(
                    of: value, Array(members.values), content, constraint: "Map value must satisfy constraint", at: path)
            } else {
                for (name, value) in members { check(value, content, at: "\(path).\(name).member") }
            }
        default: checkScalar(value, shape, at: path)
        }
    }

    private mutating func checkScalar(_ value: Value, _ shape: Shape, at path: String) {
        guard isReadable(value, as: shape.kind) else { return reportMismatch(value, expected: className(shape.kind)) }
        let broken = brokenConstraints(value, shape)
        if firstOwnText == nil, shape.pattern == #"[\w+=,.@-]+"#, broken.contains(where: { $0.contains("regular") }) {
            firstOwnText =
                "The specified value for \(path) is invalid. "
                + "It must contain only alphanumeric characters and/or the following: +=,.@_-"
        }
        if firstOwnText == nil, path == "path", broken.contains(where: { $0.contains("regular") }),
            shape.pattern?.hasPrefix("(\\u002F)") == true
        {
            firstOwnText =
                "The specified value for path is invalid. "
                + "It must begin and end with / and contain only alphanumeric characters and/or / characters."
        }
        reportBroken(value, broken, at: path)
    }

    /// Elements have no place of their own: the whole collection is named, with all constraints on its elements.
    private mutating func checkElements(
        of whole: Value, _ elements: [Value], _ shape: Shape, constraint: String, at path: String
    ) {
        for element in elements {
            guard isReadable(element, as: shape.kind) else {
                return reportMismatch(element, expected: className(shape.kind))
            }
            if !brokenConstraints(element, shape).isEmpty {
                return report(
                    quoted(whole), "\(constraint): [\(allConstraints(of: shape).joined(separator: ", "))]", at: path)
            }
        }
    }

    private func brokenConstraints(_ value: Value, _ shape: Shape) -> [String] {
        switch value {
        case .string(let text):
            guard shape.kind == .string else { return [] }
            var broken = constraints(on: text.utf16.count, shape)
            if let pattern = shape.pattern, !ValidationPatterns.matches(text, pattern),
                !isPlainEnough(text, for: pattern)
            {
                broken.append("Member must satisfy regular expression pattern: \(pattern)")
            }
            if !shape.enumValues.isEmpty, !shape.enumValues.contains(text) {
                broken.append("Member must satisfy enum value set: [\(shape.enumValues.joined(separator: ", "))]")
            }
            return broken
        case .blob(let bytes): return constraints(on: bytes.count, shape)
        case .integer, .double:
            guard shape.kind.isNumber, let number = value.doubleValue else { return [] }
            var broken: [String] = []
            if let maximum = shape.maximum, number > maximum {
                broken.append("Member must have value less than or equal to \(ValidationText.number(maximum))")
            }
            if let minimum = shape.minimum, number < minimum {
                broken.append("Member must have value greater than or equal to \(ValidationText.number(minimum))")
            }
            return broken
        default: return []
        }
    }

    private func isPlainEnough(_ text: String, for pattern: String) -> Bool {
        switch plainTextService {
        case "sagemaker": ValidationPatterns.isPlain(text, for: pattern)
        case "iam": pattern.hasPrefix("(\\u002F)") && ValidationPatterns.isPlain(text, for: pattern)
        default: false
        }
    }

    private func constraints(on length: Int, _ shape: Shape) -> [String] {
        var broken: [String] = []
        if let maximum = shape.maximum, Double(length) > maximum {
            broken.append("Member must have length less than or equal to \(ValidationText.number(maximum))")
        }
        if let minimum = shape.minimum, Double(length) < minimum {
            broken.append("Member must have length greater than or equal to \(ValidationText.number(minimum))")
        }
        return broken
    }

    private func allConstraints(of shape: Shape) -> [String] {
        let measure = shape.kind.isNumber ? "value" : "length"
        var all: [String] = []
        if let maximum = shape.maximum {
            all.append("Member must have \(measure) less than or equal to \(ValidationText.number(maximum))")
        }
        if let minimum = shape.minimum {
            all.append("Member must have \(measure) greater than or equal to \(ValidationText.number(minimum))")
        }
        if let pattern = shape.pattern { all.append("Member must satisfy regular expression pattern: \(pattern)") }
        if !shape.enumValues.isEmpty {
            all.append("Member must satisfy enum value set: [\(shape.enumValues.joined(separator: ", "))]")
        }
        return all
    }

    private mutating func reportBroken(_ value: Value, _ constraints: [String], at path: String) {
        for constraint in constraints { report(quoted(value), constraint, at: path) }
    }

    private mutating func report(_ shown: String, _ constraint: String, at path: String) {
        problems.append("Value \(shown) at '\(path)' failed to satisfy constraint: \(constraint)")
    }

    private mutating func reportMismatch(_ value: Value, expected: String) {
        if mismatch != nil { return }
        switch value {
        case .object: mismatch = "Start of structure or map found where not expected."
        case .list: mismatch = "Start of list found where not expected"
        case .string: mismatch = "STRING_VALUE can not be converted to \(expected)"
        case .boolean(let flag): mismatch = "\(flag ? "TRUE" : "FALSE")_VALUE can not be converted to \(expected)"
        case .integer, .double, .timestamp: mismatch = "NUMBER_VALUE can not be converted to \(expected)"
        case .null, .blob: mismatch = "Value can not be converted to \(expected)"
        }
    }

    private func isReadable(_ value: Value, as kind: ShapeKind) -> Bool {
        switch (value, kind) {
        case (.string, .string), (.blob, .blob), (.string, .blob), (.boolean, .boolean), (.timestamp, .timestamp): true
        case (.integer, _) where kind.isNumber || kind == .timestamp: true
        case (.double(let number), .integer), (.double(let number), .long): Int(exactly: number) != nil
        case (.double, .float), (.double, .double), (.double, .timestamp): true
        case (.string(let text), .timestamp): TimestampText.seconds(text) != nil
        default: false
        }
    }

    private func className(_ kind: ShapeKind) -> String {
        switch kind {
        case .integer: "an Integer"
        case .long: "a Long"
        case .float: "a Float"
        case .double: "a Double"
        case .boolean: "a Boolean"
        case .timestamp: "a Timestamp"
        case .blob: "a Blob"
        default: "a String"
        }
    }

    private func quoted(_ value: Value) -> String { "'\(ValidationText.java(value))'" }

    private func lowerCamel(_ name: String) -> String { name.prefix(1).lowercased() + name.dropFirst() }
}
