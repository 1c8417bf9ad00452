// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Makes an instance profile.
enum CreateInstanceProfile: Operation {
    struct Input: Decodable, Sendable {
        var instanceProfileName: String
        var path: String?
        var tags: [Tag]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let path = input.path ?? "/"
        let record = InstanceProfileRecord(
            name: input.instanceProfileName, path: path, id: IAMIdentifier.make(.instanceProfile, account: call.account),
            arn: call.iamARN("instance-profile", path: path, name: input.instanceProfileName), creationTime: call.now,
            lastModifiedTime: call.now)
        let tags = input.tags ?? []
        return try call.world.store.write { database in
            try IAMCheck.tags(tags)
            if try database.isNameTaken(InstanceProfileRecord.self, record.name, in: call.globalScope) {
                throw IAMError.alreadyExists("Instance Profile \(record.name) already exists.")
            }
            try IAMCheck.room(
                for: InstanceProfileRecord.self, "Instance profiles per account", error: "InstanceProfilesPerAccount",
                in: call.globalScope, database)
            _ = try database.insertResource(record, in: call.globalScope)
            try database.setTags(tags, of: record.arn)
            return ["InstanceProfile": try record.value(tags: tags, in: database, account: call.account)]
        }
    }
}

/// Shows an instance profile.
enum GetInstanceProfile: Operation {
    static func handle(_ input: InstanceProfiles.Input, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            let record = try InstanceProfiles.find(input.instanceProfileName, call, in: database)
            let tags = try database.tags(of: record.arn)
            return ["InstanceProfile": try record.value(tags: tags, in: database, account: call.account)]
        }
    }
}

/// Lists the instance profiles of the account.
enum ListInstanceProfiles: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let values = try call.world.store.read { database in
            try database.records(InstanceProfileRecord.self, in: call.globalScope, pathPrefix: input.pathPrefix) { $0.path }
                .map { try $0.value(in: database, account: call.account) }
        }
        let page = try IAMPage(of: values, marker: input.marker, maximumCount: input.maxItems)
        return .members([("InstanceProfiles", .list(page.elements))] + page.endMembers)
    }
}

/// Lists the instance profiles that a role is in.
enum ListInstanceProfilesForRole: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let values = try call.world.store.read { database in
            let role = try database.holder(RoleRecord.self, named: input.roleName ?? "", in: call.globalScope)
            return try database.resources(InstanceProfileRecord.self, in: call.globalScope).records
                .filter { $0.roles.contains(role.name) }.map { try $0.value(in: database, account: call.account) }
        }
        let page = try IAMPage(of: values, marker: input.marker, maximumCount: input.maxItems)
        return .members([("InstanceProfiles", .list(page.elements))] + page.endMembers)
    }
}

/// Removes an instance profile without roles.
enum DeleteInstanceProfile: Operation {
    static func handle(_ input: InstanceProfiles.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let record = try InstanceProfiles.find(input.instanceProfileName, call, in: database)
            if !record.roles.isEmpty {
                throw IAMError.deleteConflict("Cannot delete entity, must remove roles from instance profile first.")
            }
            try database.deleteResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// Puts a role into an instance profile, which can hold one.
enum AddRoleToInstanceProfile: Operation {
    static func handle(_ input: InstanceProfiles.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var record = try InstanceProfiles.find(input.instanceProfileName, call, in: database)
            let role = try database.holder(RoleRecord.self, named: input.roleName ?? "", in: call.globalScope)
            if !record.roles.isEmpty { throw IAMError.quota("InstanceSessionsPerInstanceProfile", 1) }
            record.roles = [role.name]
            try database.updateResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// Takes a role out of an instance profile.
enum RemoveRoleFromInstanceProfile: Operation {
    static func handle(_ input: InstanceProfiles.Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            var record = try InstanceProfiles.find(input.instanceProfileName, call, in: database)
            guard let role = input.roleName, record.roles.contains(role) else {
                throw IAMError.notFound("role", input.roleName ?? "")
            }
            record.roles.removeAll { $0 == role }
            try database.updateResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// What the operations on instance profiles share.
enum InstanceProfiles {
    struct Input: Decodable, Sendable {
        var instanceProfileName: String
        var roleName: String?
    }

    static func find(_ name: String, _ call: Call, in database: Database) throws -> InstanceProfileRecord {
        guard let record = try database.resource(InstanceProfileRecord.self, named: name, in: call.globalScope) else {
            throw IAMError.noSuchEntity("Instance Profile \(name) cannot be found.")
        }
        return record
    }
}
