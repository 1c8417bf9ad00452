// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Alarms: kept, and really evaluated on the world's clock by whoever looks.
enum Alarms {
    static let metricKind = "cloudwatch:metric-alarm"
    static let compositeKind = "cloudwatch:composite-alarm"

    static let rows: [OperationRow] = [
        row("PutMetricAlarm", "alarm:{AlarmName}") { try putMetric($0, $1) },
        row("PutCompositeAlarm", "alarm:{AlarmName}") { try putComposite($0, $1) },
        row("DescribeAlarms") { try describe($0, $1) },
        row("DescribeAlarmsForMetric") { try describeForMetric($0, $1) },
        row("DeleteAlarms") { try delete($0, $1) },
        row("SetAlarmState", "alarm:{AlarmName}") { try setState($0, $1) },
        row("EnableAlarmActions") { try setActions($0, enabled: true, $1) },
        row("DisableAlarmActions") { try setActions($0, enabled: false, $1) },
        row("DescribeAlarmHistory") { try AlarmHistory.describe($0, $1) },
    ]

    private static func row(
        _ name: String, _ template: String = "*", _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("cloudwatch", name, .template(template), value: { try handle($0, $1) })
    }

    // MARK: Setting

    private static func putMetric(_ input: Value, _ call: Call) throws -> Value {
        if let statistic = input["ExtendedStatistic"]?.stringValue, MetricStatistic(statistic)?.needsValues != true {
            throw CloudWatchError.invalidValue("The value \(statistic) for parameter ExtendedStatistic is not supported.")
        }
        if let option = input["EvaluateLowSampleCountPercentile"]?.stringValue, !["evaluate", "ignore"].contains(option) {
            throw CloudWatchError.validation(
                "Option \(option) is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and "
                    + "ignore.")
        }
        let isSingle = input["MetricName"] != nil
        guard isSingle != (input["Metrics"] != nil) else {
            throw CloudWatchError.validation("Exactly one of MetricName and Metrics must be given.")
        }
        if isSingle {
            guard (input["Statistic"] == nil) != (input["ExtendedStatistic"] == nil) else {
                throw CloudWatchError.validation("Exactly one of Statistic and ExtendedStatistic must be given.")
            }
            guard input["Period"] != nil, input["Namespace"] != nil else {
                throw CloudWatchError.validation("An alarm on a metric must have a Namespace and a Period.")
            }
        }
        guard input["Threshold"] != nil || input["ThresholdMetricId"] != nil else {
            throw CloudWatchError.validation("An alarm must have a Threshold or a ThresholdMetricId.")
        }
        if let points = input["DatapointsToAlarm"]?.integerValue, points > input["EvaluationPeriods"]?.integerValue ?? 1 {
            throw CloudWatchError.validation("DatapointsToAlarm must not be greater than EvaluationPeriods.")
        }
        var document = input
        if isSingle { document["Dimensions"] = input["Dimensions"] ?? [] }
        return try put(metricKind, document, call)
    }

    private static func putComposite(_ input: Value, _ call: Call) throws -> Value {
        _ = try AlarmRule(input["AlarmRule"]?.stringValue ?? "")
        return try put(compositeKind, input, call)
    }

    static func put(_ kind: String, _ input: Value, _ call: Call) throws -> Value {
        let name = input["AlarmName"]?.stringValue ?? ""
        let arn = call.arn("cloudwatch", "alarm:\(name)")
        var document = input
        document["Tags"] = nil
        document["AlarmArn"] = .string(arn)
        document["ActionsEnabled"] = input["ActionsEnabled"] ?? true
        for member in ["OKActions", "AlarmActions", "InsufficientDataActions"] { document[member] = input[member] ?? [] }
        document["AlarmConfigurationUpdatedTimestamp"] = .timestamp(call.now)
        let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
        let wanted = document
        try call.world.store.write { database in
            var document = wanted
            let earlier = try database.keptRecord(kind, named: name, in: call.scope)
            // A changed alarm keeps its state until it is evaluated.
            for member in AlarmState.members { document[member] = earlier?.document[member] }
            if earlier == nil {
                AlarmState.set(
                    "INSUFFICIENT_DATA", reason: "Unchecked: Initial alarm creation", data: nil, at: call.now, in: &document)
            }
            let record = KeptRecord(
                kind: kind, name: name, arn: arn, status: document["StateValue"]?.stringValue ?? "", now: call.now,
                document: document)
            try database.putKept(record, in: call.scope)
            if earlier == nil { try database.setTags(tags, of: arn) }
            try AlarmHistory.add(
                name, type: "ConfigurationUpdate", summary: "Alarm \"\(name)\" \(earlier == nil ? "created" : "updated")",
                data: document, call, database)
        }
        return .emptyObject
    }

    // MARK: Showing

    private static func describe(_ input: Value, _ call: Call) throws -> Value {
        let types = input["AlarmTypes"]?.listValue?.compactMap(\.stringValue) ?? ["MetricAlarm"]
        let names = input["AlarmNames"]?.listValue?.compactMap(\.stringValue)
        let prefix = input["AlarmNamePrefix"]?.stringValue ?? ""
        let state = input["StateValue"]?.stringValue
        let action = input["ActionPrefix"]?.stringValue
        let isWanted = { (record: KeptRecord) -> Bool in
            guard names?.contains(record.name) ?? true, record.name.hasPrefix(prefix), state.map({ $0 == record.status }) ?? true
            else { return false }
            guard let action else { return true }
            return ["OKActions", "AlarmActions", "InsufficientDataActions"].contains { member in
                record.document[member]?.listValue?.contains { $0.stringValue?.hasPrefix(action) ?? false } ?? false
            }
        }
        var found = types.contains("MetricAlarm") || names != nil ? try call.allKept(metricKind) : []
        if types.contains("CompositeAlarm") || names != nil { found += try call.allKept(compositeKind) }
        let page = try ListPage(
            of: found.filter(isWanted), token: input["NextToken"]?.stringValue, limit: input["MaxRecords"]?.integerValue ?? 50,
            list: "alarms", invalid: ServiceError("InvalidNextToken", "The next token specified is invalid.", status: 400))
        var output: Value = [
            "CompositeAlarms": .list(page.elements.filter { $0.kind == compositeKind }.map(\.document)),
            "MetricAlarms": .list(page.elements.filter { $0.kind == metricKind }.map(\.document)),
        ]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }

    private static func describeForMetric(_ input: Value, _ call: Call) throws -> Value {
        let wanted = Set(input["Dimensions"]?.listValue ?? [])
        let found = try call.allKept(metricKind).map(\.document).filter { alarm in
            ["MetricName", "Namespace"].allSatisfy { alarm[$0] == input[$0] }
                && ["Statistic", "ExtendedStatistic", "Period", "Unit"].allSatisfy { input[$0] == nil || alarm[$0] == input[$0] }
                && Set(alarm["Dimensions"]?.listValue ?? []) == wanted
        }
        return ["MetricAlarms": .list(found)]
    }

    // MARK: Changing

    private static func find(_ name: String, _ call: Call, _ database: Database) throws -> KeptRecord? {
        try database.keptRecord(metricKind, named: name, in: call.scope)
            ?? database.keptRecord(compositeKind, named: name, in: call.scope)
    }

    private static func delete(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            for name in input["AlarmNames"]?.listValue?.compactMap(\.stringValue) ?? [] {
                guard let record = try find(name, call, database) else { continue }
                try database.deleteKept(record, in: call.scope)
            }
        }
        return .emptyObject
    }

    private static func setState(_ input: Value, _ call: Call) throws -> Value {
        let name = input["AlarmName"]?.stringValue ?? ""
        if let data = input["StateReasonData"]?.stringValue, (try? JSON.parse(Array(data.utf8))) == nil {
            throw ServiceError("InvalidFormat", "StateReasonData is not JSON.", status: 400)
        }
        try call.world.store.write { database in
            guard var record = try find(name, call, database) else {
                throw ServiceError("ResourceNotFound", "Unknown", status: 404)
            }
            try AlarmState.move(
                &record, to: input["StateValue"]?.stringValue ?? "", reason: input["StateReason"]?.stringValue ?? "",
                data: input["StateReasonData"], call, database)
            // What was set by hand stays for a minute.
            record.document["EvaluatedAt"] = .timestamp(call.now + 60)
            try database.updateKept(record, in: call.scope)
        }
        return .emptyObject
    }

    private static func setActions(_ input: Value, enabled: Bool, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            for name in input["AlarmNames"]?.listValue?.compactMap(\.stringValue) ?? [] {
                guard var record = try find(name, call, database) else { continue }
                record.document["ActionsEnabled"] = .boolean(enabled)
                try database.updateKept(record, in: call.scope)
            }
        }
        return .emptyObject
    }
}

/// The state of an alarm.
enum AlarmState {
    static let members = [
        "StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "EvaluatedAt",
    ]

    static func set(_ state: String, reason: String, data: Value?, at time: Double, in document: inout Value) {
        if document["StateValue"]?.stringValue != state { document["StateTransitionedTimestamp"] = .timestamp(time) }
        document["StateValue"] = .string(state)
        document["StateReason"] = .string(reason)
        document["StateReasonData"] = data
        document["StateUpdatedTimestamp"] = .timestamp(time)
    }

    /// Puts an alarm into a state, and notes it in the history where it is another one.
    static func move(
        _ record: inout KeptRecord, to state: String, reason: String, data: Value?, _ call: Call, _ database: Database
    ) throws {
        let earlier = record.status
        set(state, reason: reason, data: data, at: call.now, in: &record.document)
        record.status = state
        guard earlier != state else { return }
        try AlarmHistory.add(
            record.name, type: "StateUpdate", summary: "Alarm updated from \(earlier) to \(state)",
            data: [
                "oldState": ["stateValue": .string(earlier)],
                "newState": ["stateValue": .string(state), "stateReason": .string(reason)],
            ],
            call, database)
    }
}

/// What has happened to alarms.
enum AlarmHistory {
    private static let kind = "cloudwatch:alarm-history"

    static func add(_ alarm: String, type: String, summary: String, data: Value, _ call: Call, _ database: Database) throws {
        let id = UUID().uuidString.lowercased()
        let isComposite = try database.keptRecord(Alarms.compositeKind, named: alarm, in: call.scope) != nil
        let document: Value = [
            "AlarmName": .string(alarm), "AlarmType": isComposite ? "CompositeAlarm" : "MetricAlarm",
            "Timestamp": .timestamp(call.now),
            "HistoryItemType": .string(type), "HistorySummary": .string(summary), "HistoryData": .string(JSON.serialize(data)),
        ]
        _ = try database.insertKept(
            KeptRecord(kind: kind, name: id, arn: call.arn("cloudwatch", "alarm-history:\(id)"), now: call.now, document: document),
            in: call.scope)
    }

    static func describe(_ input: Value, _ call: Call) throws -> Value {
        let from = input["StartDate"]?.doubleValue ?? -.infinity
        let to = input["EndDate"]?.doubleValue ?? .infinity
        var items = try call.allKept(kind).filter { item in
            ["AlarmName", "HistoryItemType"].allSatisfy { input[$0] == nil || item.document[$0] == input[$0] }
                && item.creationTime >= from && item.creationTime <= to
        }
        let isAscending = input["ScanBy"]?.stringValue == "TimestampAscending"
        items.sort { isAscending ? $0.creationTime < $1.creationTime : $0.creationTime > $1.creationTime }
        let page = try ListPage(
            of: items.map(\.document), token: input["NextToken"]?.stringValue, limit: input["MaxRecords"]?.integerValue ?? 100,
            list: "history", invalid: ServiceError("InvalidNextToken", "The next token specified is invalid.", status: 400))
        var output: Value = ["AlarmHistoryItems": .list(page.elements)]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }
}
