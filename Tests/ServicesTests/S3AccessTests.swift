// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

struct S3AccessTests {
    private static func policy(_ statements: String) -> String { #"{"Version":"2012-10-17","Statement":[\#(statements)]}"# }

    private static let publicRead = policy(
        #"{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}"#
    )

    @Test func identityPoliciesDecideWithinTheAccount() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k")
        let nobody = try await world.user("nobody")
        let denied = try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k"], as: nobody)
        #expect(denied.code == "AccessDenied")
        #expect(denied.status == 403)
        #expect(
            denied.message
                == "User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::bucket/k\" "
                + "because no identity-based policy allows the s3:GetObject action")
        #expect(try await world.failure("ListBuckets", as: nobody).code == "AccessDenied")
        // An answer to HEAD has no room for why.
        let heads: [(String, Value)] = [("HeadObject", ["Bucket": "bucket", "Key": "k"]), ("HeadBucket", ["Bucket": "bucket"])]
        for (operation, input) in heads {
            let refused = try await world.failure(operation, input, as: nobody)
            #expect(refused.code == "403" && refused.message == "Forbidden" && refused.status == 403 && refused.details.isEmpty)
        }
        // That a bucket isn't there, everybody is told.
        #expect(try await world.failure("GetObject", ["Bucket": "nowhere", "Key": "k"], as: nobody).code == "NoSuchBucket")
    }

    @Test func onlyThoseWhoMayListLearnThatAKeyIsAbsent() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let get = #"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}"#
        let list = #"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket"}"#
        let reader = try await world.user("reader", policy: Self.policy(get))
        let lister = try await world.user("lister", policy: Self.policy(get + "," + list))
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k"], as: reader).code == "AccessDenied")
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k"], as: lister).code == "NoSuchKey")
        #expect(try await world.failure("HeadObject", ["Bucket": "bucket", "Key": "k"], as: reader).status == 403)
        #expect(try await world.failure("HeadObject", ["Bucket": "bucket", "Key": "k"], as: lister).status == 404)
    }

    @Test func conditionsOnPrefixesAndTagsHold() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        let policy = Self.policy(
            #"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket","Condition":{"StringLike":{"s3:prefix":"home/*"}}},"#
                + #"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"s3:ExistingObjectTag/open":"yes"}}}"#
        )
        let user = try await world.user("user", policy: policy)
        try await world.send("ListObjectsV2", ["Bucket": "bucket", "Prefix": "home/a"], as: user)
        #expect(try await world.failure("ListObjectsV2", ["Bucket": "bucket", "Prefix": "other"], as: user).code == "AccessDenied")
        #expect(try await world.failure("ListObjectsV2", ["Bucket": "bucket"], as: user).code == "AccessDenied")
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "open", "Tagging": "open=yes"], body: [1])
        try await world.put("shut")
        #expect(try await world.bytes("open", as: user) == [1])
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "shut"], as: user).code == "AccessDenied")
    }

    @Test func writingTagsAndCopyingNeedTheirOwnPermissions() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("source")
        let put = try await world.user(
            "put", policy: Self.policy(#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}"#))
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "k"], body: [1], as: put)
        let tagged = try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k", "Tagging": "a=1"], body: [1], as: put)
        #expect(tagged.message.contains("s3:PutObjectTagging"))
        let copied = try await world.failure(
            "CopyObject", ["Bucket": "bucket", "Key": "c", "CopySource": "bucket/source"], as: put)
        #expect(copied.message.contains("s3:GetObject"))
        let deleted = try await world.send("DeleteObjects", ["Bucket": "bucket", "Delete": ["Objects": [["Key": "k"]]]], as: put)
        #expect(deleted["Errors"]?[0]?["Code"] == "AccessDenied")
        #expect(try await world.bytes("k") == [1])
    }

    @Test func strangersNeedTheBucketsConsent() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k")
        let foreign = try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k"], as: S3TestWorld.stranger)
        #expect(foreign.code == "AccessDenied")
        #expect(foreign.message == "Access Denied")
        let consent = Self.policy(
            #"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}"#
        )
        try await world.send("PutBucketPolicy", ["Bucket": "bucket", "Policy": .string(consent)])
        #expect(try await world.bytes("k", as: S3TestWorld.stranger) == Array("text".utf8))
        #expect(
            try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k"], body: [1], as: S3TestWorld.stranger).code
                == "AccessDenied")
        // An explicit no stands above everything, also for the owner's own users.
        let deny = Self.policy(
            #"{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*"}"#)
        try await world.send("PutBucketPolicy", ["Bucket": "bucket", "Policy": .string(deny)])
        let refused = try await world.failure("DeleteObject", ["Bucket": "bucket", "Key": "k"])
        #expect(refused.message.contains("with an explicit deny in a resource-based policy"))
    }

    @Test func publicAccessIsBlockedUntilItIsUnblocked() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.put("k")
        let blocked = try await world.failure("PutBucketPolicy", ["Bucket": "bucket", "Policy": .string(Self.publicRead)])
        #expect(blocked.code == "AccessDenied")
        #expect(blocked.message.contains("BlockPublicPolicy"))
        try await world.send("DeletePublicAccessBlock", ["Bucket": "bucket"])
        try await world.send("PutBucketPolicy", ["Bucket": "bucket", "Policy": .string(Self.publicRead)])
        #expect(try await world.send("GetBucketPolicyStatus", ["Bucket": "bucket"])["PolicyStatus"]?["IsPublic"] == true)
        #expect(try await world.bytes("k", as: .anonymous) == Array("text".utf8))
        #expect(
            try await world.failure("PutObject", ["Bucket": "bucket", "Key": "k"], body: [1], as: .anonymous).code == "AccessDenied"
        )
        #expect(try await world.failure("ListBuckets", as: .anonymous).code == "AccessDenied")
        try await world.send(
            "PutPublicAccessBlock", ["Bucket": "bucket", "PublicAccessBlockConfiguration": ["RestrictPublicBuckets": true]])
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "k"], as: .anonymous).code == "AccessDenied")
    }

    @Test func listsOpenObjectsWhereTheyAreAllowed() async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        try await world.send("DeletePublicAccessBlock", ["Bucket": "bucket"])
        try await world.send(
            "PutBucketOwnershipControls",
            ["Bucket": "bucket", "OwnershipControls": ["Rules": [["ObjectOwnership": "BucketOwnerPreferred"]]]])
        try await world.send("PutObject", ["Bucket": "bucket", "Key": "open", "ACL": "public-read"], body: [1])
        try await world.put("shut")
        #expect(try await world.bytes("open", as: .anonymous) == [1])
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "shut"], as: .anonymous).code == "AccessDenied")
        let list = try await world.send("GetObjectAcl", ["Bucket": "bucket", "Key": "open"])
        #expect(list["Grants"]?.listValue?.map { $0["Permission"]?.stringValue } == ["FULL_CONTROL", "READ"])
        try await world.send("PutObjectAcl", ["Bucket": "bucket", "Key": "open", "ACL": "private"])
        #expect(try await world.failure("GetObject", ["Bucket": "bucket", "Key": "open"], as: .anonymous).code == "AccessDenied")
    }

    @Test(arguments: [
        ("{", "MalformedPolicy"), (#"{"Version":"2012-10-17","Statement":[]}"#, "MalformedPolicy"),
        (policy(#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bucket"}"#), "MalformedPolicy"),
        (policy(#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}"#), "MalformedPolicy"),
    ])
    func badPoliciesAreRefused(policy: String, code: String) async throws {
        let world = try S3TestWorld()
        try await world.makeBucket()
        #expect(try await world.failure("PutBucketPolicy", ["Bucket": "bucket", "Policy": .string(policy)]).code == code)
    }
}

struct S3PublicDataTests {
    @Test func publicDataIsMadeOnFirstUse() async throws {
        let bytes = S3TestWorld.noise(9000)
        let objects = [
            PublicObject(
                key: "known", size: bytes.count, md5: Hexadecimal.encode(Digest.md5(bytes)), contentType: "text/csv",
                source: "noise"),
            PublicObject(key: "unknown", contentType: "text/csv", source: "noise"),
        ]
        let world = try S3TestWorld(
            publicData: [PublicDataBucket(name: "sample-data", region: "eu-west-1", objects: objects)],
            producers: ["noise": { bytes }])
        #expect(try world.bodyFiles().isEmpty)
        let known = try await world.send("HeadBucket", ["Bucket": "sample-data"], as: .anonymous)
        #expect(known["BucketRegion"] == "eu-west-1")
        let first = try await world.send("ListObjectsV2", ["Bucket": "sample-data", "Prefix": "known"])
        #expect(first["Contents"]?[0]?["Size"]?.integerValue == bytes.count)
        #expect(try world.bodyFiles().isEmpty)
        #expect(try await world.bytes("known", bucket: "sample-data", as: .anonymous) == bytes)
        #expect(try await world.bytes("known", bucket: "sample-data") == bytes)
        #expect(try world.bodyFiles().count == 1)
        let all = try await world.send("ListObjectsV2", ["Bucket": "sample-data"])
        #expect(all["Contents"]?.listValue?.map { $0["ETag"] } == Array(repeating: first["Contents"]?[0]?["ETag"], count: 2))
        #expect(try await world.failure("PutObject", ["Bucket": "sample-data", "Key": "k"], body: [1]).code == "AccessDenied")
    }
}
