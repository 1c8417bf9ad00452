// SPDX-License-Identifier: Apache-2.0

/// What the prompt knows about a line while it is typed: roles for colours, hints, completions, help.
///
/// Places in lines are counted in Unicode scalars. Answers come from the tables at once, except for names of things in the world, which
/// have a budget of time.
public struct PromptGuide: Sendable {
    private let vocabulary: PromptVocabulary
    private let live: LiveNames?

    /// A guide for the prompt's own words and the things of one world; without `live`, names of things are not completed.
    public init(vocabulary: PromptVocabulary, live: LiveNames? = nil) {
        self.vocabulary = vocabulary
        self.live = live
    }

    /// The roles of a line's parts; where two stretches overlap the later one holds.
    public func roles(_ line: String) -> [RoleSpan] {
        LineReading(line, vocabulary: vocabulary).spans
    }

    /// What could follow a line with the cursor at its end.
    public func hint(_ line: String) -> LineHint? {
        Completer(vocabulary: vocabulary, live: live).nameHint(line) ?? Hinter(vocabulary: vocabulary).hint(line)
    }

    /// Proposals for the word that ends at the cursor, the best first, and how many scalars before the cursor they replace.
    public func completions(_ line: String, cursor: Int) -> (replacedLength: Int, completions: [PromptCompletion]) {
        Completer(vocabulary: vocabulary, live: live).completions(line, cursor: cursor)
    }

    /// Help on the word under the cursor.
    public func help(_ line: String, cursor: Int) -> String? {
        WordHelp(vocabulary: vocabulary).text(line, cursor: cursor)
    }
}
