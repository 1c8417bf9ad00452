// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// Lists metrics that have had data.
enum ListMetrics: Operation {
    struct Filter: Decodable, Sendable {
        var name: String
        var value: String?
    }

    struct Input: Decodable, Sendable {
        var namespace: String?
        var metricName: String?
        var dimensions: [Filter]?
        var nextToken: String?
        var recentlyActive: String?
    }

    struct Output: Encodable, Sendable {
        var metrics: [MetricShape]
        var nextToken: String?
    }

    private static let pageSize = 500
    /// Metrics without data for two weeks are not listed; with `RecentlyActive`, without data for three hours.
    private static let listedSeconds = 14.0 * 86_400
    private static let activeSeconds = 3.0 * 3600

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let since = call.now - (input.recentlyActive == nil ? listedSeconds : activeSeconds)
        let metrics = try call.world.store.read {
            try $0.metrics(namespace: input.namespace, name: input.metricName, since: since, in: call.scope)
        }.filter { metric in
            (input.dimensions ?? []).allSatisfy { filter in
                metric.dimensions.contains { $0.name == filter.name && (filter.value == nil || filter.value == $0.value) }
            }
        }
        let page = try ListPage(
            of: metrics, token: input.nextToken, limit: pageSize, list: "metric",
            invalid: CloudWatchError.invalidValue("Request parameter NextToken is invalid"))
        return Output(metrics: page.elements.map(MetricShape.init), nextToken: page.nextToken)
    }
}

/// Writes samples.
enum PutMetricData: Operation {
    struct StatisticSet: Decodable, Sendable {
        var sampleCount: Double
        var sum: Double
        var minimum: Double
        var maximum: Double
    }

    struct Datum: Decodable, Sendable {
        var metricName: String
        var dimensions: [DimensionShape]?
        var timestamp: Date?
        var value: Double?
        var statisticValues: StatisticSet?
        var values: [Double]?
        var counts: [Double]?
        var unit: String?
    }

    struct Input: Decodable, Sendable {
        var namespace: String
        var metricData: [Datum]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        guard !input.namespace.hasPrefix("AWS/") else {
            throw CloudWatchError.invalidValue("The value \(input.namespace) for parameter Namespace is invalid.")
        }
        let data = try (input.metricData ?? []).enumerated().flatMap { place, datum in
            try samples(datum, at: "MetricData.member.\(place + 1)", namespace: input.namespace, now: call.now)
        }
        try call.world.store.write { try $0.putMetricData(data, in: call.scope) }
        return Empty()
    }

    private static func samples(_ datum: Datum, at place: String, namespace: String, now: Double) throws -> [MetricDatum] {
        try checkAlternatives(datum, at: place)
        let metric = MetricIdentity(
            namespace: namespace, name: datum.metricName,
            dimensions: (datum.dimensions ?? []).map { .init(name: $0.name, value: $0.value) })
        let time = datum.timestamp?.timeIntervalSince1970 ?? now
        let unit = datum.unit ?? "None"
        if let set = datum.statisticValues {
            return [
                MetricDatum(
                    metric, timestamp: time, unit: unit, count: set.sampleCount, sum: set.sum, minimum: set.minimum,
                    maximum: set.maximum)
            ]
        }
        if let values = datum.values {
            let counts = datum.counts ?? values.map { _ in 1 }
            guard counts.count == values.count else {
                throw CloudWatchError.invalidValue("The parameters \(place).Values and \(place).Counts must be of the same size.")
            }
            return zip(values, counts).map { MetricDatum(metric, timestamp: time, unit: unit, value: $0, count: $1) }
        }
        guard let value = datum.value else {
            throw CloudWatchError.invalidCombination(
                "One of \(place).Value, \(place).Values and \(place).StatisticValues must be given.")
        }
        guard value.isFinite else {
            throw CloudWatchError.invalidValue("The value \(JSON.text(of: value)) for parameter \(place).Value is invalid.")
        }
        return [MetricDatum(metric, timestamp: time, unit: unit, value: value)]
    }

    /// A datum says its value in one way.
    private static func checkAlternatives(_ datum: Datum, at place: String) throws {
        let exclusive = { (other: String) in
            "The parameters \(place).Value and \(place).\(other) are mutually exclusive and you have specified both."
        }
        if datum.value != nil, datum.values != nil { throw CloudWatchError.invalidValue(exclusive("Values")) }
        if datum.value != nil, datum.statisticValues != nil {
            throw CloudWatchError.invalidCombination(exclusive("StatisticValues"))
        }
    }
}
