// SPDX-License-Identifier: Apache-2.0

extension Migration {
    /// Log groups, streams and events; metric data.
    static let observability = Migration(number: 3, name: "observability", sql: "")
}
