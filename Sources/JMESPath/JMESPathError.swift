// SPDX-License-Identifier: Apache-2.0

/// Why a query cannot be read, or cannot be applied.
public enum JMESPathError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The expression is empty.
    case empty
    /// No token can start at this place. `position` counts code points from 0.
    case lexical(reason: String, position: Int, expression: String)
    /// A token stands where the grammar has no place for it.
    case syntax(reason: String, position: Int, token: String, kind: String, expression: String)
    /// The expression ends too early.
    case incomplete(expression: String)
    /// There is no such function.
    case unknownFunction(String)
    /// A function was called with too few or too many arguments.
    case arity(function: String, expected: Int, actual: Int, isMinimum: Bool)
    /// An argument has a type that the function does not take. `value` is shown as Python's `str` shows it.
    case type(function: String, value: String, expected: [String], actual: String)
    /// A value that makes no sense where it stands, such as a slice's step of 0.
    case value(String)

    /// True for what is wrong with the expression itself, found before it is applied to anything.
    public var isSyntaxError: Bool {
        switch self {
        case .empty, .lexical, .syntax, .incomplete: true
        default: false
        }
    }

    /// The text that jmespath.py gives, which the real CLI prints.
    public var description: String {
        switch self {
        case .empty:
            return "Invalid JMESPath expression: cannot be empty."
        case .lexical(let reason, let position, let expression):
            return "Bad jmespath expression: \(reason):\n\(expression)\n\(String(repeating: " ", count: position))^"
        case .syntax(let reason, let position, let token, let kind, let expression):
            // One more blank for the quotation mark that starts the line above.
            let underline = String(repeating: " ", count: position + 1) + "^"
            return "\(reason): Parse error at column \(position), token \"\(token)\" (\(kind)), for expression:\n"
                + "\"\(expression)\"\n\(underline)"
        case .incomplete(let expression):
            let underline = String(repeating: " ", count: expression.unicodeScalars.count + 1) + "^"
            return "Invalid jmespath expression: Incomplete expression:\n\"\(expression)\"\n\(underline)"
        case .unknownFunction(let name):
            return "Unknown function: \(name)()"
        case .arity(let function, let expected, let actual, let isMinimum):
            return "Expected \(isMinimum ? "at least " : "")\(expected) \(expected == 1 ? "argument" : "arguments") "
                + "for function \(function)(), received \(actual)"
        case .type(let function, let value, let expected, let actual):
            let types = "[" + expected.map(\.pythonRepresentation).joined(separator: ", ") + "]"
            return "In function \(function)(), invalid type for value: \(value), expected one of: \(types), received: \"\(actual)\""
        case .value(let text):
            return text
        }
    }
}
