// SPDX-License-Identifier: Apache-2.0

/// Amazon CloudWatch's metrics.
public enum CloudWatchService {
    /// The operations, a row each.
    ///
    /// Metrics have no ARNs: permissions are on `*`.
    public static let table = ServiceTable(
        service: "cloudwatch", prefix: "cloudwatch",
        [
            OperationRow(GetMetricStatistics.self), OperationRow(GetMetricData.self), OperationRow(ListMetrics.self),
            OperationRow(PutMetricData.self),
        ])
}
