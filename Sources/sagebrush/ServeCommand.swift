// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoint
import Foundation
import Services
import World

/// `sagebrush serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answers the AWS CLI, boto3 and other SDKs over HTTP, with this world.",
        discussion: """
            For clients: AWS_ENDPOINT_URL=http://127.0.0.1:4566, with the key pair that `configure get` shows.

            Others than this machine are let in with --host. The example key pair is then refused, a key of its own is printed, and \
            nobody changes anything without a signature.

            With --certificate and --private-key the endpoint is https.
            """)

    @OptionGroup var options: ProgramOptions

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 4566

    @Option(help: "The address to listen on, for instance 0.0.0.0.")
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("Where one line a request goes; - for the standard error.", valueName: "file"))
    var accessLog: String?

    @Option(help: ArgumentHelp("The certificate (and its chain) to serve https with, in PEM form.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, in PEM form.", valueName: "file"))
    var privateKey: String?

    @Flag(help: "Leaves out checks of AWS's that other emulators do not make, for test suites written for those.")
    var relaxed = false

    func run() async throws {
        guard (0...65_535).contains(port) else { throw UsageError("--port takes a number from 0 to 65535, not \(port).") }
        let serverCertificate = try readCertificate()
        let session = try Session.open(options.effective, isRelaxed: relaxed)
        let isLocal = ["127.0.0.1", "::1", "localhost"].contains(host)
        if !isLocal { try printFreshKey(of: session) }
        let server = EndpointServer(
            backend: WorldBackend(dispatcher: session.dispatcher, acceptsExampleKey: isLocal), host: host, port: port,
            defaultRegion: session.region, allowsAnonymousWrites: isLocal, certificate: serverCertificate,
            accessLog: try accessLog.map(Self.log))
        let scheme = serverCertificate == nil ? "http" : "https"
        let shown = host.contains(":") ? "[\(host)]" : host
        try await server.run { port in
            FileHandle.standardError.write(Data("Sagebrush answers at \(scheme)://\(shown):\(port)\n".utf8))
        }
    }

    /// What https is served with; nil where plain HTTP is wanted.
    private func readCertificate() throws -> ServerCertificate? {
        switch (certificate, privateKey) {
        case (nil, nil): return nil
        case (let certificate?, let privateKey?):
            do {
                return try ServerCertificate(certificate: certificate, privateKey: privateKey)
            } catch let problem as ServerCertificate.Problem {
                throw UsageError(problem.description)
            }
        case (nil, _?): throw UsageError("--private-key needs --certificate FILE beside it.")
        case (_?, nil): throw UsageError("--certificate needs --private-key FILE beside it.")
        }
    }

    /// The administrator's key that is not the example's, made where there is none.
    private func printFreshKey(of session: Session) throws {
        let key = try session.world.store.write { database in
            try IAMBootstrap.privateKey(account: session.account, in: database, now: Clock.initial.now())
        }
        FileHandle.standardError.write(
            Data("AWS_ACCESS_KEY_ID=\(key.id)\nAWS_SECRET_ACCESS_KEY=\(key.secret)\n".utf8))
    }

    private static func log(to path: String) throws -> @Sendable (AccessLogEntry) -> Void {
        if path == "-" { return { FileHandle.standardError.write(Data(($0.text + "\n").utf8)) } }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UsageError("\(path) can't be written: \(String(cString: strerror(errno)))") }
        // Lines of several processes do not run into each other: each is one write at the end of the file.
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return { entry in try? file.write(contentsOf: Data((entry.text + "\n").utf8)) }
    }
}
