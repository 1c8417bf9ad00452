// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Past entries on disk, one a line, oldest first; several sessions append to it at once.
///
/// A line end inside an entry is written as the unit separator, which nobody types.
struct HistoryFile {
    static let maximumEntryCount = 10_000
    private static let lineEndByte: UInt8 = 0x1f

    let path: String
    /// How much of the file has been read, and which file it was.
    private var offset = 0
    private var inode: UInt64 = 0

    init(path: String) {
        self.path = path
    }

    /// The entries that were added since the last call, by whichever session, oldest first.
    ///
    /// - Returns: `isWhole` where these are all entries, because it is the first call or the file was replaced. An unreadable file is an
    ///   empty history.
    mutating func news() -> (entries: [String], isWhole: Bool) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return ([], offset == 0) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return ([], offset == 0) }
        let isWhole = offset == 0 || UInt64(status.st_ino) != inode || Int(status.st_size) < offset
        if isWhole { offset = 0 }
        inode = UInt64(status.st_ino)
        var bytes = [UInt8](repeating: 0, count: max(0, Int(status.st_size) - offset))
        let start = off_t(offset)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, start) }
        // What another session is just writing has no line end yet.
        guard count > 0, let end = bytes[..<count].lastIndex(of: 0x0a) else { return ([], isWhole) }
        offset += end + 1
        return (bytes[..<end].split(separator: 0x0a).map(HistoryFile.decode), isWhole)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { $0 == lineEndByte ? 0x0a : $0 }, as: UTF8.self)
    }

    private static func encode(_ entry: String) -> [UInt8] {
        entry.utf8.map { $0 == 0x0a ? lineEndByte : $0 } + [0x0a]
    }

    /// Adds an entry.
    ///
    /// History is a convenience: where it can't be written, the session goes on without.
    func append(_ entry: String) {
        let folder = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        withLock {
            let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            let bytes = HistoryFile.encode(entry)
            _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    /// Writes the file anew with these entries, in one step: what it holds twice or beyond the maximum goes.
    func replace(with entries: [String]) {
        withLock {
            let temporary = "\(path).\(getpid())"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return }
            let bytes = entries.flatMap(HistoryFile.encode)
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
            if count != bytes.count || rename(temporary, path) != 0 { unlink(temporary) }
        }
    }

    private func withLock(_ work: () -> Void) {
        let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_EX) == 0 { work() }
    }
}
