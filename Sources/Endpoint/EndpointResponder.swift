// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceModel
import Wire

/// Bytes to a request of a service, its answer to bytes.
struct EndpointResponder: HTTPResponder {
    /// What a connection tells beside its requests.
    struct Context: RequestContext, RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        let remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            remoteAddress = source.channel.remoteAddress
        }
    }

    /// Bodies that are not streamed are held in memory: larger ones are refused.
    static let heldByteCountMax = 64 << 20

    let backend: any EndpointBackend
    let defaultRegion: String
    let accessLog: Logger?
    let router = RequestRouter()

    func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        if request.uri.path == "/health", request.method == .get, request.headers[.authorization] == nil {
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "{\"status\":\"ok\"}")))
        }
        let identifiers = RequestIdentifiers()
        let answer = await answer(request, context: context, identifiers: identifiers)
        if let accessLog {
            let duration = start.duration(to: .now)
            let milliseconds = Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1000
            accessLog.info(
                "\(context.remoteAddress?.ipAddress ?? "-") \(request.method.rawValue) \(request.head.path ?? "") \(answer.name) \(answer.parts.status) \((milliseconds * 1000).rounded() / 1000) ms"
            )
        }
        return Self.response(answer.parts, isHead: request.method == .head)
    }

    private struct Answer {
        var parts: HTTPResponseParts
        /// `s3.PutObject`.
        var name: String
    }

    private func answer(_ request: Request, context: Context, identifiers: RequestIdentifiers) async -> Answer {
        var parts = Self.parts(request)
        let inbound = InboundBody(request.body)
        let length = parts.headers["Content-Length"].flatMap { Int($0) }
        let hasBody = (length ?? 0) > 0 || parts.headers["Transfer-Encoding"] != nil
        parts.body = hasBody ? Body(length: length) { try await inbound.next() } : nil
        var codec: ServiceCodec?
        var operation: OperationModel?
        do {
            let form = try await Self.form(&parts)
            let signingName = Self.claimedService(parts)
            let routed = try router.route(parts, signingName: signingName, form: form)
            codec = routed.codec
            operation = routed.operation
            let credentials = try await authenticate(&parts, routed, inbound)
            if routed.operation.streamingInputMember == nil, let body = parts.body { parts.body = Self.held(body) }
            let decoded = try await routed.codec.decodeRequest(parts, operation: routed.operation, labels: routed.labels)
            let response = try await backend.client.send(
                ServiceRequest(
                    service: routed.codec.model.identifier, operation: routed.operation.name, input: decoded.input,
                    body: decoded.body,
                    credentials: credentials?.credentials, region: credentials?.region ?? defaultRegion,
                    sourceAddress: context.remoteAddress?.ipAddress ?? "127.0.0.1", userAgent: parts.headers["User-Agent"] ?? ""))
            var answer = routed.codec.encodeResponse(response, operation: routed.operation, requestID: identifiers.requestID)
            identifiers.add(to: &answer, service: routed.codec.model.identifier)
            return Answer(parts: answer, name: "\(routed.codec.model.identifier).\(routed.operation.name)")
        } catch {
            return failure(error, codec: codec, operation: operation, identifiers: identifiers)
        }
    }

    private func failure(
        _ error: any Error, codec: ServiceCodec?, operation: OperationModel?, identifiers: RequestIdentifiers
    ) -> Answer {
        var codec = codec ?? ServiceCodec(model: ServiceCatalog.service("s3") ?? ServiceCatalog.services[0])
        let told: ServiceError
        switch error {
        case let error as ServiceError: told = error
        case let error as RequestRouter.Unroutable:
            codec = error.codec
            told = error.error
        case let error as SignatureError: told = error.serviceError(for: codec.errorStyle)
        default:
            accessLog?.error("\(codec.model.identifier).\(operation?.name ?? "?"): \(String(reflecting: error))")
            let code = codec.model.identifier == "s3" ? "InternalError" : "InternalFailure"
            told = ServiceError(code, "We encountered an internal error. Please try again. (\(error))", status: 500)
        }
        var answer = codec.encodeError(
            told, operation: operation, requestID: identifiers.requestID(for: codec.model.identifier), hostID: identifiers.hostID)
        identifiers.add(to: &answer, service: codec.model.identifier)
        return Answer(parts: answer, name: "\(codec.model.identifier).\(operation?.name ?? "?") \(told.code)")
    }

    // MARK: Who asks

    private func authenticate(
        _ parts: inout HTTPRequestParts, _ routed: RoutedRequest, _ inbound: InboundBody
    ) async throws -> (credentials: Credentials, region: String)? {
        let isS3 = routed.codec.model.identifier == "s3"
        var bodyHash = SignatureV4.emptyPayloadHash
        // Services other than S3 sign the body's hash without saying it.
        if !isS3, let body = parts.body {
            let bytes = try await Self.held(body).collect()
            bodyHash = Digest.sha256Hexadecimal(bytes)
            parts.body = Body(bytes: bytes)
        }
        let claim = try SignatureClaim.read(parts, bodyHash: bodyHash)
        guard let claim else {
            try expectBody(&parts, claim: nil, secret: "", inbound)
            return nil
        }
        guard let credentials = try await backend.credentials(forAccessKeyID: claim.accessKeyID) else {
            throw SignatureError.unknownAccessKey(claim.accessKeyID)
        }
        if credentials.sessionToken != claim.sessionToken { throw SignatureError.wrongSessionToken(claim.sessionToken ?? "") }
        if claim.form != .queryVersion2, claim.scope.service != routed.codec.model.signingName {
            throw SignatureError.wrongScope(expected: routed.codec.model.signingName, found: claim.scope.service)
        }
        try claim.verify(parts, secret: credentials.secretAccessKey, now: Timestamp.now)
        if isS3 {
            try expectBody(&parts, claim: claim, secret: credentials.secretAccessKey, inbound)
        } else if claim.payloadHash != bodyHash, claim.payloadHash != SignatureV4.unsignedPayload {
            throw SignatureError.payloadHashMismatch(claimed: claim.payloadHash, computed: bodyHash)
        }
        return (credentials, claim.scope.region.isEmpty ? defaultRegion : claim.scope.region)
    }

    /// Tells the inbound body what its headers promise.
    private func expectBody(
        _ parts: inout HTTPRequestParts, claim: SignatureClaim?, secret: String, _ inbound: InboundBody
    ) throws {
        let hash = claim?.payloadHash ?? parts.headers["X-Amz-Content-SHA256"] ?? SignatureV4.unsignedPayload
        let encodings = (parts.headers["Content-Encoding"] ?? "").split(separator: ",").map {
            String($0).trimmingCharacters(in: .whitespaces)
        }
        guard hash.hasPrefix("STREAMING-") || encodings.contains("aws-chunked") else {
            if hash != SignatureV4.unsignedPayload { inbound.expectHash(hash) }
            // Nothing is read of a body that is not there, but what its hash says still counts.
            if parts.body == nil, hash != SignatureV4.unsignedPayload, hash != SignatureV4.emptyPayloadHash {
                throw SignatureError.payloadHashMismatch(claimed: hash, computed: SignatureV4.emptyPayloadHash)
            }
            return
        }
        var signature: ChunkSignature?
        if let claim, hash.hasPrefix("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
            signature = ChunkSignature(secret: secret, timestamp: claim.timestamp, scope: claim.scope, seed: claim.signature)
        }
        let trailer = parts.headers["X-Amz-Trailer"]?.lowercased()
        let algorithm = trailer.flatMap { name in ChecksumAlgorithm.allCases.first { name.contains($0.headerName) } }
        let length = parts.headers["X-Amz-Decoded-Content-Length"].flatMap { Int($0) }
        inbound.expectChunks(
            AWSChunkedDecoder(signature: signature, signsTrailer: hash.hasSuffix("-TRAILER")), byteCount: length,
            trailerAlgorithm: algorithm)
        if let algorithm, parts.headers["x-amz-sdk-checksum-algorithm"] == nil {
            parts.headers["x-amz-sdk-checksum-algorithm"] = algorithm.rawValue
        }
        let rest = encodings.filter { $0 != "aws-chunked" }
        parts.headers["Content-Encoding"] = rest.isEmpty ? nil : rest.joined(separator: ",")
        parts.headers["Content-Length"] = length.map(String.init)
        parts.body = Body(length: length) { try await inbound.next() }
    }

    /// The service in the signature's scope, before anything is checked.
    private static func claimedService(_ parts: HTTPRequestParts) -> String? {
        if let claim = try? SignatureClaim.read(parts, bodyHash: "") { return claim.scope.service }
        return nil
    }

    // MARK: Bytes

    /// The body refused where it is too large to hold.
    private static func held(_ body: Body) -> Body {
        if case .bytes = body.source { return body }
        let counter = ByteCounter()
        guard case .stream(let next) = body.source else { return body }
        return Body(length: body.length) {
            guard let piece = try await next() else { return nil }
            counter.count += piece.count
            if counter.count > heldByteCountMax {
                throw ServiceError("RequestEntityTooLarge", "The request is larger than \(heldByteCountMax) bytes.", status: 413)
            }
            return piece
        }
    }

    /// Unchecked: a body is read by one task.
    private final class ByteCounter: @unchecked Sendable { var count = 0 }

    /// The items of a body that is a form; the body is held then.
    private static func form(_ parts: inout HTTPRequestParts) async throws -> [QueryItem] {
        guard let type = parts.headers["Content-Type"]?.lowercased(), type.hasPrefix("application/x-www-form-urlencoded"),
            parts.method == "POST", parts.path == "/" || parts.path.isEmpty, let body = parts.body
        else { return [] }
        let bytes = try await held(body).collect()
        parts.body = Body(bytes: bytes)
        return QueryItem.parse(String(decoding: bytes, as: UTF8.self), plusIsSpace: true)
    }

    private static func parts(_ request: Request) -> HTTPRequestParts {
        let target = request.head.path ?? "/"
        let question = target.firstIndex(of: "?") ?? target.endIndex
        var parts = HTTPRequestParts(
            method: request.method.rawValue, path: String(target[..<question]), query: String(target[question...].dropFirst()))
        if let authority = request.head.authority { parts.headers.append("Host", authority) }
        for field in request.headers { parts.headers.append(field.name.rawName, field.value) }
        return parts
    }

    private static func response(_ parts: HTTPResponseParts, isHead: Bool) -> Response {
        var fields = HTTPFields()
        for field in parts.headers {
            guard let name = HTTPField.Name(field.name) else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
        let status = HTTPResponse.Status(code: parts.status)
        if isHead || parts.status == 304 || parts.status == 204 {
            let hasLength = fields[.contentLength] != nil
            if !hasLength, isHead, let length = parts.body.length, length > 0 { fields[.contentLength] = String(length) }
            var response = Response(status: status, headers: fields)
            if parts.status != 200, !hasLength, !isHead { response.headers[.contentLength] = nil }
            return response
        }
        if case .bytes(let bytes) = parts.body.source {
            fields[.contentLength] = nil
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        fields[.contentLength] = parts.body.length.map(String.init)
        let body = parts.body
        return Response(
            status: status, headers: fields,
            body: ResponseBody(contentLength: body.length) { writer in
                switch body.source {
                case .bytes(let bytes): try await writer.write(ByteBuffer(bytes: bytes))
                case .file(let path, let offset, let length):
                    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                    defer { try? handle.close() }
                    try handle.seek(toOffset: UInt64(offset))
                    var left = length
                    while left > 0, let piece = try handle.read(upToCount: min(left, 1 << 20)), !piece.isEmpty {
                        left -= piece.count
                        try await writer.write(ByteBuffer(bytes: piece))
                    }
                    if left > 0 { throw BodyTruncated(path: path, missingByteCount: left) }
                case .stream(let next):
                    while let piece = try await next() { try await writer.write(ByteBuffer(bytes: piece)) }
                }
                try await writer.finish(nil)
            })
    }
}

extension ServiceCodec {
    /// Whose words a signature's error is told in.
    var errorStyle: SignatureErrorStyle {
        if model.identifier == "s3" { return .s3 }
        return protocolName == .query ? .query : .json
    }
}

/// The names that one request has in answers and logs.
struct RequestIdentifiers {
    /// `1b2c…`, a UUID.
    let requestID: String
    /// What S3 calls its second one: base64.
    let hostID: String

    init() {
        requestID = UUID().uuidString.lowercased()
        var generator = SystemRandomNumberGenerator()
        hostID = Base64.encode((0..<56).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// S3's are sixteen capital digits of base 16.
    func requestID(for service: String) -> String {
        service == "s3" ? String(requestID.filter { $0 != "-" }.prefix(16)).uppercased() : requestID
    }

    func add(to parts: inout HTTPResponseParts, service: String) {
        if service == "s3" {
            parts.headers["x-amz-request-id"] = requestID(for: service)
            parts.headers["x-amz-id-2"] = hostID
            parts.headers["Server"] = "AmazonS3"
        } else {
            parts.headers["x-amzn-RequestId"] = requestID
        }
    }
}
