// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire

@testable import RemoteClient

/// Requests to another endpoint, over real connections.
@Suite(.serialized) struct RemoteClientTests {
    private static let credentials = Credentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret")
    private static let identity =
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>"
        + "</GetCallerIdentityResponse>"
    private static let whoAmI = ServiceRequest(
        service: "sts", operation: "GetCallerIdentity", credentials: credentials, region: "us-east-1")

    private func client(_ port: Int, _ settings: RemoteClient.Settings = .init()) throws -> RemoteClient {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)"))
        return try #require(RemoteClient(url, settings: settings) { _ in .zero })
    }

    @Test func requestsAreSigned() async throws {
        let server = try AnsweringServer([answer("200 OK", body: Self.identity)])
        defer { server.stop() }
        let output = try await client(server.port).send(Self.whoAmI).output
        #expect(output["Account"] == "123456789012")
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("POST / HTTP/1.1\r\n"))
        #expect(request.contains("Host: 127.0.0.1:\(server.port)\r\n"))
        #expect(request.contains("Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"))
        #expect(request.hasSuffix("\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15"))
    }

    @Test func unsignedRequestsSayNothingOfAnybody() async throws {
        let server = try AnsweringServer([answer("200 OK", body: Self.identity)])
        defer { server.stop() }
        var request = Self.whoAmI
        request.credentials = nil
        _ = try await client(server.port).send(request)
        #expect(server.requests.first?.contains("Authorization") == false)
    }

    @Test func failuresAreTriedAgain() async throws {
        let server = try AnsweringServer([
            answer("500 Internal Server Error"), .close, answer("200 OK", body: Self.identity),
        ])
        defer { server.stop() }
        #expect(try await client(server.port).send(Self.whoAmI).output["Account"] == "123456789012")
        #expect(server.requests.count == 3)
    }

    @Test func theLastRefusalTellsHowOften() async throws {
        let server = try AnsweringServer(
            Array(
                repeating: answer("503 Slow Down", body: "<ErrorResponse><Error><Code>SlowDown</Code></Error></ErrorResponse>"),
                count: 3))
        defer { server.stop() }
        do {
            _ = try await client(server.port).send(Self.whoAmI)
            Issue.record("There must be an error")
        } catch let error as ServiceError {
            #expect(error.code == "SlowDown")
            #expect(error.retryCount == 2)
        }
        #expect(server.requests.count == 3)
    }

    @Test func refusalsAreNotTriedAgain() async throws {
        let server = try AnsweringServer([
            answer(
                "403 Forbidden",
                body: "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>")
        ])
        defer { server.stop() }
        let client = try client(server.port)
        await #expect(throws: ServiceError("AccessDenied", "no", status: 403)) { try await client.send(Self.whoAmI) }
        #expect(server.requests.count == 1)
    }

    @Test func filesAreSentAsTheyAre() async throws {
        let server = try AnsweringServer([answer("200 OK", ["ETag: \"e\""])])
        defer { server.stop() }
        let folder = NSTemporaryDirectory() + "sagebrush-remote-\(UUID().uuidString)"
        try Data("0123456789".utf8).write(to: URL(fileURLWithPath: folder))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let client = try client(server.port)
        let object: Value = ["Bucket": "b", "Key": "a/ü"]
        let put = ServiceRequest(
            service: "s3", operation: "PutObject", input: object, body: Body(path: folder, offset: 2, length: 5),
            credentials: Self.credentials, region: "us-east-1")
        #expect(try await client.send(put).output["ETag"] == "\"e\"")
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("PUT /b/a/%C3%BC HTTP/1.1\r\n"))
        #expect(request.contains("x-amz-checksum-crc64nvme: "))
        #expect(request.hasSuffix("\r\n\r\n23456"))
    }

    @Test func answersEndAsTheySay() async throws {
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n"
        let server = try AnsweringServer([
            .text("HTTP/1.1 100 Continue\r\n\r\n" + chunks), answer("200 OK", body: "known"),
            .text("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"),
            .text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort"),
        ])
        defer { server.stop() }
        let client = try client(server.port)
        let get = ServiceRequest(
            service: "s3", operation: "GetObject", input: ["Bucket": "b", "Key": "k"], credentials: Self.credentials,
            region: "us-east-1")
        for expected in ["abcdefg", "known", "to the end"] {
            let bytes = try await client.send(get).body?.collect()
            #expect(bytes.map { String(decoding: $0, as: UTF8.self) } == expected)
        }
        let short = try await client.send(get)
        await #expect(throws: RemoteError.closed(url: "http://127.0.0.1:\(server.port)/b/k")) { try await short.body?.collect() }
    }

    @Test func nobodyThere() async throws {
        let client = try client(1)
        await #expect(throws: RemoteError.cannotConnect(url: "http://127.0.0.1:1/b?list-type=2")) {
            try await client.send(
                ServiceRequest(
                    service: "s3", operation: "ListObjectsV2", input: ["Bucket": "b"], credentials: nil, region: "us-east-1"))
        }
        #expect(
            RemoteError.cannotConnect(url: "http://127.0.0.1:1/").description
                == "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\"")
    }

    @Test func silenceEnds() async throws {
        let server = try AnsweringServer([.silence])
        defer { server.stop() }
        let client = try client(server.port, .init(readTimeoutSeconds: 1, maximumAttempts: 1))
        await #expect(throws: RemoteError.readTimeout(url: "http://127.0.0.1:\(server.port)/")) {
            try await client.send(Self.whoAmI)
        }
    }

    @Test func addressesThatAreNone() throws {
        for text in ["ftp://host/", "http://", "file:///tmp"] {
            #expect(URL(string: text).flatMap { RemoteClient($0) } == nil)
        }
        let endpoint = try #require(
            URL(string: "https://example.com:443/base/").flatMap { RemoteEndpoint($0, settings: .init()) })
        #expect(endpoint.authority == "example.com")
        #expect(endpoint.path("/") == "/base/")
        #expect(endpoint.path("/b/k") == "/base/b/k")
    }
}
