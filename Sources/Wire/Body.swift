// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A streaming blob: the body of an object, of an invocation, of a log of any size.
///
/// A body is read once. Files are named rather than read so that a store can link or send them without copying.
public struct Body: Sendable {
    /// Where the bytes come from.
    public enum Source: Sendable {
        case bytes([UInt8])
        /// The bytes `offset ..< offset + length` of a file.
        case file(path: String, offset: Int, length: Int)
        /// Each call gives the next piece, nil at the end.
        case stream(next: @Sendable () async throws -> [UInt8]?)
    }

    /// Where the bytes come from.
    public var source: Source
    /// The number of bytes, where it is known before reading.
    public var length: Int?

    /// Makes one from its parts.
    public init(bytes: [UInt8]) {
        source = .bytes(bytes)
        length = bytes.count
    }

    /// Makes one from its parts.
    public init(path: String, offset: Int, length: Int) {
        source = .file(path: path, offset: offset, length: length)
        self.length = length
    }

    /// Makes one from its parts.
    public init(length: Int?, next: @escaping @Sendable () async throws -> [UInt8]?) {
        source = .stream(next: next)
        self.length = length
    }

    /// Hands every piece to `consume`, in order; pieces of files are at most 1 MiB.
    public func forEachPiece(_ consume: (borrowing [UInt8]) async throws -> Void) async throws {
        switch source {
        case .bytes(let bytes):
            if !bytes.isEmpty { try await consume(bytes) }
        case .file(let path, let offset, let length):
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(offset))
            var left = length
            while left > 0, let piece = try handle.read(upToCount: min(left, 1 << 20)), !piece.isEmpty {
                left -= piece.count
                try await consume([UInt8](piece))
            }
            if left > 0 { throw BodyTruncated(path: path, missingByteCount: left) }
        case .stream(let next):
            while let piece = try await next() { try await consume(piece) }
        }
    }

    /// All bytes at once, for bodies that are known to be small.
    public func collect() async throws -> [UInt8] {
        if case .bytes(let bytes) = source { return bytes }
        var all: [UInt8] = []
        all.reserveCapacity(length ?? 0)
        try await forEachPiece { all.append(contentsOf: $0) }
        return all
    }
}

/// A body's file ended before the length it was announced with.
public struct BodyTruncated: Error, Sendable {
    /// The file.
    public var path: String
    /// How many bytes were announced and are not there.
    public var missingByteCount: Int

    /// Makes one from its parts.
    public init(path: String, missingByteCount: Int) {
        self.path = path
        self.missingByteCount = missingByteCount
    }
}
