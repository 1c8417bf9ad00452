// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import Wire

@testable import World

struct ObjectsTests {
    /// A world in a temporary folder with one bucket.
    private final class Place: Sendable {
        let world: World

        init() throws {
            let path = FileManager.default.temporaryDirectory.path + "/objects-" + UUID().uuidString
            world = try World.open(at: path) { database, now in
                try Account(id: Account.initialID, creationTime: now).insert(in: database)
                _ = try database.insertBucket(
                    Bucket(name: "bucket", account: Account.initialID, region: "us-east-1", creationTime: now))
            }
        }

        deinit {
            try? world.close()
            try? FileManager.default.removeItem(atPath: world.path)
        }

        var files: [String] {
            get throws {
                try FileManager.default.subpathsOfDirectory(atPath: world.objectsPath).filter { $0.contains("/") }
            }
        }

        func insert(_ key: String, _ body: StoredBody, size: Int) throws {
            try world.store.write { database in
                let bucket = try #require(try database.bucket(named: "bucket"))
                let summary = ObjectSummary(key: key, size: size, eTag: "", lastModifiedTime: 0, owner: Account.initialID)
                _ = try database.insertObject(StoredObject(summary: summary, details: ObjectDetails(), body: body), in: bucket)
            }
        }
    }

    @Test func aWriterThatIsLetGoLeavesNothing() throws {
        let place = try Place()
        do {
            let unfinished = place.world.bodies.makeWriter()
            try unfinished.write([UInt8](repeating: 1, count: 10_000))
            #expect(try place.files.count == 1)
            withExtendedLifetime(unfinished) {}
        }
        #expect(try place.files.isEmpty)
        do {
            let uncommitted = place.world.bodies.makeWriter()
            try uncommitted.write([UInt8](repeating: 1, count: 10_000))
            _ = try uncommitted.finish()
            #expect(try place.files.count == 1)
            withExtendedLifetime(uncommitted) {}
        }
        #expect(try place.files.isEmpty)
    }

    @Test func smallBodiesStayInMemory() throws {
        let place = try Place()
        let writer = place.world.bodies.makeWriter()
        try writer.write([1, 2])
        try writer.write([3])
        #expect(try writer.finish() == .inline([1, 2, 3]))
        #expect(try place.files.isEmpty)
    }

    /// What a process that is killed can leave: an unfinished file, and a finished one that the database doesn't name.
    @Test func aSweepRemovesWhatKilledProcessesLeft() throws {
        let place = try Place()
        let bodies = place.world.bodies
        let writer = bodies.makeWriter()
        try writer.write([UInt8](repeating: 7, count: 10_000))
        let kept = try writer.finish()
        try place.insert("kept", kept, size: 10_000)
        writer.keep()
        try bodies.makeFolder(bodies.folder + "/tmp")
        try bodies.makeFolder(bodies.folder + "/ab")
        for name in ["tmp/abandoned", "ab/ab00"] { try Data([1]).write(to: URL(fileURLWithPath: bodies.folder + "/" + name)) }
        // Young files may be about to be named.
        #expect(try bodies.sweep(in: place.world.store) == 0)
        let busy = bodies.makeWriter()
        try busy.write([UInt8](repeating: 8, count: 10_000))
        #expect(try bodies.sweep(in: place.world.store, graceSeconds: -1) == 2)
        guard case .file(let id) = kept else {
            Issue.record("10,000 bytes belong in a file")
            return
        }
        #expect(FileManager.default.contents(atPath: bodies.path(of: id))?.count == 10_000)
        // What is being written is locked and stays.
        guard case .file(let second) = try busy.finish() else { return }
        #expect(FileManager.default.fileExists(atPath: bodies.path(of: second)))
        withExtendedLifetime(busy) {}
    }

    @Test func freedBodiesGoAfterAWhile() throws {
        let place = try Place()
        let bodies = place.world.bodies
        let writer = bodies.makeWriter()
        try writer.write([UInt8](repeating: 7, count: 10_000))
        let body = try writer.finish()
        try place.insert("k", body, size: 10_000)
        writer.keep()
        try place.insert("k", .inline([1]), size: 1)
        try bodies.removeFreedBodies(in: place.world.store)
        #expect(try place.files.count == 1)
        try bodies.removeFreedBodies(in: place.world.store, graceSeconds: -1)
        #expect(try place.files.isEmpty)
    }

    @Test func aSecondNameOutlivesTheFirst() throws {
        let place = try Place()
        let bodies = place.world.bodies
        let writer = bodies.makeWriter()
        try writer.write([UInt8](repeating: 7, count: 10_000))
        guard case .file(let first) = try writer.finish() else { return }
        writer.keep()
        let second = try bodies.link(first)
        unlink(bodies.path(of: first))
        #expect(FileManager.default.contents(atPath: bodies.path(of: second))?.count == 10_000)
    }

    @Test func deletingABucketFreesItsBodies() throws {
        let place = try Place()
        let writer = place.world.bodies.makeWriter()
        try writer.write([UInt8](repeating: 7, count: 10_000))
        try place.insert("k", try writer.finish(), size: 10_000)
        writer.keep()
        try place.world.store.write { database in
            let bucket = try #require(try database.bucket(named: "bucket"))
            try database.deleteBucket(bucket)
        }
        try place.world.bodies.removeFreedBodies(in: place.world.store, graceSeconds: -1)
        #expect(try place.files.isEmpty)
    }

    @Test func canonicalUsersAreTheSameEverywhere() {
        let id = Account.canonicalUserID(of: Account.initialID)
        #expect(id.count == 64)
        #expect(id == Account.canonicalUserID(of: Account.initialID))
        #expect(id != Account.canonicalUserID(of: Account.publicDataID))
    }
}
