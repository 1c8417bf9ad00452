// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Where the bytes of an object are.
public enum StoredBody: Sendable, Hashable {
    /// In the database, as small bodies are.
    case inline([UInt8])
    /// In a file of the world's `BodyStore`.
    case file(id: String)
    /// Not there yet: made by the named producer on first use (public data in the box).
    case source(name: String)
    /// A delete marker has none.
    case absent
}

/// Why a body can't be written or read.
public enum BodyStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotWrite(path: String, errorNumber: Int32)

    /// What, where and why.
    public var description: String {
        switch self {
        case .cannotWrite(let path, let number): "\(path) can't be written: \(String(cString: strerror(number)))"
        }
    }
}

/// The files with objects' bodies: `objects/<first two digits>/<id>`, complete and never changed once they have that name.
///
/// A body is written below `objects/tmp`, synced where the world survives power loss, renamed, and only then named in the
/// database. The writer keeps the file locked until then, so a sweep tells files in use from those that a killed process left.
public struct BodyStore: Sendable {
    /// Bodies of at most this many bytes are kept in the database.
    public static let inlineByteLimit = 4096
    /// Files that nothing names are kept for this long, in seconds, for those about to read them.
    public static let graceSeconds = 60.0

    /// The folder of the bodies.
    public let folder: String
    let durability: Store.Durability

    /// The path of the body with that id.
    public func path(of id: String) -> String {
        "\(folder)/\(id.prefix(2))/\(id)"
    }

    /// Begins a body.
    public func makeWriter() -> BodyWriter {
        BodyWriter(store: self)
    }

    /// A second name for a body's file.
    ///
    /// Like a written body it is swept unless the database names it soon.
    ///
    /// - Returns: the new id.
    public func link(_ id: String) throws -> String {
        try link(file: path(of: id))
    }

    /// A body whose bytes are those of a file outside the folder: a second name for it.
    ///
    /// - Returns: the new id.
    public func link(file: String) throws -> String {
        let copy = BodyStore.makeID()
        try place(copy) { target in Glibc.link(file, target) }
        // Its age counts from now: the original may be old and the row for the copy isn't there yet.
        utimensat(AT_FDCWD, path(of: copy), nil, 0)
        return copy
    }

    static func makeID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Runs `make`, which creates the file at the path of `id`, making the folder around it first where it is absent.
    func place(_ id: String, _ make: (String) -> Int32) throws {
        let target = path(of: id)
        if make(target) != 0 {
            guard errno == ENOENT else { throw BodyStoreError.cannotWrite(path: target, errorNumber: errno) }
            try makeFolder("\(folder)/\(id.prefix(2))")
            guard make(target) == 0 else { throw BodyStoreError.cannotWrite(path: target, errorNumber: errno) }
        }
        if durability == .power { try synchronizeFolder("\(folder)/\(id.prefix(2))") }
    }

    func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw BodyStoreError.cannotWrite(path: path, errorNumber: errno) }
        if durability == .power { try synchronizeFolder(folder) }
    }

    private func synchronizeFolder(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BodyStoreError.cannotWrite(path: path, errorNumber: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BodyStoreError.cannotWrite(path: path, errorNumber: errno) }
    }

    /// Removes the files of bodies that have been unnamed for a while.
    public func removeFreedBodies(in store: Store, graceSeconds: Double = BodyStore.graceSeconds) throws {
        let limit = Date().timeIntervalSince1970 - graceSeconds
        let ids = try store.read { database in
            try String.fetchAll(database, sql: "SELECT id FROM freed_body WHERE freed_at <= ? LIMIT 10000", arguments: [limit])
        }
        if ids.isEmpty { return }
        for id in ids { unlink(path(of: id)) }
        try store.write { database in
            for id in ids { try database.execute(sql: "DELETE FROM freed_body WHERE id = ?", arguments: [id]) }
        }
    }

    /// Removes what killed processes have left: unfinished files, and finished ones that never got a row.
    ///
    /// - Returns: the number of files removed.
    @discardableResult
    public func sweep(in store: Store, graceSeconds: Double = BodyStore.graceSeconds) throws -> Int {
        try removeFreedBodies(in: store, graceSeconds: graceSeconds)
        var removed = 0
        var abandoned: [String: String] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? [] {
                let path = "\(folder)/\(name)/\(file)"
                guard isAbandoned(path, graceSeconds: graceSeconds) else { continue }
                if name == "tmp" { removed += unlink(path) == 0 ? 1 : 0 } else { abandoned[file] = path }
            }
        }
        if abandoned.isEmpty { return removed }
        // Nobody was writing these files before this look at the database: those it doesn't name will never be named.
        let named = try store.read { database in
            try Set(
                String.fetchAll(
                    database,
                    sql: """
                        SELECT body_id FROM object WHERE body_id IS NOT NULL
                        UNION ALL SELECT body_id FROM upload_part WHERE body_id IS NOT NULL UNION ALL SELECT id FROM freed_body
                        UNION ALL SELECT body_id FROM image_layer WHERE body_id IS NOT NULL
                        UNION ALL SELECT body_id FROM layer_upload_part WHERE body_id IS NOT NULL
                        """))
        }
        for (id, path) in abandoned where !named.contains(id) { removed += unlink(path) == 0 ? 1 : 0 }
        return removed
    }

    /// Whether a file is old enough and no process is writing it.
    private func isAbandoned(_ path: String, graceSeconds: Double) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        let changed = Double(status.st_ctim.tv_sec) + Double(status.st_ctim.tv_nsec) / 1e9
        guard Date().timeIntervalSince1970 - changed >= graceSeconds else { return false }
        // Finished bodies can only be read, so this does not ask for more.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) == 0
    }
}

extension World {
    /// The files with objects' bodies.
    public var bodies: BodyStore { BodyStore(folder: objectsPath, durability: store.durability) }
}
