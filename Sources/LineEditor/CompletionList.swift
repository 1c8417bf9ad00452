// SPDX-License-Identifier: Apache-2.0

/// Proposals laid out below the line: one a line with its description where there are few, in columns where there are many.
struct CompletionList {
    /// More proposals than this go without descriptions.
    static let describedMaximum = 24
    /// More proposals than this are not all shown.
    static let shownMaximum = 200

    var completions: [Completion]
    var columnCount: Int

    init(_ completions: [Completion], columnCount: Int) {
        self.completions = completions
        self.columnCount = max(columnCount, 20)
    }

    var text: String {
        let shown = completions.prefix(CompletionList.shownMaximum)
        let rest = completions.count - shown.count
        let list = shown.count <= CompletionList.describedMaximum ? described(shown) : columns(shown)
        return list + (rest > 0 ? "… and \(rest) more\n" : "")
    }

    private func described(_ shown: ArraySlice<Completion>) -> String {
        let width = shown.map(\.text.count).max() ?? 0
        return shown.map { completion in
            let name = completion.text + String(repeating: " ", count: width - completion.text.count)
            return completion.description.isEmpty
                ? completion.text : String("\(name)  \(completion.description)".prefix(columnCount - 1))
        }.joined(separator: "\n") + "\n"
    }

    private func columns(_ shown: ArraySlice<Completion>) -> String {
        let names = shown.map(\.text)
        let width = (names.map(\.count).max() ?? 0) + 2
        let perLine = max(1, columnCount / width)
        let lineCount = (names.count + perLine - 1) / perLine
        return (0..<lineCount).map { line in
            stride(from: line, to: names.count, by: lineCount).map { index in
                names[index] + String(repeating: " ", count: width - names[index].count)
            }.joined().trimmingSuffixSpaces()
        }.joined(separator: "\n") + "\n"
    }
}

extension String {
    fileprivate func trimmingSuffixSpaces() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
