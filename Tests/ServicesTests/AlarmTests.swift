// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

@Suite struct AlarmTests {
    private static func alarm(_ name: String, _ further: Value = [:]) -> Value {
        var alarm: Value = [
            "AlarmName": .string(name), "Namespace": "Lab", "MetricName": "Loss", "Statistic": "Maximum", "Period": 3600,
            "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
        ]
        for (member, value) in further.objectValue ?? [:] { alarm[member] = value }
        return alarm
    }

    private func state(_ name: String, _ test: SageMakerTestWorld) async throws -> Value? {
        let alarms = try await test.send(
            "cloudwatch", "DescribeAlarms", ["AlarmNames": [.string(name)], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]])
        return (alarms["MetricAlarms"]?[0] ?? alarms["CompositeAlarms"]?[0])?["StateValue"]
    }

    private func put(_ value: Double, _ test: SageMakerTestWorld) async throws {
        try await test.send(
            "cloudwatch", "PutMetricData", ["Namespace": "Lab", "MetricData": [["MetricName": "Loss", "Value": .double(value)]]])
    }

    @Test func alarmsFollowTheirMetric() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send("cloudwatch", "PutMetricAlarm", Self.alarm("high"))
        #expect(try await state("high", test) == "INSUFFICIENT_DATA")
        try await put(3, test)
        #expect(try await state("high", test) == "OK")
        try await test.send(
            "cloudwatch", "PutCompositeAlarm", ["AlarmName": "both", "AlarmRule": "ALARM(high) AND NOT OK(\"high\")"])
        #expect(try await state("both", test) == "OK")
        try await put(7, test)
        let rung = try await test.wait("cloudwatch", "DescribeAlarms", ["StateValue": "ALARM"]) { $0["MetricAlarms"] != [] }
        #expect(rung["MetricAlarms"]?[0]?["AlarmName"] == "high")
        let history = try await test.send(
            "cloudwatch", "DescribeAlarmHistory", ["AlarmName": "high", "HistoryItemType": "StateUpdate"])
        #expect(history["AlarmHistoryItems"]?[0]?["HistorySummary"] == "Alarm updated from OK to ALARM")
    }

    @Test func missingDataCountsAsTheAlarmSays() async throws {
        let test = try await SageMakerTestWorld()
        for (treatment, wanted) in [("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", "INSUFFICIENT_DATA")] {
            try await test.send("cloudwatch", "PutMetricAlarm", Self.alarm(treatment, ["TreatMissingData": .string(treatment)]))
            #expect(try await state(treatment, test) == .string(wanted))
        }
        try await test.send(
            "cloudwatch", "SetAlarmState", ["AlarmName": "notBreaching", "StateValue": "ALARM", "StateReason": "a drill"])
        #expect(try await state("notBreaching", test) == "ALARM")
        let bad = try await test.failure("cloudwatch", "PutCompositeAlarm", ["AlarmName": "x", "AlarmRule": "RINGS(high)"])
        #expect(bad.code == "ValidationError")
    }

    @Test func mathOverMetrics() async throws {
        let test = try await SageMakerTestWorld()
        let start = (Date().timeIntervalSince1970 / 60).rounded(.down) * 60 - 600
        let data = (0..<4).flatMap { index -> [Value] in
            ["a", "b"].map { name in
                [
                    "MetricName": .string(name), "Timestamp": .timestamp(start + Double(index) * 60),
                    "Value": .double(Double(index) * (name == "a" ? 1 : 10)),
                ]
            }
        }
        try await test.send("cloudwatch", "PutMetricData", ["Namespace": "Lab", "MetricData": .list(data)])
        let metric = { (id: String) -> Value in
            [
                "Id": .string(id), "ReturnData": false,
                "MetricStat": ["Metric": ["Namespace": "Lab", "MetricName": .string(id)], "Period": 60, "Stat": "Sum"],
            ]
        }
        let cases: [(String, [Value])] = [
            ("(a + b) * 2 - 1", [-1, 21, 43, 65]), ("b / a", [10, 10, 10]), ("SUM(METRICS())", [0, 11, 22, 33]),
            ("a - AVG(a)", [-1.5, -0.5, 0.5, 1.5]), ("IF(a > 1, b, 0)", [0, 0, 20, 30]), ("DIFF(b)", [10, 10, 10]),
        ]
        for (expression, wanted) in cases {
            let output = try await test.send(
                "cloudwatch", "GetMetricData",
                [
                    "MetricDataQueries": [["Id": "e", "Expression": .string(expression)], metric("a"), metric("b")],
                    "StartTime": .timestamp(start), "EndTime": .timestamp(start + 240), "ScanBy": "TimestampAscending",
                ])
            let values = output["MetricDataResults"]?[0]?["Values"]?.listValue?.compactMap(\.doubleValue)
            #expect(values == wanted.compactMap(\.doubleValue), "\(expression)")
        }
        for expression in ["a +", "nothing", "e + 1", "FROB(a)"] {
            let error = try await test.failure(
                "cloudwatch", "GetMetricData",
                [
                    "MetricDataQueries": [["Id": "e", "Expression": .string(expression)], metric("a")],
                    "StartTime": .timestamp(start), "EndTime": .timestamp(start + 240),
                ])
            #expect(error.code == "ValidationError", "\(expression)")
        }
    }

    @Test func dashboardsAreAllDeletedOrNone() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send("cloudwatch", "PutDashboard", ["DashboardName": "one", "DashboardBody": "{\"widgets\":[]}"])
        #expect(
            try await test.failure("cloudwatch", "PutDashboard", ["DashboardName": "two", "DashboardBody": "no"]).code
                == "InvalidParameterInput")
        #expect(
            try await test.failure("cloudwatch", "DeleteDashboards", ["DashboardNames": ["one", "two"]]).code == "ResourceNotFound")
        #expect(try await test.send("cloudwatch", "ListDashboards")["DashboardEntries"]?.listValue?.count == 1)
    }
}
