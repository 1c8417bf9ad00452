// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire

/// The world's metadata: one SQLite database in WAL mode that any number of processes share.
public final class Store: Sendable {
    /// What a committed change survives.
    public enum Durability: String, Sendable, CaseIterable {
        /// The death of any process (SQLite's synchronous=NORMAL).
        case process
        /// The loss of power (synchronous=FULL: one sync of the disk a commit).
        case power
    }

    /// How a process uses the database.
    public enum Use: Sendable {
        /// Many requests at once: readers have connections of their own.
        case service
        /// One command that starts and ends quickly: one connection does.
        case command
    }

    /// The database file.
    public let path: String
    /// What a committed change survives.
    public let durability: Durability
    private let connections: any DatabaseWriter

    /// Opens, and where needed creates or upgrades, the database at `path`.
    ///
    /// - Throws: `WorldError.newerWorld` where a later version has written it; GRDB's `DatabaseError` where it can't be opened.
    public init(path: String, durability: Durability = .process, use: Use = .service) throws {
        self.path = path
        self.durability = durability
        var configuration = Configuration()
        configuration.busyMode = .timeout(20)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        switch use {
        case .service: connections = try DatabasePool(path: path, configuration: configuration)
        case .command:
            // A pool connects twice and writes into an empty log on opening; a queue does neither.
            connections = try DatabaseQueue(path: path, configuration: configuration)
            try connections.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        }
        // GRDB sets a pool's writer to NORMAL when it turns WAL on, so this has to come after opening.
        let level = durability == .power ? "FULL" : "NORMAL"
        try connections.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = \(level)") }
        try migrate()
    }

    private func migrate() throws {
        let latest = Migration.all.count
        let present = try connections.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
        if present == latest { return }
        guard present < latest else { throw WorldError.newerWorld(found: present, known: latest) }
        try connections.write { database in
            // Another process may have been first.
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            for migration in Migration.all where migration.number > version {
                try database.execute(sql: migration.sql)
                try database.execute(sql: "PRAGMA user_version = \(migration.number)")
            }
        }
    }

    /// Runs `body` on a snapshot of the database.
    public func read<Result: Sendable>(_ body: @Sendable (Database) throws -> Result) throws -> Result {
        try connections.read(body)
    }

    /// Runs `body` in one transaction: all of it is there afterwards, or, where it throws, nothing.
    public func write<Result: Sendable>(_ body: @Sendable (Database) throws -> Result) throws -> Result {
        try connections.write(body)
    }

    /// Closes the connections.
    public func close() throws {
        try connections.close()
    }

    /// The state of the write-ahead log, which every commit changes.
    public struct ChangeMark: Sendable, Hashable {
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    /// The state of the write-ahead log now: another one than before says that something may have changed.
    public func changeMark() -> ChangeMark {
        var status = stat()
        guard stat(path + "-wal", &status) == 0 else { return ChangeMark(size: 0, seconds: 0, nanoseconds: 0) }
        return ChangeMark(
            size: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    /// Returns when a process has committed a change since the call, or after `seconds`.
    public func waitForChange(atMost seconds: Double) async throws {
        let before = changeMark()
        let deadline = ContinuousClock.now + .seconds(seconds)
        while changeMark() == before, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
