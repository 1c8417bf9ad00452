// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Registry
import ServiceModel
import Services
import Synchronization
import Testing
import Wire
import World

/// The examples of the help pages, run as a reader would: each in a world of its own, what it needs first.
@Suite(.serialized) struct ExampleTests {
    /// A world with a working directory; gone when the test is over.
    final class Bench: Sendable {
        let folder: String
        private let world: World
        private let runner: CommandRunner
        private let output: Output

        final class Output: Sendable {
            private let bytes = Mutex<[UInt8]>([])

            func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
            func take() -> String {
                bytes.withLock { bytes in
                    defer { bytes = [] }
                    return String(decoding: bytes, as: UTF8.self)
                }
            }
        }

        init() throws {
            folder = FileManager.default.temporaryDirectory.path + "/example-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            world = try World.open(at: folder + "/world", bootstrap: WorldBootstrap.make())
            let environment = ServiceEnvironment(
                algorithms: Registry.algorithms, launcher: HostLauncher(executable: ProgramRunner.executable))
            let output = Output()
            self.output = output
            let variables = [
                "HOME": folder, "AWS_CONFIG_FILE": folder + "/config", "AWS_SHARED_CREDENTIALS_FILE": folder + "/keys",
            ]
            let key = try world.store.read {
                try AccessKey.all(of: .user(name: "student"), account: Account.initialID, in: $0).first
            }
            let credentials = key.map { Credentials(accessKeyID: $0.id, secretAccessKey: $0.secret) }
            runner = CommandRunner(
                client: Dispatcher(world: world, environment: environment),
                environment: CommandEnvironment(
                    variables: variables, workingDirectory: folder,
                    streams: CommandStreams(writeOutput: output.append, writeError: output.append),
                    defaults: CommandDefaults(region: "us-east-1", credentials: credentials)))
        }

        deinit {
            for host in (try? world.store.read { try HostProcess.all(in: $0) }) ?? [] { host.terminate(signal: SIGKILL) }
            try? world.close()
            try? FileManager.default.removeItem(atPath: folder)
        }

        func write(_ files: [Example.File]) throws {
            for file in files { try Data(file.content.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file.name)")) }
        }

        /// Runs a line, commands in `$(…)` first; what it printed and its status.
        func run(_ line: String) async throws -> (status: Int32, text: String) {
            var line = line.replacingOccurrences(of: "$(date +%s)", with: "\(Int(Date().timeIntervalSince1970))")
            while let start = line.range(of: "$("), let end = line.range(of: ")", range: start.upperBound..<line.endIndex) {
                let inner = try await run(String(line[start.upperBound..<end.lowerBound]))
                line.replaceSubrange(
                    start.lowerBound..<end.upperBound, with: inner.text.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            let words = try #require(Self.words(line))
            #expect(words.first == "aws")
            let status = await runner.run(Array(words.dropFirst()))
            return (status, output.take())
        }

        /// The words of a line in which quotes are whole words or the end of one.
        private static func words(_ line: String) -> [String]? {
            var words: [String] = []
            var word: String?
            var quote: Character?
            for character in line {
                switch (quote, character) {
                case (nil, " "):
                    if let finished = word { words.append(finished) }
                    word = nil
                case (nil, "'"), (nil, "\""):
                    quote = character
                    word = word ?? ""
                case (let open?, character) where open == character: quote = nil
                default: word = (word ?? "") + String(character)
                }
            }
            if let finished = word { words.append(finished) }
            return quote == nil ? words : nil
        }
    }

    @Test(arguments: ["application-autoscaling", "cloudwatch", "command", "ecr", "iam", "logs", "s3", "service-quotas", "sts"])
    func quickOnesRun(service: String) async throws {
        try await run(Examples.all.filter { $0.name.hasPrefix(service + " ") })
    }

    @Test func trainingAndHostingRun() async throws {
        try await run(Examples.all.filter { $0.name.hasPrefix("sagemaker") })
    }

    private func run(_ examples: [Example]) async throws {
        for example in examples {
            let bench = try Bench()
            for step in Examples.fixtures(of: example) + [example] {
                try bench.write(step.files)
                for command in step.commands {
                    let outcome = try await bench.run(command)
                    #expect(outcome.status == 0, "\(example.name): \(command)\n\(outcome.text)")
                }
            }
        }
    }

    @Test func whatTheWorkshopUsesHasExamples() {
        for service in ["iam", "s3", "sagemaker-runtime", "service-quotas", "sts"] {
            let operations = (ServiceTables.all[service]?().rows ?? [:]).keys.sorted()
            // What these take comes from an identity provider or out of another answer.
            let exempt = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "DecodeAuthorizationMessage"]
            let without = operations.filter { !exempt.contains($0) && Examples.operation($0, of: service) == nil }
            #expect(without.count * 10 <= operations.count, "\(service): \(without)")
        }
        for operation in ["CreateTrainingJob", "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "CreateNotebookInstance"] {
            #expect(Examples.operation(operation, of: "sagemaker") != nil)
        }
    }

    @Test func keptAndExampleLinesAreAboutOperationsWithHandlers() {
        for service in ServiceCatalog.services {
            let rows = ServiceTables.all[service.identifier]?().rows ?? [:]
            for operation in service.operations where rows[operation.name] == nil {
                #expect(Descriptions.kept(service.identifier, operation.name) == nil, "\(operation.name)")
                #expect(Examples.operation(operation.name, of: service.identifier) == nil, "\(operation.name)")
            }
        }
    }
}
