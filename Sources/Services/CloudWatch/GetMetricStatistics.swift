// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// The statistics of one metric, a data point a stretch of time.
enum GetMetricStatistics: Operation {
    struct Input: Decodable, Sendable {
        var namespace: String
        var metricName: String
        var dimensions: [DimensionShape]?
        var startTime: Date
        var endTime: Date
        var period: Int
        var statistics: [String]?
        var extendedStatistics: [String]?
        var unit: String?
    }

    struct Datapoint: Encodable, Sendable {
        var timestamp: Date
        var sampleCount: Double?
        var average: Double?
        var sum: Double?
        var minimum: Double?
        var maximum: Double?
        var unit: String
        var extendedStatistics: [String: Double]?
    }

    struct Output: Encodable, Sendable {
        var label: String
        var datapoints: [Datapoint]
    }

    private static let maximumDatapointCount = 1440

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let names = Set(input.statistics ?? [])
        let extended = input.extendedStatistics ?? []
        guard !names.isEmpty || !extended.isEmpty else {
            throw CloudWatchError.invalidCombination("Must specify either Statistics or ExtendedStatistics")
        }
        for name in extended where MetricStatistic(name)?.needsValues != true {
            throw CloudWatchError.invalidValue("The value \(name) for parameter ExtendedStatistics is not supported.")
        }
        let metric = MetricIdentity(
            namespace: input.namespace, name: input.metricName,
            dimensions: (input.dimensions ?? []).map { .init(name: $0.name, value: $0.value) })
        var query = try MetricQuery(metric, from: input.startTime, to: input.endTime, period: input.period)
        query.unit = input.unit
        query.includesValues = !extended.isEmpty
        let count = Int(((query.endTime - query.startTime) / Double(input.period)).rounded(.up))
        guard count <= maximumDatapointCount else {
            throw CloudWatchError.invalidCombination(
                "You have requested up to \(grouped(count)) datapoints, which exceeds the limit of \(grouped(maximumDatapointCount)). You may "
                    + "reduce the datapoints requested by increasing Period, or decreasing the time range.")
        }
        let wanted = query
        let periods = try call.world.store.read { try $0.metricPeriods(wanted, in: call.scope) }
        return Output(
            label: input.metricName,
            datapoints: periods.map { period in
                Datapoint(
                    timestamp: Date(world: period.startTime), sampleCount: names.contains("SampleCount") ? period.count : nil,
                    average: names.contains("Average") ? period.average : nil, sum: names.contains("Sum") ? period.sum : nil,
                    minimum: names.contains("Minimum") ? period.minimum : nil,
                    maximum: names.contains("Maximum") ? period.maximum : nil, unit: period.unit,
                    extendedStatistics: extended.isEmpty
                        ? nil
                        : Dictionary(
                            extended.compactMap { name in MetricStatistic(name).map { (name, $0.value(of: period)) } },
                            uniquingKeysWith: { first, _ in first }))
            })
    }

    /// 12345 as `12,345`.
    private static func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return String(digits)
    }
}
