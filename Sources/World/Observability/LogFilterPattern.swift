// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire

/// A CloudWatch Logs filter pattern: terms, a JSON condition, or fields between spaces.
///
///     ERROR -timeout           both conditions on one line
///     ?ERROR ?WARN             either word
///     "Epoch 0" %4\d\d%        a phrase; a regular expression
///     { $.level = "error" && $.code >= 500 }
///     [host, ..., status = 4*, bytes > 1000]
public struct LogFilterPattern: Sendable {
    /// A pattern that can't be read: what is wrong and where.
    public struct SyntaxError: Error, Sendable, Hashable {
        /// What is wrong.
        public var problem: String
        /// Characters from the start, from 0.
        public var offset: Int
    }

    enum Kind: Sendable {
        case terms(required: [LogFilterTerm], optional: [LogFilterTerm], excluded: [LogFilterTerm])
        case json(LogFilterCondition)
        case fields([LogFilterField])
    }

    let kind: Kind

    /// Reads a pattern; an empty one matches every line.
    ///
    /// - Throws: `SyntaxError`.
    public init(_ text: String) throws {
        var scanner = LogFilterScanner(text)
        scanner.skipSpaces()
        switch scanner.peek {
        case "{": kind = .json(try scanner.jsonCondition())
        case "[": kind = .fields(try scanner.fields())
        default: kind = try scanner.terms()
        }
    }

    /// Whether a line is one that the pattern asks for.
    public func matches(_ message: String) -> Bool {
        switch kind {
        case .terms(let required, let optional, let excluded):
            if excluded.contains(where: { $0.matches(message) }) { return false }
            // Beside required terms, optional ones change nothing.
            if !required.isEmpty { return required.allSatisfy { $0.matches(message) } }
            return optional.isEmpty || optional.contains { $0.matches(message) }
        case .json(let condition):
            guard let value = try? JSON.parse(message), case .object = value else { return false }
            return condition.matches(value)
        case .fields(let fields):
            return LogFilterField.match(fields, LogFilterField.split(message))
        }
    }
}

/// A word, a phrase or a regular expression.
enum LogFilterTerm: Sendable {
    case text(String)
    case expression(String)

    func matches(_ message: String) -> Bool {
        switch self {
        case .text(let text): text.isEmpty || message.contains(text)
        case .expression(let pattern): message.range(of: pattern, options: .regularExpression) != nil
        }
    }
}

/// A comparison of one value with what is wanted.
struct LogFilterComparison: Sendable {
    enum Operator: String, Sendable, CaseIterable {
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case equal = "="
        case less = "<"
        case greater = ">"
    }

    var comparison: Operator
    var wanted: LogFilterTerm

    func matches(text: String, number: Double?) -> Bool {
        switch comparison {
        case .equal: return isEqual(text: text, number: number)
        case .notEqual: return !isEqual(text: text, number: number)
        case .less, .greater, .atMost, .atLeast:
            guard case .text(let wantedText) = wanted, let wantedNumber = Double(wantedText), let number = number ?? Double(text)
            else { return false }
            switch comparison {
            case .less: return number < wantedNumber
            case .greater: return number > wantedNumber
            case .atMost: return number <= wantedNumber
            default: return number >= wantedNumber
            }
        }
    }

    private func isEqual(text: String, number: Double?) -> Bool {
        switch wanted {
        case .expression(let pattern): return text.range(of: pattern, options: .regularExpression) != nil
        case .text(let wantedText):
            if let number, let wantedNumber = Double(wantedText) { return number == wantedNumber }
            guard wantedText.contains("*") else { return text == wantedText }
            let pattern = wantedText.split(separator: "*", omittingEmptySubsequences: false)
                .map { NSRegularExpression.escapedPattern(for: String($0)) }.joined(separator: ".*")
            return text.range(of: "^\(pattern)$", options: .regularExpression) != nil
        }
    }
}

/// What a JSON line is to be like.
indirect enum LogFilterCondition: Sendable {
    enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
        case anyElement
    }

    case all([LogFilterCondition])
    case any([LogFilterCondition])
    case compare([Step], LogFilterComparison)
    case isNull([Step])
    case isBoolean([Step], Bool)
    case isAbsent([Step])
    case exists([Step])

    func matches(_ value: Value) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.matches(value) }
        case .any(let parts): return parts.contains { $0.matches(value) }
        case .isNull(let path): return Self.values(path, in: value).contains(.null)
        case .isBoolean(let path, let flag): return Self.values(path, in: value).contains(.boolean(flag))
        case .isAbsent(let path): return Self.values(path, in: value).isEmpty
        case .exists(let path): return !Self.values(path, in: value).isEmpty
        case .compare(let path, let comparison):
            return Self.values(path, in: value).contains { found in
                switch found {
                case .string(let text): comparison.matches(text: text, number: nil)
                case .integer(let number): comparison.matches(text: String(number), number: Double(number))
                case .double(let number): comparison.matches(text: JSON.text(of: number), number: number)
                case .boolean(let flag): comparison.matches(text: flag ? "true" : "false", number: nil)
                default: false
                }
            }
        }
    }

    private static func values(_ path: [Step], in value: Value) -> [Value] {
        path.reduce([value]) { found, step in
            found.flatMap { value -> [Value] in
                switch (step, value) {
                case (.member(let name), .object(let members)): members[name].map { [$0] } ?? []
                case (.element(let index), .list(let elements)): elements.indices.contains(index) ? [elements[index]] : []
                case (.anyElement, .list(let elements)): elements
                default: []
                }
            }
        }
    }
}

/// One field of a pattern in brackets.
enum LogFilterField: Sendable {
    /// `...`: any number of fields.
    case rest
    /// All of these (`&&`) or one of these (`||`); an empty list of all takes any text.
    case field(conditions: [LogFilterComparison], isAnyEnough: Bool)

    func matches(_ text: String) -> Bool {
        guard case .field(let conditions, let isAnyEnough) = self else { return true }
        if conditions.isEmpty { return true }
        let matches = { (condition: LogFilterComparison) in condition.matches(text: text, number: Double(text)) }
        return isAnyEnough ? conditions.contains(where: matches) : conditions.allSatisfy(matches)
    }

    static func match(_ fields: [LogFilterField], _ words: [String]) -> Bool {
        var widths = [fields.count]
        if let rest = fields.firstIndex(where: { if case .rest = $0 { true } else { false } }) {
            guard words.count >= fields.count - 1 else { return false }
            widths = [rest, fields.count - rest - 1]
            let tail = zip(fields.suffix(widths[1]), words.suffix(widths[1]))
            return zip(fields.prefix(rest), words).allSatisfy { $0.matches($1) } && tail.allSatisfy { $0.matches($1) }
        }
        guard words.count == fields.count else { return false }
        return zip(fields, words).allSatisfy { $0.matches($1) }
    }

    /// The words of a line; what stands in brackets or quotes is one word.
    static func split(_ message: String) -> [String] {
        var words: [String] = []
        var word = ""
        var closing: Character?
        for character in message {
            if let end = closing {
                if character == end { closing = nil } else { word.append(character) }
            } else if word.isEmpty, character == "\"" || character == "[" {
                closing = character == "[" ? "]" : "\""
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
