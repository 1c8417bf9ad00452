// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// What could follow a line.
public struct LineHint: Sendable, Equatable {
    /// What is shown behind the line.
    public var text: String
    /// How much of it, in Unicode scalars, can stand in the line; the rest says how it goes on (`<string>`).
    public var acceptedCount: Int

    init(_ text: String, acceptedCount: Int? = nil) {
        self.text = text
        self.acceptedCount = acceptedCount ?? text.unicodeScalars.count
    }
}

/// Hints from the grammar: the rest of a name, then the required options that are missing and how their values are written.
struct Hinter {
    let vocabulary: PromptVocabulary

    /// The hint for a line with the cursor at its end; nil where there is nothing to say.
    func hint(_ line: String) -> LineHint? {
        let reading = LineReading(line, vocabulary: vocabulary)
        if let inner = reading.openSubstitution { return hint(inner) }
        guard reading.scanner.open == nil, !reading.isInert, !reading.isRedirected else { return nil }
        guard let current = reading.current else {
            // Behind a blank: what comes next. Without a command there is nothing to go by.
            return line.isEmpty ? nil : following(reading.command)
        }
        if current.isExpanded || current.isQuoted { return followingWord(current, in: reading) }
        if let rest = completion(of: current.text, in: reading) { return rest }
        return followingWord(current, in: reading)
    }

    /// What comes after the word at the end of the line, where it is complete.
    private func followingWord(_ current: ShellToken, in reading: LineReading) -> LineHint? {
        guard let role = reading.currentRole, role != .error else { return nil }
        var command = reading.command
        _ = command.take(current.text, isExpanded: current.isExpanded, isGrowing: false)
        return following(command).map { LineHint(" " + $0.text, acceptedCount: $0.acceptedCount == 0 ? 0 : $0.acceptedCount + 1) }
    }

    // MARK: The rest of a name

    private func completion(of word: String, in reading: LineReading) -> LineHint? {
        let command = reading.command
        if word.hasPrefix("-"), word.utf8.count > 1, !command.options.isEmpty { return optionHint(word, command) }
        switch command.slot {
        case .command: return rest(of: word, in: firstWords())
        case .service: return rest(of: word, in: PromptNames.services)
        case .operation(let service): return rest(of: word, in: OperationRank.sorted(PromptNames.operations(of: service)))
        case .waiter(let service): return rest(of: word, in: service.waiters.map(\.commandName))
        case .customWord(let path): return rest(of: word, in: CustomWords.followers(of: path))
        case .value(let option):
            if let shape = option.member?.shape, let position = ValuePosition(word, in: shape) { return memberHint(position) }
            let words = option.choices + vocabulary.globalValues(option.name).map(\.text)
            return rest(of: word, in: words)
        case .argument(let own): return rest(of: word, in: own.arguments(command.argumentWords).map(\.text))
        case .positional, .other: return nil
        }
    }

    private func firstWords() -> [String] {
        vocabulary.commands.map(\.name) + PromptNames.services + ["aws"]
    }

    /// The rest of the first name that begins so; nil where a whole name is typed already.
    private func rest(of word: String, in names: [String]) -> LineHint? {
        if names.contains(word) { return nil }
        return names.first { $0.hasPrefix(word) }.map { LineHint(String($0.dropFirst(word.count))) }
    }

    /// The rest of a member's name, or of a word that it can be, inside a structured value.
    private func memberHint(_ position: ValuePosition) -> LineHint? {
        if position.typed.isEmpty { return nil }
        switch position.next {
        case .name(let shape, let given):
            let fresh = shape.kind == .structure ? shape.members.filter { !given.contains($0.name) } : []
            return rest(of: position.typed, in: fresh.map { $0.name + "=" })
        case .value(let shape, _): return rest(of: position.typed, in: ValueSyntax.choices(shape))
        }
    }

    private func optionHint(_ word: String, _ command: CommandReading) -> LineHint? {
        if word.contains("=") || command.options.contains(where: { $0.name == word }) { return nil }
        let fresh = command.options.filter { !command.given.contains($0.name) && $0.name.hasPrefix(word) }
        guard let option = fresh.first(where: \.isRequired) ?? fresh.first else { return nil }
        let name = String(option.name.dropFirst(word.count))
        if option.syntax.isEmpty { return LineHint(name) }
        return LineHint("\(name) \(option.syntax)", acceptedCount: name.unicodeScalars.count + 1)
    }

    // MARK: What comes next

    private func following(_ command: CommandReading) -> LineHint? {
        switch command.context {
        case .operation(let operation, _):
            var parts: [(name: String, syntax: String)] = command.missing.map { ($0.name, $0.syntax) }
            if operation.streamingOutputMember != nil, command.positionals.isEmpty { parts.append(("", "<outfile>")) }
            return hint(open: command.openOption, isSatisfied: command.isOpenOptionSatisfied, parts)
        case .custom(let path):
            let syntax = CustomWords.positionalSyntax(path).dropFirst(command.positionals.count)
            return hint(open: command.openOption, isSatisfied: command.isOpenOptionSatisfied, syntax.map { ("", $0) })
        case .own(let own):
            let usage = own.usage.split(separator: " ").dropFirst(command.argumentWords.count).joined(separator: " ")
            return usage.isEmpty ? nil : LineHint(usage, acceptedCount: 0)
        case .start, .aws, .service, .waiters, .program: return nil
        }
    }

    private func hint(open: OfferedOption?, isSatisfied: Bool, _ parts: [(name: String, syntax: String)]) -> LineHint? {
        var texts: [String] = []
        if let open, !isSatisfied, open.takesWords != .optional { texts.append(open.syntax) }
        texts += parts.map { [$0.name, $0.syntax].filter { !$0.isEmpty }.joined(separator: " ") }
        guard let first = texts.first(where: { !$0.isEmpty }) else { return nil }
        // The next option's name can be taken over; a value has to be typed.
        let name = first.hasPrefix("--") ? first.unicodeScalars.prefix { $0 != " " }.count + 1 : 0
        let text = texts.joined(separator: " ")
        return LineHint(text, acceptedCount: min(name, text.unicodeScalars.count))
    }
}

extension CommandReading {
    /// The words behind the command of the prompt's own.
    var argumentWords: [String] {
        guard case .own(let command) = context, let place = words.firstIndex(of: command.name) else { return [] }
        return Array(words[(place + 1)...])
    }
}
