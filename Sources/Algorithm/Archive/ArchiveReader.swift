// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Goes over an archive's entries.
final class ArchiveReader {
    struct Header {
        enum Kind: Equatable {
            case file
            case folder
            case symlink(target: String)
            case hardlink(target: String)
            case other
        }

        var path: String
        var kind: Kind
        var isExecutable: Bool
    }

    private let library: LibArchive
    private let handle: LibArchive.Handle
    private let name: String
    private let limits: ArchiveLimits
    private let memory: UnsafeMutableRawBufferPointer?
    private var byteCount = 0
    private var entryCount = 0

    init(file path: String, limits: ArchiveLimits) throws {
        library = try LibArchive.shared()
        guard let handle = library.readNew() else { throw PlatformError("libarchive has no memory") }
        self.handle = handle
        name = path
        memory = nil
        self.limits = limits
        supportAll()
        guard access(path, R_OK) == 0 else { throw PlatformError("open", path: path, errorNumber: errno) }
        try check(library.readOpenFile(handle, path, 1 << 17))
    }

    init(bytes: [UInt8], name: String, limits: ArchiveLimits) throws {
        library = try LibArchive.shared()
        guard let handle = library.readNew() else { throw PlatformError("libarchive has no memory") }
        self.handle = handle
        self.name = name
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        memory.copyBytes(from: bytes)
        self.memory = memory
        self.limits = limits
        supportAll()
        try check(library.readOpenMemory(handle, memory.baseAddress, bytes.count))
    }

    deinit {
        _ = library.readFree(handle)
        memory?.deallocate()
    }

    private func supportAll() {
        _ = library.readSupportFilterAll(handle)
        _ = library.readSupportFormatAll(handle)
    }

    private func check(_ status: Int32) throws {
        guard status == LibArchive.ok || status == LibArchive.warn else {
            throw error(.malformedArchive(library.problem(of: handle)))
        }
    }

    private func error(_ problem: DataError.Problem) -> DataError {
        DataError(problem, at: DataError.Location(file: name))
    }

    /// The next entry; nil at the end.
    func next() throws -> Header? {
        var entry: LibArchive.Handle?
        let status = library.readNextHeader(handle, &entry)
        if status == LibArchive.endOfFile { return nil }
        try check(status)
        guard let entry else { return nil }
        entryCount += 1
        guard entryCount <= limits.entryCount else {
            throw error(.tooLarge(what: "the number of files", maximum: limits.entryCount))
        }
        guard let path = (library.entryPath(entry) ?? library.entryPathUTF8(entry)).map({ String(cString: $0) }) else {
            throw error(.malformedArchive("entry \(entryCount) has no name"))
        }
        let kind: Header.Kind
        if let target = library.entryHardlink(entry) {
            kind = .hardlink(target: String(cString: target))
        } else {
            switch library.entryFileType(entry) {
            case UInt32(S_IFREG): kind = .file
            case UInt32(S_IFDIR): kind = .folder
            case UInt32(S_IFLNK): kind = .symlink(target: library.entrySymlink(entry).map { String(cString: $0) } ?? "")
            default: kind = .other
            }
        }
        return Header(path: path, kind: kind, isExecutable: library.entryPermissions(entry) & 0o100 != 0)
    }

    /// Hands out the current entry's content.
    func forEachPiece(_ consume: (UnsafeRawBufferPointer) throws -> Void) throws {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = library.readData(handle, piece.baseAddress, piece.count)
            if count == 0 { return }
            guard count > 0 else { throw error(.malformedArchive(library.problem(of: handle))) }
            byteCount += count
            guard byteCount <= limits.byteCount else {
                throw error(.tooLarge(what: "the unpacked content", maximum: limits.byteCount))
            }
            try consume(UnsafeRawBufferPointer(rebasing: piece[0..<count]))
        }
    }
}

/// Unpacks an archive below a folder; links are made last, so that nothing is ever written through one.
struct ArchiveExtraction {
    let directory: String
    let name: String

    func run(_ reader: ArchiveReader) throws -> [String] {
        var written: [String] = []
        var links: [(path: [String], target: String)] = []
        while let header = try reader.next() {
            let path = try safeParts(of: header.path, entry: header.path)
            switch header.kind {
            case .file:
                guard !path.isEmpty else { throw error(.unsafeArchivePath(header.path)) }
                try write(path, isExecutable: header.isExecutable, from: reader)
                written.append(path.joined(separator: "/"))
            case .folder:
                try makeFolders(path[...])
            case .symlink(let target):
                let depth = path.count - 1
                guard depth >= 0, !target.hasPrefix("/"), staysInside(target, depth: depth) else {
                    throw error(.unsafeArchivePath("\(header.path) -> \(target)"))
                }
                links.append((path, target))
            case .hardlink(let target):
                let source = try safeParts(of: target, entry: header.path)
                guard !source.isEmpty, !path.isEmpty else { throw error(.unsafeArchivePath(header.path)) }
                try makeFolders(path.dropLast())
                let from = absolute(source[...])
                let to = absolute(path[...])
                unlink(to)
                guard link(from, to) == 0 else { throw PlatformError("link", path: to, errorNumber: errno) }
                written.append(path.joined(separator: "/"))
            case .other:
                throw error(.unsafeArchivePath("\(header.path) (a device or pipe)"))
            }
        }
        for (path, target) in links {
            try makeFolders(path.dropLast())
            let place = absolute(path[...])
            guard symlink(target, place) == 0 else { throw PlatformError("link", path: place, errorNumber: errno) }
        }
        return written
    }

    private func error(_ problem: DataError.Problem) -> DataError {
        DataError(problem, at: DataError.Location(file: name))
    }

    private func absolute(_ parts: ArraySlice<String>) -> String { ([directory] + parts).joined(separator: "/") }

    /// The parts of a relative path without `.`; throws for absolute paths and `..`.
    private func safeParts(of path: String, entry: String) throws -> [String] {
        let parts = path.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !path.hasPrefix("/"), !parts.contains("..") else { throw error(.unsafeArchivePath(entry)) }
        return parts
    }

    /// Whether a link's target, seen from `depth` folders below the top, never goes above the top.
    private func staysInside(_ target: String, depth: Int) -> Bool {
        var depth = depth
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }

    private func makeFolders(_ parts: ArraySlice<String>) throws {
        var path = directory
        for part in [nil] + parts.map(Optional.some) {
            if let part { path += "/" + part }
            if mkdir(path, 0o755) == 0 { continue }
            let number = errno
            var status = stat()
            guard number == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR || part == nil else {
                throw PlatformError("make the folder", path: path, errorNumber: number)
            }
        }
    }

    private func write(_ path: [String], isExecutable: Bool, from reader: ArchiveReader) throws {
        try makeFolders(path.dropLast())
        let place = absolute(path[...])
        unlink(place)
        let file = try OutputFile(path: place, permissions: isExecutable ? 0o755 : 0o644)
        try reader.forEachPiece { try file.write($0) }
        try file.close()
    }
}
