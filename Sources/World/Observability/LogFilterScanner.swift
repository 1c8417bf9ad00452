// SPDX-License-Identifier: Apache-2.0

/// Reads the text of a filter pattern.
struct LogFilterScanner {
    private let characters: [Character]
    private var position = 0

    init(_ text: String) {
        characters = Array(text)
    }

    var peek: Character? { position < characters.count ? characters[position] : nil }

    mutating func skipSpaces() {
        while let next = peek, next.isWhitespace { position += 1 }
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text)
        guard characters[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// A word of the pattern's own language, whatever its case.
    private mutating func takeWord(_ word: String) -> Bool {
        let end = position + word.count
        guard end <= characters.count, String(characters[position..<end]).uppercased() == word else { return false }
        if end < characters.count, characters[end].isLetter || characters[end].isNumber { return false }
        position = end
        skipSpaces()
        return true
    }

    private func error(_ problem: String) -> LogFilterPattern.SyntaxError {
        LogFilterPattern.SyntaxError(problem: problem, offset: position)
    }

    /// What stands up to `closing`, a backslash before a character standing for it.
    private mutating func delimited(by closing: Character, keepsBackslashes: Bool) throws -> String {
        let start = position
        position += 1
        var text = ""
        while let next = peek {
            position += 1
            if next == closing { return text }
            guard next == "\\", let escaped = peek else {
                text.append(next)
                continue
            }
            position += 1
            if keepsBackslashes, escaped != closing { text.append("\\") }
            text.append(escaped)
        }
        position = start
        throw error("the closing \(closing) is missing")
    }

    private mutating func term(endingAt ends: String) throws -> LogFilterTerm {
        switch peek {
        case "\"": return .text(try delimited(by: "\"", keepsBackslashes: false))
        case "%": return .expression(try delimited(by: "%", keepsBackslashes: true))
        default:
            var text = ""
            while let next = peek, !next.isWhitespace, !ends.contains(next) {
                text.append(next)
                position += 1
            }
            if text.isEmpty { throw error("a value is missing") }
            return .text(text)
        }
    }

    mutating func terms() throws -> LogFilterPattern.Kind {
        var required: [LogFilterTerm] = []
        var optional: [LogFilterTerm] = []
        var excluded: [LogFilterTerm] = []
        while let next = peek {
            switch next {
            case "?":
                position += 1
                optional.append(try term(endingAt: ""))
            case "-":
                position += 1
                excluded.append(try term(endingAt: ""))
            default:
                required.append(try term(endingAt: ""))
            }
            skipSpaces()
        }
        return .terms(required: required, optional: optional, excluded: excluded)
    }

    // MARK: JSON

    mutating func jsonCondition() throws -> LogFilterCondition {
        position += 1
        let condition = try alternatives()
        guard take("}") else { throw error("the closing } is missing") }
        skipSpaces()
        guard peek == nil else { throw error("nothing may follow the closing }") }
        return condition
    }

    private mutating func alternatives() throws -> LogFilterCondition {
        var parts = [try conjunction()]
        while take("||") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws -> LogFilterCondition {
        var parts = [try condition()]
        while take("&&") { parts.append(try condition()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func condition() throws -> LogFilterCondition {
        skipSpaces()
        defer { skipSpaces() }
        if take("(") {
            let inner = try alternatives()
            guard take(")") else { throw error("the closing ) is missing") }
            return inner
        }
        let path = try selector()
        skipSpaces()
        if takeWord("IS") {
            if takeWord("NULL") { return .isNull(path) }
            if takeWord("TRUE") { return .isBoolean(path, true) }
            if takeWord("FALSE") { return .isBoolean(path, false) }
            throw error("IS takes NULL, TRUE or FALSE")
        }
        if takeWord("NOT") {
            guard takeWord("EXISTS") else { throw error("NOT takes EXISTS") }
            return .isAbsent(path)
        }
        if takeWord("EXISTS") { return .exists(path) }
        return .compare(path, try comparison(endingAt: "})&|"))
    }

    private mutating func comparison(endingAt ends: String) throws -> LogFilterComparison {
        guard let found = LogFilterComparison.Operator.allCases.first(where: { take($0.rawValue) }) else {
            throw error("a comparison is missing: one of =, !=, <, >, <=, >=")
        }
        skipSpaces()
        return LogFilterComparison(comparison: found, wanted: try term(endingAt: ends))
    }

    private mutating func selector() throws -> [LogFilterCondition.Step] {
        guard take("$") else { throw error("a selector begins with $") }
        var steps: [LogFilterCondition.Step] = []
        while true {
            if take(".") {
                steps.append(.member(try identifier(endingAt: ".[=!<>(){}&|")))
            } else if take("[") {
                if peek == "\"" || peek == "'", let quote = peek {
                    steps.append(.member(try delimited(by: quote, keepsBackslashes: false)))
                } else if take("*") {
                    steps.append(.anyElement)
                } else {
                    let text = try identifier(endingAt: "]")
                    guard let index = Int(text) else { throw error("\(text) is not a position in a list") }
                    steps.append(.element(index))
                }
                guard take("]") else { throw error("the closing ] is missing") }
            } else {
                return steps
            }
        }
    }

    private mutating func identifier(endingAt ends: String) throws -> String {
        var text = ""
        while let next = peek, !next.isWhitespace, !ends.contains(next) {
            text.append(next)
            position += 1
        }
        if text.isEmpty { throw error("a name is missing") }
        return text
    }

    // MARK: Fields

    mutating func fields() throws -> [LogFilterField] {
        position += 1
        var fields: [LogFilterField] = []
        while true {
            skipSpaces()
            if take("...") {
                fields.append(.rest)
            } else {
                fields.append(try field())
            }
            skipSpaces()
            if take(",") { continue }
            guard take("]") else { throw error("a comma or the closing ] is missing") }
            return fields
        }
    }

    private mutating func field() throws -> LogFilterField {
        var conditions: [LogFilterComparison] = []
        var isAnyEnough = false
        while true {
            skipSpaces()
            _ = try identifier(endingAt: ",]=!<>&|")
            skipSpaces()
            if let next = peek, "=!<>".contains(next) { conditions.append(try comparison(endingAt: ",]&|")) }
            skipSpaces()
            if take("&&") { continue }
            guard take("||") else { return .field(conditions: conditions, isAnyEnough: isAnyEnough) }
            isAnyEnough = true
        }
    }
}
