// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

struct S3MultipartTests {
    private let megabyte = 1 << 20

    private func begin(_ world: S3TestWorld, _ members: Value = .emptyObject) async throws -> Value {
        try await world.makeBucket()
        var input: Value = ["Bucket": "bucket", "Key": "big", "ContentType": "text/csv"]
        for (name, value) in members.objectValue ?? [:] { input[name] = value }
        let upload = try await world.send("CreateMultipartUpload", input)
        return ["Bucket": "bucket", "Key": "big", "UploadId": try #require(upload["UploadId"])]
    }

    private func with(_ base: Value, _ members: Value) -> Value {
        var input = base
        for (name, value) in members.objectValue ?? [:] { input[name] = value }
        return input
    }

    private func part(_ world: S3TestWorld, _ upload: Value, _ number: Int, _ bytes: [UInt8]) async throws -> Value {
        let answer = try await world.send("UploadPart", with(upload, ["PartNumber": .integer(number)]), body: bytes)
        return ["PartNumber": .integer(number), "ETag": try #require(answer["ETag"])]
    }

    @Test func partsBecomeOneObject() async throws {
        let world = try S3TestWorld()
        let upload = try await begin(world)
        let bytes = S3TestWorld.noise(12 * megabyte)
        let pieces = [bytes[..<(5 * megabyte)], bytes[(5 * megabyte)..<(10 * megabyte)], bytes[(10 * megabyte)...]].map {
            Array($0)
        }
        var parts: [Value] = []
        for (index, piece) in pieces.enumerated() { parts.append(try await part(world, upload, index * 2 + 1, piece)) }
        // A part can be uploaded anew.
        parts[0] = try await part(world, upload, 1, pieces[0])
        let listed = try await world.send("ListParts", with(upload, ["MaxParts": 2]))
        #expect(listed["Parts"]?.listValue?.map { $0["PartNumber"]?.integerValue } == [1, 3])
        #expect(listed["IsTruncated"] == true)
        let rest = try await world.send("ListParts", with(upload, ["PartNumberMarker": 3]))
        #expect(rest["Parts"]?.listValue?.map { $0["PartNumber"]?.integerValue } == [5])
        #expect(S3TestWorld.keys(try await world.send("ListMultipartUploads", ["Bucket": "bucket"]), "Uploads") == ["big"])
        let done = try await world.send("CompleteMultipartUpload", with(upload, ["MultipartUpload": ["Parts": .list(parts)]]))
        let digests = pieces.flatMap { Digest.md5($0) }
        #expect(done["ETag"]?.stringValue == "\"\(Hexadecimal.encode(Digest.md5(digests)))-3\"")
        #expect(done["ChecksumCRC64NVME"]?.stringValue == Base64.encode(Checksum.digest(.crc64nvme, of: bytes)))
        #expect(try await world.bytes("big") == bytes)
        let second = try await world.response("GetObject", ["Bucket": "bucket", "Key": "big", "PartNumber": 2])
        #expect(second.status == 206)
        #expect(second.output["PartsCount"] == 3)
        #expect(try await second.body?.collect() == pieces[1])
        #expect(try await world.send("HeadObject", ["Bucket": "bucket", "Key": "big"])["ContentType"] == "text/csv")
        // Whoever did not hear the answer asks again, also with conditions that held before.
        let whole: Value = ["MultipartUpload": ["Parts": .list(parts)], "IfNoneMatch": "*"]
        #expect(try await world.send("CompleteMultipartUpload", with(upload, whole))["ETag"] == done["ETag"])
        let other: Value = ["MultipartUpload": ["Parts": [parts[0]]]]
        #expect(try await world.failure("CompleteMultipartUpload", with(upload, other)).code == "NoSuchUpload")
        try world.world.bodies.removeFreedBodies(in: world.world.store, graceSeconds: -1)
        #expect(try world.bodyFiles().count == 1)
        // A copy of it is one piece.
        let copy = try await world.send("CopyObject", ["Bucket": "bucket", "Key": "copy", "CopySource": "bucket/big"])
        #expect(copy["CopyObjectResult"]?["ETag"]?.stringValue == "\"" + Hexadecimal.encode(Digest.md5(bytes)) + "\"")
    }

    @Test func aSinglePartIsTheObject() async throws {
        let world = try S3TestWorld()
        let upload = try await begin(world)
        let bytes = S3TestWorld.noise(9000)
        let only = try await part(world, upload, 1, bytes)
        try await world.send("CompleteMultipartUpload", with(upload, ["MultipartUpload": ["Parts": [only]]]))
        try world.world.bodies.removeFreedBodies(in: world.world.store, graceSeconds: -1)
        #expect(try await world.bytes("big") == bytes)
        #expect(
            try await world.send("HeadObject", ["Bucket": "bucket", "Key": "big"])["ETag"]?.stringValue?.hasSuffix("-1\"") == true)
    }

    @Test func wrongListsOfPartsAreRefused() async throws {
        let world = try S3TestWorld()
        let upload = try await begin(world)
        let one = try await part(world, upload, 1, S3TestWorld.noise(100))
        let two = try await part(world, upload, 2, S3TestWorld.noise(200))
        func complete(_ parts: [Value]) async throws -> String {
            try await world.failure("CompleteMultipartUpload", with(upload, ["MultipartUpload": ["Parts": .list(parts)]])).code
        }
        #expect(try await complete([two, one]) == "InvalidPartOrder")
        #expect(try await complete([one, ["PartNumber": 3, "ETag": "\"x\""]]) == "InvalidPart")
        #expect(try await complete([with(one, ["ETag": "\"x\""])]) == "InvalidPart")
        #expect(try await complete([one, two]) == "EntityTooSmall")
        #expect(try await complete([]) == "MalformedXML")
        #expect(try await world.failure("UploadPart", with(upload, ["PartNumber": 10_001]), body: [1]).code == "InvalidArgument")
        try await world.send("AbortMultipartUpload", upload)
        #expect(try await world.failure("UploadPart", with(upload, ["PartNumber": 1]), body: [1]).code == "NoSuchUpload")
        #expect(try await world.failure("AbortMultipartUpload", upload).code == "NoSuchUpload")
    }

    @Test func compositeChecksumsCountTheParts() async throws {
        let world = try S3TestWorld()
        let upload = try await begin(world, ["ChecksumAlgorithm": "SHA256"])
        let pieces = [S3TestWorld.noise(5 * megabyte), S3TestWorld.noise(10)]
        var parts: [Value] = []
        for (index, piece) in pieces.enumerated() { parts.append(try await part(world, upload, index + 1, piece)) }
        let done = try await world.send("CompleteMultipartUpload", with(upload, ["MultipartUpload": ["Parts": .list(parts)]]))
        let sums = pieces.flatMap { Checksum.digest(.sha256, of: $0) }
        #expect(done["ChecksumSHA256"]?.stringValue == Base64.encode(Checksum.digest(.sha256, of: sums)) + "-2")
        #expect(done["ChecksumType"] == "COMPOSITE")
        let attributes = try await world.send(
            "GetObjectAttributes", ["Bucket": "bucket", "Key": "big", "ObjectAttributes": ["ObjectParts"]])
        #expect(attributes["ObjectParts"]?["TotalPartsCount"] == 2)
        #expect(attributes["ObjectParts"]?["Parts"]?[1]?["Size"] == 10)
    }

    @Test func partsCanBeCopiedFromObjects() async throws {
        let world = try S3TestWorld()
        let upload = try await begin(world)
        let bytes = S3TestWorld.noise(8000)
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "source"], body: bytes)
        let copied = try await world.send(
            "UploadPartCopy", with(upload, ["PartNumber": 1, "CopySource": "bucket/source", "CopySourceRange": "bytes=10-5009"]))
        let eTag = try #require(copied["CopyPartResult"]?["ETag"])
        let beyond = try await world.failure(
            "UploadPartCopy", with(upload, ["PartNumber": 1, "CopySource": "bucket/source", "CopySourceRange": "bytes=10-8000"]))
        #expect(beyond.code == "InvalidArgument")
        try await world.send(
            "CompleteMultipartUpload", with(upload, ["MultipartUpload": ["Parts": [["PartNumber": 1, "ETag": eTag]]]]))
        #expect(try await world.bytes("big") == Array(bytes[10..<5010]))
    }
}
