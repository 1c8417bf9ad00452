// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Makes a customer's managed policy.
enum CreatePolicy: Operation {
    struct Input: Decodable, Sendable {
        var policyName: String
        var path: String?
        var policyDocument: String
        var description: String?
        var tags: [Tag]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        try ManagedPolicies.check(input.policyDocument)
        let path = input.path ?? "/"
        let record = PolicyRecord(
            name: input.policyName, path: path, id: IAMIdentifier.make(.managedPolicy, account: call.account),
            arn: call.iamARN("policy", path: path, name: input.policyName), creationTime: call.now, lastModifiedTime: call.now,
            description: input.description,
            versions: [PolicyRecord.Version(id: "v1", document: input.policyDocument, creationTime: call.now)],
            defaultVersionID: "v1")
        let tags = input.tags ?? []
        return try call.world.store.write { database in
            let scope = call.globalScope
            try IAMCheck.tags(tags)
            if try database.isNameTaken(PolicyRecord.self, record.name, in: scope) {
                throw IAMError.alreadyExists("A policy called \(record.name) already exists. Duplicate names are not allowed.")
            }
            try IAMCheck.room(
                for: PolicyRecord.self, "Customer managed policies per account", error: "PoliciesPerAccount", in: scope, database)
            _ = try database.insertResource(record, in: scope)
            try database.setTags(tags, of: record.arn)
            let usage = try PolicyUsage(account: call.account, in: database)
            return ["Policy": ManagedPolicy(record).value(usage: usage, tags: tags, showsDescription: false)]
        }
    }
}

/// Shows a managed policy, the customer's or AWS's.
enum GetPolicy: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let policy = try ManagedPolicies.find(input.policyArn, call, in: database)
            let usage = try PolicyUsage(account: call.account, in: database)
            var value = policy.value(usage: usage)
            value["Tags"] = .tagList(try database.tags(of: policy.arn))
            return ["Policy": value]
        }
    }
}

/// Lists managed policies: the customer's, AWS's, or both.
enum ListPolicies: Operation {
    struct Input: Decodable, Sendable {
        var scope: String?
        var onlyAttached: Bool?
        var pathPrefix: String?
        var policyUsageFilter: String?
        var marker: String?
        var maxItems: Int?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let (policies, usage) = try call.world.store.read { database in
            var policies: [ManagedPolicy] = []
            if input.scope != "AWS" {
                policies += try database.resources(PolicyRecord.self, in: call.globalScope).records.map { ManagedPolicy($0) }
            }
            if input.scope != "Local" { policies += AWSManagedPolicies.all() }
            return (policies, try PolicyUsage(account: call.account, in: database))
        }
        let selected = policies.filter { isWanted($0, input, usage) }
        let page = try IAMPage(of: selected, marker: input.marker, maximumCount: input.maxItems)
        let values = page.elements.map { $0.value(usage: usage, showsDescription: false) }
        return .members([("Policies", .list(values))] + page.endMembers)
    }

    private static func isWanted(_ policy: ManagedPolicy, _ input: Input, _ usage: PolicyUsage) -> Bool {
        let attachments = usage.attachments[policy.arn] ?? 0
        let boundaries = usage.boundaries[policy.arn] ?? 0
        guard policy.path.hasPrefix(input.pathPrefix ?? "/") else { return false }
        if input.onlyAttached == true, attachments + boundaries == 0 { return false }
        switch input.policyUsageFilter {
        case "PermissionsPolicy": return attachments > 0
        case "PermissionsBoundary": return boundaries > 0
        default: return true
        }
    }
}

/// Removes a policy that is attached to nothing and has one version only.
enum DeletePolicy: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let record = try ManagedPolicies.record(input.policyArn, call, in: database)
            let usage = try PolicyUsage(account: call.account, in: database)
            if usage.attachments[record.arn] != nil || usage.boundaries[record.arn] != nil {
                throw IAMError.deleteConflict("Cannot delete a policy attached to entities.")
            }
            if record.versions.count > 1 {
                throw IAMError.deleteConflict(
                    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
                        + "The default version is deleted with the policy.")
            }
            try database.deleteResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// Adds a version to a policy; it can have five.
enum CreatePolicyVersion: Operation {
    struct Input: Decodable, Sendable {
        var policyArn: String
        var policyDocument: String
        var setAsDefault: Bool?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        try ManagedPolicies.check(input.policyDocument)
        return try call.world.store.write { database in
            var record = try ManagedPolicies.record(input.policyArn, call, in: database)
            if record.versions.count >= 5 {
                throw IAMError.limitExceeded(
                    "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
                )
            }
            record.latestVersionNumber += 1
            let version = PolicyRecord.Version(
                id: "v\(record.latestVersionNumber)", document: input.policyDocument, creationTime: call.now)
            record.versions.append(version)
            if input.setAsDefault == true { record.defaultVersionID = version.id }
            record.lastModifiedTime = call.now
            try database.updateResource(record, in: call.globalScope)
            return ["PolicyVersion": ManagedPolicy(record).value(of: version, showsDocument: false)]
        }
    }
}

/// Shows a version of a policy with its document.
enum GetPolicyVersion: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let policy = try ManagedPolicies.find(input.policyArn, call, in: database)
            guard let version = policy.versions.first(where: { $0.id == input.versionId }) else {
                throw ManagedPolicies.noVersion(input)
            }
            return ["PolicyVersion": policy.value(of: version, showsDocument: true)]
        }
    }
}

/// Lists the versions of a policy, the newest first.
enum ListPolicyVersions: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Value {
        let policy = try call.world.store.read { try ManagedPolicies.find(input.policyArn, call, in: $0) }
        let page = try IAMPage(of: policy.versions.reversed(), marker: input.marker, maximumCount: input.maxItems)
        let values = page.elements.map { policy.value(of: $0, showsDocument: false) }
        return .members([("Versions", .list(values))] + page.endMembers)
    }
}

/// Makes another version the one that counts.
enum SetDefaultPolicyVersion: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var record = try ManagedPolicies.record(input.policyArn, call, in: database)
            guard record.versions.contains(where: { $0.id == input.versionId }) else { throw ManagedPolicies.noVersion(input) }
            record.defaultVersionID = input.versionId ?? record.defaultVersionID
            record.lastModifiedTime = call.now
            try database.updateResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// Removes a version that is not the default.
enum DeletePolicyVersion: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var record = try ManagedPolicies.record(input.policyArn, call, in: database)
            guard record.versions.contains(where: { $0.id == input.versionId }) else { throw ManagedPolicies.noVersion(input) }
            if record.defaultVersionID == input.versionId {
                throw IAMError.deleteConflict("Cannot delete the default version of a policy.")
            }
            record.versions.removeAll { $0.id == input.versionId }
            try database.updateResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// Lists the users, groups and roles that a managed policy is attached to.
enum ListEntitiesForPolicy: Operation {
    struct Input: Decodable, Sendable {
        var policyArn: String
        var entityFilter: String?
        var pathPrefix: String?
        var policyUsageFilter: String?
        var marker: String?
        var maxItems: Int?
    }

    private struct Entity: Sendable {
        var member: String
        var value: Value
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let entities = try call.world.store.read { database in
            _ = try ManagedPolicies.find(input.policyArn, call, in: database)
            return try self.entities(GroupRecord.self, input, call, database)
                + self.entities(UserRecord.self, input, call, database) + self.entities(RoleRecord.self, input, call, database)
        }
        let page = try IAMPage(of: entities, marker: input.marker, maximumCount: input.maxItems)
        let lists = ["PolicyGroups", "PolicyUsers", "PolicyRoles"].map { name in
            (name, Value?.some(.list(page.elements.filter { $0.member == name }.map(\.value))))
        }
        return .members(lists + page.endMembers)
    }

    private static func entities<Holder: PolicyHolder>(
        _ type: Holder.Type, _ input: Input, _ call: Call, _ database: Database
    ) throws -> [Entity] {
        if let filter = input.entityFilter, filter != type.title { return [] }
        let wantsBoundaries = input.policyUsageFilter == "PermissionsBoundary"
        return try database.records(type, in: call.globalScope, pathPrefix: input.pathPrefix) { $0.path }
            .filter { wantsBoundaries ? $0.boundary == input.policyArn : $0.attachedPolicies.contains(input.policyArn) }
            .map { holder in
                Entity(
                    member: "Policy\(type.title)s",
                    value: .members([(type.nameMember, .string(holder.name)), ("\(type.title)Id", .string(holder.id))]))
            }
    }
}

/// Labels a managed policy.
enum TagPolicy: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let record = try ManagedPolicies.record(input.policyArn, call, in: database)
            try IAMCheck.tags(input.tags ?? [], addedTo: try database.tags(of: record.arn))
            try database.setTags(input.tags ?? [], of: record.arn)
        }
        return Empty()
    }
}

/// Removes labels of a managed policy.
enum UntagPolicy: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let record = try ManagedPolicies.record(input.policyArn, call, in: database)
            try database.removeTags(withKeys: input.tagKeys ?? [], of: record.arn)
        }
        return Empty()
    }
}

/// Lists the labels of a managed policy.
enum ListPolicyTags: Operation {
    static func handle(_ input: ManagedPolicies.Input, _ call: Call) async throws -> Value {
        let tags = try call.world.store.read { database in
            try database.tags(of: try ManagedPolicies.find(input.policyArn, call, in: database).arn)
        }
        let page = try IAMPage(of: tags, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Tags", .tagList(page.elements))] + page.endMembers)
    }
}

/// What the operations on managed policies share.
enum ManagedPolicies {
    struct Input: Decodable, Sendable {
        var policyArn: String
        var versionId: String?
        var marker: String?
        var maxItems: Int?
        var tags: [Tag]?
        var tagKeys: [String]?
    }

    /// A document's grammar and size.
    static func check(_ document: String) throws {
        try IAMCheck.policy(document, kind: .identity)
        if IAMCheck.policySize(document) > 6144 { throw IAMError.quota("PolicySize", 6144) }
    }

    /// A policy that the caller may see: AWS's or its account's.
    static func find(_ arn: String, _ call: Call, in database: Database) throws -> ManagedPolicy {
        guard arn.hasPrefix("arn:") else { throw IAMError.validation("ARN \(arn) is not valid.") }
        guard let policy = try ManagedPolicy.find(arn, in: database),
            policy.isAWSManaged || ARN(arn)?.account == call.account
        else { throw IAMError.noSuchEntity("Policy \(arn) was not found.") }
        return policy
    }

    /// A policy that the caller's account can change.
    static func record(_ arn: String, _ call: Call, in database: Database) throws -> PolicyRecord {
        _ = try find(arn, call, in: database)
        guard let record = try database.resource(PolicyRecord.self, arn: arn) else {
            throw IAMError.accessDenied("Policy is outside your own account.")
        }
        return record
    }

    static func noVersion(_ input: Input) -> ServiceError {
        IAMError.noSuchEntity("Policy \(input.policyArn) version \(input.versionId ?? "") does not exist or is not attachable.")
    }
}
