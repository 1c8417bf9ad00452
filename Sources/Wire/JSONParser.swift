// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections

/// A recursive-descent reader over the bytes of one JSON text.
struct JSONParser {
    /// Deeper texts are refused rather than overflow the stack.
    static let depthMax = 512

    let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    private var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func parseDocument() throws(JSONError) -> Value {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw error("Unexpected UTF-8 BOM (decode using utf-8-sig)", at: 0)
        }
        skipSpace()
        let value = try parseValue()
        skipSpace()
        if index < bytes.count { throw error("Extra data", at: index) }
        return value
    }

    private mutating func parseValue() throws(JSONError) -> Value {
        guard index < bytes.count else { throw error("Expecting value", at: index) }
        switch bytes[index] {
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseList()
        case UInt8(ascii: "t"): return try parseWord("true", .boolean(true))
        case UInt8(ascii: "f"): return try parseWord("false", .boolean(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "N"): return try parseWord("NaN", .double(.nan))
        case UInt8(ascii: "I"): return try parseWord("Infinity", .double(.infinity))
        default: return try parseNumber()
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count else { throw error("Expecting value", at: index) }
        for position in 0..<count where bytes[index + position] != word.utf8Start[position] {
            throw error("Expecting value", at: index)
        }
        index += count
        return value
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        if depth > Self.depthMax { throw error("Nested more than \(Self.depthMax) levels deep", at: index) }
    }

    private mutating func parseObject() throws(JSONError) -> Value {
        try enter()
        defer { depth -= 1 }
        index += 1
        skipSpace()
        var members: OrderedDictionary<String, Value> = [:]
        if peek() == UInt8(ascii: "}") {
            index += 1
            return .object(members)
        }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw error("Expecting property name enclosed in double quotes", at: index) }
            let key = try parseString()
            skipSpace()
            guard peek() == UInt8(ascii: ":") else { throw error("Expecting ':' delimiter", at: index) }
            index += 1
            skipSpace()
            members[key] = try parseValue()
            skipSpace()
            switch peek() {
            case UInt8(ascii: "}"):
                index += 1
                return .object(members)
            case UInt8(ascii: ","):
                index += 1
                skipSpace()
            default: throw error("Expecting ',' delimiter", at: index)
            }
        }
    }

    private mutating func parseList() throws(JSONError) -> Value {
        try enter()
        defer { depth -= 1 }
        index += 1
        skipSpace()
        var elements: [Value] = []
        if peek() == UInt8(ascii: "]") {
            index += 1
            return .list(elements)
        }
        while true {
            elements.append(try parseValue())
            skipSpace()
            switch peek() {
            case UInt8(ascii: "]"):
                index += 1
                return .list(elements)
            case UInt8(ascii: ","):
                index += 1
                skipSpace()
            default: throw error("Expecting ',' delimiter", at: index)
            }
        }
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONError) -> Value {
        let start = index
        var position = index
        let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
        if isNegative {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "I") {
                index = position
                do throws(JSONError) {
                    return try parseWord("Infinity", .double(-.infinity))
                } catch {
                    throw self.error("Expecting value", at: start)
                }
            }
        }
        guard let first = digit(at: position) else { throw error("Expecting value", at: start) }
        var magnitude = first
        var overflows = false
        position += 1
        if first != 0 {
            while let next = digit(at: position) {
                let (product, productOverflow) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, sumOverflow) = product.addingReportingOverflow(next)
                overflows = overflows || productOverflow || sumOverflow
                magnitude = sum
                position += 1
            }
        }
        let integerEnd = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "."), digit(at: position + 1) != nil {
            position += 2
            while digit(at: position) != nil { position += 1 }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            var exponent = position + 1
            if exponent < bytes.count, bytes[exponent] == UInt8(ascii: "+") || bytes[exponent] == UInt8(ascii: "-") {
                exponent += 1
            }
            if digit(at: exponent) != nil {
                while digit(at: exponent) != nil { exponent += 1 }
                position = exponent
            }
        }
        index = position
        if position == integerEnd, !overflows { return .integer(isNegative ? -magnitude : magnitude) }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        guard let number = Double(text) else { throw error("Expecting value", at: start) }
        return .double(number)
    }

    private func digit(at position: Int) -> Int? {
        guard position < bytes.count else { return nil }
        let value = bytes[position] &- UInt8(ascii: "0")
        return value < 10 ? Int(value) : nil
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        let begin = index
        var position = index + 1
        // Nearly all strings have no escape: find the end, copy once.
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                index = position + 1
                return try text(begin + 1, position)
            }
            if byte == UInt8(ascii: "\\") { break }
            if byte < 0x20 { throw error("Invalid control character at", at: position) }
            position += 1
        }
        return try parseEscapedString(begin: begin, firstEscape: position)
    }

    private mutating func parseEscapedString(begin: Int, firstEscape: Int) throws(JSONError) -> String {
        var position = firstEscape
        var result = try text(begin + 1, position)
        var runStart = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                result += try text(runStart, position)
                index = position + 1
                return result
            }
            if byte < 0x20 { throw error("Invalid control character at", at: position) }
            guard byte == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            result += try text(runStart, position)
            guard position + 1 < bytes.count else { throw error("Unterminated string starting at", at: begin) }
            switch bytes[position + 1] {
            case UInt8(ascii: "\""): result.append("\"")
            case UInt8(ascii: "\\"): result.append("\\")
            case UInt8(ascii: "/"): result.append("/")
            case UInt8(ascii: "b"): result.append("\u{8}")
            case UInt8(ascii: "f"): result.append("\u{C}")
            case UInt8(ascii: "n"): result.append("\n")
            case UInt8(ascii: "r"): result.append("\r")
            case UInt8(ascii: "t"): result.append("\t")
            case UInt8(ascii: "u"):
                let (scalar, end) = try parseUnicodeEscape(at: position)
                result.unicodeScalars.append(scalar)
                position = end
                runStart = end
                continue
            default: throw error("Invalid \\escape", at: position)
            }
            position += 2
            runStart = position
        }
        throw error("Unterminated string starting at", at: begin)
    }

    /// The scalar of a `\uXXXX` at `position`, or of a surrogate pair, and where it ends; lone surrogates become U+FFFD.
    private func parseUnicodeEscape(at position: Int) throws(JSONError) -> (Unicode.Scalar, Int) {
        guard let high = hexadecimal(at: position + 2) else { throw error("Invalid \\uXXXX escape", at: position + 1) }
        let end = position + 6
        if high >= 0xD800, high < 0xDC00, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\\"),
            bytes[end + 1] == UInt8(ascii: "u"),
            let low = hexadecimal(at: end + 2), low >= 0xDC00, low < 0xE000,
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        {
            return (scalar, end + 6)
        }
        return (Unicode.Scalar(high) ?? "\u{FFFD}", end)
    }

    private func hexadecimal(at position: Int) -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = Hexadecimal.value(of: bytes[position + offset]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func text(_ start: Int, _ end: Int) throws(JSONError) -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self) else {
            throw error("Invalid UTF-8 in string", at: start)
        }
        return text
    }

    // MARK: Places

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    private func error(_ problem: String, at position: Int) -> JSONError {
        var line = 1
        var column = 1
        var offset = 0
        for byte in bytes[..<min(position, bytes.count)] where byte & 0xC0 != 0x80 {
            offset += 1
            column += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            }
        }
        return JSONError(problem: problem, line: line, column: column, offset: offset)
    }
}
