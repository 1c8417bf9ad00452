// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Past lines on disk, one a line, oldest first; several sessions append to it at once.
struct HistoryFile {
    static let maximumLineCount = 10_000

    let path: String

    /// The last lines, each once, oldest first.
    ///
    /// An unreadable file is an empty history.
    func load() -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        var seen = Set<String>()
        var lines: [String] = []
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n").reversed() {
            guard seen.insert(String(line)).inserted else { continue }
            lines.append(String(line))
            if lines.count == HistoryFile.maximumLineCount { break }
        }
        return lines.reversed()
    }

    /// Adds a line.
    ///
    /// History is a convenience: where it can't be written, the session goes on without.
    func append(_ line: String) {
        let folder = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // One write of a whole line: with O_APPEND, sessions don't mix theirs.
        let bytes = Array((line.replacingOccurrences(of: "\n", with: " ") + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Whether a line sets or shows something that should not lie on disk.
    static func holdsSecret(_ line: String) -> Bool {
        let lowered = line.lowercased()
        return ["secret", "password", "session_token", "session-token"].contains { lowered.contains($0) }
    }
}
