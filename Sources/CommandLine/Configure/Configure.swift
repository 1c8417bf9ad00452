// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// `aws configure`: asks for the usual settings.
struct ConfigureCommand: CustomCommand {
    static let path = ["configure"]

    private static let questions = [
        ("aws_access_key_id", "AWS Access Key ID"), ("aws_secret_access_key", "AWS Secret Access Key"),
        ("aws_session_token", "AWS Session Token"), ("region", "Default region name"), ("output", "Default output format"),
    ]
    /// The real command's subcommands, those that sign in elsewhere among them.
    private static let subcommands = [
        "list", "get", "set", "add-model", "import", "list-profiles", "sso", "sso-session", "mfa-login", "export-credentials",
        "agent-toolkit",
    ]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        if let first = arguments.first {
            if Self.subcommands.contains(first) {
                throw CommandFailure.general(
                    "\"aws configure \(first)\" is not simulated. Profiles are made with: aws configure --profile NAME")
            }
            guard first.hasPrefix("-") else {
                throw CommandFailure.usage("argument subcommand: \(ArgumentParser.invalidChoice(first, Self.subcommands))")
            }
            throw CommandFailure.unknownOptions(arguments)
        }
        let known = context.configuration.profiles[context.configuration.profileName] ?? [:]
        if known.isEmpty {
            context.write(
                "\nTip: You can deliver temporary credentials to the AWS CLI using your AWS Console session by running the command "
                    + "'aws login'.\n\n")
        }
        var input = InputLines(context.environment.streams)
        var answers: [(key: String, value: String)] = []
        for (key, question) in Self.questions {
            if key == "aws_session_token", !wantsToken(answers, known) { continue }
            let shown = known[key].map { key.hasPrefix("aws_") ? Settings.masked($0) : $0 } ?? "None"
            context.write("\(question) [\(shown)]: ")
            guard let answer = try input.next() else { throw CommandFailure.general("EOF when reading a line") }
            if !answer.isEmpty, answer != known[key] { answers.append((key, answer)) }
        }
        for (key, value) in answers { try Settings.set(key, value, context) }
        return 0
    }

    /// Only keys of a session come with a token.
    private func wantsToken(_ answers: [(key: String, value: String)], _ known: [String: String]) -> Bool {
        if let key = answers.first(where: { $0.key == "aws_access_key_id" })?.value { return key.hasPrefix("ASIA") }
        return nonEmpty(known["aws_session_token"]) != nil
    }
}

/// `aws configure set NAME VALUE`.
struct ConfigureSetCommand: CustomCommand {
    static let path = ["configure", "set"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let parser = ArgumentParser([ArgumentSpecification(positional: "varname"), ArgumentSpecification(positional: "value")])
        let parsed = try parser.parse(arguments)
        if !parsed.remaining.isEmpty { throw CommandFailure.unknownOptions(parsed.remaining) }
        guard let name = parsed.text("varname"), let value = parsed.text("value") else { return 1 }
        try Settings.set(name, value, context)
        return 0
    }
}

/// `aws configure get NAME`: the setting of the files; status 1 where there is none.
struct ConfigureGetCommand: CustomCommand {
    static let path = ["configure", "get"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let parsed = try ArgumentParser([ArgumentSpecification(positional: "varname")]).parse(arguments)
        if !parsed.remaining.isEmpty { throw CommandFailure.unknownOptions(parsed.remaining) }
        guard let name = parsed.text("varname") else { return 1 }
        let (profile, key) = Settings.place(of: name, context)
        let settings = context.configuration.profiles[profile] ?? [:]
        if let value = settings[key] {
            context.write(value + "\n")
            return 0
        }
        if settings.keys.contains(where: { $0.hasPrefix(key + ".") }) {
            context.writeError("varname (\(name)) must reference a value, not a section or sub-section.")
        }
        return 1
    }
}

/// `aws configure list`: which settings hold, and from where.
struct ConfigureListCommand: CustomCommand {
    static let path = ["configure", "list"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        if !arguments.isEmpty { throw CommandFailure.unknownOptions(arguments) }
        let variables = context.environment.variables
        let files = context.configuration
        line("NAME", "VALUE", "TYPE", "LOCATION", context)
        if let profile = context.options.profile {
            line("profile", profile, "manual", "--profile", context)
        } else if let profile = nonEmpty(variables["AWS_PROFILE"]) ?? nonEmpty(variables["AWS_DEFAULT_PROFILE"]) {
            line("profile", profile, "env", "['AWS_PROFILE', 'AWS_DEFAULT_PROFILE']", context)
        } else {
            line("profile", "<not set>", "None", "None", context)
        }
        guard files.isProfileKnown else {
            throw CommandFailure.general("The config profile (\(files.profileName)) could not be found")
        }
        if let credentials = try await context.credentials() {
            line("access_key", Settings.masked(credentials.accessKeyID), method(context), "", context)
            line("secret_key", Settings.masked(credentials.secretAccessKey), method(context), "", context)
        } else {
            for name in ["access_key", "secret_key"] { line(name, "<not set>", "None", "None", context) }
        }
        if let region = variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"] {
            line("region", region, "env", "['AWS_REGION', 'AWS_DEFAULT_REGION']", context)
        } else if let region = files.value("region") {
            line("region", region, "config-file", variables["AWS_CONFIG_FILE"] ?? "~/.aws/config", context)
        } else {
            line("region", "<not set>", "None", "None", context)
        }
        return 0
    }

    /// Where the credentials are from.
    private func method(_ context: CommandContext) -> String {
        let variables = context.environment.variables
        let files = context.configuration
        if context.options.profile == nil, nonEmpty(variables["AWS_ACCESS_KEY_ID"]) != nil { return "env" }
        if files.profiles[files.profileName]?["role_arn"] != nil { return "assume-role" }
        return files.credentialProfiles.contains(files.profileName) ? "shared-credentials-file" : "config-file"
    }

    private func line(_ name: String, _ value: String, _ type: String, _ location: String, _ context: CommandContext) {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
        }
        context.write("\(padded(name, 10)) : \(padded(value, 24)) : \(padded(type, 16)) : \(location)\n")
    }
}

/// `aws configure list-profiles`.
struct ConfigureListProfilesCommand: CustomCommand {
    static let path = ["configure", "list-profiles"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        if !arguments.isEmpty { throw CommandFailure.unknownOptions(arguments) }
        for name in context.configuration.profileNames { context.write(name + "\n") }
        return 0
    }
}
