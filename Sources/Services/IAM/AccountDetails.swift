// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// All users, groups, roles and policies of the account with what hangs on them.
enum GetAccountAuthorizationDetails: Operation {
    struct Input: Decodable, Sendable {
        var filter: [String]?
        var maxItems: Int?
        var marker: String?
    }

    private struct Entry: Sendable {
        var list: String
        var value: Value
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let filter = input.filter ?? []
        let entries = try call.world.store.read { database in
            var entries: [Entry] = []
            func add(_ kind: String, _ list: String, _ values: () throws -> [Value]) rethrows {
                guard filter.isEmpty || filter.contains(kind) else { return }
                entries += try values().map { Entry(list: list, value: $0) }
            }
            try add("User", "UserDetailList") { try users(call, database) }
            try add("Group", "GroupDetailList") { try groups(call, database) }
            try add("Role", "RoleDetailList") { try roles(call, database) }
            let usage = try PolicyUsage(account: call.account, in: database)
            try add("LocalManagedPolicy", "Policies") {
                try database.resources(PolicyRecord.self, in: call.globalScope).records.map { detail(ManagedPolicy($0), usage) }
            }
            add("AWSManagedPolicy", "Policies") { AWSManagedPolicies.all().map { detail($0, usage) } }
            return entries
        }
        let page = try IAMPage(of: entries, marker: input.marker, maximumCount: input.maxItems)
        let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"].map { name in
            (name, Value?.some(.list(page.elements.filter { $0.list == name }.map(\.value))))
        }
        return .members(lists + page.endMembers)
    }

    private static func users(_ call: Call, _ database: Database) throws -> [Value] {
        try database.resources(UserRecord.self, in: call.globalScope).records.map { user in
            var value = user.value(tags: try database.tags(of: user.arn))
            value["UserPolicyList"] = inline(user)
            value["GroupList"] = .list(user.groups.map { .string($0) })
            value["AttachedManagedPolicies"] = try attached(user, database)
            return value
        }
    }

    private static func groups(_ call: Call, _ database: Database) throws -> [Value] {
        try database.resources(GroupRecord.self, in: call.globalScope).records.map { group in
            var value = group.value
            value["GroupPolicyList"] = inline(group)
            value["AttachedManagedPolicies"] = try attached(group, database)
            return value
        }
    }

    private static func roles(_ call: Call, _ database: Database) throws -> [Value] {
        let profiles = try database.resources(InstanceProfileRecord.self, in: call.globalScope).records
        return try database.resources(RoleRecord.self, in: call.globalScope).records.map { role in
            var value = role.value(tags: try database.tags(of: role.arn))
            value["InstanceProfileList"] = .list(
                try profiles.filter { $0.roles.contains(role.name) }.map { try $0.value(in: database, account: call.account) })
            value["RolePolicyList"] = inline(role)
            value["AttachedManagedPolicies"] = try attached(role, database)
            return value
        }
    }

    private static func inline(_ holder: some PolicyHolder) -> Value {
        .list(
            holder.inlinePolicies.map { ["PolicyName": .string($0.name), "PolicyDocument": .encodedPolicy($0.document)] })
    }

    private static func attached(_ holder: some PolicyHolder, _ database: Database) throws -> Value {
        .list(try holder.attachedPolicies.compactMap { try ManagedPolicy.find($0, in: database)?.attachment })
    }

    private static func detail(_ policy: ManagedPolicy, _ usage: PolicyUsage) -> Value {
        var value = policy.value(usage: usage)
        value["PolicyVersionList"] = .list(policy.versions.reversed().map { policy.value(of: $0, showsDocument: true) })
        return value
    }
}

/// Says which condition keys given policies ask for.
enum GetContextKeysForCustomPolicy: Operation {
    struct Input: Decodable, Sendable { var policyInputList: [String] }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        ContextKeys.value(try PolicySimulation.policies(input.policyInputList, named: "PolicyInputList"))
    }
}

/// Says which condition keys the policies of a user, group or role, and further ones, ask for.
enum GetContextKeysForPrincipalPolicy: Operation {
    struct Input: Decodable, Sendable {
        var policySourceArn: String
        var policyInputList: [String]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let own = try call.world.store.read { try PolicySimulation.policies(of: input.policySourceArn, call, in: $0) }
        let further = try PolicySimulation.policies(input.policyInputList, named: "PolicyInputList")
        return ContextKeys.value(own.identity + further)
    }
}

private enum ContextKeys {
    static func value(_ policies: [NamedPolicy]) -> Value {
        var seen: Set<String> = []
        let keys = policies.flatMap(\.document.conditionKeys).filter { seen.insert($0.lowercased()).inserted }
        return ["ContextKeyNames": .list(keys.map { .string($0) })]
    }
}
