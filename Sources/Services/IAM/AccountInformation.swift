// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Gives the account its one alias, which no other account may have.
enum CreateAccountAlias: Operation {
    struct Input: Decodable, Sendable { var accountAlias: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            if try Account.all(in: database).contains(where: { $0.alias == input.accountAlias && $0.id != call.account }) {
                throw IAMError.alreadyExists("The account alias \(input.accountAlias) already exists.")
            }
            try AccountAlias.set(input.accountAlias, of: call.account, in: database)
        }
        return Empty()
    }
}

/// Takes the account's alias away.
enum DeleteAccountAlias: Operation {
    struct Input: Decodable, Sendable { var accountAlias: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            guard try AccountAlias.of(call.account, in: database) == input.accountAlias else {
                throw IAMError.noSuchEntity("The account alias \(input.accountAlias) cannot be found.")
            }
            try AccountAlias.set(nil, of: call.account, in: database)
        }
        return Empty()
    }
}

/// Lists the account's alias.
enum ListAccountAliases: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let alias = try call.world.store.read { try AccountAlias.of(call.account, in: $0) }
        return ["AccountAliases": .list(alias.map { [.string($0)] } ?? []), "IsTruncated": false]
    }
}

/// Counts what is in the account's IAM, with its quotas.
enum GetAccountSummary: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let scope = call.globalScope
            let versions = try database.resources(PolicyRecord.self, in: scope).records.reduce(0) { $0 + $1.versions.count }
            let users = try database.resources(UserRecord.self, in: scope).records
            let providers =
                try database.resourceCount(OpenIDProviderRecord.self, in: scope)
                + database.resourceCount(SAMLProviderRecord.self, in: scope)
            let rootKeys = try AccessKey.all(of: .root, account: call.account, in: database).filter { $0.expirationTime == nil }
            let counts: [(String, Int)] = [
                ("GroupPolicySizeQuota", 5120), ("InstanceProfilesQuota", 1000),
                ("Policies", try database.resourceCount(PolicyRecord.self, in: scope)),
                ("GroupsPerUserQuota", 10), ("InstanceProfiles", try database.resourceCount(InstanceProfileRecord.self, in: scope)),
                ("AttachedPoliciesPerUserQuota", 10), ("Users", users.count),
                ("PoliciesQuota", 1500), ("Providers", providers), ("AccountMFAEnabled", 0), ("AccessKeysPerUserQuota", 2),
                ("AssumeRolePolicySizeQuota", 2048), ("PolicyVersionsInUseQuota", 10_000), ("GlobalEndpointTokenVersion", 1),
                ("VersionsPerPolicyQuota", 5), ("AttachedPoliciesPerGroupQuota", 10), ("PolicySizeQuota", 6144),
                ("Groups", try database.resourceCount(GroupRecord.self, in: scope)), ("AccountSigningCertificatesPresent", 0),
                ("UsersQuota", 5000), ("ServerCertificatesQuota", 20),
                ("MFADevices", try database.resourceCount(VirtualDeviceRecord.self, in: scope)), ("UserPolicySizeQuota", 2048),
                ("PolicyVersionsInUse", versions),
                ("ServerCertificates", try database.resourceCount(ServerCertificateRecord.self, in: scope)),
                ("Roles", try database.resourceCount(RoleRecord.self, in: scope)), ("RolesQuota", 1000),
                ("SigningCertificatesPerUserQuota", 2),
                ("MFADevicesInUse", users.reduce(0) { $0 + ($1.credentials?.devices.count ?? 0) }), ("RolePolicySizeQuota", 10_240),
                ("AttachedPoliciesPerRoleQuota", 10), ("AccountAccessKeysPresent", rootKeys.isEmpty ? 0 : 1), ("GroupsQuota", 300),
                ("AccountPasswordPresent", 1),
            ]
            return ["SummaryMap": .members(counts.map { ($0, .integer($1)) })]
        }
    }
}

private enum AccountAlias {
    static func of(_ account: String, in database: Database) throws -> String? {
        try Account.all(in: database).first { $0.id == account }?.alias
    }

    static func set(_ alias: String?, of account: String, in database: Database) throws {
        try database.execute(sql: "UPDATE account SET alias = ? WHERE id = ?", arguments: [alias, account])
    }
}
