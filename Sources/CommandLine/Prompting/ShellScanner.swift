// SPDX-License-Identifier: Apache-2.0

/// A piece of a line as a shell reads it; places are counted in Unicode scalars.
struct ShellToken: Equatable {
    enum Kind: Equatable {
        case word
        /// `|`, `&&`, `;`, `(`, a line's end: what follows is a command.
        case separator
        /// `>`, `2>`, `<<`: the next word is a file, or a here-document's end.
        case redirection
        case comment
        case hereDocument
    }

    var kind: Kind
    var range: Range<Int>
    /// A word without its quotes, expansions as written; else the characters themselves.
    var text: String
    /// Parts of a word that look different: quoted text, variables.
    var parts: [RoleSpan] = []
    /// Commands inside a word: what is between `$(` and `)`.
    var substitutions: [Range<Int>] = []
    /// Whether any part was quoted.
    var isQuoted = false
    /// Whether it says something only when it runs: variables, substitutions, globs.
    var isExpanded = false
}

/// What a line lacks.
enum OpenConstruct: Equatable {
    /// A quote without its end.
    case quote
    /// `$(…`, `${…`.
    case substitution
    /// A `\` at the end.
    case backslash
    /// A here-document without its last line.
    case hereDocument
    /// `|`, `&&` or `||` at the end.
    case separator
}

/// Cuts a line, or a block of lines, into what a shell sees in it; never fails, because lines are looked at while they are typed.
struct ShellScanner {
    private(set) var tokens: [ShellToken] = []
    /// What is open at the end.
    private(set) var open: OpenConstruct?
    private let text: [Unicode.Scalar]
    private var place = 0
    private var pendingDocuments: [(end: String, stripsTabs: Bool)] = []

    init(_ line: String) {
        self.init(Array(line.unicodeScalars))
    }

    init(_ scalars: [Unicode.Scalar]) {
        text = scalars
        scan()
    }

    private func at(_ index: Int) -> Unicode.Scalar? { text.indices.contains(index) ? text[index] : nil }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range.clamped(to: 0..<text.count)])
        return String(view)
    }

    private mutating func scan() {
        while let character = at(place) {
            switch character {
            case " ", "\t": place += 1
            case "\\" where at(place + 1) == "\n": place += 2
            case "#":
                let start = place
                while let next = at(place), next != "\n" { place += 1 }
                tokens.append(ShellToken(kind: .comment, range: start..<place, text: string(start..<place)))
            case "\n":
                tokens.append(ShellToken(kind: .separator, range: place..<place + 1, text: "\n"))
                place += 1
                readDocuments()
            case "|", "&", ";", "(", ")", "<", ">": scanOperator()
            default: scanWord()
            }
        }
        if open == nil, !pendingDocuments.isEmpty { open = .hereDocument }
        if open == nil, let last = tokens.last(where: { $0.kind != .comment && $0.text != "\n" }), last.kind == .separator,
            ["|", "||", "&&", "|&"].contains(last.text)
        {
            open = .separator
        }
    }

    // MARK: Operators

    private static let operators = [
        "<<<", "<<-", "&>>", ";;&", "||", "|&", "&&", ";;", ";&", "<<", "<>", "<&", ">>", ">&", ">|", "&>", "|", "&", ";", "(", ")",
        "<", ">",
    ]

    private mutating func scanOperator(from start: Int? = nil) {
        let start = start ?? place
        guard let symbol = ShellScanner.operators.first(where: { string(place..<place + $0.unicodeScalars.count) == $0 }) else {
            place += 1
            return
        }
        place += symbol.unicodeScalars.count
        let isRedirection = symbol.contains("<") || symbol.contains(">")
        tokens.append(ShellToken(kind: isRedirection ? .redirection : .separator, range: start..<place, text: symbol))
        guard symbol == "<<" || symbol == "<<-" else { return }
        while at(place) == " " || at(place) == "\t" { place += 1 }
        guard let next = at(place), next != "\n" else { return }
        scanWord()
        if let end = tokens.last { pendingDocuments.append((end.text, symbol == "<<-")) }
    }

    /// The bodies of the here-documents that the line before began.
    private mutating func readDocuments() {
        while let document = pendingDocuments.first {
            let start = place
            var isFound = false
            while place < text.count, !isFound {
                let lineEnd = text[place...].firstIndex(of: "\n") ?? text.count
                var line = string(place..<lineEnd)
                if document.stripsTabs { line = String(line.drop { $0 == "\t" }) }
                isFound = line == document.end
                place = isFound ? lineEnd : min(lineEnd + 1, text.count)
            }
            if place > start { tokens.append(ShellToken(kind: .hereDocument, range: start..<place, text: string(start..<place))) }
            if !isFound {
                open = .hereDocument
                pendingDocuments = []
                return
            }
            pendingDocuments.removeFirst()
            // The next one begins on the next line.
            if !pendingDocuments.isEmpty, at(place) == "\n" { place += 1 }
        }
    }

    // MARK: Words

    private mutating func scanWord() {
        var token = ShellToken(kind: .word, range: place..<place, text: "")
        let start = place
        loop: while let character = at(place) {
            switch character {
            case " ", "\t", "\n", "|", "&", ";", "(", ")": break loop
            case "<", ">":
                // `2>` is one operator.
                if place > start, text[start..<place].allSatisfy({ ("0"..."9").contains($0) }) { return scanOperator(from: start) }
                break loop
            case "\\":
                guard let next = at(place + 1) else {
                    open = .backslash
                    place += 1
                    break loop
                }
                if next != "\n" { token.text.unicodeScalars.append(next) }
                token.isQuoted = true
                place += 2
            case "'": scanSingleQuoted(&token)
            case "\"": scanDoubleQuoted(&token)
            case "$", "`": scanExpansion(&token)
            default:
                if character == "*" || character == "?" || character == "{" || character == "[" { token.isExpanded = true }
                token.text.unicodeScalars.append(character)
                place += 1
            }
        }
        if place == start {
            place += 1
            return
        }
        token.range = start..<place
        tokens.append(token)
    }

    private mutating func scanSingleQuoted(_ token: inout ShellToken) {
        let start = place
        let end = text[(place + 1)...].firstIndex(of: "'")
        if end == nil { open = .quote }
        token.text += string(start + 1..<(end ?? text.count))
        token.isQuoted = true
        place = end.map { $0 + 1 } ?? text.count
        token.parts.append(RoleSpan(start..<place, .string))
    }

    private mutating func scanDoubleQuoted(_ token: inout ShellToken) {
        var start = place
        token.isQuoted = true
        place += 1
        while let character = at(place), character != "\"" {
            switch character {
            case "\\":
                if let next = at(place + 1) {
                    if !["\"", "\\", "$", "`", "\n"].contains(next) { token.text += "\\" }
                    if next != "\n" { token.text.unicodeScalars.append(next) }
                }
                place += 2
            case "$", "`":
                token.parts.append(RoleSpan(start..<place, .string))
                scanExpansion(&token)
                start = place
            default:
                token.text.unicodeScalars.append(character)
                place += 1
            }
        }
        if at(place) == nil { open = open ?? .quote }
        place = min(place + 1, text.count)
        if start < place { token.parts.append(RoleSpan(start..<place, .string)) }
    }

    private mutating func scanExpansion(_ token: inout ShellToken) {
        let start = place
        token.isExpanded = true
        if at(place) == "`" {
            let end = text[(place + 1)...].firstIndex(of: "`")
            if end == nil { open = .substitution }
            place = end.map { $0 + 1 } ?? text.count
            token.parts.append(RoleSpan(start..<place, .variable))
        } else if at(place + 1) == "(" {
            let isArithmetic = at(place + 2) == "("
            let end = closingPlace(from: place + 1, opening: "(", closing: ")")
            place = end.map { $0 + 1 } ?? text.count
            if end == nil { open = .substitution }
            token.parts.append(RoleSpan(start..<place, .variable))
            if !isArithmetic { token.substitutions.append(start + 2..<max(start + 2, end ?? text.count)) }
        } else if at(place + 1) == "{" {
            let end = closingPlace(from: place + 1, opening: "{", closing: "}")
            if end == nil { open = .substitution }
            place = end.map { $0 + 1 } ?? text.count
            token.parts.append(RoleSpan(start..<place, .variable))
        } else {
            place += 1
            let isName = at(place).map { $0.properties.isAlphabetic || $0 == "_" } ?? false
            if isName {
                while let next = at(place), next.properties.isAlphabetic || next == "_" || ("0"..."9").contains(next) { place += 1 }
            } else if let next = at(place), "?#@*!$-0123456789".unicodeScalars.contains(next) {
                place += 1
            }
            if place > start + 1 { token.parts.append(RoleSpan(start..<place, .variable)) }
        }
        token.text += string(start..<place)
    }

    /// The place of the bracket that closes the one at `start`; quotes hide brackets.
    private func closingPlace(from start: Int, opening: Unicode.Scalar, closing: Unicode.Scalar) -> Int? {
        var depth = 0
        var index = start
        var quote: Unicode.Scalar?
        while let character = at(index) {
            if character == "\\", quote != "'" {
                index += 1
            } else if let inside = quote {
                if character == inside { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == opening {
                depth += 1
            } else if character == closing {
                depth -= 1
                if depth == 0 { return index }
            }
            index += 1
        }
        return nil
    }
}
