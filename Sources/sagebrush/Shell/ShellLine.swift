// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// Tells lines that are just words from lines that need a shell.
///
/// Splitting is `Tokenizer`'s; here is only what a shell would not take as a plain command.
enum ShellLine {
    /// The words of a line without expansions, redirections or operators, quotes removed; nil where only a shell can say what it means.
    static func plainWords(_ line: String) -> [String]? {
        plainTokens(line)?.map(\.text)
    }

    /// The same with the places where the words stand.
    static func plainTokens(_ line: String) -> [Tokenizer.Word]? {
        guard let words = try? Tokenizer.words(line), !words.contains(where: \.needsShell) else { return nil }
        // What follows a comment's line is not the tokenizer's to see.
        if line.contains("\n"), line.contains("#") { return nil }
        if let first = words.first, first.text.contains("=") || first.text.hasPrefix("[") || line.hasSuffix("\\") { return nil }
        return words
    }
}
