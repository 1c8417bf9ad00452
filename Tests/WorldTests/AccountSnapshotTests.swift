// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import Wire

@testable import World

/// One account is put back to what it had; the other stays as it is.
struct AccountSnapshotTests {
    private static let other = "222222222222"

    private final class Place: Sendable {
        let world: World
        let snapshot: AccountSnapshot

        init() throws {
            let path = FileManager.default.temporaryDirectory.path + "/snapshot-" + UUID().uuidString
            world = try World.open(at: path) { database, now in
                for id in [Account.initialID, AccountSnapshotTests.other] {
                    try Account(id: id, creationTime: now).insert(in: database)
                    _ = try database.insertBucket(Bucket(name: "of-\(id)", account: id, region: "us-east-1", creationTime: now))
                    try database.setTags([Tag(Key: "team", Value: "a")], of: "arn:aws:iam::\(id):role/lab")
                    let scope = Scope(account: id, region: "us-east-1")
                    let stream = try database.ensureLogStream("host", group: "/jobs", in: scope, now: now)
                    try database.appendLogLines([LogLine(timestamp: 1, message: "first of \(id)")], to: stream.id, now: now)
                }
            }
            snapshot = AccountSnapshot(of: Account.initialID, in: path + "/lessons/one")
        }

        deinit {
            try? world.close()
            try? FileManager.default.removeItem(atPath: world.path)
        }

        /// Stores an object; bodies beyond 4 KB are files.
        func put(_ key: String, _ bytes: [UInt8], bucket name: String) throws {
            let writer = world.bodies.makeWriter()
            try writer.write(bytes)
            let body = try writer.finish()
            try world.store.write { database in
                let bucket = try #require(try database.bucket(named: name))
                let summary = ObjectSummary(key: key, size: bytes.count, eTag: "", lastModifiedTime: 0, owner: bucket.account)
                _ = try database.insertObject(StoredObject(summary: summary, details: ObjectDetails(), body: body), in: bucket)
            }
            writer.keep()
        }

        func bytes(_ key: String, bucket name: String) throws -> [UInt8]? {
            let body = try world.store.read { database -> StoredBody? in
                guard let bucket = try database.bucket(named: name) else { return nil }
                return try database.latestObject(key, in: bucket)?.body
            }
            switch body {
            case .inline(let bytes): return bytes
            case .file(let id): return [UInt8](try Data(contentsOf: URL(fileURLWithPath: world.bodies.path(of: id))))
            default: return nil
            }
        }

        func deleteBucket(_ name: String) throws {
            try world.store.write { database in
                try database.deleteBucket(try #require(try database.bucket(named: name)))
            }
        }

        func messages(of account: String) throws -> [String] {
            try world.store.read { database in
                try String.fetchAll(
                    database,
                    sql: """
                        SELECT message FROM log_event JOIN log_stream ON log_stream = log_stream.id
                        JOIN log_group ON log_group = log_group.id WHERE account = ? ORDER BY log_event.id
                        """, arguments: [account])
            }
        }
    }

    private let mine = "of-" + Account.initialID
    private let theirs = "of-" + other
    private let large = [UInt8](repeating: 5, count: 20_000)

    @Test func bringsBackWhatWasDeletedAndForgetsWhatWasMade() throws {
        let place = try Place()
        try place.put("small", [1, 2], bucket: mine)
        try place.put("large", large, bucket: mine)
        try place.snapshot.take(in: place.world)
        try place.deleteBucket(mine)
        // The files themselves go.
        try place.world.bodies.removeFreedBodies(in: place.world.store, graceSeconds: -5)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: place.world.objectsPath).filter { $0.count > 30 }.isEmpty)
        try place.world.store.write { database in
            _ = try database.insertBucket(Bucket(name: "later", account: Account.initialID, region: "us-east-1", creationTime: 0))
            try database.removeAllTags(of: "arn:aws:iam::\(Account.initialID):role/lab")
            _ = try database.deleteLogGroup("/jobs", in: Scope(account: Account.initialID, region: "us-east-1"))
        }
        try place.snapshot.restore(in: place.world)
        #expect(try place.bytes("small", bucket: mine) == [1, 2])
        #expect(try place.bytes("large", bucket: mine) == large)
        let (later, tags) = try place.world.store.read { database in
            (try database.bucket(named: "later"), try database.tags(of: "arn:aws:iam::\(Account.initialID):role/lab"))
        }
        #expect(later == nil)
        #expect(tags.count == 1)
        #expect(try place.messages(of: Account.initialID) == ["first of \(Account.initialID)"])
        // A second time, and after files that nothing names were swept.
        try place.world.bodies.sweep(in: place.world.store, graceSeconds: -5)
        #expect(try place.bytes("large", bucket: mine) == large)
        try place.deleteBucket(mine)
        try place.snapshot.restore(in: place.world)
        #expect(try place.bytes("large", bucket: mine) == large)
    }

    @Test func otherAccountsStayAsTheyAre() throws {
        let place = try Place()
        try place.put("large", large, bucket: theirs)
        try place.snapshot.take(in: place.world)
        try place.put("second", [7], bucket: theirs)
        try place.world.store.write { database in
            // The other account's rows now have the numbers that this account's had.
            let scope = Scope(account: Account.initialID, region: "us-east-1")
            _ = try database.deleteLogGroup("/jobs", in: scope)
            let others = Scope(account: Self.other, region: "eu-west-1")
            let stream = try database.ensureLogStream("host", group: "/later", in: others, now: 0)
            try database.appendLogLines([LogLine(timestamp: 2, message: "later")], to: stream.id, now: 0)
        }
        try place.snapshot.restore(in: place.world)
        #expect(try place.bytes("large", bucket: theirs) == large)
        #expect(try place.bytes("second", bucket: theirs) == [7])
        #expect(try Set(place.messages(of: Self.other)) == ["first of \(Self.other)", "later"])
        #expect(try place.messages(of: Account.initialID) == ["first of \(Account.initialID)"])
    }

    @Test func theNewestVersionStaysTheNewest() throws {
        let place = try Place()
        try place.world.store.write { database in
            var bucket = try #require(try database.bucket(named: mine))
            bucket.versioning = .enabled
            try database.updateBucket(bucket)
        }
        for value: UInt8 in 1...3 { try place.put("key", [value], bucket: mine) }
        try place.snapshot.take(in: place.world)
        try place.put("key", [9], bucket: mine)
        try place.snapshot.restore(in: place.world)
        #expect(try place.bytes("key", bucket: mine) == [3])
    }

    @Test func aNameThatSomebodyElseHasTakenIsNotTakenBack() throws {
        let place = try Place()
        try place.put("small", [1], bucket: mine)
        try place.snapshot.take(in: place.world)
        try place.deleteBucket(mine)
        try place.world.store.write { database in
            _ = try database.insertBucket(Bucket(name: mine, account: Self.other, region: "us-east-1", creationTime: 0))
        }
        #expect(throws: WorldError.self) { try place.snapshot.restore(in: place.world) }
        #expect(try place.world.store.read { try $0.bucket(named: mine)?.account } == Self.other)
    }

    @Test func withoutASnapshotNothingIsTouched() throws {
        let place = try Place()
        #expect(!place.snapshot.exists)
        #expect(throws: WorldError.self) { try place.snapshot.restore(in: place.world) }
        #expect(try place.world.store.read { try $0.bucket(named: mine) } != nil)
    }

    /// A table that nobody has thought about would keep what an account had after it was put back.
    @Test func everyTableIsEitherPutBackOrTellsOfThePast() throws {
        let place = try Place()
        let past: Set = [
            "setting", "account", "host_process", "freed_body", "usage", "storage_change", "request_count",
        ]
        let tables = try place.world.store.read { database in
            try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        }
        #expect(Set(tables).subtracting(AccountSnapshot.parts.map(\.table)).subtracting(past).isEmpty)
    }
}
