// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

@Suite struct CloudWatchTests {
    private static let metric: Value = ["Namespace": "Lab", "MetricName": "Loss", "Dimensions": [["Name": "Job", "Value": "one"]]]

    /// 0, 1 … 9, ten seconds apart from the start of a minute on.
    private func filled() async throws -> (test: SageMakerTestWorld, start: Double) {
        let test = try await SageMakerTestWorld()
        let start = (Date().timeIntervalSince1970 / 60).rounded(.down) * 60 - 600
        let data = (0..<10).map { index -> Value in
            [
                "MetricName": "Loss", "Dimensions": [["Name": "Job", "Value": "one"]],
                "Timestamp": .timestamp(start + Double(index) * 10), "Value": .double(Double(index)), "Unit": "None",
            ]
        }
        try await test.send("cloudwatch", "PutMetricData", ["Namespace": "Lab", "MetricData": .list(data)])
        return (test, start)
    }

    @Test func statisticsByPeriod() async throws {
        let (test, start) = try await filled()
        var input = Self.metric
        input["StartTime"] = .timestamp(start + 5)
        input["EndTime"] = .timestamp(start + 120)
        input["Period"] = 60
        input["Statistics"] = ["Average", "Sum", "SampleCount", "Minimum", "Maximum"]
        let points = try #require(try await test.send("cloudwatch", "GetMetricStatistics", input)["Datapoints"]?.listValue)
        #expect(points.map { $0["Average"]?.doubleValue } == [2.5, 7.5])
        #expect(points.map { $0["SampleCount"]?.doubleValue } == [6, 4])
        #expect(points.map { $0["Maximum"]?.doubleValue } == [5, 9])
        #expect(points.map { $0["Timestamp"]?.doubleValue } == [start, start + 60])
        input["Statistics"] = nil
        input["ExtendedStatistics"] = ["p50"]
        let extended = try await test.send("cloudwatch", "GetMetricStatistics", input)["Datapoints"]
        #expect(extended?[0]?["ExtendedStatistics"]?["p50"]?.doubleValue == 2.5)
        input["StartTime"] = .timestamp(start - 86_400 * 2)
        let many = try await test.failure("cloudwatch", "GetMetricStatistics", input)
        #expect(many.code == "InvalidParameterCombination" && many.message.contains("exceeds the limit of 1,440"))
    }

    @Test func dataOfSeveralQueries() async throws {
        let (test, start) = try await filled()
        let query = { (id: String, stat: String) -> Value in
            ["Id": .string(id), "MetricStat": ["Metric": Self.metric, "Period": 60, "Stat": .string(stat)]]
        }
        let output = try await test.send(
            "cloudwatch", "GetMetricData",
            [
                "MetricDataQueries": [query("a", "Sum"), query("b", "p100")], "StartTime": .timestamp(start),
                "EndTime": .timestamp(start + 120),
            ])
        #expect(output["MetricDataResults"]?[0]?["Values"] == [.double(30), .double(15)])
        #expect(output["MetricDataResults"]?[1]?["Values"] == [.double(9), .double(5)])
        let math = try await test.failure(
            "cloudwatch", "GetMetricData",
            [
                "MetricDataQueries": [["Id": "m", "Expression": "a+b"]], "StartTime": .timestamp(start),
                "EndTime": .timestamp(start + 120),
            ])
        #expect(math.code == "ValidationError")
    }

    @Test func metricsAreListedByNameAndDimension() async throws {
        let (test, _) = try await filled()
        let list = try await test.send("cloudwatch", "ListMetrics", ["Namespace": "Lab", "Dimensions": [["Name": "Job"]]])
        #expect(list["Metrics"] == [Self.metric])
        let none = try await test.send("cloudwatch", "ListMetrics", ["Dimensions": [["Name": "Job", "Value": "two"]]])
        #expect(none["Metrics"] == [])
        let reserved = try await test.failure(
            "cloudwatch", "PutMetricData", ["Namespace": "AWS/Lab", "MetricData": [["MetricName": "x", "Value": 1]]])
        #expect(reserved.code == "InvalidParameterValue")
    }
}
