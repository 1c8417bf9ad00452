// SPDX-License-Identifier: Apache-2.0

/// Rows of cells as lines of text.
enum TextTable {
    /// Rows below each other, two spaces in.
    static func text(_ rows: [[String]], rightAligned: Set<Int> = []) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell -> String in
                let space = String(repeating: " ", count: widths[index] - cell.count)
                return rightAligned.contains(index) ? space + cell : cell + space
            }
            return "  " + zip(cells, widths).filter { $1 > 0 }.map(\.0).joined(separator: "  ").trimmingSuffixSpaces() + "\n"
        }.joined()
    }
}

extension String {
    func trimmingSuffixSpaces() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
