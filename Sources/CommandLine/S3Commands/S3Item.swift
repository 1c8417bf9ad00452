// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a transfer does, named as its lines name it.
enum S3Operation: String, Sendable {
    case upload, download, copy, delete
}

/// One file or object to transfer, with where it goes.
struct S3Item: Sendable {
    var operation: S3Operation
    /// An absolute path, or `bucket/key`.
    var source: String
    var isSourceLocal: Bool
    /// An absolute path, or `bucket/key`.
    var destination: String
    /// The name below the source's root: what `sync` compares.
    var name: String
    /// Nil where nobody has asked.
    var byteCount: Int?
    /// Seconds since 1970.
    var modified: Double?
    /// What HeadObject or ListObjectsV2 said of the object.
    var description: Value = .emptyObject

    /// True for an object in an archive that has not been brought back.
    var isArchived: Bool {
        let storageClass = description["StorageClass"]?.stringValue
        guard storageClass == "GLACIER" || storageClass == "DEEP_ARCHIVE" else { return false }
        return !(description["Restore"]?.stringValue ?? "").contains("ongoing-request=\"false\"")
    }
}

/// One end of a transfer: a file, a folder, an object, or all objects below a prefix.
struct S3Place: Sendable {
    /// An absolute path, or `bucket/key`; a folder or prefix ends with a slash.
    var path: String
    var isLocal: Bool
    /// What arrives here keeps the name that it has at the other end.
    var keepsName: Bool

    /// - Parameters:
    ///   - text: What the user wrote.
    ///   - isTree: The command works on all that is below.
    init(_ text: String, isTree: Bool, environment: CommandEnvironment) {
        if text.hasPrefix(S3Path.scheme) {
            isLocal = false
            path = String(text.dropFirst(S3Path.scheme.count))
            if isTree, !path.hasSuffix("/") { path += "/" }
            keepsName = path.hasSuffix("/")
            return
        }
        isLocal = true
        path = S3Path.normalized(environment.absolutePath(text))
        keepsName = isTree || LocalFile.status(path)?.isDirectory == true || text.hasSuffix("/")
        if keepsName, !path.hasSuffix("/") { path += "/" }
    }

    /// Where a file that has `source` as its path at `origin` goes, and its name below the origin.
    func destination(of source: String, from origin: S3Place, isTree: Bool) -> (path: String, name: String) {
        let name =
            isTree
            ? String(source.dropFirst(origin.path.count))
            : source.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? source
        return (keepsName ? path + name : path, name)
    }
}

/// `--include` and `--exclude`, applied to whole paths at both ends.
struct S3Filter: Sendable {
    private let patterns: [(isInclude: Bool, patterns: [FilePattern])]

    init(
        _ filters: [(isInclude: Bool, pattern: String)], source: String, destination: String, isTree: Bool,
        environment: CommandEnvironment
    ) {
        let roots = [source, destination].map { Self.root(of: $0, isTree: isTree, environment: environment) }
        patterns = filters.map { filter in
            (filter.isInclude, roots.map { FilePattern(Self.join($0, filter.pattern)) })
        }
    }

    func includes(_ item: S3Item) -> Bool {
        var isIncluded = true
        for filter in patterns where filter.patterns.contains(where: { $0.matches(item.source) }) { isIncluded = filter.isInclude }
        return isIncluded
    }

    /// Python's `os.path.join`.
    private static func join(_ root: String, _ pattern: String) -> String {
        pattern.hasPrefix("/") ? pattern : root.hasSuffix("/") ? root + pattern : root + "/" + pattern
    }

    private static func root(of text: String, isTree: Bool, environment: CommandEnvironment) -> String {
        guard text.hasPrefix(S3Path.scheme) else {
            let path = environment.absolutePath(text)
            if isTree { return S3Path.normalized(path) }
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? path
            return S3Path.normalized(folder)
        }
        var (bucket, key) = S3Path.bucketAndKey(text)
        if !isTree, !key.hasSuffix("/") {
            key = key.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        }
        bucket += "/" + key
        return bucket
    }
}

/// Which files `sync` transfers, and which it deletes.
struct S3Comparator: Sendable {
    var comparesSizeOnly: Bool
    var wantsExactTimes: Bool
    var deletes: Bool
    var neverOverwrites: Bool

    /// Both lists are in the order of their names' bytes, as listings of objects are.
    func choose(source: [S3Item], destination: [S3Item]) -> [S3Item] {
        var chosen: [S3Item] = []
        var left = source[...]
        var right = destination[...]
        while let first = left.first ?? right.first {
            if let here = left.first, let there = right.first, here.name.utf8.elementsEqual(there.name.utf8) {
                if !neverOverwrites, differs(here, there) { chosen.append(here) }
                left = left.dropFirst()
                right = right.dropFirst()
            } else if left.first != nil, right.first.map({ first.name.utf8.lexicographicallyPrecedes($0.name.utf8) }) ?? true {
                chosen.append(first)
                left = left.dropFirst()
            } else {
                if deletes, var gone = right.first {
                    gone.operation = .delete
                    chosen.append(gone)
                }
                right = right.dropFirst()
            }
        }
        return chosen
    }

    private func differs(_ source: S3Item, _ destination: S3Item) -> Bool {
        if source.byteCount != destination.byteCount { return true }
        if comparesSizeOnly { return false }
        var here = source.modified ?? 0
        // The store keeps whole seconds: a file sent in the second of its change is not newer than its object.
        if source.operation == .upload { here.round(.down) }
        let newer = (destination.modified ?? 0) - here
        if source.operation == .download { return wantsExactTimes ? newer != 0 : newer > 0 }
        return newer < 0
    }
}
