// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What lets somebody into a notebook instance's Jupyter: a random word in a URL, good for a few minutes.
///
/// A ticket is a file in the folder of the instance's host, which the services write and the host reads; its content is the time at
/// which it ends, by the machine's clock.
public enum NotebookTicket {
    /// How long the URL of `CreatePresignedNotebookInstanceUrl` opens the instance, in seconds.
    public static let validSeconds = 300.0

    private static func folder(of host: HostProcess) -> String { host.folder + "/tickets" }

    /// Writes a new ticket for the host's instance.
    ///
    /// - Returns: letters, digits, `-` and `_`.
    /// - Throws: an error of the file system.
    public static func issue(for host: HostProcess, now: Double = Date().timeIntervalSince1970) throws -> String {
        let folder = folder(of: host)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where end(of: name, in: folder) <= now {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let word = String((0..<43).compactMap { _ in alphabet.randomElement(using: &random) })
        try Data("\(now + validSeconds)".utf8).write(to: URL(fileURLWithPath: folder + "/" + word), options: .atomic)
        return word
    }

    /// Whether `word` is a ticket of the host's that has not ended.
    public static func isGood(_ word: String, for host: HostProcess, now: Double = Date().timeIntervalSince1970) -> Bool {
        guard word.utf8.count == 43, word.utf8.allSatisfy({ isLetter($0) }) else { return false }
        return end(of: word, in: folder(of: host)) > now
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func end(of word: String, in folder: String) -> Double {
        FileManager.default.contents(atPath: folder + "/" + word).flatMap { Double(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
}
