// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

@Suite struct IAMCredentialTests {
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBpzCCARACCQCY5yOdxCTrGjANBgkqhkiG9w0BAQsFADAXMRUwEwYDVQQKDAxt
        b3RvIHRlc3RpbmcwIBcNMTgxMTA1MTkwNTIwWhgPMjI5MjA4MTkxOTA1MjBaMBcx
        FTATBgNVBAoMDG1vdG8gdGVzdGluZzCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC
        -----END CERTIFICATE-----
        """

    @Test func passwordsFollowThePolicyAndAreChanged() async throws {
        let world = try IAMTestWorld()
        let key = try await world.user("ada", policy: #"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#)
        try await world.iam(
            "UpdateAccountPasswordPolicy", ["MinimumPasswordLength": 10, "RequireNumbers": true, "MaxPasswordAge": 90])
        let shown = try await world.iam("GetAccountPasswordPolicy")["PasswordPolicy"]
        #expect(shown?["MinimumPasswordLength"] == 10 && shown?["ExpirePasswords"] == true && shown?["RequireSymbols"] == false)
        let short = try await world.error("CreateLoginProfile", ["UserName": "ada", "Password": "short"])
        #expect(short?.hasPrefix("PasswordPolicyViolation: ") == true)
        try await world.iam("CreateLoginProfile", ["UserName": "ada", "Password": "long enough 1", "PasswordResetRequired": true])
        #expect(
            try await world.error("CreateLoginProfile", ["UserName": "ada", "Password": "long enough 1"])
                == "EntityAlreadyExists: Login Profile for user ada already exists.")
        #expect(
            try await world.error("ChangePassword", ["OldPassword": "wrong", "NewPassword": "another one 2"], as: key)
                == "AccessDenied: The old password was incorrect.")
        try await world.iam("ChangePassword", ["OldPassword": "long enough 1", "NewPassword": "another one 2"], as: key)
        #expect(
            try await world.iam("GetLoginProfile", ["UserName": "ada"])["LoginProfile"]?["PasswordResetRequired"] == false)
        try await world.iam("DeleteLoginProfile", ["UserName": "ada"])
        #expect(
            try await world.error("GetLoginProfile", ["UserName": "ada"])
                == "NoSuchEntity: Login Profile for User ada cannot be found.")
    }

    @Test func virtualDevicesAreGivenToOneUser() async throws {
        let world = try IAMTestWorld()
        _ = try await world.user("ada")
        let device = try await world.iam("CreateVirtualMFADevice", ["VirtualMFADeviceName": "phone"])["VirtualMFADevice"]
        let serial = try #require(device?["SerialNumber"])
        #expect(serial == "arn:aws:iam::123456789012:mfa/phone")
        let enable: Value = [
            "UserName": "ada", "SerialNumber": serial, "AuthenticationCode1": "123456", "AuthenticationCode2": "654321",
        ]
        try await world.iam("EnableMFADevice", enable)
        #expect(try await world.error("EnableMFADevice", enable)?.hasPrefix("EntityAlreadyExists") == true)
        let assigned = try await world.iam("ListVirtualMFADevices", ["AssignmentStatus": "Assigned"])["VirtualMFADevices"]
        #expect(assigned?[0]?["User"]?["UserName"] == "ada")
        #expect(try await world.iam("ListMFADevices", ["UserName": "ada"])["MFADevices"]?[0]?["SerialNumber"] == serial)
        #expect(
            try await world.error("DeleteVirtualMFADevice", ["SerialNumber": serial])
                == "DeleteConflict: MFA VirtualDevice in use. Must deactivate first.")
        #expect(try await world.iam("GetAccountSummary")["SummaryMap"]?["MFADevicesInUse"] == 1)
        try await world.iam("DeactivateMFADevice", ["UserName": "ada", "SerialNumber": serial])
        try await world.iam("DeleteVirtualMFADevice", ["SerialNumber": serial])
        #expect(try await world.iam("ListVirtualMFADevices")["VirtualMFADevices"]?.listValue?.isEmpty == true)
    }

    @Test func certificatesAndKeysAreKept() async throws {
        let world = try IAMTestWorld()
        _ = try await world.user("ada")
        #expect(
            try await world.error("UploadSigningCertificate", ["UserName": "ada", "CertificateBody": "none"])?
                .hasPrefix("MalformedCertificate") == true)
        let uploaded = try await world.iam(
            "UploadSigningCertificate", ["UserName": "ada", "CertificateBody": .string(Self.certificate)])["Certificate"]
        let id = try #require(uploaded?["CertificateId"])
        try await world.iam("UpdateSigningCertificate", ["UserName": "ada", "CertificateId": id, "Status": "Inactive"])
        #expect(
            try await world.iam("ListSigningCertificates", ["UserName": "ada"])["Certificates"]?[0]?["Status"] == "Inactive")
        let ssh: Value = ["UserName": "ada", "SSHPublicKeyBody": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== ada"]
        let key = try await world.iam("UploadSSHPublicKey", ssh)["SSHPublicKey"]
        #expect(key?["SSHPublicKeyId"]?.stringValue?.hasPrefix("APKA") == true)
        #expect(key?["Fingerprint"]?.stringValue?.split(separator: ":").count == 16)
        #expect(try await world.error("UploadSSHPublicKey", ssh)?.hasPrefix("DuplicateSSHPublicKey") == true)
        let server: Value = [
            "ServerCertificateName": "web", "CertificateBody": .string(Self.certificate), "PrivateKey": "secret",
        ]
        try await world.iam("UploadServerCertificate", server)
        let shown = try await world.iam("GetServerCertificate", ["ServerCertificateName": "web"])["ServerCertificate"]
        #expect(shown?["ServerCertificateMetadata"]?["Expiration"] == .timestamp(10_181_358_320))
        for keyID in try await world.iam("ListAccessKeys", ["UserName": "ada"])["AccessKeyMetadata"]?.listValue ?? [] {
            try await world.iam("DeleteAccessKey", ["UserName": "ada", "AccessKeyId": keyID["AccessKeyId"] ?? .null])
        }
        #expect(
            try await world.error("DeleteUser", ["UserName": "ada"])
                == "DeleteConflict: Cannot delete entity, must delete signing certificates first.")
    }

    @Test func theCredentialReportHasALineForEachUser() async throws {
        let world = try IAMTestWorld()
        _ = try await world.user("ada")
        try await world.iam("CreateLoginProfile", ["UserName": "ada", "Password": "a"])
        #expect(try await world.error("GetCredentialReport")?.hasPrefix("ReportNotPresent") == true)
        #expect(try await world.iam("GenerateCredentialReport")["State"] == "STARTED")
        #expect(try await world.iam("GenerateCredentialReport")["State"] == "COMPLETE")
        let content = try await world.iam("GetCredentialReport")["Content"]?.blobValue ?? []
        let lines = String(decoding: content, as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        #expect(lines.allSatisfy { $0.count == 22 } && lines.map { $0[0] } == ["user", "<root_account>", "ada", "student"])
        #expect(lines[2][3] == "true" && lines[2][8] == "true" && lines[2][13] == "false")
    }

    @Test func usedKeysSayWhenAndForWhat() async throws {
        let world = try IAMTestWorld()
        let key = try await world.user("ada", policy: #"{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}"#)
        let input: Value = ["AccessKeyId": .string(key.accessKeyID)]
        #expect(try await world.iam("GetAccessKeyLastUsed", input)["AccessKeyLastUsed"]?["ServiceName"] == "N/A")
        try await world.iam("ListUsers", as: key)
        let used = try await world.iam("GetAccessKeyLastUsed", input)["AccessKeyLastUsed"]
        #expect(used?["ServiceName"] == "iam" && used?["Region"] == "us-east-1" && used?["LastUsedDate"] != nil)
    }

    @Test func serviceLinkedRolesBelongToTheService() async throws {
        let world = try IAMTestWorld()
        let role = try await world.iam(
            "CreateServiceLinkedRole", ["AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"])["Role"]
        let name = try #require(role?["RoleName"])
        #expect(name == "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
        #expect(role?["Path"] == "/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/")
        let task = try await world.iam("DeleteServiceLinkedRole", ["RoleName": name])["DeletionTaskId"]
        #expect(
            try await world.iam("GetServiceLinkedRoleDeletionStatus", ["DeletionTaskId": try #require(task)])["Status"]
                == "SUCCEEDED")
        #expect(try await world.error("GetRole", ["RoleName": name])?.hasPrefix("NoSuchEntity") == true)
    }

    @Test func accountDetailsShowWhatHangsTogether() async throws {
        let world = try IAMTestWorld()
        _ = try await world.user("ada", policy: #"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)
        try await world.iam("CreateGroup", ["GroupName": "crew"])
        try await world.iam("AddUserToGroup", ["GroupName": "crew", "UserName": "ada"])
        let details = try await world.iam("GetAccountAuthorizationDetails", ["Filter": ["User", "Group"]])
        #expect(details["UserDetailList"]?[0]?["GroupList"] == ["crew"] && details["RoleDetailList"]?.listValue?.isEmpty == true)
        #expect(details["UserDetailList"]?[0]?["UserPolicyList"]?[0]?["PolicyName"] == "p")
        let document =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}"#
        let keys = try await world.iam("GetContextKeysForCustomPolicy", ["PolicyInputList": [.string(document)]])
        #expect(keys["ContextKeyNames"] == ["aws:SecureTransport"])
    }
}
