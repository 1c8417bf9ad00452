// SPDX-License-Identifier: Apache-2.0

/// Tells lines that are just words from lines that need a shell.
enum ShellLine {
    /// The words of a line without expansions, redirections or operators, quotes removed; nil where only a shell can say what it means.
    static func plainWords(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var rest = line[...]
        while let character = rest.popFirst() {
            switch character {
            case " ", "\t":
                if let finished = word { words.append(finished) }
                word = nil
            case "'":
                guard let end = rest.firstIndex(of: "'") else { return nil }
                word = (word ?? "") + rest[..<end]
                rest = rest[rest.index(after: end)...]
            case "\"":
                guard let text = takeDoubleQuoted(&rest) else { return nil }
                word = (word ?? "") + text
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                // An escaped line end joins lines.
                if next != "\n" { word = (word ?? "") + String(next) }
            case "#" where word == nil:
                rest = ""
            case "~" where word == nil, "=" where words.isEmpty:
                return nil
            case "$", "`", "|", "&", ";", "<", ">", "(", ")", "*", "?", "{", "}", "!", "\n":
                return nil
            case "[" where word == nil || words.isEmpty:
                return nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        if let finished = word { words.append(finished) }
        return words
    }

    private static func takeDoubleQuoted(_ rest: inout Substring) -> String? {
        var text = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "$", "`": return nil
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                if !["\"", "\\"].contains(next) { text.append("\\") }
                text.append(next)
            default: text.append(character)
            }
        }
        return nil
    }
}
