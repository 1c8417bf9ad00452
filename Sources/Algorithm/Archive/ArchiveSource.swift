// SPDX-License-Identifier: Apache-2.0

/// The decompressed bytes of one compressed file (gzip, also of several members, bzip2, xz, zstd as the library finds them).
final class ArchiveSource: ByteSource {
    private let library: LibArchive
    private let handle: LibArchive.Handle
    private let name: String
    /// Keeps memory that the library reads from.
    private let memory: UnsafeMutableRawBufferPointer?
    private var isEmpty = false

    convenience init(compressedFile path: String) throws {
        try self.init(name: path, memory: nil)
        try open(path)
    }

    convenience init(compressedBytes bytes: [UInt8], name: String) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        memory.copyBytes(from: bytes)
        try self.init(name: name, memory: memory)
        try check(library.readOpenMemory(handle, memory.baseAddress, bytes.count))
        try begin()
    }

    private init(name: String, memory: UnsafeMutableRawBufferPointer?) throws {
        do {
            library = try LibArchive.shared()
            guard let handle = library.readNew() else { throw PlatformError("libarchive has no memory") }
            self.handle = handle
        } catch {
            memory?.deallocate()
            throw error
        }
        self.name = name
        self.memory = memory
        _ = library.readSupportFilterAll(handle)
        _ = library.readSupportFormatRaw(handle)
        _ = library.readSupportFormatEmpty(handle)
    }

    deinit {
        _ = library.readFree(handle)
        memory?.deallocate()
    }

    private func open(_ path: String) throws {
        try check(library.readOpenFile(handle, path, 1 << 17))
        try begin()
    }

    private func begin() throws {
        var entry: LibArchive.Handle?
        let status = library.readNextHeader(handle, &entry)
        if status == LibArchive.endOfFile { isEmpty = true } else { try check(status) }
    }

    private func check(_ status: Int32) throws {
        guard status == LibArchive.ok || status == LibArchive.warn else {
            throw DataError(.malformedArchive(library.problem(of: handle)), at: DataError.Location(file: name))
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if isEmpty { return 0 }
        let count = library.readData(handle, buffer.baseAddress, buffer.count)
        if count < 0 { throw DataError(.malformedArchive(library.problem(of: handle)), at: DataError.Location(file: name)) }
        return count
    }
}

/// Gzip (RFC 1952) of bytes in memory.
public enum Gzip {
    /// Whether the bytes begin like gzip.
    public static func isGzip<Bytes: Collection>(_ bytes: Bytes) -> Bool where Bytes.Element == UInt8 {
        bytes.prefix(3).elementsEqual([0x1f, 0x8b, 0x08])
    }

    /// The bytes of all members, at most `maximumByteCount`.
    ///
    /// Throws ``DataError`` for bytes that are no gzip, are cut off, or are too many; ``PlatformError`` without libarchive.
    public static func decompress(
        _ bytes: [UInt8], name: String = "the gzip data", maximumByteCount: Int = 1 << 32
    ) throws -> [UInt8] {
        guard isGzip(bytes) else { throw DataError(.malformedArchive("it is not gzip"), at: DataError.Location(file: name)) }
        let source = try ArchiveSource(compressedBytes: bytes, name: name)
        var all: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = try source.read(into: piece)
            if count == 0 { return all }
            all.append(contentsOf: piece[0..<count])
            guard all.count <= maximumByteCount else {
                throw DataError(
                    .tooLarge(what: "the decompressed data", maximum: maximumByteCount), at: DataError.Location(file: name))
            }
        }
    }

    /// One member without name and time, so that the same bytes always give the same gzip.
    public static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        let writer = try ArchiveWriter(format: .gzip)
        try writer.add(ArchiveEntry(path: "data", bytes: bytes))
        return try writer.finish()
    }
}
