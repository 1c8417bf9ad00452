// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire

/// A world: one folder with the metadata, the bodies of objects, and the folders of processes.
///
///     world.sqlite      metadata
///     objects/          bodies of objects, by content-independent id
///     hosts/            one folder a process: lease, socket, log, /opt/ml
///     volumes/          notebook instances' storage
///     refusals/         how accounts' last refused calls were decided
///     lessons/          what accounts had when a lesson began
///     runtimes/         what users' programs need: virtual environments of Python
public final class World: Sendable {
    /// The folder.
    public let path: String
    /// The metadata.
    public let store: Store

    /// Where the bodies of objects are.
    public var objectsPath: String { path + "/objects" }
    /// Where processes have their folders.
    public var hostsPath: String { path + "/hosts" }
    /// Where notebook instances keep their files.
    public var volumesPath: String { path + "/volumes" }
    /// Where accounts' last refused calls are.
    public var refusalsPath: String { path + "/refusals" }
    /// Where the runtimes of users' programs are; a reset leaves them, because they come from outside.
    public var runtimesPath: String { path + "/runtimes" }

    private init(path: String, store: Store) {
        self.path = path
        self.store = store
    }

    /// What a new or emptied world is filled with: accounts, identities, public data.
    public typealias Bootstrap = @Sendable (_ database: Database, _ now: Double) throws -> Void

    /// The folder that is meant where none is named: SAGEBRUSH_WORLD, else below the user's XDG data folder.
    public static func defaultPath(environment: [String: String]) -> String {
        if let path = environment["SAGEBRUSH_WORLD"], !path.isEmpty { return path }
        let home = environment["HOME"] ?? NSHomeDirectory()
        let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.local/share"
        return data + "/sagebrush/world"
    }

    /// Whether there is a world at `path`.
    public static func exists(at path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/world.sqlite")
    }

    /// Opens the world at `path`, making it first where the folder is absent or empty.
    ///
    /// - Throws: `WorldError`; `DatabaseError` where the database is damaged.
    public static func open(
        at path: String, durability: Store.Durability = .process, use: Store.Use = .service, bootstrap: Bootstrap
    ) throws -> World {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        let isNew = !exists(at: absolute)
        if isNew { try makeFolders(at: absolute) }
        let world = World(path: absolute, store: try Store(path: absolute + "/world.sqlite", durability: durability, use: use))
        if try isNew || world.store.read({ try Account.all(in: $0).isEmpty }) {
            // Two processes may open a new world at once: the second finds the accounts there.
            try world.store.write { database in
                if try Account.all(in: database).isEmpty { try bootstrap(database, Clock.initial.now()) }
            }
        }
        return world
    }

    /// Empties the world at once, also while others have it open; hosts must have been ended before.
    public func reset(bootstrap: Bootstrap) throws {
        try store.write { database in
            let tables = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
            for table in tables { try database.execute(sql: "DELETE FROM \"\(table)\"") }
            try bootstrap(database, Clock.initial.now())
        }
        for path in [lessonsPath, refusalsPath] { try? FileManager.default.removeItem(atPath: path) }
        for folder in [objectsPath, hostsPath, volumesPath] {
            for entry in try FileManager.default.contentsOfDirectory(atPath: folder) {
                try FileManager.default.removeItem(atPath: folder + "/" + entry)
            }
        }
    }

    /// Closes the database.
    ///
    /// The world stays as it is.
    public func close() throws {
        try store.close()
    }

    private static func makeFolders(at path: String) throws {
        let manager = FileManager.default
        if let entries = try? manager.contentsOfDirectory(atPath: path), !entries.isEmpty,
            !entries.allSatisfy({ ["objects", "hosts", "volumes", "runtimes"].contains($0) || $0.hasPrefix("world.sqlite") })
        {
            throw WorldError.folderIsNotAWorld(path: path)
        }
        for folder in [path, path + "/objects", path + "/hosts", path + "/volumes"] {
            do {
                try manager.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw WorldError.cannotCreateFolder(path: folder, reason: error.localizedDescription)
            }
        }
    }
}

extension World {
    /// Ends every process that works for the world.
    public func endAllProcesses() async throws {
        try await end(try store.read { try HostProcess.all(in: $0) })
    }

    /// Ends processes, all at once.
    func end(_ processes: [HostProcess]) async throws {
        for process in processes { process.terminate(signal: SIGKILL) }
        for process in processes { try await process.end(graceSeconds: 0) }
    }
}
