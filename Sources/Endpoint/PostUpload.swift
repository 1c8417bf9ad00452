// SPDX-License-Identifier: Apache-2.0

import ServiceModel
import Wire

/// Uploads by an HTML form (S3 API Reference, "POST Object"): the form becomes a PutObject of whoever signed its policy.
struct PostUpload {
    let responder: EndpointResponder
    let bucket: String

    /// Fields that are headers of PutObject under another name.
    private static let headerNames = [
        "acl": "x-amz-acl", "content-type": "Content-Type", "cache-control": "Cache-Control", "expires": "Expires",
        "content-disposition": "Content-Disposition", "content-encoding": "Content-Encoding",
    ]

    func answer(_ exchange: inout EndpointResponder.Exchange, contentType: String) async throws -> HTTPResponseParts {
        guard let model = ServiceCatalog.service("s3"), let operation = model.operation("PutObject"),
            let body = exchange.parts.body,
            case .stream(let next) = body.source, let reader = FormReader(contentType: contentType, next: next)
        else { throw FormReader.malformed }
        let codec = ServiceCodec(model: model)
        exchange.codec = codec
        let (list, file) = try await reader.fields()
        guard let file else {
            throw ServiceError(
                "InvalidArgument", "POST requires exactly one file upload per request.", status: 400,
                details: [.init("ArgumentName", "file"), .init("ArgumentValue", "0")])
        }
        var fields: [String: String] = [:]
        for field in list { fields[field.name.lowercased()] = field.value }
        guard let key = fields["key"]?.replacing("${filename}", with: file.fileName ?? ""), !key.isEmpty else {
            throw ServiceError(
                "InvalidArgument",
                "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
                status: 400, details: [.init("ArgumentName", "key"), .init("ArgumentValue", "")])
        }
        var checked = fields
        checked["key"] = key
        checked["bucket"] = bucket
        let (signer, policy) = try await signer(fields, checked)
        exchange.accessKeyID = signer?.credentials.accessKeyID
        var headers = try Self.headers(fields)
        if headers["Content-Type"] == nil { headers["Content-Type"] = file.contentType }
        let piece: @Sendable () async throws -> [UInt8]? = { try await reader.next() }
        let limited = policy?.limited(piece) ?? piece
        let put = HTTPRequestParts(method: "PUT", headers: headers, body: Body(length: nil, next: limited))
        let decoded = try await codec.decodeRequest(put, operation: operation, labels: ["Bucket": bucket, "Key": key])
        let response = try await responder.backend.client.send(
            ServiceRequest(
                service: "s3", operation: operation.name, input: decoded.input, body: decoded.body,
                credentials: signer?.credentials,
                region: signer?.region ?? responder.defaultRegion, sourceAddress: exchange.address,
                userAgent: exchange.parts.headers["User-Agent"] ?? ""))
        var answer = self.answer(fields, key: key, output: response.output, host: exchange.parts.headers["Host"] ?? "")
        exchange.identifiers.add(to: &answer, service: "s3")
        return answer
    }

    /// Who signed the policy, in either version of the signature; nobody where the form has none.
    private func signer(
        _ fields: [String: String], _ checked: [String: String]
    ) async throws -> (EndpointResponder.Signer?, PostPolicy?) {
        guard let text = fields["policy"] else {
            if !responder.allowsAnonymousWrites { throw SignatureError.missing }
            return (nil, nil)
        }
        let accessKeyID: String
        var region = responder.defaultRegion
        var scope: SignatureScope?
        if let credential = fields["x-amz-credential"] {
            let parts = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 5, fields["x-amz-algorithm"] == SignatureV4.algorithm else {
                throw SignatureError.malformedCredential(credential, expected: "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request")
            }
            accessKeyID = parts[0]
            region = parts[2]
            scope = SignatureScope(date: parts[1], region: parts[2], service: parts[3])
        } else if let key = fields["awsaccesskeyid"] {
            accessKeyID = key
        } else {
            throw SignatureError.missing
        }
        guard let credentials = try await responder.backend.credentials(forAccessKeyID: accessKeyID) else {
            throw SignatureError.unknownAccessKey(accessKeyID)
        }
        let token = fields["x-amz-security-token"]
        if credentials.sessionToken != token { throw SignatureError.wrongSessionToken(token ?? "") }
        let expected =
            scope.map {
                SignatureV4.signature(of: text, key: SignatureV4.signingKey(secret: credentials.secretAccessKey, scope: $0))
            }
            ?? Base64.encode(Digest.hmacSHA1(key: Array(credentials.secretAccessKey.utf8), Array(text.utf8)))
        let provided = fields[scope == nil ? "signature" : "x-amz-signature"] ?? ""
        guard Digest.isEqual(expected, provided) else {
            throw SignatureError.mismatch(
                SignatureMismatch(accessKeyID: accessKeyID, provided: provided, stringToSign: text, canonicalRequest: ""))
        }
        let policy = try PostPolicy(text, now: Timestamp.now)
        try policy.check(checked)
        return (EndpointResponder.Signer(credentials: credentials, region: region), policy)
    }

    private static func headers(_ fields: [String: String]) throws -> HTTPHeaders {
        var headers: HTTPHeaders = [:]
        for (name, value) in fields {
            if let header = headerNames[name] {
                headers[header] = value
            } else if name == "tagging" {
                headers["x-amz-tagging"] = try tagging(value)
            } else if name.hasPrefix("x-amz-meta-") || name.hasPrefix("x-amz-server-side-encryption")
                || name.hasPrefix("x-amz-checksum-") || name.hasPrefix("x-amz-object-lock-")
                || ["x-amz-storage-class", "x-amz-website-redirect-location"].contains(name)
            {
                headers[name] = value
            }
        }
        return headers
    }

    /// A form has tags as XML, a header as a query string.
    private static func tagging(_ text: String) throws -> String {
        guard let set = try? XMLElement.parse(Array(text.utf8)).child("TagSet") else {
            throw ServiceError(
                "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
                status: 400)
        }
        return QueryItem.serialize(
            set.children.filter { $0.name == "Tag" }.map { QueryItem($0.child("Key")?.text ?? "", $0.child("Value")?.text ?? "") })
    }

    private func answer(_ fields: [String: String], key: String, output: Value, host: String) -> HTTPResponseParts {
        let eTag = output["ETag"]?.stringValue ?? ""
        let location = "http://\(host)/\(bucket)/\(PercentEncoding.encode(key, keepsSlash: true))"
        var answer = HTTPResponseParts(status: 204, headers: ["ETag": eTag, "Location": location])
        if let version = output["VersionId"]?.stringValue { answer.headers["x-amz-version-id"] = version }
        if let target = fields["success_action_redirect"] ?? fields["redirect"], target.contains("://") {
            let items = QueryItem.serialize([QueryItem("bucket", bucket), QueryItem("key", key), QueryItem("etag", eTag)])
            answer.status = 303
            answer.headers["Location"] = target + (target.contains("?") ? "&" : "?") + items
        } else if fields["success_action_status"] == "200" {
            answer.status = 200
        } else if fields["success_action_status"] == "201" {
            answer.status = 201
            let members = [("Location", location), ("Bucket", bucket), ("Key", key), ("ETag", eTag)]
                .map { "<\($0)>\(Markup.escaped($1))</\($0)>" }.joined()
            let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>\(members)</PostResponse>"
            answer.body = Body(bytes: Array(text.utf8))
            answer.headers["Content-Type"] = "application/xml"
        }
        return answer
    }
}
