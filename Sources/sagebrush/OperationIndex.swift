// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import World

/// Which services have an operation of a name, for commands that leave the service out.
enum OperationIndex {
    /// The commands of services by operation: `create-training-job` is `sagemaker`'s.
    static let services: [String: [String]] = {
        var services: [String: [String]] = [:]
        for service in ServiceCatalog.services {
            for operation in service.operations where operation.isOffered {
                services[operation.commandName, default: []].append(service.commandName)
            }
        }
        return services
    }()
}

/// A command whose first word is neither a service nor a program: an operation without its service, or a slip.
enum UnprefixedCommand {
    /// The words after `aws`, where the first word names an operation.
    ///
    /// - Returns: nil for a word that is no operation.
    /// - Throws: `UsageError` naming the candidates where several services have it and nobody can be asked.
    static func complete(_ words: [String]) throws -> [String]? {
        guard let name = words.first, let services = OperationIndex.services[name] else { return nil }
        if services.count == 1 { return services + words }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw UsageError("\(name) is an operation of several services: say which, as in \(candidates(name, services)).")
        }
        return choose(name, services).map { [$0] + words }
    }

    private static func candidates(_ name: String, _ services: [String]) -> String {
        services.map { "`\($0) \(name)`" }.joined(separator: " or ")
    }

    private static func choose(_ name: String, _ services: [String]) -> String? {
        writeError("\(name) is an operation of several services:\n")
        for (index, service) in services.enumerated() { writeError("  \(index + 1)  \(service) \(name)\n") }
        let answer = TerminalQuestion.ask("Which? [1-\(services.count)] ")
        guard let number = answer.flatMap({ Int($0) }), services.indices.contains(number - 1) else {
            writeError("None of them: nothing done.\n")
            return ""
        }
        return services[number - 1]
    }

    /// What bash says of a command that nobody knows, and which of ours may have been meant.
    static func complaint(_ name: String, line: String?) -> String {
        var text = "bash: " + (line.map { "line \($0): " } ?? "") + "\(name): command not found\n"
        if isatty(STDERR_FILENO) == 1 {
            let similar = suggestions(for: name)
            if !similar.isEmpty { text += "Did you mean \(similar.joined(separator: ", "))?\n" }
        }
        return text
    }

    /// Commands of ours that a word may have meant.
    static func suggestions(for name: String) -> [String] {
        let names = ShellBridge.serviceNames.union(OwnCommand.all.map(\.name)).union(["aws"])
        let commands = Similarity.nearest(to: name, in: names)
        if !commands.isEmpty { return commands }
        return Similarity.nearest(to: name, in: OperationIndex.services.keys).flatMap { operation in
            (OperationIndex.services[operation] ?? []).map { $0 + " " + operation }
        }
    }

    /// `sagebrush unprefixed WORDS…`: what a bash of ours does with a command that it does not find.
    static func run(_ words: [String]) async -> Int32 {
        do {
            guard let completed = try complete(words) else {
                writeError(complaint(words.first ?? "", line: ProcessInfo.processInfo.environment["SAGEBRUSH_LINE"]))
                return 127
            }
            if completed.first == "" { return 130 }
            let session = try Session.open(ProgramSettings(), use: .command)
            return await Program.cancellable { await session.runAWS(completed) }
        } catch {
            return Program.report(error)
        }
    }

    private static func writeError(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
