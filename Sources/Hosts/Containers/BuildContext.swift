// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The folder that COPY and ADD take files from, less what its `.dockerignore` names.
struct BuildContext: Sendable {
    let path: String
    private let ignored: [(pattern: String, isException: Bool)]

    init(path: String) {
        self.path = path
        let text = (try? String(contentsOfFile: path + "/.dockerignore", encoding: .utf8)) ?? ""
        ignored = text.split(whereSeparator: \.isNewline).compactMap { line in
            var pattern = line.trimmingCharacters(in: .whitespaces)
            guard !pattern.isEmpty, !pattern.hasPrefix("#") else { return nil }
            let isException = pattern.hasPrefix("!")
            if isException { pattern.removeFirst() }
            while pattern.hasPrefix("/") || pattern.hasSuffix("/") { pattern = pattern.trimmingCharacters(in: ["/"]) }
            return (pattern, isException)
        }
    }

    /// Whether the last pattern that fits a path, or a folder above it, leaves it out.
    func isIgnored(_ relative: String) -> Bool {
        var result = false
        let parts = relative.split(separator: "/")
        for (pattern, isException) in ignored {
            let fits = parts.indices.contains { Glob.matches(parts[...$0].joined(separator: "/"), pattern) }
            if fits { result = !isException }
        }
        return result
    }

    /// The paths that a source names, below the folder.
    ///
    /// - Throws: `ImageError` for one that leads out of the folder.
    func paths(of source: String) throws -> [String] {
        let parts = source.split(separator: "/").filter { $0 != "." }.map(String.init)
        guard !parts.contains("..") else { throw ImageError("\(source) leads out of the folder \(path).") }
        var found = [""]
        for part in parts {
            found = found.flatMap { folder -> [String] in
                let prefix = folder.isEmpty ? "" : folder + "/"
                guard part.contains(where: { "*?[".contains($0) }) else {
                    return FileManager.default.fileExists(atPath: path + "/" + prefix + part) ? [prefix + part] : []
                }
                let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []
                return names.sorted().filter { Glob.matches($0, part) }.map { prefix + $0 }
            }
        }
        return found
    }

    /// Copies what a path names to a folder outside, and gives a digest of all that was copied.
    ///
    /// - Throws: what the file system says.
    func copy(_ relative: String, to target: String) throws -> String {
        var hash = SHA256()
        try copy(relative, to: target, &hash)
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    private func copy(_ relative: String, to target: String, _ hash: inout SHA256) throws {
        let manager = FileManager.default
        let source = relative.isEmpty ? path : path + "/" + relative
        let attributes = try manager.attributesOfItem(atPath: source)
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o644
        func note(_ kind: String) { hash.update(data: Data("\(kind) \(mode) \(relative.utf8.count) \(relative)\n".utf8)) }
        switch attributes[.type] as? FileAttributeType {
        case .typeDirectory:
            note("folder")
            try manager.createDirectory(atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            for name in try manager.contentsOfDirectory(atPath: source).sorted() {
                let child = relative.isEmpty ? name : relative + "/" + name
                if !isIgnored(child) { try copy(child, to: target + "/" + name, &hash) }
            }
            try manager.setAttributes([.posixPermissions: mode], ofItemAtPath: target)
        case .typeSymbolicLink:
            note("link")
            let destination = try manager.destinationOfSymbolicLink(atPath: source)
            hash.update(data: Data(destination.utf8))
            try manager.createSymbolicLink(atPath: target, withDestinationPath: destination)
        case .typeRegular:
            note("file")
            try manager.copyItem(atPath: source, toPath: target)
            let data = try Data(contentsOf: URL(fileURLWithPath: target), options: .alwaysMapped)
            hash.update(data: Data("\(data.count)\n".utf8))
            hash.update(data: data)
        default: break
        }
    }
}

/// Names with `*`, `?` and `[…]`, and `**` for any folders, as `.dockerignore` and COPY have them.
enum Glob {
    static func matches(_ name: String, _ pattern: String) -> Bool {
        if pattern.hasPrefix("**/"), matches(name, String(pattern.dropFirst(3))) { return true }
        return fnmatch(pattern, name, pattern.contains("**") ? 0 : FNM_PATHNAME) == 0
    }
}
