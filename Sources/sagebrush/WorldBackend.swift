// SPDX-License-Identifier: Apache-2.0

import Endpoint
import Foundation
import Services
import Wire
import World

/// The world as the HTTP endpoint sees it.
struct WorldBackend: EndpointBackend {
    let dispatcher: Dispatcher

    var client: any ServiceClient { dispatcher }

    func credentials(forAccessKeyID accessKeyID: String) async throws -> Credentials? {
        try dispatcher.world.store.read { try AccessKey.find(accessKeyID, in: $0) }.flatMap { key in
            key.isActive ? Credentials(accessKeyID: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken) : nil
        }
    }
}
