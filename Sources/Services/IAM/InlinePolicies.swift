// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// The input of operations that are the same for users, groups and roles but for the member that names them.
struct PolicyHolderInput<Holder: PolicyHolder>: Decodable, Sendable {
    private struct Member: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var holderName: String
    /// Empty where the operation has no such member, as the two below.
    var policyName: String
    var policyDocument: String
    var policyArn: String
    var permissionsBoundary: String
    var pathPrefix: String?
    var marker: String?
    var maxItems: Int?
    var tags: [Tag]
    var tagKeys: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Member.self)
        func text(_ name: String) throws -> String? { try container.decodeIfPresent(String.self, forKey: Member(name)) }
        holderName = try container.decode(String.self, forKey: Member(Holder.nameMember))
        policyName = try text("PolicyName") ?? ""
        policyDocument = try text("PolicyDocument") ?? ""
        policyArn = try text("PolicyArn") ?? ""
        permissionsBoundary = try text("PermissionsBoundary") ?? ""
        pathPrefix = try text("PathPrefix")
        marker = try text("Marker")
        maxItems = try container.decodeIfPresent(Int.self, forKey: Member("MaxItems"))
        tags = try container.decodeIfPresent([Tag].self, forKey: Member("Tags")) ?? []
        tagKeys = try container.decodeIfPresent([String].self, forKey: Member("TagKeys")) ?? []
    }
}

extension PolicyHolderInput {
    /// Changes the user, group or role in one transaction.
    fileprivate func change(_ call: Call, _ body: @Sendable (inout Holder, Database) throws -> Void) throws {
        try call.world.store.write { database in
            var holder = try database.holder(Holder.self, named: holderName, in: call.globalScope)
            try body(&holder, database)
            try database.save(holder, in: call.globalScope, at: call.now)
        }
    }

    fileprivate func holder(_ call: Call) throws -> Holder {
        try call.world.store.read { try $0.holder(Holder.self, named: holderName, in: call.globalScope) }
    }

    /// The inline policy of that name.
    fileprivate func noInlinePolicy() -> ServiceError {
        IAMError.notFound(Holder.title.lowercased() + " policy", policyName)
    }
}

/// `PutRolePolicy` and its like: sets an inline policy.
enum PutInlinePolicy<Holder: PolicyHolder>: Operation {
    static var name: String { "Put\(Holder.title)Policy" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try IAMCheck.policy(input.policyDocument, kind: .identity)
        try input.change(call) { holder, _ in
            holder.inlinePolicies.removeAll { $0.name == input.policyName }
            holder.inlinePolicies.append(InlinePolicy(name: input.policyName, document: input.policyDocument))
            holder.inlinePolicies.sort { $0.name < $1.name }
            let size = holder.inlinePolicies.reduce(0) { $0 + IAMCheck.policySize($1.document) }
            if size > Holder.inlinePolicySizeLimit {
                let noun = Holder.title.lowercased()
                throw IAMError.limitExceeded(
                    "Maximum policy size of \(Holder.inlinePolicySizeLimit) bytes exceeded for \(noun) \(holder.name)")
            }
        }
        return Empty()
    }
}

/// `GetRolePolicy` and its like: shows an inline policy.
enum GetInlinePolicy<Holder: PolicyHolder>: Operation {
    static var name: String { "Get\(Holder.title)Policy" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Value {
        let holder = try input.holder(call)
        guard let policy = holder.inlinePolicies.first(where: { $0.name == input.policyName }) else { throw input.noInlinePolicy() }
        return .members([
            (Holder.nameMember, .string(holder.name)), ("PolicyName", .string(policy.name)),
            ("PolicyDocument", .encodedPolicy(policy.document)),
        ])
    }
}

/// `DeleteRolePolicy` and its like: removes an inline policy.
enum DeleteInlinePolicy<Holder: PolicyHolder>: Operation {
    static var name: String { "Delete\(Holder.title)Policy" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, _ in
            guard holder.inlinePolicies.contains(where: { $0.name == input.policyName }) else { throw input.noInlinePolicy() }
            holder.inlinePolicies.removeAll { $0.name == input.policyName }
        }
        return Empty()
    }
}

/// `ListRolePolicies` and its like: the names of inline policies.
enum ListInlinePolicies<Holder: PolicyHolder>: Operation {
    static var name: String { "List\(Holder.title)Policies" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Value {
        let names = try input.holder(call).inlinePolicies.map(\.name)
        let page = try IAMPage(of: names, marker: input.marker, maximumCount: input.maxItems)
        return .members([("PolicyNames", .list(page.elements.map { .string($0) }))] + page.endMembers)
    }
}

/// `AttachRolePolicy` and its like: attaches a managed policy; nothing happens where it is attached.
enum AttachPolicy<Holder: PolicyHolder>: Operation {
    static var name: String { "Attach\(Holder.title)Policy" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, database in
            let policy = try IAMCheck.attachablePolicy(input.policyArn, in: database)
            if holder.attachedPolicies.contains(policy.arn) { return }
            // Groups have no quota of their own in Service Quotas.
            let name = "Managed policies per \(Holder.title.lowercased())"
            let limit = try database.quotaValue(name, service: "iam", in: call.globalScope) ?? 10
            if holder.attachedPolicies.count >= limit { throw IAMError.quota("PoliciesPer\(Holder.title)", limit) }
            holder.attachedPolicies.append(policy.arn)
        }
        return Empty()
    }
}

/// `DetachRolePolicy` and its like: detaches a managed policy.
enum DetachPolicy<Holder: PolicyHolder>: Operation {
    static var name: String { "Detach\(Holder.title)Policy" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, _ in
            guard holder.attachedPolicies.contains(input.policyArn) else {
                throw IAMError.noSuchEntity("Policy \(input.policyArn) was not found.")
            }
            holder.attachedPolicies.removeAll { $0 == input.policyArn }
        }
        return Empty()
    }
}

/// `ListAttachedRolePolicies` and its like: the managed policies.
enum ListAttachedPolicies<Holder: PolicyHolder>: Operation {
    static var name: String { "ListAttached\(Holder.title)Policies" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Value {
        let policies = try call.world.store.read { database in
            try database.holder(Holder.self, named: input.holderName, in: call.globalScope).attachedPolicies
                .compactMap { try ManagedPolicy.find($0, in: database) }
                .filter { $0.path.hasPrefix(input.pathPrefix ?? "/") }
        }
        let page = try IAMPage(of: policies, marker: input.marker, maximumCount: input.maxItems)
        return .members([("AttachedPolicies", .list(page.elements.map(\.attachment)))] + page.endMembers)
    }
}

extension ManagedPolicy {
    /// The output shape `AttachedPolicy`.
    var attachment: Value { ["PolicyName": .string(name), "PolicyArn": .string(arn)] }
}

/// `PutRolePermissionsBoundary` and its like.
enum PutPermissionsBoundary<Holder: BoundaryHolder>: Operation {
    static var name: String { "Put\(Holder.title)PermissionsBoundary" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, database in
            try IAMCheck.boundary(input.permissionsBoundary, in: database)
            holder.boundary = input.permissionsBoundary
        }
        return Empty()
    }
}

/// `DeleteRolePermissionsBoundary` and its like.
enum DeletePermissionsBoundary<Holder: BoundaryHolder>: Operation {
    static var name: String { "Delete\(Holder.title)PermissionsBoundary" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, _ in
            guard holder.boundary != nil else {
                throw IAMError.noSuchEntity(
                    "The \(Holder.title.lowercased()) with name \(holder.name) does not have a permissions boundary.")
            }
            holder.boundary = nil
        }
        return Empty()
    }
}

/// `TagRole` and its like.
enum TagHolder<Holder: PolicyHolder>: Operation {
    static var name: String { "Tag\(Holder.title)" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, database in
            try IAMCheck.tags(input.tags, addedTo: try database.tags(of: holder.arn))
            try database.setTags(input.tags, of: holder.arn)
        }
        return Empty()
    }
}

/// `UntagRole` and its like; keys that are not there are ignored.
enum UntagHolder<Holder: PolicyHolder>: Operation {
    static var name: String { "Untag\(Holder.title)" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Empty {
        try input.change(call) { holder, database in try database.removeTags(withKeys: input.tagKeys, of: holder.arn) }
        return Empty()
    }
}

/// `ListRoleTags` and its like.
enum ListHolderTags<Holder: PolicyHolder>: Operation {
    static var name: String { "List\(Holder.title)Tags" }

    static func handle(_ input: PolicyHolderInput<Holder>, _ call: Call) async throws -> Value {
        let tags = try call.world.store.read { database in
            try database.tags(of: try database.holder(Holder.self, named: input.holderName, in: call.globalScope).arn)
        }
        let page = try IAMPage(of: tags, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Tags", .tagList(page.elements))] + page.endMembers)
    }
}
