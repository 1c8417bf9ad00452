// SPDX-License-Identifier: Apache-2.0

/// How a stretch of the typed line is drawn.
public struct StyledSpan: Sendable, Equatable {
    /// The stretch, in Unicode scalars from the line's start.
    public var range: Range<Int>
    /// The parameters of an SGR sequence (`1;32`); empty for plain text.
    public var style: String

    /// Makes one from its parts.
    public init(_ range: Range<Int>, style: String) {
        self.range = range
        self.style = style
    }
}

/// A proposal for the word under the cursor.
public struct Completion: Sendable, Equatable {
    /// What stands in the line when it is taken, quoted as the line needs it.
    public var text: String
    /// What lists show; `text` where nothing else is given.
    public var label: String
    /// What it is, in a few words; shown beside it in lists.
    public var description: String
    /// Whether a space follows when it is taken.
    public var endsWord: Bool

    /// Makes one from its parts.
    public init(_ text: String, label: String? = nil, description: String = "", endsWord: Bool = true) {
        self.text = text
        self.label = label ?? text
        self.description = description
        self.endsWord = endsWord
    }
}

/// Proposals, the best first.
public struct CompletionAnswer: Sendable, Equatable {
    /// How many Unicode scalars before the cursor each of them replaces.
    public var replacedLength: Int
    /// The proposals.
    public var completions: [Completion]

    /// Makes one from its parts.
    public init(replacedLength: Int = 0, completions: [Completion] = []) {
        self.replacedLength = replacedLength
        self.completions = completions
    }
}

/// What could follow a line.
public struct LineSuggestion: Sendable, Equatable {
    /// What is shown behind the line.
    public var text: String
    /// How much of it, in Unicode scalars, is put into the line when the user accepts it.
    public var acceptedLength: Int

    /// Makes one from its parts; without a length all of it is accepted.
    public init(_ text: String, acceptedLength: Int? = nil) {
        self.text = text
        self.acceptedLength = acceptedLength ?? text.unicodeScalars.count
    }

    /// What is put into the line.
    var accepted: String { LineEditor.text(text.unicodeScalars.prefix(acceptedLength)) }
}

/// What the editor asks about a line while it is typed.
///
/// Places in the line are counted in Unicode scalars. The questions are asked on the editor's own thread, between two keys: what may
/// take long must give up in time.
public struct LineAssistant: Sendable {
    /// The colours of a line.
    public var highlight: @Sendable (_ line: String) -> [StyledSpan] = { _ in [] }
    /// What could follow a line, shown grey behind it where no past line begins with it.
    public var hint: @Sendable (_ line: String) -> LineSuggestion? = { _ in nil }
    /// The proposals for the word that ends at the cursor.
    public var complete: @Sendable (_ line: String, _ cursor: Int) -> CompletionAnswer = { _, _ in CompletionAnswer() }
    /// Help on the word under the cursor; nil where there is none.
    public var help: @Sendable (_ line: String, _ cursor: Int) -> String? = { _, _ in nil }
    /// Whether Enter begins a further line rather than ending this one.
    public var needsContinuation: @Sendable (_ line: String) -> Bool = { _ in false }
    /// Whether a line holds something that must not lie on disk.
    public var holdsSecret: @Sendable (_ line: String) -> Bool = { _ in false }
    /// SGR parameters of the hint and of other text that stands back.
    public var faintStyle = "90"
    /// SGR parameters of what is chosen in a list, and of the found text in a search.
    public var selectedStyle = "7"

    /// An assistant that knows nothing.
    public init() {}
}
