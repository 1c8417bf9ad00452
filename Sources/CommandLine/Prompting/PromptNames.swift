// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Synchronization

/// The operations of all services by their names on the command line: the service may be left out where the name says it.
enum OperationIndex {
    private static let services: [String: [OperationModel]] = {
        var index: [String: [OperationModel]] = [:]
        for service in ServiceCatalog.services {
            for operation in service.operations where operation.isOffered {
                index[operation.commandName, default: []].append(operation)
            }
        }
        return index
    }()

    /// The operations of that name, in the order of their services.
    static func operations(called commandName: String) -> [OperationModel] { services[commandName] ?? [] }

    /// The operation of that name, where only one service has it.
    static func unique(_ commandName: String) -> OperationModel? {
        // Operations have two words at least: no program of one word makes the index.
        guard commandName.contains("-") else { return nil }
        let found = operations(called: commandName)
        return found.count == 1 ? found.first : nil
    }

    /// The names that only one service has.
    static let uniqueNames: [String] = services.filter { $0.value.count == 1 }.map(\.key).sorted()
}

/// Names for completion and for telling the beginning of a name from a mistake.
enum PromptNames {
    /// What can follow `aws`.
    static let services: [String] =
        (ServiceCatalog.services.map(\.commandName) + CustomWords.topLevel).reduce(into: [String]()) { names, name in
            if !names.contains(name) { names.append(name) }
        }.sorted()

    /// What can follow a service.
    static func operations(of service: ServiceModel) -> [String] {
        service.operations.filter(\.isOffered).map(\.commandName) + CustomWords.followers(of: [service.commandName])
            + (service.waiters.isEmpty ? [] : ["wait"])
    }

    /// Whether something that can stand first in a line begins so.
    static func isBeginning(_ word: String, of vocabulary: PromptVocabulary) -> Bool {
        "aws".hasPrefix(word) || services.contains { $0.hasPrefix(word) }
            || vocabulary.commands.contains { $0.name.hasPrefix(word) }
            || !vocabulary.programs(word).isEmpty || (word.count > 1 && OperationIndex.uniqueNames.contains { $0.hasPrefix(word) })
    }
}

/// The commands that are not operations: their words, options and positional words.
enum CustomWords {
    private static let paths: [[String]] =
        CustomCommands.standard.map { $0.path } + S3Command.names.map { ["s3", $0] }

    /// The first words that are no services.
    static let topLevel: [String] = paths.compactMap(\.first).filter { ServiceCatalog.service(commandName: $0) == nil }

    static func isCommand(_ path: [String]) -> Bool { paths.contains(path) }

    /// The words that can follow.
    static func followers(of path: [String]) -> [String] {
        paths.filter { $0.count == path.count + 1 && $0.starts(with: path) }.compactMap(\.last)
    }

    static func hasFollowers(_ path: [String]) -> Bool { paths.contains { $0.count > path.count && $0.starts(with: path) } }

    static let globalOptions = GlobalOptions.specifications.map { OfferedOption($0) }

    private static let knownOptions = Mutex<[String: [OfferedOption]]>([:])

    /// The options of an operation, its own first; made once, because each keystroke asks for them.
    static func options(of operation: OperationModel) -> [OfferedOption] {
        let key = "\(operation.service) \(operation.name)"
        if let known = knownOptions.withLock({ $0[key] }) { return known }
        let options = makeOptions(of: operation)
        knownOptions.withLock { $0[key] = options }
        return options
    }

    private static func makeOptions(of operation: OperationModel) -> [OfferedOption] {
        OperationArguments(operation).entries.values.filter { !$0.isHidden && $0.specification.option != nil }
            .map { OfferedOption($0, of: operation) } + globalOptions
    }

    static func specifications(_ path: [String]) -> [ArgumentSpecification] {
        switch path {
        case ["s3", "cp"], ["s3", "mv"], ["s3", "rm"], ["s3", "sync"]: S3TransferOptions.specifications(for: path[1])
        case ["s3", "ls"]: S3ListCommand.specifications
        case ["s3", "mb"]: S3Command.makeSpecifications
        case ["s3", "rb"]: S3Command.removeSpecifications
        case ["s3", "website"]: S3Command.websiteSpecifications
        case ["s3", "presign"]: S3Command.presignSpecifications
        case ["logs", "tail"]: LogsTailCommand.specifications
        default: []
        }
    }

    static func options(of path: [String]) -> [OfferedOption] {
        specifications(path).filter { $0.option != nil }.map { specification in
            OfferedOption(specification, summary: Descriptions.flag(String(specification.shownName.dropFirst(2)), of: path) ?? "")
        } + globalOptions
    }

    /// How many positional words a command takes.
    static func positionalCount(_ path: [String]) -> Int {
        switch path {
        case ["s3", "cp"], ["s3", "mv"], ["s3", "sync"], ["configure", "set"]: 2
        case ["configure", "get"]: 1
        case ["s3"], ["configure"], ["configure", "list"], ["configure", "list-profiles"], ["ecr", "get-login-password"],
            ["iam", "explain"]:
            0
        default: 1
        }
    }

    /// How the positional words are written, as hints show them.
    static func positionalSyntax(_ path: [String]) -> [String] {
        switch path {
        case ["s3", "cp"], ["s3", "mv"], ["s3", "sync"]: ["<file or s3://bucket/key>", "<file or s3://bucket/key>"]
        case ["s3", "rm"], ["s3", "presign"]: ["<s3://bucket/key>"]
        case ["s3", "mb"], ["s3", "rb"], ["s3", "website"]: ["<s3://bucket>"]
        case ["s3", "ls"]: ["[s3://bucket/prefix]"]
        case ["logs", "tail"]: ["<log group>"]
        case ["configure", "set"]: ["<name>", "<value>"]
        case ["configure", "get"]: ["<name>"]
        default: []
        }
    }
}
