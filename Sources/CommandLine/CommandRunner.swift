// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import ServiceModel
import Wire

/// Runs one `aws` command: reads its words, calls the service, prints the answer.
public struct CommandRunner: Sendable {
    let client: any ServiceClient
    let environment: CommandEnvironment
    let customCommands: [any CustomCommand.Type]

    /// - Parameter customCommands: The commands besides the tables' operations; a later one of the same path wins.
    public init(
        client: any ServiceClient, environment: CommandEnvironment,
        customCommands: [any CustomCommand.Type] = CustomCommands.standard
    ) {
        self.client = client
        self.environment = environment
        self.customCommands = customCommands
    }

    /// Runs the words after `aws`.
    ///
    /// - Returns: The exit status: 0, 1 and 2 from `s3`, 130 cancelled, 252 the command line, 253 settings, 254 refused by the
    ///   service, 255 anything else.
    public func run(_ words: [String]) async -> Int32 {
        var options = GlobalOptions()
        do {
            let parsed = try parseTop(words)
            options = GlobalOptions(parsed)
            if parsed.flag("version") {
                environment.streams.writeOutput(Array((Self.versionLine + "\n").utf8))
                return 0
            }
            try options.check(parsed)
            let command = parsed.text("command") ?? ""
            // A profile may be made by the very command that names it.
            let makesProfile = command == "configure" && [nil, "set", "list"].contains(parsed.remaining.first)
            return try await dispatch(command, parsed.remaining, try makeContext(options, command, checksProfile: !makesProfile))
        } catch {
            return report(error, options)
        }
    }

    /// Writes an error as its kind and the settings ask for; its exit status.
    func report(_ error: any Error, _ options: GlobalOptions) -> Int32 {
        let named =
            nonEmpty(environment.variables["AWS_CLI_ERROR_FORMAT"])
            ?? Configuration(environment: environment, profile: options.profile).value("cli_error_format")
        let configured = named.flatMap(ErrorFormat.init(name:))
        let usesColor = options.usesColor(isTerminal: environment.streams.isErrorTerminal, environment)
        let (text, status) = Diagnostic.render(error, format: options.errorFormat ?? configured ?? .enhanced, usesColor: usesColor)
        if status == 130 {
            environment.streams.writeOutput(Array(text.utf8))
        } else {
            environment.streams.writeError(Array(text.utf8))
        }
        return status
    }

    /// The names that can follow `aws`: services, and commands of one word.
    public var commandNames: [String] { Help.commandNames(customCommands) }

    /// The names that can follow a service: operations, `wait`, and commands that stand among them.
    public func operationNames(of service: ServiceModel) -> [String] { Help.operationNames(of: service, customCommands) }

    static var versionLine: String {
        var names = utsname()
        uname(&names)
        func text(_ field: some Any) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "aws-cli/2.36.7 Sagebrush \(text(names.sysname))/\(text(names.release)) source/\(text(names.machine))"
    }

    private func parseTop(_ words: [String]) throws(CommandFailure) -> ParsedArguments {
        if words.isEmpty { throw .usage("the following arguments are required: command") }
        var parsed = try ArgumentParser(
            GlobalOptions.specifications + [ArgumentSpecification(positional: "command", arity: .optional(constant: nil))]
        )
        .parse(words)
        guard !parsed.flag("version") else { return parsed }
        guard let command = parsed.text("command") else { throw .usage("the following arguments are required: command") }
        if command != "help", !commandNames.contains(command) {
            throw .usage("argument command: \(ArgumentParser.invalidChoice(command, commandNames + ["help"]))")
        }
        parsed.values["command"] = .text(command)
        return parsed
    }

    private func makeContext(
        _ options: GlobalOptions, _ command: String, checksProfile: Bool
    ) throws(CommandFailure) -> CommandContext {
        var environment = environment
        let variables = environment.variables
        let configuration = Configuration(environment: environment, profile: options.profile)
        guard !checksProfile || configuration.isProfileKnown else {
            throw .general("The config profile (\(configuration.profileName)) could not be found")
        }
        let timeFormat = configuration.value("cli_timestamp_format") ?? "iso8601"
        guard ["iso8601", "wire"].contains(timeFormat) else {
            throw CommandFailure(
                .configuration(code: "Configuration"),
                "Unknown cli_timestamp_format value: \(timeFormat), valid values are \"wire\" or \"iso8601\"")
        }
        let region =
            options.region ?? nonEmpty(variables["AWS_REGION"]) ?? nonEmpty(variables["AWS_DEFAULT_REGION"])
            ?? configuration.value("region") ?? environment.defaults.region
        let named = nonEmpty(variables["AWS_DEFAULT_OUTPUT"]) ?? configuration.value("output")
        let output = options.output ?? named.flatMap(OutputFormat.init(rawValue:)) ?? environment.defaults.output
        let isUnknown = options.output == nil && named != nil && named.flatMap(OutputFormat.init(rawValue:)) == nil
        var used = client
        if let address = RemoteAddress(
            command: command, options: options, configuration: configuration, environment: environment)
        {
            guard let remote = environment.remoteClient(address) else {
                let text = address.url.absoluteString + (address.url.path.isEmpty ? "/" : "")
                throw .general("Could not connect to the endpoint URL: \"\(text)\"")
            }
            used = remote
            environment.variables.merge(environment.foreignVariables) { own, _ in own }
        }
        let usesColor = options.usesColor(isTerminal: environment.streams.isOutputTerminal, environment)
        return CommandContext(
            client: used, environment: environment, options: options, region: region,
            credentialSource: CredentialSource(
                configuration: configuration, environment: environment, client: used, region: region,
                isProfileGiven: options.profile != nil),
            configuration: configuration,
            formatter: OutputFormatter(
                format: output, query: options.query, usesColor: usesColor, terminalWidth: environment.terminalWidth),
            unknownOutput: isUnknown ? named : nil, keepsWireTimes: timeFormat == "wire")
    }

    private func dispatch(_ command: String, _ words: [String], _ context: CommandContext) async throws -> Int32 {
        if command == "help" {
            try context.showHelp([], customCommands: customCommands)
            return 0
        }
        let custom = customCommands.filter { type in
            type.path.first == command && words.starts(with: type.path.dropFirst())
        }
        if let type = custom.max(by: { $0.path.count <= $1.path.count }) {
            let rest = Array(words.dropFirst(type.path.count - 1))
            if rest.last == "help", rest.count == 1 || Descriptions.command(type.path + rest.dropLast()) != nil {
                try context.showHelp(type.path + rest.dropLast(), customCommands: customCommands)
                return 0
            }
            return try await type.init().run(rest, context)
        }
        guard let service = ServiceCatalog.service(commandName: command) else { return 255 }
        return try await runService(service, words, context)
    }

    private func runService(_ service: ServiceModel, _ words: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try ArgumentParser([ArgumentSpecification(positional: "operation")]).parse(words)
        let name = parsed.text("operation") ?? ""
        if name == "help" {
            try context.showHelp([service.commandName], customCommands: customCommands)
            return 0
        }
        if let operation = service.operation(commandName: name) {
            return try await OperationCommand(operation: operation, context: context).run(parsed.remaining)
        }
        if name == "wait", !service.waiters.isEmpty { return try await runWait(service, parsed.remaining, context) }
        if let type = customCommands.first(where: { $0.path == [service.commandName, name] }) {
            return try await type.init().run(parsed.remaining, context)
        }
        throw CommandFailure.usage(
            "argument operation: \(ArgumentParser.invalidChoice(name, operationNames(of: service) + ["help"]))")
    }

    private func runWait(_ service: ServiceModel, _ words: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try ArgumentParser([ArgumentSpecification(positional: "subcommand", arity: .optional(constant: nil))]).parse(
            words)
        guard let name = parsed.text("subcommand") else {
            guard parsed.remaining.isEmpty else { throw CommandFailure.unknownOptions(parsed.remaining) }
            throw CommandFailure.parameter(
                "usage: aws [options] \(service.commandName) wait <subcommand> [parameters]\naws: [ERROR]: too few arguments")
        }
        if name == "help" {
            try context.showHelp([service.commandName, "wait"])
            return 0
        }
        guard let waiter = service.waiter(commandName: name), let operation = service.operation(waiter.operation) else {
            throw CommandFailure.usage(
                "argument subcommand: \(ArgumentParser.invalidChoice(name, service.waiters.map(\.commandName)))")
        }
        return try await OperationCommand(operation: operation, context: context, waiter: waiter).run(parsed.remaining)
    }
}
