// SPDX-License-Identifier: Apache-2.0

/// Amazon CloudWatch: metrics, alarms, dashboards.
public enum CloudWatchService {
    /// The operations, a row each.
    ///
    /// Metrics have no ARNs: permissions are on `*`.
    public static let table = ServiceTable(
        service: "cloudwatch", prefix: "cloudwatch", settle: { try AlarmEvaluation.run($0) },
        Alarms.rows + Dashboards.rows + InsightRules.rows + CloudWatchTags.rows + [
            OperationRow(GetMetricStatistics.self), OperationRow(GetMetricData.self), OperationRow(ListMetrics.self),
            OperationRow(PutMetricData.self),
        ])
}
