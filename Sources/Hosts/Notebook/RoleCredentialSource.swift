// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Wire

/// A key pair of a session of a role.
public struct RoleCredentials: Sendable, Hashable {
    /// The key pair and the session's token.
    public var credentials: Credentials
    /// When the session ends, in seconds since 1970 by the machine's clock.
    public var expirationTime: Double

    /// Makes one from its parts.
    public init(credentials: Credentials, expirationTime: Double) {
        self.credentials = credentials
        self.expirationTime = expirationTime
    }
}

/// The execution role's keys as SDKs fetch them, from AWS_CONTAINER_CREDENTIALS_FULL_URI: again and again, each time good for a while.
///
/// Source: SDKs and Tools reference guide, "Container credential provider".
final class RoleCredentialSource: Sendable {
    /// What a client has to show in its Authorization header.
    let token = UUID().uuidString + UUID().uuidString
    private let roleARN: String
    private let make: @Sendable (_ roleARN: String) throws -> RoleCredentials
    private let current = Mutex<RoleCredentials?>(nil)
    /// SDKs fetch anew when less than 15 minutes are left.
    private static let leastSeconds = 1200.0

    init(roleARN: String, make: @escaping @Sendable (_ roleARN: String) throws -> RoleCredentials) {
        self.roleARN = roleARN
        self.make = make
    }

    /// The document that the provider answers with.
    ///
    /// - Throws: `ServiceError` where the role can't be assumed any more.
    func document(now: Double = Date().timeIntervalSince1970) throws -> Value {
        let found = try current.withLock { current in
            if let known = current, known.expirationTime - now > Self.leastSeconds { return known }
            let fresh = try make(roleARN)
            current = fresh
            return fresh
        }
        var document: Value = ["RoleArn": .string(roleARN), "AccessKeyId": .string(found.credentials.accessKeyID)]
        document["SecretAccessKey"] = .string(found.credentials.secretAccessKey)
        document["Token"] = .string(found.credentials.sessionToken ?? "")
        document["Expiration"] = .string(Date(timeIntervalSince1970: found.expirationTime).formatted(.iso8601))
        return document
    }
}
