// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// Several metrics' statistics, and expressions over them, at once.
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
        var period: Int?
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
        let (start, end) = (
            input.startTime.timeIntervalSince1970.rounded(.down), input.endTime.timeIntervalSince1970.rounded(.down)
        )
        guard start != end else {
            throw CloudWatchError.validation("The parameter StartTime must not equal parameter EndTime.")
        }
        guard start < end else { throw CloudWatchError.validation("The parameter EndTime must be greater than StartTime.") }
        var ids = Set<String>()
        for query in input.metricDataQueries where !ids.insert(query.id).inserted {
            throw CloudWatchError.validation("The values for parameter Id in MetricDataQueries are not unique: \(query.id).")
        }
        let math = MetricMath(queries: input.metricDataQueries, startTime: start, endTime: end, call: call)
        var results: [Result] = []
        for query in input.metricDataQueries {
            let series = try math.series(query.id)
            guard query.returnData != false else { continue }
            results += series.map { result($0, query, isAscending: input.scanBy == "TimestampAscending") }
        }
        return Output(metricDataResults: results, messages: [])
    }

    private static func result(_ series: MetricMath.Series, _ query: Query, isAscending: Bool) -> Result {
        let times = series.points.keys.sorted { isAscending ? $0 < $1 : $0 > $1 }
        return Result(
            id: query.id, label: query.label ?? (query.metricStat == nil ? query.id : series.label),
            timestamps: times.map { Date(world: $0) }, values: times.compactMap { series.points[$0] }, statusCode: "Complete")
    }
}
