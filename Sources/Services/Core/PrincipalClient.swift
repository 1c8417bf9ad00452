// SPDX-License-Identifier: Apache-2.0

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
    /// A client that is a session of the role with that ARN, assumed by SageMaker.
    ///
    /// - Throws: `ServiceError` where there is no such role or it does not trust SageMaker.
    public func client(assumingRole arn: String, sessionName: String) throws -> PrincipalClient {
        let service = "sagemaker.amazonaws.com"
        let principal = try world.store.read {
            try IAMIdentity.session(ofRole: arn, named: sessionName, assumedBy: service, in: $0)
        }
        guard let principal else {
            throw ServiceError(
                "AccessDenied",
                "The role \(arn) can't be assumed: it must exist and its trust policy must allow \(service) sts:AssumeRole.",
                status: 403)
        }
        return PrincipalClient(dispatcher: self, principal: principal)
    }
}
