// SPDX-License-Identifier: Apache-2.0

/// A terminal's screen as a person sees it: made of what a program writes, by the rules of xterm for the sequences that we use.
struct Screen {
    /// One place of the screen.
    struct Cell: Equatable {
        var text = " "
        /// SGR parameters in the order in which they came.
        var style = ""
    }

    private struct Row {
        var cells: [Cell]
        /// Whether writing went on in the next row because this one was full.
        var wraps = false
    }

    private(set) var rowCount: Int
    private(set) var columnCount: Int
    private(set) var cursorRow = 0
    private(set) var cursorColumn = 0
    private var rows: [Row]
    private var style = ""
    /// Set after a character in the last column: the next one wraps.
    private var isAtMargin = false
    private var pending: [Unicode.Scalar] = []
    private var pendingBytes: [UInt8] = []

    init(rowCount: Int, columnCount: Int) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        rows = (0..<rowCount).map { _ in Row(cells: Screen.blank(columnCount)) }
    }

    private static func blank(_ count: Int) -> [Cell] { [Cell](repeating: Cell(), count: count) }

    // MARK: What is to be seen

    /// The rows without blanks at their ends, up to the last that has something.
    var lines: [String] {
        var lines = rows.map { row -> String in
            var text = row.cells.map(\.text).joined()
            while text.last == " " { text.removeLast() }
            return text
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    var text: String { lines.joined(separator: "\n") }

    /// The row of the cursor.
    var cursorLine: String { cursorRow < lines.count ? lines[cursorRow] : "" }

    /// The rows below the cursor's.
    var below: [String] { Array(lines.dropFirst(cursorRow + 1)) }

    /// How a text looks, where it is to be seen, the lowest place first; nil where it is not.
    func style(of wanted: String) -> String? {
        for row in rows.reversed() {
            let texts = row.cells.map(\.text)
            let letters = wanted.map(String.init)
            guard texts.count >= letters.count else { continue }
            for start in (0...(texts.count - letters.count)).reversed()
            where texts[start..<start + letters.count].elementsEqual(letters) {
                return row.cells[start].style
            }
        }
        return nil
    }

    // MARK: What is written

    /// Takes in what a program wrote; a character cut in two waits for its rest.
    mutating func feed(_ bytes: some Sequence<UInt8>) {
        pendingBytes += bytes
        var end = pendingBytes.count
        // A UTF-8 character that has begun in the last three bytes may be incomplete.
        if let start = pendingBytes.suffix(3).lastIndex(where: { $0 >= 0xC0 }) {
            let length = pendingBytes[start] < 0xE0 ? 2 : pendingBytes[start] < 0xF0 ? 3 : 4
            if start + length > pendingBytes.count { end = start }
        }
        for scalar in String(decoding: pendingBytes[..<end], as: UTF8.self).unicodeScalars { take(scalar) }
        pendingBytes.removeFirst(end)
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        if !pending.isEmpty || scalar == "\u{1b}" {
            pending.append(scalar)
            if pending.count == 2, scalar != "[" { pending = [] }
            if pending.count > 2, (0x40...0x7e).contains(scalar.value) {
                runSequence()
                pending = []
            }
            return
        }
        switch scalar {
        case "\r":
            cursorColumn = 0
            isAtMargin = false
        case "\n":
            isAtMargin = false
            goDown()
        case "\u{8}": cursorColumn = max(0, cursorColumn - 1)
        case "\t": cursorColumn = min(columnCount - 1, (cursorColumn / 8 + 1) * 8)
        case _ where scalar.value < 32: break
        default: write(scalar)
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x300...0x36f: 0
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0x1f300...0x1faff:
            2
        default: 1
        }
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        let width = Screen.width(scalar)
        if width == 0 {
            let column = isAtMargin ? cursorColumn : max(0, cursorColumn - 1)
            rows[cursorRow].cells[column].text.unicodeScalars.append(scalar)
            return
        }
        if isAtMargin || cursorColumn + width > columnCount {
            rows[cursorRow].wraps = true
            cursorColumn = 0
            isAtMargin = false
            goDown()
        }
        rows[cursorRow].cells[cursorColumn] = Cell(text: String(scalar), style: style)
        if width == 2 { rows[cursorRow].cells[cursorColumn + 1] = Cell(text: "", style: style) }
        cursorColumn += width
        if cursorColumn == columnCount {
            cursorColumn -= 1
            isAtMargin = true
        }
    }

    private mutating func goDown() {
        if cursorRow + 1 < rowCount {
            cursorRow += 1
        } else {
            rows.removeFirst()
            rows.append(Row(cells: Screen.blank(columnCount)))
        }
    }

    private mutating func runSequence() {
        let final = pending.last ?? " "
        let parameters = String(String.UnicodeScalarView(pending.dropFirst(2).dropLast()))
        if parameters.hasPrefix("?") { return }
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let count = max(1, numbers.first ?? 1)
        if final != "m" { isAtMargin = false }
        switch final {
        case "A": cursorRow = max(0, cursorRow - count)
        case "B": cursorRow = min(rowCount - 1, cursorRow + count)
        case "C": cursorColumn = min(columnCount - 1, cursorColumn + count)
        case "D": cursorColumn = max(0, cursorColumn - count)
        case "G": cursorColumn = min(columnCount - 1, count - 1)
        case "H":
            cursorRow = min(rowCount - 1, count - 1)
            cursorColumn = min(columnCount - 1, max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
        case "J":
            if numbers.first == 2 {
                for row in rows.indices { erase(row, from: 0) }
            } else {
                erase(cursorRow, from: cursorColumn)
                for row in rows.indices.dropFirst(cursorRow + 1) { erase(row, from: 0) }
            }
        case "K": erase(cursorRow, from: cursorColumn)
        case "m":
            for number in numbers { style = number == 0 ? "" : style.isEmpty ? "\(number)" : "\(style);\(number)" }
        default: break
        }
    }

    private mutating func erase(_ row: Int, from column: Int) {
        for index in column..<columnCount { rows[row].cells[index] = Cell() }
        rows[row].wraps = false
    }

    // MARK: Another size

    /// Cuts lines anew, as terminals that reflow do.
    mutating func resize(columnCount newCount: Int) {
        var cut: [Row] = []
        var cursor = (row: 0, column: 0)
        var line: [Cell] = []
        var cursorInLine: Int?
        let lastUsed = max(cursorRow, lines.count - 1)
        for (index, row) in rows.enumerated() where index <= lastUsed {
            if index == cursorRow { cursorInLine = line.count + cursorColumn }
            line += row.cells
            if row.wraps { continue }
            while let last = line.last, last == Cell(), line.count > (cursorInLine ?? 0) { line.removeLast() }
            if let place = cursorInLine { cursor = (cut.count + place / newCount, place % newCount) }
            repeat {
                let part = Array(line.prefix(newCount))
                line.removeFirst(part.count)
                cut.append(Row(cells: part + Screen.blank(newCount - part.count), wraps: !line.isEmpty))
            } while !line.isEmpty
            cursorInLine = nil
        }
        let excess = max(0, cut.count - rowCount)
        rows = Array(cut.dropFirst(excess))
        while rows.count < rowCount { rows.append(Row(cells: Screen.blank(newCount))) }
        columnCount = newCount
        cursorRow = max(0, cursor.row - excess)
        cursorColumn = cursor.column
        isAtMargin = false
    }
}
