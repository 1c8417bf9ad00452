// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

@Suite struct S3LifecycleTests {
    private static func configure(_ s3: S3TestWorld, _ rules: [Value]) async throws {
        try await s3.send(
            "PutBucketLifecycleConfiguration", ["Bucket": "bucket", "LifecycleConfiguration": ["Rules": .list(rules)]])
    }

    private static func problem(_ rule: Value) async throws -> String {
        let s3 = try S3TestWorld()
        try await s3.makeBucket()
        return try await s3.failure(
            "PutBucketLifecycleConfiguration", ["Bucket": "bucket", "LifecycleConfiguration": ["Rules": [rule]]]
        ).code
    }

    /// Runs the rules as they stand some days from now.
    private static func run(_ s3: S3TestWorld, daysFromNow days: Double) throws {
        let clock = try s3.world.store.read { try $0.clock() }
        let call = Call(
            world: s3.world, service: "s3", operation: "", principal: S3TestWorld.owner, region: S3TestWorld.region,
            now: clock.now() + days * 86_400, clock: clock, body: nil, sourceAddress: "", userAgent: "", requestID: "",
            dispatcher: s3.dispatcher)
        try s3.world.store.write { try LifecycleRun.run(try $0.requiredBucket("bucket"), call: call, in: $0) }
    }

    @Test func objectsEndAfterTheirDays() async throws {
        let s3 = try S3TestWorld()
        try await s3.makeBucket()
        try await s3.put("logs/a")
        try await s3.put("logs/b")
        try await s3.send(
            "PutObjectTagging", ["Bucket": "bucket", "Key": "logs/b", "Tagging": ["TagSet": [["Key": "keep", "Value": "no"]]]])
        try await s3.put("data/c")
        let tagged: Value = ["And": ["Prefix": "logs/", "Tags": [["Key": "keep", "Value": "no"]]]]
        try await Self.configure(
            s3,
            [
                ["ID": "tagged", "Status": "Enabled", "Filter": tagged, "Expiration": ["Days": 1]],
                ["ID": "all logs", "Status": "Enabled", "Filter": ["Prefix": "logs/"], "Expiration": ["Days": 30]],
                ["ID": "off", "Status": "Disabled", "Filter": ["Prefix": ""], "Expiration": ["Days": 1]],
                [
                    "ID": "cold", "Status": "Enabled", "Filter": ["Prefix": "data/"],
                    "Transitions": [["Days": 3, "StorageClass": "STANDARD_IA"], ["Days": 60, "StorageClass": "GLACIER"]],
                ],
            ])
        func keys() async throws -> [String] { S3TestWorld.keys(try await s3.send("ListObjectsV2", ["Bucket": "bucket"])) }
        let header = try await s3.send("HeadObject", ["Bucket": "bucket", "Key": "logs/a"])["Expiration"]?.stringValue ?? ""
        #expect(header.hasPrefix("expiry-date=\"") && header.hasSuffix(" 00:00:00 GMT\", rule-id=\"all%20logs\""))
        try Self.run(s3, daysFromNow: 0.5)
        #expect(try await keys() == ["data/c", "logs/a", "logs/b"])
        try Self.run(s3, daysFromNow: 5)
        #expect(try await keys() == ["data/c", "logs/a"])
        #expect(try await s3.send("HeadObject", ["Bucket": "bucket", "Key": "data/c"])["StorageClass"] == "STANDARD_IA")
        try Self.run(s3, daysFromNow: 70)
        #expect(try await keys() == ["data/c"])
        #expect(try await s3.send("HeadObject", ["Bucket": "bucket", "Key": "data/c"])["StorageClass"] == "GLACIER")
    }

    @Test func versionsMarkersAndUploadsEnd() async throws {
        let s3 = try S3TestWorld()
        try await s3.makeBucket()
        try await s3.send("PutBucketVersioning", ["Bucket": "bucket", "VersioningConfiguration": ["Status": "Enabled"]])
        for number in 0..<4 { try await s3.put("k", "version \(number)") }
        try await s3.send("CreateMultipartUpload", ["Bucket": "bucket", "Key": "upload"])
        try await Self.configure(
            s3,
            [
                [
                    "Status": "Enabled", "Prefix": "",
                    "NoncurrentVersionExpiration": ["NoncurrentDays": 2, "NewerNoncurrentVersions": 1],
                    "AbortIncompleteMultipartUpload": ["DaysAfterInitiation": 1],
                ]
            ])
        try Self.run(s3, daysFromNow: 5)
        func versions() async throws -> Value { try await s3.send("ListObjectVersions", ["Bucket": "bucket"]) }
        #expect(try await versions()["Versions"]?.listValue?.count == 2)
        #expect(try await s3.send("ListMultipartUploads", ["Bucket": "bucket"])["Uploads"] == nil)

        // The current version gets a marker, the rest goes, then the marker that hides nothing.
        try await Self.configure(
            s3,
            [
                [
                    "Status": "Enabled", "Prefix": "", "Expiration": ["Days": 1],
                    "NoncurrentVersionExpiration": ["NoncurrentDays": 1],
                ]
            ])
        try Self.run(s3, daysFromNow: 10)
        #expect(try await versions()["DeleteMarkers"]?.listValue?.count == 1)
        try Self.run(s3, daysFromNow: 20)
        try await Self.configure(s3, [["Status": "Enabled", "Prefix": "", "Expiration": ["ExpiredObjectDeleteMarker": true]]])
        try Self.run(s3, daysFromNow: 30)
        let left = try await versions()
        #expect(left["Versions"] == nil && left["DeleteMarkers"] == nil)
    }

    @Test func theWorldsClockLetsThemAct() async throws {
        let s3 = try S3TestWorld()
        try await s3.makeBucket()
        try await s3.put("k")
        try await Self.configure(s3, [["Status": "Enabled", "Prefix": "", "Expiration": ["Days": 1]]])
        // A day passes in less than a tenth of a second.
        try s3.world.store.write { try $0.setClock(try $0.clock().changed(to: .scaled(factor: 1_000_000))) }
        while try await s3.send("ListObjectsV2", ["Bucket": "bucket"])["KeyCount"] != 0 { await Task.yield() }
    }

    @Test func documentsAreChecked() async throws {
        let days: Value = ["Days": 1]
        #expect(try await Self.problem(["Status": "Enabled", "Expiration": days]) == "MalformedXML")
        #expect(
            try await Self.problem(["Status": "Enabled", "Prefix": "", "Filter": .emptyObject, "Expiration": days])
                == "MalformedXML")
        let both: Value = ["Prefix": "a", "Tag": ["Key": "a", "Value": "b"]]
        #expect(try await Self.problem(["Status": "Enabled", "Filter": both, "Expiration": days]) == "MalformedXML")
        #expect(try await Self.problem(["Status": "Enabled", "Prefix": ""]) == "InvalidRequest")
        #expect(try await Self.problem(["Status": "Enabled", "Prefix": "", "Expiration": ["Days": 0]]) == "InvalidArgument")
        #expect(
            try await Self.problem([
                "Status": "Enabled", "Prefix": "", "Expiration": ["Days": 1, "ExpiredObjectDeleteMarker": true],
            ]) == "MalformedXML")
        #expect(
            try await Self.problem(["Status": "Enabled", "Prefix": "", "NoncurrentVersionTransitions": [["NoncurrentDays": 1]]])
                == "MalformedXML")
    }
}
