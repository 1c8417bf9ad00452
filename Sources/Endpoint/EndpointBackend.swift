// SPDX-License-Identifier: Apache-2.0

import Wire

/// What stands behind an endpoint: who holds a key, and what answers requests.
public protocol EndpointBackend: Sendable {
    /// Answers requests whose signatures have been verified.
    var client: any ServiceClient { get }

    /// The secret and, for temporary credentials, the session token of an access key; nil where there is no such key.
    func credentials(forAccessKeyID accessKeyID: String) async throws -> Credentials?

    /// Whether requests with a signature have to be signed close to the machine's time; not where clients freeze their clocks.
    var checksSigningTime: Bool { get }

    /// A bucket's configuration for browsers: `cors` or `website`, as the members of its shape; nil where it has none.
    func configuration(_ kind: String, ofBucket name: String) async throws -> Value?
}

extension EndpointBackend {
    /// Signing times are checked unless a backend says otherwise.
    public var checksSigningTime: Bool { true }
}
