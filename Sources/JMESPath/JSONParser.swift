// SPDX-License-Identifier: Apache-2.0

/// Why a text is not JSON, in the words of Python's `json` module, which users of the real CLI see.
public struct JSONParseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong: `Expecting value`.
    public var reason: String
    /// The place, counted in code points from 0.
    public var offset: Int
    /// The line, from 1.
    public var line: Int
    /// The column in that line, from 1.
    public var column: Int

    /// Reason and place, as Python prints them.
    public var description: String { "\(reason): line \(line) column \(column) (char \(offset))" }
}

extension JSONValue {
    /// Reads a JSON text (RFC 8259, and `NaN`, `Infinity`, `-Infinity` as Python's reader takes them).
    ///
    /// - Throws: `JSONParseError`.
    public init(parsing text: String) throws(JSONParseError) {
        var parser = JSONParser(text: text)
        self = try parser.parseDocument()
    }
}

/// A recursive-descent reader over code points.
struct JSONParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    /// Deeper documents are refused rather than overflowing the stack.
    private static let maximumDepth = 400

    init(text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func parseDocument() throws(JSONParseError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue()
        skipWhitespace()
        if position < scalars.count { throw error("Extra data", at: position) }
        return value
    }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func error(_ reason: String, at offset: Int) -> JSONParseError {
        let before = scalars.prefix(offset)
        let line = before.count { $0 == "\n" } + 1
        let column = offset - (before.lastIndex(of: "\n") ?? -1)
        return JSONParseError(reason: reason, offset: offset, line: line, column: column)
    }

    private mutating func skipWhitespace() {
        while let scalar = current, scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { position += 1 }
    }

    private mutating func take(word: String) -> Bool {
        let wanted = Array(word.unicodeScalars)
        guard scalars.count - position >= wanted.count, scalars[position..<position + wanted.count].elementsEqual(wanted) else {
            return false
        }
        position += wanted.count
        return true
    }

    private mutating func parseValue() throws(JSONParseError) -> JSONValue {
        guard let scalar = current else { throw error("Expecting value", at: position) }
        switch scalar {
        case "\"":
            position += 1
            return .string(try parseString())
        case "{": return try nested { parser throws(JSONParseError) in try parser.parseObject() }
        case "[": return try nested { parser throws(JSONParseError) in try parser.parseArray() }
        case "n" where take(word: "null"): return .null
        case "t" where take(word: "true"): return .boolean(true)
        case "f" where take(word: "false"): return .boolean(false)
        case "N" where take(word: "NaN"): return .double(.nan)
        case "I" where take(word: "Infinity"): return .double(.infinity)
        case "-" where take(word: "-Infinity"): return .double(-.infinity)
        default: return try parseNumber()
        }
    }

    private mutating func nested(
        _ parse: (inout JSONParser) throws(JSONParseError) -> JSONValue
    ) throws(JSONParseError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error("Nested too deeply", at: position) }
        depth += 1
        defer { depth -= 1 }
        position += 1
        return try parse(&self)
    }

    private mutating func parseObject() throws(JSONParseError) -> JSONValue {
        var members = JSONObject()
        skipWhitespace()
        if current == "}" {
            position += 1
            return .object(members)
        }
        while true {
            guard current == "\"" else { throw error("Expecting property name enclosed in double quotes", at: position) }
            position += 1
            let key = try parseString()
            skipWhitespace()
            guard current == ":" else { throw error("Expecting ':' delimiter", at: position) }
            position += 1
            skipWhitespace()
            members[key] = try parseValue()
            skipWhitespace()
            if current == "}" { break }
            guard current == "," else { throw error("Expecting ',' delimiter", at: position) }
            position += 1
            skipWhitespace()
        }
        position += 1
        return .object(members)
    }

    private mutating func parseArray() throws(JSONParseError) -> JSONValue {
        var elements: [JSONValue] = []
        skipWhitespace()
        if current == "]" {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try parseValue())
            skipWhitespace()
            if current == "]" { break }
            guard current == "," else { throw error("Expecting ',' delimiter", at: position) }
            position += 1
            skipWhitespace()
        }
        position += 1
        return .array(elements)
    }

    private mutating func parseNumber() throws(JSONParseError) -> JSONValue {
        let start = position
        func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { $0 >= "0" && $0 <= "9" } ?? false }
        var end = start
        func at(_ index: Int) -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
        if at(end) == "-" { end += 1 }
        guard isDigit(at(end)) else { throw error("Expecting value", at: start) }
        if at(end) == "0" {
            end += 1
        } else {
            while isDigit(at(end)) { end += 1 }
        }
        var isWhole = true
        if at(end) == ".", isDigit(at(end + 1)) {
            isWhole = false
            end += 1
            while isDigit(at(end)) { end += 1 }
        }
        if at(end) == "e" || at(end) == "E" {
            var digits = end + 1
            if at(digits) == "+" || at(digits) == "-" { digits += 1 }
            if isDigit(at(digits)) {
                isWhole = false
                while isDigit(at(digits)) { digits += 1 }
                end = digits
            }
        }
        position = end
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<end])
        if isWhole, let number = Int(String(text)) { return .integer(number) }
        return .double(Double(String(text)) ?? .nan)
    }

    /// The rest of a string after its opening quotation mark.
    private mutating func parseString() throws(JSONParseError) -> String {
        let opening = position - 1
        var text = String.UnicodeScalarView()
        while let scalar = current {
            position += 1
            if scalar == "\"" { return String(text) }
            if scalar.value < 0x20 { throw error("Invalid control character at", at: position - 1) }
            if scalar == "\\" {
                text.append(try parseEscape(opening: opening))
            } else {
                text.append(scalar)
            }
        }
        throw error("Unterminated string starting at", at: opening)
    }

    private mutating func parseEscape(opening: Int) throws(JSONParseError) -> Unicode.Scalar {
        guard let scalar = current else { throw error("Unterminated string starting at", at: opening) }
        position += 1
        switch scalar {
        case "\"", "\\", "/": return scalar
        case "b": return "\u{8}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let high = try parseHexadecimal(escapeStart: position - 2)
            if (0xD800..<0xDC00).contains(high), current == "\\", position + 1 < scalars.count, scalars[position + 1] == "u" {
                let resume = position
                position += 2
                let low = try parseHexadecimal(escapeStart: position - 2)
                if (0xDC00..<0xE000).contains(low) {
                    let joined = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                    return Unicode.Scalar(joined) ?? "\u{FFFD}"
                }
                position = resume
            }
            // A lone surrogate is no text in Swift.
            return Unicode.Scalar(high) ?? "\u{FFFD}"
        default: throw error("Invalid \\escape", at: position - 2)
        }
    }

    private mutating func parseHexadecimal(escapeStart: Int) throws(JSONParseError) -> UInt32 {
        var code: UInt32 = 0
        for offset in 0..<4 {
            guard position + offset < scalars.count, scalars[position + offset].isASCII,
                let digit = Character(scalars[position + offset]).hexDigitValue
            else { throw error("Invalid \\uXXXX escape", at: escapeStart + 1) }
            code = code << 4 | UInt32(digit)
        }
        position += 4
        return code
    }
}
