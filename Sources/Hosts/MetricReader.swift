// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Finds metrics in log lines by regular expressions, as the service does.
struct MetricReader {
    private struct Rule {
        var name: String
        var expression: NSRegularExpression
        /// Text that a line must contain for the expression to have a chance: the expression's literal beginning.
        var literal: String
    }

    private let rules: [Rule]

    /// Definitions whose expression is not valid are left out: the service accepts and ignores them.
    init(_ definitions: [(name: String, regularExpression: String)]) {
        rules = definitions.compactMap { definition in
            guard let expression = try? NSRegularExpression(pattern: definition.regularExpression) else { return nil }
            let literal = definition.regularExpression.prefix { !"\\[](){}.*+?^$|".contains($0) }
            // A quantifier after the literal may make its last character optional.
            return Rule(name: definition.name, expression: expression, literal: String(literal.dropLast()))
        }
    }

    /// The metrics in a line, in the definitions' order.
    func metrics(in line: String) -> [(name: String, value: Double)] {
        var found: [(String, Double)] = []
        for rule in rules where rule.literal.isEmpty || line.contains(rule.literal) {
            let range = NSRange(line.startIndex..., in: line)
            guard let match = rule.expression.firstMatch(in: line, range: range), match.numberOfRanges > 1,
                let group = Range(match.range(at: 1), in: line), let value = Double(line[group].trimmingCharacters(in: [",", ";"]))
            else { continue }
            found.append((rule.name, value))
        }
        return found
    }
}
