// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
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

    let backend: any EndpointBackend
    let defaultRegion: String
    /// Whether requests without a signature may change anything, where a bucket's policy or list lets them.
    let allowsAnonymousWrites: Bool
    let accessLog: (@Sendable (AccessLogEntry) -> Void)?
    let router = RequestRouter()

    func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        if request.uri.path == "/health", request.method == .get, request.headers[.authorization] == nil {
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "{\"status\":\"ok\"}")))
        }
        let time = Timestamp.now
        let identifiers = RequestIdentifiers()
        var exchange = Exchange(request, address: context.remoteAddress?.ipAddress ?? "127.0.0.1", identifiers: identifiers)
        let answer = await answer(&exchange)
        if let accessLog {
            let duration = start.duration(to: .now)
            let milliseconds = Double(duration.components.attoseconds) / 1e15 + Double(duration.components.seconds) * 1000
            accessLog(
                AccessLogEntry(
                    time: time, address: exchange.address, accessKeyID: exchange.accessKeyID ?? "-",
                    method: request.method.rawValue, target: AccessLogEntry.withoutSignature(request.head.path ?? "/"),
                    operation: exchange.name, status: answer.status, milliseconds: milliseconds, requestID: identifiers.requestID,
                    userAgent: exchange.parts.headers["User-Agent"] ?? "-"))
        }
        return Self.response(answer, isHead: request.method == .head)
    }

    /// One request on its way.
    struct Exchange {
        var parts: HTTPRequestParts
        let inbound: InboundBody
        let address: String
        let identifiers: RequestIdentifiers
        var accessKeyID: String?
        var codec: ServiceCodec?
        var operation: OperationModel?
        /// `s3.PutObject`, with the error's code behind it where there was one.
        var name = "-"

        init(_ request: Request, address: String, identifiers: RequestIdentifiers) {
            parts = EndpointResponder.parts(request)
            inbound = InboundBody(request.body)
            self.address = address
            self.identifiers = identifiers
            let length = parts.headers["Content-Length"].flatMap { Int($0) }
            let hasBody = (length ?? 0) > 0 || parts.headers["Transfer-Encoding"] != nil
            let inbound = inbound
            parts.body = hasBody ? Body(length: length) { try await inbound.next() } : nil
        }
    }

    private func answer(_ exchange: inout Exchange) async -> HTTPResponseParts {
        do {
            if let answer = try await browserAnswer(&exchange) { return answer }
            let form = try await Self.form(&exchange.parts)
            let signingName = Self.claimedService(exchange.parts)
            let routed = try router.route(exchange.parts, signingName: signingName, form: form)
            exchange.codec = routed.codec
            exchange.operation = routed.operation
            exchange.name = "\(routed.codec.model.identifier).\(routed.operation.name)"
            let signer = try await authenticate(&exchange, routed)
            if routed.operation.streamingInputMember == nil, let body = exchange.parts.body {
                exchange.parts.body = Self.held(body)
            } else if exchange.parts.body == nil, routed.operation.streamingInputMember != nil,
                exchange.parts.headers["Content-Length"] == nil, routed.codec.model.identifier == "s3"
            {
                throw ServiceError("MissingContentLength", "You must provide the Content-Length HTTP header.", status: 411)
            }
            let decoded = try await routed.codec.decodeRequest(
                exchange.parts, operation: routed.operation, labels: routed.labels)
            let response = try await backend.client.send(
                ServiceRequest(
                    service: routed.codec.model.identifier, operation: routed.operation.name, input: decoded.input,
                    body: decoded.body, credentials: signer?.credentials, region: signer?.region ?? defaultRegion,
                    sourceAddress: exchange.address, userAgent: exchange.parts.headers["User-Agent"] ?? ""))
            var answer = routed.codec.encodeResponse(
                response, operation: routed.operation, requestID: exchange.identifiers.requestID)
            exchange.identifiers.add(to: &answer, service: routed.codec.model.identifier)
            await addCrossOrigin(to: &answer, of: exchange)
            return answer
        } catch {
            var answer = failure(error, &exchange)
            await addCrossOrigin(to: &answer, of: exchange)
            return answer
        }
    }

    /// The error's answer.
    func failure(_ error: any Error, _ exchange: inout Exchange) -> HTTPResponseParts {
        var codec = exchange.codec ?? ServiceCodec(model: ServiceCatalog.service("s3") ?? ServiceCatalog.services[0])
        let told: ServiceError
        switch error {
        case let error as ServiceError: told = error
        case let error as RequestRouter.Unroutable:
            codec = error.codec
            told = error.error
        case let error as SignatureError: told = error.serviceError(for: codec.errorStyle)
        default:
            let code = codec.model.identifier == "s3" ? "InternalError" : "InternalFailure"
            told = ServiceError(code, "We encountered an internal error. Please try again. (\(error))", status: 500)
        }
        let service = codec.model.identifier
        var answer = codec.encodeError(
            told, operation: exchange.operation, requestID: exchange.identifiers.requestID(for: service),
            hostID: exchange.identifiers.hostID)
        exchange.identifiers.add(to: &answer, service: service)
        if exchange.name == "-" { exchange.name = service }
        exchange.name += " \(told.code)"
        return answer
    }

    // MARK: Browsers

    /// What only browsers ask for: preflights, uploads by forms, websites; nil for requests to an API.
    private func browserAnswer(_ exchange: inout Exchange) async throws -> HTTPResponseParts? {
        let parts = exchange.parts
        if parts.method == "OPTIONS" {
            exchange.name = "s3.Preflight"
            let target = router.target(ofS3: parts)
            var rules: CrossOriginRules?
            if let bucket = target.bucket {
                rules = try await backend.configuration("cors", ofBucket: bucket).map(CrossOriginRules.init)
            }
            var answer = HTTPResponseParts(
                status: 200, headers: try CrossOriginRules.preflight(parts, rules: rules, isObject: target.key != nil))
            exchange.identifiers.add(to: &answer, service: "s3")
            return answer
        }
        if ["GET", "HEAD"].contains(parts.method), let bucket = RequestRouter.websiteBucket(ofHost: parts.headers["Host"] ?? "") {
            exchange.name = "s3.Website"
            var answer = try await Website(backend: backend, bucket: bucket, region: defaultRegion).answer(exchange)
            exchange.identifiers.add(to: &answer, service: "s3")
            return answer
        }
        if parts.method == "POST", let type = parts.headers["Content-Type"], type.lowercased().hasPrefix("multipart/form-data"),
            let bucket = router.target(ofS3: parts).bucket, parts.headers["Authorization"] == nil
        {
            exchange.name = "s3.PostObject"
            return try await PostUpload(responder: self, bucket: bucket).answer(&exchange, contentType: type)
        }
        return nil
    }

    /// Lets pages of other sites see the answer where the bucket says so.
    private func addCrossOrigin(to answer: inout HTTPResponseParts, of exchange: Exchange) async {
        guard let origin = exchange.parts.headers["Origin"], exchange.codec?.model.identifier == "s3",
            let bucket = router.target(ofS3: exchange.parts).bucket,
            let document = try? await backend.configuration("cors", ofBucket: bucket),
            let headers = CrossOriginRules(document).headers(
                origin: origin, method: exchange.parts.method, requestedHeaders: nil)
        else { return }
        for field in headers { answer.headers.append(field.name, field.value) }
    }
}
