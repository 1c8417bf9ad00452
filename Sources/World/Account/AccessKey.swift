// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A key pair, long-lived (`AKIA…`) or of a session (`ASIA…`, with a token and an end).
public struct AccessKey: Sendable, Hashable {
    /// Whose key it is.
    public enum Owner: Sendable, Hashable {
        case root
        case user(name: String)
        case role(name: String, session: String)
        case federatedUser(name: String)
    }

    /// The public part.
    public var id: String
    /// The part that signs.
    public var secret: String
    /// The account's ID.
    public var account: String
    /// Whose it is.
    public var owner: Owner
    /// Whether it may be used.
    public var isActive: Bool
    /// World time.
    public var creationTime: Double
    /// What a session shows beside the key.
    public var sessionToken: String?
    /// Policy documents that limit the session.
    public var sessionPolicies: [String]
    /// Outside time (signatures and tokens are judged by the machine's clock).
    public var expirationTime: Double?
    /// World time of the last request; nil where there was none.
    public var lastUsedTime: Double?
    /// The service of the last request.
    public var lastUsedService: String?
    /// The region of the last request.
    public var lastUsedRegion: String?

    /// Makes one from its parts.
    public init(
        id: String, secret: String, account: String, owner: Owner, isActive: Bool = true, creationTime: Double,
        sessionToken: String? = nil, sessionPolicies: [String] = [], expirationTime: Double? = nil
    ) {
        self.id = id
        self.secret = secret
        self.account = account
        self.owner = owner
        self.isActive = isActive
        self.creationTime = creationTime
        self.sessionToken = sessionToken
        self.sessionPolicies = sessionPolicies
        self.expirationTime = expirationTime
    }

    private init(_ row: Row) throws {
        id = row["id"]
        secret = row["secret"]
        account = row["account"]
        let name: String = row["principal_name"]
        owner =
            switch row["principal_kind"] as String {
            case "user": .user(name: name)
            case "role": .role(name: name, session: row["session_name"] ?? "")
            case "federated": .federatedUser(name: name)
            default: .root
            }
        isActive = row["status"] == "Active"
        creationTime = row["created_at"]
        sessionToken = row["session_token"]
        let policies: String? = row["session_policies"]
        sessionPolicies = try policies.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) } ?? []
        expirationTime = row["expires_at"]
        lastUsedTime = row["last_used_at"]
        lastUsedService = row["last_used_service"]
        lastUsedRegion = row["last_used_region"]
    }
}

extension AccessKey.Owner {
    fileprivate var columns: (kind: String, name: String, session: String?) {
        switch self {
        case .root: ("root", "", nil)
        case .user(let name): ("user", name, nil)
        case .role(let name, let session): ("role", name, session)
        case .federatedUser(let name): ("federated", name, nil)
        }
    }
}

extension AccessKey {
    /// The key with that id; nil where there is none.
    public static func find(_ id: String, in database: Database) throws -> AccessKey? {
        try Row.fetchOne(try database.cachedStatement(sql: "SELECT * FROM access_key WHERE id = ?"), arguments: [id])
            .map { try AccessKey($0) }
    }

    /// The keys of a user or root, oldest first.
    public static func all(of owner: Owner, account: String, in database: Database) throws -> [AccessKey] {
        let (kind, name, _) = owner.columns
        return try Row.fetchAll(
            database,
            sql: "SELECT * FROM access_key WHERE account = ? AND principal_kind = ? AND principal_name = ? ORDER BY created_at, id",
            arguments: [account, kind, name]
        ).map { try AccessKey($0) }
    }

    /// Adds the key, or replaces the one with its id.
    public func save(in database: Database) throws {
        let (kind, name, session) = owner.columns
        let policies =
            sessionPolicies.isEmpty ? nil : String(decoding: try JSONEncoder().encode(sessionPolicies), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO access_key (id, secret, account, principal_kind, principal_name, status, created_at,
                    session_token, session_name, session_policies, expires_at, last_used_at, last_used_service, last_used_region)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, secret, account, kind, name, isActive ? "Active" : "Inactive", creationTime, sessionToken, session, policies,
                expirationTime, lastUsedTime, lastUsedService, lastUsedRegion,
            ])
    }

    /// Removes the key.
    public func delete(in database: Database) throws {
        try database.execute(sql: "DELETE FROM access_key WHERE id = ?", arguments: [id])
    }
}
