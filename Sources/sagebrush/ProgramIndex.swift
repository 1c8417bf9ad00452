// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The programs on PATH, each folder read once and again when it changes: a keystroke must not list folders.
final class ProgramIndex: Sendable {
    static let shared = ProgramIndex()

    private struct Folder {
        var modified: Date
        /// Sorted.
        var names: [String]
    }

    /// The folders that a PATH names.
    static func folders(_ path: String?) -> [String] { (path ?? "").split(separator: ":").map(String.init) }

    /// Whether one of the folders has a program of that name.
    static func isPresent(_ name: String, in folders: [String]) -> Bool {
        folders.contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    private let folders = Mutex<[String: Folder]>([:])

    /// The names in these folders that begin so, each once.
    func names(in paths: [String], beginningWith prefix: String) -> [String] {
        var found = Set<String>()
        for path in paths {
            let names = names(in: path)
            var low = 0
            var high = names.count
            while low < high {
                let middle = (low + high) / 2
                if names[middle].utf8.lexicographicallyPrecedes(prefix.utf8) { low = middle + 1 } else { high = middle }
            }
            while low < names.count, names[low].utf8.starts(with: prefix.utf8) {
                found.insert(names[low])
                low += 1
            }
        }
        return found.sorted()
    }

    private func names(in path: String) -> [String] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let modified = attributes?[.modificationDate] as? Date else { return [] }
        if let known = folders.withLock({ $0[path] }), known.modified == modified { return known.names }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        folders.withLock { $0[path] = Folder(modified: modified, names: names) }
        return names
    }
}
