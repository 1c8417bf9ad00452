// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

struct S3ObjectTests {
    @Test(arguments: [0, 1, 4096, 4097, 3_000_000])
    func whatIsPutIsGot(size: Int) async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let bytes = S3TestWorld.noise(size)
        let put = try await world.send(
            "PutObject", ["Bucket": "bucket", "Key": "k", "Metadata": ["Colour": "blue"], "ContentType": "text/csv"], body: bytes)
        #expect(put["ETag"]?.stringValue == "\"" + Hexadecimal.encode(Digest.md5(bytes)) + "\"")
        #expect(put["ChecksumCRC64NVME"]?.stringValue == Base64.encode(Checksum.digest(.crc64nvme, of: bytes)))
        #expect(put["ServerSideEncryption"] == "AES256")
        let got = try await world.response("GetObject", ["Bucket": "bucket", "Key": "k", "ChecksumMode": "ENABLED"])
        #expect(try await got.body?.collect() == bytes)
        #expect(got.status == nil)
        #expect(got.output["ContentLength"]?.integerValue == size)
        #expect(got.output["ContentType"] == "text/csv")
        #expect(got.output["Metadata"] == ["colour": "blue"])
        #expect(got.output["AcceptRanges"] == "bytes")
        #expect(got.output["ChecksumCRC64NVME"] == put["ChecksumCRC64NVME"])
        let head = try await world.send("HeadObject", ["Bucket": "bucket", "Key": "k"])
        #expect(head["ETag"] == put["ETag"])
        #expect(head["ChecksumCRC64NVME"] == nil)
        #expect(try world.bodyFiles().count == (size > 4096 ? 1 : 0))
    }

    @Test func powerSafeWorldsKeepBodiesToo() async throws {
        let world = try S3TestWorld(durability: .power)
        try await world.makeBucket()
        let bytes = S3TestWorld.noise(10_000)
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "k"], body: bytes)
        #expect(try await world.bytes("k") == bytes)
    }

    @Test func absentThingsAreNamed() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let key = try await world.failure("GetObject", ["Bucket": "bucket", "Key": "missing"])
        #expect(key.code == "NoSuchKey")
        #expect(key.message == "The specified key does not exist.")
        #expect(key.details == [.init("Key", "missing")])
        let head = try await world.failure("HeadObject", ["Bucket": "bucket", "Key": "missing"])
        #expect(head == ServiceError("404", "Not Found", status: 404))
        let bucket = try await world.failure("PutObject", ["Bucket": "nowhere", "Key": "k"], body: [1])
        #expect(bucket.code == "NoSuchBucket")
        #expect(bucket.message == "The specified bucket does not exist")
        // That a key to delete isn't there is no error.
        try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "missing"])
    }

    @Test(arguments: [
        ("bytes=0-3", "0123", "bytes 0-3/10"), ("bytes=8-", "89", "bytes 8-9/10"), ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=5-100", "56789", "bytes 5-9/10"), ("bytes=-100", "0123456789", "bytes 0-9/10"),
    ])
    func rangesAreCut(range: String, text: String, contentRange: String) async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k", "0123456789")
        let got = try await world.response("GetObject", ["Bucket": "bucket", "Key": "k", "Range": .string(range)])
        #expect(got.status == 206)
        #expect(try await got.body?.collect() == Array(text.utf8))
        #expect(got.output["ContentRange"]?.stringValue == contentRange)
        #expect(got.output["ContentLength"]?.integerValue == text.utf8.count)
    }

    @Test func rangesBeyondTheEndAreRefusedAndOddOnesIgnored() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k", "0123456789")
        let beyond = try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k", "Range": "bytes=10-"])
        #expect(beyond.code == "InvalidRange")
        #expect(beyond.status == 416)
        for odd in ["bytes=3-1", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4"] {
            let got = try await world.response("GetObject", ["Bucket": "bucket", "Key": "k", "Range": .string(odd)])
            #expect(got.status == nil)
            #expect(try await got.body?.collect().count == 10)
        }
    }

    @Test func conditionsDecideWhetherAnObjectIsGiven() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let eTag = try #require(try await world.put("k")["ETag"])
        let now = Date().timeIntervalSince1970
        func read(_ members: Value) async throws -> String {
            var input: Value = ["Bucket": "bucket", "Key": "k"]
            for (name, value) in members.objectValue ?? [:] { input[name] = value }
            do {
                _ = try await world.send("GetObject", input)
                return "200"
            } catch let error as ServiceError { return error.code }
        }
        #expect(try await read(["IfMatch": eTag]) == "200")
        #expect(try await read(["IfMatch": "\"other\""]) == "PreconditionFailed")
        #expect(try await read(["IfNoneMatch": eTag]) == "304")
        #expect(try await read(["IfNoneMatch": "\"other\""]) == "200")
        #expect(try await read(["IfModifiedSince": .timestamp(now + 60)]) == "304")
        #expect(try await read(["IfModifiedSince": .timestamp(now - 3600)]) == "200")
        #expect(try await read(["IfUnmodifiedSince": .timestamp(now - 3600)]) == "PreconditionFailed")
        #expect(try await read(["IfMatch": eTag, "IfUnmodifiedSince": .timestamp(now - 3600)]) == "200")
    }

    @Test func aPutCanBeMadeToDependOnWhatIsThere() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "k", "IfNoneMatch": "*"], body: [1])
        let second = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k", "IfNoneMatch": "*"], body: [2])
        #expect(second.code == "PreconditionFailed")
        #expect(second.details == [.init("Condition", "If-None-Match")])
        #expect(try await world.bytes("k") == [1])
        let absent = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "other", "IfMatch": "\"x\""], body: [2])
        #expect(absent.code == "NoSuchKey")
    }

    @Test func digestsAreVerifiedAndNothingIsLeftOfABadBody() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let bytes = S3TestWorld.noise(9000)
        let good = Base64.encode(Checksum.digest(.sha256, of: bytes))
        let put = try await world.send("PutObject", ["Bucket": "bucket", "Key": "k", "ChecksumSHA256": .string(good)], body: bytes)
        #expect(put["ChecksumSHA256"]?.stringValue == good)
        let wrong = Base64.encode(Checksum.digest(.sha256, of: [1]))
        let sum = try await world.failure(
            "PutObject", ["Bucket": "bucket", "Key": "k2", "ChecksumSHA256": .string(wrong)], body: bytes)
        #expect(sum.code == "BadDigest")
        let md5 = try await world.failure(
            "PutObject", ["Bucket": "bucket", "Key": "k2", "ContentMD5": .string(Base64.encode(Digest.md5([1])))], body: bytes)
        #expect(md5.code == "BadDigest")
        let short = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k2", "ContentLength": 9001], body: bytes)
        #expect(short.code == "IncompleteBody")
        #expect(S3TestWorld.keys(try await world.send("ListObjectsV2", ["Bucket": "bucket"])) == ["k"])
        #expect(try world.bodyFiles().count == 1)
    }

    @Test func copiesKeepOrReplaceWhatTheDirectivesSay() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let bytes = S3TestWorld.noise(5000)
        try await world.send(
            "PutObject",
            ["Bucket": "bucket", "Key": "a b/ü", "Metadata": ["m": "1"], "ContentType": "text/csv", "Tagging": "x=1"], body: bytes)
        let copied = try await world.send("CopyObject", ["Bucket": "bucket", "Key": "copy", "CopySource": "bucket/a%20b/%C3%BC"])
        #expect(copied["CopyObjectResult"]?["ETag"]?.stringValue == "\"" + Hexadecimal.encode(Digest.md5(bytes)) + "\"")
        try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "a b/ü"])
        #expect(try await world.bytes("copy") == bytes)
        let head = try await world.send("HeadObject", ["Bucket": "bucket", "Key": "copy"])
        #expect(head["Metadata"] == ["m": "1"])
        #expect(head["ContentType"] == "text/csv")
        #expect(head["TagCount"] == 1)
        try await world.send(
            "CopyObject",
            [
                "Bucket": "bucket", "Key": "copy", "CopySource": "/bucket/copy", "MetadataDirective": "REPLACE",
                "Metadata": ["n": "2"],
            ])
        let changed = try await world.send("HeadObject", ["Bucket": "bucket", "Key": "copy"])
        #expect(changed["Metadata"] == ["n": "2"])
        #expect(changed["ContentType"] == "binary/octet-stream")
        #expect(try await world.bytes("copy") == bytes)
        let itself = try await world.failure("CopyObject", ["Bucket": "bucket", "Key": "copy", "CopySource": "bucket/copy"])
        #expect(itself.code == "InvalidRequest")
        let condition = try await world.failure(
            "CopyObject", ["Bucket": "bucket", "Key": "c", "CopySource": "bucket/copy", "CopySourceIfMatch": "\"no\""])
        #expect(condition.code == "PreconditionFailed")
        #expect(
            try await world.failure("CopyObject", ["Bucket": "bucket", "Key": "c", "CopySource": "bucket/no"]).code == "NoSuchKey")
    }

    @Test func tagsComeAndGo() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "k", "Tagging": "a=1&b=two%20words"], body: [1])
        let object: Value = ["Bucket": "bucket", "Key": "k"]
        #expect(
            try await world.send("GetObjectTagging", object)["TagSet"]
                == [["Key": "a", "Value": "1"], ["Key": "b", "Value": "two words"]])
        try await world.send(
            "PutObjectTagging", ["Bucket": "bucket", "Key": "k", "Tagging": ["TagSet": [["Key": "c", "Value": ""]]]])
        #expect(try await world.send("GetObjectTagging", object)["TagSet"] == [["Key": "c", "Value": ""]])
        try await world.send("DeleteObjectTagging", object)
        #expect(try await world.send("GetObjectTagging", object)["TagSet"] == [])
        let eleven = (0..<11).map { "k\($0)=v" }.joined(separator: "&")
        let many = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k", "Tagging": .string(eleven)], body: [1])
        #expect(many.message == "Object tags cannot be greater than 10")
    }

    @Test func deletingManyAnswersForEach() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        for key in ["a", "b", "c"] { try await world.put(key) }
        let answer = try await world.send(
            "DeleteObjects", ["Bucket": "bucket", "Delete": ["Objects": [["Key": "a"], ["Key": "missing"], ["Key": "c"]]]])
        #expect(S3TestWorld.keys(answer, "Deleted") == ["a", "missing", "c"])
        #expect(S3TestWorld.keys(try await world.send("ListObjectsV2", ["Bucket": "bucket"])) == ["b"])
        let quiet = try await world.send(
            "DeleteObjects", ["Bucket": "bucket", "Delete": ["Objects": [["Key": "b"]], "Quiet": true]])
        #expect(quiet == .emptyObject)
    }

    @Test func overwrittenBodiesLeaveTheDisk() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        for count in [6000, 7000, 8000] {
            try await world.send("PutObject", ["Bucket": "bucket", "Key": "k"], body: S3TestWorld.noise(count))
        }
        try world.world.bodies.removeFreedBodies(in: world.world.store, graceSeconds: -1)
        #expect(try world.bodyFiles().count == 1)
        #expect(try await world.bytes("k").count == 8000)
        try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "k"])
        try world.world.bodies.removeFreedBodies(in: world.world.store, graceSeconds: -1)
        #expect(try world.bodyFiles().isEmpty)
    }

    @Test func attributesAndBadHeaders() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k", "0123456789")
        let attributes = try await world.send(
            "GetObjectAttributes",
            ["Bucket": "bucket", "Key": "k", "ObjectAttributes": ["ETag", "ObjectSize", "StorageClass", "Checksum"]])
        #expect(attributes["ETag"]?.stringValue == Hexadecimal.encode(Digest.md5(Array("0123456789".utf8))))
        #expect(attributes["ObjectSize"] == 10)
        #expect(attributes["Checksum"]?["ChecksumType"] == "FULL_OBJECT")
        let storage = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k", "StorageClass": "PAPER"], body: [1])
        #expect(storage.code == "InvalidStorageClass")
        let long = try await world.failure(
            "PutObject", ["Bucket": "bucket", "Key": .string(String(repeating: "k", count: 1025))], body: [1])
        #expect(long.code == "KeyTooLongError")
        let list = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k", "ACL": "public-read"], body: [1])
        #expect(list.code == "AccessControlListNotSupported")
    }
}
