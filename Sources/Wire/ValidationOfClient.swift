// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel

/// botocore's checks, in its order and words.
struct ValidationOfClient {
    var problems: [String] = []

    mutating func check(_ value: Value, _ shape: Shape, at path: String) {
        if shape.isDocument { return }
        switch shape.kind {
        case .structure: checkStructure(value, shape, at: path)
        case .map: checkMap(value, shape, at: path)
        case .list: checkList(value, shape, at: path)
        case .string: checkString(value, shape, at: path)
        case .integer, .long:
            // Python's booleans are integers.
            switch value {
            case .integer(let number): checkRange(Double(number), shape, shown: value, at: path)
            case .boolean(let flag): checkRange(flag ? 1 : 0, shape, shown: value, at: path)
            default: reportType(value, ["<class 'int'>"], at: path)
            }
        case .float, .double:
            switch value {
            case .integer, .double: checkRange(value.doubleValue ?? 0, shape, shown: value, at: path)
            case .boolean(let flag): checkRange(flag ? 1 : 0, shape, shown: value, at: path)
            default: reportType(value, ["<class 'float'>", "<class 'decimal.Decimal'>", "<class 'int'>"], at: path)
            }
        case .boolean:
            if value.booleanValue == nil { reportType(value, ["<class 'bool'>"], at: path) }
        case .blob:
            switch value {
            case .blob, .string: break
            default: reportType(value, ["<class 'bytes'>", "<class 'bytearray'>", "file-like object"], at: path)
            }
        case .timestamp:
            switch value {
            case .timestamp, .integer, .double, .boolean: break
            case .string(let text) where TimestampText.seconds(text) != nil: break
            default: reportType(value, ["<class 'datetime.datetime'>", "timestamp-string"], at: path)
            }
        }
    }

    private mutating func checkStructure(_ value: Value, _ shape: Shape, at path: String) {
        guard case .object(let members) = value else { return reportType(value, ["<class 'dict'>"], at: path) }
        if shape.isUnion {
            let names = shape.members.map(\.name).joined(separator: ". ")
            if members.isEmpty {
                problems.append("Must set one of the following keys for tagged unionstructure \(shown(path)): \(names).")
            } else if members.count > 1 {
                problems.append(
                    "Invalid number of parameters set for tagged union structure \(shown(path)). "
                        + "Can only set one of the following keys: \(names).")
            }
        }
        for name in shape.required where members[name] == nil {
            problems.append("Missing required parameter in \(shown(path)): \"\(name)\"")
        }
        for name in members.keys where shape.member(named: name) == nil {
            let names = shape.members.map(\.name).joined(separator: ", ")
            problems.append("Unknown parameter in \(shown(path)): \"\(name)\", must be one of: \(names)")
        }
        for (name, content) in members {
            if let member = shape.member(named: name) { check(content, member.shape, at: "\(path).\(name)") }
        }
    }

    private mutating func checkMap(_ value: Value, _ shape: Shape, at path: String) {
        guard case .object(let members) = value else { return reportType(value, ["<class 'dict'>"], at: path) }
        guard let keyShape = shape.key?.shape, let valueShape = shape.value?.shape else { return }
        for (key, content) in members {
            check(.string(key), keyShape, at: "\(path) (key: \(key))")
            check(content, valueShape, at: "\(path).\(key)")
        }
    }

    private mutating func checkList(_ value: Value, _ shape: Shape, at path: String) {
        guard case .list(let elements) = value else {
            return reportType(value, ["<class 'list'>", "<class 'tuple'>"], at: path)
        }
        checkLength(elements.count, shape, at: path)
        guard let elementShape = shape.element?.shape else { return }
        for (place, element) in elements.enumerated() { check(element, elementShape, at: "\(path)[\(place)]") }
    }

    private mutating func checkString(_ value: Value, _ shape: Shape, at path: String) {
        guard case .string(let text) = value else { return reportType(value, ["<class 'str'>"], at: path) }
        if shape.minimum != nil { checkLength(text.unicodeScalars.count, shape, at: path) }
    }

    private mutating func checkLength(_ length: Int, _ shape: Shape, at path: String) {
        guard let minimum = shape.minimum, Double(length) < minimum else { return }
        problems.append(
            "Invalid length for parameter \(shown(path)), value: \(length), valid min length: \(ValidationText.number(minimum))")
    }

    private mutating func checkRange(_ number: Double, _ shape: Shape, shown value: Value, at path: String) {
        guard let minimum = shape.minimum, number < minimum else { return }
        problems.append(
            "Invalid value for parameter \(shown(path)), value: \(ValidationText.python(value)), "
                + "valid min value: \(ValidationText.number(minimum))")
    }

    private mutating func reportType(_ value: Value, _ validTypes: [String], at path: String) {
        problems.append(
            "Invalid type for parameter \(shown(path)), value: \(ValidationText.python(value)), "
                + "type: <class '\(ValidationText.pythonType(value))'>, valid types: \(validTypes.joined(separator: ", "))")
    }

    private func shown(_ path: String) -> String {
        if path.isEmpty { return "input" }
        return path.hasPrefix(".") ? String(path.dropFirst()) : path
    }
}
