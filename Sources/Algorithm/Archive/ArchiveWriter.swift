// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A new file that is written from start to end.
public final class OutputFile {
    private var descriptor: Int32
    private let path: String
    private var pending: [UInt8] = []
    private static let pieceByteCount = 1 << 20

    /// Makes the file, or empties it; throws ``PlatformError``.
    public init(path: String, permissions: UInt32 = 0o644) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode_t(permissions))
        self.path = path
        guard descriptor >= 0 else { throw PlatformError("create", path: path, errorNumber: errno) }
    }

    deinit { if descriptor >= 0 { _ = closeDescriptor() } }

    /// Adds bytes; throws ``PlatformError``.
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Adds bytes; throws ``PlatformError``.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        if pending.count + bytes.count <= Self.pieceByteCount {
            pending.append(contentsOf: bytes)
            return
        }
        try flush()
        if bytes.count < Self.pieceByteCount { pending.append(contentsOf: bytes) } else { try put(bytes) }
    }

    /// Writes what is pending and closes the file; throws ``PlatformError``.
    public func close() throws {
        try flush()
        guard closeDescriptor() == 0 else { throw PlatformError("close", path: path, errorNumber: errno) }
    }

    private func closeDescriptor() -> Int32 {
        defer { descriptor = -1 }
        #if canImport(Glibc)
            return Glibc.close(descriptor)
        #else
            return Darwin.close(descriptor)
        #endif
    }

    private func flush() throws {
        try pending.withUnsafeBytes { try put($0) }
        pending.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, base + done, bytes.count - done)
            #else
                let count = Darwin.write(descriptor, base + done, bytes.count - done)
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                throw PlatformError("write", path: path, errorNumber: errno)
            }
            done += count
        }
    }
}

/// Writes an archive to memory or to a file.
final class ArchiveWriter {
    /// Where the library's output goes.
    private final class Sink {
        var bytes: [UInt8] = []
        var file: OutputFile?
        var byteCount = 0
        var failure: (any Error)?

        func take(_ piece: UnsafeRawBufferPointer) -> Int {
            do {
                if let file { try file.write(piece) } else { bytes.append(contentsOf: piece) }
                byteCount += piece.count
                return piece.count
            } catch {
                failure = error
                return -1
            }
        }
    }

    private let library: LibArchive
    private let handle: LibArchive.Handle
    private let sink = Sink()

    /// The number of bytes written so far.
    var byteCount: Int { sink.byteCount }

    init(format: Archive.Format, path: String? = nil) throws {
        library = try LibArchive.shared()
        guard let handle = library.writeNew() else { throw PlatformError("libarchive has no memory") }
        self.handle = handle
        if let path { sink.file = try OutputFile(path: path) }
        switch format {
        case .tarGzip:
            try check(library.writeAddFilterGzip(handle))
            try check(library.writeSetFormatGNUTar(handle))
        case .gzip:
            try check(library.writeAddFilterGzip(handle))
            try check(library.writeSetFormatRaw(handle))
        case .zip:
            try check(library.writeSetFormatZip(handle))
        }
        if format != .zip { try check(library.writeSetFilterOption(handle, "gzip", "timestamp", nil)) }
        try check(library.writeSetBytesInLastBlock(handle, 1))
        try check(
            library.writeOpen(
                handle, Unmanaged.passUnretained(sink).toOpaque(), nil,
                { _, context, bytes, count in
                    guard let context else { return -1 }
                    return Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                        .take(UnsafeRawBufferPointer(start: bytes, count: count))
                }, nil))
    }

    deinit { _ = library.writeFree(handle) }

    private func check(_ status: Int32) throws {
        if let failure = sink.failure { throw failure }
        guard status == LibArchive.ok || status == LibArchive.warn else {
            throw PlatformError("could not write the archive: \(library.problem(of: handle))")
        }
    }

    func add(_ entry: ArchiveEntry) throws {
        guard let header = library.entryNew() else { throw PlatformError("libarchive has no memory") }
        defer { library.entryFree(header) }
        library.entrySetPath(header, entry.path)
        library.entrySetFileType(header, UInt32(S_IFREG))
        library.entrySetPermissions(header, entry.isExecutable ? 0o755 : 0o644)
        library.entrySetModified(header, 0, 0)
        switch entry.content {
        case .bytes(let bytes):
            library.entrySetSize(header, Int64(bytes.count))
            try check(library.writeHeader(handle, header))
            try bytes.withUnsafeBytes { try put($0) }
        case .file(let path):
            let source = try FileSource(path: path)
            guard let byteCount = source.byteCount else { throw PlatformError("\(path) is not a regular file") }
            library.entrySetSize(header, Int64(byteCount))
            try check(library.writeHeader(handle, header))
            try copy(source, byteCount: byteCount, path: path)
        }
    }

    private func copy(_ source: FileSource, byteCount: Int, path: String) throws {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { piece.deallocate() }
        var left = byteCount
        while left > 0 {
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: piece[0..<min(left, piece.count)]))
            guard count > 0 else { throw PlatformError("\(path) became shorter while it was read") }
            try put(UnsafeRawBufferPointer(rebasing: piece[0..<count]))
            left -= count
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = library.writeData(handle, base + done, bytes.count - done)
            if count <= 0 {
                try check(-30)
                return
            }
            done += count
        }
    }

    /// Ends the archive; gives its bytes where it was written to memory.
    func finish() throws -> [UInt8] {
        try check(library.writeClose(handle))
        try sink.file?.close()
        return sink.bytes
    }
}
