// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

struct S3BucketTests {
    @Test func aNameIsUniqueOverAllAccountsAndRegions() async throws {
        let world = try S3TestWorld()
        let made = try await world.send("CreateBucket", ["Bucket": "smworkshop-ada-lovelace"])
        #expect(made["Location"] == "/smworkshop-ada-lovelace")
        let taken = try await world.failure("CreateBucket", ["Bucket": "smworkshop-ada-lovelace"], as: S3TestWorld.stranger)
        #expect(taken.code == "BucketAlreadyExists")
        #expect(taken.status == 409)
        #expect(
            taken.message
                == "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
                + "Please select a different name and try again.")
        #expect(taken.details == [.init("BucketName", "smworkshop-ada-lovelace")])
        // One's own bucket in us-east-1 is found again there; elsewhere it is an error.
        try await world.send("CreateBucket", ["Bucket": "smworkshop-ada-lovelace"])
        let own = try await world.failure(
            "CreateBucket",
            ["Bucket": "smworkshop-ada-lovelace", "CreateBucketConfiguration": ["LocationConstraint": "eu-west-1"]],
            region: "eu-west-1")
        #expect(own.code == "BucketAlreadyOwnedByYou")
    }

    @Test func theRegionMustFitTheEndpoint() async throws {
        let world = try S3TestWorld()
        let unspecified = try await world.failure("CreateBucket", ["Bucket": "bucket"], region: "eu-west-1")
        #expect(unspecified.code == "IllegalLocationConstraintException")
        #expect(unspecified.message.hasPrefix("The unspecified location constraint is incompatible"))
        let other = try await world.failure(
            "CreateBucket", ["Bucket": "bucket", "CreateBucketConfiguration": ["LocationConstraint": "us-west-2"]],
            region: "eu-west-1")
        #expect(other.code == "IllegalLocationConstraintException")
        let none = try await world.failure(
            "CreateBucket", ["Bucket": "bucket", "CreateBucketConfiguration": ["LocationConstraint": "us-east-1"]])
        #expect(none.code == "InvalidLocationConstraint")
        let made = try await world.send(
            "CreateBucket", ["Bucket": "bucket", "CreateBucketConfiguration": ["LocationConstraint": "eu-west-1"]],
            region: "eu-west-1")
        #expect(made["Location"] == "http://bucket.s3.amazonaws.com/")
        #expect(try await world.send("GetBucketLocation", ["Bucket": "bucket"])["LocationConstraint"] == "eu-west-1")
        #expect(try await world.send("HeadBucket", ["Bucket": "bucket"])["BucketRegion"] == "eu-west-1")
        try await world.makeBucket("here")
        #expect(try await world.send("GetBucketLocation", ["Bucket": "here"]).objectValue?["LocationConstraint"] == .null)
    }

    @Test(arguments: [
        "ab", "Upper", "under_score", "two..dots", "-start", "end-", "192.168.0.1", "xn--name", "name-s3alias",
        String(repeating: "a", count: 64),
    ])
    func badNamesAreRefused(name: String) async throws {
        let world = try S3TestWorld()
        let error = try await world.failure("CreateBucket", ["Bucket": .string(name)])
        #expect(["InvalidBucketName", "ValidationException", "ParamValidation"].contains(error.code))
    }

    @Test func listsPageThroughBuckets() async throws {
        let world = try S3TestWorld()
        for name in ["ccc", "aaa", "bbb"] { try await world.makeBucket(name) }
        let all = try await world.send("ListBuckets")
        #expect(all["Buckets"]?.listValue?.map { $0["Name"]?.stringValue } == ["aaa", "bbb", "ccc"])
        #expect(all["Owner"]?["ID"]?.stringValue?.count == 64)
        let first = try await world.send("ListBuckets", ["MaxBuckets": 2])
        #expect(first["Buckets"]?.listValue?.count == 2)
        let token = try #require(first["ContinuationToken"])
        let second = try await world.send("ListBuckets", ["MaxBuckets": 2, "ContinuationToken": token])
        #expect(second["Buckets"]?[0]?["Name"] == "ccc")
        #expect(second["ContinuationToken"] == nil)
        #expect(try await world.send("ListBuckets", as: S3TestWorld.stranger)["Buckets"]?.listValue?.isEmpty == true)
    }

    @Test func onlyEmptyBucketsGo() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k")
        let full = try await world.failure("DeleteBucket", ["Bucket": "bucket"])
        #expect(full.code == "BucketNotEmpty")
        #expect(full.message == "The bucket you tried to delete is not empty")
        try await world.send("DeleteObject", ["Bucket": "bucket", "Key": "k"])
        try await world.send("DeleteBucket", ["Bucket": "bucket"])
        let gone = try await world.failure("ListObjectsV2", ["Bucket": "bucket"])
        #expect(gone.code == "NoSuchBucket")
        #expect(gone.details == [.init("BucketName", "bucket")])
        let head = try await world.failure("HeadBucket", ["Bucket": "bucket"])
        #expect(head == ServiceError("404", "Not Found", status: 404))
    }

    @Test func settingsAreKeptAndReturned() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let bucket: Value = ["Bucket": "bucket"]
        for (operation, code) in [
            ("GetBucketCors", "NoSuchCORSConfiguration"), ("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
            ("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"), ("GetBucketPolicy", "NoSuchBucketPolicy"),
            ("GetBucketTagging", "NoSuchTagSet"), ("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
        ] {
            let error = try await world.failure(operation, bucket)
            #expect(error.code == code)
            #expect(error.status == 404)
        }
        let rules: Value = [["AllowedMethods": ["GET"], "AllowedOrigins": ["*"]]]
        try await world.send("PutBucketCors", ["Bucket": "bucket", "CORSConfiguration": ["CORSRules": rules]])
        #expect(try await world.send("GetBucketCors", bucket) == ["CORSRules": rules])
        try await world.send("DeleteBucketCors", bucket)
        #expect(try await world.failure("GetBucketCors", bucket).code == "NoSuchCORSConfiguration")
        let day: Value = [
            ["ID": "r", "Status": "Enabled", "Filter": ["Prefix": ""], "Expiration": ["Date": .timestamp(1_699_920_000)]]
        ]
        try await world.send("PutBucketLifecycleConfiguration", ["Bucket": "bucket", "LifecycleConfiguration": ["Rules": day]])
        #expect(try await world.send("GetBucketLifecycleConfiguration", bucket)["Rules"] == day)
        try await world.send("PutBucketTagging", ["Bucket": "bucket", "Tagging": ["TagSet": [["Key": "a", "Value": "1"]]]])
        #expect(try await world.send("GetBucketTagging", bucket) == ["TagSet": [["Key": "a", "Value": "1"]]])
        let encryption = try await world.send("GetBucketEncryption", bucket)
        #expect(
            encryption["ServerSideEncryptionConfiguration"]?["Rules"]?[0]?["ApplyServerSideEncryptionByDefault"]?["SSEAlgorithm"]
                == "AES256")
        #expect(
            try await world.send("GetBucketOwnershipControls", bucket)["OwnershipControls"]?["Rules"]?[0]?["ObjectOwnership"]
                == "BucketOwnerEnforced")
        #expect(
            try await world.send("GetPublicAccessBlock", bucket)["PublicAccessBlockConfiguration"]?["BlockPublicPolicy"] == true)
        #expect(try await world.send("GetBucketAcl", bucket)["Grants"]?[0]?["Permission"] == "FULL_CONTROL")
        #expect(try await world.send("GetBucketVersioning", bucket) == .emptyObject)
        #expect(try await world.send("GetBucketRequestPayment", bucket) == ["Payer": "BucketOwner"])
        #expect(try await world.send("GetBucketLogging", bucket) == .emptyObject)
    }
}
