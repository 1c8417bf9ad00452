// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Changing the settings files.
enum Settings {
    /// Sets `NAME` of the profile in use, `default.NAME` or `profile.PROFILE.NAME`.
    static func set(_ name: String, _ value: String, _ context: CommandContext) throws {
        let (profile, key) = place(of: name, context)
        try set(key, value, profile: profile, context)
    }

    /// Sets a key of a profile: secrets in the credentials file, the rest in the configuration file.
    static func set(_ key: String, _ value: String, profile: String, _ context: CommandContext) throws {
        if value.contains(where: \.isNewline) {
            throw CommandFailure.general(
                "Invalid value for key \(key): newline characters and carriage returns are not allowed.")
        }
        let isSecret = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"].contains(key)
        let path = isSecret ? context.configuration.credentialsPath : context.configuration.configurationPath
        let shown = profile.contains(where: { $0 == " " || $0 == "\t" }) ? "'\(profile)'" : profile
        let section = isSecret || profile == "default" ? profile : "profile \(shown)"
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

    /// The profile and the key that a name stands for.
    static func place(of name: String, _ context: CommandContext) -> (profile: String, key: String) {
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
    ///
    /// Throws `CancellationError` where the task is cancelled.
    mutating func next() throws -> String? {
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
            let piece = try streams.readInput(4096)
            if piece.isEmpty { isAtEnd = true }
            buffer += piece
        }
    }
}
