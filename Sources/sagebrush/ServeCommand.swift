// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoint
import Foundation

/// `sagebrush serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answers the AWS CLI, boto3 and other SDKs over HTTP, with this world.",
        discussion: "For clients: AWS_ENDPOINT_URL=http://127.0.0.1:4566, with the key pair that `configure get` shows.")

    @OptionGroup var options: ProgramOptions

    @Option(help: "The port to listen on.")
    var port = 4566

    func run() async throws {
        guard (0...65_535).contains(port) else { throw UsageError("--port takes a number from 0 to 65535, not \(port).") }
        let session = try Session.open(options.effective)
        let server = EndpointServer(
            backend: WorldBackend(dispatcher: session.dispatcher), host: "127.0.0.1", port: port, defaultRegion: session.region)
        try await server.run { port in
            FileHandle.standardError.write(Data("Sagebrush answers at http://127.0.0.1:\(port)\n".utf8))
        }
    }
}
