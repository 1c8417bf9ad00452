// SPDX-License-Identifier: Apache-2.0

/// A reader of JSON text (RFC 8259) that hands out what is asked for and passes over the rest, without building a tree.
struct JSONReader {
    /// Deeper nesting is refused.
    static let maximumDepth = 64

    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>? = nil) {
        self.bytes = bytes
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    func error(_ detail: String) -> DataError {
        DataError(.malformedJSON(detail), at: DataError.Location(byteOffset: position))
    }

    /// The next byte that is no blank; nil at the end.
    mutating func peek() -> UInt8? {
        while position < end {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    mutating func expect(_ byte: UInt8) throws {
        guard peek() == byte else {
            let found = peek().map { "'\(Character(Unicode.Scalar($0)))'" } ?? "the end"
            throw error("'\(Character(Unicode.Scalar(byte)))' is expected, but here is \(found)")
        }
        position += 1
    }

    /// Takes the byte if it is the next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Throws unless only blanks follow.
    mutating func expectEnd() throws {
        guard peek() == nil else { throw error("something follows the document") }
    }

    /// Calls `member` for each member; it must consume the value.
    mutating func object(_ member: (inout JSONReader, String) throws -> Void) throws {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let name = try string()
            try expect(UInt8(ascii: ":"))
            try member(&self, name)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Calls `element` for each element; it must consume the value.
    mutating func array(_ element: (inout JSONReader) throws -> Void) throws {
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    mutating func string() throws -> String {
        try expect(UInt8(ascii: "\""))
        var text: [UInt8] = []
        while position < end {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw error("the string is not UTF-8") }
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                throw error("a control character is not escaped")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw error("the string does not end")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        position += 1
        guard position < end else { throw error("the string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourHexDigits()
            if code & 0xfc00 == 0xd800, position + 1 < end, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try fourHexDigits()
                code = 0x10000 + (code & 0x3ff) << 10 + (low & 0x3ff)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("the escape is no character") }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("the escape is not known")
        }
    }

    private mutating func fourHexDigits() throws -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < end, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw error("four hexadecimal digits are expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// A number; JSON has no NaN and no infinity.
    mutating func number() throws -> Double {
        guard let first = peek(), first == UInt8(ascii: "-") || (first &- UInt8(ascii: "0")) < 10 else {
            throw error("a number is expected")
        }
        let start = position
        while position < end, Self.isNumberByte(bytes[position]) { position += 1 }
        guard case .number(let value) = FloatParser.parse(UnsafeRawBufferPointer(rebasing: bytes[start..<position])), value.isFinite
        else {
            position = start
            throw error("a number is expected")
        }
        return value
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        (byte &- UInt8(ascii: "0")) < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
            || byte | 0x20 == UInt8(ascii: "e")
    }

    /// All numbers of an array.
    mutating func numbers() throws -> [Float] {
        var values: [Float] = []
        try array { reader in
            let value = Float(try reader.number())
            guard value.isFinite else { throw reader.error("the number is too large for float32") }
            values.append(value)
        }
        return values
    }

    /// Passes over any value.
    mutating func skip(depth: Int = 0) throws {
        guard depth < Self.maximumDepth else { throw error("it is nested too deeply") }
        switch peek() {
        case UInt8(ascii: "{"): try object { reader, _ in try reader.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try array { reader in try reader.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
    }

    private mutating func literal(_ word: StaticString) throws {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < end, bytes[position] == word.utf8Start[index] else { throw error("\(word) is expected") }
            position += 1
        }
    }
}
