// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Lays a lesson's text out for a terminal.
public struct LessonText {
    /// The columns that lines may take.
    public var width: Int
    /// Whether headings, commands and code are coloured.
    public var usesColor: Bool
    /// What stands for the lesson's variables.
    public var values: [String: String]

    /// Made of its parts.
    public init(width: Int, usesColor: Bool, values: [String: String]) {
        self.width = max(20, width)
        self.usesColor = usesColor
        self.values = values
    }

    /// A heading.
    public func heading(_ text: String) -> String { styled(LessonVariables.fill(text, with: values), "1") + "\n" }

    /// Blocks, with an empty line between them.
    public func blocks(_ blocks: [LessonBlock]) -> String {
        blocks.map { block in
            switch block {
            case .text(let text): paragraphs(text)
            case .commands(let text): commands(text)
            case .listing(let text): listing(text)
            }
        }.joined(separator: "\n")
    }

    /// Lines for the prompt.
    public func commands(_ text: String) -> String { indented(LessonVariables.fill(text, with: values), style: "32") }

    /// What a command shows.
    public func listing(_ text: String) -> String { indented(LessonVariables.fill(text, with: values), style: "2") }

    /// A line of good news.
    public func green(_ text: String) -> String { styled(LessonVariables.fill(text, with: values), "32") }

    /// A question with its choices.
    public func question(_ question: LessonQuestion) -> String {
        var text = paragraphs(question.text) + "\n"
        for (index, choice) in question.choices.enumerated() {
            text += wrapped(inline(LessonVariables.fill(choice, with: values)), first: "  \(index + 1)  ", rest: "     ")
        }
        return text
    }

    /// A hint: words, or a command that is not broken into lines.
    public func hint(_ text: String) -> String {
        let isCommand = ["aws ", "sh ", "for "].contains { text.hasPrefix($0) }
        return isCommand ? commands(text) : paragraphs(text)
    }

    /// Paragraphs, list entries and quotations, wrapped, and tables.
    public func paragraphs(_ text: String) -> String {
        let text = LessonVariables.fill(text, with: values)
        var table: [Substring] = []
        var result = ""
        var open = ""
        var prefix = ("", "")
        func flush() -> String {
            defer { open = "" }
            return open.isEmpty ? "" : wrapped(inline(open), first: prefix.0, rest: prefix.1)
        }
        for line in text.components(separatedBy: "\n") {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if !trimmed.hasPrefix("|"), !table.isEmpty {
                result += self.table(table)
                table = []
            }
            if trimmed.isEmpty {
                result += flush()
                if !result.hasSuffix("\n\n") { result += "\n" }
            } else if trimmed.hasPrefix("|") {
                result += flush()
                table.append(trimmed[...])
            } else if trimmed.hasPrefix("- ") {
                result += flush()
                (open, prefix) = (String(trimmed.dropFirst(2)), ("  - ", "    "))
            } else if trimmed.hasPrefix("> ") {
                if prefix.0 != "▸ " || open.isEmpty { result += flush() }
                open += (open.isEmpty ? "" : " ") + trimmed.dropFirst(2)
                prefix = ("▸ ", "  ")
            } else {
                if open.isEmpty { prefix = ("", "") }
                open += (open.isEmpty ? "" : " ") + trimmed
            }
        }
        return result + flush() + (table.isEmpty ? "" : self.table(table))
    }

    /// A table of Markdown's, in columns; a head without words is left out.
    private func table(_ lines: [Substring]) -> String {
        let rows = lines.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }.filter { row in row.contains { cell in cell.contains { !"-: ".contains($0) } } }
        let cells = rows.map { $0.map(inline) }
        let count = cells.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            cells.map { $0.count > column ? LessonText.columns($0[column][...]) : 0 }.max() ?? 0
        }
        return cells.map { row in
            var line = " "
            for (cell, width) in zip(row, widths) {
                line += " " + cell + String(repeating: " ", count: width - LessonText.columns(cell[...]) + 1)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func indented(_ text: String, style: String) -> String {
        text.components(separatedBy: "\n").map { "    " + styled($0, style) + "\n" }.joined()
    }

    private func styled(_ text: String, _ style: String) -> String {
        usesColor && !text.isEmpty ? "\u{1b}[\(style)m\(text)\u{1b}[0m" : text
    }

    /// Code and emphasis inside a paragraph: the marks become colours; where there are none, those of code stay.
    private func inline(_ text: String) -> String {
        text.components(separatedBy: "`").enumerated().map { index, part in
            if !index.isMultiple(of: 2) { return usesColor ? styledWords(part, "32") : "`" + part + "`" }
            return emphasized(part, mark: "**", style: "1") { emphasized($0, mark: "*", style: "3") { $0 } }
        }.joined()
    }

    private func emphasized(_ text: String, mark: String, style: String, rest: (String) -> String) -> String {
        text.components(separatedBy: mark).enumerated().map { index, part in
            index.isMultiple(of: 2) ? rest(part) : styledWords(part, style)
        }.joined()
    }

    /// Each word is coloured by itself, so that lines can be broken between them.
    private func styledWords(_ text: String, _ style: String) -> String {
        text.components(separatedBy: " ").map { styled($0, style) }.joined(separator: " ")
    }

    private func wrapped(_ text: String, first: String, rest: String) -> String {
        var lines: [String] = []
        var line = first
        var column = first.count
        var isEmpty = true
        for word in text.split(separator: " ") {
            let length = LessonText.columns(word)
            if !isEmpty, column + 1 + length > width {
                lines.append(line)
                line = rest
                column = rest.count
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            column += (isEmpty ? 0 : 1) + length
            isEmpty = false
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }

    /// The columns that a word takes: colours take none.
    private static func columns(_ word: Substring) -> Int {
        var count = 0
        var isEscape = false
        for character in word {
            if character == "\u{1b}" { isEscape = true } else if isEscape { isEscape = character != "m" } else { count += 1 }
        }
        return count
    }
}
