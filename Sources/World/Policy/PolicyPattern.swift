// SPDX-License-Identifier: Apache-2.0

/// A string of a policy with its wildcards and variables, ready for matching.
///
/// `*` stands for any run of characters, `?` for one character; `${key}` for the request's value of a condition key, with an optional
/// default (`${key, 'text'}`), and `${*}`, `${?}`, `${$}` for those characters themselves. Nothing else is special. Values that
/// variables stand for are taken literally. Variables exist in documents of version 2012-10-17 only.
struct PolicyPattern: Sendable, Hashable {
    /// What a star may run over.
    enum Reach: Sendable, Hashable {
        case anything
        /// Everything but a colon: a star inside one of the first five parts of an ARN.
        case withinARNPart
    }

    enum Piece: Sendable, Hashable {
        case character(Unicode.Scalar)
        case anyRun(Reach)
        case anyCharacter
        case variable(key: String, defaultValue: String?)
    }

    /// How `*` and `?` are read.
    enum Style: Sendable {
        /// They stand for themselves.
        case literal
        /// Stars run over anything.
        case wildcards
        /// As in `Resource`: a star inside one of the first five parts of an ARN ends at its colon, unless it is the part's last character.
        case resourceARN
    }

    /// The string as the policy has it.
    let text: String
    let pieces: [Piece]
    private let hasVariables: Bool

    /// - Parameter supportsVariables: whether the document's version is 2012-10-17.
    init(_ text: String, style: Style, supportsVariables: Bool) {
        self.text = text
        var reader = PatternReader(text: text, style: style, supportsVariables: supportsVariables)
        pieces = reader.read()
        hasVariables = pieces.contains { if case .variable = $0 { true } else { false } }
    }

    /// A pattern for actions, which ignore case (match against the lower-cased action) and know no variables.
    init(action text: String) {
        self.init(text: text, pieces: PolicyPattern(text.lowercased(), style: .wildcards, supportsVariables: false).pieces)
    }

    private init(text: String, pieces: [Piece]) {
        self.text = text
        self.pieces = pieces
        hasVariables = false
    }

    /// A variable without a value and without a default.
    struct UnresolvedVariable: Error {
        var key: String
    }

    /// The pattern with every variable replaced by its value.
    func resolved(in context: RequestContext) throws(UnresolvedVariable) -> PolicyPattern {
        guard hasVariables else { return self }
        var result: [Piece] = []
        for piece in pieces {
            guard case .variable(let key, let defaultValue) = piece else {
                result.append(piece)
                continue
            }
            // A key with several values can't stand in a string.
            let values = context[key]
            guard let value = values.count == 1 ? values[0] : defaultValue else { throw UnresolvedVariable(key: key) }
            result += value.unicodeScalars.map { Piece.character($0) }
        }
        return PolicyPattern(text: text, pieces: result)
    }

    /// Whether the whole of `subject` matches; variables must have been resolved.
    func matches(_ subject: String) -> Bool {
        matches(Array(subject.unicodeScalars))
    }

    /// Whether the whole of `subject` matches; variables must have been resolved.
    func matches(_ subject: [Unicode.Scalar]) -> Bool {
        var position = 0
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .character(let scalar):
                guard position < subject.count, subject[position] == scalar else { return false }
            case .anyCharacter:
                guard position < subject.count else { return false }
            case .anyRun, .variable:
                return PolicyPattern.matches(subject[position...], pieces[index...])
            }
            position += 1
        }
        return position == subject.count
    }

    /// Follows all ways through the pattern at once: `reached[i]` says that the pieces so far match the first i characters.
    private static func matches(_ subject: ArraySlice<Unicode.Scalar>, _ pieces: ArraySlice<Piece>) -> Bool {
        if pieces.count == 1, case .anyRun(.anything) = pieces[pieces.startIndex] { return true }
        let characters = Array(subject)
        var reached = [Bool](repeating: false, count: characters.count + 1)
        reached[0] = true
        for piece in pieces {
            switch piece {
            case .anyRun(let reach):
                for index in characters.indices
                where reached[index] && (reach == .anything || characters[index] != ":") { reached[index + 1] = true }
            case .character, .anyCharacter, .variable:
                for index in characters.indices.reversed() {
                    reached[index + 1] = reached[index] && accepts(piece, characters[index])
                }
                reached[0] = false
            }
        }
        return reached[characters.count]
    }

    private static func accepts(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
        switch piece {
        case .character(let expected): expected == scalar
        case .anyCharacter: true
        case .anyRun, .variable: false
        }
    }

    /// The string without wildcards that the pattern stands for, its variables resolved; stars and question marks stand for themselves.
    var literalText: String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .character(let scalar): result.unicodeScalars.append(scalar)
            case .anyRun: result += "*"
            case .anyCharacter: result += "?"
            case .variable: break
            }
        }
        return result
    }

    /// The six patterns between the first five colons; nil where there are fewer than five.
    ///
    /// `ArnLike` compares each part for itself.
    func arnParts() -> [PolicyPattern]? {
        var parts: [[Piece]] = [[]]
        for piece in pieces {
            if parts.count < 6, piece == .character(":") {
                parts.append([])
            } else {
                parts[parts.count - 1].append(piece)
            }
        }
        return parts.count == 6 ? parts.map { PolicyPattern(text: text, pieces: $0) } : nil
    }
}

/// Reads a policy's string into pieces.
private struct PatternReader {
    private let scalars: [Unicode.Scalar]
    private let style: PolicyPattern.Style
    private let supportsVariables: Bool
    private var position = 0
    private var colonCount = 0
    private let isARN: Bool

    init(text: String, style: PolicyPattern.Style, supportsVariables: Bool) {
        scalars = Array(text.unicodeScalars)
        self.style = style
        self.supportsVariables = supportsVariables
        isARN = scalars.count { $0 == ":" } >= 5
    }

    mutating func read() -> [PolicyPattern.Piece] {
        var pieces: [PolicyPattern.Piece] = []
        while position < scalars.count {
            let scalar = scalars[position]
            if scalar == "$", supportsVariables, let variable = readVariable() {
                pieces.append(variable)
                continue
            }
            position += 1
            if scalar == ":" { colonCount += 1 }
            switch scalar {
            case "*" where style != .literal:
                pieces.append(.anyRun(reachOfStar()))
            case "?" where style != .literal:
                pieces.append(.anyCharacter)
            default:
                pieces.append(.character(scalar))
            }
        }
        return pieces
    }

    /// Called after the star has been read.
    private func reachOfStar() -> PolicyPattern.Reach {
        guard style == .resourceARN, isARN, colonCount < 5 else { return .anything }
        return position == scalars.count || scalars[position] == ":" ? .anything : .withinARNPart
    }

    /// `${…}` at the position; nil, having read nothing, where it is no variable.
    private mutating func readVariable() -> PolicyPattern.Piece? {
        guard position + 1 < scalars.count, scalars[position + 1] == "{",
            let end = scalars[(position + 2)...].firstIndex(of: "}")
        else { return nil }
        let content = scalars[(position + 2)..<end]
        if content.count == 1, let only = content.first, only == "*" || only == "?" || only == "$" {
            position = end + 1
            return .character(only)
        }
        var key = ""
        key.unicodeScalars.append(contentsOf: content.prefix { $0 != "," })
        var defaultValue: String?
        if let comma = content.firstIndex(of: ",") {
            var text = ""
            text.unicodeScalars.append(contentsOf: content[(comma + 1)...])
            text = text.trimmingSpaces()
            guard text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") else { return nil }
            defaultValue = String(text.dropFirst().dropLast())
        }
        key = key.trimmingSpaces()
        guard key.contains(":") else { return nil }
        position = end + 1
        return .variable(key: key, defaultValue: defaultValue)
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        var result = self[...]
        while result.first == " " { result.removeFirst() }
        while result.last == " " { result.removeLast() }
        return String(result)
    }
}
