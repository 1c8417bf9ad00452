// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// What one account has at a moment, kept in a folder of its own, so that the account can be put back to it while others stay as they are.
///
/// Rows are copied into a small database; the files of bodies get second names in the folder, so that nothing is copied and nothing is
/// lost when the account deletes an object. What tells of the past rather than of what there is (processes, the last sweep) is no part of it.
public struct AccountSnapshot: Sendable {
    /// A table with rows of accounts.
    struct Part: Sendable {
        var table: String
        /// Which of its rows are an account's; `:account` is its ID, `:arns` a pattern of its ARNs.
        var condition: String
        /// A number that the database gives its rows: it is given anew when rows come back, as another account may have it by then.
        var key: String?
        /// The column that holds such a number of another table's row.
        var parent: (column: String, table: String)?
    }

    private static let inBuckets = "bucket IN (SELECT id FROM bucket WHERE account = :account)"

    /// All of them; parents before their children.
    static let parts: [Part] = [
        Part(table: "access_key", condition: "account = :account"),
        Part(table: "resource", condition: "account = :account"),
        Part(table: "tag", condition: "arn LIKE :arns"),
        Part(table: "invocation_count", condition: "arn LIKE :arns"),
        Part(table: "bucket", condition: "account = :account", key: "id"),
        Part(table: "bucket_configuration", condition: inBuckets, parent: ("bucket", "bucket")),
        Part(table: "object", condition: inBuckets, key: "id", parent: ("bucket", "bucket")),
        Part(table: "multipart_upload", condition: inBuckets, key: "sequence", parent: ("bucket", "bucket")),
        Part(
            table: "upload_part", condition: "upload IN (SELECT sequence FROM multipart_upload WHERE \(inBuckets))",
            parent: ("upload", "multipart_upload")),
        Part(table: "log_group", condition: "account = :account", key: "id"),
        Part(
            table: "log_stream", condition: "log_group IN (SELECT id FROM log_group WHERE account = :account)", key: "id",
            parent: ("log_group", "log_group")),
        Part(
            table: "log_event",
            condition: """
                log_stream IN (SELECT log_stream.id FROM log_stream JOIN log_group ON log_stream.log_group = log_group.id
                    WHERE account = :account)
                """, key: "id", parent: ("log_stream", "log_stream")),
        Part(table: "metric", condition: "account = :account", key: "id"),
        Part(
            table: "metric_datum", condition: "metric IN (SELECT id FROM metric WHERE account = :account)",
            parent: ("metric", "metric")),
        Part(table: "image_layer", condition: "account = :account"),
        Part(table: "layer_upload", condition: "account = :account"),
        Part(table: "layer_upload_part", condition: "upload IN (SELECT id FROM layer_upload WHERE account = :account)"),
    ]

    /// The account's ID.
    public let account: String
    /// The folder that holds it.
    public let folder: String

    private var databasePath: String { folder + "/rows.sqlite" }
    private func bodyPath(_ id: String) -> String { folder + "/bodies/" + id }

    /// The snapshot of an account that is, or will be, in a folder.
    public init(of account: String, in folder: String) {
        self.account = account
        self.folder = folder
    }

    /// Whether it has been taken.
    public var exists: Bool { FileManager.default.fileExists(atPath: databasePath) }

    /// Removes it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private var arguments: [String: String] { ["account": account, "arns": "arn:%:\(account):%"] }

    /// The arguments that a statement names.
    private func arguments(for sql: String) -> StatementArguments {
        StatementArguments(arguments.filter { sql.contains(":" + $0.key) })
    }

    // MARK: Taking

    /// Takes it anew.
    ///
    /// - Throws: `WorldError.cannotCreateFolder`, `BodyStoreError`, GRDB's `DatabaseError`; what was there before stays then.
    public func take(in world: World) throws {
        let manager = FileManager.default
        let draft = AccountSnapshot(of: account, in: folder + ".new")
        draft.remove()
        do {
            try manager.createDirectory(
                atPath: draft.folder + "/bodies", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw WorldError.cannotCreateFolder(path: draft.folder, reason: error.localizedDescription)
        }
        do {
            let copy = try DatabaseQueue(path: draft.databasePath)
            // One read, so that all rows are of one moment; a body that is freed meanwhile keeps its file for a while.
            try world.store.read { source in
                try copy.write { target in
                    for part in Self.parts { try draft.copy(part, from: source, to: target, bodies: world.bodies) }
                    let alias = try String.fetchOne(source, sql: "SELECT alias FROM account WHERE id = ?", arguments: [account])
                    try target.execute(sql: "CREATE TABLE account (alias TEXT)")
                    try target.execute(sql: "INSERT INTO account (alias) VALUES (?)", arguments: [alias])
                }
            }
            try copy.close()
        } catch {
            draft.remove()
            throw error
        }
        remove()
        guard rename(draft.folder, folder) == 0 else {
            throw WorldError.cannotCreateFolder(path: folder, reason: String(cString: strerror(errno)))
        }
    }

    private func copy(_ part: Part, from source: Database, to target: Database, bodies: BodyStore) throws {
        let columns = try source.columns(in: part.table).map(\.name)
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        try target.execute(sql: "CREATE TABLE \"\(part.table)\" (\(names))")
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = try target.makeStatement(sql: "INSERT INTO \"\(part.table)\" (\(names)) VALUES (\(places))")
        let sql = "SELECT \(names) FROM \"\(part.table)\" WHERE \(part.condition)" + (part.key.map { " ORDER BY \"\($0)\"" } ?? "")
        let rows = try Row.fetchCursor(source, sql: sql, arguments: arguments(for: sql))
        while let row = try rows.next() {
            try insert.execute(arguments: StatementArguments(columns.map { row[$0] as DatabaseValue }))
            if columns.contains("body_id"), let id = row["body_id"] as String? { try link(bodies.path(of: id), bodyPath(id)) }
        }
    }

    /// Two rows may name one body.
    private func link(_ path: String, _ name: String) throws {
        guard Glibc.link(path, name) == 0 || errno == EEXIST else {
            throw BodyStoreError.cannotWrite(path: name, errorNumber: errno)
        }
    }

    // MARK: Putting back

    /// Puts the account back to it; its processes must have been ended before.
    ///
    /// - Throws: `WorldError.noSnapshot`; `WorldError.bucketTakenElsewhere` where another account has taken a bucket's name since. All stays as it
    ///   is then.
    public func restore(in world: World) throws {
        guard exists else { throw WorldError.noSnapshot(account: account) }
        let copy = try DatabaseQueue(path: databasePath)
        try world.store.write { target in
            try copy.read { source in
                for name in try String.fetchAll(source, sql: "SELECT name FROM bucket") {
                    let owner = try String.fetchOne(target, sql: "SELECT account FROM bucket WHERE name = ?", arguments: [name])
                    if let owner, owner != account { throw WorldError.bucketTakenElsewhere(name: name) }
                }
                for part in Self.parts.reversed() {
                    let sql = "DELETE FROM \"\(part.table)\" WHERE \(part.condition)"
                    try target.execute(sql: sql, arguments: arguments(for: sql))
                }
                try target.execute(
                    sql: "UPDATE account SET alias = ? WHERE id = ?",
                    arguments: [try String.fetchOne(source, sql: "SELECT alias FROM account"), account])
                var numbers: [String: [Int64: Int64]] = [:]
                for part in Self.parts { try putBack(part, from: source, to: target, bodies: world.bodies, numbers: &numbers) }
            }
        }
        try copy.close()
    }

    private func putBack(
        _ part: Part, from source: Database, to target: Database, bodies: BodyStore, numbers: inout [String: [Int64: Int64]]
    ) throws {
        // A table that a later version has is not in an older snapshot.
        guard try source.tableExists(part.table) else { return }
        let present = Set(try target.columns(in: part.table).map(\.name))
        let columns = try source.columns(in: part.table).map(\.name).filter { present.contains($0) && $0 != part.key }
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = try target.makeStatement(sql: "INSERT INTO \"\(part.table)\" (\(names)) VALUES (\(places))")
        // In the order of their old numbers: the newest version of an object is the one with the greatest.
        let rows = try Row.fetchCursor(source, sql: "SELECT * FROM \"\(part.table)\" ORDER BY rowid")
        while let row = try rows.next() {
            let values = try columns.map { column -> DatabaseValue in
                if column == part.parent?.column, let table = part.parent?.table {
                    return (numbers[table]?[row[column]] ?? 0).databaseValue
                }
                if column == "body_id", let id = row[column] as String? {
                    return try bodies.link(file: bodyPath(id)).databaseValue
                }
                return row[column]
            }
            try insert.execute(arguments: StatementArguments(values))
            if let key = part.key { numbers[part.table, default: [:]][row[key]] = target.lastInsertedRowID }
        }
    }
}

extension World {
    /// Where lessons keep the snapshots of accounts.
    public var lessonsPath: String { path + "/lessons" }

    /// The processes of an account that live.
    public func livingProcesses(of account: String) throws -> [HostProcess] {
        try store.read { try HostProcess.all(in: $0) }.filter { ARN($0.ownerARN)?.account == account && $0.isAlive }
    }

    /// Ends every process that works for an account.
    public func endProcesses(of account: String) async throws {
        try await end(try livingProcesses(of: account))
    }
}
