// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The built program in a world of its own, as a user runs it.
final class ProgramRunner: Sendable {
    /// What a command came to.
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String

        /// The output without the newline at its end.
        var text: String { output.trimmingCharacters(in: .newlines) }
    }

    let folder: String
    var world: String { folder + "/world" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sagebrush-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        _ = try? run(["world", "reset", "--yes"])
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The program lies beside the test bundle.
    static let executable: String = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "sagebrush").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue { return candidate }
            folder.deleteLastPathComponent()
        }
        return "sagebrush"
    }()

    /// The environment of every run: nothing of the developer's own AWS configuration.
    var variables: [String: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "SAGEBRUSH_WORLD": world,
            "TZ": "UTC",
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
        ]
    }

    /// Runs the program to its end.
    func run(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws -> Outcome {
        let id = UUID().uuidString
        let paths = ["in", "out", "err"].map { folder + "/\(id).\($0)" }
        defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
        try Data(input.utf8).write(to: URL(fileURLWithPath: paths[0]))
        for path in paths.dropFirst() { try Data().write(to: URL(fileURLWithPath: path)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProgramRunner.executable)
        process.arguments = arguments
        process.environment = variables.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        // Files rather than pipes: a host that outlives the program must not keep the test waiting.
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: paths[0]))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[1]))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: paths[2]))
        try process.run()
        process.waitUntilExit()
        let texts = try paths.dropFirst().map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
        return Outcome(
            status: process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus,
            output: texts[0], errors: texts[1])
    }

    /// Runs `aws …`, given as a line of words.
    func aws(_ words: String...) throws -> Outcome {
        try run(["aws"] + words.flatMap { $0.split(separator: " ").map(String.init) })
    }

    /// Writes a file in the test's folder and gives its path.
    func file(_ name: String, _ text: String) throws -> String {
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Makes a role that SageMaker may assume and that has the given managed policies; gives its ARN.
    func makeRole(_ name: String, policies: [String] = ["AmazonSageMakerFullAccess", "AmazonS3FullAccess"]) throws -> String {
        let trust = try file(
            "trust.json",
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
        )
        let arn = try aws(
            "iam create-role --role-name \(name) --query Role.Arn --output text --assume-role-policy-document file://\(trust)"
        ).text
        for policy in policies {
            _ = try aws("iam attach-role-policy --role-name \(name) --policy-arn arn:aws:iam::aws:policy/\(policy)")
        }
        return arn
    }
}
