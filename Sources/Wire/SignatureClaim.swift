// SPDX-License-Identifier: Apache-2.0

/// What a signed request says about its signature, before anybody has checked it.
public struct SignatureClaim: Sendable, Hashable {
    /// Where and how the signature is given.
    public enum Form: Sendable, Hashable {
        /// Version 4, in the `Authorization` header.
        case header
        /// Version 4, in the query string.
        case query
        /// Version 2 in the query string: S3 only, still made by older presigners.
        case queryVersion2
    }

    /// Where it was found.
    public var form: Form
    /// The key that is claimed to have signed.
    public var accessKeyID: String
    /// What the signature is good for.
    public var scope: SignatureScope
    /// Lower-case names, in the request's order.
    public var signedHeaders: [String]
    /// Base 16; base 64 in version 2.
    public var signature: String
    /// `20261123T040506Z`.
    public var timestamp: String
    /// When the request was signed; for version 2 when it expires.
    public var signedAt: Double
    /// How long a presigned request is good for.
    public var expirySeconds: Int?
    /// The token of temporary credentials.
    public var sessionToken: String?
    /// The body's SHA-256, or the word that stands for it.
    public var payloadHash: String

    /// The claim of a request; nil where it is not signed at all.
    ///
    /// - Parameter bodyHash: The body's SHA-256, used where the request does not say a payload hash.
    public static func read(_ request: HTTPRequestParts, bodyHash: @autoclosure () -> String) throws(SignatureError)
        -> SignatureClaim?
    {
        if let authorization = request.headers["Authorization"] {
            return try readHeader(authorization, request, bodyHash: bodyHash())
        }
        guard request.query.utf8.contains(UInt8(ascii: "=")) else { return nil }
        let items = request.queryItems
        func item(_ name: String) -> String? { items.first { HTTPHeaders.isEqual($0.name, name) }?.value }
        if item("X-Amz-Algorithm") != nil || item("X-Amz-Signature") != nil { return try readQuery(item, bodyHash: bodyHash()) }
        if let key = item("AWSAccessKeyId"), let signature = item("Signature") {
            guard let text = item("Expires"), let expires = Double(text) else {
                throw .malformedQuery("Missing or invalid Expires")
            }
            return SignatureClaim(
                form: .queryVersion2, accessKeyID: key, scope: SignatureScope(date: "", region: "", service: "s3"),
                signedHeaders: [],
                signature: signature, timestamp: text, signedAt: expires, sessionToken: item("x-amz-security-token"),
                payloadHash: SignatureV4.unsignedPayload)
        }
        return nil
    }

    private static func readHeader(
        _ authorization: String, _ request: HTTPRequestParts, bodyHash: @autoclosure () -> String
    ) throws(SignatureError) -> SignatureClaim {
        guard let space = authorization.firstIndex(of: " ") else {
            throw .incomplete("Authorization header has no parameters: \(authorization)")
        }
        let algorithm = String(authorization[..<space])
        guard algorithm == SignatureV4.algorithm else { throw .unsupportedAlgorithm(algorithm) }
        var parts: [String: String] = [:]
        for field in authorization[space...].split(separator: ",") {
            guard let equals = field.firstIndex(of: "=") else { continue }
            let name = field[..<equals].split(separator: " ").joined()
            parts[name] = field[field.index(after: equals)...].split(separator: " ").joined()
        }
        for name in ["Credential", "SignedHeaders", "Signature"] where parts[name, default: ""].isEmpty {
            throw .incomplete("Authorization header requires '\(name)' parameter.")
        }
        let (accessKeyID, scope) = try readCredential(parts["Credential"] ?? "", isQuery: false)
        guard let time = requestTime(request) else {
            throw .incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        }
        return SignatureClaim(
            form: .header, accessKeyID: accessKeyID, scope: scope,
            signedHeaders: (parts["SignedHeaders"] ?? "").split(separator: ";").map { $0.lowercased() },
            signature: parts["Signature"] ?? "", timestamp: Timestamp.basic(time), signedAt: time,
            sessionToken: request.headers["X-Amz-Security-Token"],
            payloadHash: request.headers["X-Amz-Content-SHA256"] ?? bodyHash())
    }

    private static func requestTime(_ request: HTTPRequestParts) -> Double? {
        if let text = request.headers["X-Amz-Date"] { return Timestamp.parseBasic(text) ?? Timestamp.parse(text) }
        return request.headers["Date"].flatMap(Timestamp.parse)
    }

    private static func readQuery(
        _ item: (String) -> String?, bodyHash: @autoclosure () -> String
    ) throws(SignatureError) -> SignatureClaim {
        let names = [
            "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature",
        ]
        let (accessKeyID, scope) = try readCredential(
            item("X-Amz-Credential") ?? "//", isQuery: true, isRequired: item("X-Amz-Credential") != nil)
        // Services other than S3 do without an expiry.
        for name in names where item(name) == nil && !(name == "X-Amz-Expires" && scope.service != "s3") {
            throw .malformedQuery(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, "
                    + "X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
        }
        guard item("X-Amz-Algorithm") == SignatureV4.algorithm else {
            throw .malformedQuery("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
        }
        let dateText = item("X-Amz-Date") ?? ""
        guard let time = Timestamp.parseBasic(dateText) else {
            throw .malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        let expiryText = item("X-Amz-Expires") ?? "900"
        guard let expiry = Int(expiryText) else { throw .malformedQuery("X-Amz-Expires should be a number") }
        guard expiry >= 0 else { throw .malformedQuery("X-Amz-Expires must be non-negative") }
        guard expiry <= 604_800 else {
            throw .malformedQuery(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
            )
        }
        return SignatureClaim(
            form: .query, accessKeyID: accessKeyID, scope: scope,
            signedHeaders: (item("X-Amz-SignedHeaders") ?? "").split(separator: ";").map { $0.lowercased() },
            signature: item("X-Amz-Signature") ?? "", timestamp: dateText, signedAt: time, expirySeconds: expiry,
            sessionToken: item("X-Amz-Security-Token"),
            payloadHash: scope.service == "s3" ? item("X-Amz-Content-SHA256") ?? SignatureV4.unsignedPayload : bodyHash())
    }

    private static func readCredential(
        _ text: String, isQuery: Bool, isRequired: Bool = true
    ) throws(SignatureError) -> (String, SignatureScope) {
        let fields = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        // An access key has no slash; a region and a service have none either.
        guard fields.count == 5, !fields[0].isEmpty, fields[4] == "aws4_request", fields[1].utf8.count == 8 else {
            if isQuery, !isRequired { return ("", SignatureScope(date: "", region: "", service: "s3")) }
            let form = "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"
            if isQuery {
                throw .malformedQuery(
                    "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"\(form)\".")
            }
            throw .malformedCredential(text, expected: form)
        }
        return (fields[0], SignatureScope(date: fields[1], region: fields[2], service: fields[3]))
    }

    /// Checks the signature and the time against the secret of the claimed key.
    ///
    /// - Parameter now: The machine's clock; nil where the time of signing does not matter.
    public func verify(_ request: HTTPRequestParts, secret: String, now: Double?) throws(SignatureError) {
        if let now { try checkTime(now: now) }
        let expected: String
        var canonical = ""
        let text: String
        if form == .queryVersion2 {
            text = SignatureV2.stringToSign(request, expires: timestamp)
            expected = SignatureV2.signature(of: text, secret: secret)
        } else {
            guard signedHeaders.contains("host") else { throw .missingSignedHeader("host") }
            canonical = SignatureV4.canonicalRequest(
                request, signedHeaders: signedHeaders, payloadHash: payloadHash, service: scope.service)
            text = SignatureV4.stringToSign(canonical, timestamp: timestamp, scope: scope)
            expected = SignatureV4.signature(of: text, key: SignatureV4.signingKey(secret: secret, scope: scope))
        }
        guard Digest.isEqual(expected, signature) else {
            throw .mismatch(
                SignatureMismatch(
                    accessKeyID: accessKeyID, provided: signature, stringToSign: text, canonicalRequest: canonical))
        }
        // S3 does what these headers say, so whoever signed must have known them.
        guard form != .queryVersion2, scope.service == "s3" else { return }
        for field in request.headers {
            let name = field.name.lowercased()
            guard name.hasPrefix("x-amz-"), name != "x-amz-content-sha256", !signedHeaders.contains(name) else { continue }
            throw .missingSignedHeader(name)
        }
    }

    private func checkTime(now: Double) throws(SignatureError) {
        let skewSecondsMax = 900.0
        switch form {
        case .queryVersion2:
            if now > signedAt { throw .expired(at: signedAt, now: now, expirySeconds: nil) }
        case .query:
            if signedAt > now + skewSecondsMax { throw .notYetValid(at: signedAt, now: now) }
            let end = signedAt + Double(expirySeconds ?? 900)
            if now > end { throw .expired(at: end, now: now, expirySeconds: expirySeconds) }
        case .header:
            guard timestamp.hasPrefix(scope.date) else { throw .dateOutsideScope(timestamp: timestamp, scope: scope) }
            if (signedAt - now).magnitude > skewSecondsMax {
                throw .skewed(at: signedAt, timestamp: timestamp, now: now, secondsMax: Int(skewSecondsMax))
            }
        }
    }
}

/// Signature Version 2 as S3's presigned URLs used it: HMAC-SHA-1 (Amazon S3 User Guide, "Signing and authenticating REST requests").
enum SignatureV2 {
    /// Query items that name what of a bucket or object is meant, and so are signed.
    private static let subresources: Set<String> = [
        "accelerate", "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy",
        "requestPayment", "restore", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
        "response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires",
    ]

    static func stringToSign(_ request: HTTPRequestParts, expires: String) -> String {
        let items = request.queryItems
        // Older presigners put the headers that are to be sent among the items, too.
        var text =
            "\(request.method)\n\(request.headers["Content-MD5"] ?? "")\n\(request.headers["Content-Type"] ?? "")\n\(expires)\n"
        var amazonHeaders: [String: String] = [:]
        for field in request.headers where field.name.lowercased().hasPrefix("x-amz-") {
            let name = field.name.lowercased()
            amazonHeaders[name] = amazonHeaders[name].map { "\($0),\(field.value)" } ?? field.value
        }
        for item in items where item.name.lowercased().hasPrefix("x-amz-") {
            let name = item.name.lowercased()
            if amazonHeaders[name] == nil { amazonHeaders[name] = item.value ?? "" }
        }
        for (name, value) in amazonHeaders.sorted(by: { $0.key < $1.key }) { text += "\(name):\(value)\n" }
        text += request.path
        let signed = items.filter { subresources.contains($0.name) }.sorted { $0.name < $1.name }
        if !signed.isEmpty {
            text += "?" + signed.map { item in item.value.map { "\(item.name)=\($0)" } ?? item.name }.joined(separator: "&")
        }
        return text
    }

    static func signature(of text: String, secret: String) -> String {
        Base64.encode(Digest.hmacSHA1(key: Array(secret.utf8), Array(text.utf8)))
    }
}
