// SPDX-License-Identifier: Apache-2.0

import GRDB
import World

/// What one invocation leaves in `AWS/SageMaker`.
struct InvocationMetrics: Sendable {
    var endpoint: String
    var variant: String
    var call: Call

    /// How old the note of a host's last use may get, in world seconds.
    private static let useSeconds = 5.0

    /// Commits the metrics of one answered request.
    func record(status: Int, modelTime: Duration, overheadTime: Duration, host: String?) throws {
        let dimensions = [
            MetricIdentity.Dimension(name: "EndpointName", value: endpoint),
            MetricIdentity.Dimension(name: "VariantName", value: variant),
        ]
        let datum = { (name: String, value: Double, unit: String) in
            MetricDatum(
                MetricIdentity(namespace: "AWS/SageMaker", name: name, dimensions: dimensions), timestamp: call.now, unit: unit,
                value: value)
        }
        let data = [
            datum("Invocations", 1, "None"), datum("InvocationsPerInstance", 1, "None"),
            datum("Invocation4XXErrors", (400..<500).contains(status) ? 1 : 0, "None"),
            datum("Invocation5XXErrors", status >= 500 ? 1 : 0, "None"),
            datum("InvocationModelErrors", (200..<300).contains(status) ? 0 : 1, "None"),
            datum("ModelLatency", modelTime.microseconds, "Microseconds"),
            datum("OverheadLatency", overheadTime.microseconds, "Microseconds"),
        ]
        let now = call.now
        let scope = call.scope
        try call.world.store.write { database in
            try database.putMetricData(data, in: scope)
            guard let host else { return }
            try database.execute(
                sql: "UPDATE host_process SET last_used_at = ? WHERE id = ? AND last_used_at < ?",
                arguments: [now, host, now - Self.useSeconds])
        }
    }
}

extension Duration {
    fileprivate var microseconds: Double {
        Double(components.seconds) * 1e6 + (Double(components.attoseconds) / 1e12).rounded()
    }
}
