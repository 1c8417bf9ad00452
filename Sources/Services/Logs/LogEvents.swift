// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Writes events.
enum PutLogEvents: Operation {
    struct Event: Decodable, Sendable {
        var timestamp: Int
        var message: String
    }

    struct Input: Decodable, Sendable {
        var logGroupName: String
        var logStreamName: String
        var logEvents: [Event]
    }

    struct Rejected: Encodable, Sendable {
        var tooNewLogEventStartIndex: Int?
        var tooOldLogEventEndIndex: Int?
        var expiredLogEventEndIndex: Int?
    }

    struct Output: Encodable, Sendable {
        var nextSequenceToken: String
        var rejectedLogEventsInfo: Rejected?
    }

    private static let maximumByteCount = 1_048_576
    /// Events may be so far in the future and in the past, in milliseconds.
    private static let future = 2 * 3_600_000
    private static let past = 14 * 86_400_000

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let events = input.logEvents
        guard zip(events, events.dropFirst()).allSatisfy({ $0.timestamp <= $1.timestamp }) else {
            throw LogsError.invalid("Log events in a single PutLogEvents request must be in chronological order.")
        }
        let byteCount = events.reduce(0) { $0 + $1.message.utf8.count + LogEvent.overheadByteCount }
        guard byteCount <= maximumByteCount else {
            throw LogsError.invalid("Upload too large: \(byteCount) bytes exceeds limit of \(maximumByteCount)")
        }
        let now = Int(call.now * 1000)
        return try call.world.store.write { database in
            let group = try call.logGroup(input.logGroupName, database)
            guard let stream = try database.logStream(input.logStreamName, group: group.id) else { throw LogsError.noStream }
            var rejected = Rejected()
            rejected.tooNewLogEventStartIndex = events.firstIndex { $0.timestamp > now + future }
            rejected.tooOldLogEventEndIndex = events.lastIndex { $0.timestamp < now - past }.map { $0 + 1 }
            let retentionStart = group.retentionStart(now: call.now) ?? .min
            rejected.expiredLogEventEndIndex = events.lastIndex { $0.timestamp < retentionStart }.map { $0 + 1 }
            let first = max(rejected.tooOldLogEventEndIndex ?? 0, rejected.expiredLogEventEndIndex ?? 0)
            let end = rejected.tooNewLogEventStartIndex ?? events.count
            let lines = first < end ? events[first..<end].map { LogLine(timestamp: $0.timestamp, message: $0.message) } : []
            try database.appendLogLines(lines, to: stream.id, now: call.now)
            try LogsFilters.apply(to: lines, of: group.name, in: call.scope, database)
            return Output(
                nextSequenceToken: LogPosition.digits(.init(timestamp: now, id: stream.id)),
                rejectedLogEventsInfo: lines.count == events.count ? nil : rejected)
        }
    }
}

/// Reads a stream, forward or backward from a token.
enum GetLogEvents: Operation {
    struct Input: Decodable, Sendable, LogGroupNaming {
        var logGroupName: String?
        var logGroupIdentifier: String?
        var logStreamName: String
        var startTime: Int?
        var endTime: Int?
        var nextToken: String?
        var limit: Int?
        var startFromHead: Bool?
    }

    struct Event: Encodable, Sendable {
        var timestamp: Int
        var message: String
        var ingestionTime: Int
    }

    struct Output: Encodable, Sendable {
        var events: [Event]
        var nextForwardToken: String
        var nextBackwardToken: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let groupName = try input.groupName
        var query = LogEventQuery()
        query.startTime = input.startTime
        query.endTime = input.endTime
        query.limit = input.limit ?? 10_000
        query.takesLast = input.startFromHead != true
        var here = LogEventQuery.Position(timestamp: 0, id: 0)
        if let token = input.nextToken {
            let parts = token.split(separator: "/")
            guard parts.count == 3, parts[2] == "s", let position = LogPosition.position(parts[1]) else { throw LogsError.badToken }
            here = position
            switch parts[0] {
            case "f":
                query.after = position
                query.takesLast = false
            case "b":
                query.before = position
                query.takesLast = true
            default: throw LogsError.badToken
            }
        }
        let wanted = query
        let events = try call.world.store.read { database -> [LogEvent] in
            let group = try call.logGroup(groupName, database)
            guard let stream = try database.logStream(input.logStreamName, group: group.id) else { throw LogsError.noStream }
            var query = wanted
            if let start = group.retentionStart(now: call.now) { query.startTime = max(start, query.startTime ?? start) }
            return try database.logEvents(ofStreams: [stream.id], matching: query)
        }
        return Output(
            events: events.map { Event(timestamp: $0.timestamp, message: $0.message, ingestionTime: $0.ingestionTime) },
            nextForwardToken: "f/\(LogPosition.digits(events.last?.position ?? here))/s",
            nextBackwardToken: "b/\(LogPosition.digits(events.first?.position ?? here))/s")
    }
}

extension LogEvent {
    var position: LogEventQuery.Position { .init(timestamp: timestamp, id: id) }
}

/// Finds events in the streams of a group.
enum FilterLogEvents: Operation {
    struct Input: Decodable, Sendable, LogGroupNaming {
        var logGroupName: String?
        var logGroupIdentifier: String?
        var logStreamNames: [String]?
        var logStreamNamePrefix: String?
        var startTime: Int?
        var endTime: Int?
        var filterPattern: String?
        var nextToken: String?
        var limit: Int?
    }

    struct Event: Encodable, Sendable {
        var logStreamName: String
        var timestamp: Int
        var message: String
        var ingestionTime: Int
        var eventId: String
    }

    struct SearchedStream: Encodable, Sendable {
        var logStreamName: String
        var searchedCompletely: Bool
    }

    struct Output: Encodable, Sendable {
        var events: [Event]
        /// Always empty, as in the service today.
        var searchedLogStreams: [SearchedStream]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let groupName = try input.groupName
        if input.logStreamNames != nil, input.logStreamNamePrefix != nil {
            throw LogsError.invalid("logStreamNames and logStreamNamePrefix can't be given together.")
        }
        let pattern: LogFilterPattern
        do {
            pattern = try LogFilterPattern(input.filterPattern ?? "")
        } catch let error as LogFilterPattern.SyntaxError {
            throw LogsError.invalid("Invalid filter pattern: \(error.problem) (character \(error.offset)).")
        }
        var query = LogEventQuery()
        query.startTime = input.startTime
        // Here, unlike in GetLogEvents, the end is included.
        query.endTime = input.endTime.map { $0 + 1 }
        if let token = input.nextToken {
            guard let position = LogPosition.position(Substring(token)) else { throw LogsError.badToken }
            query.after = position
        }
        let wanted = query
        let limit = input.limit ?? 10_000
        return try call.world.store.read { database in
            let group = try call.logGroup(groupName, database)
            var query = wanted
            if let start = group.retentionStart(now: call.now) { query.startTime = max(start, query.startTime ?? start) }
            let streams = try streams(input, group, database)
            return try search(streams, query, pattern, limit: limit, database)
        }
    }

    private static func streams(_ input: Input, _ group: LogGroup, _ database: Database) throws -> [LogStream] {
        guard let names = input.logStreamNames else {
            return try database.logStreams(prefix: input.logStreamNamePrefix ?? "", group: group.id)
        }
        return try names.map { name in
            guard let stream = try database.logStream(name, group: group.id) else { throw LogsError.noStream }
            return stream
        }
    }

    private static func search(
        _ streams: [LogStream], _ query: LogEventQuery, _ pattern: LogFilterPattern, limit: Int, _ database: Database
    ) throws -> Output {
        let names = Dictionary(streams.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        var query = query
        var found: [LogEvent] = []
        while true {
            let events = try database.logEvents(ofStreams: Array(names.keys), matching: query)
            for event in events where pattern.matches(event.message) {
                if found.count == limit {
                    return output(found, names, nextToken: found.last.map { LogPosition.digits($0.position) })
                }
                found.append(event)
            }
            guard events.count == query.limit, let last = events.last else { return output(found, names, nextToken: nil) }
            query.after = last.position
        }
    }

    private static func output(_ found: [LogEvent], _ names: [Int64: String], nextToken: String?) -> Output {
        Output(
            events: found.map { event in
                Event(
                    logStreamName: names[event.stream] ?? "", timestamp: event.timestamp, message: event.message,
                    ingestionTime: event.ingestionTime, eventId: LogPosition.digits(event.position))
            }, searchedLogStreams: [], nextToken: nextToken)
    }
}
