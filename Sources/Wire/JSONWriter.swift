// SPDX-License-Identifier: Apache-2.0

import OrderedCollections

/// Writes values as JSON bytes; codecs that place members themselves use its parts.
struct JSONWriter {
    var output: [UInt8] = []
    let style: JSON.Style
    private var level = 0

    init(style: JSON.Style = .compact) {
        self.style = style
    }

    mutating func write(_ value: Value) {
        switch value {
        case .null: write(ascii: "null")
        case .boolean(let flag): write(ascii: flag ? "true" : "false")
        case .integer(let number): write(integer: number)
        case .double(let number): write(ascii: JSON.text(of: number))
        case .string(let text): write(string: text)
        case .blob(let bytes): write(string: Base64.encode(bytes))
        case .timestamp(let seconds): write(seconds: seconds)
        case .list(let elements):
            guard !elements.isEmpty else { return write(ascii: "[]") }
            open("[")
            for (position, element) in elements.enumerated() {
                separate(isFirst: position == 0)
                write(element)
            }
            close("]")
        case .object(let members):
            guard !members.isEmpty else { return write(ascii: "{}") }
            open("{")
            var isFirst = true
            for (key, member) in members {
                separate(isFirst: isFirst)
                isFirst = false
                write(key: key)
                write(member)
            }
            close("}")
        }
    }

    mutating func write(ascii text: String) { output.append(contentsOf: text.utf8) }

    mutating func write(integer number: Int) { output.append(contentsOf: String(number).utf8) }

    mutating func write(seconds: Double) {
        if let whole = Int(exactly: seconds) { write(integer: whole) } else { write(ascii: JSON.text(of: seconds)) }
    }

    mutating func open(_ bracket: Unicode.Scalar) {
        output.append(UInt8(ascii: bracket))
        level += 1
    }

    mutating func close(_ bracket: Unicode.Scalar) {
        level -= 1
        newLine()
        output.append(UInt8(ascii: bracket))
    }

    mutating func separate(isFirst: Bool) {
        if !isFirst {
            output.append(UInt8(ascii: ","))
            if style.indent == nil, style.isSpaced { output.append(UInt8(ascii: " ")) }
        }
        newLine()
    }

    mutating func write(key: String) {
        write(string: key)
        output.append(UInt8(ascii: ":"))
        if style.indent != nil || style.isSpaced { output.append(UInt8(ascii: " ")) }
    }

    private mutating func newLine() {
        guard let indent = style.indent else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    mutating func write(string text: String) {
        output.append(UInt8(ascii: "\""))
        if style.escapesNonASCII {
            for scalar in text.unicodeScalars { writeEscapingNonASCII(scalar) }
        } else {
            var text = text
            text.withUTF8 { utf8 in
                var runStart = 0
                for position in 0..<utf8.count {
                    let byte = utf8[position]
                    guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                    output.append(contentsOf: utf8[runStart..<position])
                    writeEscape(of: byte)
                    runStart = position + 1
                }
                output.append(contentsOf: utf8[runStart..<utf8.count])
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscapingNonASCII(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            let byte = UInt8(scalar.value)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                writeEscape(of: byte)
            } else {
                output.append(byte)
            }
        } else {
            for unit in UTF16.encode(scalar) ?? Unicode.UTF16.EncodedScalar(containing: 0xFFFD) { writeUnicodeEscape(unit) }
        }
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write(ascii: "\\\"")
        case UInt8(ascii: "\\"): write(ascii: "\\\\")
        case 0x08: write(ascii: "\\b")
        case 0x09: write(ascii: "\\t")
        case 0x0A: write(ascii: "\\n")
        case 0x0C: write(ascii: "\\f")
        case 0x0D: write(ascii: "\\r")
        default: writeUnicodeEscape(UInt16(byte))
        }
    }

    private mutating func writeUnicodeEscape(_ unit: UInt16) {
        write(ascii: "\\u")
        for shift in [12, 8, 4, 0] { output.append(Hexadecimal.digits[Int(unit >> UInt16(shift)) & 0xF]) }
    }
}
