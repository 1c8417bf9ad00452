// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Proposals laid out below the line: one a row with its description where they fit, else in columns; one of them may be chosen.
struct CompletionMenu {
    /// The line and the cursor while the menu is open: it closes when the user changes either.
    struct Place: Equatable {
        var line: [Unicode.Scalar]
        var cursor: Int
    }

    let answer: CompletionAnswer
    /// The line before any proposal was put in.
    let original: Place
    /// The line as it stands now.
    var current: Place
    var selection: Int?
    /// The columns of the widest label; there may be thousands.
    private let labelWidth: Int

    private static let gap = 2

    init(answer: CompletionAnswer, original: Place, current: Place) {
        self.answer = answer
        self.original = original
        self.current = current
        labelWidth = answer.completions.reduce(0) { max($0, TextWidth.of($1.label)) }
    }

    /// How many rows of a column a screen gives to the menu.
    static func rowCount(screenHeight: Int) -> Int { min(12, max(2, screenHeight / 2 - 1)) }

    /// The next proposal in a direction, around the ends.
    mutating func select(by step: Int) {
        let count = answer.completions.count
        guard count > 0 else { return }
        let start = selection ?? (step > 0 ? -1 : 0)
        selection = ((start + step) % count + count) % count
    }

    /// How many proposals a step to the side passes over; 1 where there is only one column.
    func columnStep(columnCount: Int, rowCount: Int) -> Int {
        isListed(rowCount) ? 1 : gridHeight(columnCount)
    }

    /// The rows, with SGR sequences, none wider than the screen.
    func rows(columnCount: Int, rowCount: Int, assistant: LineAssistant) -> [String] {
        isListed(rowCount)
            ? listed(columnCount: columnCount, assistant: assistant)
            : grid(columnCount: columnCount, rowCount: rowCount, assistant: assistant)
    }

    private func isListed(_ rowCount: Int) -> Bool { answer.completions.count <= rowCount }

    private func listed(columnCount: Int, assistant: LineAssistant) -> [String] {
        let width = min(labelWidth, max(8, columnCount - 4))
        return answer.completions.enumerated().map { index, completion in
            let label = TextWidth.padded(completion.label, to: width)
            let room = columnCount - width - CompletionMenu.gap - 2
            let description = room > 3 ? TextWidth.cut(completion.description, to: room) : ""
            let shown = index == selection ? "\u{1b}[\(assistant.selectedStyle)m\(label)\u{1b}[m" : label
            return description.isEmpty ? shown : "\(shown)  \u{1b}[\(assistant.faintStyle)m\(description)\u{1b}[m"
        }
    }

    private func gridHeight(_ columnCount: Int) -> Int {
        let perRow = max(1, (columnCount - 1) / (labelWidth + CompletionMenu.gap))
        return (answer.completions.count + perRow - 1) / perRow
    }

    private func grid(columnCount: Int, rowCount: Int, assistant: LineAssistant) -> [String] {
        let width = min(labelWidth, columnCount - 3)
        let height = gridHeight(columnCount)
        let shownCount = min(height, rowCount)
        let selectedRow = (selection ?? 0) % max(height, 1)
        let first = max(0, min(selectedRow - shownCount / 2, height - shownCount))
        var rows = (first..<first + shownCount).map { row in
            stride(from: row, to: answer.completions.count, by: height).map { index in
                let label = TextWidth.padded(answer.completions[index].label, to: width)
                return index == selection ? "\u{1b}[\(assistant.selectedStyle)m\(label)\u{1b}[m" : label
            }.joined(separator: "  ")
        }
        let count = "\(answer.completions.count) possibilities"
        let chosen = selection.map { answer.completions[$0].description } ?? ""
        let rest = height > shownCount ? ", rows \(first + 1)-\(first + shownCount) of \(height)" : ""
        let note = TextWidth.cut(chosen.isEmpty ? count + rest : "\(chosen)  (\(count)\(rest))", to: columnCount - 2)
        rows.append("\u{1b}[\(assistant.faintStyle)m\(note)\u{1b}[m")
        return rows
    }
}

/// Columns that text takes on the screen.
enum TextWidth {
    static func of(_ text: String) -> Int {
        text.utf8.allSatisfy { $0 >= 32 && $0 < 127 }
            ? text.utf8.count : text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int { Cell.cells(scalar, style: "").reduce(0) { $0 + $1.width } }

    /// The text's beginning in at most so many columns, with `…` where something is left out.
    static func cut(_ text: String, to width: Int) -> String {
        if of(text) <= width { return text }
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += self.width(scalar)
            if used > width - 1 { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }

    static func padded(_ text: String, to width: Int) -> String {
        let cut = cut(text, to: width)
        return cut + String(repeating: " ", count: max(0, width - of(cut)))
    }
}
