// SPDX-License-Identifier: Apache-2.0

/// JSON text to `Value` and back: key order kept, integers apart from doubles, errors placed as Python's `json` module places them.
public enum JSON {
    /// How text is laid out.
    public struct Style: Sendable {
        /// Spaces a level; nil writes one line.
        public var indent: Int?
        /// A space after `:` and `,` on one line, as Python's `json.dumps` does; indented text always has it after `:`.
        public var isSpaced: Bool
        /// Writes `\uXXXX` for all that is not ASCII.
        public var escapesNonASCII: Bool

        /// A style from its parts.
        public init(indent: Int? = nil, isSpaced: Bool = false, escapesNonASCII: Bool = false) {
            self.indent = indent
            self.isSpaced = isSpaced
            self.escapesNonASCII = escapesNonASCII
        }

        /// No space at all: what goes over the wire.
        public static let compact = Style()
        /// Four spaces a level, text as it is: what the command line prints.
        public static let indented = Style(indent: 4)
        /// Python's `json.dumps(value)`: one line with spaces, ASCII only.
        public static let pythonDefault = Style(isSpaced: true, escapesNonASCII: true)
    }

    /// Reads one JSON text (RFC 8259, and `NaN`, `Infinity`, `-Infinity` as Python does).
    ///
    /// Whole numbers that fit become `integer`, all other numbers `double`. The last of equal keys wins.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> Value {
        let result: Result<Value, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(bytes: buffer)
            do throws(JSONError) {
                return .success(try parser.parseDocument())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Reads one JSON text.
    public static func parse(_ text: String) throws(JSONError) -> Value {
        try parse(Array(text.utf8))
    }

    /// Writes a value as text.
    ///
    /// Blobs become base64 strings and timestamps numbers of seconds; a service's codec writes them as its shape says instead.
    public static func serialize(_ value: Value, style: Style = .compact) -> String {
        String(decoding: bytes(value, style: style), as: UTF8.self)
    }

    /// Writes a value as text with `indent` spaces a level, or on one line without spaces.
    public static func serialize(_ value: Value, indent: Int?) -> String {
        serialize(value, style: Style(indent: indent))
    }

    /// Writes a value as UTF-8 bytes.
    public static func bytes(_ value: Value, style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(value)
        return writer.output
    }

    /// A double as Python's `repr` writes it: the shortest digits that read back equal, an exponent below 1e-4 and from 1e16 on.
    public static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        let magnitude = number.magnitude
        // Swift switches to exponents at 2^54 only.
        guard magnitude >= 1e16, magnitude <= 0x1p54 else { return number.description }
        var digits = Array(String(Int(magnitude)).utf8)
        let exponent = digits.count - 1
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        var text = number < 0 ? "-" : ""
        text += String(decoding: digits.prefix(1), as: UTF8.self)
        if digits.count > 1 { text += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
        return text + "e+\(exponent)"
    }
}

/// Where and why a text is not JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was expected or wrong, in the words of Python's `json` module.
    public var problem: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in Unicode scalars.
    public var column: Int
    /// The offset from the start, in Unicode scalars.
    public var offset: Int

    /// An error from its parts.
    public init(problem: String, line: Int, column: Int, offset: Int) {
        self.problem = problem
        self.line = line
        self.column = column
        self.offset = offset
    }

    /// `Expecting value: line 1 column 1 (char 0)`.
    public var description: String { "\(problem): line \(line) column \(column) (char \(offset))" }
}
