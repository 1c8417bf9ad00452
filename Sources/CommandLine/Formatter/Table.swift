// SPDX-License-Identifier: Apache-2.0

/// Sections of rows under one another, all of one width, drawn with `|`, `+` and `-`.
struct Table {
    /// A title, perhaps headers, and rows of as many cells each.
    struct Section {
        var title: String?
        var level = 0
        var headers: [String] = []
        var rows: [[String]] = []
        /// The widest cell of each column.
        private var columnWidths: [Int] = []
        private var cellCount: Int?

        init(title: String?, level: Int) {
            self.title = title
            self.level = level
        }

        /// Room for a cell's two blanks on each side.
        private static let padding = 4

        mutating func addHeaders(_ names: [String]) throws(OutputError) {
            // Objects under rows of fewer cells: the real CLI gives up on them too.
            if !columnWidths.isEmpty, names.count > columnWidths.count { throw .layout("list index out of range") }
            widen(for: names)
            if cellCount == nil { cellCount = names.count }
            headers = names
        }

        mutating func addRow(_ cells: [String]) throws(OutputError) {
            let expected = cellCount ?? cells.count
            cellCount = expected
            guard cells.count == expected else {
                throw .layout("Row should have \(expected) elements, instead it has \(cells.count)")
            }
            rows.append(cells)
            widen(for: cells)
        }

        private mutating func widen(for cells: [String]) {
            let widths = cells.map(EastAsianWidth.columns)
            if columnWidths.isEmpty { return columnWidths = widths }
            for (index, width) in widths.enumerated() where index < columnWidths.count {
                columnWidths[index] = max(columnWidths[index], width)
            }
        }

        /// The columns that the section needs with borders.
        var width: Int {
            let cells = columnWidths.reduce(2) { $0 + $1 + Self.padding } + 2 * level
            // A missing title takes the room of Python's `None`.
            return max(EastAsianWidth.columns(of: title ?? "None") + 2 + 2 * level, cells)
        }

        /// The columns' widths, stretched or squeezed in proportion so that they fill `total`.
        func columnWidths(filling total: Int) -> [Int] {
            let natural = columnWidths.map { $0 + Self.padding }
            if natural.isEmpty { return [] }
            let factor = Double(total) / Double(natural.reduce(0, +))
            var scaled = natural.map { Int((factor * Double($0)).rounded(.toNearestOrEven)) }
            // Rounding may leave some columns too many, taken from the left, or too few, given from the right.
            var excess = scaled.reduce(0, +) - total
            while excess != 0 {
                for index in excess < 0 ? Array(scaled.indices.reversed()) : Array(scaled.indices) {
                    scaled[index] += excess > 0 ? -1 : 1
                    excess += excess > 0 ? -1 : 1
                    if excess == 0 { break }
                }
            }
            return scaled
        }

        /// The only row of a section with headers, turned upright: a header and its cell on each line.
        var upright: Section {
            guard rows.count == 1, !headers.isEmpty else { return self }
            var section = Section(title: title, level: level)
            for (header, cell) in zip(headers, rows[0]) { try? section.addRow([header, cell]) }
            return section
        }
    }

    private var sections: [Section] = []

    mutating func startSection(title: String?, level: Int) {
        sections.append(Section(title: title, level: level))
    }

    mutating func addHeaders(_ names: [String]) throws(OutputError) {
        if sections.isEmpty { startSection(title: nil, level: 0) }
        try sections[sections.count - 1].addHeaders(names)
    }

    mutating func addRow(_ cells: [String]) throws(OutputError) {
        if sections.isEmpty { startSection(title: nil, level: 0) }
        try sections[sections.count - 1].addRow(cells)
    }

    func render(usesColor: Bool, terminalWidth: Int) -> String {
        var sections = sections
        var width = sections.map(\.width).max() ?? 0
        if width > terminalWidth {
            sections = sections.map(\.upright)
            width = sections.map(\.width).max() ?? 0
        }
        var canvas = TableCanvas(usesColor: usesColor)
        canvas.write(String(repeating: "-", count: width) + "\n")
        for section in sections {
            canvas.level = section.level
            Self.render(section, width: width - 2 * section.level, on: &canvas)
        }
        return canvas.text
    }

    private static func render(_ section: Section, width: Int, on canvas: inout TableCanvas) {
        if let title = section.title, !title.isEmpty {
            canvas.writeLine(centered(title, columns: EastAsianWidth.columns(of: title), width: width, leftEdge: "|"))
            if section.headers.isEmpty, section.rows.isEmpty {
                canvas.writeLine("+" + String(repeating: "-", count: max(0, width - 2)) + "+")
            }
        }
        let widths = section.columnWidths(filling: width)
        let rule = widths.enumerated().map { String(repeating: "-", count: max(0, $1 - ($0 == 0 ? 2 : 1))) }
            .joined(separator: "+")
        if !section.headers.isEmpty {
            canvas.writeLine("+" + rule + "+")
            let cells = zip(widths, section.headers).enumerated().map { position, cell in
                centered(
                    cell.1, columns: EastAsianWidth.columns(of: cell.1), width: cell.0, leftEdge: position == 0 ? "|" : "")
            }
            canvas.writeLine(cells.joined())
        }
        guard !section.rows.isEmpty, !widths.isEmpty else { return }
        canvas.writeLine("+" + rule + "+")
        for row in section.rows {
            let cells = zip(widths, row).enumerated().map { position, cell in
                leftAligned(
                    canvas.styled(cell: cell.1), columns: EastAsianWidth.columns(of: cell.1), width: cell.0,
                    leftEdge: position == 0 ? "|" : "")
            }
            canvas.writeLine(cells.joined())
        }
        canvas.writeLine("+" + rule + "+")
    }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private static func centered(_ text: String, columns: Int, width: Int, leftEdge: String) -> String {
        // Halves round down, of the negative numbers that squeezed columns give too.
        let start = (width >> 1) - (columns >> 1) - 1
        let left = leftEdge + blanks(start) + text
        return left + blanks(width - 1 - (leftEdge.count + start + columns)) + "|"
    }

    private static func leftAligned(_ text: String, columns: Int, width: Int, leftEdge: String) -> String {
        let padding = width - (columns + 2 + leftEdge.count + 1) >= 0 ? 2 : 0
        return leftEdge + blanks(padding) + text + blanks(width - leftEdge.count - padding - columns - 1) + "|"
    }
}

/// Writes lines between the bars of their nesting, with the escape sequences that the real CLI writes where it colours.
struct TableCanvas {
    private(set) var text = ""
    var level = 0
    private let usesColor: Bool

    private static let reset = "\u{1B}[0m"

    init(usesColor: Bool) {
        self.usesColor = usesColor
    }

    /// A cell in bright blue.
    func styled(cell: String) -> String {
        usesColor ? "\u{1B}[1m\u{1B}[34m" + cell + Self.reset : cell
    }

    /// Each single write is followed by a reset, an empty one too.
    mutating func write(_ piece: String) {
        text += piece
        if usesColor { text += Self.reset }
    }

    mutating func writeLine(_ line: String) {
        // Dim yellow.
        let bar = usesColor ? "\u{1B}[2m\u{1B}[33m|" + Self.reset : "|"
        let bars = String(repeating: bar, count: level)
        write(bars)
        write(line)
        write(bars)
        write("\n")
    }
}
