// SPDX-License-Identifier: Apache-2.0

/// A JMESPath expression that has been read and can be applied to documents.
///
/// The language is the one at jmespath.org; where its text leaves something open, this is what jmespath.py 1.x does,
/// which the real CLI's `--query` is made of.
public struct Query: Sendable {
    /// The text of the expression.
    public let expression: String
    private let root: Node

    /// The names of the built-in functions, sorted: for completion.
    public static var functionNames: [String] { Function.signatures.keys.sorted() }

    /// Reads an expression.
    ///
    /// - Throws: `JMESPathError`, one of the kinds for which `isSyntaxError` is true.
    public init(_ expression: String) throws(JMESPathError) {
        var parser = try Parser(expression: expression)
        self.expression = expression
        root = try parser.parse()
    }

    /// What the expression finds in `document`; null where it finds nothing.
    ///
    /// - Throws: `JMESPathError` where a function does not exist or does not take what it is given.
    public func search(_ document: JSONValue) throws(JMESPathError) -> JSONValue {
        try Interpreter.evaluate(root, document)
    }
}

/// Walks the syntax tree.
enum Interpreter {
    static func evaluate(_ node: Node, _ value: JSONValue) throws(JMESPathError) -> JSONValue {
        switch node {
        case .identity: return value
        case .field(let name): return value[name] ?? .null
        case .literal(let literal): return literal
        case .index(let index):
            guard case .array(let elements) = value else { return .null }
            let position = index < 0 ? elements.count + index : index
            return elements.indices.contains(position) ? elements[position] : .null
        case .slice(let start, let stop, let step):
            guard case .array(let elements) = value else { return .null }
            return .array(try slice(elements, start: start, stop: stop, step: step))
        case .sequence(let first, let second): return try evaluate(second, try evaluate(first, value))
        case .projection(let base, let right):
            guard case .array(let elements) = try evaluate(base, value) else { return .null }
            return try project(elements, right)
        case .valueProjection(let base, let right):
            guard case .object(let object) = try evaluate(base, value) else { return .null }
            return try project(object.values, right)
        case .filterProjection(let base, let right, let condition):
            guard case .array(let elements) = try evaluate(base, value) else { return .null }
            var matching: [JSONValue] = []
            for element in elements where try evaluate(condition, element).isTrue { matching.append(element) }
            return try project(matching, right)
        case .flatten(let base):
            guard case .array(let elements) = try evaluate(base, value) else { return .null }
            return .array(elements.flatMap { if case .array(let inner) = $0 { inner } else { [$0] } })
        default: return try evaluateOperator(node, value)
        }
    }

    private static func evaluateOperator(_ node: Node, _ value: JSONValue) throws(JMESPathError) -> JSONValue {
        switch node {
        case .comparison(let comparator, let left, let right):
            return try compare(comparator, try evaluate(left, value), try evaluate(right, value))
        case .or(let left, let right):
            let first = try evaluate(left, value)
            return first.isTrue ? first : try evaluate(right, value)
        case .and(let left, let right):
            let first = try evaluate(left, value)
            return first.isTrue ? try evaluate(right, value) : first
        case .not(let operand): return .boolean(!(try evaluate(operand, value)).isTrue)
        case .list(let nodes):
            if value == .null { return .null }
            var elements: [JSONValue] = []
            for node in nodes { elements.append(try evaluate(node, value)) }
            return .array(elements)
        case .hash(let members):
            if value == .null { return .null }
            var object = JSONObject()
            for member in members { object[member.key] = try evaluate(member.value, value) }
            return .object(object)
        case .call(let name, let arguments):
            var resolved: [Function.Argument] = []
            for argument in arguments {
                if case .reference(let expression) = argument {
                    resolved.append(.expression(expression))
                } else {
                    resolved.append(.value(try evaluate(argument, value)))
                }
            }
            return try Function.call(name, resolved)
        default:
            // A reference that is no function's argument stands for nothing.
            return .null
        }
    }

    private static func project(_ elements: [JSONValue], _ right: Node) throws(JMESPathError) -> JSONValue {
        if case .identity = right { return .array(elements.filter { $0 != .null }) }
        var collected: [JSONValue] = []
        for element in elements {
            let result = try evaluate(right, element)
            if result != .null { collected.append(result) }
        }
        return .array(collected)
    }

    /// Python's extended slicing.
    private static func slice(_ elements: [JSONValue], start: Int?, stop: Int?, step: Int?) throws(JMESPathError) -> [JSONValue] {
        let step = step ?? 1
        guard step != 0 else { throw .value("slice step cannot be zero") }
        let count = elements.count
        let lowest = step < 0 ? -1 : 0
        let highest = step < 0 ? count - 1 : count
        func bound(_ index: Int?, absent: Int) -> Int {
            guard let index else { return absent }
            return index < 0 ? max(index + count, lowest) : min(index, highest)
        }
        let first = bound(start, absent: step < 0 ? highest : lowest)
        let end = bound(stop, absent: step < 0 ? lowest : highest)
        return Swift.stride(from: first, to: end, by: step).map { elements[$0] }
    }

    private static func compare(
        _ comparator: Node.Comparator, _ left: JSONValue, _ right: JSONValue
    ) throws(JMESPathError) -> JSONValue {
        let symbol: String
        switch comparator {
        case .equal: return .boolean(left == right)
        case .notEqual: return .boolean(left != right)
        case .less: symbol = "<"
        case .lessOrEqual: symbol = "<="
        case .greater: symbol = ">"
        case .greaterOrEqual: symbol = ">="
        }
        guard left.isComparable, right.isComparable else { return .null }
        guard let order = left.order(to: right) else {
            if left.number != nil, right.number != nil { return .boolean(false) }
            throw .value(
                "'\(symbol)' not supported between instances of '\(left.pythonTypeName)' and '\(right.pythonTypeName)'")
        }
        switch comparator {
        case .less: return .boolean(order < 0)
        case .lessOrEqual: return .boolean(order <= 0)
        case .greater: return .boolean(order > 0)
        default: return .boolean(order >= 0)
        }
    }
}

extension JSONValue {
    /// False for null, false, and empty text, arrays and objects; true for everything else, 0 too.
    var isTrue: Bool {
        switch self {
        case .null: false
        case .boolean(let flag): flag
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.isEmpty
        case .integer, .double: true
        }
    }

    /// The number, whole or not.
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    var isComparable: Bool {
        switch self {
        case .integer, .double, .string: true
        default: false
        }
    }

    /// Below 0, 0 or above 0 as this comes before, with or after `other`; nil where the two have no order.
    ///
    /// Numbers are ordered by size, text by code points.
    func order(to other: JSONValue) -> Int? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): return a < b ? -1 : a == b ? 0 : 1
        case (.string(let a), .string(let b)):
            return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : a.utf8.elementsEqual(b.utf8) ? 0 : 1
        default:
            guard let a = number, let b = other.number, !a.isNaN, !b.isNaN else { return nil }
            return a < b ? -1 : a == b ? 0 : 1
        }
    }
}
