// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

struct S3VersioningTests {
    private func versionedWorld() async throws -> S3TestWorld {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await setVersioning("Enabled", world)
        return world
    }

    private func setVersioning(_ status: String, _ world: S3TestWorld) async throws {
        try await world.send(
            "PutBucketVersioning", ["Bucket": "bucket", "VersioningConfiguration": ["Status": .string(status)]])
    }

    private func version(_ value: Value) throws -> String { try #require(value["VersionId"]?.stringValue) }

    @Test func everyVersionStaysUntilItIsNamed() async throws {
        let world = try await versionedWorld()
        let first = try version(try await world.put("k", "one"))
        let second = try version(try await world.put("k", "two"))
        #expect(first != second)
        #expect(try await world.bytes("k") == Array("two".utf8))
        #expect(try await world.bytes("k", version: first) == Array("one".utf8))
        let marker = try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "k"])
        #expect(marker["DeleteMarker"] == true)
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k"]).code == "NoSuchKey")
        #expect(S3TestWorld.keys(try await world.send("ListObjectsV2", ["Bucket": "bucket"])).isEmpty)
        let list = try await world.send("ListObjectVersions", ["Bucket": "bucket"])
        #expect(list["Versions"]?.listValue?.map { $0["VersionId"]?.stringValue } == [second, first])
        #expect(list["Versions"]?.listValue?.map { $0["IsLatest"]?.booleanValue } == [false, false])
        #expect(list["DeleteMarkers"]?[0]?["IsLatest"] == true)
        let onMarker = try await world.failure(
            "GetObject", ["Bucket": "bucket", "Key": "k", "VersionId": .string(try version(marker))])
        #expect(onMarker.code == "MethodNotAllowed")
        // Removing the marker brings the object back.
        let removed = try await world.send(
            "DeleteObject", ["Bucket": "bucket", "Key": "k", "VersionId": .string(try version(marker))])
        #expect(removed["DeleteMarker"] == true)
        #expect(try await world.bytes("k") == Array("two".utf8))
        try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "k", "VersionId": .string(second)])
        #expect(try await world.bytes("k") == Array("one".utf8))
        #expect(try await world.failure("DeleteBucket", ["Bucket": "bucket"]).code == "BucketNotEmpty")
    }

    @Test func suspendedVersioningReplacesTheNullVersionOnly() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k", "before")
        try await setVersioning("Enabled", world)
        let kept = try version(try await world.put("k", "kept"))
        try await setVersioning("Suspended", world)
        #expect(try version(try await world.put("k", "null")) == "null")
        #expect(try await world.bytes("k") == Array("null".utf8))
        #expect(try await world.bytes("k", version: kept) == Array("kept".utf8))
        let list = try await world.send("ListObjectVersions", ["Bucket": "bucket"])
        #expect(list["Versions"]?.listValue?.map { $0["VersionId"]?.stringValue } == ["null", kept])
        let marker = try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "k"])
        #expect(try version(marker) == "null")
        #expect(try await world.send("ListObjectVersions", ["Bucket": "bucket"])["Versions"]?.listValue?.count == 1)
    }

    @Test func pagesOfVersionsAddUp() async throws {
        let world = try await versionedWorld()
        var written: [String] = []
        for key in ["a", "b", "b", "b", "c"] { written.append(try version(try await world.put(key))) }
        try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "c"])
        var input: Value = ["Bucket": "bucket", "MaxKeys": 2]
        var found: [String] = []
        var markers = 0
        while true {
            let page = try await world.send("ListObjectVersions", input)
            found += (page["Versions"]?.listValue ?? []).compactMap { $0["VersionId"]?.stringValue }
            markers += page["DeleteMarkers"]?.listValue?.count ?? 0
            guard page["IsTruncated"] == true else { break }
            input["KeyMarker"] = page["NextKeyMarker"]
            input["VersionIdMarker"] = page["NextVersionIdMarker"]
        }
        #expect(found == [written[0], written[3], written[2], written[1], written[4]])
        #expect(markers == 1)
    }

    @Test func absentVersionsAreToldApart() async throws {
        let world = try await versionedWorld()
        try await world.put("k")
        let none = try await world.failure(
            "GetObject", ["Bucket": "bucket", "Key": "k", "VersionId": .string(String(repeating: "x", count: 32))])
        #expect(none.code == "NoSuchVersion")
        let odd = try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k", "VersionId": "odd"])
        #expect(odd.code == "InvalidArgument")
        let bad = try await world.failure(
            "PutBucketVersioning", ["Bucket": "bucket", "VersioningConfiguration": .emptyObject])
        #expect(bad.code == "IllegalVersioningConfigurationException")
    }
}
