// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file in an archive.
public struct ArchiveEntry: Sendable, Equatable {
    /// Where the content is.
    public enum Content: Sendable, Equatable {
        case bytes([UInt8])
        case file(String)
    }

    /// The path inside the archive, parts separated by `/`.
    public var path: String
    /// The content.
    public var content: Content
    /// Whether the file may be executed.
    public var isExecutable: Bool

    /// A file from memory.
    public init(path: String, bytes: [UInt8], isExecutable: Bool = false) {
        self.path = path
        content = .bytes(bytes)
        self.isExecutable = isExecutable
    }

    /// A file from disk.
    public init(path: String, file: String, isExecutable: Bool = false) {
        self.path = path
        content = .file(file)
        self.isExecutable = isExecutable
    }
}

/// How much an archive may unpack to.
public struct ArchiveLimits: Sendable, Equatable {
    /// All files together.
    public var byteCount: Int
    /// The number of files and folders.
    public var entryCount: Int

    /// Makes one from its parts.
    public init(byteCount: Int = 1 << 36, entryCount: Int = 1_000_000) {
        self.byteCount = byteCount
        self.entryCount = entryCount
    }
}

/// Archives: tar.gz model artifacts and zip files.
///
/// Written archives are the same bytes for the same content: no times, no owners, entries in the given order. Reading finds the format
/// and the compression by itself.
public enum Archive {
    /// The formats that are written.
    public enum Format: Sendable {
        case tarGzip
        case zip
        /// A single file, compressed.
        case gzip
    }

    /// The archive's bytes.
    ///
    /// Throws ``PlatformError`` without libarchive or when a file cannot be read.
    public static func pack(_ entries: [ArchiveEntry], as format: Format) throws -> [UInt8] {
        let writer = try ArchiveWriter(format: format)
        for entry in entries { try writer.add(entry) }
        return try writer.finish()
    }

    /// Writes an archive of all regular files under `directory`, sorted by path, to the file `path`.
    ///
    /// The file appears under its name when it is whole. Gives its size in bytes.
    @discardableResult
    public static func pack(directory: String, to path: String, as format: Format = .tarGzip) throws -> Int {
        let entries = try filePaths(under: directory).map { name in
            let file = "\(directory)/\(name)"
            return ArchiveEntry(path: name, file: file, isExecutable: access(file, X_OK) == 0 && isExecutableFile(file))
        }
        let partial = path + ".partial"
        do {
            let writer = try ArchiveWriter(format: format, path: partial)
            for entry in entries { try writer.add(entry) }
            _ = try writer.finish()
            guard rename(partial, path) == 0 else { throw PlatformError("rename", path: partial, errorNumber: errno) }
            return writer.byteCount
        } catch {
            unlink(partial)
            throw error
        }
    }

    /// The files of an archive in memory; folders and links are left out.
    ///
    /// Throws ``DataError`` for what is no archive, is damaged, or exceeds the limit.
    public static func read(_ bytes: [UInt8], name: String = "the archive", limits: ArchiveLimits = ArchiveLimits()) throws
        -> [ArchiveEntry]
    {
        let reader = try ArchiveReader(bytes: bytes, name: name, limits: limits)
        return try collect(reader)
    }

    /// The files of an archive on disk; folders and links are left out.
    public static func read(file path: String, limits: ArchiveLimits = ArchiveLimits()) throws -> [ArchiveEntry] {
        let reader = try ArchiveReader(file: path, limits: limits)
        return try collect(reader)
    }

    private static func collect(_ reader: ArchiveReader) throws -> [ArchiveEntry] {
        var entries: [ArchiveEntry] = []
        while let header = try reader.next() {
            guard header.kind == .file else { continue }
            var bytes: [UInt8] = []
            try reader.forEachPiece { bytes.append(contentsOf: $0) }
            entries.append(ArchiveEntry(path: header.path, bytes: bytes, isExecutable: header.isExecutable))
        }
        return entries
    }

    /// Unpacks into `directory`, which should be new and empty; gives the paths of the files, in the archive's order.
    ///
    /// Refused, before anything of the entry is written: absolute paths, `..`, links that lead outside, devices. On an error the files
    /// written so far remain; whoever made the folder removes it. Throws ``DataError`` and ``PlatformError``.
    @discardableResult
    public static func extract(_ path: String, into directory: String, limits: ArchiveLimits = ArchiveLimits()) throws -> [String] {
        let reader = try ArchiveReader(file: path, limits: limits)
        return try ArchiveExtraction(directory: directory, name: path).run(reader)
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IXUSR != 0
    }

    /// The regular files under a folder, as sorted relative paths; links are not followed.
    static func filePaths(under directory: String) throws -> [String] {
        var paths: [String] = []
        var pending = [""]
        while let folder = pending.popLast() {
            let absolute = folder.isEmpty ? directory : "\(directory)/\(folder)"
            guard let stream = opendir(absolute) else { throw PlatformError("list", path: absolute, errorNumber: errno) }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if name == "." || name == ".." { continue }
                let relative = folder.isEmpty ? name : "\(folder)/\(name)"
                var status = stat()
                guard lstat("\(directory)/\(relative)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { pending.append(relative) }
                if status.st_mode & S_IFMT == S_IFREG { paths.append(relative) }
            }
        }
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
