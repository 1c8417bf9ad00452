// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Wire

@testable import Endpoint

#if canImport(Glibc)
    import Glibc
#endif

/// Objects in memory behind an endpoint: enough of S3 and STS to see bytes go both ways.
final class MemoryBackend: EndpointBackend, ServiceClient {
    static let key = Credentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    private let objects = Mutex<[String: [UInt8]]>([:])

    var client: any ServiceClient { self }

    func credentials(forAccessKeyID accessKeyID: String) async throws -> Credentials? {
        accessKeyID == Self.key.accessKeyID ? Self.key : nil
    }

    func send(_ request: ServiceRequest) async throws -> ServiceResponse {
        let isPublicRead = request.operation == "GetObject" && request.input["Bucket"] == "site"
        guard request.credentials == Self.key || isPublicRead else {
            throw ServiceError("AccessDenied", "Access Denied", status: 403)
        }
        let name = "\(request.input["Bucket"]?.stringValue ?? "")/\(request.input["Key"]?.stringValue ?? "")"
        switch request.operation {
        case "PutObject":
            let bytes = try await request.body?.collect() ?? []
            objects.withLock { $0[name] = bytes }
            return ServiceResponse(output: ["ETag": "\"1\"", "ChecksumCRC32": request.input["ChecksumAlgorithm"] ?? "none"])
        case "GetObject", "HeadObject":
            guard let bytes = objects.withLock({ $0[name] }) else {
                throw ServiceError("NoSuchKey", "The specified key does not exist.", details: [.init("Key", .string(name))])
            }
            let stream = Mutex(bytes)
            let body = Body(length: bytes.count) {
                stream.withLock { left in
                    guard !left.isEmpty else { return nil }
                    let piece = Array(left.prefix(100_000))
                    left.removeFirst(piece.count)
                    return piece
                }
            }
            return ServiceResponse(
                output: ["ContentLength": .integer(bytes.count), "LastModified": .timestamp(0), "Metadata": ["a": "b"]],
                body: request.operation == "GetObject" ? body : nil)
        case "GetCallerIdentity": return ServiceResponse(output: ["Account": "123456789012", "Arn": .string(request.region)])
        default: throw ServiceError("NotImplemented", request.operation, status: 501)
        }
    }

    func waitForChange(atMost seconds: Double) async throws {}

    func configuration(_ kind: String, ofBucket name: String) async throws -> Value? {
        switch (kind, name) {
        case ("cors", "open"):
            [
                "CORSRules": [
                    [
                        "AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"],
                        "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60,
                    ]
                ]
            ]
        case ("website", "site"):
            [
                "IndexDocument": ["Suffix": "index.html"], "ErrorDocument": ["Key": "error.html"],
                "RoutingRules": [["Condition": ["KeyPrefixEquals": "old/"], "Redirect": ["ReplaceKeyPrefixWith": "new/"]]],
            ]
        default: nil
        }
    }
}

/// A running endpoint on a free port.
enum EndpointFixture {
    static func with(
        certificate: ServerCertificate? = nil, _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await EndpointServer(backend: MemoryBackend(), port: 0, certificate: certificate)
                    .run(handlesSignals: false) { continuation.yield($0) }
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { return }
            try await body(port)
            group.cancelAll()
            // A server that is cancelled may say so.
            while let result = await group.nextResult() { _ = result }
        }
    }

    static func signed(
        _ method: String, _ target: String, port: Int, headers: HTTPHeaders = [:],
        payloadHash: String = SignatureV4.unsignedPayload,
        service: String = "s3", key: Credentials = MemoryBackend.key, at time: Double = Timestamp.now
    ) -> HTTPRequestParts {
        let parts = target.split(separator: "?", maxSplits: 1)
        var request = HTTPRequestParts(
            method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "", headers: headers)
        request.headers["Host"] = "127.0.0.1:\(port)"
        SignatureV4(credentials: key, region: "eu-west-1", service: service).sign(&request, payloadHash: payloadHash, at: time)
        return request
    }
}

/// One connection of HTTP/1.1 by hand, so that a test sees every byte.
final class RawConnection {
    struct Answer {
        var status = 0
        var headers = HTTPHeaders()
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Closed: Error {}

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Closed() }
    }

    deinit { close(descriptor) }

    func send(_ request: HTTPRequestParts, body: [UInt8] = []) throws {
        var text = "\(request.method) \(request.target) HTTP/1.1\r\n"
        for field in request.headers { text += "\(field.name): \(field.value)\r\n" }
        if request.headers["Content-Length"] == nil, request.method != "GET", request.method != "HEAD" {
            text += "Content-Length: \(body.count)\r\n"
        }
        try send(Array((text + "\r\n").utf8) + body)
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Closed() }
            sent += count
        }
    }

    func receive(isHead: Bool = false) throws -> Answer {
        let separator = Array("\r\n\r\n".utf8)
        var end = buffer.firstRange(of: separator)
        while end == nil {
            try fill()
            end = buffer.firstRange(of: separator)
        }
        guard let end else { throw Closed() }
        var answer = Answer()
        for (index, line) in String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n").enumerated()
        {
            if index == 0 {
                answer.status = Int(line.split(separator: " ")[1]) ?? 0
            } else if let colon = line.firstIndex(of: ":") {
                answer.headers.append(
                    String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
            }
        }
        buffer.removeFirst(end.upperBound)
        let length = isHead || answer.status < 200 ? 0 : Int(answer.headers["Content-Length"] ?? "0") ?? 0
        while buffer.count < length { try fill() }
        answer.body = Array(buffer[..<length])
        buffer.removeFirst(length)
        return answer
    }

    private func fill() throws {
        var piece = [UInt8](repeating: 0, count: 65536)
        let count = piece.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw Closed() }
        buffer.append(contentsOf: piece[..<count])
    }
}
