// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Something of an account that is still there: what cleaning up goes by.
public struct Leftover: Sendable, Hashable {
    /// `sagemaker:endpoint`; `s3:bucket`, `logs:log-group`.
    public var kind: String
    /// The region's code.
    public var region: String
    /// The name.
    public var name: String
    /// The status, as the service names it; of a bucket, whether it keeps old versions; empty where there is none.
    public var status: String
}

extension Database {
    /// What an account has of some kinds in all regions, in the order of `kinds`, then of regions and names.
    public func leftovers(of account: String, kinds: [String]) throws -> [Leftover] {
        var found: [String: [Leftover]] = [:]
        let rows = try Row.fetchAll(
            self,
            sql: """
                SELECT kind, region, name, status FROM resource WHERE account = :account
                UNION ALL SELECT 's3:bucket', region, name, coalesce(versioning, '') FROM bucket WHERE account = :account
                UNION ALL SELECT 'logs:log-group', region, name, '' FROM log_group WHERE account = :account
                ORDER BY 1, 2, 3
                """,
            arguments: ["account": account])
        for row in rows {
            let leftover = Leftover(kind: row[0], region: row[1], name: row[2], status: row[3])
            found[leftover.kind, default: []].append(leftover)
        }
        return kinds.flatMap { found[$0] ?? [] }
    }
}
