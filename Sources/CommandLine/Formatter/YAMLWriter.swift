// SPDX-License-Identifier: Apache-2.0

import JMESPath

/// The `yaml` format: block style, sorted keys, lines broken after column 80 as libyaml's emitter does.
struct YAMLWriter {
    private var text = ""
    /// Code points on the current line.
    private var column = 0
    /// Nothing but indentation and `-` on the line so far.
    private var isIndentation = true
    private var isWhitespace = true

    private static let bestWidth = 80

    /// The document of a value; a single scalar is written as JSON, as it has no clear end in YAML.
    static func document(_ value: JSONValue) -> String {
        if value.isScalar { return value.json() + "\n" }
        var writer = YAMLWriter()
        writer.write(value, indent: -1, isInMapping: false)
        writer.breakLine()
        return writer.text
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        text.unicodeScalars.append(scalar)
        column += 1
    }

    private mutating func put(_ string: String) {
        text += string
        column += string.unicodeScalars.count
    }

    private mutating func breakLine() {
        text += "\n"
        column = 0
    }

    private mutating func writeIndent(_ indent: Int) {
        let indent = max(indent, 0)
        if !isIndentation || column > indent || (column == indent && !isWhitespace) { breakLine() }
        while column < indent { put(" ") }
        isWhitespace = true
        isIndentation = true
    }

    private mutating func writeIndicator(_ indicator: String, needsWhitespace: Bool, keepsIndentation: Bool = false) {
        if needsWhitespace, !isWhitespace { put(" ") }
        put(indicator)
        isWhitespace = false
        isIndentation = isIndentation && keepsIndentation
    }

    private mutating func write(_ value: JSONValue, indent: Int, isInMapping: Bool) {
        switch value {
        case .object(let object):
            if object.isEmpty { return writeIndicator("{}", needsWhitespace: true) }
            let inner = indent < 0 ? 0 : indent + 2
            for key in sortedByCodePoints(object.keys) {
                writeIndent(inner)
                let scalar = YAMLScalar(text: key)
                if scalar.isMultiline || key.utf8.count > 128 {
                    writeIndicator("?", needsWhitespace: true, keepsIndentation: true)
                    write(scalar, indent: inner + 2, isKey: false)
                    writeIndent(inner)
                    writeIndicator(":", needsWhitespace: true, keepsIndentation: true)
                } else {
                    write(scalar, indent: inner + 2, isKey: true)
                    writeIndicator(":", needsWhitespace: false)
                }
                write(object[key] ?? .null, indent: inner, isInMapping: true)
            }
        case .array(let elements):
            if elements.isEmpty { return writeIndicator("[]", needsWhitespace: true) }
            // A list that is a member's value stands no further in than the member.
            let inner = indent < 0 ? 0 : isInMapping && !isIndentation ? indent : indent + 2
            for element in elements {
                writeIndent(inner)
                writeIndicator("-", needsWhitespace: true, keepsIndentation: true)
                write(element, indent: inner, isInMapping: false)
            }
        default: write(YAMLScalar(value: value), indent: indent < 0 ? 2 : indent + 2, isKey: false)
        }
    }

    private mutating func write(_ scalar: YAMLScalar, indent: Int, isKey: Bool) {
        switch scalar.style {
        case .plain: writePlain(scalar.text, indent: indent, mayBreak: !isKey)
        case .singleQuoted where scalar.isMultiline && isKey: writeDoubleQuoted(scalar.text, indent: indent, mayBreak: false)
        case .singleQuoted: writeSingleQuoted(scalar.text, indent: indent, mayBreak: !isKey)
        case .doubleQuoted: writeDoubleQuoted(scalar.text, indent: indent, mayBreak: !isKey)
        }
    }

    private mutating func writePlain(_ string: String, indent: Int, mayBreak: Bool) {
        if !isWhitespace, !string.isEmpty { put(" ") }
        let scalars = Array(string.unicodeScalars)
        var afterSpace = false
        for (position, scalar) in scalars.enumerated() {
            if scalar == " " {
                let isSingle = position + 1 < scalars.count && scalars[position + 1] != " "
                if mayBreak, !afterSpace, column > Self.bestWidth, isSingle {
                    writeIndent(indent)
                } else {
                    put(scalar)
                }
                afterSpace = true
            } else {
                put(scalar)
                isIndentation = false
                afterSpace = false
            }
        }
        isWhitespace = false
        isIndentation = false
    }

    private mutating func writeSingleQuoted(_ string: String, indent: Int, mayBreak: Bool) {
        writeIndicator("'", needsWhitespace: true)
        let scalars = Array(string.unicodeScalars)
        var afterSpace = false
        var afterBreak = false
        for (position, scalar) in scalars.enumerated() {
            if scalar == " " {
                let isInside = position != 0 && position != scalars.count - 1 && scalars[position + 1] != " "
                if mayBreak, !afterSpace, column > Self.bestWidth, isInside {
                    writeIndent(indent)
                } else {
                    put(scalar)
                }
                afterSpace = true
            } else if YAMLScalar.isBreak(scalar) {
                if !afterBreak, scalar == "\n" { breakLine() }
                if scalar == "\n" {
                    breakLine()
                } else {
                    text.unicodeScalars.append(scalar)
                    column = 0
                }
                isIndentation = true
                afterBreak = true
            } else {
                if afterBreak { writeIndent(indent) }
                if scalar == "'" { put(scalar) }
                put(scalar)
                isIndentation = false
                afterSpace = false
                afterBreak = false
            }
        }
        if afterBreak { writeIndent(indent) }
        writeIndicator("'", needsWhitespace: false)
        isWhitespace = false
        isIndentation = false
    }

    private mutating func writeDoubleQuoted(_ string: String, indent: Int, mayBreak: Bool) {
        writeIndicator("\"", needsWhitespace: true)
        let scalars = Array(string.unicodeScalars)
        var afterSpace = false
        for (position, scalar) in scalars.enumerated() {
            if scalar == " " {
                let isInside = position != 0 && position != scalars.count - 1
                if mayBreak, !afterSpace, column > Self.bestWidth, isInside {
                    writeIndent(indent)
                    if scalars[position + 1] == " " { put("\\") }
                } else {
                    put(scalar)
                }
                afterSpace = true
            } else {
                if let escape = YAMLScalar.escape(scalar) {
                    put(escape)
                } else {
                    put(scalar)
                }
                afterSpace = false
            }
        }
        writeIndicator("\"", needsWhitespace: false)
        isWhitespace = false
        isIndentation = false
    }
}
