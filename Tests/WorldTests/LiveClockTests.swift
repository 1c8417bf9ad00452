// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import World

/// The world's clock while somebody puts it forward.
@Suite struct LiveClockTests {
    private let world: World

    init() throws {
        world = try World.open(at: NSTemporaryDirectory() + "sagebrush-clock-" + UUID().uuidString) { database, now in
            try Account(id: Account.initialID, creationTime: now).insert(in: database)
        }
    }

    @Test func whoWaitsByTheClockSeesItPutForward() async throws {
        let clock = try LiveClock(world.store)
        let start = clock.now()
        let store = world.store
        async let waiting: Void = clock.wait(until: start + 12 * 3600)
        try await Task.detached { try store.write { try $0.setClock(try $0.clock().advanced(bySeconds: 13 * 3600)) } }.value
        try await waiting
        #expect(clock.now() >= start + 13 * 3600)
        // The database's own clock agrees, by which usage is metered.
        let inside = try store.read { try Double.fetchOne($0, sql: "SELECT seconds FROM world_now") }
        #expect(abs(try #require(inside) - clock.now()) < 60)
        try world.close()
        try FileManager.default.removeItem(atPath: world.path)
    }

    @Test func aMachineIsThereAtOnceWhenTheClockIsSetToInstant() async throws {
        try world.store.write { try $0.setClock(try $0.clock().changed(to: .scaled(factor: 1))) }
        let clock = try LiveClock(world.store)
        let store = world.store
        async let waiting: Void = clock.wait(until: clock.now() + 12 * 3600, isMachineTime: true)
        try await Task.detached { try store.write { try $0.setClock(try $0.clock().changed(to: .instant)) } }.value
        try await waiting
        try world.close()
        try FileManager.default.removeItem(atPath: world.path)
    }

    @Test func aClockSetBeforeTheDatabaseHadOneOfItsOwnIsCarriedOver() throws {
        let ahead = 1_000_000.0
        try world.store.write { database in
            try database.setClock(try database.clock().changed(to: .scaled(factor: 60)).advanced(bySeconds: ahead))
            try database.execute(sql: "DELETE FROM setting WHERE name = 'clock.line'; PRAGMA user_version = 5")
        }
        try world.close()
        let again = try World.open(at: world.path) { _, _ in }
        let (inside, clock) = try again.store.read {
            (try Double.fetchOne($0, sql: "SELECT seconds FROM world_now"), try $0.clock())
        }
        #expect(abs(try #require(inside) - clock.now()) < ahead / 2)
        try again.close()
        try FileManager.default.removeItem(atPath: world.path)
    }
}
