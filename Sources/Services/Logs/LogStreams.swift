// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// An input that names a stream.
struct LogStreamNameInput: Decodable, Sendable {
    var logGroupName: String
    var logStreamName: String
}

/// Makes a log stream.
enum CreateLogStream: Operation {
    typealias Input = LogStreamNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let group = try call.logGroup(input.logGroupName, database)
            guard try database.createLogStream(input.logStreamName, group: group.id, now: call.now) else {
                throw LogsError.streamExists
            }
        }
        return Empty()
    }
}

/// Removes a log stream with its events.
enum DeleteLogStream: Operation {
    typealias Input = LogStreamNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let group = try call.logGroup(input.logGroupName, database)
            guard try database.deleteLogStream(input.logStreamName, group: group.id) else { throw LogsError.noStream }
        }
        return Empty()
    }
}

/// Lists the streams of a group, by name or by their last event.
enum DescribeLogStreams: Operation {
    struct Input: Decodable, Sendable, LogGroupNaming {
        var logGroupName: String?
        var logGroupIdentifier: String?
        var logStreamNamePrefix: String?
        var orderBy: String?
        var descending: Bool?
        var nextToken: String?
        var limit: Int?
    }

    struct Stream: Encodable, Sendable {
        var logStreamName: String
        var creationTime: Int
        var firstEventTimestamp: Int?
        var lastEventTimestamp: Int?
        var lastIngestionTime: Int?
        var uploadSequenceToken: String?
        var arn: String
        var storedBytes: Int
    }

    struct Output: Encodable, Sendable {
        var logStreams: [Stream]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let group = try input.groupName
        let isByTime = input.orderBy == "LastEventTime"
        if isByTime, input.logStreamNamePrefix != nil {
            throw LogsError.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        var streams = try call.world.store.read {
            try $0.logStreams(prefix: input.logStreamNamePrefix ?? "", group: try call.logGroup(group, $0).id)
        }
        if isByTime { streams.sort { ($0.lastEventTime ?? 0, $0.name) < ($1.lastEventTime ?? 0, $1.name) } }
        if input.descending == true { streams.reverse() }
        var start = 0
        if let token = input.nextToken {
            guard let last = streams.firstIndex(where: { $0.name == token }) else { throw LogsError.badToken }
            start = last + 1
        }
        let page = streams[start...].prefix(input.limit ?? 50)
        return Output(
            logStreams: page.map { stream in
                Stream(
                    logStreamName: stream.name, creationTime: Int(stream.creationTime * 1000),
                    firstEventTimestamp: stream.firstEventTime,
                    lastEventTimestamp: stream.lastEventTime, lastIngestionTime: stream.lastIngestionTime,
                    uploadSequenceToken: stream.lastIngestionTime.map { LogPosition.digits(.init(timestamp: $0, id: stream.id)) },
                    arn: LogsResource.streamARN(stream.name, group: group, call),
                    // The service has not counted streams' bytes since 2019.
                    storedBytes: 0)
            }, nextToken: page.endIndex < streams.count ? page.last?.name : nil)
    }
}
