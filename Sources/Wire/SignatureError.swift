// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Both sides of a signature that does not match, as S3 shows them to help find the difference.
public struct SignatureMismatch: Sendable, Hashable {
    /// The key that is claimed to have signed.
    public var accessKeyID: String
    /// The signature in the request.
    public var provided: String
    /// What the server signed.
    public var stringToSign: String
    /// What it was made from; empty for version 2.
    public var canonicalRequest: String

    /// Makes one from its parts.
    public init(accessKeyID: String, provided: String, stringToSign: String, canonicalRequest: String) {
        self.accessKeyID = accessKeyID
        self.provided = provided
        self.stringToSign = stringToSign
        self.canonicalRequest = canonicalRequest
    }
}

/// Why a request's signature does not let it in.
public enum SignatureError: Error, Sendable, Hashable {
    case incomplete(String)
    case malformedCredential(String, expected: String)
    case malformedQuery(String)
    case unsupportedAlgorithm(String)
    case missingSignedHeader(String)
    case dateOutsideScope(timestamp: String, scope: SignatureScope)
    case skewed(at: Double, timestamp: String, now: Double, secondsMax: Int)
    case notYetValid(at: Double, now: Double)
    case expired(at: Double, now: Double, expirySeconds: Int?)
    case mismatch(SignatureMismatch)
    case unknownAccessKey(String)
    case wrongSessionToken(String)
    case payloadHashMismatch(claimed: String, computed: String)
    case wrongScope(expected: String, found: String)
    /// No signature at all where the service needs one.
    case missing

    /// The error as a service answers it: S3's codes, the query services' and the JSON services' differ.
    public func serviceError(for protocolName: SignatureErrorStyle) -> ServiceError {
        switch protocolName {
        case .s3: s3Error
        case .query:
            commonError(
                unknownKey: "InvalidClientTokenId", mismatch: "SignatureDoesNotMatch", incomplete: "IncompleteSignature",
                missing: "MissingAuthenticationToken")
        case .json: jsonError
        }
    }

    /// JSON services tell the model's status for the code, else 400, where query services tell 403.
    private var jsonError: ServiceError {
        var error = commonError(
            unknownKey: "UnrecognizedClientException", mismatch: "InvalidSignatureException",
            incomplete: "IncompleteSignatureException", missing: "MissingAuthenticationTokenException")
        error.status = nil
        return error
    }

    private static let mismatchText =
        "The request signature we calculated does not match the signature you provided. "
        + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

    private func commonError(unknownKey: String, mismatch: String, incomplete: String, missing: String) -> ServiceError {
        switch self {
        case .incomplete(let text), .malformedQuery(let text): ServiceError(incomplete, text, status: 400)
        case .malformedCredential(let text, let expected):
            ServiceError(incomplete, "Credential must have the form \(expected), not '\(text)'.", status: 400)
        case .unsupportedAlgorithm(let name):
            ServiceError(
                incomplete, "Unsupported AWS 'algorithm': '\(name)'. Only \(SignatureV4.algorithm) is supported.", status: 400)
        case .missingSignedHeader(let name):
            ServiceError(mismatch, "'\(name)' must be a 'SignedHeader' in the AWS Authorization.", status: 403)
        case .dateOutsideScope(let timestamp, let scope):
            ServiceError(
                mismatch,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '\(scope.date)' != "
                    + "'\(timestamp.prefix(8))', from '\(timestamp)'.", status: 403)
        case .skewed(let signedAt, let timestamp, let now, let secondsMax):
            ServiceError(
                mismatch,
                signedAt < now
                    ? "Signature expired: \(timestamp) is now earlier than \(Timestamp.basic(now - Double(secondsMax))) "
                        + "(\(Timestamp.basic(now)) - \(secondsMax / 60) min.)"
                    : "Signature not yet current: \(timestamp) is still later than \(Timestamp.basic(now + Double(secondsMax))) "
                        + "(\(Timestamp.basic(now)) + \(secondsMax / 60) min.)", status: 403)
        case .notYetValid(let signedAt, let now):
            ServiceError(
                mismatch, "Signature not yet current: \(Timestamp.basic(signedAt)) is still later than \(Timestamp.basic(now))",
                status: 403)
        case .expired(let end, let now, _):
            ServiceError(
                mismatch, "Signature expired: \(Timestamp.basic(end)) is now earlier than \(Timestamp.basic(now))", status: 403)
        case .mismatch, .payloadHashMismatch: ServiceError(mismatch, Self.mismatchText, status: 403)
        case .unknownAccessKey, .wrongSessionToken:
            ServiceError(unknownKey, "The security token included in the request is invalid.", status: 403)
        case .wrongScope(let expected, let found):
            ServiceError(mismatch, "Credential should be scoped to correct service: '\(expected)', not '\(found)'.", status: 403)
        case .missing: ServiceError(missing, "Missing Authentication Token", status: 403)
        }
    }

    private var s3Error: ServiceError {
        switch self {
        case .incomplete(let text): ServiceError("AuthorizationHeaderMalformed", text, status: 400)
        case .malformedCredential(_, let expected):
            ServiceError(
                "AuthorizationHeaderMalformed",
                "The authorization header is malformed; the Credential is mal-formed; expecting \"\(expected)\".", status: 400)
        case .malformedQuery(let text): ServiceError("AuthorizationQueryParametersError", text, status: 400)
        case .unsupportedAlgorithm:
            ServiceError(
                "InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
                status: 400)
        case .missingSignedHeader(let name):
            ServiceError(
                "AccessDenied", "There were headers present in the request which were not signed", status: 403,
                details: [.init("HeadersNotSigned", .string(name))])
        case .dateOutsideScope(_, let scope):
            ServiceError(
                "AuthorizationHeaderMalformed",
                "The authorization header is malformed; Invalid credential date \"\(scope.date)\". This date is not the same as X-Amz-Date.",
                status: 400)
        case .skewed(_, let timestamp, let now, let secondsMax):
            ServiceError(
                "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", status: 403,
                details: [
                    .init("RequestTime", .string(timestamp)), .init("ServerTime", .string(Timestamp.iso8601(now.rounded(.down)))),
                    .init("MaxAllowedSkewMilliseconds", .string(String(secondsMax * 1000))),
                ])
        case .notYetValid: ServiceError("AccessDenied", "Request is not yet valid", status: 403)
        case .expired(let end, let now, let expirySeconds):
            ServiceError(
                "AccessDenied", "Request has expired", status: 403,
                details: (expirySeconds.map { [.init("X-Amz-Expires", .string(String($0)))] } ?? []) + [
                    .init("Expires", .string(Timestamp.iso8601(end))),
                    .init("ServerTime", .string(Timestamp.iso8601(now.rounded(.down)))),
                ])
        case .mismatch(let mismatch): s3Mismatch(mismatch)
        case .unknownAccessKey(let key):
            ServiceError(
                "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", status: 403,
                details: [.init("AWSAccessKeyId", .string(key))])
        case .wrongSessionToken(let token):
            ServiceError(
                "InvalidToken", "The provided token is malformed or otherwise invalid.", status: 400,
                details: [.init("Token-0", .string(token))])
        case .payloadHashMismatch(let claimed, let computed):
            ServiceError(
                "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.",
                status: 400,
                details: [
                    .init("ClientComputedContentSHA256", .string(claimed)), .init("S3ComputedContentSHA256", .string(computed)),
                ])
        case .wrongScope(let expected, let found):
            ServiceError(
                "AuthorizationHeaderMalformed",
                "The authorization header is malformed; incorrect service \"\(found)\". This endpoint belongs to \"\(expected)\".",
                status: 400)
        case .missing: ServiceError("AccessDenied", "Access Denied", status: 403)
        }
    }

    private func s3Mismatch(_ mismatch: SignatureMismatch) -> ServiceError {
        var details: [ServiceError.Detail] = [
            .init("AWSAccessKeyId", .string(mismatch.accessKeyID)), .init("StringToSign", .string(mismatch.stringToSign)),
            .init("SignatureProvided", .string(mismatch.provided)),
            .init("StringToSignBytes", .string(Self.spaced(mismatch.stringToSign))),
        ]
        if !mismatch.canonicalRequest.isEmpty {
            details.append(.init("CanonicalRequest", .string(mismatch.canonicalRequest)))
            details.append(.init("CanonicalRequestBytes", .string(Self.spaced(mismatch.canonicalRequest))))
        }
        return ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            status: 403, details: details)
    }

    private static func spaced(_ text: String) -> String {
        text.utf8.map { Hexadecimal.encode([$0]) }.joined(separator: " ")
    }
}

/// Whose error codes a signature's error is told in.
public enum SignatureErrorStyle: Sendable, Hashable {
    case s3, query, json
}
