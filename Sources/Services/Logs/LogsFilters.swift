// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Metric filters, which turn events into metrics as they come, and subscription filters, which are kept.
enum LogsFilters {
    static let metricFilter = "logs:metric-filter"
    static let subscriptionFilter = "logs:subscription-filter"
    /// How many subscription filters a group may have.
    private static let maximumSubscriptions = 2

    static let rows: [OperationRow] = [
        row("PutMetricFilter") { input, call in
            try put(metricFilter, input, limit: 100, call)
        },
        row("DeleteMetricFilter") { try delete(metricFilter, "The specified metric filter does not exist.", $0, $1) },
        row("DescribeMetricFilters") { input, call in
            guard (input["metricName"] == nil) == (input["metricNamespace"] == nil) else {
                throw LogsError.invalid("metricName and metricNamespace must be given together.")
            }
            return try describe(metricFilter, "metricFilters", input, call) { filter in
                guard let name = input["metricName"] else { return true }
                return filter["metricTransformations"]?.listValue?.contains {
                    $0["metricName"] == name && $0["metricNamespace"] == input["metricNamespace"]
                } ?? false
            }
        },
        row("TestMetricFilter") { input, _ in
            let pattern = try pattern(input["filterPattern"]?.stringValue ?? "")
            let messages = input["logEventMessages"]?.listValue?.compactMap(\.stringValue) ?? []
            let matches = messages.enumerated().filter { pattern.matches($0.element) }
            return [
                "matches": .list(
                    matches.map {
                        ["eventNumber": .integer($0.offset + 1), "eventMessage": .string($0.element), "extractedValues": [:]]
                    })
            ]
        },
        row("PutSubscriptionFilter") { input, call in
            try put(subscriptionFilter, input, limit: maximumSubscriptions, call)
        },
        row("DeleteSubscriptionFilter") {
            try delete(subscriptionFilter, "The specified subscription filter does not exist.", $0, $1)
        },
        row("DescribeSubscriptionFilters") { input, call in
            try describe(subscriptionFilter, "subscriptionFilters", input, call) { _ in true }
        },
    ]

    private static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value) -> OperationRow {
        OperationRow(
            "logs", name, LogsResource.authorization(name), depth: name.contains("Subscription") ? .kept : .real,
            value: { try handle($0, $1) })
    }

    static func pattern(_ text: String) throws -> LogFilterPattern {
        do {
            return try LogFilterPattern(text)
        } catch let error as LogFilterPattern.SyntaxError {
            throw LogsError.invalid("Invalid filter pattern: \(error.problem) (character \(error.offset)).")
        }
    }

    /// Filters of a group are named `<group>|<filter>`: neither may hold a bar.
    private static func name(_ input: Value) -> String {
        "\(input["logGroupName"]?.stringValue ?? "")|\(input["filterName"]?.stringValue ?? "")"
    }

    private static func put(_ kind: String, _ input: Value, limit: Int, _ call: Call) throws -> Value {
        _ = try pattern(input["filterPattern"]?.stringValue ?? "")
        let group = input["logGroupName"]?.stringValue ?? ""
        try call.world.store.write { database in
            _ = try call.logGroup(group, database)
            let present = try database.keptRecords(kind, in: call.scope).filter { $0.name.hasPrefix(group + "|") }
            let name = name(input)
            let earlier = present.first { $0.name == name }
            guard earlier != nil || present.count < limit else {
                throw ServiceError("LimitExceededException", "Resource limit exceeded.", status: 400)
            }
            var document = input
            if kind == subscriptionFilter { document["distribution"] = input["distribution"] ?? "ByLogStream" }
            document["creationTime"] = earlier?.document["creationTime"] ?? .integer(Int(call.now * 1000))
            try database.putKept(
                KeptRecord(
                    kind: kind, name: name, arn: "\(LogsResource.groupARN(group, call))|\(name.dropFirst(group.count + 1))",
                    now: call.now, document: document), in: call.scope)
        }
        return .emptyObject
    }

    private static func delete(_ kind: String, _ missing: String, _ input: Value, _ call: Call) throws -> Value {
        let group = input["logGroupName"]?.stringValue ?? ""
        _ = try call.world.store.read { try call.logGroup(group, $0) }
        guard let record = try call.kept(kind, named: name(input)) else { throw LogsError.missing(missing) }
        try call.deleteKept(record)
        return .emptyObject
    }

    private static func describe(
        _ kind: String, _ member: String, _ input: Value, _ call: Call, where isWanted: (Value) -> Bool
    ) throws -> Value {
        let group = input["logGroupName"]?.stringValue
        if let group { _ = try call.world.store.read { try call.logGroup(group, $0) } }
        let prefix = input["filterNamePrefix"]?.stringValue ?? ""
        let filters = try call.allKept(kind).map(\.document).filter { filter in
            (group.map { $0 == filter["logGroupName"]?.stringValue } ?? true)
                && (filter["filterName"]?.stringValue ?? "").hasPrefix(prefix) && isWanted(filter)
        }
        return try LogsPage.output(filters, input, member: member)
    }

    /// Forgets the filters of a group.
    static func deleteAll(of group: String, in scope: Scope, _ database: Database) throws {
        for kind in [metricFilter, subscriptionFilter] {
            for record in try database.keptRecords(kind, in: scope) where record.name.hasPrefix(group + "|") {
                try database.deleteKept(record, in: scope)
            }
        }
    }

    /// Writes what a group's metric filters make of new events.
    static func apply(to lines: [LogLine], of group: String, in scope: Scope, _ database: Database) throws {
        var data: [MetricDatum] = []
        for record in try database.keptRecords(metricFilter, in: scope) where record.name.hasPrefix(group + "|") {
            guard let pattern = try? LogFilterPattern(record.document["filterPattern"]?.stringValue ?? "") else { continue }
            for transformation in record.document["metricTransformations"]?.listValue ?? [] {
                let metric = MetricIdentity(
                    namespace: transformation["metricNamespace"]?.stringValue ?? "",
                    name: transformation["metricName"]?.stringValue ?? "")
                for line in lines {
                    let value =
                        pattern.matches(line.message)
                        ? number(transformation["metricValue"]?.stringValue ?? "", in: line.message)
                        : transformation["defaultValue"]?.doubleValue
                    guard let value else { continue }
                    data.append(
                        MetricDatum(
                            metric, timestamp: Double(line.timestamp) / 1000, unit: transformation["unit"]?.stringValue ?? "None",
                            value: value))
                }
            }
        }
        if !data.isEmpty { try database.putMetricData(data, in: scope) }
    }

    /// A number as written, or what stands at `$.path` of a message in JSON.
    private static func number(_ text: String, in message: String) -> Double? {
        guard text.hasPrefix("$.") else { return Double(text) }
        var value = try? JSON.parse(Array(message.utf8))
        for part in text.dropFirst(2).split(separator: ".") { value = value?[String(part)] }
        return value?.doubleValue ?? value?.stringValue.flatMap(Double.init)
    }
}

/// Pages of the lists of Logs.
enum LogsPage {
    static func output(_ elements: [Value], _ input: Value, member: String) throws -> Value {
        let page = try ListPage(
            of: elements, token: input["nextToken"]?.stringValue,
            limit: input["limit"]?.integerValue ?? input["maxResults"]?.integerValue ?? 50, list: member,
            invalid: LogsError.badToken)
        var output: Value = .emptyObject
        output[member] = .list(page.elements)
        output["nextToken"] = page.nextToken.map(Value.string)
        return output
    }
}
