// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Logs Insights: a query is answered when it is started, and its results are kept.
enum LogsQueries {
    private static let kind = "logs:query"

    static let rows: [OperationRow] = [
        OperationRow("logs", "StartQuery", LogsResource.authorization("StartQuery"), value: { try start($0, $1) }),
        row("GetQueryResults") { try query($0, $1).document },
        row("StopQuery") { input, call in
            _ = try query(input, call)
            throw LogsError.invalid("Query with QueryId \(input["queryId"]?.stringValue ?? "") is already complete.")
        },
        row("DescribeQueries") { input, call in
            let group = input["logGroupName"]?.stringValue
            let status = input["status"]?.stringValue
            let chosen = try call.allKept(kind).sorted { $0.creationTime > $1.creationTime }.map(\.document).filter { query in
                (group.map { $0 == query["logGroupName"]?.stringValue } ?? true)
                    && (status.map { $0 == query["status"]?.stringValue } ?? true)
            }
            return try LogsPage.output(chosen, input, member: "queries")
        },
    ]

    private static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value) -> OperationRow {
        OperationRow("logs", name, .template("*"), value: { try handle($0, $1) })
    }

    private static func query(_ input: Value, _ call: Call) throws -> KeptRecord {
        guard let found = try call.kept(kind, named: input["queryId"]?.stringValue ?? "") else {
            throw LogsError.missing("The specified query does not exist.")
        }
        return found
    }

    private static func start(_ input: Value, _ call: Call) throws -> Value {
        var names = (input["logGroupNames"]?.listValue ?? input["logGroupIdentifiers"]?.listValue ?? []).compactMap(\.stringValue)
        if let name = input["logGroupName"]?.stringValue { names.append(name) }
        names = names.map(LogsResource.groupName(ofIdentifier:))
        guard !names.isEmpty else { throw LogsError.invalid("At least one log group must be given.") }
        let text = input["queryString"]?.stringValue ?? ""
        let insights = try LogsInsightsQuery(text, defaultLimit: input["limit"]?.integerValue ?? 10_000)
        var wanted = LogEventQuery()
        // Times may be given in seconds or in milliseconds; the end is included.
        let scale = { (value: Value?) -> Int? in value?.integerValue.map { $0 < 100_000_000_000 ? $0 * 1000 : $0 } }
        wanted.startTime = scale(input["startTime"])
        wanted.endTime = scale(input["endTime"]).map { $0 + 1 }
        let range = wanted
        let groups = names
        var (events, byteCount) = try call.world.store.read { try read(groups, range, call, $0) }
        let scanned = events.count
        events.sort { ($0.timestamp, $0.id) > ($1.timestamp, $1.id) }
        let answer = insights.results(events)
        let id = UUID().uuidString.lowercased()
        var document: Value = [
            "queryId": .string(id), "queryString": .string(text), "status": "Complete", "createTime": .integer(Int(call.now)),
            "logGroupName": .string(names[0]), "queryLanguage": "CWLI", "results": .list(answer.rows),
        ]
        document["statistics"] = [
            "recordsMatched": .double(Double(answer.matched)), "recordsScanned": .double(Double(scanned)),
            "bytesScanned": .double(Double(byteCount)),
        ]
        byteCount = 0
        try call.putKept(
            KeptRecord(kind: kind, name: id, arn: call.arn("logs", "query:\(id)"), now: call.now, document: document))
        return ["queryId": .string(id)]
    }

    private static func read(
        _ groups: [String], _ range: LogEventQuery, _ call: Call, _ database: Database
    ) throws -> ([LogsInsightsQuery.Event], Int) {
        var events: [LogsInsightsQuery.Event] = []
        var byteCount = 0
        for name in groups {
            let group = try call.logGroup(name, database)
            let streams = try database.logStreams(group: group.id)
            let names = Dictionary(streams.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
            var query = range
            while true {
                let page = try database.logEvents(ofStreams: Array(names.keys), matching: query)
                for event in page {
                    byteCount += event.message.utf8.count
                    events.append(
                        .init(
                            id: event.id, timestamp: event.timestamp, ingestionTime: event.ingestionTime, message: event.message,
                            stream: names[event.stream] ?? "", log: "\(call.account):\(name)"))
                }
                guard page.count == query.limit, let last = page.last else { break }
                query.after = last.position
            }
        }
        return (events, byteCount)
    }
}
