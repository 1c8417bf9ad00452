// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire

/// A resource that is kept and shown but that nothing runs for: an experiment, a dashboard, a scaling policy.
///
/// What was said about it is a value, stored as JSON beside the columns that lists filter and sort by. Which kinds there are is for the
/// services' tables to say.
public struct KeptRecord: Sendable, Hashable {
    /// `service:resource-type`, for instance `sagemaker:experiment`.
    public var kind: String
    /// The name, unique among its kind in its account and region.
    public var name: String
    /// The ARN, unique among its kind.
    public var arn: String
    /// The status, as the service names it; empty where it has none.
    public var status: String
    /// World time.
    public var creationTime: Double
    /// World time.
    public var lastModifiedTime: Double
    /// World time at which the present state ends by itself; nil where nothing is due.
    public var dueTime: Double?
    /// What was said about it: the members of the request that made it, and what the service added.
    public var document: Value

    /// Makes one from its parts; the time is world time.
    public init(kind: String, name: String, arn: String, status: String = "", now: Double, dueTime: Double? = nil, document: Value)
    {
        self.kind = kind
        self.name = name
        self.arn = arn
        self.status = status
        creationTime = now
        lastModifiedTime = now
        self.dueTime = dueTime
        self.document = document
    }

    fileprivate init(_ row: Row) throws {
        kind = row["kind"]
        name = row["name"]
        arn = row["arn"]
        status = row["status"]
        creationTime = row["created_at"]
        lastModifiedTime = row["modified_at"]
        dueTime = row["due_at"]
        document = try JSON.parse(Array((row["document"] as String).utf8))
    }
}

extension Database {
    /// The record of that kind and name; nil where there is none.
    public func keptRecord(_ kind: String, named name: String, in scope: Scope) throws -> KeptRecord? {
        try Row.fetchOne(
            self, sql: "SELECT * FROM resource WHERE kind = ? AND account = ? AND region = ? AND name = ?",
            arguments: [kind, scope.account, scope.region, name]
        ).map(KeptRecord.init)
    }

    /// The record of that kind with that ARN; nil where there is none.
    public func keptRecord(_ kind: String, arn: String) throws -> KeptRecord? {
        try Row.fetchOne(self, sql: "SELECT * FROM resource WHERE kind = ? AND arn = ?", arguments: [kind, arn]).map(
            KeptRecord.init)
    }

    /// Adds a record.
    ///
    /// - Returns: false, having changed nothing, where the name is taken.
    public func insertKept(_ record: KeptRecord, in scope: Scope) throws -> Bool {
        try execute(
            sql: """
                INSERT OR IGNORE INTO resource (kind, account, region, name, arn, status, created_at, modified_at, due_at, document)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                record.kind, scope.account, scope.region, record.name, record.arn, record.status, record.creationTime,
                record.lastModifiedTime, record.dueTime, JSON.serialize(record.document),
            ])
        return changesCount == 1
    }

    /// Writes a changed record back.
    ///
    /// - Returns: false where the record is gone.
    @discardableResult
    public func updateKept(_ record: KeptRecord, in scope: Scope) throws -> Bool {
        try execute(
            sql: """
                UPDATE resource SET status = ?, created_at = ?, modified_at = ?, due_at = ?, document = ?
                WHERE kind = ? AND account = ? AND region = ? AND name = ?
                """,
            arguments: [
                record.status, record.creationTime, record.lastModifiedTime, record.dueTime, JSON.serialize(record.document),
                record.kind, scope.account, scope.region, record.name,
            ])
        guard changesCount == 1 else { return false }
        if record.kind == KeptRecord.meteredKind {
            try meter(record.runningUsage, of: record.arn, name: record.name, in: scope, at: record.lastModifiedTime)
        }
        return true
    }

    /// Adds a record, or writes it over the one of its name, whose creation time stays.
    public func putKept(_ record: KeptRecord, in scope: Scope) throws {
        if try insertKept(record, in: scope) { return }
        var record = record
        record.creationTime = try keptRecord(record.kind, named: record.name, in: scope)?.creationTime ?? record.creationTime
        try updateKept(record, in: scope)
    }

    /// Removes a record and its tags.
    ///
    /// - Returns: false where there was none.
    @discardableResult
    public func deleteKept(_ record: KeptRecord, in scope: Scope) throws -> Bool {
        try execute(sql: "DELETE FROM tag WHERE arn = ?", arguments: [record.arn])
        try execute(
            sql: "DELETE FROM resource WHERE kind = ? AND account = ? AND region = ? AND name = ?",
            arguments: [record.kind, scope.account, scope.region, record.name])
        return changesCount == 1
    }

    /// The records of a kind that `query` asks for, in its order.
    public func keptRecords(_ kind: String, in scope: Scope, matching query: ResourceQuery = ResourceQuery()) throws -> [KeptRecord]
    {
        var (sql, arguments) = selection("*", of: kind, in: scope, matching: query)
        let direction = query.isAscending ? "ASC" : "DESC"
        sql += " ORDER BY \(query.sortKey.rawValue) \(direction), name \(direction) LIMIT ? OFFSET ?"
        arguments += [query.limit ?? -1, query.offset]
        return try Row.fetchAll(self, sql: sql, arguments: arguments).map(KeptRecord.init)
    }

    /// The records of the given kinds whose present state has ended, with where they belong.
    public func dueKept(kinds: [String], at now: Double) throws -> [(Scope, KeptRecord)] {
        let places = databaseQuestionMarks(count: kinds.count)
        let sql = "SELECT * FROM resource INDEXED BY resource_due WHERE due_at <= ? AND kind IN (\(places)) ORDER BY due_at"
        return try Row.fetchAll(self, sql: sql, arguments: [now] + StatementArguments(kinds)).map {
            (Scope(account: $0["account"], region: $0["region"]), try KeptRecord($0))
        }
    }
}
