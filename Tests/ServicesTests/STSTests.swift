// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Services
import Testing
import Wire
import World

@Suite("STS")
struct STSTests {
    private let role = "arn:aws:iam::123456789012:role/r"
    private let listUsers = #"{"Effect":"Allow","Action":"iam:List*","Resource":"*"}"#
    private let trustAccount = #"{"AWS":"arn:aws:iam::123456789012:root"}"#

    private func input(_ more: Value = .emptyObject) -> Value {
        var input: Value = ["RoleArn": .string(role), "RoleSessionName": "work"]
        for (key, value) in more.objectValue ?? [:] { input[key] = value }
        return input
    }

    @Test("Everybody with valid credentials can ask who they are, and nobody else")
    func callerIdentity() async throws {
        let test = try IAMTestWorld()
        let identity = try await test.sts("GetCallerIdentity")
        #expect(identity["Account"] == "123456789012")
        #expect(identity["Arn"] == "arn:aws:iam::123456789012:user/student")
        let ann = try await test.user("ann")
        #expect(try await test.sts("GetCallerIdentity", as: ann)["Arn"] == "arn:aws:iam::123456789012:user/ann")
        #expect(
            try await test.error("GetCallerIdentity", service: "sts", as: nil)
                == "MissingAuthenticationTokenException: Missing Authentication Token")
        let stranger = Credentials(accessKeyID: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: "x")
        #expect(
            try await test.error("GetCallerIdentity", service: "sts", as: stranger)
                == "InvalidClientTokenId: The security token included in the request is invalid.")
    }

    @Test("A session of a role has the role's permissions, not the caller's")
    func assumeRole() async throws {
        let test = try IAMTestWorld()
        try await test.role("r", trusting: trustAccount, policy: listUsers)
        let output = try await test.sts("AssumeRole", input())
        #expect(output["AssumedRoleUser"]?["Arn"] == "arn:aws:sts::123456789012:assumed-role/r/work")
        #expect(output["PackedPolicySize"] == nil)
        let session = try IAMTestWorld.credentials(output)
        #expect(session.accessKeyID.hasPrefix("ASIA"))
        let identity = try await test.sts("GetCallerIdentity", as: session)
        #expect(identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/r/work")
        #expect(identity["UserId"] == output["AssumedRoleUser"]?["AssumedRoleId"])
        #expect(try await test.error("ListUsers", as: session) == nil)
        #expect(
            try await test.error("CreateUser", ["UserName": "x"], as: session)
                == "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/r/work is not authorized to perform: iam:CreateUser "
                + "on resource: arn:aws:iam::123456789012:user/x because no identity-based policy allows the iam:CreateUser action")
        #expect(try await test.iam("GetRole", ["RoleName": "r"])["Role"]?["RoleLastUsed"]?["Region"] == "us-east-1")
        // Without its token the key is worth nothing.
        let bare = Credentials(accessKeyID: session.accessKeyID, secretAccessKey: session.secretAccessKey)
        #expect(try await test.error("ListUsers", as: bare)?.hasPrefix("InvalidClientTokenId") == true)
    }

    @Test("The trust policy decides who gets in")
    func trust() async throws {
        let test = try IAMTestWorld()
        let refused =
            "AccessDenied: User: arn:aws:iam::123456789012:user/student is not authorized to perform: sts:AssumeRole on resource: "
        #expect(try await test.error("AssumeRole", input(), service: "sts") == refused + role)
        try await test.role("r", trusting: #"{"Service":"sagemaker.amazonaws.com"}"#)
        #expect(try await test.error("AssumeRole", input(), service: "sts") == refused + role)

        let ann = try await test.user("ann")
        let trustAnn = IAMTestWorld.document(
            #"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ann"},"Action":"sts:AssumeRole"}"#)
        try await test.iam("UpdateAssumeRolePolicy", ["RoleName": "r", "PolicyDocument": .string(trustAnn)])
        #expect(try await test.error("AssumeRole", input(), service: "sts", as: ann) == nil)
        #expect(try await test.error("AssumeRole", input(), service: "sts") == refused + role)

        try await test.iam(
            "UpdateAssumeRolePolicy",
            [
                "RoleName": "r",
                "PolicyDocument": .string(
                    IAMTestWorld.document(#"{"Effect":"Allow","Principal":\#(trustAccount),"Action":"sts:AssumeRole"}"#)),
            ])
        #expect(try await test.error("AssumeRole", input(), service: "sts") == nil)
        #expect(
            try await test.error("AssumeRole", input(), service: "sts", as: ann)?.hasSuffix(
                "because no identity-based policy allows the sts:AssumeRole action") == true)
    }

    @Test("Another account gets in with the agreed external id")
    func crossAccount() async throws {
        let test = try IAMTestWorld()
        try await test.role(
            "r", trusting: #"{"AWS":"\#(IAMTestWorld.otherAccount)"}"#, policy: listUsers,
            condition: #"{"StringEquals":{"sts:ExternalId":"agreed"}}"#)
        let outsider = try test.outsider()
        #expect(try await test.error("AssumeRole", input(), service: "sts", as: outsider)?.hasPrefix("AccessDenied") == true)
        let session = try IAMTestWorld.credentials(
            try await test.sts("AssumeRole", input(["ExternalId": "agreed"]), as: outsider))
        let users = try await test.iam("ListUsers", as: session)["Users"]?.listValue ?? []
        #expect(users.compactMap { $0["Arn"] } == ["arn:aws:iam::123456789012:user/student"])
    }

    @Test("Session policies cut the role's permissions, and tags come along")
    func sessionPolicies() async throws {
        let test = try IAMTestWorld()
        try await test.role("r", trusting: trustAccount, policy: #"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#)
        let policy = IAMTestWorld.document(
            #"{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}}"#
        )
        let tagged = try await test.sts(
            "AssumeRole", input(["Policy": .string(policy), "Tags": [["Key": "team", "Value": "blue"]]]))
        #expect(tagged["PackedPolicySize"]?.integerValue ?? 0 > 0)
        let session = try IAMTestWorld.credentials(tagged)
        #expect(try await test.error("ListUsers", as: session) == nil)
        #expect(
            try await test.error("ListRoles", as: session)?.hasSuffix("because no session policy allows the iam:ListRoles action")
                == true)
        let untagged = try IAMTestWorld.credentials(try await test.sts("AssumeRole", input(["Policy": .string(policy)])))
        #expect(try await test.error("ListUsers", as: untagged)?.hasPrefix("AccessDenied") == true)
        let managed = try IAMTestWorld.credentials(
            try await test.sts("AssumeRole", input(["PolicyArns": [["arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"]]])))
        #expect(try await test.error("ListRoles", as: managed) == nil)
        #expect(try await test.error("CreateUser", ["UserName": "x"], as: managed)?.hasPrefix("AccessDenied") == true)
    }

    @Test("Sessions are not longer than the role and chaining allow, and end by the machine's clock")
    func durations() async throws {
        let test = try IAMTestWorld()
        try await test.role("r", trusting: trustAccount, policy: #"{"Effect":"Allow","Action":"*","Resource":"*"}"#)
        #expect(
            try await test.error("AssumeRole", input(["DurationSeconds": 7200]), service: "sts")
                == "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        try await test.iam("UpdateRole", ["RoleName": "r", "MaxSessionDuration": 7200])
        let output = try await test.sts("AssumeRole", input(["DurationSeconds": 7200]))
        let end = try #require(output["Credentials"]?["Expiration"]?.doubleValue)
        #expect(abs(end - Date().timeIntervalSince1970 - 7200) < 60)
        let session = try IAMTestWorld.credentials(output)
        #expect(
            try await test.error("AssumeRole", input(["DurationSeconds": 7200]), service: "sts", as: session)
                == "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
        #expect(try await test.error("AssumeRole", input(), service: "sts", as: session) == nil)

        try test.world.store.write { database in
            var key = try #require(try AccessKey.find(session.accessKeyID, in: database))
            key.expirationTime = Date().timeIntervalSince1970 - 1
            try key.save(in: database)
        }
        #expect(
            try await test.error("GetCallerIdentity", service: "sts", as: session)
                == "ExpiredToken: The security token included in the request is expired")
    }

    @Test("Session tokens stand for the user itself; federated sessions for both sides' permissions")
    func otherSessions() async throws {
        let test = try IAMTestWorld()
        let session = try IAMTestWorld.credentials(try await test.sts("GetSessionToken"))
        #expect(try await test.sts("GetCallerIdentity", as: session)["Arn"] == "arn:aws:iam::123456789012:user/student")
        #expect(
            try await test.error("GetSessionToken", service: "sts", as: session)
                == "AccessDenied: Cannot call GetSessionToken with session credentials")
        let policy = IAMTestWorld.document(listUsers)
        let federated = try IAMTestWorld.credentials(
            try await test.sts("GetFederationToken", ["Name": "fred", "Policy": .string(policy)]))
        #expect(try await test.sts("GetCallerIdentity", as: federated)["Arn"] == "arn:aws:sts::123456789012:federated-user/fred")
        #expect(try await test.error("ListUsers", as: federated) == nil)
        #expect(try await test.error("GetAccountSummary", as: federated)?.hasPrefix("AccessDenied") == true)
        let bare = try IAMTestWorld.credentials(try await test.sts("GetFederationToken", ["Name": "fred"]))
        #expect(try await test.error("ListUsers", as: bare)?.hasPrefix("AccessDenied") == true)
    }

    @Test("An access key's id tells its account")
    func accessKeyInfo() async throws {
        let test = try IAMTestWorld()
        let outsider = try test.outsider()
        let info = try await test.sts("GetAccessKeyInfo", ["AccessKeyId": .string(outsider.accessKeyID)])
        #expect(info["Account"] == .string(IAMTestWorld.otherAccount))
        // A key that nobody has: the account is in the id.
        let start = String(outsider.accessKeyID.prefix(13))
        let unknown = try await test.sts("GetAccessKeyInfo", ["AccessKeyId": .string(start + "AAAAAAA")])
        #expect(unknown["Account"] == .string(IAMTestWorld.otherAccount))
    }

    @Test("Services assume roles that trust them")
    func serviceSessions() async throws {
        let test = try IAMTestWorld()
        try await test.role("r", trusting: #"{"Service":"sagemaker.amazonaws.com"}"#)
        let arn = role
        func session(_ service: String) throws -> Principal? {
            try test.world.store.read { try IAMIdentity.session(ofRole: arn, named: "SageMaker", assumedBy: service, in: $0) }
        }
        #expect(try session("sagemaker.amazonaws.com")?.arn == "arn:aws:sts::123456789012:assumed-role/r/SageMaker")
        #expect(try session("ec2.amazonaws.com") == nil)
    }
}
