// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Synchronization
import Wire
import World

/// Lets the rules of all lifecycles act, once for each day of the world's clock.
enum LifecycleRun {
    private static let setting = "last_lifecycle_day"
    /// The day that was looked at last, by the world's path: most requests need not look into the database.
    private static let knownDays = Mutex<[String: Int]>([:])

    /// Acts where a midnight has passed since the last time.
    static func settle(_ call: Call) throws {
        let day = Int((call.now / 86_400).rounded(.down))
        let path = call.world.path
        if knownDays.withLock({ $0[path] }) == day { return }
        let last = try call.world.store.read { try $0.setting(setting) }.flatMap { Int($0) }
        if let last, last >= day {
            knownDays.withLock { $0[path] = day }
            return
        }
        try call.world.store.write { database in
            try database.setSetting(setting, to: String(day))
            let buckets = try Row.fetchAll(
                database,
                sql: "SELECT bucket.* FROM bucket JOIN bucket_configuration ON bucket.id = bucket WHERE kind = ?",
                arguments: [Lifecycle.kind])
            for row in buckets { try run(try database.requiredBucket(row["name"]), call: call, in: database) }
        }
        knownDays.withLock { $0[path] = day }
        try ObjectStorage.tidy(call.world)
    }

    /// Lets the rules of one bucket act as they stand at the call's time.
    static func run(_ bucket: Bucket, call: Call, in database: Database) throws {
        let rules = try Lifecycle.rules(of: bucket, in: database).filter(\.isEnabled)
        if rules.isEmpty { return }
        var request = ObjectListRequest()
        request.includesVersions = true
        request.limit = 1000
        var state = KeyState()
        while true {
            let list = try database.listObjects(in: bucket, request)
            for summary in list.objects {
                guard let object = try database.object(id: summary.id) else { continue }
                state.take(object)
                try act(on: object, state, rules, bucket, call, database)
            }
            guard let next = list.next else { break }
            request.start = next
        }
        for upload in try database.uploads(in: bucket) {
            let isOver = rules.contains { rule in
                guard let days = rule.abortDays, upload.key.utf8.starts(with: rule.prefix.utf8) else { return false }
                return ArchivedObject.midnight(after: upload.initiationTime + Double(days) * 86_400) <= call.now
            }
            if isOver { try database.deleteUpload(upload) }
        }
    }

    /// Where among the versions of its key an object stands; they come newest first.
    private struct KeyState {
        var key: String?
        /// 0 for the current version, 1 for the newest noncurrent one.
        var position = 0
        /// When the version became noncurrent.
        var noncurrentSince = 0.0
        private var newerTime = 0.0

        mutating func take(_ object: StoredObject) {
            if key == object.summary.key {
                position += 1
                noncurrentSince = newerTime
            } else {
                key = object.summary.key
                position = 0
            }
            newerTime = object.summary.lastModifiedTime
        }
    }

    private static func act(
        on object: StoredObject, _ state: KeyState, _ rules: [LifecycleRule], _ bucket: Bucket, _ call: Call, _ database: Database
    ) throws {
        let summary = object.summary
        let rules = rules.filter { $0.covers(key: summary.key, size: summary.size, tags: object.details.tags ?? []) }
        func isDue(_ time: Double?) -> Bool { time.map { $0 <= call.now } ?? false }
        if state.position > 0 {
            let isOver = rules.contains { rule in
                guard let days = rule.noncurrentDays, state.position > rule.newerNoncurrentVersions else { return false }
                return isDue(LifecycleRule.Moment(days: days).time(from: state.noncurrentSince))
            }
            if isOver {
                guard (try? ObjectLock.checkDeletion(of: object, bypassesGovernance: false, now: call.now)) != nil else { return }
                try database.deleteObjectVersion(object, in: bucket)
                return
            }
            let due = rules.flatMap(\.noncurrentTransitions).filter {
                state.position > $0.newerVersions && isDue($0.moment.time(from: state.noncurrentSince))
            }
            try move(object, to: due, database)
            return
        }
        if summary.isDeleteMarker {
            guard
                rules.contains(where: { $0.removesLoneDeleteMarkers || isDue($0.expiration?.time(from: summary.lastModifiedTime)) })
            else { return }
            let hidden = try database.object(olderThan: object, in: bucket)
            if !hidden { try database.deleteObjectVersion(object, in: bucket) }
            return
        }
        if rules.contains(where: { isDue($0.expiration?.time(from: summary.lastModifiedTime)) }) {
            _ = try ObjectDeletion.delete(
                summary.key, version: nil, conditions: .init(), in: bucket, call: call, database: database)
            return
        }
        let due = rules.flatMap(\.transitions).filter { isDue($0.moment.time(from: summary.lastModifiedTime)) }
        try move(object, to: due, database)
    }

    /// Moves an object to the storage class whose time came last.
    private static func move(_ object: StoredObject, to due: [LifecycleRule.Transition], _ database: Database) throws {
        let latest = due.max { ($0.moment.days ?? 0, $0.moment.date ?? 0) < ($1.moment.days ?? 0, $1.moment.date ?? 0) }
        guard let latest, !object.summary.isDeleteMarker, object.summary.storageClass != latest.storageClass else { return }
        var moved = object
        moved.summary.storageClass = latest.storageClass
        try database.updateObject(moved)
    }
}

extension Database {
    /// Whether a key has a version older than this one.
    fileprivate func object(olderThan object: StoredObject, in bucket: Bucket) throws -> Bool {
        try Bool.fetchOne(
            self, sql: "SELECT EXISTS (SELECT 1 FROM object WHERE bucket = ? AND key = ? AND id < ?)",
            arguments: [bucket.id, object.summary.key, object.summary.id]) ?? false
    }
}
