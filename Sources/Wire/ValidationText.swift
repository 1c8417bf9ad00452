// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Values as the two worlds of validation show them: Python's clients and Java's services.
enum ValidationText {
    /// A limit: whole where it is.
    static func number(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? JSON.text(of: number)
    }

    /// Python's `str(value)`.
    static func python(_ value: Value) -> String {
        if case .string(let text) = value { return text }
        return pythonRepresentation(value)
    }

    private static func pythonRepresentation(_ value: Value) -> String {
        switch value {
        case .null: "None"
        case .boolean(let flag): flag ? "True" : "False"
        case .integer(let number): String(number)
        case .double(let number), .timestamp(let number): JSON.text(of: number)
        case .string(let text): pythonQuoted(text)
        case .blob(let bytes): "b" + pythonQuoted(String(decoding: bytes, as: UTF8.self))
        case .list(let elements): "[" + elements.map(pythonRepresentation).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(pythonQuoted($0.key)): \(pythonRepresentation($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    /// Python's `repr` of a string: single quotes unless only those are inside.
    static func pythonQuoted(_ text: String) -> String {
        let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var quoted = String(quote)
        for character in text.unicodeScalars {
            switch character {
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "'" where quote == "'": quoted += "\\'"
            case _ where character.value < 0x20 || character.value == 0x7f:
                let digits = String(character.value, radix: 16)
                quoted += "\\x" + (digits.count == 1 ? "0" + digits : digits)
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + String(quote)
    }

    /// The name of Python's class for a value.
    static func pythonType(_ value: Value) -> String {
        switch value {
        case .null: "NoneType"
        case .boolean: "bool"
        case .integer: "int"
        case .double: "float"
        case .string: "str"
        case .blob: "bytes"
        case .timestamp: "datetime.datetime"
        case .list: "list"
        case .object: "dict"
        }
    }

    /// Java's `toString`.
    static func java(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number), .timestamp(let number): number.description
        case .string(let text): text
        case .blob: "java.nio.HeapByteBuffer"
        case .list(let elements): "[" + elements.map(java).joined(separator: ", ") + "]"
        case .object(let members): "{" + members.map { "\($0.key)=\(java($0.value))" }.joined(separator: ", ") + "}"
        }
    }
}

/// The models' regular expressions, compiled when first asked for.
enum ValidationPatterns {
    private struct Compiled: @unchecked Sendable {
        /// Immutable, and documented as safe to use from several threads.
        let expression: NSRegularExpression?
    }

    private static let cache = Mutex<[String: Compiled]>([:])

    /// True where the whole text matches.
    ///
    /// A pattern that this engine cannot read constrains nothing.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        if pattern == ".*" { return !text.contains { $0.isNewline } }
        guard let expression = compile(pattern).expression else { return true }
        return expression.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
    }

    /// True for text that can do no harm as a name: no parts above or below where the pattern has none.
    static func isPlain(_ text: String, for pattern: String) -> Bool {
        guard !text.isEmpty, !text.contains(".."), pattern.contains("/") || !text.contains("/") else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isASCIIHexDigit || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || "_-.:/{}".unicodeScalars.contains(scalar)
        }
    }

    static func canRead(_ pattern: String) -> Bool { compile(pattern).expression != nil }

    private static func compile(_ pattern: String) -> Compiled {
        cache.withLock { cache in
            if let known = cache[pattern] { return known }
            let made = Compiled(expression: try? NSRegularExpression(pattern: "^(?:\(pattern))\\z"))
            cache[pattern] = made
            return made
        }
    }
}
