// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// CloudWatch's errors and their texts.
enum CloudWatchError {
    static func invalidValue(_ message: String) -> ServiceError { ServiceError("InvalidParameterValue", message, status: 400) }
    static func invalidCombination(_ message: String) -> ServiceError {
        ServiceError("InvalidParameterCombination", message, status: 400)
    }
    static func validation(_ message: String) -> ServiceError { ServiceError("ValidationError", message, status: 400) }
}

/// The shape `Dimension`.
struct DimensionShape: Codable, Sendable {
    var name: String
    var value: String
}

/// The shape `Metric`.
struct MetricShape: Codable, Sendable {
    var namespace: String?
    var metricName: String?
    var dimensions: [DimensionShape]?

    /// The metric it names.
    var identity: MetricIdentity {
        MetricIdentity(
            namespace: namespace ?? "", name: metricName ?? "",
            dimensions: (dimensions ?? []).map { .init(name: $0.name, value: $0.value) })
    }

    init(_ metric: MetricIdentity) {
        namespace = metric.namespace
        metricName = metric.name
        dimensions = metric.dimensions.map { DimensionShape(name: $0.name, value: $0.value) }
    }
}

/// A statistic by its name: `Average`, `p99.9`.
enum MetricStatistic: Sendable, Hashable {
    case sampleCount
    case average
    case sum
    case minimum
    case maximum
    case percentile(Double)

    /// Nil where there is none of that name.
    init?(_ name: String) {
        switch name {
        case "SampleCount": self = .sampleCount
        case "Average": self = .average
        case "Sum": self = .sum
        case "Minimum": self = .minimum
        case "Maximum": self = .maximum
        default:
            guard name.lowercased().hasPrefix("p"), let percent = Double(name.dropFirst()), (0...100).contains(percent) else {
                return nil
            }
            self = .percentile(percent)
        }
    }

    /// Whether single values are needed.
    var needsValues: Bool {
        if case .percentile = self { true } else { false }
    }

    /// The statistic of one stretch of time.
    func value(of period: MetricPeriod) -> Double {
        switch self {
        case .sampleCount: period.count
        case .average: period.average
        case .sum: period.sum
        case .minimum: period.minimum
        case .maximum: period.maximum
        case .percentile(let percent): period.percentile(percent) ?? period.average
        }
    }
}

extension MetricQuery {
    /// A query as the service reads it: the start is rounded down, so that stretches begin at whole minutes, or at whole periods where
    /// these are shorter.
    ///
    /// - Throws: `ServiceError` for periods and times that make no sense.
    init(_ metric: MetricIdentity, from start: Date, to end: Date, period: Int) throws {
        guard [1, 5, 10, 20, 30].contains(period) || (period > 0 && period % 60 == 0) else {
            throw CloudWatchError.invalidValue("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
        }
        let (first, last) = (start.timeIntervalSince1970.rounded(.down), end.timeIntervalSince1970.rounded(.down))
        guard first < last else {
            throw CloudWatchError.invalidValue("The parameter StartTime must be less than the parameter EndTime.")
        }
        let step = Double(min(period, 60))
        self.init(
            metric, startTime: (first / step).rounded(.down) * step, endTime: last,
            periodInSeconds: period)
    }
}

extension MetricPeriod {
    /// Periods by their beginning: those of one time in several units as one, as where no unit is asked for.
    static func joined(_ periods: [MetricPeriod]) -> [Double: MetricPeriod] {
        Dictionary(periods.map { ($0.startTime, $0) }) { left, right in
            var joined = left
            joined.count += right.count
            joined.sum += right.sum
            joined.minimum = min(left.minimum, right.minimum)
            joined.maximum = max(left.maximum, right.maximum)
            joined.values = (left.values + right.values).sorted { $0.value < $1.value }
            return joined
        }
    }
}
