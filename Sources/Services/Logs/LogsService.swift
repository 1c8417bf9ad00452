// SPDX-License-Identifier: Apache-2.0

import Wire

/// Amazon CloudWatch Logs.
public enum LogsService {
    /// The operations, a row each.
    public static let table = ServiceTable(
        service: "logs", prefix: "logs",
        [
            row(CreateLogGroup.self), row(DeleteLogGroup.self), row(PutRetentionPolicy.self), row(DeleteRetentionPolicy.self),
            row(CreateLogStream.self), row(DeleteLogStream.self), row(DescribeLogStreams.self), row(PutLogEvents.self),
            row(GetLogEvents.self), row(FilterLogEvents.self),
            OperationRow(DescribeLogGroups.self, .template("log-group::log-stream:*"), keyStyle: .asWritten),
        ] + LogsTags.rows + LogsKeys.rows + LogsFilters.rows + LogsDestinations.rows + LogsDeliveries.rows + LogsQueries.rows
            + LogsExports.rows)

    private static func row<O: Operation>(_ operation: O.Type) -> OperationRow {
        OperationRow(operation, LogsResource.authorization(O.name), keyStyle: .asWritten)
    }
}
