// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import Wire

/// Makes the signed HTTP request that an operation's input becomes.
struct RemoteRequest {
    let request: ServiceRequest
    let operation: OperationModel
    let codec: ServiceCodec
    let endpoint: RemoteEndpoint

    /// - Throws: What reading a body's file throws.
    func parts() async throws -> HTTPRequestParts {
        var input = request.input
        let algorithm = checksumAlgorithm(&input)
        var parts = codec.encodeRequest(input, body: request.body, operation: operation)
        parts.path = endpoint.path(parts.path)
        // An object without a type has the store's own, not that of all streams.
        if codec.model.identifier == "s3", request.body != nil, input["ContentType"] == nil { parts.headers["Content-Type"] = nil }
        // A body whose length nobody knows is read first: the services want to know it.
        if let body = parts.body, !body.isRepeatable { parts.body = Body(bytes: try await body.collect()) }
        parts.headers["Host"] = endpoint.authority
        parts.headers["User-Agent"] = request.userAgent
        parts.headers["Accept-Encoding"] = "identity"
        if let length = parts.body?.length ?? (["POST", "PUT", "PATCH"].contains(parts.method) ? 0 : nil) {
            parts.headers["Content-Length"] = String(length)
        }
        let signsBody = endpoint.scheme == "http" || codec.model.identifier != "s3"
        var digest = signsBody ? Checksum(.sha256) : nil
        var checksum = algorithm.map { Checksum($0) }
        try parts.body?.writeAll { piece in
            digest?.update(piece)
            checksum?.update(piece)
        }
        if let algorithm, let checksum {
            parts.headers[algorithm.headerName] = checksum.base64
            parts.headers["x-amz-sdk-checksum-algorithm"] = algorithm.rawValue
        }
        guard let credentials = request.credentials, operation.requiresAuthentication else { return parts }
        SignatureV4(credentials: credentials, region: request.region, service: codec.model.signingName)
            .sign(
                &parts, payloadHash: digest.map { Hexadecimal.encode($0.digest) } ?? SignatureV4.unsignedPayload,
                at: Date().timeIntervalSince1970)
        return parts
    }

    /// The checksum that the request carries: as the input says, or CRC64NVME where the service takes one and none is given.
    private func checksumAlgorithm(_ input: inout Value) -> ChecksumAlgorithm? {
        guard let member = operation.checksumAlgorithmMember else { return nil }
        let given = ChecksumAlgorithm.allCases.contains { input[$0.memberName] != nil }
        if given || input["ContentMD5"] != nil { return nil }
        if let name = input[member]?.stringValue { return ChecksumAlgorithm(rawValue: name) }
        return operation.requiresChecksum || operation.streamingInputMember != nil ? .crc64nvme : nil
    }
}
