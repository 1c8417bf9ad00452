// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// One sample of a metric as it came.
public struct MetricSample: Sendable, Hashable {
    /// World time, seconds since 1970.
    public var timestamp: Double
    /// The mean of what came at once.
    public var value: Double
    /// How many values came at once.
    public var count: Double
    /// The unit, such as `Count`.
    public var unit: String

    /// Made of its parts.
    public init(timestamp: Double, value: Double, count: Double = 1, unit: String = "None") {
        self.timestamp = timestamp
        self.value = value
        self.count = count
        self.unit = unit
    }
}

extension Database {
    /// All samples of a metric, in the order of time; those of the same moment as they came.
    public func metricSamples(_ metric: MetricIdentity, in scope: Scope) throws -> [MetricSample] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT timestamp, sum / max(count, 1), count, unit FROM metric_datum
                WHERE metric = (SELECT id FROM metric
                    WHERE account = ? AND region = ? AND namespace = ? AND name = ? AND dimensions = ?)
                ORDER BY timestamp, rowid
                """,
            arguments: [scope.account, scope.region, metric.namespace, metric.name, metric.dimensionsText]
        ).map { MetricSample(timestamp: $0[0], value: $0[1], count: $0[2], unit: $0[3]) }
    }
}
