// SPDX-License-Identifier: Apache-2.0

import ServiceModel
import Testing

@testable import Wire

@Suite struct RequestRouterTests {
    let router = RequestRouter()

    @Test(arguments: [
        ("GET /", "ListBuckets"), ("PUT /b", "CreateBucket"), ("PUT /b/", "CreateBucket"),
        ("GET /b?list-type=2&prefix=x", "ListObjectsV2"),
        ("GET /b?prefix=x", "ListObjects"), ("GET /b?location", "GetBucketLocation"), ("GET /b?location=", "GetBucketLocation"),
        ("PUT /b/k", "PutObject"), ("PUT /b/a//b/?x-id=PutObject", "PutObject"), ("PUT /b/k?partNumber=1&uploadId=u", "UploadPart"),
        ("GET /b/k?uploadId=u", "ListParts"), ("POST /b/k?uploads", "CreateMultipartUpload"),
        ("POST /b/k?uploadId=u", "CompleteMultipartUpload"), ("DELETE /b/k?uploadId=u", "AbortMultipartUpload"),
        ("POST /b?delete", "DeleteObjects"), ("GET /b?versions", "ListObjectVersions"), ("HEAD /b", "HeadBucket"),
        ("HEAD /b/k", "HeadObject"),
        ("GET /b?notification", "GetBucketNotificationConfiguration"), ("PUT /b?lifecycle", "PutBucketLifecycleConfiguration"),
        ("DELETE /b?lifecycle", "DeleteBucketLifecycle"), ("GET /b?analytics", "ListBucketAnalyticsConfigurations"),
        ("GET /b?analytics&id=1", "GetBucketAnalyticsConfiguration"), ("DELETE /b/k?tagging", "DeleteObjectTagging"),
    ]) func routesS3(request: String, operation: String) throws {
        let routed = try router.route(Self.parts(request), signingName: "s3", form: [])
        #expect(routed.operation.name == operation)
        #expect(request.contains("/b") == (routed.labels["Bucket"] == "b"))
    }

    static func parts(_ text: String) -> HTTPRequestParts {
        let fields = text.split(separator: " ")
        let target = fields[1].split(separator: "?", maxSplits: 1)
        return HTTPRequestParts(
            method: String(fields[0]), path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
            headers: ["Host": "127.0.0.1:4566"])
    }

    @Test func copyNeedsItsHeader() throws {
        var request = Self.parts("PUT /b/k")
        request.headers["x-amz-copy-source"] = "b/other"
        #expect(try router.route(request, signingName: "s3", form: []).operation.name == "CopyObject")
        request.query = "partNumber=1&uploadId=u"
        #expect(try router.route(request, signingName: "s3", form: []).operation.name == "UploadPartCopy")
    }

    @Test(arguments: ["b.localhost:4566", "b.s3.amazonaws.com", "b.s3.eu-west-1.amazonaws.com", "b.s3-us-west-2.amazonaws.com"])
    func findsTheBucketInTheHost(host: String) throws {
        var request = Self.parts("GET /a%20b/c")
        request.headers["Host"] = host
        let routed = try router.route(request, signingName: "s3", form: [])
        #expect(routed.labels == ["Bucket": "b", "Key": "a b/c"])
    }

    @Test func routesTargetsFormsAndPaths() throws {
        var request = Self.parts("POST /")
        request.headers["X-Amz-Target"] = "SageMaker.CreateTrainingJob"
        #expect(try router.route(request, signingName: "sagemaker", form: []).operation.name == "CreateTrainingJob")
        request.headers["X-Amz-Target"] = "GraniteServiceVersion20100801.PutMetricData"
        request.headers["Content-Type"] = "application/x-amz-json-1.0"
        let cloudwatch = try router.route(request, signingName: "monitoring", form: [])
        #expect(cloudwatch.codec.protocolName == .json && cloudwatch.codec.jsonVersion == "1.0")
        request.headers["X-Amz-Target"] = "SageMaker.Nonsense"
        #expect(throws: RequestRouter.Unroutable.self) { try router.route(request, signingName: "sagemaker", form: []) }
        request.headers["X-Amz-Target"] = nil

        let form = [QueryItem("Action", "GetCallerIdentity"), QueryItem("Version", "2011-06-15")]
        let identity = try router.route(request, signingName: "sts", form: form)
        #expect(identity.operation.name == "GetCallerIdentity" && identity.codec.protocolName == .query)
        #expect(try router.route(request, signingName: nil, form: form).operation.name == "GetCallerIdentity")

        let invoke = try router.route(Self.parts("POST /endpoints/my-endpoint/invocations"), signingName: "sagemaker", form: [])
        #expect(invoke.operation.name == "InvokeEndpoint" && invoke.labels == ["EndpointName": "my-endpoint"])
    }
}

@Suite struct AWSChunkedDecoderTests {
    static let scope = SignatureScope(date: "20130524", region: "us-east-1", service: "s3")
    static let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"

    static func signedBody() -> [UInt8] {
        var signature = ChunkSignature(secret: "secret", timestamp: "20130524T000000Z", scope: scope, seed: seed)
        var body = ""
        for chunk in [String(repeating: "a", count: 300), "bcd", ""] {
            let hash = Digest.sha256Hexadecimal(Array(chunk.utf8))
            body +=
                "\(String(chunk.utf8.count, radix: 16));chunk-signature=\(signature.next(chunkHash: hash))\r\n\(chunk)\(chunk.isEmpty ? "" : "\r\n")"
        }
        return Array((body + "\r\n").utf8)
    }

    static func decode(_ body: [UInt8], pieceByteCount: Int, _ decoder: AWSChunkedDecoder) throws -> (String, [HTTPHeaders.Field]) {
        var decoder = decoder
        var output: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: pieceByteCount) {
            output += try decoder.decode(Array(body[start..<min(start + pieceByteCount, body.count)]))
        }
        try decoder.finish()
        return (String(decoding: output, as: UTF8.self), decoder.trailers)
    }

    @Test(arguments: [1, 7, 4096]) func verifiesSignedChunks(pieceByteCount: Int) throws {
        let signature = ChunkSignature(secret: "secret", timestamp: "20130524T000000Z", scope: Self.scope, seed: Self.seed)
        let (text, _) = try Self.decode(Self.signedBody(), pieceByteCount: pieceByteCount, AWSChunkedDecoder(signature: signature))
        #expect(text == String(repeating: "a", count: 300) + "bcd")
        var changed = Self.signedBody()
        if let place = changed.firstIndex(of: UInt8(ascii: "b")) { changed[place] = UInt8(ascii: "x") }
        #expect(throws: ServiceError.self) {
            try Self.decode(changed, pieceByteCount: pieceByteCount, AWSChunkedDecoder(signature: signature))
        }
    }

    @Test(arguments: [1, 5, 100]) func readsTrailers(pieceByteCount: Int) throws {
        let body = Array("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n".utf8)
        let (text, trailers) = try Self.decode(body, pieceByteCount: pieceByteCount, AWSChunkedDecoder(signature: nil))
        #expect(text == "hello")
        #expect(trailers == [.init("x-amz-checksum-crc32", "NhCmhg==")])
    }

    @Test(arguments: ["5\r\nhel", "zz\r\n", "-1\r\n", "5\r\nhello!\r\n0\r\n\r\n", "5\r\nhello\r\n"]) func refusesOthers(
        body: String
    ) {
        #expect(throws: ServiceError.self) {
            try Self.decode(Array(body.utf8), pieceByteCount: 3, AWSChunkedDecoder(signature: nil))
        }
    }
}
