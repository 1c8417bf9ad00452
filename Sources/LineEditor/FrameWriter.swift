// SPDX-License-Identifier: Apache-2.0

/// Turns one frame on the screen into the next with as few characters as possible, so that nothing flickers.
///
/// Rows are addressed relative to the frame's first one: the terminal may have scrolled. Rows that wrap are written so that the
/// terminal knows that they belong together, for copying and for reflowing.
struct FrameWriter {
    private var shown = Frame()
    private var columnCount = 80

    // Where the terminal's cursor and style are while a change is written.
    private var row = 0
    private var column = 0
    private var style = ""
    private var output = ""

    /// Forgets what was shown: the cursor stands at the start of an empty line.
    mutating func reset() {
        shown = Frame()
    }

    /// The characters that change what is shown into `frame`.
    mutating func draw(_ frame: Frame, columnCount: Int) -> String {
        self.columnCount = columnCount
        begin()
        let oldRows = shown.rows
        for index in frame.rows.indices {
            let old = index < oldRows.count ? oldRows[index] : nil
            if old?.cells == frame.rows[index].cells { continue }
            drawRow(index, of: frame, old: old)
        }
        if oldRows.count > frame.rows.count {
            move(toRow: frame.rows.count, column: 0)
            setStyle("")
            output += "\u{1b}[J"
        }
        setStyle("")
        move(toRow: frame.cursorRow, column: frame.cursorColumn)
        shown = frame
        return output
    }

    /// The characters that take the frame off the screen and leave the cursor where it began.
    mutating func erase() -> String {
        begin()
        move(toRow: 0, column: 0)
        output += "\r\u{1b}[J"
        reset()
        return output
    }

    /// The same after the terminal has become `columnCount` wide and broken its lines anew.
    mutating func eraseAfterResize(columnCount: Int) -> String {
        // Rows that belong together are one line to the terminal, which it has cut into rows of the new width.
        var above = 0
        var length = 0
        for index in 0..<shown.cursorRow {
            length += shown.rows[index].width
            if shown.rows[index].wraps { continue }
            above += max(1, (length + columnCount - 1) / columnCount)
            length = 0
        }
        above += (length + shown.cursorColumn) / columnCount
        reset()
        return "\r" + (above > 0 ? "\u{1b}[\(above)A" : "") + "\u{1b}[J"
    }

    private mutating func begin() {
        row = shown.cursorRow
        column = shown.cursorColumn
        style = ""
        output = ""
    }

    private mutating func drawRow(_ index: Int, of frame: Frame, old: Row?) {
        let new = frame.rows[index]
        let oldCells = old?.cells ?? []
        var common = 0
        while common < min(oldCells.count, new.cells.count), oldCells[common] == new.cells[common] { common += 1 }
        let start = new.cells[..<common].reduce(0) { $0 + $1.width }
        if start == 0, !new.cells.isEmpty, index > 0, frame.rows[index - 1].wraps, let last = frame.rows[index - 1].cells.last {
            // Writing over the margin tells the terminal that the two rows are one line.
            move(toRow: index - 1, column: frame.rows[index - 1].width - last.width)
            write(last)
            row = index
            column = 0
        } else {
            if old == nil {
                move(toRow: index - 1, column: 0)
                setStyle("")
                output += "\r\n"
                row = index
                column = 0
            }
            move(toRow: index, column: start)
        }
        for cell in new.cells[common...] { write(cell) }
        let oldWidth = old?.width ?? 0
        if oldWidth > start + new.cells[common...].reduce(0, { $0 + $1.width }), column < columnCount {
            setStyle("")
            output += "\u{1b}[K"
        }
    }

    private mutating func write(_ cell: Cell) {
        setStyle(cell.style)
        output += cell.text
        column += cell.width
    }

    private mutating func setStyle(_ wanted: String) {
        if wanted == style { return }
        output += wanted.isEmpty ? "\u{1b}[m" : "\u{1b}[0;\(wanted)m"
        style = wanted
    }

    private mutating func move(toRow targetRow: Int, column targetColumn: Int) {
        if row != targetRow {
            output += targetRow < row ? "\u{1b}[\(row - targetRow)A" : "\u{1b}[\(targetRow - row)B"
            row = targetRow
        }
        if column == targetColumn, column < columnCount { return }
        // From the margin only a return is sure to leave.
        output += "\r"
        if targetColumn > 0 { output += "\u{1b}[\(targetColumn)C" }
        column = targetColumn
    }
}
