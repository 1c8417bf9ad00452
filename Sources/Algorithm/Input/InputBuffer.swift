// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A source of bytes that is read once, from start to end: a file, a pipe, a compressed file, or memory.
protocol ByteSource: AnyObject {
    /// Fills as much of `buffer` as is at hand, at least one byte; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A file or pipe.
final class FileSource: ByteSource {
    private let descriptor: Int32
    private let path: String
    /// The file's size where it is a regular file.
    let byteCount: Int?

    init(path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw PlatformError("open", path: path, errorNumber: errno) }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        byteCount = isRegular ? Int(status.st_size) : nil
        if isRegular { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { throw PlatformError("read", path: path, errorNumber: errno) }
        }
    }
}

/// Bytes in memory.
final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, bytes.count - position)
        guard count > 0 else { return 0 }
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<(position + count)])) }
        position += count
        return count
    }
}

/// A window that moves over a source: what was read and not yet consumed lies in one piece.
final class InputBuffer {
    /// What the user calls the file.
    let name: String?
    private let source: any ByteSource
    private var memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var consumedByteCount = 0
    private(set) var isAtEnd = false

    init(_ source: any ByteSource, name: String?, capacity: Int = 1 << 20) {
        self.source = source
        self.name = name
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(64, capacity), alignment: 64)
    }

    deinit { memory.deallocate() }

    /// The bytes at hand; valid until the next call that fills.
    var window: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }
    /// The number of bytes at hand.
    var count: Int { end - start }
    /// The offset of the window's first byte in the source.
    var byteOffset: Int { consumedByteCount }

    /// Drops `count` bytes from the window's front.
    func consume(_ count: Int) {
        let count = min(count, end - start)
        start += count
        consumedByteCount += count
    }

    /// Reads until at least `wanted` bytes are at hand; false where the source ends before.
    func fill(to wanted: Int) throws -> Bool {
        while end - start < wanted {
            if isAtEnd { return false }
            try readMore(room: wanted)
        }
        return true
    }

    /// Reads one more piece; false at the source's end.
    func fillMore() throws -> Bool {
        if isAtEnd { return false }
        let before = end - start
        try readMore(room: before + 1)
        return end - start > before
    }

    private func readMore(room wanted: Int) throws {
        if start == end {
            start = 0
            end = 0
        }
        if start + wanted > memory.count || end == memory.count {
            let held = end - start
            if wanted > memory.count || held == memory.count {
                let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(memory.count * 2, wanted), alignment: 64)
                larger.copyMemory(from: window)
                memory.deallocate()
                memory = larger
            } else if let base = memory.baseAddress {
                base.copyMemory(from: base + start, byteCount: held)
            }
            start = 0
            end = held
        }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        if count == 0 { isAtEnd = true }
        end += count
    }
}
