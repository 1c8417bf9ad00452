// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Wire

@Suite struct SignatureV4Tests {
    static let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/sigv4")
    static let time = 1_440_938_160.0  // 2015-08-30T12:36:00Z

    /// Folders that hold a `.req`, relative to the suite.
    static let cases: [String] = {
        let all = FileManager.default.enumerator(atPath: vectors.path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".req") }.map { ($0 as NSString).deletingLastPathComponent }.sorted()
    }()

    static func text(_ name: String, _ suffix: String) throws -> String {
        let file = vectors.appendingPathComponent(name).appendingPathComponent((name as NSString).lastPathComponent + suffix)
        return try String(contentsOf: file, encoding: .utf8).replacingOccurrences(of: "\r", with: "")
    }

    static func request(_ text: String) -> (request: HTTPRequestParts, body: [UInt8]) {
        let end = text.range(of: "\n\n")
        let head = text[..<(end?.lowerBound ?? text.endIndex)]
        let body = end.map { Array(text[$0.upperBound...].utf8) } ?? []
        let lines = head.split(separator: "\n")
        let first = lines[0]
        let method = first.prefix { $0 != " " }
        let target = first.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
        let question = target.firstIndex(of: "?") ?? target.endIndex
        var request = HTTPRequestParts(
            method: String(method), path: String(target[..<question]), query: String(target[question...].dropFirst()))
        for line in lines.dropFirst() {
            if line.hasPrefix(" "), let last = request.headers.fields.indices.last {
                request.headers.fields[last].value += "\n" + line
            } else if let colon = line.firstIndex(of: ":") {
                request.headers.append(String(line[..<colon]), String(line[line.index(after: colon)...]))
            }
        }
        return (request, body)
    }

    static let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    @Test func theSuiteIsThere() { #expect(Self.cases.count == 34) }

    @Test(arguments: cases) func passesTheSuite(name: String) throws {
        let parsed = Self.request(try Self.text(name, ".req"))
        var request = parsed.request
        let body = parsed.body
        // The request with a token is given without it: its signer adds it.
        for line in try Self.text(name, ".creq").split(separator: "\n") where line.hasPrefix("x-amz-security-token:") {
            request.headers["X-Amz-Security-Token"] = String(line.dropFirst("x-amz-security-token:".count))
        }
        let signer = SignatureV4(credentials: Self.credentials, region: "us-east-1", service: "service")
        let names = Set(request.headers.map { $0.name.lowercased() }).sorted()
        let hash = Digest.sha256Hexadecimal(body)
        let canonical = SignatureV4.canonicalRequest(request, signedHeaders: names, payloadHash: hash, service: "service")
        #expect(canonical == (try Self.text(name, ".creq")))
        let scope = SignatureScope(date: "20150830", region: "us-east-1", service: "service")
        let expected = try Self.text(name, ".sts")
        #expect(SignatureV4.stringToSign(canonical, timestamp: "20150830T123600Z", scope: scope) == expected)
        let authorization = try Self.text(name, ".authz")
        #expect(signer.authorization(of: request, signedHeaders: names, payloadHash: hash, at: Self.time) == authorization)

        var signed = request
        signed.headers["Authorization"] = authorization
        let claim = try #require(try SignatureClaim.read(signed, bodyHash: hash))
        try claim.verify(signed, secret: Self.credentials.secretAccessKey, now: Self.time + 60)
        #expect(throws: SignatureError.self) { try claim.verify(signed, secret: "wrong", now: Self.time) }
        #expect(throws: SignatureError.self) {
            try claim.verify(signed, secret: Self.credentials.secretAccessKey, now: Self.time + 901)
        }
    }

    /// The worked examples of the S3 API reference, "Authenticating requests".
    @Test func s3DocumentationExamples() throws {
        let credentials = Credentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let signer = SignatureV4(credentials: credentials, region: "us-east-1", service: "s3")
        let time = 1_369_353_600.0  // 2013-05-24T00:00:00Z
        let url = signer.presignedURL(
            endpoint: "https://examplebucket.s3.amazonaws.com", path: "/test.txt", expirySeconds: 86400, at: time)
        #expect(url.hasSuffix("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
        #expect(
            url.hasPrefix(
                "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
            ))

        var put = HTTPRequestParts(
            method: "PUT", path: "/test%24file.text",
            headers: [
                "Host": "examplebucket.s3.amazonaws.com", "Date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            ])
        signer.sign(&put, payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072", at: time)
        #expect(
            put.headers["Authorization"]?.hasSuffix("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
                == true)
    }

    /// The worked example of the S3 API reference, "Transferring payload in multiple chunks".
    @Test func chunkedDocumentationExample() {
        let scope = SignatureScope(date: "20130524", region: "us-east-1", service: "s3")
        var signature = ChunkSignature(
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", timestamp: "20130524T000000Z", scope: scope,
            seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
        #expect(
            signature.next(chunkHash: Digest.sha256Hexadecimal([UInt8](repeating: 0x61, count: 65536)))
                == "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648")
        #expect(
            signature.next(chunkHash: Digest.sha256Hexadecimal([UInt8](repeating: 0x61, count: 1024)))
                == "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497")
        #expect(
            signature.next(chunkHash: SignatureV4.emptyPayloadHash)
                == "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")
    }

    @Test func presignedRequestsExpire() throws {
        let signer = SignatureV4(credentials: Self.credentials, region: "eu-west-1", service: "s3")
        let url = signer.presignedURL(endpoint: "http://127.0.0.1:4566", path: "/b/a%20b", expirySeconds: 60, at: Self.time)
        let parts = url.dropFirst("http://127.0.0.1:4566".count).split(separator: "?")
        let request = HTTPRequestParts(
            method: "GET", path: String(parts[0]), query: String(parts[1]), headers: ["Host": "127.0.0.1:4566"])
        let claim = try #require(try SignatureClaim.read(request, bodyHash: ""))
        try claim.verify(request, secret: Self.credentials.secretAccessKey, now: Self.time + 59)
        let error = #expect(throws: SignatureError.self) {
            try claim.verify(request, secret: Self.credentials.secretAccessKey, now: Self.time + 61)
        }
        #expect(error?.serviceError(for: .s3).message == "Request has expired")
        var other = request
        other.path = "/b/c"
        #expect(throws: SignatureError.self) { try claim.verify(other, secret: Self.credentials.secretAccessKey, now: Self.time) }
    }
}
