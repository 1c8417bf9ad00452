// SPDX-License-Identifier: Apache-2.0

import Foundation
import Services
import Testing
import Wire
import World

@Suite("IAM")
struct IAMTests {
    private let allowAll = IAMTestWorld.document(#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)

    @Test("A new account has an administrator with the example key")
    func bootstrap() async throws {
        let test = try IAMTestWorld()
        let user = try await test.iam("GetUser")["User"]
        #expect(user?["UserName"] == "student")
        #expect(user?["Arn"] == "arn:aws:iam::123456789012:user/student")
        #expect(user?["UserId"]?.stringValue?.count == 21)
        #expect(user?["UserId"]?.stringValue?.hasPrefix("AIDA") == true)
        let attached = try await test.iam("ListAttachedUserPolicies", ["UserName": "student"])
        #expect(
            attached["AttachedPolicies"] == [
                ["PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"]
            ])
    }

    @Test("A role from its making to its end")
    func roleLife() async throws {
        let test = try IAMTestWorld()
        let made = try await test.iam(
            "CreateRole",
            [
                "RoleName": "worker", "Path": "/service-role/", "AssumeRolePolicyDocument": .string(IAMTestWorld.trustSageMaker),
                "Tags": [["Key": "team", "Value": "blue"]],
            ])["Role"]
        #expect(made?["Arn"] == "arn:aws:iam::123456789012:role/service-role/worker")
        #expect(made?["RoleId"]?.stringValue?.hasPrefix("AROA") == true)
        #expect(
            try await test.error(
                "CreateRole", ["RoleName": "Worker", "AssumeRolePolicyDocument": .string(IAMTestWorld.trustSageMaker)])
                == "EntityAlreadyExists: Role with name Worker already exists.")

        let policy: Value = ["RoleName": "worker", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]
        try await test.iam("AttachRolePolicy", policy)
        try await test.iam("AttachRolePolicy", policy)
        try await test.iam("PutRolePolicy", ["RoleName": "worker", "PolicyName": "in", "PolicyDocument": .string(allowAll)])
        let inline = try await test.iam("GetRolePolicy", ["RoleName": "worker", "PolicyName": "in"])
        #expect(inline["PolicyDocument"]?.stringValue?.removingPercentEncoding == allowAll)
        #expect(inline["PolicyDocument"]?.stringValue?.hasPrefix("%7B%22Version%22%3A%222012-10-17%22") == true)

        let shown = try await test.iam("GetRole", ["RoleName": "worker"])["Role"]
        #expect(shown?["MaxSessionDuration"] == 3600)
        #expect(shown?["Tags"] == [["Key": "team", "Value": "blue"]])
        #expect(shown?["AssumeRolePolicyDocument"]?.stringValue?.removingPercentEncoding == IAMTestWorld.trustSageMaker)

        #expect(
            try await test.error("DeleteRole", ["RoleName": "worker"])
                == "DeleteConflict: Cannot delete entity, must detach all policies first.")
        try await test.iam("DetachRolePolicy", policy)
        #expect(
            try await test.error("DetachRolePolicy", policy)
                == "NoSuchEntity: Policy arn:aws:iam::aws:policy/AmazonSageMakerFullAccess was not found.")
        #expect(
            try await test.error("DeleteRole", ["RoleName": "worker"])
                == "DeleteConflict: Cannot delete entity, must delete policies first.")
        try await test.iam("DeleteRolePolicy", ["RoleName": "worker", "PolicyName": "in"])
        try await test.iam("DeleteRole", ["RoleName": "worker"])
        #expect(
            try await test.error("GetRole", ["RoleName": "worker"]) == "NoSuchEntity: The role with name worker cannot be found.")
    }

    @Test("Documents that are no policies are refused in IAM's words")
    func malformed() async throws {
        let test = try IAMTestWorld()
        #expect(
            try await test.error("CreateRole", ["RoleName": "r", "AssumeRolePolicyDocument": "{}"])
                == "MalformedPolicyDocument: Syntax errors in policy.")
        let stranger = IAMTestWorld.document(
            #"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/nobody"},"Action":"sts:AssumeRole"}"#)
        #expect(
            try await test.error("CreateRole", ["RoleName": "r", "AssumeRolePolicyDocument": .string(stranger)])
                == "MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:user/nobody\"")
        #expect(
            try await test.error("PutUserPolicy", ["UserName": "student", "PolicyName": "p", "PolicyDocument": "x"])
                == "MalformedPolicyDocument: Syntax errors in policy.")
        #expect(
            try await test.error("PutUserPolicy", ["UserName": "nobody", "PolicyName": "p", "PolicyDocument": .string(allowAll)])
                == "NoSuchEntity: The user with name nobody cannot be found.")
    }

    @Test("A managed policy, its versions and its end")
    func managedPolicies() async throws {
        let test = try IAMTestWorld()
        let made = try await test.iam("CreatePolicy", ["PolicyName": "all", "PolicyDocument": .string(allowAll)])["Policy"]
        let arn = try #require(made?["Arn"])
        #expect(arn == "arn:aws:iam::123456789012:policy/all")
        #expect(made?["DefaultVersionId"] == "v1")
        #expect(
            try await test.error("CreatePolicy", ["PolicyName": "all", "PolicyDocument": .string(allowAll)])
                == "EntityAlreadyExists: A policy called all already exists. Duplicate names are not allowed.")
        for number in 2...5 {
            let version = try await test.iam(
                "CreatePolicyVersion",
                ["PolicyArn": arn, "PolicyDocument": .string(allowAll), "SetAsDefault": .boolean(number == 3)])
            #expect(version["PolicyVersion"]?["VersionId"] == .string("v\(number)"))
        }
        #expect(
            try await test.error("CreatePolicyVersion", ["PolicyArn": arn, "PolicyDocument": .string(allowAll)])
                == "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
        )
        #expect(
            try await test.error("DeletePolicyVersion", ["PolicyArn": arn, "VersionId": "v3"])
                == "DeleteConflict: Cannot delete the default version of a policy.")
        #expect(try await test.iam("GetPolicy", ["PolicyArn": arn])["Policy"]?["DefaultVersionId"] == "v3")

        try await test.iam("AttachUserPolicy", ["UserName": "student", "PolicyArn": arn])
        #expect(try await test.iam("GetPolicy", ["PolicyArn": arn])["Policy"]?["AttachmentCount"] == 1)
        let entities = try await test.iam("ListEntitiesForPolicy", ["PolicyArn": arn])
        #expect(entities["PolicyUsers"]?[0]?["UserName"] == "student")
        #expect(
            try await test.error("DeletePolicy", ["PolicyArn": arn])
                == "DeleteConflict: Cannot delete a policy attached to entities.")
        try await test.iam("DetachUserPolicy", ["UserName": "student", "PolicyArn": arn])
        #expect(
            try await test.error("DeletePolicy", ["PolicyArn": arn])?.hasPrefix(
                "DeleteConflict: This policy has more than one version.") == true)
        for version in ["v1", "v2", "v4", "v5"] {
            try await test.iam("DeletePolicyVersion", ["PolicyArn": arn, "VersionId": .string(version)])
        }
        try await test.iam("DeletePolicy", ["PolicyArn": arn])
        #expect(
            try await test.error("GetPolicy", ["PolicyArn": arn])
                == "NoSuchEntity: Policy arn:aws:iam::123456789012:policy/all was not found.")
    }

    @Test("AWS's policies are there, can be read and attached, and not be changed")
    func awsPolicies() async throws {
        let test = try IAMTestWorld()
        for name in [
            "AmazonSageMakerFullAccess", "AmazonS3FullAccess", "AmazonS3ReadOnlyAccess", "AmazonEC2ContainerRegistryFullAccess",
            "AdministratorAccess", "CloudWatchLogsFullAccess", "IAMFullAccess", "PowerUserAccess", "ReadOnlyAccess",
        ] {
            let arn: Value = .string("arn:aws:iam::aws:policy/\(name)")
            let policy = try await test.iam("GetPolicy", ["PolicyArn": arn])["Policy"]
            let version = try await test.iam(
                "GetPolicyVersion", ["PolicyArn": arn, "VersionId": try #require(policy?["DefaultVersionId"])])["PolicyVersion"]
            let document = try #require(version?["Document"]?.stringValue?.removingPercentEncoding)
            #expect(throws: Never.self) { try PolicyDocument(parsing: document, kind: .session) }
        }
        let all = try await test.iam("ListPolicies", ["Scope": "AWS", "MaxItems": 1000])["Policies"]?.listValue ?? []
        #expect(all.count >= 25)
        #expect(Set(all.compactMap { $0["PolicyId"] }).count == all.count)
        let attached = try await test.iam("ListPolicies", ["Scope": "AWS", "OnlyAttached": true])["Policies"]?.listValue
        #expect(attached?.compactMap { $0["PolicyName"] } == ["AdministratorAccess"])
        #expect(
            try await test.error("DeletePolicy", ["PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"])
                == "AccessDenied: Policy is outside your own account.")
        #expect(
            try await test.error("AttachUserPolicy", ["UserName": "student", "PolicyArn": "arn:aws:iam::aws:policy/Nothing"])
                == "NoSuchEntity: Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.")
    }

    @Test("Lists come in pages that end with a marker")
    func pages() async throws {
        let test = try IAMTestWorld()
        for index in 0..<7 { try await test.iam("CreateUser", ["UserName": .string("u\(index)")]) }
        var names: [String] = []
        var marker: Value?
        repeat {
            var input: Value = ["MaxItems": 3]
            input["Marker"] = marker
            let page = try await test.iam("ListUsers", input)
            names += (page["Users"]?.listValue ?? []).compactMap { $0["UserName"]?.stringValue }
            marker = page["Marker"]
            #expect(page["IsTruncated"] == .boolean(marker != nil))
        } while marker != nil
        #expect(names == ["student", "u0", "u1", "u2", "u3", "u4", "u5", "u6"])
        #expect(try await test.error("ListUsers", ["Marker": "%"]) == "ValidationError: Invalid Marker.")
    }

    @Test("Access keys: two at most, off means out, gone means gone")
    func accessKeys() async throws {
        let test = try IAMTestWorld()
        let first = try await test.user("ann", policy: #"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#)
        #expect(first.accessKeyID.hasPrefix("AKIA"))
        #expect(first.accessKeyID.count == 20)
        #expect(first.secretAccessKey.count == 40)
        try await test.iam("CreateAccessKey", as: first)
        #expect(try await test.error("CreateAccessKey", as: first) == "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2")
        try await test.iam("UpdateAccessKey", ["UserName": "ann", "AccessKeyId": .string(first.accessKeyID), "Status": "Inactive"])
        #expect(
            try await test.error("GetUser", as: first)
                == "InvalidClientTokenId: The security token included in the request is invalid.")
        let keys = try await test.iam("ListAccessKeys", ["UserName": "ann"])["AccessKeyMetadata"]?.listValue ?? []
        #expect(keys.count == 2)
        #expect(
            try await test.error("DeleteUser", ["UserName": "ann"])
                == "DeleteConflict: Cannot delete entity, must delete policies first.")
        try await test.iam("DeleteUserPolicy", ["UserName": "ann", "PolicyName": "p"])
        for key in keys {
            try await test.iam("DeleteAccessKey", ["UserName": "ann", "AccessKeyId": try #require(key["AccessKeyId"])])
        }
        try await test.iam("DeleteUser", ["UserName": "ann"])
    }

    @Test("What a user may do follows from its policies, its groups and its boundary")
    func enforcement() async throws {
        let test = try IAMTestWorld()
        let ann = try await test.user("ann")
        let denied =
            "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:ListUsers on resource: "
            + "arn:aws:iam::123456789012:user/"
        #expect(
            try await test.error("ListUsers", as: ann) == denied
                + " because no identity-based policy allows the iam:ListUsers action")

        try await test.iam("CreateGroup", ["GroupName": "readers"])
        try await test.iam("AttachGroupPolicy", ["GroupName": "readers", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"])
        try await test.iam("AddUserToGroup", ["GroupName": "readers", "UserName": "ann"])
        #expect(try await test.error("ListUsers", as: ann) == nil)
        #expect(
            try await test.error("DeleteGroup", ["GroupName": "readers"])
                == "DeleteConflict: Cannot delete entity, must remove users from group first.")

        try await test.iam(
            "PutUserPermissionsBoundary", ["UserName": "ann", "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonS3FullAccess"])
        #expect(
            try await test.error("ListUsers", as: ann) == denied
                + " because no permissions boundary allows the iam:ListUsers action")
        try await test.iam("DeleteUserPermissionsBoundary", ["UserName": "ann"])

        let deny = IAMTestWorld.document(#"{"Effect":"Deny","Action":"iam:List*","Resource":"*"}"#)
        try await test.iam("PutUserPolicy", ["UserName": "ann", "PolicyName": "no", "PolicyDocument": .string(deny)])
        #expect(try await test.error("ListUsers", as: ann) == denied + " with an explicit deny in an identity-based policy")
        try await test.iam("RemoveUserFromGroup", ["GroupName": "readers", "UserName": "ann"])
        try await test.iam("DetachGroupPolicy", ["GroupName": "readers", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"])
        try await test.iam("DeleteGroup", ["GroupName": "readers"])
    }

    @Test(
        "Denials name resources as IAM does",
        arguments: [
            ("GetUser", ["UserName": "student"], "user student"),
            ("CreateUser", ["UserName": "x"], "arn:aws:iam::123456789012:user/x"),
            ("GetRole", ["RoleName": "x"], "role x"), ("ListRoles", [:], "arn:aws:iam::123456789012:role/"),
            ("ListPolicies", [:], "policy path /"), ("GetAccountSummary", [:], "*"),
            ("GetPolicy", ["PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"], "policy arn:aws:iam::aws:policy/IAMFullAccess"),
        ] as [(String, Value, String)])
    func denials(operation: String, input: Value, resource: String) async throws {
        let test = try IAMTestWorld()
        let ann = try await test.user("ann")
        #expect(
            try await test.error(operation, input, as: ann)
                == "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:\(operation) "
                + "on resource: \(resource) because no identity-based policy allows the iam:\(operation) action")
    }

    @Test("Permissions can hang on paths and on tags")
    func pathsAndTags() async throws {
        let test = try IAMTestWorld()
        let ann = try await test.user(
            "ann",
            policy: #"""
                {"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:role/team/*"},
                {"Effect":"Allow","Action":"iam:GetRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/open":"yes"}}}
                """#)
        let trust: Value = .string(IAMTestWorld.trustSageMaker)
        try await test.iam("CreateRole", ["RoleName": "a", "Path": "/team/", "AssumeRolePolicyDocument": trust], as: ann)
        #expect(
            try await test.error("CreateRole", ["RoleName": "b", "AssumeRolePolicyDocument": trust], as: ann)?.hasPrefix(
                "AccessDenied") == true)
        #expect(try await test.error("GetRole", ["RoleName": "a"], as: ann) == nil)
        try await test.iam("CreateRole", ["RoleName": "c", "AssumeRolePolicyDocument": trust])
        #expect(try await test.error("GetRole", ["RoleName": "c"], as: ann)?.hasPrefix("AccessDenied") == true)
        try await test.iam("TagRole", ["RoleName": "c", "Tags": [["Key": "open", "Value": "yes"]]])
        #expect(try await test.error("GetRole", ["RoleName": "c"], as: ann) == nil)
        try await test.iam("UntagRole", ["RoleName": "c", "TagKeys": ["open"]])
        #expect(try await test.error("GetRole", ["RoleName": "c"], as: ann)?.hasPrefix("AccessDenied") == true)
    }

    @Test("A renamed user keeps keys and policies")
    func rename() async throws {
        let test = try IAMTestWorld()
        let ann = try await test.user("ann", policy: #"{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}"#)
        try await test.iam("UpdateUser", ["UserName": "ann", "NewUserName": "anna", "NewPath": "/people/"])
        let user = try await test.iam("GetUser", as: ann)["User"]
        #expect(user?["Arn"] == "arn:aws:iam::123456789012:user/people/anna")
    }

    @Test("Instance profiles hold one role")
    func instanceProfiles() async throws {
        let test = try IAMTestWorld()
        try await test.role("r", trusting: #"{"Service":"ec2.amazonaws.com"}"#)
        try await test.iam("CreateInstanceProfile", ["InstanceProfileName": "p"])
        let both: Value = ["InstanceProfileName": "p", "RoleName": "r"]
        try await test.iam("AddRoleToInstanceProfile", both)
        #expect(
            try await test.error("AddRoleToInstanceProfile", both)
                == "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
        #expect(
            try await test.error("DeleteRole", ["RoleName": "r"])
                == "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.")
        let shown = try await test.iam("GetInstanceProfile", ["InstanceProfileName": "p"])["InstanceProfile"]
        #expect(shown?["Roles"]?[0]?["RoleName"] == "r")
        try await test.iam("RemoveRoleFromInstanceProfile", both)
        try await test.iam("DeleteInstanceProfile", ["InstanceProfileName": "p"])
    }

    @Test("Account alias and summary")
    func account() async throws {
        let test = try IAMTestWorld()
        try await test.iam("CreateAccountAlias", ["AccountAlias": "workshop"])
        #expect(try await test.iam("ListAccountAliases")["AccountAliases"] == ["workshop"])
        #expect(
            try await test.error("CreateAccountAlias", ["AccountAlias": "workshop"], as: test.outsider())
                == "EntityAlreadyExists: The account alias workshop already exists.")
        try await test.iam("DeleteAccountAlias", ["AccountAlias": "workshop"])
        #expect(try await test.iam("ListAccountAliases")["AccountAliases"] == [])
        #expect(try await test.iam("GetAccountSummary")["SummaryMap"]?["Users"] == 1)
    }

    @Test("Simulation answers as enforcement does")
    func simulation() async throws {
        let test = try IAMTestWorld()
        _ = try await test.user(
            "ann",
            policy:
                #"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#
        )
        func decisions(_ context: Value) async throws -> [String?] {
            let results =
                try await test.iam(
                    "SimulatePrincipalPolicy",
                    [
                        "PolicySourceArn": "arn:aws:iam::123456789012:user/ann", "ActionNames": ["s3:GetObject", "s3:PutObject"],
                        "ResourceArns": ["arn:aws:s3:::b/k"], "ContextEntries": context,
                    ])["EvaluationResults"]?.listValue ?? []
            return results.map { $0["EvalDecision"]?.stringValue }
        }
        let secure: Value = [["ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]]]
        #expect(try await decisions(secure) == ["allowed", "implicitDeny"])
        #expect(try await decisions([]) == ["implicitDeny", "implicitDeny"])
        let deny = IAMTestWorld.document(#"{"Effect":"Deny","Action":"*","Resource":"*"}"#)
        let custom = try await test.iam(
            "SimulateCustomPolicy", ["PolicyInputList": [.string(allowAll), .string(deny)], "ActionNames": ["s3:GetObject"]])
        let result = custom["EvaluationResults"]?[0]
        #expect(result?["EvalDecision"] == "explicitDeny")
        #expect(result?["MatchedStatements"]?[0]?["SourcePolicyId"] == "PolicyInputList.2")
    }
}
