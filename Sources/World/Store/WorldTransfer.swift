// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Worlds as folders that are copied and taken over, while other processes may be using the original.
extension World {
    /// What a copy of a world may consist of.
    static let portableEntries: Set<String> = ["world.sqlite", "objects", "lessons", "volumes", "aws"]

    /// Makes `folder`, which must be absent, a copy of this world as it is at one moment.
    ///
    /// Processes stay behind: no lease, socket or host's folder goes along, so that what ran is settled as if its machine had died.
    /// Where it can, a body's file gets a second name instead of a copy, as bodies never change. On an error the folder is left to
    /// the caller.
    ///
    /// - Throws: `WorldError.cannotCreateFolder`, `WorldError.cannotCopy`, GRDB's `DatabaseError`.
    public func copyContents(to folder: String) throws {
        for name in ["", "/objects", "/hosts", "/volumes"] { try Self.makePrivateFolder(folder + name) }
        let source = try DatabaseQueue(path: store.path)
        try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [folder + "/world.sqlite"]) }
        try source.close()
        let copy = try DatabaseQueue(path: folder + "/world.sqlite")
        let ids = try copy.write { database in
            try database.execute(sql: "DELETE FROM host_process; DELETE FROM freed_body")
            let tables = try String.fetchAll(
                database,
                sql:
                    "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c ON c.name = 'body_id' WHERE m.type = 'table'"
            )
            return try tables.reduce(into: Set<String>()) { ids, table in
                ids.formUnion(
                    try String.fetchAll(database, sql: "SELECT body_id FROM \"\(table)\" WHERE body_id IS NOT NULL"))
            }
        }
        try copy.close()
        let target = BodyStore(folder: folder + "/objects", durability: store.durability)
        for id in ids {
            try Self.makePrivateFolder("\(target.folder)/\(id.prefix(2))")
            try Self.linkOrCopy(bodies.path(of: id), to: target.path(of: id))
        }
        for name in ["lessons", "volumes", "aws"] { try Self.copyFiles(of: path + "/" + name, to: folder + "/" + name) }
    }

    /// Checks that `folder`, which came from elsewhere, is a copy of a world, and makes it one of this version.
    ///
    /// - Throws: `WorldError.notAWorldCopy`, `WorldError.newerWorld`, GRDB's `DatabaseError`.
    public static func adopt(_ folder: String) throws {
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: folder) where !portableEntries.contains(name) {
            throw WorldError.notAWorldCopy(reason: "it holds \"\(name)\", which no world has")
        }
        for name in manager.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            let type = try manager.attributesOfItem(atPath: folder + "/" + name)[.type] as? FileAttributeType
            guard type == .typeRegular || type == .typeDirectory else {
                throw WorldError.notAWorldCopy(reason: "\"\(name)\" is neither a file nor a folder")
            }
        }
        let path = folder + "/world.sqlite"
        guard FileHandle(forReadingAtPath: path)?.readData(ofLength: 16) == Data("SQLite format 3\0".utf8) else {
            throw WorldError.notAWorldCopy(reason: "it has no database world.sqlite")
        }
        let database = try DatabaseQueue(path: path)
        let (version, check) = try database.read {
            (try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0, try String.fetchOne($0, sql: "PRAGMA quick_check"))
        }
        try database.close()
        guard version > 0, check == "ok" else {
            throw WorldError.notAWorldCopy(reason: version > 0 ? "its database is damaged" : "its database is not a world's")
        }
        let store = try Store(path: path, use: .command)
        let hasAccounts = try store.write { database in
            try database.execute(sql: "DELETE FROM host_process")
            return try !Account.all(in: database).isEmpty
        }
        try store.close()
        guard hasAccounts else { throw WorldError.notAWorldCopy(reason: "no account is in it") }
        for name in ["/objects", "/hosts", "/volumes"] { try makePrivateFolder(folder + name) }
        for name in ["world.sqlite", "aws/config", "aws/credentials"] { chmod(folder + "/" + name, 0o600) }
    }

    private static func makePrivateFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw WorldError.cannotCreateFolder(path: path, reason: error.localizedDescription)
        }
    }

    private static func linkOrCopy(_ source: String, to target: String) throws {
        if Glibc.link(source, target) == 0 { return }
        try copyFile(source, to: target)
    }

    private static func copyFile(_ source: String, to target: String) throws {
        do {
            try FileManager.default.copyItem(atPath: source, toPath: target)
        } catch {
            throw WorldError.cannotCopy(path: source, reason: error.localizedDescription)
        }
    }

    /// Regular files only: sockets and links stay behind, and so do installed Python environments, which name folders of their machine.
    private static func copyFiles(of folder: String, to target: String) throws {
        let manager = FileManager.default
        guard let files = manager.enumerator(atPath: folder) else { return }
        while let name = files.nextObject() as? String {
            let last = (name as NSString).lastPathComponent
            switch files.fileAttributes?[.type] as? FileAttributeType {
            case .typeDirectory where manager.fileExists(atPath: "\(folder)/\(name)/pyvenv.cfg"): files.skipDescendants()
            case .typeRegular where !last.hasSuffix(".sqlite-wal") && !last.hasSuffix(".sqlite-shm"):
                try makePrivateFolder(((target + "/" + name) as NSString).deletingLastPathComponent)
                try copyFile(folder + "/" + name, to: target + "/" + name)
            default: continue
            }
        }
    }
}
