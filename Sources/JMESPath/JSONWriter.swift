// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The JSON text, laid out as Python's `json.dumps` does, whose output is what users' scripts compare with.
    ///
    /// - Parameters:
    ///   - indent: Spaces a level, one member a line; nil for one line.
    ///   - compact: On one line, no blank after `,` and `:`.
    ///   - ascii: Escape everything outside ASCII.
    public func json(indent: Int? = nil, compact: Bool = false, ascii: Bool = false) -> String {
        var text = ""
        write(to: &text, indent: indent, compact: compact, ascii: ascii, level: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?, compact: Bool, ascii: Bool, level: Int) {
        func startItem(isFirst: Bool) {
            if !isFirst { text += indent == nil && !compact ? ", " : "," }
            if let indent { text += "\n" + String(repeating: " ", count: indent * (level + 1)) }
        }
        func end(_ bracket: String) {
            if let indent { text += "\n" + String(repeating: " ", count: indent * level) }
            text += bracket
        }
        switch self {
        case .null: text += "null"
        case .boolean(let flag): text += flag ? "true" : "false"
        case .integer(let number): text += String(number)
        case .double(let number):
            text += number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.pythonDescription
        case .string(let string): string.writeJSON(to: &text, ascii: ascii)
        case .array(let elements):
            if elements.isEmpty {
                text += "[]"
                return
            }
            text += "["
            for (position, element) in elements.enumerated() {
                startItem(isFirst: position == 0)
                element.write(to: &text, indent: indent, compact: compact, ascii: ascii, level: level + 1)
            }
            end("]")
        case .object(let object):
            if object.isEmpty {
                text += "{}"
                return
            }
            text += "{"
            for (position, (key, value)) in object.members.enumerated() {
                startItem(isFirst: position == 0)
                key.writeJSON(to: &text, ascii: ascii)
                text += compact ? ":" : ": "
                value.write(to: &text, indent: indent, compact: compact, ascii: ascii, level: level + 1)
            }
            end("}")
        }
    }

    /// The value as Python's `str` shows it: `None`, `True`, `1.0`, text as it is.
    public var pythonDescription: String {
        if case .string(let text) = self { text } else { pythonRepresentation }
    }

    /// The value as Python's `repr` shows it: `['a', 1.5, None]`.
    public var pythonRepresentation: String {
        switch self {
        case .null: "None"
        case .boolean(let flag): flag ? "True" : "False"
        case .integer(let number): String(number)
        case .double(let number): number.pythonDescription
        case .string(let text): text.pythonRepresentation
        case .array(let elements): "[" + elements.map(\.pythonRepresentation).joined(separator: ", ") + "]"
        case .object(let object):
            "{"
                + object.members.map { $0.pythonRepresentation + ": " + $1.pythonRepresentation }.joined(separator: ", ")
                + "}"
        }
    }

    /// The name of the Python type that holds such a value: it shows in the real CLI's messages.
    public var pythonTypeName: String {
        switch self {
        case .null: "NoneType"
        case .boolean: "bool"
        case .integer: "int"
        case .double: "float"
        case .string: "str"
        case .array: "list"
        case .object: "dict"
        }
    }
}

extension String {
    /// Appends this text as a JSON string with the escapes that Python's `json.dumps` writes.
    func writeJSON(to text: inout String, ascii: Bool) {
        func escape(_ code: UInt16) -> String {
            let digits = String(code, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        text += "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{c}": text += "\\f"
            case _ where scalar.value < 0x20 || (ascii && scalar.value > 0x7E):
                for unit in UTF16.encode(scalar) ?? .init() { text += escape(unit) }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// The text as a Python string literal: single quotes unless it holds some and no double ones.
    public var pythonRepresentation: String {
        let quote: Unicode.Scalar = unicodeScalars.contains("'") && !unicodeScalars.contains("\"") ? "\"" : "'"
        var text = String.UnicodeScalarView([quote])
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": text.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": text.append(contentsOf: "\\n".unicodeScalars)
            case "\r": text.append(contentsOf: "\\r".unicodeScalars)
            case "\t": text.append(contentsOf: "\\t".unicodeScalars)
            case quote: text.append(contentsOf: ["\\", quote])
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text.append(contentsOf: ("\\x" + (digits.count < 2 ? "0" : "") + digits).unicodeScalars)
            default: text.append(scalar)
            }
        }
        text.append(quote)
        return String(text)
    }
}

extension Double {
    /// The shortest text that reads back as this number, laid out as Python's `repr(float)`: `100.0`, `1e-05`, `1e+16`.
    public var pythonDescription: String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        // Swift finds the same shortest digits; only the layout differs.
        var mantissa = Substring(description)
        var exponent = 0
        if let mark = mantissa.firstIndex(of: "e") {
            exponent = Int(mantissa[mantissa.index(after: mark)...].drop { $0 == "+" }) ?? 0
            mantissa = mantissa[..<mark]
        }
        let sign = mantissa.hasPrefix("-") ? "-" : ""
        let parts = mantissa.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts.first.map(String.init) ?? "0"
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        var digits = whole + fraction
        // The decimal point stands after `point` digits.
        var point = whole.count + exponent
        let leading = digits.prefix { $0 == "0" }.count
        if leading == digits.count { return sign + "0.0" }
        digits = String(digits.dropFirst(leading))
        point -= leading
        while digits.hasSuffix("0") { digits.removeLast() }
        if point > 16 || point < -3 {
            let power = point - 1
            let rest = digits.dropFirst()
            let text = String(abs(power))
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (power < 0 ? "-" : "+")
                + (text.count < 2 ? "0" : "") + text
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if digits.count <= point { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
