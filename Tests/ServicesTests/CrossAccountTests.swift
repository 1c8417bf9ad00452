// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

/// Buckets and roles that two accounts share.
@Suite("Two accounts") struct CrossAccountTests {
    private static let other = IAMTestWorld.otherAccount
    private let everything = #"{"Effect":"Allow","Action":"*","Resource":"*"}"#

    private func fill(_ test: IAMTestWorld, policy statement: String?) async throws {
        _ = try await test.send("s3", "CreateBucket", ["Bucket": "shared"], as: IAMTestWorld.student)
        _ = try await test.dispatcher.send(
            ServiceRequest(
                service: "s3", operation: "PutObject", input: ["Bucket": "shared", "Key": "k"], body: Body(bytes: [1]),
                credentials: IAMTestWorld.student, region: "us-east-1"))
        guard let statement else { return }
        _ = try await test.send(
            "s3", "PutBucketPolicy", ["Bucket": "shared", "Policy": .string(IAMTestWorld.document(statement))],
            as: IAMTestWorld.student)
    }

    private func get(_ test: IAMTestWorld, as credentials: Credentials?) async throws -> String? {
        try await test.error("GetObject", ["Bucket": "shared", "Key": "k"], service: "s3", as: credentials)
    }

    private func consent(_ principal: String, action: String = "s3:GetObject") -> String {
        #"{"Effect":"Allow","Principal":{"AWS":"\#(principal)"},"Action":"\#(action)","Resource":["arn:aws:s3:::shared","arn:aws:s3:::shared/*"]}"#
    }

    /// A user of the other account with one inline policy.
    private func foreigner(_ test: IAMTestWorld, _ name: String, policy statement: String?) async throws -> Credentials {
        let outsider = try test.outsider()
        _ = try await test.iam("CreateUser", ["UserName": .string(name)], as: outsider)
        if let statement {
            _ = try await test.iam(
                "PutUserPolicy",
                ["UserName": .string(name), "PolicyName": "p", "PolicyDocument": .string(IAMTestWorld.document(statement))],
                as: outsider)
        }
        let key = try await test.iam("CreateAccessKey", ["UserName": .string(name)], as: outsider)["AccessKey"]
        return Credentials(
            accessKeyID: try #require(key?["AccessKeyId"]?.stringValue),
            secretAccessKey: try #require(key?["SecretAccessKey"]?.stringValue))
    }

    @Test(
        "A foreigner reads only where his account and the bucket both say so",
        arguments: [
            // The bucket names, his own policy, and whether he gets in.
            ("arn:aws:iam::210987654321:user/eve", #"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}"#, true),
            ("arn:aws:iam::210987654321:root", #"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}"#, true),
            ("210987654321", #"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::shared/*"}"#, true),
            ("arn:aws:iam::210987654321:user/eve", nil, false),
            ("arn:aws:iam::210987654321:root", nil, false),
            ("arn:aws:iam::210987654321:user/student", #"{"Effect":"Allow","Action":"*","Resource":"*"}"#, false),
            (nil, #"{"Effect":"Allow","Action":"*","Resource":"*"}"#, false),
            (
                "arn:aws:iam::210987654321:user/eve",
                #"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/*"}"#,
                false
            ),
        ] as [(String?, String?, Bool)])
    func bothSides(named: String?, policy: String?, allowed: Bool) async throws {
        let test = try IAMTestWorld()
        let eve = try await foreigner(test, "eve", policy: policy)
        try await fill(test, policy: named.map { consent($0) })
        let error = try await get(test, as: eve)
        #expect(error == (allowed ? nil : "AccessDenied: Access Denied"))
        // Within its account the bucket needs no policy for whoever may do everything.
        #expect(try await get(test, as: IAMTestWorld.student) == nil)
    }

    @Test("A Deny of the bucket's stands above what both accounts allow, for its own administrator too")
    func explicitDeny() async throws {
        let test = try IAMTestWorld()
        let eve = try await foreigner(test, "eve", policy: everything)
        try await fill(
            test,
            policy: consent("210987654321") + ","
                + #"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"210987654321"}}}"#
        )
        #expect(try await get(test, as: eve) == nil)
        #expect(try await get(test, as: IAMTestWorld.student)?.contains("explicit deny in a resource-based policy") == true)
    }

    @Test("NotPrincipal: all are shut out but the user and the account that are listed")
    func notPrincipal() async throws {
        let test = try IAMTestWorld()
        let ann = try await test.user("ann", policy: everything)
        let bob = try await test.user("bob", policy: everything)
        try await fill(
            test,
            policy:
                #"{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::123456789012:user/ann","arn:aws:iam::123456789012:root"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/*"}"#
        )
        #expect(try await get(test, as: ann) == nil)
        #expect(try await get(test, as: bob)?.contains("explicit deny") == true)
    }

    @Test("From role to role and into the other account: each session has its own role's permissions, for an hour at most")
    func roleChaining() async throws {
        let test = try IAMTestWorld()
        let outsider = try test.outsider()
        // A role of the other account, which may become a role here, which may read the bucket.
        let trust = #"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"sts:AssumeRole"}"#
        _ = try await test.iam(
            "CreateRole", ["RoleName": "traveller", "AssumeRolePolicyDocument": .string(IAMTestWorld.document(trust))], as: outsider
        )
        try await test.role(
            "reader", trusting: #"{"AWS":"arn:aws:iam::210987654321:role/traveller"}"#,
            policy: #"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::shared/*"}"#)
        try await fill(test, policy: nil)
        let input: Value = ["RoleArn": "arn:aws:iam::123456789012:role/reader", "RoleSessionName": "chained"]
        // The other account's administrator is not the role that is trusted.
        #expect(try await test.error("AssumeRole", input, service: "sts", as: outsider)?.hasPrefix("AccessDenied") == true)
        let first = try IAMTestWorld.credentials(
            try await test.sts(
                "AssumeRole", ["RoleArn": "arn:aws:iam::210987654321:role/traveller", "RoleSessionName": "one"], as: outsider))
        // Trusted, but its own account has not let it go.
        #expect(try await test.error("AssumeRole", input, service: "sts", as: first)?.hasPrefix("AccessDenied") == true)
        _ = try await test.iam(
            "PutRolePolicy",
            [
                "RoleName": "traveller", "PolicyName": "p",
                "PolicyDocument": .string(
                    IAMTestWorld.document(
                        #"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/reader"}"#)),
            ], as: outsider)
        #expect(try await get(test, as: first) == "AccessDenied: Access Denied", "not before it is the reader")
        let second = try IAMTestWorld.credentials(try await test.sts("AssumeRole", input, as: first))
        #expect(try await get(test, as: second) == nil)
        #expect(try await test.error("ListBuckets", service: "s3", as: second)?.hasPrefix("AccessDenied") == true)
        var long = input
        long["DurationSeconds"] = 7200
        #expect(
            try await test.error("AssumeRole", long, service: "sts", as: first)
                == "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
        var narrow = input
        narrow["Policy"] = .string(IAMTestWorld.document(#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}"#))
        let third = try IAMTestWorld.credentials(try await test.sts("AssumeRole", narrow, as: first))
        #expect(try await get(test, as: third)?.contains("no session policy allows the s3:GetObject action") == true)
    }

    @Test("Only the owner's account sets a bucket's policy, and its root can undo one that shuts everybody out")
    func bucketPolicies() async throws {
        let test = try IAMTestWorld()
        try await fill(test, policy: consent("arn:aws:iam::210987654321:root", action: "s3:*"))
        let policy: Value = ["Bucket": "shared", "Policy": .string(IAMTestWorld.document(consent("*")))]
        let foreign = try await test.error("PutBucketPolicy", policy, service: "s3", as: try test.outsider())
        #expect(foreign == "MethodNotAllowed: The specified method is not allowed against this resource.")
        let lockout =
            #"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::shared","arn:aws:s3:::shared/*"]}"#
        _ = try await test.send(
            "s3", "PutBucketPolicy", ["Bucket": "shared", "Policy": .string(IAMTestWorld.document(lockout))],
            as: IAMTestWorld.student)
        #expect(
            try await test.error("DeleteBucketPolicy", ["Bucket": "shared"], service: "s3")?.contains("explicit deny") == true)
        let root = Principal(
            kind: .root, account: IAMTestWorld.account, arn: "arn:aws:iam::\(IAMTestWorld.account):root",
            userID: IAMTestWorld.account)
        _ = try await test.dispatcher.send(
            ServiceRequest(
                service: "s3", operation: "DeleteBucketPolicy", input: ["Bucket": "shared"], credentials: nil, region: "us-east-1"),
            as: root)
        #expect(try await get(test, as: IAMTestWorld.student) == nil)
    }
}
