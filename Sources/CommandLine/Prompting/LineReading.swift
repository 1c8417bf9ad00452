// SPDX-License-Identifier: Apache-2.0

/// A line as the prompt understands it: what each part is, and what its last command has come to.
struct LineReading {
    /// Roles in the order of the line; a later one covers an earlier one.
    private(set) var spans: [RoleSpan] = []
    /// The last command without the word at the end of the line.
    private(set) var command: CommandReading
    /// The word at the end of the line, where no blank follows it.
    private(set) var current: ShellToken?
    /// What the word at the end is.
    private(set) var currentRole: TextRole?
    /// Whether the word at the end is a file of a redirection.
    private(set) var isRedirected = false
    /// Whether the line ends where no word can be completed: in a comment, in a here-document.
    private(set) var isInert = false
    let scanner: ShellScanner

    private let vocabulary: PromptVocabulary
    private let scalars: [Unicode.Scalar]
    private var count: Int { scalars.count }

    init(_ line: String, vocabulary: PromptVocabulary) {
        let scalars = Array(line.unicodeScalars)
        self.vocabulary = vocabulary
        self.scalars = scalars
        scanner = ShellScanner(scalars)
        command = CommandReading(vocabulary)
        read(scalars)
    }

    /// What is typed of a command inside `$(`, where the line ends there.
    var openSubstitution: String? {
        guard scanner.open == .substitution, let current, let inner = current.substitutions.last, inner.upperBound >= count else {
            return nil
        }
        return String(String.UnicodeScalarView(scalars[inner.clamped(to: 0..<count)]))
    }

    private mutating func read(_ scalars: [Unicode.Scalar]) {
        var reading = CommandReading(vocabulary)
        var isFile = false
        for token in scanner.tokens {
            let isLast = token.range.upperBound >= count
            switch token.kind {
            case .comment:
                spans.append(RoleSpan(token.range, .comment))
                isInert = isLast
            case .hereDocument:
                spans.append(RoleSpan(token.range, .string))
                isInert = isLast
            case .separator:
                spans.append(RoleSpan(token.range, .operator))
                reading = CommandReading(vocabulary)
            case .redirection:
                spans.append(RoleSpan(token.range, .operator))
                isFile = true
                continue
            case .word:
                if isLast {
                    current = token
                    command = reading
                    isRedirected = isFile
                }
                let role = isFile ? .value : role(of: token, in: &reading, isGrowing: isLast)
                if isLast { currentRole = role }
                addSpans(token, role, scalars)
            }
            isFile = false
        }
        if current == nil {
            command = reading
            isRedirected = isFile
        }
    }

    private func role(of token: ShellToken, in reading: inout CommandReading, isGrowing: Bool) -> TextRole? {
        if case .start = reading.context, !token.isQuoted {
            if ShellNesting.followers.contains(token.text) { return .command }
            if ShellNesting.openers.contains(token.text) || ShellNesting.closers.contains(token.text)
                || ["[[", "[", "((", "function", "in"].contains(token.text)
            {
                reading.becomeProgram()
                return .command
            }
        }
        return reading.take(token.text, isExpanded: token.isExpanded, isGrowing: isGrowing)
    }

    private mutating func addSpans(_ token: ShellToken, _ role: TextRole?, _ scalars: [Unicode.Scalar]) {
        if let role {
            var range = token.range
            // `--name=value` and `NAME=value`: the name looks as what it is, the value as a value.
            if role == .option || role == .variable, let equals = scalars[range].firstIndex(of: "=") {
                range = range.lowerBound..<equals + (role == .variable ? 1 : 0)
                spans.append(RoleSpan(token.range, .value))
            }
            spans.append(RoleSpan(range, role))
        }
        guard role != .error else { return }
        spans += token.parts
        for inner in token.substitutions {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[inner.clamped(to: 0..<scalars.count)])
            let reading = LineReading(String(view), vocabulary: vocabulary)
            spans.append(RoleSpan(inner, .value))
            spans += reading.spans.map {
                RoleSpan($0.range.lowerBound + inner.lowerBound..<$0.range.upperBound + inner.lowerBound, $0.role)
            }
        }
    }
}
