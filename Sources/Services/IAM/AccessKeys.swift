// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Makes an access key for a user (without a name, for the caller), who can have two.
enum CreateAccessKey: Operation {
    struct Input: Decodable, Sendable { var userName: String? }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let owner = try AccessKeys.owner(input.userName, call)
        let key = AccessKey(
            id: IAMIdentifier.make(.accessKey, account: call.account), secret: IAMIdentifier.secret(), account: call.account,
            owner: owner, creationTime: call.now)
        try call.world.store.write { database in
            if try AccessKeys.lasting(of: owner, call, in: database).count >= 2 { throw IAMError.quota("AccessKeysPerUser", 2) }
            try key.save(in: database)
        }
        return [
            "AccessKey": .members([
                ("UserName", AccessKeys.userName(of: owner)), ("AccessKeyId", .string(key.id)), ("Status", "Active"),
                ("SecretAccessKey", .string(key.secret)), ("CreateDate", .date(key.creationTime)),
            ])
        ]
    }
}

/// Lists a user's access keys, without secrets.
enum ListAccessKeys: Operation {
    static func handle(_ input: IAMListInput, _ call: Call) async throws -> Value {
        let owner = try AccessKeys.owner(input.userName, call)
        let keys = try call.world.store.read { try AccessKeys.lasting(of: owner, call, in: $0) }
        let page = try IAMPage(of: keys, marker: input.marker, maximumCount: input.maxItems)
        let values = page.elements.map { key in
            Value.members([
                ("UserName", AccessKeys.userName(of: owner)), ("AccessKeyId", .string(key.id)),
                ("Status", key.isActive ? "Active" : "Inactive"), ("CreateDate", .date(key.creationTime)),
            ])
        }
        return .members([("AccessKeyMetadata", .list(values))] + page.endMembers)
    }
}

/// Switches an access key on or off.
enum UpdateAccessKey: Operation {
    struct Input: Decodable, Sendable {
        var userName: String?
        var accessKeyId: String
        var status: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let owner = try AccessKeys.owner(input.userName, call)
        try call.world.store.write { database in
            var key = try AccessKeys.find(input.accessKeyId, of: owner, call, in: database)
            key.isActive = input.status == "Active"
            try key.save(in: database)
        }
        return Empty()
    }
}

/// Removes an access key.
enum DeleteAccessKey: Operation {
    struct Input: Decodable, Sendable {
        var userName: String?
        var accessKeyId: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let owner = try AccessKeys.owner(input.userName, call)
        try call.world.store.write { database in
            try AccessKeys.find(input.accessKeyId, of: owner, call, in: database).delete(in: database)
        }
        return Empty()
    }
}

/// Tells when and for what an access key was used last.
enum GetAccessKeyLastUsed: Operation {
    struct Input: Decodable, Sendable { var accessKeyId: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let key = try call.world.store.read { try AccessKey.find(input.accessKeyId, in: $0) }
        guard let key, key.account == call.account, key.expirationTime == nil else {
            throw IAMError.noSuchEntity("The Access Key with id \(input.accessKeyId) cannot be found.")
        }
        return .members([
            ("UserName", AccessKeys.userName(of: key.owner)),
            (
                "AccessKeyLastUsed",
                .members([
                    ("LastUsedDate", key.lastUsedTime.map { .date($0) }), ("ServiceName", .string(key.lastUsedService ?? "N/A")),
                    ("Region", .string(key.lastUsedRegion ?? "N/A")),
                ])
            ),
        ])
    }
}

/// What the operations on access keys share.
private enum AccessKeys {
    /// Whose keys are meant: those of the named user, else the caller's own.
    static func owner(_ userName: String?, _ call: Call) throws -> AccessKey.Owner {
        if userName == nil, call.principal.kind == .root { return .root }
        let name = try userName ?? call.ownUserName()
        try call.world.store.read { _ = try $0.holder(UserRecord.self, named: name, in: call.globalScope) }
        return .user(name: name)
    }

    static func userName(of owner: AccessKey.Owner) -> Value? {
        if case .user(let name) = owner { .string(name) } else { nil }
    }

    /// Without those of sessions.
    static func lasting(of owner: AccessKey.Owner, _ call: Call, in database: Database) throws -> [AccessKey] {
        try AccessKey.all(of: owner, account: call.account, in: database).filter { $0.expirationTime == nil }
    }

    static func find(_ id: String, of owner: AccessKey.Owner, _ call: Call, in database: Database) throws -> AccessKey {
        guard let key = try lasting(of: owner, call, in: database).first(where: { $0.id == id }) else {
            throw IAMError.noSuchEntity("The Access Key with id \(id) cannot be found.")
        }
        return key
    }
}
