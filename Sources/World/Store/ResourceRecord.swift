// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The account and region that a record belongs to; the region is empty for global services.
public struct Scope: Sendable, Hashable {
    /// The account's ID.
    public var account: String
    /// The region's code.
    public var region: String

    /// Makes one from its parts.
    public init(account: String, region: String) {
        self.account = account
        self.region = region
    }
}

/// Something with a name that a service keeps: a training job, an endpoint, a role.
///
/// The record is stored as a JSON document beside the columns that lists filter and sort by.
public protocol ResourceRecord: Codable, Sendable {
    /// `service:resource-type`, for instance `sagemaker:training-job`.
    static var kind: String { get }
    var name: String { get }
    var arn: String { get }
    var status: String { get }
    /// World time, seconds since 1970.
    var creationTime: Double { get }
    var lastModifiedTime: Double { get }
    /// World time at which a state that only waits for time to pass moves on; nil where nothing is due.
    var dueTime: Double? { get }
    /// Whether things of the kind are ever paid for by the time that they run.
    static var isMetered: Bool { get }
    /// What of it runs, and is paid for, since the last change.
    var runningUsage: [RunningUsage] { get }
}

extension ResourceRecord {
    /// Most records have no states.
    public var status: String { "" }
    /// Nothing is due.
    public var dueTime: Double? { nil }
    /// Most things cost nothing.
    public static var isMetered: Bool { false }
    /// Nothing runs.
    public var runningUsage: [RunningUsage] { [] }
}

/// What a list operation asks for.
public struct ResourceQuery: Sendable {
    /// What records are ordered by.
    public enum SortKey: String, Sendable {
        case name
        case creationTime = "created_at"
        case lastModifiedTime = "modified_at"
        case status
    }

    /// Text that names contain, in any case of letters.
    public var nameContains: String?
    /// What names begin with.
    public var namePrefix: String?
    /// The status that records have.
    public var status: String?
    /// World time; records made then or later.
    public var createdAfter: Double?
    /// World time; records made then or earlier.
    public var createdBefore: Double?
    /// World time; records changed then or later.
    public var modifiedAfter: Double?
    /// World time; records changed then or earlier.
    public var modifiedBefore: Double?
    /// What they are ordered by; equal ones by name.
    public var sortKey = SortKey.name
    /// Whether the least comes first.
    public var isAscending = true
    /// How many records to skip: what a page's token carries.
    public var offset = 0
    /// The greatest number of records on the page; nil for all.
    public var limit: Int?

    /// Makes one from its parts.
    public init() {}
}

/// One page of records.
public struct ResourcePage<Record: ResourceRecord>: Sendable {
    /// The page's records, in order.
    public var records: [Record]
    /// The offset of the next page; nil at the end.
    public var nextOffset: Int?
}

extension Database {
    /// The record of that name; nil where there is none.
    public func resource<Record: ResourceRecord>(_ type: Record.Type, named name: String, in scope: Scope) throws -> Record? {
        let document = try String.fetchOne(
            try cachedStatement(sql: "SELECT document FROM resource WHERE kind = ? AND account = ? AND region = ? AND name = ?"),
            arguments: [Record.kind, scope.account, scope.region, name])
        return try document.map { try decodeRecord($0) }
    }

    /// The record with that ARN; nil where there is none.
    public func resource<Record: ResourceRecord>(_ type: Record.Type, arn: String) throws -> Record? {
        let document = try String.fetchOne(
            try cachedStatement(sql: "SELECT document FROM resource WHERE arn = ? AND kind = ?"), arguments: [arn, Record.kind])
        return try document.map { try decodeRecord($0) }
    }

    /// Adds a record.
    ///
    /// - Returns: false, having changed nothing, where the name is taken.
    public func insertResource<Record: ResourceRecord>(_ record: Record, in scope: Scope) throws -> Bool {
        try execute(
            sql: """
                INSERT OR IGNORE INTO resource (kind, account, region, name, arn, status, created_at, modified_at, due_at, document)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Record.kind, scope.account, scope.region, record.name, record.arn, record.status, record.creationTime,
                record.lastModifiedTime, record.dueTime, try encodeRecord(record),
            ])
        guard changesCount == 1 else { return false }
        if Record.isMetered { try meter(record, in: scope) }
        return true
    }

    /// Writes a changed record back.
    ///
    /// - Returns: false where the record is gone.
    @discardableResult
    public func updateResource<Record: ResourceRecord>(_ record: Record, in scope: Scope) throws -> Bool {
        try execute(
            sql: """
                UPDATE resource SET status = ?, created_at = ?, modified_at = ?, due_at = ?, document = ?
                WHERE kind = ? AND account = ? AND region = ? AND name = ?
                """,
            arguments: [
                record.status, record.creationTime, record.lastModifiedTime, record.dueTime, try encodeRecord(record), Record.kind,
                scope.account, scope.region, record.name,
            ])
        guard changesCount == 1 else { return false }
        if Record.isMetered { try meter(record, in: scope) }
        return true
    }

    /// Removes a record and its tags.
    ///
    /// - Returns: false where there was none.
    @discardableResult
    public func deleteResource<Record: ResourceRecord>(_ record: Record, in scope: Scope) throws -> Bool {
        try execute(sql: "DELETE FROM tag WHERE arn = ?", arguments: [record.arn])
        try execute(
            sql: "DELETE FROM resource WHERE kind = ? AND account = ? AND region = ? AND name = ?",
            arguments: [Record.kind, scope.account, scope.region, record.name])
        return changesCount == 1
    }

    /// One page of the records that `query` asks for.
    public func resources<Record: ResourceRecord>(
        _ type: Record.Type, in scope: Scope, matching query: ResourceQuery = ResourceQuery()
    ) throws -> ResourcePage<Record> {
        var (sql, arguments) = selection("document", of: Record.kind, in: scope, matching: query)
        sql +=
            " ORDER BY \(query.sortKey.rawValue) \(query.isAscending ? "ASC" : "DESC"), name \(query.isAscending ? "ASC" : "DESC")"
        sql += " LIMIT ? OFFSET ?"
        arguments += [query.limit.map { $0 + 1 } ?? -1, query.offset]
        var records: [Record] = try String.fetchAll(self, sql: sql, arguments: arguments).map { try decodeRecord($0) }
        guard let limit = query.limit, records.count > limit else { return ResourcePage(records: records, nextOffset: nil) }
        records.removeLast(records.count - limit)
        return ResourcePage(records: records, nextOffset: query.offset + limit)
    }

    func selection(
        _ columns: String, of kind: String, in scope: Scope, matching query: ResourceQuery
    ) -> (String, StatementArguments) {
        var sql = "SELECT \(columns) FROM resource WHERE kind = ? AND account = ? AND region = ?"
        var arguments: StatementArguments = [kind, scope.account, scope.region]
        if let text = query.nameContains {
            sql += " AND instr(lower(name), lower(?)) > 0"
            arguments += [text]
        }
        if let prefix = query.namePrefix {
            sql += " AND substr(name, 1, length(?)) = ?"
            arguments += [prefix, prefix]
        }
        if let status = query.status {
            sql += " AND status = ?"
            arguments += [status]
        }
        for (condition, bound) in [
            ("created_at >= ?", query.createdAfter), ("created_at <= ?", query.createdBefore),
            ("modified_at >= ?", query.modifiedAfter), ("modified_at <= ?", query.modifiedBefore),
        ] {
            guard let bound else { continue }
            sql += " AND " + condition
            arguments += [bound]
        }
        return (sql, arguments)
    }

    /// The records of all accounts and regions whose time has come at world time `now`, with their scopes.
    public func dueResources<Record: ResourceRecord>(_ type: Record.Type, at now: Double) throws -> [(Scope, Record)] {
        try Row.fetchAll(
            self,
            // Few records wait for a time, and many may be of the kind: without statistics SQLite would look through the kind.
            sql: """
                SELECT account, region, document FROM resource INDEXED BY resource_due WHERE due_at <= ? AND kind = ? ORDER BY due_at
                """,
            arguments: [now, Record.kind]
        ).map { row in (Scope(account: row[0], region: row[1]), try decodeRecord(row[2])) }
    }

    /// How many records of that kind there are, optionally in one status.
    public func resourceCount<Record: ResourceRecord>(_ type: Record.Type, in scope: Scope, status: String? = nil) throws -> Int {
        var query = ResourceQuery()
        query.status = status
        let (sql, arguments) = selection("document", of: Record.kind, in: scope, matching: query)
        return try Int.fetchOne(self, sql: "SELECT count(*) FROM (\(sql))", arguments: arguments) ?? 0
    }

    func decodeRecord<Record: ResourceRecord>(_ document: String) throws -> Record {
        try JSONDecoder().decode(Record.self, from: Data(document.utf8))
    }

    private func encodeRecord<Record: ResourceRecord>(_ record: Record) throws -> String {
        String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
    }
}

extension Database {
    /// How many records of each kind the world has, by kind; for people.
    public func resourceCounts() throws -> [(kind: String, count: Int)] {
        try Row.fetchAll(self, sql: "SELECT kind, count(*) FROM resource GROUP BY kind ORDER BY kind").map { ($0[0], $0[1]) }
    }
}
