// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What Ctrl-C does to a command that is a process of its own, as in a script or behind the name `aws`.
@Suite(.serialized) struct InterruptTests {
    private let runner: ProgramRunner

    init() throws {
        runner = try ProgramRunner()
        #expect(try runner.run(["aws", "s3", "mb", "s3://interrupted"]).status == 0)
    }

    /// Runs a command, interrupts it once it listens to interrupts, and gives its status and texts.
    private func interrupted(_ words: [String]) async throws -> ProgramRunner.Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProgramRunner.executable)
        process.arguments = ["aws"] + words
        process.environment = runner.variables
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
        try process.run()
        let caught = "/proc/\(process.processIdentifier)/status"
        let interrupt: UInt64 = 1 << UInt64(SIGINT - 1)
        while process.isRunning {
            let lines = try String(contentsOfFile: caught, encoding: .utf8).split(separator: "\n")
            let mask = lines.first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
            if (mask ?? 0) & interrupt != 0 { break }
            await Task.yield()
        }
        kill(process.processIdentifier, SIGINT)
        let texts = try [output, errors].map { String(decoding: try $0.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self) }
        process.waitUntilExit()
        try input.fileHandleForWriting.close()
        return ProgramRunner.Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    @Test func aWaiterEndsWithTheStatusOfAnInterrupt() async throws {
        let outcome = try await interrupted(["s3api", "wait", "bucket-exists", "--bucket", "not-there"])
        #expect(outcome.status == 130 && outcome.output == "\n" && outcome.errors.isEmpty)
    }

    @Test func aTransferSaysThatItWasCancelledAndLeavesNothing() async throws {
        let outcome = try await interrupted(["s3", "cp", "-", "s3://interrupted/key"])
        #expect(outcome.status == 1 && outcome.errors == "cancelled: ctrl-c received\n")
        #expect(try runner.run(["aws", "s3", "ls", "s3://interrupted"]).output.isEmpty)
    }

    @Test func followingALogEndsWell() async throws {
        #expect(try runner.run(["aws", "logs", "create-log-group", "--log-group-name", "g"]).status == 0)
        let outcome = try await interrupted(["logs", "tail", "g", "--follow"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
    }
}
