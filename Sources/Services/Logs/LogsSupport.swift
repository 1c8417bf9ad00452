// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// CloudWatch Logs' errors and their texts.
enum LogsError {
    static let noGroup = ServiceError("ResourceNotFoundException", "The specified log group does not exist.", status: 400)
    static let noStream = ServiceError("ResourceNotFoundException", "The specified log stream does not exist.", status: 400)
    static let groupExists = ServiceError("ResourceAlreadyExistsException", "The specified log group already exists", status: 400)
    static let streamExists = ServiceError("ResourceAlreadyExistsException", "The specified log stream already exists", status: 400)

    static func missing(_ message: String) -> ServiceError { ServiceError("ResourceNotFoundException", message, status: 400) }

    static func invalid(_ message: String) -> ServiceError { ServiceError("InvalidParameterException", message, status: 400) }

    static let badToken = invalid("The specified nextToken is invalid.")
}

/// A group named by `logGroupName`, or by `logGroupIdentifier`, which may be an ARN.
protocol LogGroupNaming {
    var logGroupName: String? { get }
    var logGroupIdentifier: String? { get }
}

extension LogGroupNaming {
    /// - Throws: `ServiceError` where the input names no group or two.
    var groupName: String {
        get throws {
            switch (logGroupName, logGroupIdentifier) {
            case (let name?, nil): return name
            case (nil, let identifier?): return LogsResource.groupName(ofIdentifier: identifier)
            case (nil, nil): throw LogsError.invalid("Either logGroupName or logGroupIdentifier must be given.")
            case (_?, _?): throw LogsError.invalid("logGroupName and logGroupIdentifier can't be given together.")
            }
        }
    }
}

/// Names and ARNs of groups and streams.
enum LogsResource {
    /// `arn:…:log-group:NAME[:*]` to `NAME`; a name to itself.
    static func groupName(ofIdentifier identifier: String) -> String {
        guard let arn = ARN(identifier) else { return identifier }
        let parts = arn.resource.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 1 ? String(parts[1]) : identifier
    }

    static func groupARN(_ name: String, _ call: Call) -> String { call.arn("logs", "log-group:\(name)") }

    static func streamARN(_ stream: String, group: String, _ call: Call) -> String {
        call.arn("logs", "log-group:\(group):log-stream:\(stream)")
    }

    /// The question for an operation on a group, and on a stream of it where the input names one.
    static func authorization(_ operation: String) -> Authorization {
        .custom { input, call in
            let identifier = input["logGroupIdentifier"]?.stringValue
            let group = input["logGroupName"]?.stringValue ?? identifier.map(groupName(ofIdentifier:)) ?? "*"
            let stream = input["logStreamName"]?.stringValue
            let resource = "log-group:\(group):" + (stream.map { "log-stream:\($0)" } ?? "*")
            return [AuthorizationQuestion(action: "logs:\(operation)", resource: call.arn("logs", resource))]
        }
    }
}

extension Call {
    /// - Throws: `ServiceError` where there is no such group.
    func logGroup(_ name: String, _ database: Database) throws -> LogGroup {
        guard let group = try database.logGroup(name, in: scope) else { throw LogsError.noGroup }
        return group
    }

    /// - Throws: `ServiceError` where there is no such group or stream.
    func logStream(_ name: String, group: String, _ database: Database) throws -> LogStream {
        guard let stream = try database.logStream(name, group: try logGroup(group, database).id) else { throw LogsError.noStream }
        return stream
    }
}

extension LogGroup {
    /// Events before it have been let go, in milliseconds since 1970; nil where all are kept.
    func retentionStart(now: Double) -> Int? {
        retentionInDays.map { Int((now - Double($0) * 86_400) * 1000) }
    }
}

/// A place in a log as a token of 56 digits.
enum LogPosition {
    static func digits(_ position: LogEventQuery.Position) -> String {
        pad(String(max(position.timestamp, 0)), 20) + pad(String(max(position.id, 0)), 36)
    }

    static func position(_ digits: Substring) -> LogEventQuery.Position? {
        guard digits.utf8.count == 56, digits.utf8.allSatisfy({ (48...57).contains($0) }), let timestamp = Int(digits.prefix(20)),
            let id = Int64(digits.suffix(36).drop { $0 == "0" }.isEmpty ? "0" : digits.suffix(36).drop { $0 == "0" })
        else { return nil }
        return .init(timestamp: timestamp, id: id)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
