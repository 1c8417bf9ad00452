// SPDX-License-Identifier: Apache-2.0

/// AWS Signature Version 4: canonical request, string to sign, HMAC-SHA-256 with a key derived for one day, region and service
/// (AWS General Reference, "Signature Version 4 signing process").
public struct SignatureV4: Sendable {
    /// `AWS4-HMAC-SHA256`.
    public static let algorithm = "AWS4-HMAC-SHA256"
    /// The payload hash of no bytes.
    public static let emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    /// What stands for the payload hash where the body is not signed.
    public static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// Who signs.
    public var credentials: Credentials
    /// `us-east-1`.
    public var region: String
    /// The service's signing name.
    public var service: String

    /// A signer for one service in one region.
    public init(credentials: Credentials, region: String, service: String) {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    // MARK: Signing

    /// Adds `X-Amz-Date`, the token, for S3 `X-Amz-Content-SHA256`, and `Authorization` to a request that has its `Host`.
    ///
    /// - Parameter payloadHash: The body's SHA-256 in base 16, or one of the words that S3 takes instead.
    public func sign(_ request: inout HTTPRequestParts, payloadHash: String, at seconds: Double) {
        request.headers["X-Amz-Date"] = Timestamp.basic(seconds)
        if let token = credentials.sessionToken { request.headers["X-Amz-Security-Token"] = token }
        if service == "s3" { request.headers["X-Amz-Content-SHA256"] = payloadHash }
        request.headers["Authorization"] = nil
        let unsigned: Set<String> = ["expect", "transfer-encoding", "user-agent", "x-amzn-trace-id", "connection"]
        let names = Set(request.headers.map { $0.name.lowercased() }).subtracting(unsigned).sorted()
        request.headers["Authorization"] = authorization(of: request, signedHeaders: names, payloadHash: payloadHash, at: seconds)
    }

    /// The `Authorization` header of a request as it stands.
    func authorization(of request: HTTPRequestParts, signedHeaders: [String], payloadHash: String, at seconds: Double) -> String {
        let scope = SignatureScope(date: String(Timestamp.basic(seconds).prefix(8)), region: region, service: service)
        let canonical = Self.canonicalRequest(request, signedHeaders: signedHeaders, payloadHash: payloadHash, service: service)
        let text = Self.stringToSign(canonical, timestamp: Timestamp.basic(seconds), scope: scope)
        let signature = Self.signature(of: text, key: Self.signingKey(secret: credentials.secretAccessKey, scope: scope))
        let names = signedHeaders.joined(separator: ";")
        return
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope.text), SignedHeaders=\(names), Signature=\(signature)"
    }

    /// A URL that carries its signature, good for `expirySeconds` from `seconds` on.
    ///
    /// - Parameters:
    ///   - endpoint: Scheme and authority: `https://bucket.s3.us-east-1.amazonaws.com`.
    ///   - path: The percent-encoded path, beginning with `/`.
    ///   - query: Items that the request has beside the signature's.
    ///   - headers: Headers that the request will have to carry, beside `host`.
    public func presignedURL(
        method: String = "GET", endpoint: String, path: String, query: [QueryItem] = [], headers: HTTPHeaders = [:],
        expirySeconds: Int, at seconds: Double
    ) -> String {
        let scope = SignatureScope(date: String(Timestamp.basic(seconds).prefix(8)), region: region, service: service)
        var request = HTTPRequestParts(method: method, path: path.isEmpty ? "/" : path, headers: headers)
        let host = endpoint.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? endpoint
        request.headers["host"] = host
        let names = Set(request.headers.map { $0.name.lowercased() }).sorted()
        var items = query
        items.append(QueryItem("X-Amz-Algorithm", Self.algorithm))
        items.append(QueryItem("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope.text)"))
        items.append(QueryItem("X-Amz-Date", Timestamp.basic(seconds)))
        items.append(QueryItem("X-Amz-Expires", String(expirySeconds)))
        items.append(QueryItem("X-Amz-SignedHeaders", names.joined(separator: ";")))
        if let token = credentials.sessionToken { items.append(QueryItem("X-Amz-Security-Token", token)) }
        request.queryItems = items
        let payloadHash = service == "s3" ? Self.unsignedPayload : Self.emptyPayloadHash
        let canonical = Self.canonicalRequest(request, signedHeaders: names, payloadHash: payloadHash, service: service)
        let text = Self.stringToSign(canonical, timestamp: Timestamp.basic(seconds), scope: scope)
        let signature = Self.signature(of: text, key: Self.signingKey(secret: credentials.secretAccessKey, scope: scope))
        return "\(endpoint)\(request.target)&X-Amz-Signature=\(signature)"
    }

    // MARK: The steps

    /// Step 1: the request in the one form that both sides can make.
    public static func canonicalRequest(
        _ request: HTTPRequestParts, signedHeaders: [String], payloadHash: String, service: String
    ) -> String {
        var text = request.method + "\n"
        text += canonicalPath(request.path, service: service) + "\n"
        text += canonicalQuery(request.query) + "\n"
        for name in signedHeaders {
            let values = request.headers.values(name).map(trimmed)
            text += "\(name):\(values.joined(separator: ","))\n"
        }
        return text + "\n" + signedHeaders.joined(separator: ";") + "\n" + payloadHash
    }

    /// S3's paths are encoded once and kept as they are; other services' are normalised and encoded again.
    private static func canonicalPath(_ path: String, service: String) -> String {
        if service == "s3" || service == "s3-object-lambda" {
            return PercentEncoding.encode(PercentEncoding.decode(path), keepsSlash: true)
        }
        var segments: [Substring] = []
        for segment in path.split(separator: "/", omittingEmptySubsequences: true) where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        var normalized = "/" + segments.joined(separator: "/")
        if path.hasSuffix("/"), normalized != "/" { normalized += "/" }
        return PercentEncoding.encode(normalized, keepsSlash: true)
    }

    private static func canonicalQuery(_ query: String) -> String {
        if query.isEmpty { return "" }
        return query.split(separator: "&", omittingEmptySubsequences: true)
            .map { pair in
                let equals = pair.firstIndex(of: "=") ?? pair.endIndex
                let value = equals < pair.endIndex ? pair[pair.index(after: equals)...] : ""
                return (
                    name: PercentEncoding.encode(PercentEncoding.decode(pair[..<equals])),
                    value: PercentEncoding.encode(PercentEncoding.decode(value))
                )
            }
            .filter { $0.name != "X-Amz-Signature" }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0.isNewline }.joined(separator: " ")
    }

    /// Step 2: what the key signs.
    public static func stringToSign(_ canonicalRequest: String, timestamp: String, scope: SignatureScope) -> String {
        "\(algorithm)\n\(timestamp)\n\(scope.text)\n\(Digest.sha256Hexadecimal(Array(canonicalRequest.utf8)))"
    }

    /// Step 3: the key for one day, region and service.
    public static func signingKey(secret: String, scope: SignatureScope) -> [UInt8] {
        var key = Digest.hmacSHA256(key: Array("AWS4\(secret)".utf8), Array(scope.date.utf8))
        for part in [scope.region, scope.service, "aws4_request"] { key = Digest.hmacSHA256(key: key, Array(part.utf8)) }
        return key
    }

    /// Step 4: the signature in base 16.
    public static func signature(of text: String, key: [UInt8]) -> String {
        Hexadecimal.encode(Digest.hmacSHA256(key: key, Array(text.utf8)))
    }
}

/// What a signature is good for.
public struct SignatureScope: Sendable, Hashable {
    /// `20261123`.
    public var date: String
    /// `us-east-1`.
    public var region: String
    /// The signing name.
    public var service: String

    /// A scope from its parts.
    public init(date: String, region: String, service: String) {
        self.date = date
        self.region = region
        self.service = service
    }

    /// `20261123/us-east-1/s3/aws4_request`.
    public var text: String { "\(date)/\(region)/\(service)/aws4_request" }
}

/// The running signature over the chunks of an `aws-chunked` body (Amazon S3 API Reference, "Signature calculations for the
/// Authorization header: transferring payload in multiple chunks").
public struct ChunkSignature: Sendable {
    private let key: [UInt8]
    private let timestamp: String
    private let scope: SignatureScope
    /// The signature of the chunk before; of the request, before the first.
    public private(set) var previous: String

    /// Starts from the request's own signature.
    public init(secret: String, timestamp: String, scope: SignatureScope, seed: String) {
        key = SignatureV4.signingKey(secret: secret, scope: scope)
        self.timestamp = timestamp
        self.scope = scope
        previous = seed
    }

    /// The signature of the next chunk, given its SHA-256 in base 16.
    public mutating func next(chunkHash: String) -> String {
        let text =
            "AWS4-HMAC-SHA256-PAYLOAD\n\(timestamp)\n\(scope.text)\n\(previous)\n\(SignatureV4.emptyPayloadHash)\n\(chunkHash)"
        previous = SignatureV4.signature(of: text, key: key)
        return previous
    }

    /// The signature of the trailer: lines of `name:value` with a newline each.
    public mutating func trailer(_ lines: String) -> String {
        let hash = Digest.sha256Hexadecimal(Array(lines.utf8))
        previous = SignatureV4.signature(
            of: "AWS4-HMAC-SHA256-TRAILER\n\(timestamp)\n\(scope.text)\n\(previous)\n\(hash)", key: key)
        return previous
    }
}
