// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Wire

extension OperationCustomization {
    /// `cloudwatch put-metric-data --metric-name M --value 1`: one datum without its JSON.
    static let metricDatum = OperationCustomization(
        arguments: [
            "metric-name", "timestamp", "unit", "value", "dimensions", "statistic-values", "storage-resolution",
        ].map { ArgumentSpecification(option: "--\($0)") },
        optionalMembers: ["metric-data"],
        check: { parsed throws(CommandFailure) in
            guard parsed.values["metric-data"] != nil else { return }
            let names = ["metric-name", "timestamp", "unit", "value", "dimensions", "statistic-values"]
            if let used = names.first(where: { parsed.values[$0] != nil }) {
                throw .parameter(
                    "The key \"\(used.replacingAll("-", with: "_"))\" cannot be specified when one of the following keys are also "
                        + "specified: metric_data")
            }
        },
        apply: { parsed, files, parameters in
            var datum: OrderedDictionary<String, Value> = [:]
            func text(_ name: String) throws -> String? {
                guard let given = parsed.text(name) else { return nil }
                return try files.text(given, option: name)
            }
            if let name = try text("metric-name") { datum["MetricName"] = .string(name) }
            if let time = try text("timestamp") { datum["Timestamp"] = .string(time) }
            if let unit = try text("unit") { datum["Unit"] = .string(unit) }
            if let value = try text("value") { datum["Value"] = .double(try MetricPairs.decimal(value)) }
            if let dimensions = try text("dimensions") {
                datum["Dimensions"] = .list(
                    try MetricPairs.read(dimensions).map { ["Name": .string($0.key), "Value": .string($0.value)] })
            }
            if let statistics = try text("statistic-values") {
                var members: OrderedDictionary<String, Value> = [:]
                for (key, value) in try MetricPairs.read(statistics) { members[key] = .double(try MetricPairs.decimal(value)) }
                datum["StatisticValues"] = .object(members)
            }
            if let resolution = try text("storage-resolution") {
                datum["StorageResolution"] = .integer(try PythonNumber.integer(resolution))
            }
            guard !datum.isEmpty else { return }
            // Beside whole data, what is given here changes the first of them.
            var data = parameters.input["MetricData"]?.listValue ?? [.emptyObject]
            for (name, value) in datum where !data.isEmpty { data[0][name] = value }
            parameters.input["MetricData"] = .list(data)
        })
}

/// `key=value,key=value` with the real CLI's complaints, which are Python's own.
enum MetricPairs {
    static func read(_ text: String) throws(CommandFailure) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            if parts.count < 2 { throw .general("not enough values to unpack (expected 2, got \(parts.count))") }
            if parts.count > 2 { throw .general("too many values to unpack (expected 2)") }
            pairs.append((parts[0], parts[1]))
        }
        return pairs
    }

    static func decimal(_ text: String) throws(CommandFailure) -> Double {
        guard let number = try? PythonNumber.double(text) else { throw .general("[<class 'decimal.ConversionSyntax'>]") }
        return number
    }
}
