// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A log group: streams of events under one name.
public struct LogGroup: Sendable, Hashable {
    /// The row's key.
    public var id: Int64
    /// `/aws/sagemaker/TrainingJobs`.
    public var name: String
    /// World time.
    public var creationTime: Double
    /// How many days events are kept; nil for ever.
    public var retentionInDays: Int?
    /// The bytes of all messages, with 26 an event.
    public var storedByteCount: Int
}

/// A log stream: the events of one source in the order in which they happened.
public struct LogStream: Sendable, Hashable {
    /// The row's key.
    public var id: Int64
    /// `job/algo-1-1540000000`.
    public var name: String
    /// World time.
    public var creationTime: Double
    /// Milliseconds since 1970; nil without events.
    public var firstEventTime: Int?
    /// Milliseconds since 1970; nil without events.
    public var lastEventTime: Int?
    /// Milliseconds since 1970; nil without events.
    public var lastIngestionTime: Int?
    /// The bytes of all messages, with 26 an event.
    public var storedByteCount: Int
}

/// A line of a log.
public struct LogEvent: Sendable, Hashable {
    /// The row's key: larger for events that came later.
    public var id: Int64
    /// The stream's key.
    public var stream: Int64
    /// When it happened, in milliseconds since 1970.
    public var timestamp: Int
    /// When it was written, in milliseconds since 1970.
    public var ingestionTime: Int
    /// The line, without its end.
    public var message: String

    /// What is counted for each event besides its message.
    public static let overheadByteCount = 26
}

/// A line that is to be written.
public struct LogLine: Sendable, Hashable {
    /// When it happened, in milliseconds since 1970.
    public var timestamp: Int
    /// The line, without its end.
    public var message: String

    /// A line that happened at `timestamp`, in milliseconds since 1970.
    public init(timestamp: Int, message: String) {
        self.timestamp = timestamp
        self.message = message
    }

    /// A line that happened at world time `time`, in seconds since 1970.
    public init(time: Double, message: String) {
        self.init(timestamp: Int(time * 1000), message: message)
    }
}

/// Names of the groups that SageMaker writes to.
public enum LogGroupName {
    /// Training jobs: streams `<job>/algo-<n>-<epoch seconds>`.
    public static let trainingJobs = "/aws/sagemaker/TrainingJobs"
    /// Transform jobs: streams `<job>/<instance>`.
    public static let transformJobs = "/aws/sagemaker/TransformJobs"
    /// Notebook instances: streams `<name>/jupyter.log`, `<name>/LifecycleConfigOnStart`.
    public static let notebookInstances = "/aws/sagemaker/NotebookInstances"
    /// An endpoint's group: streams `<variant>/<instance>`.
    public static func endpoint(_ name: String) -> String { "/aws/sagemaker/Endpoints/" + name }
}

extension Database {
    /// Makes a log group.
    ///
    /// - Returns: false, having changed nothing, where the name is taken.
    @discardableResult
    public func createLogGroup(_ name: String, in scope: Scope, now: Double) throws -> Bool {
        try execute(
            sql: "INSERT OR IGNORE INTO log_group (account, region, name, created_at) VALUES (?, ?, ?, ?)",
            arguments: [scope.account, scope.region, name, now])
        return changesCount == 1
    }

    /// Removes a log group with all that is in it.
    ///
    /// - Returns: false where there was none.
    public func deleteLogGroup(_ name: String, in scope: Scope) throws -> Bool {
        try execute(
            sql: "DELETE FROM log_group WHERE account = ? AND region = ? AND name = ?",
            arguments: [scope.account, scope.region, name])
        return changesCount == 1
    }

    /// Sets for how many days a group's events are kept; nil for ever.
    public func setRetention(days: Int?, ofLogGroup id: Int64) throws {
        try execute(sql: "UPDATE log_group SET retention_days = ? WHERE id = ?", arguments: [days, id])
    }

    /// The log group of that name; nil where there is none.
    public func logGroup(_ name: String, in scope: Scope) throws -> LogGroup? {
        try Row.fetchOne(
            self, sql: Database.logGroupColumns + " WHERE account = ? AND region = ? AND name = ?",
            arguments: [scope.account, scope.region, name]
        ).map(LogGroup.init)
    }

    /// The log groups whose names begin with `prefix` and contain `text`, by name.
    public func logGroups(prefix: String, containing text: String, in scope: Scope) throws -> [LogGroup] {
        try Row.fetchAll(
            self,
            sql: Database.logGroupColumns + """
                 WHERE account = ? AND region = ? AND substr(name, 1, length(?)) = ? AND (? = '' OR instr(lower(name), lower(?)) > 0)
                ORDER BY name
                """,
            arguments: [scope.account, scope.region, prefix, prefix, text, text]
        ).map(LogGroup.init)
    }

    private static let logGroupColumns = """
        SELECT id, name, created_at, retention_days,
            (SELECT coalesce(sum(stored_bytes), 0) FROM log_stream WHERE log_group = log_group.id) AS stored_bytes
        FROM log_group
        """

    /// Makes a log stream.
    ///
    /// - Returns: false, having changed nothing, where the name is taken.
    @discardableResult
    public func createLogStream(_ name: String, group: Int64, now: Double) throws -> Bool {
        try execute(
            sql: "INSERT OR IGNORE INTO log_stream (log_group, name, created_at) VALUES (?, ?, ?)", arguments: [group, name, now])
        return changesCount == 1
    }

    /// The log stream of that name, made with its group where either is absent: what a service does before it writes.
    public func ensureLogStream(_ name: String, group: String, in scope: Scope, now: Double) throws -> LogStream {
        try createLogGroup(group, in: scope, now: now)
        guard let found = try logGroup(group, in: scope) else { throw WorldError.unknownAccount(scope.account) }
        try createLogStream(name, group: found.id, now: now)
        guard let stream = try logStream(name, group: found.id) else { throw WorldError.unknownAccount(scope.account) }
        return stream
    }

    /// Removes a log stream with its events.
    ///
    /// - Returns: false where there was none.
    public func deleteLogStream(_ name: String, group: Int64) throws -> Bool {
        try execute(sql: "DELETE FROM log_stream WHERE log_group = ? AND name = ?", arguments: [group, name])
        return changesCount == 1
    }

    /// The log stream of that name; nil where there is none.
    public func logStream(_ name: String, group: Int64) throws -> LogStream? {
        try Row.fetchOne(self, sql: "SELECT * FROM log_stream WHERE log_group = ? AND name = ?", arguments: [group, name])
            .map(LogStream.init)
    }

    /// The log streams whose names begin with `prefix`, by name.
    public func logStreams(prefix: String = "", group: Int64) throws -> [LogStream] {
        try Row.fetchAll(
            self, sql: "SELECT * FROM log_stream WHERE log_group = ? AND substr(name, 1, length(?)) = ? ORDER BY name",
            arguments: [group, prefix, prefix]
        ).map(LogStream.init)
    }

    /// Writes lines to a stream, at world time `now`.
    public func appendLogLines(_ lines: [LogLine], to stream: Int64, now: Double) throws {
        guard let first = lines.map(\.timestamp).min(), let last = lines.map(\.timestamp).max() else { return }
        let ingestion = Int(now * 1000)
        let statement = try cachedStatement(
            sql: "INSERT INTO log_event (log_stream, timestamp, ingestion, message) VALUES (?, ?, ?, ?)")
        var byteCount = 0
        for line in lines {
            byteCount += line.message.utf8.count + LogEvent.overheadByteCount
            try statement.execute(arguments: [stream, line.timestamp, ingestion, line.message])
        }
        try execute(
            sql: """
                UPDATE log_stream SET first_event = min(coalesce(first_event, ?), ?), last_event = max(coalesce(last_event, ?), ?),
                    last_ingestion = ?, stored_bytes = stored_bytes + ? WHERE id = ?
                """,
            arguments: [first, first, last, last, ingestion, byteCount, stream])
    }
}

/// Which events of a stream are asked for.
///
/// Events are ordered by time, then by arrival.
public struct LogEventQuery: Sendable, Hashable {
    /// A place between two events.
    public struct Position: Sendable, Hashable, Comparable {
        /// Milliseconds since 1970.
        public var timestamp: Int
        /// The event's key.
        public var id: Int64

        /// The place of an event.
        public init(timestamp: Int, id: Int64) {
            self.timestamp = timestamp
            self.id = id
        }

        /// By time, then by arrival.
        public static func < (left: Self, right: Self) -> Bool { (left.timestamp, left.id) < (right.timestamp, right.id) }
    }

    /// Milliseconds since 1970, included.
    public var startTime: Int?
    /// Milliseconds since 1970, not included.
    public var endTime: Int?
    /// Only events after this one.
    public var after: Position?
    /// Only events before this one.
    public var before: Position?
    /// The last ones rather than the first ones, where there are more than `limit`.
    public var takesLast = false
    /// At most so many.
    public var limit = 10_000

    /// All events, the first 10,000 of them.
    public init() {}
}

extension Database {
    /// The events of some streams that `query` asks for, in order.
    public func logEvents(ofStreams streams: [Int64], matching query: LogEventQuery) throws -> [LogEvent] {
        let places = databaseQuestionMarks(count: streams.count)
        var sql = "SELECT id, log_stream, timestamp, ingestion, message FROM log_event WHERE log_stream IN (\(places))"
        var arguments = StatementArguments(streams)
        if let start = query.startTime {
            sql += " AND timestamp >= ?"
            arguments += [start]
        }
        if let end = query.endTime {
            sql += " AND timestamp < ?"
            arguments += [end]
        }
        if let position = query.after {
            sql += " AND (timestamp, id) > (?, ?)"
            arguments += [position.timestamp, position.id]
        }
        if let position = query.before {
            sql += " AND (timestamp, id) < (?, ?)"
            arguments += [position.timestamp, position.id]
        }
        let order = query.takesLast ? "DESC" : "ASC"
        sql += " ORDER BY timestamp \(order), id \(order) LIMIT ?"
        arguments += [query.limit]
        let events = try Row.fetchAll(self, sql: sql, arguments: arguments).map { row in
            LogEvent(id: row[0], stream: row[1], timestamp: row[2], ingestionTime: row[3], message: row[4])
        }
        return query.takesLast ? events.reversed() : events
    }
}

extension LogGroup {
    fileprivate init(_ row: Row) {
        self.init(
            id: row["id"], name: row["name"], creationTime: row["created_at"], retentionInDays: row["retention_days"],
            storedByteCount: row["stored_bytes"])
    }
}

extension LogStream {
    fileprivate init(_ row: Row) {
        self.init(
            id: row["id"], name: row["name"], creationTime: row["created_at"], firstEventTime: row["first_event"],
            lastEventTime: row["last_event"], lastIngestionTime: row["last_ingestion"], storedByteCount: row["stored_bytes"])
    }
}
