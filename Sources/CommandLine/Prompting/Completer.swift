// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// A proposal for the word at the cursor.
public struct PromptCompletion: Sendable, Equatable {
    /// What stands in the line when it is taken, quoted as the shell needs it.
    public var text: String
    /// What lists show.
    public var label: String
    /// What it is, in a few words.
    public var summary: String
    /// Whether a space follows when it is taken.
    public var endsWord: Bool
}

/// Proposals for the word that ends at the cursor.
struct Completer {
    let vocabulary: PromptVocabulary
    let live: LiveNames?

    /// Something that fits the place, before it is matched with what is typed.
    private struct Candidate {
        var text: String
        /// Made only for what is shown: there may be hundreds that do not match.
        var summary: () -> String
        var endsWord: Bool
        /// What lists show where the text is long because of what is typed already.
        var label: String?

        init(text: String, summary: @escaping @autoclosure () -> String = "", endsWord: Bool = true, label: String? = nil) {
            self.text = text
            self.summary = summary
            self.endsWord = endsWord
            self.label = label
        }
    }

    /// The proposals, the best first, and how many scalars before the cursor they replace.
    func completions(_ line: String, cursor: Int) -> (replacedLength: Int, completions: [PromptCompletion]) {
        let scalars = line.unicodeScalars.prefix(cursor)
        let reading = LineReading(String(scalars), vocabulary: vocabulary)
        if reading.isInert { return (0, []) }
        if let inner = reading.openSubstitution { return completions(inner, cursor: inner.unicodeScalars.count) }
        let raw = reading.current.map { String(String.UnicodeScalarView(Array(scalars)[$0.range])) } ?? ""
        if let found = variables(raw) { return found }
        let typed = reading.current?.text ?? ""
        let (prefix, word, candidates) = candidates(typed, reading)
        let matched = Matching.best(candidates, typed: word) { $0.text }
        let completions = matched.map { candidate in
            PromptCompletion(
                text: Tokenizer.quoted(prefix + candidate.text, keeping: raw), label: candidate.label ?? candidate.text,
                summary: candidate.summary(), endsWord: candidate.endsWord)
        }
        return (raw.unicodeScalars.count, completions)
    }

    /// The rest of the name of a thing that is there, where the line ends in the beginning of one.
    ///
    /// Only of names that are known already: hints wait for nothing. Asking makes the world's names known for the next key.
    func nameHint(_ line: String) -> LineHint? {
        let reading = LineReading(line, vocabulary: vocabulary)
        if let inner = reading.openSubstitution { return nameHint(inner) }
        guard let live, reading.scanner.open == nil, !reading.isInert, let current = reading.current, !current.isQuoted,
            !current.isExpanded, !current.text.isEmpty
        else { return nil }
        let typed = current.text
        func hint(_ items: [LiveItem], _ beginning: String, end: String = "") -> LineHint? {
            let item = items.first { $0.name.utf8.count > beginning.utf8.count && $0.name.utf8.starts(with: beginning.utf8) }
            return item.map { LineHint(String(decoding: $0.name.utf8.dropFirst(beginning.utf8.count), as: UTF8.self) + end) }
        }
        if typed.hasPrefix(S3Path.scheme) {
            let rest = String(typed.dropFirst(S3Path.scheme.count))
            guard let slash = rest.firstIndex(of: "/") else {
                return hint(live.items(LiveResources.bucket, typed: rest, given: [:], waits: false), rest, end: "/")
            }
            let key = String(rest[rest.index(after: slash)...])
            return hint(live.objects(bucket: String(rest[..<slash]), prefix: folder(of: key), waits: false), key)
        }
        guard case .value(let option) = reading.command.slot, case .operation(let operation, _) = reading.command.context,
            let resource = LiveResources.resource(option: option.name, of: operation)
        else { return nil }
        return hint(live.items(resource, typed: typed, given: reading.command.values, waits: false), typed)
    }

    /// The names of variables, after `$`.
    private func variables(_ raw: String) -> (replacedLength: Int, completions: [PromptCompletion])? {
        guard let dollar = raw.lastIndex(of: "$"), !raw.hasPrefix("'") else { return nil }
        var name = raw[raw.index(after: dollar)...]
        let brace = name.hasPrefix("{") ? "{" : ""
        if !brace.isEmpty { name = name.dropFirst() }
        guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        let names = vocabulary.variables().filter { $0.hasPrefix(name) }.sorted()
        let completions = names.map { found in
            PromptCompletion(
                text: "$" + brace + found + (brace.isEmpty ? "" : "}"), label: found, summary: "variable",
                endsWord: !raw.hasPrefix("\""))
        }
        return (raw[dollar...].unicodeScalars.count, completions)
    }

    /// What is kept of the word, what is matched, and what fits the place.
    private func candidates(_ typed: String, _ reading: LineReading) -> (prefix: String, word: String, candidates: [Candidate]) {
        let command = reading.command
        if reading.isRedirected { return ("", typed, files(typed)) }
        if typed.hasPrefix("--"), let equals = typed.firstIndex(of: "="),
            let option = command.options.first(where: { $0.name == typed[..<equals] })
        {
            let value = String(typed[typed.index(after: equals)...])
            let inner = values(of: option, typed: value, command)
            return (typed[...equals] + inner.prefix, inner.word, inner.candidates)
        }
        if typed.hasPrefix("-"), !command.options.isEmpty { return ("", typed, options(command)) }
        switch command.slot {
        case .command: return ("", typed, typed.contains("/") || typed.hasPrefix("~") ? files(typed) : firstWords(typed))
        case .service: return ("", typed, services())
        case .operation(let service): return ("", typed, operations(service, typed: typed))
        case .waiter(let service):
            return ("", typed, service.waiters.map { Candidate(text: $0.commandName, summary: Descriptions.waiter($0)) })
        case .customWord(let path): return ("", typed, followers(path))
        case .value(let option):
            if command.isOpenOptionSatisfied, typed.isEmpty { return ("", typed, options(command)) }
            return values(of: option, typed: typed, command)
        case .positional: return ("", typed, positional(typed, command))
        case .argument(let own):
            let arguments = own.arguments(command.argumentWords)
            return ("", typed, arguments.isEmpty ? files(typed) : arguments.map { Candidate(text: $0.text, summary: $0.summary) })
        case .other: return ("", typed, typed.hasPrefix(S3Path.scheme) ? addresses(typed) : files(typed))
        }
    }

    // MARK: Names

    private func firstWords(_ typed: String) -> [Candidate] {
        var words = vocabulary.commands.map { Candidate(text: $0.name, summary: $0.summary) } + services()
        words.append(Candidate(text: "aws", summary: "may stand before every AWS command"))
        words.sort { $0.text < $1.text }
        if typed.isEmpty { return words }
        let known = Set(words.map(\.text))
        words += vocabulary.programs(typed).filter { !known.contains($0) }.map { Candidate(text: $0, summary: "program") }
        // An operation's name is enough where only one service has it; that many are shown only where something of them is typed.
        if typed.count > 1 {
            let fitting = OperationIndex.uniqueNames.filter { Matching.quality(of: $0, typed: typed).map { $0 < .part } ?? false }
            words += OperationRank.sorted(fitting).compactMap { name in
                OperationIndex.unique(name).map { Candidate(text: name, summary: Descriptions.operation($0)) }
            }
        }
        return words
    }

    private func services() -> [Candidate] {
        PromptNames.services.map { name in
            Candidate(
                text: name,
                summary: ServiceCatalog.service(commandName: name).map(Descriptions.service) ?? Descriptions.command([name]) ?? "")
        }
    }

    private func operations(_ service: ServiceModel, typed: String) -> [Candidate] {
        let names = PromptNames.operations(of: service)
        // A typed beginning shows names in the order of the alphabet, letters of words the likeliest first.
        let order = names.contains { $0.hasPrefix(typed) } ? names.sorted() : OperationRank.sorted(names)
        return order.map { name in
            Candidate(
                text: name,
                summary: service.operation(commandName: name).map(Descriptions.operation)
                    ?? (name == "wait" ? "Waits until something is so." : Descriptions.command([service.commandName, name]) ?? ""))
        }
    }

    private func followers(_ path: [String]) -> [Candidate] {
        CustomWords.followers(of: path).sorted().map { Candidate(text: $0, summary: Descriptions.command(path + [$0]) ?? "") }
    }

    /// The options that are not given: required ones first, those of every command last.
    private func options(_ command: CommandReading) -> [Candidate] {
        let fresh = command.options.filter { !command.given.contains($0.name) }
        let globals = Set(CustomWords.globalOptions.map(\.name))
        let own = fresh.filter { !globals.contains($0.name) }
        let ordered = own.filter(\.isRequired) + own.filter { !$0.isRequired } + fresh.filter { globals.contains($0.name) }
        return ordered.map { option in
            let kind = [option.isRequired ? "required" : "", option.syntax].filter { !$0.isEmpty }.joined(separator: " ")
            let summary = [kind, option.summary].filter { !$0.isEmpty }.joined(separator: "  ")
            return Candidate(text: option.name, summary: summary)
        }
    }

    // MARK: Values

    private func values(
        of option: OfferedOption, typed: String, _ command: CommandReading
    ) -> (prefix: String, word: String, candidates: [Candidate]) {
        for scheme in ["fileb://", "file://"] where typed.hasPrefix(scheme) {
            return (scheme, String(typed.dropFirst(scheme.count)), files(String(typed.dropFirst(scheme.count))))
        }
        let general = vocabulary.globalValues(option.name)
        if !general.isEmpty, option.member == nil {
            return ("", typed, general.map { Candidate(text: $0.text, summary: $0.summary) })
        }
        if option.syntax == "<file>" { return ("", typed, files(typed)) }
        if typed.hasPrefix(S3Path.scheme) { return ("", typed, addresses(typed)) }
        guard let member = option.member, case .operation(let operation, _) = command.context else {
            return ("", typed, option.choices.map { Candidate(text: $0) })
        }
        if let position = ValuePosition(typed, in: member.shape) { return structured(position, typed, operation, command) }
        return ("", typed, scalars(member.shape, option: option.name, typed: typed, operation, command))
    }

    private func scalars(
        _ shape: Shape, option: String, typed: String, _ operation: OperationModel, _ command: CommandReading
    ) -> [Candidate] {
        let choices = ValueSyntax.choices(shape)
        if !choices.isEmpty { return choices.map { Candidate(text: $0) } }
        if operation.service == "s3", option == "--key", let bucket = command.values["--bucket"] {
            return (live?.objects(bucket: bucket, prefix: folder(of: typed)) ?? []).map {
                Candidate(text: $0.name, summary: $0.summary, endsWord: !$0.name.hasSuffix("/"))
            }
        }
        guard let resource = LiveResources.resource(option: option, of: operation), let live else { return [] }
        return live.items(resource, typed: typed, given: command.values).map { Candidate(text: $0.name, summary: $0.summary) }
    }

    private func structured(
        _ position: ValuePosition, _ typed: String, _ operation: OperationModel, _ command: CommandReading
    ) -> (prefix: String, word: String, candidates: [Candidate]) {
        let prefix = String(typed.dropLast(position.typed.count))
        switch position.next {
        case .name(let shape, let given):
            let members = shape.kind == .structure ? shape.members.filter { !given.contains($0.name) } : []
            let ordered = members.filter(\.isRequired) + members.filter { !$0.isRequired }
            let end = position.isJSON ? "\":" : "="
            let candidates = ordered.map { member in
                let kind = ValueSyntax.text(member.shape)
                return Candidate(
                    text: member.name + end, summary: member.isRequired ? "required \(kind)" : kind, endsWord: false,
                    label: member.name)
            }
            return (prefix, position.typed, candidates)
        case .value(let shape, let member):
            var candidates: [Candidate]
            if LiveResources.addressMembers.contains(member) {
                candidates = addresses(position.typed)
            } else {
                candidates = scalars(
                    shape, option: "--" + commandName(member), typed: position.typed, operation, command)
            }
            for index in candidates.indices {
                candidates[index].endsWord = false
                candidates[index].label = candidates[index].text
                if position.isJSON, !candidates[index].text.hasSuffix("/") { candidates[index].text += "\"" }
            }
            return (prefix, position.typed, candidates)
        }
    }

    private func positional(_ typed: String, _ command: CommandReading) -> [Candidate] {
        guard case .custom(let path) = command.context else {
            // A file for the answer's content, else what else the operation takes.
            if case .operation(let operation, _) = command.context, operation.streamingOutputMember != nil,
                command.positionals.isEmpty, command.missing.isEmpty || !typed.isEmpty
            {
                return files(typed)
            }
            return typed.isEmpty ? options(command) : [Candidate(text: "help", summary: "Shows the options.")]
        }
        if let resource = LiveResources.resource(positionalOf: path), command.positionals.isEmpty {
            return (live?.items(resource, typed: typed, given: [:]) ?? []).map { Candidate(text: $0.name, summary: $0.summary) }
        }
        guard path.first == "s3", command.positionals.count < CustomWords.positionalCount(path) else {
            return typed.isEmpty ? options(command) : []
        }
        let takesFiles = ["cp", "mv", "sync"].contains(path.last)
        return takesFiles && !typed.hasPrefix("s3:") ? files(typed) + addresses(typed) : addresses(typed)
    }

    // MARK: Addresses and files

    private func addresses(_ typed: String) -> [Candidate] {
        guard let live else { return [] }
        let rest = typed.hasPrefix(S3Path.scheme) ? String(typed.dropFirst(S3Path.scheme.count)) : ""
        guard let slash = rest.firstIndex(of: "/") else {
            return live.items(LiveResources.bucket, typed: rest, given: [:]).map {
                Candidate(text: "\(S3Path.scheme)\($0.name)/", summary: $0.summary, endsWord: false, label: $0.name)
            }
        }
        let bucket = String(rest[..<slash])
        let folder = folder(of: String(rest[rest.index(after: slash)...]))
        return live.objects(bucket: bucket, prefix: folder).map { item in
            Candidate(
                text: "\(S3Path.scheme)\(bucket)/\(item.name)", summary: item.summary, endsWord: !item.name.hasSuffix("/"),
                label: String(item.name.dropFirst(folder.count)))
        }
    }

    /// A path up to its last slash.
    private func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private func files(_ typed: String) -> [Candidate] {
        let folder = folder(of: typed)
        let showsHidden = typed.dropFirst(folder.count).hasPrefix(".")
        return vocabulary.files(folder).sorted().filter { showsHidden || !$0.hasPrefix(".") }.map { name in
            Candidate(text: folder + name, endsWord: !name.hasSuffix("/"), label: name)
        }
    }
}

extension Tokenizer {
    /// A word quoted as the beginning of it that is typed was: quotes that are open stay of their kind.
    static func quoted(_ word: String, keeping raw: String) -> String {
        if raw.hasPrefix("'"), !word.contains("'") { return "'" + word + (word.hasSuffix("/") || endsOpen(word) ? "" : "'") }
        if raw.hasPrefix("\"") {
            let escaped = word.map { "\"\\$`".contains($0) ? "\\\($0)" : String($0) }.joined()
            return "\"" + escaped + (word.hasSuffix("/") || endsOpen(word) ? "" : "\"")
        }
        // `~` is for the shell to expand.
        if word.hasPrefix("~/") { return "~/" + (word.count > 2 ? quoted(String(word.dropFirst(2))) : "") }
        return quoted(word)
    }

    /// A value that goes on: `Name=`, `{"Name":`.
    private static func endsOpen(_ word: String) -> Bool {
        word.hasSuffix("=") || word.hasSuffix(":") || (word.first.map { "{[".contains($0) } ?? false)
    }
}
