// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Exports of groups to S3: done at once, as the caller.
enum LogsExports {
    private static let kind = "logs:export-task"

    static let rows: [OperationRow] = [
        OperationRow(
            "logs", "CreateExportTask", LogsResource.authorization("CreateExportTask"), value: { try await create($0, $1) }),
        OperationRow(
            "logs", "CancelExportTask", .template("*"),
            value: { input, call in
                _ = try task(input, call)
                throw ServiceError("InvalidOperationException", "The specified export task has already finished", status: 400)
            }),
        OperationRow(
            "logs", "DescribeExportTasks", .template("*"),
            value: { input, call in
                let status = input["statusCode"]?.stringValue
                let tasks = try input["taskId"] == nil ? call.allKept(kind) : [try task(input, call)]
                let chosen = tasks.map(\.document).filter { task in
                    status.map { $0 == task["status"]?["code"]?.stringValue } ?? true
                }
                return try LogsPage.output(chosen, input, member: "exportTasks")
            }),
    ]

    private static func task(_ input: Value, _ call: Call) throws -> KeptRecord {
        guard let found = try call.kept(kind, named: input["taskId"]?.stringValue ?? "") else {
            throw LogsError.missing("The specified export task does not exist.")
        }
        return found
    }

    private static func create(_ input: Value, _ call: Call) async throws -> Value {
        let groupName = input["logGroupName"]?.stringValue ?? ""
        let bucket = input["destination"]?.stringValue ?? ""
        let prefix = input["destinationPrefix"]?.stringValue ?? "exportedlogs"
        let group = try call.world.store.read { try call.logGroup(groupName, $0) }
        let from = input["from"]?.integerValue ?? 0
        let to = input["to"]?.integerValue ?? 0
        guard from <= to else { throw LogsError.invalid("The from time must not be after the to time.") }
        try await put(Array("Permission Check Successful".utf8), bucket, "\(prefix)/aws-logs-write-test", call)
        let id = UUID().uuidString.lowercased()
        let streams = try call.world.store.read {
            try $0.logStreams(prefix: input["logStreamNamePrefix"]?.stringValue ?? "", group: group.id)
        }
        for stream in streams {
            let lines = try lines(of: stream, from: from, to: to, call)
            guard !lines.isEmpty else { continue }
            let key = "\(prefix)/\(id)/\(stream.name.replacing("/", with: "-"))/000000.gz"
            try await put(try Archive.pack([ArchiveEntry(path: "000000", bytes: Array(lines.utf8))], as: .gzip), bucket, key, call)
        }
        var document = input
        document["taskId"] = .string(id)
        document["destinationPrefix"] = .string(prefix)
        document["status"] = ["code": "COMPLETED", "message": "Completed successfully"]
        let time = Value.integer(Int(call.now * 1000))
        document["executionInfo"] = ["creationTime": time, "completionTime": time]
        try call.putKept(
            KeptRecord(kind: kind, name: id, arn: call.arn("logs", "export-task:\(id)"), now: call.now, document: document))
        return ["taskId": .string(id)]
    }

    /// Events as exports have them: the time, a blank, the message.
    private static func lines(of stream: LogStream, from: Int, to: Int, _ call: Call) throws -> String {
        var query = LogEventQuery()
        query.startTime = from
        query.endTime = to
        var text = ""
        while true {
            let wanted = query
            let events = try call.world.store.read { try $0.logEvents(ofStreams: [stream.id], matching: wanted) }
            for event in events { text += "\(Timestamp.iso8601(Double(event.timestamp) / 1000)) \(event.message)\n" }
            guard events.count == query.limit, let last = events.last else { return text }
            query.after = last.position
        }
    }

    private static func put(_ bytes: [UInt8], _ bucket: String, _ key: String, _ call: Call) async throws {
        do {
            _ = try await call.dispatcher.send(
                ServiceRequest(
                    service: "s3", operation: "PutObject", input: ["Bucket": .string(bucket), "Key": .string(key)],
                    body: Body(bytes: bytes), credentials: nil, region: call.region), as: call.principal)
        } catch let error as ServiceError {
            throw LogsError.invalid(
                error.code == "NoSuchBucket"
                    ? "The given bucket does not exist. Please make sure the bucket is valid."
                    : "PutObject call on the given bucket failed. Please check if CloudWatch Logs has been granted permission to perform "
                        + "this operation.")
        }
    }
}
