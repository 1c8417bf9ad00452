// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import Wire

/// Who asks, and whether the body is what the signature says.
extension EndpointResponder {
    /// Bodies that are not streamed are held in memory: larger ones are refused.
    private static let heldByteCountMax = 64 << 20

    struct Signer {
        var credentials: Credentials
        var region: String
    }

    func authenticate(_ exchange: inout Exchange, _ routed: RoutedRequest) async throws -> Signer? {
        let isS3 = routed.codec.model.identifier == "s3"
        var bodyHash = SignatureV4.emptyPayloadHash
        // Services other than S3 sign the body's hash without saying it.
        if !isS3, let body = exchange.parts.body {
            let bytes = try await Self.held(body).collect()
            bodyHash = Digest.sha256Hexadecimal(bytes)
            exchange.parts.body = Body(bytes: bytes)
        }
        guard let claim = try SignatureClaim.read(exchange.parts, bodyHash: bodyHash) else {
            if !allowsAnonymousWrites, !["GET", "HEAD"].contains(exchange.parts.method), isS3 { throw SignatureError.missing }
            try expectBody(&exchange, claim: nil, secret: "")
            return nil
        }
        exchange.accessKeyID = claim.accessKeyID
        guard let credentials = try await backend.credentials(forAccessKeyID: claim.accessKeyID) else {
            throw SignatureError.unknownAccessKey(claim.accessKeyID)
        }
        if credentials.sessionToken != claim.sessionToken { throw SignatureError.wrongSessionToken(claim.sessionToken ?? "") }
        if claim.form != .queryVersion2, claim.scope.service != routed.codec.model.signingName {
            throw SignatureError.wrongScope(expected: routed.codec.model.signingName, found: claim.scope.service)
        }
        // What a URL says about its end is the user's wish, and holds in any case.
        let checksTime = backend.checksSigningTime || claim.form != .header
        try claim.verify(exchange.parts, secret: credentials.secretAccessKey, now: checksTime ? Timestamp.now : nil)
        if claim.form != .header { Self.takeHeadersFromQuery(&exchange.parts) }
        if isS3 {
            try expectBody(&exchange, claim: claim, secret: credentials.secretAccessKey)
        } else if claim.payloadHash != bodyHash, claim.payloadHash != SignatureV4.unsignedPayload {
            throw SignatureError.payloadHashMismatch(claimed: claim.payloadHash, computed: bodyHash)
        }
        return Signer(credentials: credentials, region: claim.scope.region.isEmpty ? defaultRegion : claim.scope.region)
    }

    /// A presigned URL can have headers of S3 among its items, as signed as the rest.
    private static func takeHeadersFromQuery(_ parts: inout HTTPRequestParts) {
        for item in parts.queryItems {
            let name = item.name.lowercased()
            let isOfSignature = [
                "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature",
                "x-amz-security-token", "x-amz-content-sha256",
            ].contains(name)
            if name.hasPrefix("x-amz-"), !isOfSignature, parts.headers[name] == nil { parts.headers[name] = item.value ?? "" }
        }
    }

    /// Tells the inbound body what its headers promise.
    private func expectBody(_ exchange: inout Exchange, claim: SignatureClaim?, secret: String) throws {
        let inbound = exchange.inbound
        let headers = exchange.parts.headers
        let hash = claim?.payloadHash ?? headers["X-Amz-Content-SHA256"] ?? SignatureV4.unsignedPayload
        let encodings = (headers["Content-Encoding"] ?? "").split(separator: ",").map {
            String($0).trimmingCharacters(in: .whitespaces)
        }
        guard hash.hasPrefix("STREAMING-") || encodings.contains("aws-chunked") else {
            if hash != SignatureV4.unsignedPayload { inbound.expectHash(hash) }
            // Nothing is read of a body that is not there, but what its hash says still counts.
            if exchange.parts.body == nil, hash != SignatureV4.unsignedPayload, hash != SignatureV4.emptyPayloadHash {
                throw SignatureError.payloadHashMismatch(claimed: hash, computed: SignatureV4.emptyPayloadHash)
            }
            return
        }
        var signature: ChunkSignature?
        if let claim, hash.hasPrefix("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
            signature = ChunkSignature(secret: secret, timestamp: claim.timestamp, scope: claim.scope, seed: claim.signature)
        }
        let trailer = headers["X-Amz-Trailer"]?.lowercased()
        let algorithm = trailer.flatMap { name in ChecksumAlgorithm.allCases.first { name.contains($0.headerName) } }
        let length = headers["X-Amz-Decoded-Content-Length"].flatMap { Int($0) }
        inbound.expectChunks(
            AWSChunkedDecoder(signature: signature, signsTrailer: hash.hasSuffix("-TRAILER")), byteCount: length,
            trailerAlgorithm: algorithm)
        if let algorithm, headers["x-amz-sdk-checksum-algorithm"] == nil {
            exchange.parts.headers["x-amz-sdk-checksum-algorithm"] = algorithm.rawValue
        }
        let rest = encodings.filter { $0 != "aws-chunked" }
        exchange.parts.headers["Content-Encoding"] = rest.isEmpty ? nil : rest.joined(separator: ",")
        exchange.parts.headers["Content-Length"] = length.map(String.init)
        exchange.parts.body = Body(length: length) { try await inbound.next() }
    }

    /// The service in the signature's scope, before anything is checked.
    static func claimedService(_ parts: HTTPRequestParts) -> String? {
        (try? SignatureClaim.read(parts, bodyHash: ""))?.scope.service
    }

    /// The body refused where it is too large to hold.
    static func held(_ body: Body) -> Body {
        guard case .stream(let next) = body.source else { return body }
        let counter = PieceCounter()
        return Body(length: body.length) {
            guard let piece = try await next() else { return nil }
            counter.byteCount += piece.count
            if counter.byteCount > heldByteCountMax {
                throw ServiceError("RequestEntityTooLarge", "The request is larger than \(heldByteCountMax) bytes.", status: 413)
            }
            return piece
        }
    }

    /// The items of a body that is a form; the body is held then.
    static func form(_ parts: inout HTTPRequestParts) async throws -> [QueryItem] {
        guard let type = parts.headers["Content-Type"]?.lowercased(), type.hasPrefix("application/x-www-form-urlencoded"),
            parts.method == "POST", parts.path == "/" || parts.path.isEmpty, let body = parts.body
        else { return [] }
        let bytes = try await held(body).collect()
        parts.body = Body(bytes: bytes)
        return QueryItem.parse(String(decoding: bytes, as: UTF8.self), plusIsSpace: true)
    }
}
