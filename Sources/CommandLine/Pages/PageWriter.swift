// SPDX-License-Identifier: Apache-2.0

/// Writes pages as lines of text that fit the width.
struct PageWriter {
    private static let margin = 4

    let style: PageStyle
    private var lines: [String] = []

    /// The whole page, its last line ended.
    static func text(_ page: Page, style: PageStyle) -> String {
        var writer = PageWriter(style: style)
        for section in page.sections { writer.write(section) }
        while writer.lines.last?.isEmpty == true { writer.lines.removeLast() }
        return writer.lines.joined(separator: "\n") + "\n"
    }

    private init(style: PageStyle) {
        self.style = style
    }

    private mutating func write(_ section: Page.Section) {
        lines.append(styled(section.title, .bold))
        for block in section.blocks { write(block) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        lines.append("")
    }

    private mutating func write(_ block: PageBlock) {
        switch block {
        case .gap: if lines.last?.isEmpty == false { lines.append("") }
        case .paragraph(let text, let indent, let hanging):
            let first = Self.margin + indent
            lines += wrapped(text, first: first.spaces, rest: first + hanging)
        case .verbatim(let content, let indent):
            for line in content { lines += cut(line, indent: Self.margin + indent) }
        case .command(let command):
            lines += HelpExample.lines(command, width: style.width - Self.margin).map { Self.margin.spaces + $0 }
        case .columns(let rows): writeColumns(rows)
        }
    }

    /// A name that is too long for its column stands on a line of its own.
    private mutating func writeColumns(_ rows: [(name: PageText, text: String)]) {
        let widest = rows.map { $0.name.width }.filter { $0 <= 32 }.max() ?? 32
        let column = Self.margin + widest + 2
        for row in rows {
            var first = Self.margin.spaces + rendered(row.name)
            if row.name.width > widest {
                lines.append(first)
                first = column.spaces
            } else {
                first += (column - Self.margin - row.name.width).spaces
            }
            guard !row.text.isEmpty else {
                if row.name.width <= widest { lines.append(Self.margin.spaces + rendered(row.name)) }
                continue
            }
            lines += wrapped(PageText(row.text), first: first, firstWidth: column, rest: column)
        }
    }

    private func rendered(_ text: PageText) -> String { text.runs.map { styled($0.text, $0.emphasis) }.joined() }

    private func styled(_ text: String, _ emphasis: PageText.Emphasis) -> String {
        guard style.isStyled, !text.isEmpty else { return text }
        return switch emphasis {
        case .none: text
        case .bold: "\u{1b}[1m\(text)\u{1b}[0m"
        case .underlined: "\u{1b}[4m\(text)\u{1b}[0m"
        }
    }

    /// Words put into lines; `first` begins the first line, `rest` columns are left free in the others.
    private func wrapped(_ text: PageText, first: String, firstWidth: Int? = nil, rest: Int) -> [String] {
        var lines: [String] = []
        var line = first
        var column = firstWidth ?? first.count
        var isLineEmpty = true
        func end() {
            lines.append(line)
            line = rest.spaces
            column = rest
            isLineEmpty = true
        }
        for word in words(text) {
            let width = word.reduce(0) { $0 + $1.text.count }
            if !isLineEmpty {
                if column + 1 + width <= style.width {
                    line += " "
                    column += 1
                } else {
                    end()
                }
            }
            // A word that no line can hold is cut, at a comma or bar if it has one.
            for (index, piece) in pieces(word, room: style.width - rest).enumerated() {
                if index > 0 { end() }
                line += piece.map { styled($0.text, $0.emphasis) }.joined()
                column += piece.reduce(0) { $0 + $1.text.count }
                isLineEmpty = false
            }
        }
        if !isLineEmpty { lines.append(line) }
        return lines
    }

    private func words(_ text: PageText) -> [[PageText.Run]] {
        var words: [[PageText.Run]] = []
        var word: [PageText.Run] = []
        for run in text.runs {
            let parts = run.text.split(separator: " ", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if index > 0, !word.isEmpty {
                    words.append(word)
                    word = []
                }
                if !part.isEmpty { word.append(PageText.Run(text: String(part), emphasis: run.emphasis)) }
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private func pieces(_ word: [PageText.Run], room: Int) -> [[PageText.Run]] {
        let width = word.reduce(0) { $0 + $1.text.count }
        guard width > room, let only = word.first else { return [word] }
        let text = word.map(\.text).joined()
        return Self.parts(text, room: room).map { [PageText.Run(text: $0, emphasis: only.emphasis)] }
    }

    private func cut(_ line: String, indent: Int) -> [String] {
        let own = line.prefix { $0 == " " }.count
        let parts = Self.parts(String(line.dropFirst(own)), room: style.width - indent - own - 2)
        return parts.enumerated().map { (indent + own + ($0.offset > 0 ? 2 : 0)).spaces + $0.element }
    }

    /// The text in parts of at most `room` characters, cut after a space, comma or bar where there is one.
    static func parts(_ text: String, room: Int) -> [String] {
        let room = max(room, 8)
        var parts: [String] = []
        var rest = Substring(text)
        while rest.count > room {
            let head = rest.prefix(room)
            let end = head.lastIndex { " ,|/".contains($0) }.map { rest.index(after: $0) } ?? head.endIndex
            parts.append(String(rest[..<end]))
            rest = rest[end...].drop { $0 == " " }
        }
        parts.append(String(rest))
        return parts
    }
}

extension Int {
    /// That many spaces.
    var spaces: String { String(repeating: " ", count: Swift.max(self, 0)) }
}
