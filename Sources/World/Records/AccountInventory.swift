// SPDX-License-Identifier: Apache-2.0

import GRDB

/// How many things of a kind an account has in a region, in one status.
public struct ResourceCount: Sendable, Hashable {
    /// `sagemaker:training-job`.
    public var kind: String
    /// The region's code; empty for global services.
    public var region: String
    /// The status, as the service names it; empty where things have none.
    public var status: String
    /// How many.
    public var count: Int
}

/// A bucket with what is in it.
public struct BucketUsage: Sendable, Hashable {
    /// The bucket's name.
    public var name: String
    /// The region's code.
    public var region: String
    /// The versions of objects, delete markers not counted.
    public var objectCount: Int
    /// Their bytes.
    public var byteCount: Int
}

/// All that an account has, as far as a person wants to see it.
public struct AccountInventory: Sendable {
    /// The world's clock.
    public var clock: Clock
    /// How many things of each kind there are.
    public var counts: [ResourceCount]
    /// The buckets, the fullest first.
    public var buckets: [BucketUsage]
    /// The machines that run now.
    public var machines: [RunningMachines]

    /// Looks at all regions.
    public init(of account: String, in database: Database) throws {
        clock = try database.clock()
        counts = try database.resourceCounts(of: account)
        buckets = try database.bucketUsages(of: account)
        machines = try database.runningMachines(of: account)
    }
}

extension Database {
    /// What an account has in all regions, by kind, region and status.
    public func resourceCounts(of account: String) throws -> [ResourceCount] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT kind, region, status, count(*) FROM resource WHERE account = ? GROUP BY kind, region, status
                UNION ALL SELECT 'logs:log-group', region, '', count(*) FROM log_group WHERE account = ? GROUP BY region
                ORDER BY 1, 2, 3
                """,
            arguments: [account, account]
        ).map { ResourceCount(kind: $0[0], region: $0[1], status: $0[2], count: $0[3]) }
    }

    /// An account's buckets with what is in them, the fullest first.
    public func bucketUsages(of account: String) throws -> [BucketUsage] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT bucket.name, bucket.region, count(object.id) AS objects, coalesce(sum(max(object.size, 0)), 0) AS bytes
                FROM bucket LEFT JOIN object ON object.bucket = bucket.id AND NOT object.is_delete_marker
                WHERE bucket.account = ? GROUP BY bucket.id ORDER BY bytes DESC, bucket.name
                """,
            arguments: [account]
        ).map { BucketUsage(name: $0[0], region: $0[1], objectCount: $0[2], byteCount: $0[3]) }
    }

    /// The records of a kind that an account has in all regions, by region and name, at most `limit`.
    public func resources<Record: ResourceRecord>(_ type: Record.Type, ofAccount account: String, limit: Int) throws -> [Record] {
        try String.fetchAll(
            self, sql: "SELECT document FROM resource WHERE kind = ? AND account = ? ORDER BY region, name LIMIT ?",
            arguments: [Record.kind, account, limit]
        ).map { try decodeRecord($0) }
    }
}
