// SPDX-License-Identifier: Apache-2.0

/// Where a command that was typed or pasted over several lines ends.
public enum LineContinuation {
    /// Whether Enter at the end of `text` should begin a further line: a `\`, an open quote, a here-document without its end, `|` or `&&`
    /// at the end, a loop or a group that is not closed.
    public static func isNeeded(after text: String) -> Bool {
        let scanner = ShellScanner(text)
        return scanner.open != nil || ShellNesting.depth(of: scanner.tokens) > 0
    }

    /// The commands of a block of lines, in their order, each of them complete: lines that end in `\`, quotes, here-documents, loops and
    /// groups stay together.
    ///
    /// Comments and empty lines between them are left out.
    public static func commands(in block: String) -> [String] {
        let scalars = Array(block.unicodeScalars)
        let scanner = ShellScanner(scalars)
        var commands: [String] = []
        var start = 0
        var kept: [ShellToken] = []
        func flush(_ end: Int) {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[start..<max(start, end)])
            let text = String(view).trimmingNewlines()
            if kept.contains(where: { $0.kind != .comment && $0.text != "\n" }) { commands.append(text) }
            kept = []
            start = end
        }
        for (index, token) in scanner.tokens.enumerated() {
            // A here-document belongs to the line before it, although it stands behind its end.
            let isDocumentNext = index + 1 < scanner.tokens.count && scanner.tokens[index + 1].kind == .hereDocument
            if token.kind == .separator, token.text == "\n", !isDocumentNext, ShellNesting.depth(of: kept) == 0, !endsOpen(kept) {
                flush(token.range.lowerBound)
                start = token.range.upperBound
            } else {
                kept.append(token)
            }
        }
        flush(scalars.count)
        return commands
    }

    private static func endsOpen(_ tokens: [ShellToken]) -> Bool {
        guard let last = tokens.last(where: { $0.kind != .comment && $0.text != "\n" }) else { return false }
        return last.kind == .separator && ["|", "||", "&&", "|&"].contains(last.text)
    }
}

/// How deep the end of a line is inside loops, conditions and groups.
enum ShellNesting {
    static let openers: Set<String> = ["if", "for", "while", "until", "case", "select", "{"]
    static let closers: Set<String> = ["fi", "done", "esac", "}"]
    /// Words of the shell's grammar after which a command begins.
    static let followers: Set<String> = ["then", "else", "elif", "do", "if", "while", "until", "{", "!", "time"]

    static func depth(of tokens: [ShellToken]) -> Int {
        var depth = 0
        var caseDepth = 0
        var isCommandNext = true
        var isRedirected = false
        for token in tokens {
            switch token.kind {
            case .comment, .hereDocument: continue
            case .redirection: isRedirected = true
            case .separator:
                if token.text == "(" { depth += 1 }
                // A pattern's `)` inside `case` closes nothing.
                if token.text == ")", caseDepth == 0 || depth > caseDepth { depth = max(0, depth - 1) }
                isCommandNext = true
            case .word:
                if isRedirected {
                    isRedirected = false
                    continue
                }
                guard isCommandNext, !token.isQuoted else {
                    isCommandNext = false
                    continue
                }
                if openers.contains(token.text) {
                    depth += 1
                    if token.text == "case" { caseDepth = depth }
                } else if closers.contains(token.text) {
                    if token.text == "esac" { caseDepth = 0 }
                    depth = max(0, depth - 1)
                }
                isCommandNext = followers.contains(token.text)
            }
        }
        return depth
    }
}

extension String {
    fileprivate func trimmingNewlines() -> String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        while let first = text.first, first.isNewline { text.removeFirst() }
        return String(text)
    }
}
