// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// SageMaker Metrics: what scripts report of their own runs, gathered in trial components.
public enum SageMakerMetricsService {
    /// The operations, a row each.
    public static let table = ServiceTable(
        service: "sagemaker-metrics", prefix: "sagemaker",
        [OperationRow("sagemaker-metrics", "BatchPutMetrics", .template("*"), value: { try put($0, $1) })])

    private static func put(_ input: Value, _ call: Call) throws -> Value {
        let name = input["TrialComponentName"]?.stringValue ?? ""
        let data = input["MetricData"]?.listValue ?? []
        return try call.world.store.write { database in
            let kind = ResourceFamilies.named("TrialComponent").kind
            guard var component = try database.keptRecord(kind, named: name, in: call.scope) else {
                return [
                    "Errors": .list(data.indices.map { ["Code": "VALIDATION_ERROR", "MetricIndex": .integer($0)] })
                ]
            }
            var metrics = component.document["Metrics"]?.listValue ?? []
            for datum in data {
                let place = metrics.firstIndex { $0["MetricName"] == datum["MetricName"] }
                let summary = summary(of: datum, after: place.map { metrics[$0] }, source: component.arn)
                if let place { metrics[place] = summary } else { metrics.append(summary) }
            }
            component.document["Metrics"] = .list(metrics)
            try database.updateKept(component, in: call.scope)
            return ["Errors": []]
        }
    }

    /// The running statistics of a metric (Welford 1962), with one more value.
    private static func summary(of datum: Value, after earlier: Value?, source: String) -> Value {
        let value = datum["Value"]?.doubleValue ?? 0
        let count = (earlier?["Count"]?.doubleValue ?? 0) + 1
        let before = earlier?["Avg"]?.doubleValue ?? value
        let mean = before + (value - before) / count
        let deviation = earlier?["StdDev"]?.doubleValue ?? 0
        let spread = deviation * deviation * (count - 1) + (value - before) * (value - mean)
        return [
            "MetricName": datum["MetricName"] ?? "", "SourceArn": .string(source), "TimeStamp": datum["Timestamp"] ?? 0,
            "Max": .double(max(earlier?["Max"]?.doubleValue ?? value, value)),
            "Min": .double(min(earlier?["Min"]?.doubleValue ?? value, value)), "Last": .double(value),
            "Count": .integer(Int(count)),
            "Avg": .double(mean), "StdDev": .double((spread / count).squareRoot()),
        ]
    }
}
