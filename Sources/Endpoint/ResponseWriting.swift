// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ServiceModel
import Wire

/// Between the server's own types and ours.
extension EndpointResponder {
    static func parts(_ request: Request) -> HTTPRequestParts {
        let target = request.head.path ?? "/"
        let question = target.firstIndex(of: "?") ?? target.endIndex
        var parts = HTTPRequestParts(
            method: request.method.rawValue, path: String(target[..<question]), query: String(target[question...].dropFirst()))
        if let authority = request.head.authority { parts.headers.append("Host", authority) }
        for field in request.headers { parts.headers.append(field.name.rawName, field.value) }
        return parts
    }

    static func response(_ parts: HTTPResponseParts, isHead: Bool) -> Response {
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
                try await body.forEachPiece { piece in try await writer.write(ByteBuffer(bytes: copy piece)) }
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
