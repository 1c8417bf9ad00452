// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire

/// The condition of a Logs Insights `filter`: comparisons joined by `and` and `or`, which binds less.
struct LogsInsightsCondition: Sendable {
    private struct Comparison: Sendable {
        var field: String
        var comparator: String
        var value: String
        /// The value is a regular expression.
        var isPattern: Bool
    }

    private var alternatives: [[Comparison]]

    /// - Throws: `ServiceError` MalformedQueryException.
    init(_ text: String) throws {
        alternatives = [[]]
        var words = Self.words(text)[...]
        while !words.isEmpty {
            alternatives[alternatives.count - 1].append(try Self.comparison(&words))
            guard let joint = words.popFirst()?.text.lowercased() else { break }
            switch joint {
            case "and": break
            case "or": alternatives.append([])
            default: throw LogsInsightsQuery.malformed("\(joint) in filter")
            }
        }
    }

    private struct Word {
        var text: String
        var quote: Character?
    }

    /// Words, texts in quotation marks, and regular expressions between slashes.
    private static func words(_ text: String) -> [Word] {
        var words: [Word] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace || first == "(" || first == ")" {
                rest.removeFirst()
            } else if "\"'/`".contains(first) {
                let body = rest.dropFirst().prefix { $0 != first }
                words.append(Word(text: String(body), quote: first))
                rest = rest.dropFirst(body.count + 2)
            } else if "=<>!".contains(first) {
                let sign = rest.prefix { "=<>!".contains($0) }
                words.append(Word(text: String(sign)))
                rest = rest.dropFirst(sign.count)
            } else {
                let word = rest.prefix { !$0.isWhitespace && !"=<>!()".contains($0) }
                words.append(Word(text: String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
        return words
    }

    private static func comparison(_ words: inout ArraySlice<Word>) throws -> Comparison {
        guard let field = words.popFirst(), var comparator = words.popFirst()?.text.lowercased() else {
            throw LogsInsightsQuery.malformed("at the end of filter")
        }
        if comparator == "not", words.first?.text.lowercased() == "like" {
            comparator = "not like"
            words.removeFirst()
        }
        guard ["=", "!=", "<", "<=", ">", ">=", "like", "not like", "=~"].contains(comparator), let value = words.popFirst() else {
            throw LogsInsightsQuery.malformed("\(comparator) in filter")
        }
        return Comparison(field: field.text, comparator: comparator, value: value.text, isPattern: value.quote == "/")
    }

    /// Whether a row passes.
    func holds(_ row: LogsInsightsQuery.Row) -> Bool {
        alternatives.contains { $0.allSatisfy { Self.holds($0, row) } }
    }

    private static func holds(_ comparison: Comparison, _ row: LogsInsightsQuery.Row) -> Bool {
        let found = row[comparison.field]
        switch comparison.comparator {
        case "=": return found == comparison.value
        case "!=": return found != comparison.value
        case "like", "=~": return found.map { contains($0, comparison) } ?? false
        case "not like": return !(found.map { contains($0, comparison) } ?? false)
        case "<": return found != nil && isLess(found, comparison.value)
        case ">": return found != nil && isLess(comparison.value, found)
        case "<=": return found != nil && !isLess(comparison.value, found)
        default: return found != nil && !isLess(found, comparison.value)
        }
    }

    private static func contains(_ text: String, _ comparison: Comparison) -> Bool {
        text.range(of: comparison.value, options: comparison.isPattern ? .regularExpression : []) != nil
    }

    /// Numbers by size, other text by its letters; what is absent comes first.
    static func isLess(_ left: String?, _ right: String?) -> Bool {
        guard let right else { return false }
        guard let left else { return true }
        if let first = Double(left), let second = Double(right) { return first < second }
        return left < right
    }
}
