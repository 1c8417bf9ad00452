// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import RemoteClient
import ServiceModel
import Services
import Wire
import World

extension Session {
    /// Runs the words after `aws` and gives the exit status.
    ///
    /// - Parameter showsProgress: Whether bars and spinners take the place of the real CLI's progress lines: not in scripts.
    func runAWS(_ words: [String], streams: CommandStreams = .process, showsProgress: Bool = true) async -> Int32 {
        let clock = (try? world.store.read { try $0.clock() }) ?? .initial
        var size = winsize()
        let isTerminal = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        var environment = CommandEnvironment(
            variables: variables, streams: streams, defaults: CommandDefaults(region: region, credentials: credentials()),
            terminalWidth: isTerminal ? Int(size.ws_col) : 80, now: { clock.now() },
            remoteClient: { RemoteClient(address: $0) }, simulation: Session.simulation,
            progress: showsProgress ? TerminalProgress.standard(variables: variables) : nil)
        environment.foreignVariables = foreignCredentials
        environment.lastRefusal = { Refusals.last(ofAccount: context.account, in: world) }
        return await CommandRunner(client: client(for: words), environment: environment).run(words)
    }

    /// The dispatcher; in a session of a prompt, with what it takes to undo what it changes noted.
    private func client(for words: [String]) -> any ServiceClient {
        guard let journal = UndoJournal.current(variables) else { return dispatcher }
        let line = String(words.map(Tokenizer.quoted).joined(separator: " ").prefix(200))
        return UndoRecorder(client: dispatcher, journal: journal, command: UUID().uuidString, line: line)
    }

    /// The key of the account's administrator; nil where it was deleted.
    func credentials() -> Credentials? {
        let account = account
        let key = try? world.store.read { try AccessKey.all(of: .user(name: "student"), account: account, in: $0).first }
        return key.flatMap { $0 }.map { Credentials(accessKeyID: $0.id, secretAccessKey: $0.secret) }
    }

    /// How much of an operation of a service there is.
    @Sendable static func simulation(_ service: String, _ operation: String) -> Simulation {
        guard ServiceTables.all[service]?().rows[operation] != nil else { return .modelledOnly }
        return Descriptions.kept(service, operation) == nil ? .real : .kept
    }
}

extension RemoteClient {
    /// A client of the endpoint that a command names.
    init?(address: RemoteAddress) {
        self.init(
            address.url,
            settings: Settings(
                connectTimeoutSeconds: address.connectTimeoutSeconds, readTimeoutSeconds: address.readTimeoutSeconds,
                verifiesCertificates: address.verifiesCertificates, certificateFile: address.certificateFile,
                maximumAttempts: address.maximumAttempts))
    }
}
