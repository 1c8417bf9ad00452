// SPDX-License-Identifier: Apache-2.0

/// The built-in functions of the specification (jmespath.org/specification.html#built-in-functions).
enum Function {
    /// What a function is called with.
    enum Argument {
        case value(JSONValue)
        case expression(Node)

        var value: JSONValue {
            if case .value(let value) = self { value } else { .null }
        }

        /// The type by JMESPath's name.
        var typeName: String {
            if case .value(let value) = self { value.jmespathTypeName } else { "expref" }
        }

        /// The argument as Python's `str` shows it.
        var pythonDescription: String {
            if case .value(let value) = self { value.pythonDescription } else { "<jmespath.visitor._Expression object>" }
        }
    }

    /// The argument types of a function: an empty list takes anything, `array-x` asks for an array of x.
    struct Signature {
        var types: [[String]]
        /// The last type may be given any number of times, at least once.
        var isVariadic = false
    }

    static let signatures: [String: Signature] = [
        "abs": Signature(types: [["number"]]),
        "avg": Signature(types: [["array-number"]]),
        "ceil": Signature(types: [["number"]]),
        "contains": Signature(types: [["array", "string"], []]),
        "ends_with": Signature(types: [["string"], ["string"]]),
        "floor": Signature(types: [["number"]]),
        "join": Signature(types: [["string"], ["array-string"]]),
        "keys": Signature(types: [["object"]]),
        "length": Signature(types: [["string", "array", "object"]]),
        "map": Signature(types: [["expref"], ["array"]]),
        "max": Signature(types: [["array-number", "array-string"]]),
        "max_by": Signature(types: [["array"], ["expref"]]),
        "merge": Signature(types: [["object"]], isVariadic: true),
        "min": Signature(types: [["array-number", "array-string"]]),
        "min_by": Signature(types: [["array"], ["expref"]]),
        "not_null": Signature(types: [[]], isVariadic: true),
        "reverse": Signature(types: [["array", "string"]]),
        "sort": Signature(types: [["array-string", "array-number"]]),
        "sort_by": Signature(types: [["array"], ["expref"]]),
        "starts_with": Signature(types: [["string"], ["string"]]),
        "sum": Signature(types: [["array-number"]]),
        "to_array": Signature(types: [[]]),
        "to_number": Signature(types: [[]]),
        "to_string": Signature(types: [[]]),
        "type": Signature(types: [[]]),
        "values": Signature(types: [["object"]]),
    ]

    static func call(_ name: String, _ arguments: [Argument]) throws(JMESPathError) -> JSONValue {
        guard let signature = signatures[name] else { throw .unknownFunction(name) }
        let expected = signature.types.count
        if signature.isVariadic ? arguments.count < expected : arguments.count != expected {
            throw .arity(function: name, expected: expected, actual: arguments.count, isMinimum: signature.isVariadic)
        }
        for (argument, types) in zip(arguments, signature.types) where !types.isEmpty {
            try check(argument, types: types, function: name)
        }
        switch name {
        case "map", "sort_by", "min_by", "max_by": return try callWithExpression(name, arguments)
        case "abs", "avg", "ceil", "floor", "sum", "to_number": return callOnNumbers(name, arguments[0].value)
        case "max", "min", "sort", "reverse", "length", "contains", "to_array", "join":
            return try callOnSequences(name, arguments)
        default: return callOnOthers(name, arguments)
        }
    }

    private static func check(_ argument: Argument, types: [String], function: String) throws(JMESPathError) {
        let split = types.map { $0.split(separator: "-", maxSplits: 1).map(String.init) }
        guard split.contains(where: { $0[0] == argument.typeName }) else {
            throw .type(function: function, value: argument.pythonDescription, expected: types, actual: argument.typeName)
        }
        var elementTypes = split.filter { $0.count == 2 }.map { $0[1] }
        guard !elementTypes.isEmpty, case .array(let elements) = argument.value, let first = elements.first else { return }
        func wrong(_ element: JSONValue) -> JMESPathError {
            .type(function: function, value: element.pythonDescription, expected: types, actual: element.pythonTypeName)
        }
        if elementTypes.count > 1 {
            // The first element says which of the types all must have.
            guard elementTypes.contains(first.jmespathTypeName) else { throw wrong(first) }
            elementTypes = [first.jmespathTypeName]
        }
        for element in elements where element.jmespathTypeName != elementTypes[0] { throw wrong(element) }
    }

    private static func callOnNumbers(_ name: String, _ argument: JSONValue) -> JSONValue {
        switch name {
        case "abs":
            if case .integer(let number) = argument { return number == .min ? .double(-Double(number)) : .integer(abs(number)) }
            return .double(abs(argument.number ?? 0))
        case "ceil": return whole(argument, rule: .up)
        case "floor": return whole(argument, rule: .down)
        case "to_number": return toNumber(argument)
        case "avg":
            guard case .array(let elements) = argument, !elements.isEmpty else { return .null }
            return .double((sum(elements).number ?? 0) / Double(elements.count))
        default:
            guard case .array(let elements) = argument else { return .null }
            return sum(elements)
        }
    }

    private static func whole(_ argument: JSONValue, rule: FloatingPointRoundingRule) -> JSONValue {
        guard case .double(let number) = argument else { return argument }
        return Int(exactly: number.rounded(rule)).map { .integer($0) } ?? .double(number.rounded(rule))
    }

    /// A whole number as long as every term is one and the sum fits.
    private static func sum(_ elements: [JSONValue]) -> JSONValue {
        var total = 0
        for element in elements {
            guard case .integer(let number) = element, case let (next, overflow) = total.addingReportingOverflow(number), !overflow
            else { return .double(elements.reduce(0) { $0 + ($1.number ?? 0) }) }
            total = next
        }
        return .integer(total)
    }

    private static func toNumber(_ argument: JSONValue) -> JSONValue {
        switch argument {
        case .integer, .double: return argument
        case .string(let text):
            let scalars = text.unicodeScalars
            let trimmed = scalars.drop { $0.properties.isWhitespace }
            let end = trimmed.lastIndex { !$0.properties.isWhitespace }
            let bare = withoutSeparators(end.map { String(trimmed[...$0]) } ?? "")
            if let number = Int(bare) { return .integer(number) }
            // `Double` also takes hexadecimal, which Python's `float` does not.
            if !bare.contains(where: { $0 == "x" || $0 == "X" }), let number = Double(bare) { return .double(number) }
            return .null
        default: return .null
        }
    }

    /// The text without underscores that stand between two digits, which Python's numbers may have.
    private static func withoutSeparators(_ text: String) -> String {
        guard text.contains("_") else { return text }
        let characters = Array(text)
        let kept = characters.indices.filter { index in
            characters[index] != "_" || index == 0 || index == characters.count - 1
                || !characters[index - 1].isNumber || !characters[index + 1].isNumber
        }
        return String(kept.map { characters[$0] })
    }

    private static func callOnSequences(_ name: String, _ arguments: [Argument]) throws(JMESPathError) -> JSONValue {
        let argument = arguments[0].value
        switch (name, argument) {
        case ("contains", .array(let elements)): return .boolean(elements.contains(arguments[1].value))
        case ("contains", .string(let text)):
            guard case .string(let part) = arguments[1].value else {
                throw .value(
                    "'in <string>' requires string as left operand, not \(arguments[1].value.pythonTypeName)")
            }
            return .boolean(Array(text.utf8).contains(Array(part.utf8)))
        case ("length", .array(let elements)): return .integer(elements.count)
        case ("length", .string(let text)): return .integer(text.unicodeScalars.count)
        case ("length", .object(let object)): return .integer(object.count)
        case ("reverse", .string(let text)):
            var reversed = String.UnicodeScalarView()
            reversed.append(contentsOf: text.unicodeScalars.reversed())
            return .string(String(reversed))
        case ("reverse", .array(let elements)): return .array(elements.reversed())
        case ("sort", .array(let elements)): return .array(sorted(elements, keys: elements))
        case ("max", .array(let elements)): return extreme(elements, keys: elements, sign: 1)
        case ("min", .array(let elements)): return extreme(elements, keys: elements, sign: -1)
        case ("to_array", .array): return argument
        case ("to_array", _): return .array([argument])
        case ("join", .string(let separator)):
            guard case .array(let elements) = arguments[1].value else { return .null }
            return .string(elements.compactMap(\.stringValue).joined(separator: separator))
        default: return .null
        }
    }

    private static func callOnOthers(_ name: String, _ arguments: [Argument]) -> JSONValue {
        let argument = arguments[0].value
        switch name {
        case "ends_with", "starts_with":
            guard case .string(let text) = argument, case .string(let part) = arguments[1].value else { return .null }
            let bytes = Array(text.utf8)
            return .boolean(
                name == "starts_with" ? bytes.starts(with: part.utf8) : bytes.reversed().starts(with: part.utf8.reversed()))
        case "keys":
            guard case .object(let object) = argument else { return .null }
            return .array(object.keys.map { .string($0) })
        case "values":
            guard case .object(let object) = argument else { return .null }
            return .array(object.values)
        case "merge":
            var merged = JSONObject()
            for case .object(let object) in arguments.map(\.value) {
                for (key, value) in object.members { merged[key] = value }
            }
            return .object(merged)
        case "not_null": return arguments.lazy.map(\.value).first { $0 != .null } ?? .null
        case "to_string":
            if case .string = argument { return argument }
            return .string(argument.json(compact: true, ascii: true))
        default:
            if case .expression = arguments[0] { return .null }
            return .string(argument.jmespathTypeName)
        }
    }

    private static func callWithExpression(_ name: String, _ arguments: [Argument]) throws(JMESPathError) -> JSONValue {
        let isMap = name == "map"
        guard case .expression(let expression) = arguments[isMap ? 0 : 1],
            case .array(let elements) = arguments[isMap ? 1 : 0].value
        else { return .null }
        var keys: [JSONValue] = []
        for element in elements { keys.append(try Interpreter.evaluate(expression, element)) }
        if isMap { return .array(keys) }
        guard let first = keys.first else { return name == "sort_by" ? .array([]) : .null }
        var allowed = ["number", "string"]
        if name == "sort_by" {
            guard allowed.contains(first.jmespathTypeName) else {
                throw .type(
                    function: name, value: elements[0].pythonDescription, expected: ["string", "number"],
                    actual: first.jmespathTypeName)
            }
            allowed = [first.jmespathTypeName]
        }
        for key in keys {
            guard allowed.contains(key.jmespathTypeName) else {
                throw .type(function: name, value: key.pythonDescription, expected: allowed, actual: key.jmespathTypeName)
            }
            if key.jmespathTypeName != first.jmespathTypeName {
                throw .value(
                    "'\(name == "max_by" ? ">" : "<")' not supported between instances of "
                        + "'\(key.pythonTypeName)' and '\(first.pythonTypeName)'")
            }
        }
        if name == "sort_by" { return .array(sorted(elements, keys: keys)) }
        return extreme(elements, keys: keys, sign: name == "max_by" ? 1 : -1)
    }

    /// The elements in the order of their keys; equal keys keep their order.
    private static func sorted(_ elements: [JSONValue], keys: [JSONValue]) -> [JSONValue] {
        elements.indices.sorted { a, b in
            let order = keys[a].order(to: keys[b]) ?? 0
            return order == 0 ? a < b : order < 0
        }.map { elements[$0] }
    }

    /// The first element whose key is the largest (`sign` 1) or smallest (-1).
    private static func extreme(_ elements: [JSONValue], keys: [JSONValue], sign: Int) -> JSONValue {
        guard var best = elements.indices.first else { return .null }
        for index in elements.indices.dropFirst() where (keys[index].order(to: keys[best]) ?? 0) * sign > 0 { best = index }
        return elements[best]
    }
}

extension JSONValue {
    /// The type by JMESPath's name.
    var jmespathTypeName: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .integer, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
