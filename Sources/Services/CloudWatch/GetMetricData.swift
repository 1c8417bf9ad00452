// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// Several metrics' statistics at once.
enum GetMetricData: Operation {
    struct MetricStat: Decodable, Sendable {
        var metric: MetricShape
        var period: Int
        var stat: String
        var unit: String?
    }

    struct Query: Decodable, Sendable {
        var id: String
        var metricStat: MetricStat?
        var expression: String?
        var label: String?
        var returnData: Bool?
    }

    struct Input: Decodable, Sendable {
        var metricDataQueries: [Query]
        var startTime: Date
        var endTime: Date
        var nextToken: String?
        var scanBy: String?
        var maxDatapoints: Int?
    }

    struct Result: Encodable, Sendable {
        var id: String
        var label: String
        var timestamps: [Date]
        var values: [Double]
        var statusCode: String
    }

    struct Message: Encodable, Sendable {
        var code: String
        var value: String
    }

    struct Output: Encodable, Sendable {
        var metricDataResults: [Result]
        var messages: [Message]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        var ids = Set<String>()
        var results: [Result] = []
        for query in input.metricDataQueries {
            guard ids.insert(query.id).inserted else {
                throw CloudWatchError.validation("The values for parameter Id in MetricDataQueries are not unique: \(query.id).")
            }
            let result = try result(query, input, call)
            if query.returnData != false { results.append(result) }
        }
        return Output(metricDataResults: results, messages: [])
    }

    private static func result(_ query: Query, _ input: Input, _ call: Call) throws -> Result {
        guard let stat = query.metricStat else {
            throw CloudWatchError.validation(
                "Metric math is not simulated: query \(query.id) must have a MetricStat\(query.expression == nil ? "" : " instead of an Expression")."
            )
        }
        guard let statistic = MetricStatistic(stat.stat) else {
            throw CloudWatchError.validation("The value \(stat.stat) for parameter Stat of query \(query.id) is not supported.")
        }
        var metricQuery = try MetricQuery(stat.metric.identity, from: input.startTime, to: input.endTime, period: stat.period)
        metricQuery.unit = stat.unit
        metricQuery.includesValues = statistic.needsValues
        let wanted = metricQuery
        var periods = try call.world.store.read { try $0.metricPeriods(wanted, in: call.scope) }
            .sorted { $0.startTime < $1.startTime }
        if input.scanBy != "TimestampAscending" { periods.reverse() }
        return Result(
            id: query.id, label: query.label ?? stat.metric.metricName ?? "", timestamps: periods.map { Date(world: $0.startTime) },
            values: periods.map(statistic.value(of:)), statusCode: "Complete")
    }
}
