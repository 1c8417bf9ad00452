// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// AWS Identity and Access Management.
public enum IAMService {
    /// The service's operations.
    public static let table = ServiceTable(
        service: "iam", prefix: "iam", isGlobal: true,
        roleRows + userRows + credentialRows + groupRows + policyRows + accountRows + providerRows)

    private static let roleRows: [OperationRow] =
        [
            OperationRow(CreateRole.self, creation("role", "RoleName")),
            OperationRow(GetRole.self, on(RoleRecord.self)),
            OperationRow(ListRoles.self, list("role")),
            OperationRow(DeleteRole.self, on(RoleRecord.self)),
            OperationRow(UpdateRole.self, on(RoleRecord.self)),
            OperationRow(UpdateRoleDescription.self, on(RoleRecord.self)),
            OperationRow(UpdateAssumeRolePolicy.self, on(RoleRecord.self)),
            OperationRow(CreateInstanceProfile.self, creation("instance-profile", "InstanceProfileName")),
            OperationRow(GetInstanceProfile.self, instanceProfile),
            OperationRow(ListInstanceProfiles.self, list("instance-profile")),
            OperationRow(ListInstanceProfilesForRole.self, on(RoleRecord.self)),
            OperationRow(DeleteInstanceProfile.self, instanceProfile),
            OperationRow(AddRoleToInstanceProfile.self, instanceProfile),
            OperationRow(RemoveRoleFromInstanceProfile.self, instanceProfile),
        ] + holderRows(RoleRecord.self) + boundaryRows(RoleRecord.self) + tagRows(RoleRecord.self)

    private static let userRows: [OperationRow] =
        [
            OperationRow(CreateUser.self, creation("user", "UserName")),
            OperationRow(GetUser.self, on(UserRecord.self)),
            OperationRow(ListUsers.self, list("user")),
            OperationRow(UpdateUser.self, on(UserRecord.self)),
            OperationRow(DeleteUser.self, on(UserRecord.self)),
            OperationRow(CreateAccessKey.self, on(UserRecord.self)),
            OperationRow(ListAccessKeys.self, on(UserRecord.self)),
            OperationRow(UpdateAccessKey.self, on(UserRecord.self)),
            OperationRow(DeleteAccessKey.self, on(UserRecord.self)),
            OperationRow(GetAccessKeyLastUsed.self, .template("*")),
            OperationRow(ListGroupsForUser.self, on(UserRecord.self)),
        ] + holderRows(UserRecord.self) + boundaryRows(UserRecord.self) + tagRows(UserRecord.self)

    private static let groupRows: [OperationRow] =
        [
            OperationRow(CreateGroup.self, creation("group", "GroupName")),
            OperationRow(GetGroup.self, on(GroupRecord.self)),
            OperationRow(ListGroups.self, list("group")),
            OperationRow(UpdateGroup.self, on(GroupRecord.self)),
            OperationRow(DeleteGroup.self, on(GroupRecord.self)),
            OperationRow(AddUserToGroup.self, on(GroupRecord.self)),
            OperationRow(RemoveUserFromGroup.self, on(GroupRecord.self)),
        ] + holderRows(GroupRecord.self)

    private static let policyRows: [OperationRow] = [
        OperationRow(CreatePolicy.self, creation("policy", "PolicyName")),
        OperationRow(GetPolicy.self, policy),
        OperationRow(ListPolicies.self, list("policy")),
        OperationRow(DeletePolicy.self, policy),
        OperationRow(CreatePolicyVersion.self, policy),
        OperationRow(GetPolicyVersion.self, policy),
        OperationRow(ListPolicyVersions.self, policy),
        OperationRow(SetDefaultPolicyVersion.self, policy),
        OperationRow(DeletePolicyVersion.self, policy),
        OperationRow(ListEntitiesForPolicy.self, policy),
        OperationRow(TagPolicy.self, policy),
        OperationRow(UntagPolicy.self, policy),
        OperationRow(ListPolicyTags.self, policy),
    ]

    private static let accountRows: [OperationRow] = [
        OperationRow(CreateAccountAlias.self, .template("*")),
        OperationRow(DeleteAccountAlias.self, .template("*")),
        OperationRow(ListAccountAliases.self, .template("*")),
        OperationRow(GetAccountSummary.self, .template("*")),
        OperationRow(UpdateAccountPasswordPolicy.self, .template("*")),
        OperationRow(GetAccountPasswordPolicy.self, .template("*")),
        OperationRow(DeleteAccountPasswordPolicy.self, .template("*")),
        OperationRow(GenerateCredentialReport.self, .template("*")),
        OperationRow(GetCredentialReport.self, .template("*")),
        OperationRow(GetAccountAuthorizationDetails.self, .template("*")),
        OperationRow(CreateServiceLinkedRole.self, .template("role/aws-service-role/{AWSServiceName}/*")),
        OperationRow(DeleteServiceLinkedRole.self, on(RoleRecord.self)),
        OperationRow(GetServiceLinkedRoleDeletionStatus.self, .template("role/*")),
        OperationRow(GetContextKeysForCustomPolicy.self, .template("*")),
        OperationRow(GetContextKeysForPrincipalPolicy.self, .template("{PolicySourceArn}")),
        OperationRow(SimulateCustomPolicy.self, .template("*")),
        OperationRow(SimulatePrincipalPolicy.self, .template("{PolicySourceArn}")),
    ]

    private static let credentialRows: [OperationRow] = [
        OperationRow(CreateLoginProfile.self, on(UserRecord.self)),
        OperationRow(GetLoginProfile.self, on(UserRecord.self)),
        OperationRow(UpdateLoginProfile.self, on(UserRecord.self)),
        OperationRow(DeleteLoginProfile.self, on(UserRecord.self)),
        OperationRow(ChangePassword.self, on(UserRecord.self)),
        OperationRow(CreateVirtualMFADevice.self, .template("mfa/{VirtualMFADeviceName}")),
        OperationRow(ListVirtualMFADevices.self, .template("mfa/*")),
        OperationRow(DeleteVirtualMFADevice.self, .template("{SerialNumber}")),
        OperationRow(EnableMFADevice.self, on(UserRecord.self)),
        OperationRow(DeactivateMFADevice.self, on(UserRecord.self)),
        OperationRow(ResyncMFADevice.self, on(UserRecord.self)),
        OperationRow(ListMFADevices.self, on(UserRecord.self)),
        OperationRow(GetMFADevice.self, on(UserRecord.self)),
        OperationRow(UploadSigningCertificate.self, on(UserRecord.self)),
        OperationRow(ListSigningCertificates.self, on(UserRecord.self)),
        OperationRow(UpdateSigningCertificate.self, on(UserRecord.self)),
        OperationRow(DeleteSigningCertificate.self, on(UserRecord.self)),
        OperationRow(UploadSSHPublicKey.self, on(UserRecord.self)),
        OperationRow(GetSSHPublicKey.self, on(UserRecord.self)),
        OperationRow(ListSSHPublicKeys.self, on(UserRecord.self)),
        OperationRow(UpdateSSHPublicKey.self, on(UserRecord.self)),
        OperationRow(DeleteSSHPublicKey.self, on(UserRecord.self)),
        OperationRow(CreateServiceSpecificCredential.self, on(UserRecord.self)),
        OperationRow(ListServiceSpecificCredentials.self, on(UserRecord.self)),
        OperationRow(UpdateServiceSpecificCredential.self, on(UserRecord.self)),
        OperationRow(ResetServiceSpecificCredential.self, on(UserRecord.self)),
        OperationRow(DeleteServiceSpecificCredential.self, on(UserRecord.self)),
        OperationRow(UploadServerCertificate.self, serverCertificate),
        OperationRow(GetServerCertificate.self, serverCertificate),
        OperationRow(ListServerCertificates.self, list("server-certificate")),
        OperationRow(UpdateServerCertificate.self, serverCertificate),
        OperationRow(DeleteServerCertificate.self, serverCertificate),
    ]

    private static let providerRows: [OperationRow] =
        [
            OperationRow(CreateOpenIDConnectProvider.self, .template("oidc-provider/{Url}")),
            OperationRow(GetOpenIDConnectProvider.self, .template("{OpenIDConnectProviderArn}")),
            OperationRow(ListOpenIDConnectProviders.self, .template("oidc-provider/*")),
            OperationRow(DeleteOpenIDConnectProvider.self, .template("{OpenIDConnectProviderArn}")),
            OperationRow(UpdateOpenIDConnectProviderThumbprint.self, .template("{OpenIDConnectProviderArn}")),
            OperationRow(AddClientIDToOpenIDConnectProvider.self, .template("{OpenIDConnectProviderArn}")),
            OperationRow(RemoveClientIDFromOpenIDConnectProvider.self, .template("{OpenIDConnectProviderArn}")),
            OperationRow(CreateSAMLProvider.self, .template("saml-provider/{Name}")),
            OperationRow(GetSAMLProvider.self, .template("{SAMLProviderArn}")),
            OperationRow(ListSAMLProviders.self, .template("saml-provider/*")),
            OperationRow(UpdateSAMLProvider.self, .template("{SAMLProviderArn}")),
            OperationRow(DeleteSAMLProvider.self, .template("{SAMLProviderArn}")),
        ] + recordTagRows(OpenIDProviderRecord.self, .template("{OpenIDConnectProviderArn}"))
        + recordTagRows(SAMLProviderRecord.self, .template("{SAMLProviderArn}"))
        + recordTagRows(VirtualDeviceRecord.self, .template("{SerialNumber}"))
        + recordTagRows(ServerCertificateRecord.self, serverCertificate)
        + recordTagRows(InstanceProfileRecord.self, instanceProfile)

    private static func recordTagRows<Record: TaggedRecord>(
        _ type: Record.Type, _ authorization: Authorization
    ) -> [OperationRow] {
        [
            OperationRow(TagRecord<Record>.self, authorization), OperationRow(UntagRecord<Record>.self, authorization),
            OperationRow(ListRecordTags<Record>.self, authorization),
        ]
    }

    private static let serverCertificate = Authorization.template("server-certificate/{ServerCertificateName}")

    /// What users, groups and roles have in common.
    private static func holderRows<Holder: PolicyHolder>(_ type: Holder.Type) -> [OperationRow] {
        [
            OperationRow(PutInlinePolicy<Holder>.self, on(type)),
            OperationRow(GetInlinePolicy<Holder>.self, on(type)),
            OperationRow(DeleteInlinePolicy<Holder>.self, on(type)),
            OperationRow(ListInlinePolicies<Holder>.self, on(type)),
            OperationRow(AttachPolicy<Holder>.self, on(type)),
            OperationRow(DetachPolicy<Holder>.self, on(type)),
            OperationRow(ListAttachedPolicies<Holder>.self, on(type)),
        ]
    }

    private static func boundaryRows<Holder: BoundaryHolder>(_ type: Holder.Type) -> [OperationRow] {
        [
            OperationRow(PutPermissionsBoundary<Holder>.self, on(type)),
            OperationRow(DeletePermissionsBoundary<Holder>.self, on(type)),
        ]
    }

    private static func tagRows<Holder: PolicyHolder>(_ type: Holder.Type) -> [OperationRow] {
        [
            OperationRow(TagHolder<Holder>.self, on(type)),
            OperationRow(UntagHolder<Holder>.self, on(type)),
            OperationRow(ListHolderTags<Holder>.self, on(type)),
        ]
    }

    // MARK: What each needs permission for

    /// On the user, group or role that the input names; for users, on the caller where it names none.
    private static func on<Holder: PolicyHolder>(_ type: Holder.Type) -> Authorization {
        .custom { input, call in
            let name = input[type.nameMember]?.stringValue ?? (type.title == "User" ? callerName(call) : nil)
            let holder = try call.world.store.read { database in
                try name.flatMap { try database.resource(type, named: $0, in: call.globalScope) }
            }
            let arn = holder?.arn ?? call.iamARN(type.title.lowercased(), path: "/", name: name ?? "")
            return [try question(arn, boundary: holder?.boundary, input, call)]
        }
    }

    private static func callerName(_ call: Call) -> String? {
        if case .user(let name) = call.principal.kind { name } else { nil }
    }

    /// On a managed policy; AWS's count as the caller's own.
    private static let policy = Authorization.custom { input, call in
        var asked = try question(input["PolicyArn"]?.stringValue ?? "*", boundary: nil, input, call)
        if asked.resource.hasPrefix(AWSManagedPolicies.arnPrefix) { asked.resourceAccount = call.account }
        return [asked]
    }

    private static let instanceProfile = Authorization.custom { input, call in
        let name = input["InstanceProfileName"]?.stringValue ?? ""
        let record = try call.world.store.read { try $0.resource(InstanceProfileRecord.self, named: name, in: call.globalScope) }
        return [try question(record?.arn ?? call.iamARN("instance-profile", path: "/", name: name), boundary: nil, input, call)]
    }

    /// On something that is to be.
    private static func creation(_ type: String, _ nameMember: String) -> Authorization {
        .custom { input, call in
            let path = input["Path"]?.stringValue ?? "/"
            let name = input[nameMember]?.stringValue ?? ""
            return [try question(call.iamARN(type, path: path, name: name), boundary: nil, input, call)]
        }
    }

    private static func list(_ type: String) -> Authorization {
        .custom { input, call in
            [try question(call.iamARN(type, path: input["PathPrefix"]?.stringValue ?? "/", name: ""), boundary: nil, input, call)]
        }
    }

    private static func question(
        _ arn: String, boundary: String?, _ input: Value, _ call: Call
    ) throws -> AuthorizationQuestion {
        var context: [String: [String]] = [:]
        if let policy = input["PolicyArn"]?.stringValue { context["iam:PolicyARN"] = [policy] }
        if let boundary = input["PermissionsBoundary"]?.stringValue ?? boundary { context["iam:PermissionsBoundary"] = [boundary] }
        for tag in try call.world.store.read({ try $0.tags(of: arn) }) {
            context["aws:ResourceTag/" + tag.Key] = [tag.Value]
            context["iam:ResourceTag/" + tag.Key] = [tag.Value]
        }
        let newTags = input["Tags"]?.listValue ?? []
        for tag in newTags {
            if let key = tag["Key"]?.stringValue { context["aws:RequestTag/" + key] = [tag["Value"]?.stringValue ?? ""] }
        }
        let keys = newTags.compactMap { $0["Key"]?.stringValue } + (input["TagKeys"]?.listValue ?? []).compactMap(\.stringValue)
        if !keys.isEmpty { context["aws:TagKeys"] = keys }
        return AuthorizationQuestion(action: "iam:\(call.operation)", resource: arn, context: context)
    }
}
