// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// One script of a lifecycle configuration, run when an instance is created or started.
///
/// Source: developer guide, "Customization of a SageMaker notebook instance using an LCC script".
struct LifecycleScript {
    /// `OnCreate` or `OnStart`.
    var hook: String
    /// The script in base64.
    var content: String
    var configurationARN: String
    var instanceARN: String
    /// How long it may take, in seconds outside.
    var limitSeconds: Double

    /// How long the service lets a script take, in seconds.
    static let limitSeconds = 300.0

    /// Why the instance fails.
    struct Failure: Error {
        var reason: String
    }

    /// Runs the script to its end; its lines go to `log`.
    ///
    /// - Throws: ``Failure``; `CancellationError` where the instance is to stop.
    func run(in folders: NotebookFolders, variables: [String: String], stopFlag: StopFlag, log: HostLog) async throws {
        guard let bytes = Base64.decode(content) else { throw failure("is not base64.") }
        let path = folders.scriptPath(hook)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        let hasInterpreter = bytes.starts(with: Array("#!".utf8))
        let program = UserProgram(
            executable: hasInterpreter ? path : "/bin/bash", arguments: hasInterpreter ? [] : [path], environment: variables,
            directory: folders.home)
        let flushing = Task { await log.flushRegularly() }
        defer { flushing.cancel() }
        let running: RunningProgram
        do {
            running = try program.start { log.write($0) }
        } catch {
            throw failure("can't be run: its first line must name an interpreter that is there, such as #!/bin/bash.")
        }
        let isLate = StopFlag()
        let limit = Task {
            let deadline = ContinuousClock.now + .seconds(limitSeconds)
            while ContinuousClock.now < deadline, !stopFlag.isSet { try await Task.sleep(for: .milliseconds(20)) }
            if !stopFlag.isSet { isLate.set() }
            running.kill()
        }
        let ending = await running.ending
        limit.cancel()
        try log.flush()
        if stopFlag.isSet { throw CancellationError() }
        if isLate.isSet { throw failure("took longer than 5 minutes.") }
        guard ending == .exited(status: 0) else { throw failure("ended with exit code \(ending.exitCode) (\(hook)).") }
    }

    private func failure(_ what: String) -> Failure {
        Failure(
            reason: "Notebook Instance Lifecycle Config '\(configurationARN)' for Notebook Instance '\(instanceARN)' \(what)"
                + " Please check your CloudWatch logs for more details if your Notebook Instance has Internet access.")
    }
}
