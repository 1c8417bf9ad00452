// SPDX-License-Identifier: Apache-2.0

import GRDB

/// An account: the wall around everything that one customer owns.
public struct Account: Sendable, Hashable {
    /// 12 digits.
    public var id: String
    /// A name for the sign-in page.
    public var alias: String?
    /// World time.
    public var creationTime: Double

    /// The account of a new world.
    public static let initialID = "123456789012"
    /// Owns the public data buckets.
    public static let publicDataID = "364119283405"

    /// Makes one from its parts.
    public init(id: String, alias: String? = nil, creationTime: Double) throws {
        guard Account.isAccountID(id) else { throw WorldError.notAccountID(id) }
        self.id = id
        self.alias = alias
        self.creationTime = creationTime
    }

    /// Whether `text` has the form of an account ID.
    public static func isAccountID(_ text: String) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// An ID for a new account.
    ///
    /// - Parameter taken: the IDs that there are.
    public static func makeID(besides taken: Set<String>) -> String {
        while true {
            let id = String(Int.random(in: 100_000_000_000...999_999_999_999))
            if !taken.contains(id) { return id }
        }
    }

    /// All accounts, oldest first.
    public static func all(in database: Database) throws -> [Account] {
        try Row.fetchAll(database, sql: "SELECT id, alias, created_at FROM account ORDER BY created_at, id").map {
            try Account(id: $0[0], alias: $0[1], creationTime: $0[2])
        }
    }

    /// Whether there is an account with that ID.
    public static func exists(_ id: String, in database: Database) throws -> Bool {
        try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?)", arguments: [id]) ?? false
    }

    /// Adds the account.
    public func insert(in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO account (id, alias, created_at) VALUES (?, ?, ?)", arguments: [id, alias, creationTime])
    }
}

extension World {
    /// The ID of the account that `word`, an ID or a name, means.
    ///
    /// - Throws: `WorldError.unknownAccount` where there is none, `WorldError.notAccountID` where it could be neither.
    public func accountID(of word: String) throws -> String {
        let accounts = try store.read { try Account.all(in: $0) }
        if let account = accounts.first(where: { $0.id == word || $0.alias == word }) { return account.id }
        let isNumber = !word.isEmpty && word.utf8.allSatisfy { (48...57).contains($0) }
        throw isNumber && !Account.isAccountID(word) ? WorldError.notAccountID(word) : WorldError.unknownAccount(word)
    }
}
