// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Makes a group.
enum CreateGroup: Operation {
    struct Input: Decodable, Sendable {
        var path: String?
        var groupName: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let path = input.path ?? "/"
        let record = GroupRecord(
            name: input.groupName, path: path, id: IAMIdentifier.make(.group, account: call.account),
            arn: call.iamARN("group", path: path, name: input.groupName), creationTime: call.now, lastModifiedTime: call.now)
        try call.world.store.write { database in
            let scope = call.globalScope
            if try database.isNameTaken(GroupRecord.self, record.name, in: scope) {
                throw IAMError.alreadyExists("Group with name \(record.name) already exists.")
            }
            try IAMCheck.room(for: GroupRecord.self, "Groups per account", error: "GroupsPerAccount", in: scope, database)
            _ = try database.insertResource(record, in: scope)
        }
        return ["Group": record.value]
    }
}

/// Shows a group with its users.
enum GetGroup: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let (group, members) = try call.world.store.read { database in
            let group = try database.holder(GroupRecord.self, named: input.groupName ?? "", in: call.globalScope)
            return (group, try Groups.members(of: group.name, call, in: database))
        }
        let page = try IAMPage(of: members, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Group", group.value), ("Users", .list(page.elements.map { $0.value() }))] + page.endMembers)
    }
}

/// Lists the groups of the account.
enum ListGroups: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let groups = try call.world.store.read {
            try $0.records(GroupRecord.self, in: call.globalScope, pathPrefix: input.pathPrefix) { $0.path }
        }
        let page = try IAMPage(of: groups, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Groups", .list(page.elements.map(\.value)))] + page.endMembers)
    }
}

/// Lists the groups that a user is in.
enum ListGroupsForUser: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let groups = try call.world.store.read { database in
            let user = try database.holder(UserRecord.self, named: input.userName ?? "", in: call.globalScope)
            return try user.groups.sorted().compactMap { try database.resource(GroupRecord.self, named: $0, in: call.globalScope) }
        }
        let page = try IAMPage(of: groups, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Groups", .list(page.elements.map(\.value)))] + page.endMembers)
    }
}

/// Renames or moves a group.
enum UpdateGroup: Operation {
    struct Input: Decodable, Sendable {
        var groupName: String
        var newPath: String?
        var newGroupName: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let scope = call.globalScope
            var group = try database.holder(GroupRecord.self, named: input.groupName, in: scope)
            let oldName = group.name
            let newName = input.newGroupName ?? oldName
            if newName.lowercased() != oldName.lowercased(), try database.isNameTaken(GroupRecord.self, newName, in: scope) {
                throw IAMError.alreadyExists("Group with name \(newName) already exists.")
            }
            try database.deleteResource(group, in: scope)
            group.name = newName
            group.path = input.newPath ?? group.path
            group.arn = call.iamARN("group", path: group.path, name: newName)
            group.lastModifiedTime = call.now
            _ = try database.insertResource(group, in: scope)
            for var user in try Groups.members(of: oldName, call, in: database) {
                user.groups = user.groups.map { $0 == oldName ? newName : $0 }
                try database.save(user, in: scope, at: call.now)
            }
        }
        return Empty()
    }
}

/// Removes a group that has no users and no policies any more.
enum DeleteGroup: Operation {
    struct Input: Decodable, Sendable { var groupName: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let group = try database.holder(GroupRecord.self, named: input.groupName, in: call.globalScope)
            if try !Groups.members(of: group.name, call, in: database).isEmpty {
                throw IAMError.deleteConflict("Cannot delete entity, must remove users from group first.")
            }
            if !group.attachedPolicies.isEmpty {
                throw IAMError.deleteConflict("Cannot delete entity, must detach all policies first.")
            }
            if !group.inlinePolicies.isEmpty { throw IAMError.deleteConflict("Cannot delete entity, must delete policies first.") }
            try database.deleteResource(group, in: call.globalScope)
        }
        return Empty()
    }
}

/// Puts a user into a group; nothing happens where it is in it.
enum AddUserToGroup: Operation {
    static func handle(_ input: Groups.Membership, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let group = try database.holder(GroupRecord.self, named: input.groupName, in: call.globalScope)
            var user = try database.holder(UserRecord.self, named: input.userName, in: call.globalScope)
            if user.groups.contains(group.name) { return }
            if user.groups.count >= 10 { throw IAMError.quota("GroupsPerUser", 10) }
            user.groups.append(group.name)
            try database.save(user, in: call.globalScope, at: call.now)
        }
        return Empty()
    }
}

/// Takes a user out of a group; nothing happens where it is not in it.
enum RemoveUserFromGroup: Operation {
    static func handle(_ input: Groups.Membership, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let group = try database.holder(GroupRecord.self, named: input.groupName, in: call.globalScope)
            var user = try database.holder(UserRecord.self, named: input.userName, in: call.globalScope)
            user.groups.removeAll { $0 == group.name }
            try database.save(user, in: call.globalScope, at: call.now)
        }
        return Empty()
    }
}

/// What the operations on groups share.
enum Groups {
    struct Membership: Decodable, Sendable {
        var groupName: String
        var userName: String
    }

    /// The users in a group, by name.
    static func members(of group: String, _ call: Call, in database: Database) throws -> [UserRecord] {
        try database.resources(UserRecord.self, in: call.globalScope).records.filter { $0.groups.contains(group) }
    }
}
