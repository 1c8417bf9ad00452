// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

@Suite struct S3ObjectLockTests {
    /// A bucket with Object Lock and one version of `k` in it.
    private static func locked(_ lock: Value = .emptyObject) async throws -> (S3TestWorld, version: Value) {
        let s3 = try S3TestWorld()
        try await s3.send("CreateBucket", ["Bucket": "bucket", "ObjectLockEnabledForBucket": true])
        var input: Value = ["Bucket": "bucket", "Key": "k"]
        for (name, value) in lock.objectValue ?? [:] { input[name] = value }
        let put = try await s3.send("PutObject", input, body: Array("text".utf8))
        return (s3, try #require(put["VersionId"]))
    }

    private static func time(in seconds: Double) -> Value { .timestamp(Date().timeIntervalSince1970 + seconds) }

    @Test func complianceHoldsForEverybodyAndIsOnlyProlonged() async throws {
        let (s3, version) = try await Self.locked(["ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": Self.time(in: 600)])
        let target: Value = ["Bucket": "bucket", "Key": "k", "VersionId": version]
        var bypass = target
        bypass["BypassGovernanceRetention"] = true
        let refused = try await s3.failure("DeleteObject", bypass)
        #expect(refused.code == "AccessDenied" && refused.message == "Access Denied because object protected by object lock.")
        func retain(_ seconds: Double, _ mode: Value = "COMPLIANCE") -> Value {
            var input = bypass
            input["Retention"] = ["Mode": mode, "RetainUntilDate": Self.time(in: seconds)]
            return input
        }
        #expect(try await s3.failure("PutObjectRetention", retain(60)).code == "AccessDenied")
        #expect(try await s3.failure("PutObjectRetention", retain(900, "GOVERNANCE")).code == "AccessDenied")
        try await s3.send("PutObjectRetention", retain(900))
        #expect(try await s3.send("HeadObject", target)["ObjectLockMode"] == "COMPLIANCE")
        // Without a version only a delete marker is made.
        #expect(try await s3.send("DeleteObject", ["Bucket": "bucket", "Key": "k"])["DeleteMarker"] == true)
    }

    @Test func governanceYieldsToWhoMayBypassIt() async throws {
        let (s3, version) = try await Self.locked(["ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": Self.time(in: 600)])
        let entry: Value = ["Key": "k", "VersionId": version]
        let plain = try await s3.send("DeleteObjects", ["Bucket": "bucket", "Delete": ["Objects": [entry]]])
        #expect(plain["Errors"]?[0]?["Code"] == "AccessDenied")
        let clerk = try await s3.user(
            "clerk",
            policy: #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Delete*","Resource":"*"}]}"#)
        let target: Value = ["Bucket": "bucket", "Key": "k", "VersionId": version, "BypassGovernanceRetention": true]
        #expect(try await s3.failure("DeleteObject", target, as: clerk).message.contains("s3:BypassGovernanceRetention"))
        try await s3.send("DeleteObject", target)
        #expect(try await s3.failure("HeadObject", target).code == "404")
    }

    @Test func legalHoldsAndDefaults() async throws {
        let (s3, version) = try await Self.locked(["ObjectLockLegalHoldStatus": "ON"])
        let target: Value = ["Bucket": "bucket", "Key": "k", "VersionId": version]
        #expect(try await s3.send("GetObjectLegalHold", target)["LegalHold"]?["Status"] == "ON")
        #expect(try await s3.failure("DeleteObject", target).code == "AccessDenied")
        #expect(try await s3.failure("GetObjectRetention", target).code == "NoSuchObjectLockConfiguration")
        var release = target
        release["LegalHold"] = ["Status": "OFF"]
        try await s3.send("PutObjectLegalHold", release)
        try await s3.send("DeleteObject", target)

        let standard: Value = ["ObjectLockEnabled": "Enabled", "Rule": ["DefaultRetention": ["Mode": "COMPLIANCE", "Days": 1]]]
        try await s3.send("PutObjectLockConfiguration", ["Bucket": "bucket", "ObjectLockConfiguration": standard])
        #expect(try await s3.send("GetObjectLockConfiguration", ["Bucket": "bucket"])["ObjectLockConfiguration"] == standard)
        let second = try await s3.put("k")
        let retention = try await s3.send(
            "GetObjectRetention", ["Bucket": "bucket", "Key": "k", "VersionId": second["VersionId"] ?? .null])["Retention"]
        let end = try #require(retention?["RetainUntilDate"]?.doubleValue)
        #expect(retention?["Mode"] == "COMPLIANCE" && abs(end - Date().timeIntervalSince1970 - 86_400) < 60)
    }

    @Test func bucketsWithoutLockSaySo() async throws {
        let s3 = try S3TestWorld()
        try await s3.makeBucket()
        let lock: Value = ["ObjectLockEnabled": "Enabled"]
        #expect(
            try await s3.failure("PutObjectLockConfiguration", ["Bucket": "bucket", "ObjectLockConfiguration": lock]).code
                == "InvalidBucketState")
        #expect(
            try await s3.failure("GetObjectLockConfiguration", ["Bucket": "bucket"]).code == "ObjectLockConfigurationNotFoundError")
        let put: Value = [
            "Bucket": "bucket", "Key": "k", "ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": Self.time(in: 60),
        ]
        #expect(try await s3.failure("PutObject", put).message == "Bucket is missing Object Lock Configuration")
        try await s3.send("PutBucketVersioning", ["Bucket": "bucket", "VersioningConfiguration": ["Status": "Enabled"]])
        try await s3.send("PutObjectLockConfiguration", ["Bucket": "bucket", "ObjectLockConfiguration": lock])
        let suspend: Value = ["Bucket": "bucket", "VersioningConfiguration": ["Status": "Suspended"]]
        #expect(try await s3.failure("PutBucketVersioning", suspend).code == "InvalidBucketState")
        var past = put
        past["ObjectLockRetainUntilDate"] = Self.time(in: -60)
        #expect(try await s3.failure("PutObject", past).message == "The retain until date must be in the future!")
        past["ObjectLockRetainUntilDate"] = .null
        #expect(try await s3.failure("PutObject", past).message.hasSuffix("must both be supplied"))
    }

    @Test func archivedObjectsAreReadAfterTheyWereAskedFor() async throws {
        let s3 = try S3TestWorld()
        try await s3.makeBucket()
        let target: Value = ["Bucket": "bucket", "Key": "k"]
        var put = target
        put["StorageClass"] = "GLACIER"
        try await s3.send("PutObject", put, body: Array("text".utf8))
        #expect(try await s3.failure("GetObject", target).code == "InvalidObjectState")
        let copy: Value = ["Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k"]
        #expect(try await s3.failure("CopyObject", copy).code == "ObjectNotInActiveTierError")
        var ask = target
        ask["RestoreRequest"] = ["Days": 2]
        #expect(try await s3.response("RestoreObject", ask).status == 202)
        #expect(try await s3.response("RestoreObject", ask).status == 200)
        let restore = try await s3.send("HeadObject", target)["Restore"]?.stringValue ?? ""
        #expect(restore.hasPrefix("ongoing-request=\"false\", expiry-date=\"") && restore.contains(" 00:00:00 GMT"))
        #expect(try await s3.bytes("k") == Array("text".utf8))
        try await s3.send("CopyObject", copy)
        #expect(try await s3.send("HeadObject", ["Bucket": "bucket", "Key": "copy"])["Restore"] == nil)
        try await s3.put("plain")
        let plain: Value = ["Bucket": "bucket", "Key": "plain", "RestoreRequest": ["Days": 1]]
        #expect(try await s3.failure("RestoreObject", plain).details.contains(.init("StorageClass", "STANDARD")))
    }
}
