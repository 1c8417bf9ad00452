// SPDX-License-Identifier: Apache-2.0

import Endpoint
import Foundation
import Hosts
import Services
import Wire
import World

/// `sagebrush host KIND --world PATH --id ID`: the processes that are instances.
///
/// Not for people.
enum HostCommand {
    static func run(_ words: [String]) async -> Int32 {
        do {
            if words.first == "benchmark" {
                try BenchmarkCommand.run(Array(words.dropFirst()))
                return 0
            }
            if words.first == ContainerRelay.kind { return try await ContainerRelay.run(Array(words.dropFirst())) }
            guard words.count == 5, words[1] == "--world", words[3] == "--id" else {
                throw UsageError("host KIND --world PATH --id ID: hosts are started by the services.")
            }
            var options = ProgramSettings()
            options.worldPath = words[2]
            let session = try Session.open(options)
            let dispatcher = session.dispatcher
            defer { dispatcher.meter.flush() }
            let environment = HostEnvironment(
                world: session.world, algorithms: dispatcher.environment.algorithms,
                clientAssumingRole: { try dispatcher.client(assumingRole: $0, sessionName: $1) },
                advance: { try await dispatcher.advance(jobWithARN: $0) },
                roleCredentials: { try Self.credentials(ofRole: $0, dispatcher) },
                serveEndpoint: { onListening in
                    let server = EndpointServer(
                        backend: WorldBackend(dispatcher: dispatcher), port: 0, defaultRegion: session.region)
                    try await server.run(handlesSignals: false) { onListening($0) }
                })
            try await Host.run(kind: words[0], id: words[4], environment: environment)
            return 0
        } catch {
            return Program.report(error)
        }
    }

    private static func credentials(ofRole arn: String, _ dispatcher: Dispatcher) throws -> RoleCredentials {
        let key = try dispatcher.key(assumingRole: arn, sessionName: "SageMaker")
        return RoleCredentials(
            credentials: Credentials(accessKeyID: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken),
            expirationTime: key.expirationTime ?? 0)
    }
}
