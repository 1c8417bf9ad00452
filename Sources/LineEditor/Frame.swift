// SPDX-License-Identifier: Apache-2.0

import CLibEdit

/// One character on the screen with the marks that combine with it.
struct Cell: Equatable {
    var text: String
    /// 1, or 2 for a wide character.
    var width: Int
    /// SGR parameters.
    var style: String

    /// A character, or, for a control character, the two that stand for it.
    static func cells(_ scalar: Unicode.Scalar, style: String) -> [Cell] {
        switch scalar.value {
        case 9: return [Cell](repeating: Cell(text: " ", width: 1, style: style), count: 4)
        case 0..<32, 127:
            let letter = Unicode.Scalar(UInt8(scalar.value ^ 64))
            return [Cell(text: "^", width: 1, style: style), Cell(text: String(letter), width: 1, style: style)]
        default: return [Cell(text: String(scalar), width: width(scalar), style: style)]
        }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        // The C library's table, as most terminals'; what it does not know is taken for one column.
        let width = Int(sagebrush_wcwidth(wchar_t(bitPattern: scalar.value)))
        return width < 0 ? 1 : min(width, 2)
    }
}

/// One line of the screen.
struct Row: Equatable {
    var cells: [Cell] = []
    /// Whether the text goes on in the next row because this one is full.
    var wraps = false

    var width: Int { cells.reduce(0) { $0 + $1.width } }
}

/// What is to be seen of the prompt: rows from its first one down, and where the cursor stands.
struct Frame: Equatable {
    var rows = [Row()]
    var cursorRow = 0
    var cursorColumn = 0

    /// The part that fits on a screen, with the cursor in it.
    func window(height: Int) -> Frame {
        guard rows.count > height, height > 0 else { return self }
        let start = min(rows.count - height, cursorRow)
        return Frame(rows: Array(rows[start..<start + height]), cursorRow: cursorRow - start, cursorColumn: cursorColumn)
    }
}

/// Puts text into rows of a screen that is so many columns wide.
struct FrameBuilder {
    let columnCount: Int
    private(set) var frame = Frame()
    private var column = 0

    init(columnCount: Int) {
        self.columnCount = max(columnCount, 2)
    }

    /// The columns left in the row, one of them kept free.
    var remainingColumnCount: Int { max(0, columnCount - column - 1) }

    mutating func put(_ scalar: Unicode.Scalar, style: String) {
        for cell in Cell.cells(scalar, style: style) { put(cell) }
    }

    private mutating func put(_ cell: Cell) {
        let last = frame.rows.count - 1
        if cell.width == 0 {
            // A combining mark belongs to the character before it.
            if let place = frame.rows[last].cells.indices.last { frame.rows[last].cells[place].text += cell.text }
            return
        }
        if column + cell.width > columnCount { wrap() }
        frame.rows[frame.rows.count - 1].cells.append(cell)
        column += cell.width
    }

    private mutating func wrap() {
        frame.rows[frame.rows.count - 1].wraps = true
        frame.rows.append(Row())
        column = 0
    }

    mutating func startRow() {
        frame.rows.append(Row())
        column = 0
    }

    /// Text with SGR sequences in it; `\u{1}`, libedit's mark around them, is passed over.
    mutating func putMarkedUp(_ text: String, isCut: Bool = false) {
        var style = ""
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1b}", rest.first == "[" {
                let parameters = rest.dropFirst().prefix { !(0x40...0x7e).contains($0.value) }
                rest = rest[parameters.endIndex...].dropFirst()
                let added = String(parameters)
                style = added.isEmpty || added == "0" ? "" : style.isEmpty ? added : style + ";" + added
            } else if scalar == "\n" {
                startRow()
            } else if scalar != "\u{1}", scalar != "\r" {
                if isCut, column + 1 >= columnCount { return }
                put(scalar, style: style)
            }
        }
    }

    /// Notes that the cursor stands where the next character goes.
    mutating func placeCursor() {
        if column == columnCount { wrap() }
        frame.cursorRow = frame.rows.count - 1
        frame.cursorColumn = column
    }
}
