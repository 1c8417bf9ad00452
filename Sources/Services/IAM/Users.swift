// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

extension Call {
    /// The user that an operation means that names none: the caller.
    ///
    /// - Throws: ValidationError where the caller is no user.
    func ownUserName() throws -> String {
        guard case .user(let name) = principal.kind else {
            throw IAMError.validation("Must specify userName when calling with non-User credentials")
        }
        return name
    }
}

/// Makes a user.
enum CreateUser: Operation {
    struct Input: Decodable, Sendable {
        var path: String?
        var userName: String
        var permissionsBoundary: String?
        var tags: [Tag]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let path = input.path ?? "/"
        let record = UserRecord(
            name: input.userName, path: path, id: IAMIdentifier.make(.user, account: call.account),
            arn: call.iamARN("user", path: path, name: input.userName), creationTime: call.now, lastModifiedTime: call.now,
            boundary: input.permissionsBoundary)
        let tags = input.tags ?? []
        try call.world.store.write { database in
            let scope = call.globalScope
            try IAMCheck.boundary(record.boundary, in: database)
            try IAMCheck.tags(tags)
            if try database.isNameTaken(UserRecord.self, record.name, in: scope) {
                throw IAMError.alreadyExists("User with name \(record.name) already exists.")
            }
            if try database.resourceCount(UserRecord.self, in: scope) >= 5000 { throw IAMError.quota("UsersPerAccount", 5000) }
            _ = try database.insertResource(record, in: scope)
            try database.setTags(tags, of: record.arn)
        }
        return ["User": record.value(tags: tags)]
    }
}

/// Shows a user; without a name, the caller.
enum GetUser: Operation {
    struct Input: Decodable, Sendable { var userName: String? }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        try call.world.store.read { database in
            if input.userName == nil, call.principal.kind == .root {
                let account = try Account.all(in: database).first { $0.id == call.account }
                return [
                    "User": [
                        "UserId": .string(call.account), "Arn": .string(call.principal.arn),
                        "CreateDate": .date(account?.creationTime ?? 0),
                    ]
                ]
            }
            let name = try input.userName ?? call.ownUserName()
            let user = try database.holder(UserRecord.self, named: name, in: call.globalScope)
            return ["User": user.value(tags: try database.tags(of: user.arn))]
        }
    }
}

/// Lists the users of the account.
enum ListUsers: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let users = try call.world.store.read {
            try $0.records(UserRecord.self, in: call.globalScope, pathPrefix: input.pathPrefix) { $0.path }
        }
        let page = try IAMPage(of: users, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Users", .list(page.elements.map { $0.value(showsBoundary: false) }))] + page.endMembers)
    }
}

/// Renames or moves a user, who keeps id, keys, groups and policies.
enum UpdateUser: Operation {
    struct Input: Decodable, Sendable {
        var userName: String
        var newPath: String?
        var newUserName: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let scope = call.globalScope
            var user = try database.holder(UserRecord.self, named: input.userName, in: scope)
            let newName = input.newUserName ?? user.name
            if newName.lowercased() != user.name.lowercased(), try database.isNameTaken(UserRecord.self, newName, in: scope) {
                throw IAMError.alreadyExists("User with name \(newName) already exists.")
            }
            let tags = try database.tags(of: user.arn)
            var keys = try AccessKey.all(of: .user(name: user.name), account: call.account, in: database)
            try database.deleteResource(user, in: scope)
            user.name = newName
            user.path = input.newPath ?? user.path
            user.arn = call.iamARN("user", path: user.path, name: newName)
            user.lastModifiedTime = call.now
            _ = try database.insertResource(user, in: scope)
            try database.setTags(tags, of: user.arn)
            for index in keys.indices {
                keys[index].owner = .user(name: newName)
                try keys[index].save(in: database)
            }
            for device in user.credentials?.devices ?? [] {
                guard var virtual = try database.resource(VirtualDeviceRecord.self, arn: device.serialNumber) else { continue }
                virtual.userName = newName
                try database.updateResource(virtual, in: scope)
            }
        }
        return Empty()
    }
}

/// Removes a user who has nothing any more.
enum DeleteUser: Operation {
    struct Input: Decodable, Sendable { var userName: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let scope = call.globalScope
            let user = try database.holder(UserRecord.self, named: input.userName, in: scope)
            let keys = try AccessKey.all(of: .user(name: user.name), account: call.account, in: database)
            if !user.groups.isEmpty { throw IAMError.deleteConflict("Cannot delete entity, must remove user from group first.") }
            if !user.attachedPolicies.isEmpty {
                throw IAMError.deleteConflict("Cannot delete entity, must detach all policies first.")
            }
            if !user.inlinePolicies.isEmpty { throw IAMError.deleteConflict("Cannot delete entity, must delete policies first.") }
            if keys.contains(where: { $0.expirationTime == nil }) {
                throw IAMError.deleteConflict("Cannot delete entity, must delete access keys first.")
            }
            if let conflict = user.credentials?.deleteConflict { throw IAMError.deleteConflict(conflict) }
            for key in keys { try key.delete(in: database) }
            try database.deleteResource(user, in: scope)
        }
        return Empty()
    }
}
