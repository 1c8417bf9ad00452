// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel
import Synchronization
import Wire

@testable import CommandLine

/// Answers requests from a function, and remembers them.
final class ScriptedClient: ServiceClient {
    private let answers: @Sendable (ServiceRequest, Int) throws -> ServiceResponse
    private let received = Mutex<[ServiceRequest]>([])
    private let waits = Mutex<Int>(0)

    /// - Parameter answers: Gets the request and how many came before it.
    init(_ answers: @escaping @Sendable (ServiceRequest, Int) throws -> ServiceResponse = { _, _ in ServiceResponse() }) {
        self.answers = answers
    }

    var requests: [ServiceRequest] { received.withLock { $0 } }
    var waitCount: Int { waits.withLock { $0 } }

    func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        let place = received.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        return try answers(request, place)
    }

    func waitForChange(atMost seconds: Double) async throws {
        waits.withLock { $0 += 1 }
    }
}

/// Runs commands as a process would see them: words in, bytes and a status out.
final class CommandLineHarness: Sendable {
    struct Outcome {
        var status: Int32
        var output: String
        var error: String
    }

    let client: ScriptedClient
    let folder: String
    private let variables: [String: String]
    private let now = Mutex<Double>(1_800_000_000)

    init(
        _ client: ScriptedClient = ScriptedClient(),
        variables: [String: String] = [
            "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x",
        ]
    ) throws {
        self.client = client
        folder = NSTemporaryDirectory() + "sagebrush-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.variables = variables.merging(["HOME": folder]) { given, _ in given }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"), encoding: .utf8)
    }

    /// Runs a line as a shell would split it.
    func run(_ line: String, input: String = "") async throws -> Outcome {
        try await run(words: Tokenizer.words(line).map(\.text), input: input)
    }

    func run(words: [String], input: String = "") async throws -> Outcome {
        let output = Mutex<[UInt8]>([])
        let error = Mutex<[UInt8]>([])
        let left = Mutex<[UInt8]>(Array(input.utf8))
        let box = Box(output, error, left)
        let streams = CommandStreams(
            writeOutput: { bytes in box.output.withLock { $0 += bytes } },
            writeError: { bytes in box.error.withLock { $0 += bytes } },
            readInput: { count in
                box.input.withLock { bytes in
                    defer { bytes.removeFirst(min(count, bytes.count)) }
                    return Array(bytes.prefix(count))
                }
            })
        let environment = CommandEnvironment(
            variables: variables, workingDirectory: folder, streams: streams, timeZone: TimeZone(secondsFromGMT: 0) ?? .current,
            now: { [self] in
                now.withLock { now in
                    now += 30
                    return now
                }
            })
        let status = await CommandRunner(client: client, environment: environment).run(words)
        return Outcome(
            status: status, output: box.output.withLock { String(decoding: $0, as: UTF8.self) },
            error: box.error.withLock { String(decoding: $0, as: UTF8.self) })
    }

    private final class Box: Sendable {
        let output: Mutex<[UInt8]>
        let error: Mutex<[UInt8]>
        let input: Mutex<[UInt8]>

        init(_ output: consuming Mutex<[UInt8]>, _ error: consuming Mutex<[UInt8]>, _ input: consuming Mutex<[UInt8]>) {
            self.output = output
            self.error = error
            self.input = input
        }
    }
}

/// What the real command prints below complaints about a command line.
let usageText = """
    usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
    To see help text, you can run:

      aws help
      aws <command> help
      aws <command> <subcommand> help

    """
