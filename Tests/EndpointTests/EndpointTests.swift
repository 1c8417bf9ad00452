// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Endpoint

@Suite struct EndpointTests {
    @Test func objectsGoBothWaysOverOneConnection() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try connection.send(EndpointFixture.signed("PUT", "/b/a%20key", port: port), body: content)
            let put = try connection.receive()
            #expect(put.status == 200 && put.headers["ETag"] == "\"1\"")
            #expect(
                put.headers["x-amz-request-id"]?.count == 16 && put.headers["x-amz-id-2"] != nil
                    && put.headers["Server"] == "AmazonS3")
            #expect(put.headers["Date"] != nil)
            try connection.send(EndpointFixture.signed("GET", "/b/a%20key", port: port))
            let get = try connection.receive()
            #expect(get.status == 200 && get.body == content && get.headers["x-amz-meta-a"] == "b")
            #expect(get.headers["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT")
            try connection.send(EndpointFixture.signed("HEAD", "/b/a%20key", port: port))
            let head = try connection.receive(isHead: true)
            #expect(head.status == 200 && head.headers["Content-Length"] == "1000000")
            try connection.send(EndpointFixture.signed("HEAD", "/b/none", port: port))
            #expect(try connection.receive(isHead: true).status == 404)
            try connection.send(EndpointFixture.signed("GET", "/b/none", port: port))
            let missing = try connection.receive()
            #expect(
                missing.status == 404 && missing.text.contains("<Code>NoSuchKey</Code>")
                    && missing.text.contains("<Key>b/none</Key>"))
        }
    }

    @Test func answersExpectContinueBeforeTheBody() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            var request = EndpointFixture.signed("PUT", "/b/k", port: port)
            request.headers["Expect"] = "100-continue"
            request.headers["Content-Length"] = "5"
            try connection.send(request)
            #expect(try connection.receive().status == 100)
            try connection.send(Array("hello".utf8))
            #expect(try connection.receive().status == 200)
        }
    }

    @Test func takesChunkedBodiesApartAndChecksTrailers() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            let headers: HTTPHeaders = [
                "Content-Encoding": "aws-chunked", "X-Amz-Trailer": "x-amz-checksum-crc32", "X-Amz-Decoded-Content-Length": "5",
            ]
            func put(_ checksum: String) throws -> RawConnection.Answer {
                let request = EndpointFixture.signed(
                    "PUT", "/b/k", port: port, headers: headers, payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
                try connection.send(request, body: Array("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:\(checksum)\r\n\r\n".utf8))
                return try connection.receive()
            }
            #expect(try put("NhCmhg==").headers["x-amz-checksum-crc32"] == "CRC32")
            let wrong = try put("AAAAAA==")
            #expect(wrong.status == 400 && wrong.text.contains("<Code>BadDigest</Code>"))
            try connection.send(EndpointFixture.signed("GET", "/b/k", port: port))
            #expect(try connection.receive().text == "hello")
        }
    }

    @Test func refusesWrongSignatures() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            func answer(_ request: HTTPRequestParts, _ body: String = "") throws -> RawConnection.Answer {
                try connection.send(request, body: Array(body.utf8))
                return try connection.receive()
            }
            let wrong = Credentials(accessKeyID: MemoryBackend.key.accessKeyID, secretAccessKey: "wrong")
            let unknown = Credentials(accessKeyID: "AKIAUNKNOWN", secretAccessKey: "wrong")
            #expect(
                try answer(EndpointFixture.signed("GET", "/b/k", port: port, key: wrong)).text.contains(
                    "<Code>SignatureDoesNotMatch</Code>"))
            #expect(
                try answer(EndpointFixture.signed("GET", "/b/k", port: port, key: unknown)).text.contains(
                    "<Code>InvalidAccessKeyId</Code>"))
            let late = try answer(EndpointFixture.signed("GET", "/b/k", port: port, at: Timestamp.now - 3600))
            #expect(late.status == 403 && late.text.contains("<Code>RequestTimeTooSkewed</Code>"))
            let anonymous = HTTPRequestParts(method: "GET", path: "/b/k", headers: ["Host": "127.0.0.1:\(port)"])
            #expect(try answer(anonymous).text.contains("<Code>AccessDenied</Code>"))
            let hashed = EndpointFixture.signed(
                "PUT", "/b/k", port: port, payloadHash: Digest.sha256Hexadecimal(Array("other".utf8)))
            #expect(try answer(hashed, "hello").text.contains("<Code>XAmzContentSHA256Mismatch</Code>"))

            let form = "Action=GetCallerIdentity&Version=2011-06-15"
            let hash = Digest.sha256Hexadecimal(Array(form.utf8))
            let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"]
            func identity(_ key: Credentials, _ body: String) throws -> RawConnection.Answer {
                try answer(
                    EndpointFixture.signed("POST", "/", port: port, headers: headers, payloadHash: hash, service: "sts", key: key),
                    body)
            }
            let good = try identity(MemoryBackend.key, form)
            #expect(good.status == 200 && good.text.contains("<Arn>eu-west-1</Arn>") && good.text.contains("<RequestId>"))
            #expect(try identity(unknown, form).text.contains("<Code>InvalidClientTokenId</Code>"))
            #expect(try identity(MemoryBackend.key, form + "&X=1").text.contains("<Code>SignatureDoesNotMatch</Code>"))

            var target = EndpointFixture.signed(
                "POST", "/", port: port,
                headers: ["X-Amz-Target": "SageMaker.ListModels", "Content-Type": "application/x-amz-json-1.1"],
                payloadHash: Digest.sha256Hexadecimal(Array("{}".utf8)), service: "sagemaker", key: unknown)
            #expect(try answer(target, "{}").text.contains("UnrecognizedClientException"))
            target.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=x"
            #expect(try answer(target, "{}").text.contains("IncompleteSignatureException"))
        }
    }

    @Test func presignedRequestsNeedNoHeaders() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            try connection.send(EndpointFixture.signed("PUT", "/b/k", port: port), body: Array("hello".utf8))
            #expect(try connection.receive().status == 200)
            func get(at time: Double) throws -> RawConnection.Answer {
                let origin = "http://127.0.0.1:\(port)"
                let url = SignatureV4(credentials: MemoryBackend.key, region: "us-east-1", service: "s3")
                    .presignedURL(endpoint: origin, path: "/b/k", expirySeconds: 60, at: time)
                let parts = url.dropFirst(origin.count).split(separator: "?")
                try connection.send(
                    HTTPRequestParts(
                        method: "GET", path: String(parts[0]), query: String(parts[1]), headers: ["Host": "127.0.0.1:\(port)"]))
                return try connection.receive()
            }
            #expect(try get(at: Timestamp.now).text == "hello")
            #expect(try get(at: Timestamp.now - 120).text.contains("<Message>Request has expired</Message>"))
        }
    }

    @Test func health() async throws {
        try await EndpointFixture.with { port in
            let connection = try RawConnection(port: port)
            try connection.send(HTTPRequestParts(method: "GET", path: "/health", headers: ["Host": "x"]))
            #expect(try connection.receive().text == "{\"status\":\"ok\"}")
        }
    }
}
