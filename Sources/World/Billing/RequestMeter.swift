// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Counts the requests to buckets that cost something.
///
/// A request must not wait for its count to be written: counts are put together in memory and added to the database once a second, and
/// before the process ends (`flush`). What a killed process had not written yet is not on the bill.
public final class RequestMeter: Sendable {
    private struct Key: Hashable {
        var bucket: String
        var kind: RequestCount.Kind
        var month: String
    }

    private let store: Store
    private let lock = NSLock()
    nonisolated(unsafe) private var counts: [Key: Int] = [:]

    /// A meter that writes to `store`.
    public init(store: Store) { self.store = store }

    /// Counts a request that was answered.
    ///
    /// - Parameters:
    ///   - operation: as S3 names it: `PutObject`.
    ///   - bucket: whose owner pays for it.
    ///   - now: world time.
    public func count(_ operation: String, bucket: String, now: Double) {
        guard let kind = RequestCount.Kind(operation: operation) else { return }
        let key = Key(bucket: bucket, kind: kind, month: Month(at: now).name)
        let isFirst = lock.withLock {
            counts[key, default: 0] += 1
            return counts.count == 1 && counts[key] == 1
        }
        guard isFirst else { return }
        Task.detached {
            try? await Task.sleep(for: .seconds(1))
            self.flush()
        }
    }

    /// Adds what was counted to the database.
    public func flush() {
        let counts = lock.withLock {
            defer { self.counts = [:] }
            return self.counts
        }
        guard !counts.isEmpty else { return }
        // A bill that lacks some requests is better than a process that fails for them.
        try? store.write { database in
            for (key, count) in counts {
                try database.execute(
                    sql: """
                        INSERT INTO request_count (account, region, bucket, class, month, count)
                        SELECT account, region, name, ?, ?, ? FROM bucket WHERE name = ?
                        ON CONFLICT DO UPDATE SET count = count + excluded.count
                        """,
                    arguments: [key.kind.rawValue, key.month, count, key.bucket])
            }
        }
    }
}

extension RequestCount.Kind {
    /// What an operation of S3's is priced by; nil where it is free, as deleting is.
    init?(operation: String) {
        if operation.hasPrefix("Delete") || operation.hasPrefix("Abort") { return nil }
        let writes = ["Put", "Copy", "Create", "Upload", "Complete", "List", "Restore"]
        self = writes.contains { operation.hasPrefix($0) } ? .write : .read
    }
}
