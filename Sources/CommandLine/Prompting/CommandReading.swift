// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// What the words of one command mean, as far as they go.
struct CommandReading {
    /// What a command's words have come to.
    enum Context {
        /// Nothing yet, or assignments only.
        case start
        /// `aws`, and what follows is a service.
        case aws
        case service(ServiceModel)
        case waiters(ServiceModel)
        case operation(OperationModel, waiter: Waiter?)
        /// A command that is not an operation, by its words: `["s3", "cp"]`.
        case custom([String])
        case own(PromptCommand)
        /// Anything else: the shell's business.
        case program
    }

    /// What the next word would be.
    enum Slot {
        case command
        case service
        case operation(ServiceModel)
        case waiter(ServiceModel)
        /// The word of a command of several words: `s3 …`.
        case customWord([String])
        case value(OfferedOption)
        case positional(Int)
        case argument(PromptCommand)
        case other
    }

    private(set) var context = Context.start
    private(set) var options: [OfferedOption] = []
    private(set) var given: Set<String> = []
    private(set) var words: [String] = []
    private(set) var positionals: [String] = []
    /// What options were given, the last word of each.
    private(set) var values: [String: String] = [:]
    /// The option that takes the next word, if it is no option.
    private(set) var openOption: OfferedOption?
    private(set) var isOpenOptionSatisfied = false
    private let vocabulary: PromptVocabulary

    init(_ vocabulary: PromptVocabulary) {
        self.vocabulary = vocabulary
    }

    var slot: Slot {
        switch context {
        case .start: .command
        case .aws: openOption.map { .value($0) } ?? .service
        case .service(let service): openOption.map { .value($0) } ?? .operation(service)
        case .waiters(let service): .waiter(service)
        case .custom(let path) where CustomWords.hasFollowers(path): openOption.map { .value($0) } ?? .customWord(path)
        case .operation, .custom: openOption.map { .value($0) } ?? .positional(positionals.count)
        case .own(let command): .argument(command)
        case .program: .other
        }
    }

    /// The options that are required and not given yet, in the model's order.
    var missing: [OfferedOption] {
        if given.contains("--cli-input-json") || given.contains("--cli-input-yaml") || given.contains("--generate-cli-skeleton") {
            return []
        }
        return options.filter { $0.isRequired && !given.contains($0.name) && $0.name.hasPrefix("--") }
    }

    /// Takes in a word and says what it is.
    ///
    /// - Parameter isGrowing: The word is still being typed: the beginning of something is not wrong yet.
    mutating func take(_ word: String, isExpanded: Bool, isGrowing: Bool) -> TextRole? {
        defer { words.append(word) }
        switch context {
        case .start: return takeCommand(word, isExpanded: isExpanded, isGrowing: isGrowing)
        case .own, .program: return takeArgument(word)
        default: break
        }
        if isExpanded, !word.hasPrefix("-") {
            noteValue(word)
            return .value
        }
        if word.hasPrefix("-"), word.count > 1, !isNumber(word) { return takeOption(word, isGrowing: isGrowing) }
        if let option = openOption { return takeValue(word, of: option, isGrowing: isGrowing) }
        switch context {
        case .aws: return takeService(word, isGrowing: isGrowing)
        case .service(let service): return takeOperation(word, service, isGrowing: isGrowing)
        case .waiters(let service):
            guard let waiter = service.waiter(commandName: word), let operation = service.operation(waiter.operation) else {
                return unknown(isGrowing && service.waiters.contains { $0.commandName.hasPrefix(word) })
            }
            enter(operation, waiter: waiter)
            return .operation
        case .custom(let path) where CustomWords.hasFollowers(path): return takeCustomWord(word, path, isGrowing: isGrowing)
        default: return takePositional(word, isGrowing: isGrowing)
        }
    }

    /// What follows is not for us to judge: the words of a loop, of a test.
    mutating func becomeProgram() {
        context = .program
    }

    // MARK: Commands

    private mutating func takeCommand(_ word: String, isExpanded: Bool, isGrowing: Bool) -> TextRole? {
        if let equals = word.firstIndex(of: "="), equals != word.startIndex,
            word[..<equals].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        {
            return .variable
        }
        if isExpanded {
            context = .program
            return .command
        }
        if word == "aws" {
            context = .aws
            options = CustomWords.globalOptions
            return .command
        }
        if let command = vocabulary.command(word) {
            context = .own(command)
            return .command
        }
        if isService(word) { return takeService(word, isGrowing: isGrowing) }
        if let operation = OperationIndex.unique(word) {
            enter(operation, waiter: nil)
            return .operation
        }
        context = .program
        if vocabulary.isProgram(word) || word == "!" { return .command }
        return unknown(isGrowing && PromptNames.isBeginning(word, of: vocabulary))
    }

    private func isService(_ word: String) -> Bool {
        ServiceCatalog.service(commandName: word) != nil || CustomWords.isCommand([word])
    }

    private mutating func takeService(_ word: String, isGrowing: Bool) -> TextRole? {
        options = CustomWords.globalOptions
        if CustomWords.isCommand([word]) {
            context = .custom([word])
            if !CustomWords.hasFollowers([word]) { options = CustomWords.options(of: [word]) }
            return .service
        }
        if let service = ServiceCatalog.service(commandName: word) {
            context = .service(service)
            return .service
        }
        if word == "help" { return .service }
        context = .program
        return unknown(isGrowing && PromptNames.services.contains { $0.hasPrefix(word) })
    }

    private mutating func takeOperation(_ word: String, _ service: ServiceModel, isGrowing: Bool) -> TextRole? {
        if let operation = service.operation(commandName: word) {
            enter(operation, waiter: nil)
            return .operation
        }
        if word == "wait", !service.waiters.isEmpty {
            context = .waiters(service)
            return .operation
        }
        let path = [service.commandName, word]
        if CustomWords.isCommand(path) {
            context = .custom(path)
            options = CustomWords.options(of: path)
            return .operation
        }
        if word == "help" { return .operation }
        context = .program
        options = []
        return unknown(isGrowing && PromptNames.operations(of: service).contains { $0.hasPrefix(word) })
    }

    private mutating func takeCustomWord(_ word: String, _ path: [String], isGrowing: Bool) -> TextRole? {
        let longer = path + [word]
        if CustomWords.isCommand(longer) {
            context = .custom(longer)
            options = CustomWords.options(of: longer)
            return .operation
        }
        if word == "help" { return .operation }
        // What follows a word that means nothing cannot be judged.
        if !isGrowing { context = .program }
        return unknown(isGrowing && CustomWords.followers(of: path).contains { $0.hasPrefix(word) })
    }

    private mutating func enter(_ operation: OperationModel, waiter: Waiter?) {
        context = .operation(operation, waiter: waiter)
        options = CustomWords.options(of: operation)
    }

    // MARK: Options and values

    private mutating func takeOption(_ word: String, isGrowing: Bool) -> TextRole? {
        let name = word.prefix { $0 != "=" }
        openOption = nil
        isOpenOptionSatisfied = false
        let exact = options.first { $0.name == name }
        let candidates = exact.map { [$0] } ?? options.filter { $0.name.hasPrefix(name) }
        guard let option = candidates.first else { return .error }
        if candidates.count > 1 { return isGrowing ? nil : .error }
        if exact == nil, isGrowing { return nil }
        given.insert(option.name)
        if name.count < word.count { values[option.name] = String(word.dropFirst(name.count + 1)) }
        if name.count < word.count || option.takesWords == .none { return .option }
        openOption = option
        return .option
    }

    private mutating func noteValue(_ word: String) {
        guard let option = openOption else {
            positionals.append(word)
            return
        }
        isOpenOptionSatisfied = true
        values[option.name] = word
        if option.takesWords != .any { openOption = nil }
    }

    private mutating func takeValue(_ word: String, of option: OfferedOption, isGrowing: Bool) -> TextRole? {
        noteValue(word)
        let isFile = word.hasPrefix("file://") || word.hasPrefix("fileb://")
        if option.choices.isEmpty || isFile || option.choices.contains(word) { return .value }
        // A list may be written as one JSON text or as shorthand.
        if option.takesWords == .any, word.hasPrefix("[") || word.contains(",") { return .value }
        return isGrowing && option.choices.contains { $0.hasPrefix(word) } ? nil : .error
    }

    private mutating func takePositional(_ word: String, isGrowing: Bool) -> TextRole? {
        positionals.append(word)
        let allowed: Int
        switch context {
        case .operation(let operation, _): allowed = operation.streamingOutputMember == nil ? 0 : 1
        case .custom(let path): allowed = CustomWords.positionalCount(path)
        default: allowed = .max
        }
        if positionals.count <= allowed { return .value }
        return word == "help" ? .operation : unknown(isGrowing && "help".hasPrefix(word))
    }

    private mutating func takeArgument(_ word: String) -> TextRole? {
        positionals.append(word)
        if word.hasPrefix("-"), word.count > 1 { return .option }
        return .value
    }

    private func unknown(_ isBeginning: Bool) -> TextRole? { isBeginning ? nil : .error }

    private func isNumber(_ word: String) -> Bool { Double(word) != nil }
}
