// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// An input that names a group.
struct LogGroupNameInput: Decodable, Sendable {
    var logGroupName: String
}

/// Makes a log group.
enum CreateLogGroup: Operation {
    struct Input: Decodable, Sendable {
        var logGroupName: String
        var kmsKeyId: String?
        var tags: [String: String]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            guard try database.createLogGroup(input.logGroupName, in: call.scope, now: call.now) else {
                throw LogsError.groupExists
            }
            if let key = input.kmsKeyId { try LogsKeys.set(key, on: input.logGroupName, call, database) }
            let tags = (input.tags ?? [:]).sorted { $0.key < $1.key }.map { Tag(Key: $0.key, Value: $0.value) }
            try database.setTags(tags, of: LogsResource.groupARN(input.logGroupName, call))
        }
        return Empty()
    }
}

/// Removes a log group with all that is in it.
enum DeleteLogGroup: Operation {
    typealias Input = LogGroupNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            guard try database.deleteLogGroup(input.logGroupName, in: call.scope) else { throw LogsError.noGroup }
            try database.removeAllTags(of: LogsResource.groupARN(input.logGroupName, call))
            try LogsFilters.deleteAll(of: input.logGroupName, in: call.scope, database)
            try LogsKeys.remove(from: input.logGroupName, call, database)
        }
        return Empty()
    }
}

/// Lists log groups by name.
enum DescribeLogGroups: Operation {
    struct Input: Decodable, Sendable {
        var logGroupNamePrefix: String?
        var logGroupNamePattern: String?
        var nextToken: String?
        var limit: Int?
    }

    struct Group: Encodable, Sendable {
        var logGroupName: String
        var creationTime: Int
        var retentionInDays: Int?
        var metricFilterCount: Int
        var arn: String
        var storedBytes: Int
        var logGroupClass: String
        var logGroupArn: String
        var kmsKeyId: String?
    }

    struct Output: Encodable, Sendable {
        var logGroups: [Group]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        if input.logGroupNamePrefix != nil, input.logGroupNamePattern != nil {
            throw LogsError.invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        }
        let (groups, filters) = try call.world.store.read { database in
            (
                try database.logGroups(
                    prefix: input.logGroupNamePrefix ?? "", containing: input.logGroupNamePattern ?? "", in: call.scope),
                try database.keptRecords(LogsFilters.metricFilter, in: call.scope)
                    + database.keptRecords(LogsKeys.kind, in: call.scope)
            )
        }
        let start = input.nextToken.map { token in groups.firstIndex { $0.name > token } ?? groups.count } ?? 0
        let page = groups[start...].prefix(input.limit ?? 50)
        return Output(
            logGroups: page.map { group in
                let arn = LogsResource.groupARN(group.name, call)
                return Group(
                    logGroupName: group.name, creationTime: Int(group.creationTime * 1000), retentionInDays: group.retentionInDays,
                    metricFilterCount: filters.filter { $0.kind == LogsFilters.metricFilter && $0.name.hasPrefix(group.name + "|") }
                        .count, arn: arn + ":*",
                    storedBytes: group.storedByteCount, logGroupClass: "STANDARD",
                    logGroupArn: arn,
                    kmsKeyId: filters.first { $0.kind == LogsKeys.kind && $0.name == group.name }?.document["kmsKeyId"]?.stringValue
                )
            }, nextToken: page.endIndex < groups.count ? page.last?.name : nil)
    }
}

/// Sets for how many days a group's events are kept.
enum PutRetentionPolicy: Operation {
    struct Input: Decodable, Sendable {
        var logGroupName: String
        var retentionInDays: Int
    }

    private static let allowed = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ]

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        guard allowed.contains(input.retentionInDays) else {
            let list = allowed.map(String.init).joined(separator: ", ")
            throw LogsError.invalid(
                "1 validation error detected: Value '\(input.retentionInDays)' at 'retentionInDays' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [\(list)]")
        }
        try call.world.store.write {
            try $0.setRetention(days: input.retentionInDays, ofLogGroup: try call.logGroup(input.logGroupName, $0).id)
        }
        return Empty()
    }
}

/// Lets a group keep its events for ever.
enum DeleteRetentionPolicy: Operation {
    typealias Input = LogGroupNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { try $0.setRetention(days: nil, ofLogGroup: try call.logGroup(input.logGroupName, $0).id) }
        return Empty()
    }
}
