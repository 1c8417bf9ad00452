// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceModel
import Wire
import World

/// Finds out who a request's credentials belong to.
///
/// Signatures are verified where they exist (the endpoint); here the secret itself is compared, for callers in this process.
public enum Authenticator {
    /// The caller.
    ///
    /// - Throws: `ServiceError` in the service's words for unknown, inactive, wrong or expired credentials.
    static func principal(of request: ServiceRequest, model: ServiceModel, in store: Store) throws -> Principal {
        guard let credentials = request.credentials else { return .anonymous }
        let (principal, key, now) = try store.read { database in
            guard let key = try AccessKey.find(credentials.accessKeyID, in: database), key.isActive else {
                throw unknownKey(credentials.accessKeyID, service: request.service)
            }
            guard key.secret == credentials.secretAccessKey else { throw wrongSecret(service: request.service) }
            guard key.sessionToken == credentials.sessionToken else { throw invalidToken(service: request.service) }
            if let end = key.expirationTime, end <= Date().timeIntervalSince1970 { throw expiredToken(service: request.service) }
            guard let principal = try IAMIdentity.principal(of: key, in: database) else {
                throw unknownKey(credentials.accessKeyID, service: request.service)
            }
            return (principal, key, try database.clock().now())
        }
        try note(key, usedFor: request, model: model, at: now, in: store)
        return principal
    }

    /// Notes when and for what a lasting key was used last, to the minute: a commit for each request would cost more than most requests.
    private static func note(
        _ key: AccessKey, usedFor request: ServiceRequest, model: ServiceModel, at now: Double, in store: Store
    ) throws {
        guard key.expirationTime == nil else { return }
        let service = model.signingName
        if key.lastUsedService == service, key.lastUsedRegion == request.region, now - (key.lastUsedTime ?? 0) < 60 { return }
        try store.write { database in
            try database.execute(
                sql: "UPDATE access_key SET last_used_at = ?, last_used_service = ?, last_used_region = ? WHERE id = ?",
                arguments: [now, service, request.region, key.id])
        }
    }

    /// The error for a request without credentials where some are needed.
    public static func missingCredentials(service: String) -> ServiceError {
        service == "s3"
            ? ServiceError("AccessDenied", "Access Denied", status: 403)
            : ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", status: 403)
    }

    /// The error for an access key that doesn't exist or is switched off.
    public static func unknownKey(_ id: String, service: String) -> ServiceError {
        switch service {
        case "s3":
            ServiceError(
                "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", status: 403,
                details: [.init("AWSAccessKeyId", .string(id))])
        case "iam", "sts":
            ServiceError("InvalidClientTokenId", "The security token included in the request is invalid.", status: 403)
        default:
            ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.", status: 400)
        }
    }

    /// The error for a request that was signed with another secret.
    public static func wrongSecret(service: String) -> ServiceError {
        switch service {
        case "s3":
            ServiceError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
                status: 403)
        case "iam", "sts":
            ServiceError("SignatureDoesNotMatch", signatureMismatch, status: 403)
        default:
            ServiceError("InvalidSignatureException", signatureMismatch, status: 400)
        }
    }

    private static let signatureMismatch =
        "The request signature we calculated does not match the signature you provided. "
        + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

    /// The error for a session token that isn't the key's.
    public static func invalidToken(service: String) -> ServiceError {
        switch service {
        case "s3": ServiceError("InvalidToken", "The provided token is malformed or otherwise invalid.", status: 400)
        case "iam", "sts":
            ServiceError("InvalidClientTokenId", "The security token included in the request is invalid", status: 403)
        default: ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.", status: 400)
        }
    }

    /// The error for a session that is over.
    public static func expiredToken(service: String) -> ServiceError {
        switch service {
        case "s3": ServiceError("ExpiredToken", "The provided token has expired.", status: 400)
        case "iam", "sts": ServiceError("ExpiredToken", "The security token included in the request is expired", status: 403)
        default: ServiceError("ExpiredTokenException", "The security token included in the request is expired", status: 400)
        }
    }
}
