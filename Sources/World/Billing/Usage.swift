// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Something that is paid for by the time that it runs.
public struct RunningUsage: Sendable, Hashable {
    /// What it is.
    public enum Item: String, Sendable, CaseIterable {
        case notebook
        case notebookVolume = "notebook-volume"
        case training
        case transform
        case hosting

        /// Whether it is machines rather than gigabytes of a disk.
        public var isMachines: Bool { self != .notebookVolume }
    }

    /// What it is.
    public var item: Item
    /// Which of several of its resource: a variant, an instance group; empty where there is one.
    public var part = ""
    /// `ml.m4.xlarge`; empty for disks.
    public var detail = ""
    /// The image repository of what runs on it: `linear-learner`; empty where that is not known.
    public var algorithm = ""
    /// How many machines, or gigabytes.
    public var quantity: Double
}

/// A stretch of time in which something ran.
public struct Usage: Sendable, Hashable {
    /// What ran.
    public var running: RunningUsage
    /// The name of what it belonged to.
    public var name: String
    /// The region's code.
    public var region: String
    /// World time.
    public var startTime: Double
    /// World time; nil while it runs.
    public var endTime: Double?
}

extension Database {
    /// Notes what of a resource runs from its last change on, and that the rest has ended.
    func meter<Record: ResourceRecord>(_ record: Record, in scope: Scope) throws {
        try meter(record.runningUsage, of: record.arn, name: record.name, in: scope, at: record.lastModifiedTime)
    }

    func meter(_ running: [RunningUsage], of arn: String, name: String, in scope: Scope, at time: Double) throws {
        let statement = try cachedStatement(
            sql: "SELECT id, item, part, detail, algorithm, quantity FROM usage WHERE resource = ? AND ended_at IS NULL")
        var missing = running
        for row in try Row.fetchAll(statement, arguments: [arn]) {
            if let usage = RunningUsage(row), let index = missing.firstIndex(of: usage) {
                missing.remove(at: index)
            } else {
                // What ended before it began, by a clock that was set, has not run.
                try execute(
                    sql: "UPDATE usage SET ended_at = max(?, started_at) WHERE id = ?", arguments: [time, row["id"] as Int64])
            }
        }
        for usage in missing {
            try execute(
                sql: """
                    INSERT INTO usage (account, region, item, resource, name, part, detail, algorithm, quantity, started_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    scope.account, scope.region, usage.item.rawValue, arn, name, usage.part, usage.detail, usage.algorithm,
                    usage.quantity, time,
                ])
        }
    }

    /// Notes what of an account runs now where that is not known: after its things have been put back from a copy.
    public func resumeUsage(of account: String) throws {
        let now = try clock().now()
        try resumeUsage(of: account, NotebookInstanceRecord.self, at: now)
        try resumeUsage(of: account, EndpointRecord.self, at: now)
        try resumeUsage(of: account, TrainingJobRecord.self, at: now)
    }

    private func resumeUsage<Record: ResourceRecord>(of account: String, _ type: Record.Type, at now: Double) throws {
        let records = try String.fetchAll(
            self, sql: "SELECT document FROM resource WHERE kind = ? AND account = ?", arguments: [Record.kind, account])
        for record in try records.map({ try decodeRecord($0) as Record }) {
            try meter(record.runningUsage, of: record.arn, name: record.name, in: Scope(ofARN: record.arn), at: now)
        }
    }

    /// All that an account has used since world time `start`, in the order in which it began.
    public func usage(of account: String, since start: Double) throws -> [Usage] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT * FROM usage WHERE account = ? AND (ended_at IS NULL OR ended_at > ?) ORDER BY started_at, id
                """,
            arguments: [account, start]
        ).compactMap { row in
            RunningUsage(row).map {
                Usage(running: $0, name: row["name"], region: row["region"], startTime: row["started_at"], endTime: row["ended_at"])
            }
        }
    }
}

extension RunningUsage {
    fileprivate init?(_ row: Row) {
        guard let item = Item(rawValue: row["item"]) else { return nil }
        self.item = item
        part = row["part"]
        detail = row["detail"]
        algorithm = row["algorithm"]
        quantity = row["quantity"]
    }
}
