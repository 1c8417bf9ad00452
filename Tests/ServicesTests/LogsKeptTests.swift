// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

@Suite struct LogsKeptTests {
    private func makeTest(_ messages: [String] = []) async throws -> SageMakerTestWorld {
        let test = try await SageMakerTestWorld()
        try await test.send("logs", "CreateLogGroup", ["logGroupName": "lab"])
        try await test.send("logs", "CreateLogStream", ["logGroupName": "lab", "logStreamName": "one"])
        try await write(messages, test)
        return test
    }

    private func write(_ messages: [String], _ test: SageMakerTestWorld) async throws {
        if messages.isEmpty { return }
        let now = Int(Date().timeIntervalSince1970 * 1000) - 10_000
        let events = messages.enumerated().map {
            ["timestamp": .integer(now + $0.offset), "message": .string($0.element)] as Value
        }
        try await test.send(
            "logs", "PutLogEvents", ["logGroupName": "lab", "logStreamName": "one", "logEvents": .list(events)])
    }

    private func query(_ text: String, _ test: SageMakerTestWorld) async throws -> [[String]] {
        let now = Int(Date().timeIntervalSince1970)
        let id = try await test.send(
            "logs", "StartQuery",
            [
                "logGroupName": "lab", "startTime": .integer(now - 3600), "endTime": .integer(now + 60),
                "queryString": .string(text),
            ])["queryId"]
        let results = try await test.send("logs", "GetQueryResults", ["queryId": id ?? ""])
        #expect(results["status"] == "Complete")
        return (results["results"]?.listValue ?? []).map { row in
            (row.listValue ?? []).filter { $0["field"] != "@ptr" }.compactMap { $0["value"]?.stringValue }
        }
    }

    @Test func queriesAreReallyAnswered() async throws {
        let test = try await makeTest([
            #"{"level":"INFO","ms":10}"#, #"{"level":"ERROR","ms":30}"#, #"{"level":"ERROR","ms":50}"#, "plain text",
        ])
        #expect(try await query("fields @message | filter level = 'INFO'", test) == [[#"{"level":"INFO","ms":10}"#]])
        #expect(try await query("fields ms | filter level = \"ERROR\" and ms > 40 | sort ms desc", test) == [["50"]])
        #expect(try await query("filter @message like /pl.in/ | display @message", test) == [["plain text"]])
        let counts = try await query(
            "filter level like 'R' or level = 'INFO' | stats count(*) as n, avg(ms) by level | sort level asc", test)
        #expect(counts == [["ERROR", "2", "40"], ["INFO", "1", "10"]])
        #expect(try await query("fields @message | limit 1", test) == [["plain text"]])
        let bad = try await test.failure(
            "logs", "StartQuery",
            ["logGroupName": "lab", "startTime": 0, "endTime": 1, "queryString": "frobnicate @message | limit 1"])
        #expect(bad.code == "MalformedQueryException")
    }

    @Test func metricFiltersMakeMetrics() async throws {
        let test = try await makeTest()
        try await test.send(
            "logs", "PutMetricFilter",
            [
                "logGroupName": "lab", "filterName": "errors", "filterPattern": "ERROR",
                "metricTransformations": [["metricName": "Errors", "metricNamespace": "Lab", "metricValue": "2"]],
            ])
        try await write(["ERROR one", "fine", "ERROR two"], test)
        let now = Date().timeIntervalSince1970
        let points = try await test.send(
            "cloudwatch", "GetMetricStatistics",
            [
                "Namespace": "Lab", "MetricName": "Errors", "StartTime": .timestamp(now - 600), "EndTime": .timestamp(now + 60),
                "Period": 900, "Statistics": ["Sum"],
            ])
        #expect(points["Datapoints"]?[0]?["Sum"]?.doubleValue == 4)
        let groups = try await test.send("logs", "DescribeLogGroups")
        #expect(groups["logGroups"]?[0]?["metricFilterCount"] == 1)
        try await test.send("logs", "DeleteLogGroup", ["logGroupName": "lab"])
        #expect(try await test.send("logs", "DescribeMetricFilters")["metricFilters"] == [])
    }

    @Test func exportsLandInTheBucket() async throws {
        let test = try await makeTest(["one", "two"])
        let input: Value = ["logGroupName": "lab", "from": 0, "to": 4_000_000_000_000, "destination": "exports"]
        #expect(try await test.failure("logs", "CreateExportTask", input).code == "InvalidParameterException")
        try await test.send("s3", "CreateBucket", ["Bucket": "exports"])
        let task = try #require(try await test.send("logs", "CreateExportTask", input)["taskId"])
        let shown = try await test.send("logs", "DescribeExportTasks", ["taskId": task])
        #expect(shown["exportTasks"]?[0]?["status"]?["code"] == "COMPLETED")
        let keys = try await test.send("s3", "ListObjectsV2", ["Bucket": "exports"])["Contents"]?.listValue
        #expect(keys?.compactMap { $0["Key"]?.stringValue }.contains { $0.hasSuffix("/one/000000.gz") } == true)
    }

    @Test func tagsOfGroupsAndDestinations() async throws {
        let test = try await makeTest()
        try await test.send("logs", "TagLogGroup", ["logGroupName": "lab", "tags": ["team": "red", "lab": "4"]])
        try await test.send("logs", "UntagLogGroup", ["logGroupName": "lab", "tags": ["lab"]])
        let arn = "arn:aws:logs:us-east-1:123456789012:log-group:lab"
        #expect(try await test.send("logs", "ListTagsForResource", ["resourceArn": .string(arn)]) == ["tags": ["team": "red"]])
        let subscription: Value = [
            "logGroupName": "lab", "filterName": "a", "filterPattern": "",
            "destinationArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
        ]
        try await test.send("logs", "PutSubscriptionFilter", subscription)
        var second = subscription
        second["filterName"] = "b"
        try await test.send("logs", "PutSubscriptionFilter", second)
        second["filterName"] = "c"
        #expect(try await test.failure("logs", "PutSubscriptionFilter", second).code == "LimitExceededException")
    }
}
