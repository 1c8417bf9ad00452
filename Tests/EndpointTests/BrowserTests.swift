// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Endpoint

/// What browsers ask of an endpoint: preflights, uploads by forms, websites.
@Suite struct BrowserTests {
    private static func form(_ fields: [(String, String)], file: String, name: String = "a.txt") -> [UInt8] {
        var text = ""
        for (key, value) in fields {
            text += "--frontier\r\nContent-Disposition: form-data; name=\"\(key)\"\r\n\r\n\(value)\r\n"
        }
        text += "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
        text += "Content-Type: text/plain\r\n\r\n\(file)\r\n--frontier--\r\n"
        return Array(text.utf8)
    }

    private static func policy(_ conditions: String, minutes: Double = 10) -> String {
        let expiration = Timestamp.iso8601((Timestamp.now + minutes * 60).rounded(.down))
        return Base64.encode(Array(#"{"expiration":"\#(expiration)","conditions":[\#(conditions)]}"#.utf8))
    }

    private static func signed(_ policy: String) -> [(String, String)] {
        let date = Timestamp.basic(Timestamp.now)
        let scope = SignatureScope(date: String(date.prefix(8)), region: "us-east-1", service: "s3")
        let key = SignatureV4.signingKey(secret: MemoryBackend.key.secretAccessKey, scope: scope)
        return [
            ("policy", policy), ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", "\(MemoryBackend.key.accessKeyID)/\(scope.text)"), ("x-amz-date", date),
            ("x-amz-signature", SignatureV4.signature(of: policy, key: key)),
        ]
    }

    private static func post(_ fields: [(String, String)], file: String, to connection: RawConnection) throws
        -> RawConnection.Answer
    {
        try connection.send(
            HTTPRequestParts(
                method: "POST", path: "/b", headers: ["Host": "x", "Content-Type": "multipart/form-data; boundary=frontier"]),
            body: form(fields, file: file))
        return try connection.receive()
    }

    @Test func formsUploadWhatTheirPolicyAllows() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            let any =
                #"["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]"#
            let policy = Self.policy(
                #"{"bucket":"b"},["starts-with","$key","up/"],{"success_action_status":"201"},["content-length-range",2,10],\#(any)"#
            )
            let signed = Self.signed(policy)
            let status = ("success_action_status", "201")
            let good = try Self.post([("key", "up/${filename}"), status] + signed, file: "hello", to: connection)
            #expect(good.status == 201 && good.text.contains("<Key>up/a.txt</Key>"))
            try connection.send(EndpointFixture.signed("GET", "/b/up/a.txt", port: port))
            #expect(try connection.receive().text == "hello")

            let outside = try Self.post([("key", "down/x"), status] + signed, file: "hello", to: connection)
            #expect(outside.status == 403 && outside.text.contains("Policy Condition failed"))
            let extra = try Self.post([("key", "up/x"), status, ("acl", "public-read")] + signed, file: "hello", to: connection)
            #expect(extra.text.contains("Extra input fields: acl"))
            let large = try Self.post([("key", "up/x"), status] + signed, file: "more than ten", to: connection)
            #expect(large.status == 400 && large.text.contains("<Code>EntityTooLarge</Code>"))
            let forged = signed.map { $0.0 == "x-amz-signature" ? ($0.0, String(repeating: "0", count: 64)) : $0 }
            let refused = try Self.post([("key", "up/x"), status] + forged, file: "hello", to: connection)
            #expect(refused.text.contains("<Code>SignatureDoesNotMatch</Code>"))
            let late = Self.signed(Self.policy("", minutes: -1))
            #expect(try Self.post([("key", "up/x")] + late, file: "hello", to: connection).text.contains("Policy expired."))
        }
    }

    @Test func aFileIsReadWhateverThePieces() async throws {
        let content = String(repeating: "\r\n--fron\r", count: 500)
        let body = Self.form([("key", "k")], file: content)
        for size in [1, 7, 64, body.count] {
            let pieces = stride(from: 0, to: body.count, by: size).map { Array(body[$0..<min($0 + size, body.count)]) }
            let queue = PieceQueue(pieces)
            let reader = try #require(FormReader(contentType: "multipart/form-data; boundary=frontier") { queue.next() })
            let (fields, file) = try await reader.fields()
            #expect(fields.map(\.value) == ["k"] && file?.fileName == "a.txt" && file?.contentType == "text/plain")
            var found: [UInt8] = []
            while let piece = try await reader.next() { found += piece }
            #expect(String(decoding: found, as: UTF8.self) == content)
        }
    }

    @Test func preflightsAreAnsweredByTheBucketsRules() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            func ask(_ origin: String, _ method: String, bucket: String = "open") throws -> RawConnection.Answer {
                try connection.send(
                    HTTPRequestParts(
                        method: "OPTIONS", path: "/\(bucket)/k",
                        headers: [
                            "Host": "x", "Origin": origin, "Access-Control-Request-Method": method,
                            "Access-Control-Request-Headers": "X-Amz-Date, Content-Type",
                        ]))
                return try connection.receive()
            }
            let good = try ask("https://app.example.com", "PUT")
            #expect(good.status == 200 && good.headers["Access-Control-Allow-Origin"] == "https://app.example.com")
            #expect(good.headers["Access-Control-Allow-Headers"] == "x-amz-date, content-type")
            #expect(good.headers["Access-Control-Max-Age"] == "60")
            #expect(try ask("https://evil.example.org", "PUT").text.contains("<Code>AccessForbidden</Code>"))
            #expect(try ask("https://app.example.com", "DELETE").status == 403)
            #expect(try ask("https://app.example.com", "PUT", bucket: "b").text.contains("CORS is not enabled for this bucket."))
            var request = EndpointFixture.signed("PUT", "/open/k", port: port)
            request.headers["Origin"] = "https://app.example.com"
            try connection.send(request, body: [1])
            #expect(try connection.receive().headers["Access-Control-Expose-Headers"] == "ETag")
        }
    }

    @Test func websitesHaveIndexErrorPageAndRedirects() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            for key in ["index.html", "docs/index.html", "error.html"] {
                try connection.send(EndpointFixture.signed("PUT", "/site/" + key, port: port), body: Array(key.utf8))
                #expect(try connection.receive().status == 200)
            }
            func get(_ path: String) throws -> RawConnection.Answer {
                try connection.send(
                    HTTPRequestParts(method: "GET", path: path, headers: ["Host": "site.s3-website.localhost:\(port)"]))
                return try connection.receive()
            }
            #expect(try get("/").text == "index.html")
            #expect(try get("/docs/").text == "docs/index.html")
            let folder = try get("/docs")
            #expect(folder.status == 302 && folder.headers["Location"] == "/docs/")
            let missing = try get("/nothing")
            #expect(missing.status == 404 && missing.text == "error.html")
            let moved = try get("/old/page")
            #expect(moved.status == 301 && moved.headers["Location"] == "http://site.s3-website.localhost:\(port)/new/page")
        }
    }
}

/// Pieces one after another.
final class PieceQueue: @unchecked Sendable {
    private var pieces: [[UInt8]]

    init(_ pieces: [[UInt8]]) { self.pieces = pieces.reversed() }

    func next() -> [UInt8]? { pieces.popLast() }
}
