// SPDX-License-Identifier: Apache-2.0

import Endpoint
import Foundation
import Services
import Wire
import World

/// The world as the HTTP endpoint sees it.
struct WorldBackend: EndpointBackend {
    let dispatcher: Dispatcher
    /// Whether the key pair that everybody knows from AWS's documentation is let in.
    var acceptsExampleKey = true

    var client: any ServiceClient { dispatcher }

    var checksSigningTime: Bool { !dispatcher.environment.isRelaxed }

    func credentials(forAccessKeyID accessKeyID: String) async throws -> Credentials? {
        if !acceptsExampleKey, accessKeyID == IAMBootstrap.exampleKey.id { return nil }
        return try dispatcher.world.store.read { try AccessKey.find(accessKeyID, in: $0) }.flatMap { key in
            key.isActive ? Credentials(accessKeyID: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken) : nil
        }
    }

    func configuration(_ kind: String, ofBucket name: String) async throws -> Value? {
        try S3Service.configuration(kind, ofBucket: name, in: dispatcher.world)
    }
}
