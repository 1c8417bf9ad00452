// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// `aws configure`: asks for the four usual settings.
struct ConfigureCommand: CustomCommand {
    static let path = ["configure"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        if let first = arguments.first {
            guard first.hasPrefix("-") else {
                let choices = ["list", "get", "set", "list-profiles"]
                throw CommandFailure.usage("argument subcommand: \(ArgumentParser.invalidChoice(first, choices))")
            }
            throw CommandFailure.parameter("Unknown options: \(arguments.joined(separator: ","))")
        }
        let questions = [
            ("aws_access_key_id", "AWS Access Key ID"), ("aws_secret_access_key", "AWS Secret Access Key"),
            ("region", "Default region name"), ("output", "Default output format"),
        ]
        var input = InputLines(context.environment.streams)
        for (key, question) in questions {
            let known = Settings.value(key, context)
            let shown = known.map { key.hasPrefix("aws_") ? Settings.masked($0) : $0 } ?? "None"
            context.write("\(question) [\(shown)]: ")
            guard let answer = input.next() else { throw CancellationError() }
            if !answer.isEmpty { try Settings.set(key, answer, context) }
        }
        return 0
    }
}

/// `aws configure set NAME VALUE`.
struct ConfigureSetCommand: CustomCommand {
    static let path = ["configure", "set"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let parser = ArgumentParser([ArgumentSpecification(positional: "varname"), ArgumentSpecification(positional: "value")])
        let parsed = try parser.parse(arguments)
        if !parsed.remaining.isEmpty {
            throw CommandFailure.parameter("Unknown options: \(parsed.remaining.joined(separator: ","))")
        }
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
        if !parsed.remaining.isEmpty {
            throw CommandFailure.parameter("Unknown options: \(parsed.remaining.joined(separator: ","))")
        }
        guard let name = parsed.text("varname"), let value = Settings.value(name, context) else { return 1 }
        context.write(value + "\n")
        return 0
    }
}

/// `aws configure list`: which settings hold, and from where.
struct ConfigureListCommand: CustomCommand {
    static let path = ["configure", "list"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        let variables = context.environment.variables
        let files = context.configuration
        line("NAME", "VALUE", "TYPE", "LOCATION", context)
        if let profile = context.options.profile {
            line("profile", profile, "manual", "--profile", context)
        } else if let profile = nonEmpty(variables["AWS_PROFILE"]) ?? nonEmpty(variables["AWS_DEFAULT_PROFILE"]) {
            line("profile", profile, "env", "['AWS_DEFAULT_PROFILE', 'AWS_PROFILE']", context)
        } else {
            line("profile", "<not set>", "None", "None", context)
        }
        for (name, key, variable) in [
            ("access_key", "aws_access_key_id", "AWS_ACCESS_KEY_ID"),
            ("secret_key", "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
        ] {
            if let value = nonEmpty(variables[variable]) {
                line(name, Settings.masked(value), "env", "", context)
            } else if let value = files.value(key) {
                let isShared = files.credentialProfiles.contains(files.profileName)
                line(name, Settings.masked(value), isShared ? "shared-credentials-file" : "config-file", "", context)
            } else if let value = Settings.value(key, context) {
                line(name, Settings.masked(value), "default", "", context)
            } else {
                line(name, "<not set>", "None", "None", context)
            }
        }
        if let region = nonEmpty(variables["AWS_REGION"]) ?? nonEmpty(variables["AWS_DEFAULT_REGION"]) {
            line("region", region, "env", "['AWS_REGION', 'AWS_DEFAULT_REGION']", context)
        } else if let region = files.value("region") {
            line("region", region, "config-file", shownPath(files.configurationPath, variables["HOME"]), context)
        } else if let region = context.environment.defaults.region {
            line("region", region, "default", "", context)
        } else {
            line("region", "<not set>", "None", "None", context)
        }
        return 0
    }

    private func line(_ name: String, _ value: String, _ type: String, _ location: String, _ context: CommandContext) {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
        }
        context.write("\(padded(name, 10)) : \(padded(value, 24)) : \(padded(type, 16)) : \(location)\n")
    }

    private func shownPath(_ path: String, _ home: String?) -> String {
        guard let home, path.hasPrefix(home + "/") else { return path }
        return "~" + path.dropFirst(home.count)
    }
}

/// `aws configure list-profiles`.
struct ConfigureListProfilesCommand: CustomCommand {
    static let path = ["configure", "list-profiles"]

    func run(_ arguments: [String], _ context: CommandContext) async throws -> Int32 {
        for name in context.configuration.profileNames { context.write(name + "\n") }
        return 0
    }
}

/// Reading and changing the settings files.
enum Settings {
    /// A setting of the profile in use, `default.NAME` or `profile.PROFILE.NAME`; the shell's own settings stand behind
    /// those of the default profile.
    static func value(_ name: String, _ context: CommandContext) -> String? {
        let (profile, key) = place(of: name, context)
        if let value = context.configuration.profiles[profile]?[key] { return value }
        guard profile == "default" else { return nil }
        let defaults = context.environment.defaults
        return switch key {
        case "aws_access_key_id": defaults.credentials?.accessKeyID
        case "aws_secret_access_key": defaults.credentials?.secretAccessKey
        case "aws_session_token": defaults.credentials?.sessionToken
        case "region": defaults.region
        default: nil
        }
    }

    static func set(_ name: String, _ value: String, _ context: CommandContext) throws {
        let (profile, key) = place(of: name, context)
        let isSecret = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"].contains(key)
        let path = isSecret ? context.configuration.credentialsPath : context.configuration.configurationPath
        let section = isSecret || profile == "default" ? profile : "profile \(profile)"
        var file = ConfigurationFile(
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "")
        file.set(key, value, section: section)
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(file.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw CommandFailure.general("Could not write \(path): \(error.localizedDescription)")
        }
    }

    private static func place(of name: String, _ context: CommandContext) -> (profile: String, key: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 2, parts[0] == "profile" { return (parts[1], parts.dropFirst(2).joined(separator: ".")) }
        if parts.count > 1, parts[0] == "default" || context.configuration.profiles[parts[0]] != nil {
            return (parts[0], parts.dropFirst().joined(separator: "."))
        }
        return (context.configuration.profileName, name)
    }

    /// A secret with all but its last four characters hidden.
    static func masked(_ secret: String) -> String { String(repeating: "*", count: 16) + secret.suffix(4) }
}

/// The lines of a command's input.
struct InputLines {
    private let streams: CommandStreams
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    init(_ streams: CommandStreams) {
        self.streams = streams
    }

    /// The next line without its end; nil at the end of the input.
    mutating func next() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0a) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            if isAtEnd {
                if buffer.isEmpty { return nil }
                defer { buffer = [] }
                return String(decoding: buffer, as: UTF8.self)
            }
            let piece = streams.readInput(4096)
            if piece.isEmpty { isAtEnd = true }
            buffer += piece
        }
    }
}
