// SPDX-License-Identifier: Apache-2.0

import JMESPath

/// A scalar and the style in which it can be written: YAML 1.2's rules for plain scalars as libyaml applies them.
struct YAMLScalar {
    enum Style { case plain, singleQuoted, doubleQuoted }

    let text: String
    let style: Style
    let isMultiline: Bool

    private init(plain text: String) {
        self.text = text
        style = .plain
        isMultiline = false
    }

    init(value: JSONValue) {
        switch value {
        case .string(let string): self.init(text: string)
        case .double(let number) where !number.isFinite:
            self.init(plain: number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf")
        case .null, .boolean: self.init(plain: value.json())
        default: self.init(plain: value.pythonDescription)
        }
    }

    init(text: String) {
        let analysis = Analysis(text)
        self.text = text
        isMultiline = analysis.hasBreaks
        if analysis.allowsPlain, !YAMLResolver.hasOtherMeaning(text) {
            style = .plain
        } else {
            style = analysis.allowsSingleQuotes ? .singleQuoted : .doubleQuoted
        }
    }

    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar == "\u{85}" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD: scalar.value != 0xFEFF
        default: false
        }
    }

    /// The escape sequence of a character in double quotes; nil for those that stand for themselves.
    static func escape(_ scalar: Unicode.Scalar) -> String? {
        if isPrintable(scalar), !isBreak(scalar), scalar != "\"", scalar != "\\" { return nil }
        let short: [Unicode.Scalar: String] = [
            "\0": "\\0", "\u{7}": "\\a", "\u{8}": "\\b", "\t": "\\t", "\n": "\\n", "\u{B}": "\\v", "\u{C}": "\\f",
            "\r": "\\r", "\u{1B}": "\\e", "\"": "\\\"", "\\": "\\\\", "\u{85}": "\\N", "\u{2028}": "\\L", "\u{2029}": "\\P",
        ]
        if let known = short[scalar] { return known }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (letter, width) = scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }

    /// What the characters of a scalar and their neighbours forbid.
    private struct Analysis {
        var allowsPlain = true
        var allowsSingleQuotes = true
        var hasBreaks = false

        init(_ text: String) {
            let scalars = Array(text.unicodeScalars)
            guard let first = scalars.first, let last = scalars.last else {
                // Nothing at all would read as null.
                allowsPlain = false
                return
            }
            if text.hasPrefix("---") || text.hasPrefix("...") { allowsPlain = false }
            var afterWhitespace = true
            var previous: Unicode.Scalar?
            for (position, scalar) in scalars.enumerated() {
                let beforeWhitespace = position + 1 >= scalars.count || Self.isBlank(scalars[position + 1])
                if Self.isIndicator(scalar, isFirst: position == 0, after: afterWhitespace, before: beforeWhitespace) {
                    allowsPlain = false
                }
                if !YAMLScalar.isPrintable(scalar) {
                    allowsPlain = false
                    allowsSingleQuotes = false
                }
                if YAMLScalar.isBreak(scalar) {
                    hasBreaks = true
                    allowsPlain = false
                    if previous == " " { allowsSingleQuotes = false }
                } else if scalar == " ", let previous, YAMLScalar.isBreak(previous) {
                    allowsPlain = false
                    allowsSingleQuotes = false
                }
                previous = scalar
                afterWhitespace = Self.isBlank(scalar)
            }
            if first == " " || last == " " { allowsPlain = false }
        }

        private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\t" || scalar == "\0" || YAMLScalar.isBreak(scalar)
        }

        /// True for a character that means something else here when a scalar in a block is not quoted.
        private static func isIndicator(_ scalar: Unicode.Scalar, isFirst: Bool, after: Bool, before: Bool) -> Bool {
            switch scalar {
            case ":": before
            case "#": isFirst || after
            case ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`": isFirst
            case "?", "-": isFirst && before
            default: false
            }
        }
    }
}

/// Tells plain scalars that YAML 1.2 readers take for something other than text.
enum YAMLResolver {
    static func hasOtherMeaning(_ text: String) -> Bool {
        switch text {
        case "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "<<", "=", "!", "&", "*":
            return true
        default: break
        }
        guard let first = text.utf8.first, (0x30...0x39).contains(first) || [0x2B, 0x2D, 0x2E].contains(first) else { return false }
        return isFloat(text) || isInteger(text) || isTimestamp(text)
    }

    /// A cursor that takes runs of characters.
    private struct Cursor {
        var rest: Substring.UTF8View

        init(_ text: String) { rest = text[...].utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ characters: StaticString) -> Bool {
            guard let first = rest.first else { return false }
            let found = characters.withUTF8Buffer { $0.contains(first) }
            if found { rest = rest.dropFirst() }
            return found
        }

        /// Takes as many of these as there are, and says how many.
        mutating func run(_ characters: StaticString, atMost limit: Int = .max) -> Int {
            var count = 0
            while count < limit, take(characters) { count += 1 }
            return count
        }
    }

    private static let digits: StaticString = "0123456789"
    private static let spacedDigits: StaticString = "0123456789_"

    private static func isInteger(_ text: String) -> Bool {
        var cursor = Cursor(text)
        _ = cursor.take("+-")
        var plain = cursor
        if plain.run(spacedDigits) > 0, plain.isAtEnd { return true }
        guard cursor.take("0") else { return false }
        var binary = cursor
        if binary.take("b"), binary.run("01_") > 0, binary.isAtEnd { return true }
        var octal = cursor
        if octal.take("o"), octal.run("01234567_") > 0, octal.isAtEnd { return true }
        return cursor.take("x") && cursor.run("0123456789abcdefABCDEF_") > 0 && cursor.isAtEnd
    }

    private static func isFloat(_ text: String) -> Bool {
        var cursor = Cursor(text)
        let isSigned = cursor.take("+-")
        if cursor.take(".") {
            let name = Substring(cursor.rest)
            if ["inf", "Inf", "INF"].contains(name) { return true }
            if !isSigned, ["nan", "NaN", "NAN"].contains(name) { return true }
            guard cursor.run(spacedDigits) > 0 else { return false }
            if cursor.isAtEnd { return true }
            return cursor.take("eE") && cursor.take("+-") && cursor.run(digits) > 0 && cursor.isAtEnd
        }
        guard cursor.take(digits) else { return false }
        _ = cursor.run(spacedDigits)
        let hasPoint = cursor.take(".")
        if hasPoint { _ = cursor.run(spacedDigits) }
        if cursor.isAtEnd { return hasPoint }
        guard cursor.take("eE") else { return false }
        _ = cursor.take("+-")
        return cursor.run(digits) > 0 && cursor.isAtEnd
    }

    private static func isTimestamp(_ text: String) -> Bool {
        var cursor = Cursor(text)
        guard cursor.run(digits, atMost: 4) == 4, cursor.take("-") else { return false }
        let monthDigits = cursor.run(digits, atMost: 2)
        guard monthDigits > 0, cursor.take("-") else { return false }
        let dayDigits = cursor.run(digits, atMost: 2)
        guard dayDigits > 0 else { return false }
        if cursor.isAtEnd { return monthDigits == 2 && dayDigits == 2 }
        guard cursor.take("Tt") || cursor.run(" \t") > 0 else { return false }
        guard cursor.run(digits, atMost: 2) > 0, cursor.take(":"), cursor.run(digits, atMost: 2) == 2, cursor.take(":"),
            cursor.run(digits, atMost: 2) == 2
        else { return false }
        if cursor.take(".") { _ = cursor.run(digits) }
        if cursor.isAtEnd { return true }
        _ = cursor.run(" \t")
        if cursor.take("Z") { return cursor.isAtEnd }
        guard cursor.take("+-"), cursor.run(digits, atMost: 2) > 0 else { return false }
        if cursor.isAtEnd { return true }
        return cursor.take(":") && cursor.run(digits, atMost: 2) == 2 && cursor.isAtEnd
    }
}
