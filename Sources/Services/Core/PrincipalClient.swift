// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Sends requests as somebody whose identity is established: what a service does with a role that was passed to it.
public struct PrincipalClient: ServiceClient {
    let dispatcher: Dispatcher
    let principal: Principal

    /// Sends the request; its credentials are not looked at.
    public func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        try await dispatcher.send(request, as: principal)
    }

    /// Returns when something may have changed.
    public func waitForChange(atMost seconds: Double) async throws {
        try await dispatcher.waitForChange(atMost: seconds)
    }
}

extension Dispatcher {
    /// How long the keys of a role's session are good, in seconds.
    private static let keySeconds = 3600
    private static let service = "sagemaker.amazonaws.com"

    /// A client that is a session of the role with that ARN, assumed by SageMaker.
    ///
    /// - Throws: `ServiceError` where there is no such role or it does not trust SageMaker.
    public func client(assumingRole arn: String, sessionName: String) throws -> PrincipalClient {
        let principal = try world.store.read { try Self.session(ofRole: arn, named: sessionName, in: $0) }
        return PrincipalClient(dispatcher: self, principal: principal)
    }

    /// A new key of such a session, good for an hour, for programs that send requests over HTTP.
    ///
    /// - Throws: `ServiceError` where there is no such role or it does not trust SageMaker.
    public func key(assumingRole arn: String, sessionName: String) throws -> AccessKey {
        try world.store.write { database in
            let principal = try Self.session(ofRole: arn, named: sessionName, in: database)
            guard case .assumedRole(let role, let session) = principal.kind else { throw Self.notAssumable(arn) }
            return try TemporaryCredentials.create(
                for: .role(name: role, session: session), account: principal.account, seconds: Self.keySeconds, in: database)
        }
    }

    private static func session(ofRole arn: String, named name: String, in database: Database) throws -> Principal {
        guard let principal = try IAMIdentity.session(ofRole: arn, named: name, assumedBy: service, in: database) else {
            throw notAssumable(arn)
        }
        return principal
    }

    private static func notAssumable(_ arn: String) -> ServiceError {
        ServiceError(
            "AccessDenied",
            "The role \(arn) can't be assumed: it must exist and its trust policy must allow \(service) sts:AssumeRole.",
            status: 403)
    }
}
