// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Wire

/// One call that changed something, with what is needed to take it back.
struct UndoEntry: Codable, Sendable {
    var id = UUID().uuidString
    /// The same for all calls of one command.
    var command: String
    /// The command as it could be typed again.
    var line: String
    var service: String
    var operation: String
    var input: Value
    var region: String
    var accessKeyID: String?
    /// What was there before; nil for nothing.
    var before: Value?
    /// What was there right after, as far as it tells this change from a later one.
    var after: Value?
    /// Why what was there before is not known.
    var problem: String?

    /// `iam CreateRole`.
    var name: String { service + " " + operation }
}

/// The changes of a session, in a file of its folder, a line each: the prompt and the commands of its shell write to it alike.
struct UndoJournal: Sendable {
    /// Commands before the last so many are forgotten.
    static let commandLimit = 100

    let folder: String

    private var path: String { folder + "/changes" }

    /// The journal of the session that these variables belong to; nil outside a session.
    static func current(_ variables: [String: String]) -> UndoJournal? {
        guard let folder = variables["SAGEBRUSH_SESSION"], access(folder, W_OK) == 0 else { return nil }
        return UndoJournal(folder: folder)
    }

    private struct Line: Codable {
        var entry: UndoEntry?
        /// A command that has been taken back or left as it is.
        var over: String?
        /// An entry's id whose thing has been made anew, and its state now.
        var renewed: String?
        var after: Value?
    }

    /// Adds a change.
    ///
    /// It is one write of a whole line, so that several processes don't mix theirs.
    func append(_ entry: UndoEntry) throws { try write(Line(entry: entry)) }

    /// Notes that a command needs not be taken back any more.
    func finish(_ command: String) throws { try write(Line(over: command)) }

    /// Notes that what a change left is there in another state, because a later change has been taken back.
    func renew(_ id: String, after: Value) throws { try write(Line(renewed: id, after: after)) }

    private func write(_ line: Line) throws {
        var bytes = Array(try JSONEncoder().encode(line))
        bytes.append(UInt8(ascii: "\n"))
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The commands that can be looked at, the last one last, each with its calls in their order.
    func commands() -> [[UndoEntry]] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let decoder = JSONDecoder()
        let lines = data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(Line.self, from: Data($0)) }
        let over = Set(lines.compactMap(\.over))
        let renewed = Dictionary(lines.compactMap { line in line.renewed.map { ($0, line.after) } }) { $1 }
        var commands: [[UndoEntry]] = []
        for var entry in lines.compactMap(\.entry) where !over.contains(entry.command) {
            if let after = renewed[entry.id] { entry.after = after }
            if let index = commands.lastIndex(where: { $0.first?.command == entry.command }) {
                commands[index].append(entry)
            } else {
                commands.append([entry])
            }
        }
        return Array(commands.suffix(UndoJournal.commandLimit))
    }

    /// Forgets everything: the world has been emptied.
    func clear() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Bodies of objects that a session has overwritten or deleted.
struct KeptBodies: Sendable {
    /// The oldest go when there are more bytes than this.
    static let byteLimit = 256 << 20

    let folder: String

    /// Keeps a body.
    ///
    /// A file is linked rather than copied where both lie on one disk.
    ///
    /// - Returns: the name to find it by; nil where it is larger than all that is kept.
    func keep(_ body: Body?) async throws -> String? {
        if let length = body?.length, length > KeptBodies.byteLimit { return nil }
        let parent = folder + "/bodies"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        let name = "\(Int(Date().timeIntervalSince1970 * 1_000_000))-\(UUID().uuidString.prefix(8))"
        let path = parent + "/" + name
        if let body, case .file(let source, 0, let length) = body.source, Self.size(of: source) == length, link(source, path) == 0 {
            prune(parent)
            return name
        }
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw POSIXError(.EIO)
        }
        defer { try? handle.close() }
        try await body?.forEachPiece { try handle.write(contentsOf: $0) }
        prune(parent)
        return name
    }

    /// A kept body; nil where it had to make room.
    func body(_ name: String) -> Body? {
        let path = folder + "/bodies/" + name
        return Self.size(of: path).map { Body(path: path, offset: 0, length: $0) }
    }

    private static func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    private func prune(_ parent: String) {
        // Names begin with the time.
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).sorted()
        let sizes = names.map { Self.size(of: parent + "/" + $0) ?? 0 }
        var total = sizes.reduce(0, +)
        for (name, size) in zip(names, sizes) where total > KeptBodies.byteLimit {
            unlink(parent + "/" + name)
            total -= size
        }
    }
}
