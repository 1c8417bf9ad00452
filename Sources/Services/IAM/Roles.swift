// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Makes a role.
enum CreateRole: Operation {
    struct Input: Decodable, Sendable {
        var path: String?
        var roleName: String
        var assumeRolePolicyDocument: String
        var description: String?
        var maxSessionDuration: Int?
        var permissionsBoundary: String?
        var tags: [Tag]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let path = input.path ?? "/"
        let record = RoleRecord(
            name: input.roleName, path: path, id: IAMIdentifier.make(.role, account: call.account),
            arn: call.iamARN("role", path: path, name: input.roleName), creationTime: call.now, lastModifiedTime: call.now,
            trustPolicy: input.assumeRolePolicyDocument, description: input.description,
            maximumSessionSeconds: input.maxSessionDuration ?? 3600, boundary: input.permissionsBoundary)
        let tags = input.tags ?? []
        try call.world.store.write { database in
            let scope = call.globalScope
            if !call.dispatcher.environment.isRelaxed { try IAMCheck.trustPolicy(record.trustPolicy, in: scope, database) }
            try IAMCheck.boundary(record.boundary, in: database)
            try IAMCheck.tags(tags)
            if try database.isNameTaken(RoleRecord.self, record.name, in: scope) {
                throw IAMError.alreadyExists("Role with name \(record.name) already exists.")
            }
            try IAMCheck.room(for: RoleRecord.self, "Roles per account", error: "RolesPerAccount", in: scope, database)
            _ = try database.insertResource(record, in: scope)
            try database.setTags(tags, of: record.arn)
        }
        var value = record.value(tags: tags, isFull: false)
        if input.maxSessionDuration != nil { value["MaxSessionDuration"] = .integer(record.maximumSessionSeconds) }
        return ["Role": value]
    }
}

/// Shows a role.
enum GetRole: Operation {
    struct Input: Decodable, Sendable { var roleName: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let role = try database.holder(RoleRecord.self, named: input.roleName, in: call.globalScope)
            return ["Role": role.value(tags: try database.tags(of: role.arn))]
        }
    }
}

/// Lists the roles of the account.
enum ListRoles: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let roles = try call.world.store.read {
            try $0.records(RoleRecord.self, in: call.globalScope, pathPrefix: input.pathPrefix) { $0.path }
        }
        let page = try IAMPage(of: roles, marker: input.marker, maximumCount: input.maxItems)
        let values = page.elements.map { role in
            var value = role.value(isFull: false)
            value["MaxSessionDuration"] = .integer(role.maximumSessionSeconds)
            value["PermissionsBoundary"] = nil
            return value
        }
        return .members([("Roles", .list(values))] + page.endMembers)
    }
}

/// Removes a role that nothing hangs on any more.
enum DeleteRole: Operation {
    struct Input: Decodable, Sendable { var roleName: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let scope = call.globalScope
            let role = try database.holder(RoleRecord.self, named: input.roleName, in: scope)
            let profiles = try database.resources(InstanceProfileRecord.self, in: scope).records
            if profiles.contains(where: { $0.roles.contains(role.name) }) {
                throw IAMError.deleteConflict("Cannot delete entity, must remove roles from instance profile first.")
            }
            if !role.attachedPolicies.isEmpty {
                throw IAMError.deleteConflict("Cannot delete entity, must detach all policies first.")
            }
            if !role.inlinePolicies.isEmpty { throw IAMError.deleteConflict("Cannot delete entity, must delete policies first.") }
            try database.deleteResource(role, in: scope)
        }
        return Empty()
    }
}

/// Changes a role's description and longest session.
enum UpdateRole: Operation {
    struct Input: Decodable, Sendable {
        var roleName: String
        var description: String?
        var maxSessionDuration: Int?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var role = try database.holder(RoleRecord.self, named: input.roleName, in: call.globalScope)
            if let description = input.description { role.description = description }
            if let seconds = input.maxSessionDuration { role.maximumSessionSeconds = seconds }
            try database.save(role, in: call.globalScope, at: call.now)
        }
        return Empty()
    }
}

/// Changes a role's description.
enum UpdateRoleDescription: Operation {
    struct Input: Decodable, Sendable {
        var roleName: String
        var description: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        try call.world.store.write { database in
            var role = try database.holder(RoleRecord.self, named: input.roleName, in: call.globalScope)
            role.description = input.description
            try database.save(role, in: call.globalScope, at: call.now)
            return ["Role": role.value(isFull: false)]
        }
    }
}

/// Replaces a role's trust policy.
enum UpdateAssumeRolePolicy: Operation {
    struct Input: Decodable, Sendable {
        var roleName: String
        var policyDocument: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var role = try database.holder(RoleRecord.self, named: input.roleName, in: call.globalScope)
            try IAMCheck.trustPolicy(input.policyDocument, in: call.globalScope, database)
            role.trustPolicy = input.policyDocument
            try database.save(role, in: call.globalScope, at: call.now)
        }
        return Empty()
    }
}
