// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What a bucket has held in one storage class, over all its time.
public struct StorageLedger: Sendable, Hashable {
    /// The bucket's name; it may be gone.
    public var bucket: String
    /// The region's code.
    public var region: String
    /// `STANDARD`.
    public var storageClass: String
    /// Hours in which it grew or shrank, in order.
    var changes: [Change] = []

    /// What changed in an hour.
    struct Change: Sendable, Hashable {
        /// Since 1970.
        var hour: Int
        /// By how many bytes it grew.
        var bytes: Int
        /// The bytes times the seconds from each of them to the hour's end.
        var byteSeconds: Double

        /// The bytes times the seconds that they were there before `time`.
        func byteSeconds(before time: Double) -> Double {
            let end = Double(hour + 1) * 3600
            // Nothing is known of the order within an hour; a time in an hour is the present one, after all that happened in it.
            return time <= end - 3600 ? 0 : byteSeconds + Double(bytes) * (time - end)
        }
    }

    /// The bytes that it holds now.
    public var bytes: Int { changes.reduce(0) { $0 + $1.bytes } }

    /// The bytes times the seconds that they were held in a stretch of time, which begins with an hour and ends with one or now.
    public func byteSeconds(in span: Range<Double>) -> Double {
        // What changed in an account's first hour changed after the account was made.
        let start = (span.lowerBound / 3600).rounded(.down) * 3600
        return max(0, changes.reduce(0) { $0 + $1.byteSeconds(before: span.upperBound) - $1.byteSeconds(before: start) })
    }
}

/// How many requests of a price went to a bucket in a month.
public struct RequestCount: Sendable, Hashable {
    /// What requests are priced by.
    public enum Kind: String, Sendable, CaseIterable {
        /// PUT, COPY, POST and LIST.
        case write
        /// GET and all others that are not free.
        case read
    }

    /// The bucket's name.
    public var bucket: String
    /// The region's code.
    public var region: String
    /// What they are priced by.
    public var kind: Kind
    /// `2026-11`.
    public var month: String
    /// How many.
    public var count: Int

    /// Makes one from its parts.
    public init(bucket: String, region: String, kind: Kind, month: String, count: Int) {
        self.bucket = bucket
        self.region = region
        self.kind = kind
        self.month = month
        self.count = count
    }
}

extension Database {
    /// What the buckets of an account have held.
    func storage(of account: String) throws -> [StorageLedger] {
        var ledgers: [StorageLedger] = []
        let rows = try Row.fetchAll(
            self,
            sql: """
                SELECT bucket, region, class, hour, bytes, byte_seconds FROM storage_change WHERE account = ?
                ORDER BY bucket, region, class, hour
                """,
            arguments: [account])
        for row in rows {
            let ledger = StorageLedger(bucket: row[0], region: row[1], storageClass: row[2])
            let last = ledgers.last
            if last?.bucket != ledger.bucket || last?.region != ledger.region || last?.storageClass != ledger.storageClass {
                ledgers.append(ledger)
            }
            ledgers[ledgers.count - 1].changes.append(.init(hour: row[3], bytes: row[4], byteSeconds: row[5]))
        }
        return ledgers
    }

    /// The requests of an account that have been counted.
    func requestCounts(of account: String) throws -> [RequestCount] {
        try Row.fetchAll(
            self, sql: "SELECT bucket, region, class, month, count FROM request_count WHERE account = ?", arguments: [account]
        ).compactMap { row in
            RequestCount.Kind(rawValue: row[2]).map {
                RequestCount(bucket: row[0], region: row[1], kind: $0, month: row[3], count: row[4])
            }
        }
    }
}
