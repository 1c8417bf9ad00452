// SPDX-License-Identifier: Apache-2.0

/// One token of an expression.
struct Token {
    /// The kinds, named as jmespath.py's error messages name them.
    enum Kind: String {
        case eof, dot, star, rbracket, comma, colon, current, lparen, rparen, lbrace, rbrace
        case lbracket, flatten, filter, or, pipe, and, expref, literal, number, lt, lte, gt, gte, ne, not, eq
        case unquotedIdentifier = "unquoted_identifier"
        case quotedIdentifier = "quoted_identifier"
    }

    var kind: Kind
    /// The identifier, the operator as written, or the literal.
    var value: JSONValue
    /// The place in the expression, in code points.
    var start: Int
}

/// Splits an expression into tokens (the grammar of jmespath.org, with the JEP-12 fallback for literals without quotes).
struct Lexer {
    private let expression: String
    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(expression: String) {
        self.expression = expression
        scalars = Array(expression.unicodeScalars)
    }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// All tokens, `eof` last.
    mutating func tokens() throws(JMESPathError) -> [Token] {
        if scalars.isEmpty { throw .empty }
        var tokens: [Token] = []
        while let token = try nextToken() { tokens.append(token) }
        tokens.append(Token(kind: .eof, value: "", start: scalars.count))
        return tokens
    }

    private static let simpleKinds: [Unicode.Scalar: Token.Kind] = [
        ".": .dot, "*": .star, "]": .rbracket, ",": .comma, ":": .colon, "@": .current,
        "(": .lparen, ")": .rparen, "{": .lbrace, "}": .rbrace,
    ]

    /// First character, second character of the longer form, its kind, the kind without it.
    private static let pairs: [Unicode.Scalar: (second: Unicode.Scalar, long: Token.Kind, short: Token.Kind)] = [
        "|": ("|", .or, .pipe), "&": ("&", .and, .expref), "<": ("=", .lte, .lt), ">": ("=", .gte, .gt),
        "!": ("=", .ne, .not),
    ]

    private mutating func nextToken() throws(JMESPathError) -> Token? {
        while let scalar = current, scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { position += 1 }
        guard let scalar = current else { return nil }
        let start = position
        position += 1
        if let kind = Self.simpleKinds[scalar] { return Token(kind: kind, value: text(from: start), start: start) }
        if let pair = Self.pairs[scalar] {
            guard current == pair.second else { return Token(kind: pair.short, value: text(from: start), start: start) }
            position += 1
            return Token(kind: pair.long, value: text(from: start), start: start)
        }
        switch scalar {
        case "[":
            let kind: Token.Kind = current == "]" ? .flatten : current == "?" ? .filter : .lbracket
            if kind != .lbracket { position += 1 }
            return Token(kind: kind, value: text(from: start), start: start)
        case "'": return Token(kind: .literal, value: .string(try rawString(start: start)), start: start)
        case "`": return Token(kind: .literal, value: try literal(start: start), start: start)
        case "\"": return Token(kind: .quotedIdentifier, value: try quotedIdentifier(start: start), start: start)
        case "=":
            guard current == "=" else { throw error("Unknown token '='", at: start) }
            position += 1
            return Token(kind: .eq, value: text(from: start), start: start)
        case "-", "0"..."9":
            while let digit = current, ("0"..."9").contains(digit) { position += 1 }
            guard let number = text(from: start).stringValue.flatMap({ Int($0) }) else {
                throw error("Unknown token '\(text(from: start).pythonDescription)'", at: start)
            }
            return Token(kind: .number, value: .integer(number), start: start)
        case _ where Self.startsIdentifier(scalar):
            while let next = current, Self.startsIdentifier(next) || ("0"..."9").contains(next) { position += 1 }
            return Token(kind: .unquotedIdentifier, value: text(from: start), start: start)
        default: throw error("Unknown token \(scalar)", at: start)
        }
    }

    private static func startsIdentifier(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }

    private func text(from start: Int) -> JSONValue { .string(string(start..<position)) }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    private func error(_ reason: String, at position: Int) -> JMESPathError {
        .lexical(reason: reason, position: position, expression: expression)
    }

    /// The characters up to `delimiter`, which is skipped; a backslash keeps the character after it from ending them.
    private mutating func characters(until delimiter: Unicode.Scalar, start: Int) throws(JMESPathError) -> String {
        let first = position
        while let scalar = current {
            position += 1
            if scalar == delimiter { return string(first..<position - 1) }
            if scalar == "\\" {
                guard current != nil else { break }
                position += 1
            }
        }
        throw error("Unclosed \(delimiter) delimiter", at: start)
    }

    private mutating func rawString(start: Int) throws(JMESPathError) -> String {
        Self.replacing("\\'", with: "'", in: try characters(until: "'", start: start))
    }

    private mutating func literal(start: Int) throws(JMESPathError) -> JSONValue {
        let lexeme = Self.replacing("\\`", with: "`", in: try characters(until: "`", start: start))
        if let value = try? JSONValue(parsing: lexeme) { return value }
        let trimmed = String(lexeme.unicodeScalars.drop { $0.properties.isWhitespace })
        if let value = try? JSONValue(parsing: "\"\(trimmed)\"") { return value }
        throw error("Bad token \(lexeme)", at: start)
    }

    private mutating func quotedIdentifier(start: Int) throws(JMESPathError) -> JSONValue {
        let lexeme = "\"" + (try characters(until: "\"", start: start)) + "\""
        do {
            return try JSONValue(parsing: lexeme)
        } catch {
            throw self.error(error.reason, at: start)
        }
    }

    private static func replacing(_ pattern: String, with replacement: String, in text: String) -> String {
        text.split(separator: pattern, omittingEmptySubsequences: false).joined(separator: replacement)
    }
}
