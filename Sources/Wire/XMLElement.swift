// SPDX-License-Identifier: Apache-2.0

/// One element of an XML document, without comments and processing instructions; names without their namespace prefixes.
public struct XMLElement: Sendable, Hashable {
    /// An attribute; its name keeps the prefix.
    public struct Attribute: Sendable, Hashable {
        /// `xsi:type`.
        public var name: String
        /// Unescaped.
        public var value: String
    }

    /// The local name.
    public var name: String
    /// In document order.
    public var attributes: [Attribute] = []
    /// In document order.
    public var children: [XMLElement] = []
    /// The character data directly within, unescaped.
    public var text = ""

    /// The first child called `name`.
    public func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The attribute called `name`, prefix and all.
    public func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// Reads one document (XML 1.0, without document type declarations, which services refuse as well).
    public static func parse(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        let result: Result<XMLElement, XMLError> = bytes.withUnsafeBufferPointer { buffer in
            var parser = XMLParser(bytes: buffer)
            do throws(XMLError) {
                return .success(try parser.parseDocument())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// Where and why a text is not a well-formed XML document.
public struct XMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var problem: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in bytes.
    public var column: Int

    /// `line 1 column 5: Expecting '>'`.
    public var description: String { "line \(line) column \(column): \(problem)" }
}

private struct XMLParser {
    static let depthMax = 128

    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func parseDocument() throws(XMLError) -> XMLElement {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        try skipMisc()
        guard peek() == UInt8(ascii: "<") else { throw error("Expecting an element") }
        let root = try parseElement()
        try skipMisc()
        guard index == bytes.count else { throw error("Extra content after the document's element") }
        return root
    }

    private mutating func skipMisc() throws(XMLError) {
        while true {
            skipSpace()
            if starts("<?") {
                try skip(past: "?>")
            } else if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<!") {
                throw error("Document type declarations are not supported")
            } else {
                return
            }
        }
    }

    private mutating func parseElement() throws(XMLError) -> XMLElement {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.depthMax { throw error("Nested more than \(Self.depthMax) levels deep") }
        index += 1
        let qualifiedName = try parseName()
        var element = XMLElement(name: Self.localName(qualifiedName))
        while true {
            skipSpace()
            guard let byte = peek() else { throw error("Unexpected end in <\(qualifiedName)>") }
            if byte == UInt8(ascii: ">") {
                index += 1
                break
            }
            if byte == UInt8(ascii: "/") {
                index += 1
                try expect(">")
                return element
            }
            element.attributes.append(try parseAttribute())
        }
        try parseContent(of: &element, qualifiedName: qualifiedName)
        return element
    }

    private mutating func parseAttribute() throws(XMLError) -> XMLElement.Attribute {
        let name = try parseName()
        skipSpace()
        try expect("=")
        skipSpace()
        guard let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw error("Expecting a quoted value")
        }
        index += 1
        let start = index
        while let byte = peek(), byte != quote { index += 1 }
        guard index < bytes.count else { throw error("Unterminated attribute value") }
        let value = try unescape(start, index)
        index += 1
        return XMLElement.Attribute(name: name, value: value)
    }

    private mutating func parseContent(of element: inout XMLElement, qualifiedName: String) throws(XMLError) {
        while true {
            let start = index
            while let byte = peek(), byte != UInt8(ascii: "<") { index += 1 }
            if index > start { element.text += try unescape(start, index) }
            guard index < bytes.count else { throw error("Unexpected end in <\(qualifiedName)>") }
            if starts("</") {
                index += 2
                let name = try parseName()
                guard name == qualifiedName else { throw error("</\(name)> closes <\(qualifiedName)>") }
                skipSpace()
                try expect(">")
                // Space between children is layout, not data.
                if !element.children.isEmpty, element.text.allSatisfy(\.isWhitespace) { element.text = "" }
                return
            } else if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<![CDATA[") {
                let start = index + 9
                try skip(past: "]]>")
                element.text += try string(start, index - 3)
            } else if starts("<?") {
                try skip(past: "?>")
            } else {
                element.children.append(try parseElement())
            }
        }
    }

    private mutating func parseName() throws(XMLError) -> String {
        let start = index
        while let byte = peek(), Self.isNameByte(byte) { index += 1 }
        guard index > start else { throw error("Expecting a name") }
        return try string(start, index)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...0xFF: true
        default: false
        }
    }

    private static func localName(_ name: String) -> String {
        name.utf8.contains(UInt8(ascii: ":")) ? String(name.drop { $0 != ":" }.dropFirst()) : name
    }

    private func string(_ start: Int, _ end: Int) throws(XMLError) -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self) else {
            throw error("Invalid UTF-8")
        }
        return text
    }

    private func unescape(_ start: Int, _ end: Int) throws(XMLError) -> String {
        let piece = bytes[start..<end]
        guard piece.contains(where: { $0 == UInt8(ascii: "&") || $0 == 0x0D }) else { return try string(start, end) }
        var result = ""
        var runStart = start
        var position = start
        while position < end {
            if bytes[position] == 0x0D {
                // Line ends are read as one newline (XML 1.0 section 2.11).
                result += try string(runStart, position)
                result += "\n"
                position += position + 1 < end && bytes[position + 1] == 0x0A ? 2 : 1
                runStart = position
            } else if bytes[position] == UInt8(ascii: "&") {
                result += try string(runStart, position)
                guard let semicolon = bytes[position..<min(end, position + 12)].firstIndex(of: UInt8(ascii: ";")) else {
                    throw error("Expecting ';' after an entity")
                }
                result.unicodeScalars.append(try entity(string(position + 1, semicolon)))
                position = semicolon + 1
                runStart = position
            } else {
                position += 1
            }
        }
        return result + (try string(runStart, end))
    }

    private func entity(_ name: String) throws(XMLError) -> Unicode.Scalar {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let code: UInt32? =
                name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
            guard let code, let scalar = Unicode.Scalar(code) else { throw error("Unknown entity '&\(name);'") }
            return scalar
        }
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private func starts(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[index + $0] == text.utf8Start[$0] }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(XMLError) {
        guard peek() == UInt8(ascii: character) else { throw error("Expecting '\(character)'") }
        index += 1
    }

    private mutating func skip(past text: StaticString) throws(XMLError) {
        while index < bytes.count, !starts(text) { index += 1 }
        guard index < bytes.count else { throw error("Expecting '\(text)'") }
        index += text.utf8CodeUnitCount
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private func error(_ problem: String) -> XMLError {
        let before = bytes[..<min(index, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return XMLError(problem: problem, line: line, column: index - lineStart + 1)
    }
}

/// Writes XML bytes.
struct XMLWriter {
    var output: [UInt8] = []

    mutating func declaration() { raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") }

    mutating func open(_ name: String, _ attributes: [(name: String, value: String)] = []) {
        raw("<")
        raw(name)
        for attribute in attributes {
            raw(" ")
            raw(attribute.name)
            raw("=\"")
            text(attribute.value)
            raw("\"")
        }
        raw(">")
    }

    mutating func close(_ name: String) {
        raw("</")
        raw(name)
        raw(">")
    }

    mutating func element(_ name: String, _ content: String) {
        open(name)
        text(content)
        close(name)
    }

    mutating func raw(_ text: String) { output.append(contentsOf: text.utf8) }

    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case 0x0D: raw("&#xD;")
            // Not characters of XML 1.0 even as references, but what S3 writes for keys that have them.
            case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20: raw("&#x\(String(byte, radix: 16));")
            default: output.append(byte)
            }
        }
    }
}
