// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Registry
import RemoteClient
import Services
import Synchronization
import Testing
import World

@testable import sagebrush

/// Replays Tests/Transcripts: what the real CLI printed for a command, ours must print.
@Suite(.serialized) struct TranscriptTests {
    static let files: [String] = {
        let folder = Transcript.root.appendingPathComponent("Tests/Transcripts").path
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test(arguments: files) func replays(_ name: String) async throws {
        let transcript = try Transcript(name)
        let replay = try Replay()
        var differences: [String] = []
        for step in transcript.steps {
            let outcome = try await replay.run(step.line)
            guard step.isCompared else {
                if outcome.status != 0 { differences.append("line \(step.number): \(outcome.status) \(outcome.errors)") }
                continue
            }
            let expected = "\(step.output)---\n\(step.errors)= \(step.status)"
            let found =
                try "\(replay.normal(outcome.output, isUnordered: step.isUnordered))---\n"
                + "\(replay.normal(outcome.errors, isUnordered: step.isUnordered))= \(outcome.status)"
            if found != expected { differences.append("line \(step.number): \(step.line)\n\(expected)\nbut:\n\(found)") }
        }
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n\n"))")
    }
}

/// One file of Tests/Transcripts; its README has the format.
struct Transcript {
    struct Step {
        var number: Int
        var line: String
        /// False for lines that only set the scene.
        var isCompared: Bool
        /// The real CLI prints these lines in no certain order.
        var isUnordered: Bool
        var output = ""
        var errors = ""
        var status: Int32 = 0
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized

    private(set) var steps: [Step] = []

    init(_ name: String) throws {
        let path = Self.root.appendingPathComponent("Tests/Transcripts/\(name)")
        var lines = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n").enumerated().makeIterator()
        while let (number, line) = lines.next() {
            guard let mark = line.first, mark != "#" else { continue }
            let text = String(line.dropFirst(2))
            switch mark {
            case "%", "$", "~":
                var whole = text
                while whole.hasSuffix("\\"), let (_, more) = lines.next() { whole = whole.dropLast() + "\n" + more }
                steps.append(Step(number: number + 1, line: whole, isCompared: mark != "%", isUnordered: mark == "~"))
            case _ where steps.isEmpty: throw TranscriptError(description: "\(name):\(number + 1): no command stands before this")
            case "|": steps[steps.count - 1].output += text + "\n"
            case "!": steps[steps.count - 1].errors += text + "\n"
            case "=": steps[steps.count - 1].status = Int32(text) ?? -1
            default: throw TranscriptError(description: "\(name):\(number + 1): a line begins with $ ~ % | ! = or #")
            }
        }
    }
}

struct TranscriptError: Error, CustomStringConvertible {
    var description: String
}

/// A fresh world in which lines run: plain `aws` commands in this process, others by the built program's shell.
final class Replay: Sendable {
    private let runner: ProgramRunner
    private let session: Session
    private let dispatcher: Dispatcher
    private let work: String
    private let volatile: [(pattern: NSRegularExpression, template: String)]

    init() throws {
        runner = try ProgramRunner()
        work = runner.folder + "/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        session = try Session.open(ProgramSettings(worldPath: runner.world))
        let environment = ServiceEnvironment(
            algorithms: Registry.algorithms, launcher: HostLauncher(executable: ProgramRunner.executable),
            publicData: { PublicData.producers[$0] })
        dispatcher = Dispatcher(world: session.world, environment: environment)
        let table = try String(
            contentsOf: Transcript.root.appendingPathComponent("scripts/compare/volatile"), encoding: .utf8)
        volatile = try table.components(separatedBy: "\n").filter { !$0.isEmpty && !$0.hasPrefix("#") }.map { row in
            let parts = row.components(separatedBy: "\t")
            return (
                try NSRegularExpression(pattern: parts[0]),
                parts.count > 1 ? parts[1].replacingOccurrences(of: "\\n", with: "\n") : ""
            )
        }
    }

    func run(_ line: String) async throws -> ProgramRunner.Outcome {
        if let words = ShellLine.plainWords(line), words.first == "aws" { return await runHere(Array(words.dropFirst())) }
        return try runner.run(["-c", "set -o pipefail; cd '\(work)'; \(line)"], environment: ["AWS_REGION": "us-east-1"])
    }

    private func runHere(_ words: [String]) async -> ProgramRunner.Outcome {
        let texts = Texts()
        let streams = CommandStreams(
            writeOutput: { bytes in texts.output.withLock { $0 += bytes } },
            writeError: { bytes in texts.errors.withLock { $0 += bytes } })
        let variables = runner.variables.merging([
            "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": session.world.path + "/aws/config",
            "AWS_SHARED_CREDENTIALS_FILE": session.world.path + "/aws/credentials",
        ]) { $1 }
        let environment = CommandEnvironment(
            variables: variables, workingDirectory: work, streams: streams, timeZone: .gmt,
            remoteClient: { RemoteClient(address: $0) })
        let status = await CommandRunner(client: dispatcher, environment: environment).run(words)
        return ProgramRunner.Outcome(
            status: status, output: texts.output.withLock { String(decoding: $0, as: UTF8.self) },
            errors: texts.errors.withLock { String(decoding: $0, as: UTF8.self) })
    }

    private final class Texts: Sendable {
        let output = Mutex<[UInt8]>([])
        let errors = Mutex<[UInt8]>([])
    }

    /// A text without what differs from run to run, as transcripts have it.
    func normal(_ text: String, isUnordered: Bool) throws -> String {
        var text = text.replacingOccurrences(of: runner.folder, with: "<side>")
        for (pattern, template) in volatile {
            text = pattern.stringByReplacingMatches(
                in: text, range: NSRange(text.startIndex..., in: text), withTemplate: template)
        }
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        guard isUnordered else { return text }
        return text.components(separatedBy: "\n").dropLast().sorted().map { $0 + "\n" }.joined()
    }
}
