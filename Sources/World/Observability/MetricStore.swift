// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// What tells one metric from all others.
public struct MetricIdentity: Sendable, Hashable {
    /// One aspect: `EndpointName` = `demo`.
    public struct Dimension: Codable, Sendable, Hashable {
        /// The aspect.
        public var name: String
        /// Its value.
        public var value: String

        /// Makes one from its parts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `AWS/SageMaker`.
    public var namespace: String
    /// `Invocations`.
    public var name: String
    /// By name.
    public var dimensions: [Dimension]

    /// A metric; dimensions may come in any order.
    public init(namespace: String, name: String, dimensions: [Dimension] = []) {
        self.namespace = namespace
        self.name = name
        self.dimensions = dimensions.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
    }

    /// As the database keeps them.
    var dimensionsText: String {
        get throws {
            String(decoding: try JSONEncoder().encode(dimensions.map { [$0.name, $0.value] }), as: UTF8.self)
        }
    }

    fileprivate init(namespace: String, name: String, dimensionsText: String) throws {
        let pairs = try JSONDecoder().decode([[String]].self, from: Data(dimensionsText.utf8))
        self.init(
            namespace: namespace, name: name,
            dimensions: pairs.filter { $0.count == 2 }.map { Dimension(name: $0[0], value: $0[1]) })
    }
}

/// A sample of a metric, or the statistics of several.
public struct MetricDatum: Sendable, Hashable {
    /// Which metric.
    public var metric: MetricIdentity
    /// World time, seconds since 1970.
    public var timestamp: Double
    /// The unit, such as `Count` or `Microseconds`; `None` where there is none.
    public var unit: String
    /// How many samples.
    public var count: Double
    /// Their sum.
    public var sum: Double
    /// The least.
    public var minimum: Double
    /// The greatest.
    public var maximum: Double

    /// The statistics of several samples.
    public init(
        _ metric: MetricIdentity, timestamp: Double, unit: String = "None", count: Double, sum: Double, minimum: Double,
        maximum: Double
    ) {
        self.metric = metric
        self.timestamp = timestamp
        self.unit = unit
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }

    /// `count` samples of the same value.
    public init(_ metric: MetricIdentity, timestamp: Double, unit: String = "None", value: Double, count: Double = 1) {
        self.init(
            metric, timestamp: timestamp, unit: unit, count: count, sum: value * count, minimum: value, maximum: value)
    }
}

/// The statistics of a metric's samples in one stretch of time.
public struct MetricPeriod: Sendable, Hashable {
    /// World time at which it begins.
    public var startTime: Double
    /// The samples' unit.
    public var unit: String
    /// How many samples.
    public var count: Double
    /// Their sum.
    public var sum: Double
    /// The least.
    public var minimum: Double
    /// The greatest.
    public var maximum: Double
    /// Values with how often each occurred, ascending; empty unless they were asked for.
    public var values: [Sample] = []

    /// A value, and how often it occurred.
    public struct Sample: Sendable, Hashable {
        /// The value.
        public var value: Double
        /// How often.
        public var count: Double
    }

    /// The mean.
    public var average: Double { count > 0 ? sum / count : 0 }

    /// The value below which `percent` of the samples lie, between neighbours linearly; nil without `values`.
    public func percentile(_ percent: Double) -> Double? {
        guard let first = values.first, let last = values.last else { return nil }
        let position = percent / 100 * (count - 1)
        var passed = 0.0
        var previous = first.value
        for sample in values {
            // Samples of this value stand at passed … passed + count - 1.
            if position <= passed {
                let gap = passed - position
                return sample.value - (sample.value - previous) * min(gap, 1)
            }
            passed += sample.count
            previous = sample.value
            if position <= passed - 1 { return sample.value }
        }
        return last.value
    }
}

/// Which samples are asked for.
public struct MetricQuery: Sendable, Hashable {
    /// Which metric: all dimensions, exactly.
    public var metric: MetricIdentity
    /// World time, included.
    public var startTime: Double
    /// World time, not included.
    public var endTime: Double
    /// The length of each stretch of time; the first begins at `startTime`.
    public var periodInSeconds: Int
    /// Only samples of that unit; nil for all.
    public var unit: String?
    /// Whether percentiles will be asked for.
    public var includesValues = false

    /// The samples of a metric from `startTime` to `endTime` (world time) in stretches of `periodInSeconds`.
    public init(_ metric: MetricIdentity, startTime: Double, endTime: Double, periodInSeconds: Int) {
        self.metric = metric
        self.startTime = startTime
        self.endTime = endTime
        self.periodInSeconds = periodInSeconds
    }
}

extension Database {
    /// Writes samples.
    public func putMetricData(_ data: [MetricDatum], in scope: Scope) throws {
        var keys: [MetricIdentity: Int64] = [:]
        let statement = try cachedStatement(
            sql: "INSERT INTO metric_datum (metric, timestamp, unit, count, sum, minimum, maximum) VALUES (?, ?, ?, ?, ?, ?, ?)")
        for datum in data {
            let key = try keys[datum.metric] ?? metricKey(datum.metric, in: scope)
            keys[datum.metric] = key
            try statement.execute(
                arguments: [key, datum.timestamp, datum.unit, datum.count, datum.sum, datum.minimum, datum.maximum])
        }
    }

    private func metricKey(_ metric: MetricIdentity, in scope: Scope) throws -> Int64 {
        let dimensions = try metric.dimensionsText
        let arguments: StatementArguments = [scope.account, scope.region, metric.namespace, metric.name, dimensions]
        if let key = try knownMetricKey(arguments) { return key }
        try execute(
            sql: "INSERT INTO metric (account, region, namespace, name, dimensions) VALUES (?, ?, ?, ?, ?)", arguments: arguments)
        return lastInsertedRowID
    }

    private func knownMetricKey(_ arguments: StatementArguments) throws -> Int64? {
        let statement = try cachedStatement(
            sql: "SELECT id FROM metric WHERE account = ? AND region = ? AND namespace = ? AND name = ? AND dimensions = ?")
        return try Int64.fetchOne(statement, arguments: arguments)
    }

    /// The metrics of that namespace and name (nil for all), by namespace, name and dimensions.
    ///
    /// - Parameter since: only metrics with a sample at or after that world time.
    public func metrics(namespace: String?, name: String?, since: Double?, in scope: Scope) throws -> [MetricIdentity] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT namespace, name, dimensions FROM metric
                WHERE account = ? AND region = ? AND (? IS NULL OR namespace = ?) AND (? IS NULL OR name = ?)
                    AND (? IS NULL OR EXISTS (SELECT 1 FROM metric_datum WHERE metric = metric.id AND timestamp >= ?))
                ORDER BY namespace, name, dimensions
                """,
            arguments: [scope.account, scope.region, namespace, namespace, name, name, since, since]
        ).map { try MetricIdentity(namespace: $0[0], name: $0[1], dimensionsText: $0[2]) }
    }

    /// The statistics of each stretch of time in which there are samples, by unit, then by time.
    public func metricPeriods(_ query: MetricQuery, in scope: Scope) throws -> [MetricPeriod] {
        let metric = query.metric
        guard let key = try knownMetricKey([scope.account, scope.region, metric.namespace, metric.name, metric.dimensionsText])
        else { return [] }
        let condition = "metric = ? AND timestamp >= ? AND timestamp < ? AND (? IS NULL OR unit = ?)"
        let index = "CAST((timestamp - ?) / ? AS INTEGER)"
        let arguments: StatementArguments = [
            query.startTime, query.periodInSeconds, key, query.startTime, query.endTime, query.unit, query.unit,
        ]
        var periods = try Row.fetchAll(
            self,
            sql: """
                SELECT \(index) AS place, unit, sum(count), sum(sum), min(minimum), max(maximum) FROM metric_datum
                WHERE \(condition) GROUP BY unit, place ORDER BY unit, place
                """,
            arguments: arguments
        ).map { row in
            MetricPeriod(
                startTime: query.startTime + Double(row[0] as Int * query.periodInSeconds), unit: row[1], count: row[2],
                sum: row[3],
                minimum: row[4], maximum: row[5])
        }
        guard query.includesValues else { return periods }
        let places = Dictionary(uniqueKeysWithValues: periods.indices.map { (Place(periods[$0].unit, periods[$0].startTime), $0) })
        let rows = try Row.fetchCursor(
            self,
            sql: """
                SELECT \(index) AS place, unit, sum / max(count, 1) AS value, sum(count) FROM metric_datum
                WHERE \(condition) GROUP BY unit, place, value ORDER BY unit, place, value
                """,
            arguments: arguments)
        while let row = try rows.next() {
            let startTime = query.startTime + Double(row[0] as Int * query.periodInSeconds)
            guard let place = places[Place(row[1], startTime)] else { continue }
            periods[place].values.append(.init(value: row[2], count: row[3]))
        }
        return periods
    }
}

private struct Place: Hashable {
    var unit: String
    var startTime: Double

    init(_ unit: String, _ startTime: Double) {
        self.unit = unit
        self.startTime = startTime
    }
}
