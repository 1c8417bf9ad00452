// SPDX-License-Identifier: Apache-2.0

/// A page of help: titled sections of paragraphs, entries and verbatim lines.
struct Page: Sendable {
    /// One section; what is empty is left out.
    struct Section: Sendable {
        var title: String
        var blocks: [PageBlock]
    }

    private(set) var sections: [Section] = []

    mutating func add(_ title: String, _ blocks: [PageBlock]) {
        if !blocks.isEmpty { sections.append(Section(title: title, blocks: blocks)) }
    }
}

/// A piece of a section.
enum PageBlock: Sendable {
    /// Wrapped text; lines after the first are set in further by `hanging` columns.
    case paragraph(PageText, indent: Int = 0, hanging: Int = 0)
    /// Lines as they are, too long ones cut at commas where they have some.
    case verbatim([String], indent: Int = 0)
    /// A line for the shell, broken so that the shell still reads it as one.
    case command(String)
    /// Names beside what they are for, the second column wrapped.
    case columns([(name: PageText, text: String)])
    /// An empty line.
    case gap
}

/// Text with parts that stand out.
struct PageText: Sendable, ExpressibleByStringLiteral {
    enum Emphasis: Sendable {
        case none, bold, underlined
    }

    struct Run: Sendable {
        var text: String
        var emphasis: Emphasis
    }

    var runs: [Run]

    init(runs: [Run]) {
        self.runs = runs
    }

    init(stringLiteral text: String) {
        self.init(text)
    }

    init(_ text: String) {
        runs = [Run(text: text, emphasis: .none)]
    }

    static func bold(_ text: String) -> PageText { PageText(runs: [Run(text: text, emphasis: .bold)]) }
    static func underlined(_ text: String) -> PageText { PageText(runs: [Run(text: text, emphasis: .underlined)]) }
    static func + (left: PageText, right: PageText) -> PageText { PageText(runs: left.runs + right.runs) }

    /// In columns of a terminal.
    var width: Int { runs.reduce(0) { $0 + $1.text.count } }
}

/// How a page is written.
struct PageStyle: Sendable {
    /// The columns that it may take.
    var width = 80
    /// With bold and underlined letters.
    var isStyled = false

    /// No page is wider: longer lines are hard to read.
    static let widest = 80

    /// As wide as the terminal, up to `widest`; never so narrow that nothing fits.
    init(terminalWidth: Int = 80, isStyled: Bool = false) {
        width = min(max(terminalWidth, 40), PageStyle.widest)
        self.isStyled = isStyled
    }
}
