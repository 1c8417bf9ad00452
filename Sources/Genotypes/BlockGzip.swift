// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

/// A place in a file of blocks: where its block begins in the file, and the byte within the block's content.
struct VirtualOffset: Comparable, Sendable {
    var block: Int
    var byte: Int

    init(block: Int, byte: Int) {
        self.block = block
        self.byte = byte
    }

    /// As an index writes it: 48 bits and 16 bits.
    init(_ word: UInt64) { self.init(block: Int(word >> 16), byte: Int(word & 0xffff)) }

    static func < (first: VirtualOffset, second: VirtualOffset) -> Bool {
        (first.block, first.byte) < (second.block, second.byte)
    }
}

/// Gzip in blocks of at most 64 KiB, each a member whose header says its length ("Sequence Alignment/Map Format Specification", 4.1), so
/// that a reader can begin at any block and read many at once.
struct BlockGzip: Sendable {
    let data: Data
    let name: String
    /// Blocks that a thread takes at once: enough to be worth a call of the library.
    private static let blocksPerTask = 24

    /// Whether the bytes begin with a block.
    static func isBlocked(_ data: Data) -> Bool { BlockGzip(data: data, name: "").byteCount(ofBlockAt: 0) != nil }

    /// The length of the block that begins at an offset; nil where none begins.
    func byteCount(ofBlockAt offset: Int) -> Int? {
        guard offset >= 0, offset < data.count, data.count - offset >= 18 else { return nil }
        return data.withUnsafeBytes { bytes -> Int? in
            func short(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
            // The deflate method, and a flag for extra fields.
            guard short(offset) == 0x8b1f, bytes[offset + 2] == 8, bytes[offset + 3] & 4 != 0 else { return nil }
            let end = offset + 12 + short(offset + 10)
            guard end <= bytes.count else { return nil }
            var place = offset + 12
            while place + 4 <= end {
                let length = short(place + 2)
                if bytes[place] == UInt8(ascii: "B"), bytes[place + 1] == UInt8(ascii: "C"), length == 2, place + 6 <= end {
                    let total = short(place + 4) + 1
                    return total > end - offset && offset + total <= bytes.count ? total : nil
                }
                place += 4 + length
            }
            return nil
        }
    }

    /// The content of the next blocks from an offset on, up to a place, and moves the offset; nil at the end.
    func read(from offset: inout Int, to end: VirtualOffset?, pool: ThreadPool) throws -> [UInt8]? {
        var tasks: [Range<Int>] = []
        var lastBlock = offset
        let limit = end.map { $0.byte > 0 ? $0.block : $0.block - 1 } ?? Int.max
        while tasks.count < 4 * pool.threadCount, offset < data.count, offset <= limit {
            let start = offset
            for _ in 0..<Self.blocksPerTask where offset < data.count && offset <= limit {
                guard let length = byteCount(ofBlockAt: offset) else {
                    throw DataError(
                        .malformedArchive("no block of bgzip begins here, or it is cut off"),
                        at: DataError.Location(file: name, byteOffset: offset))
                }
                lastBlock = offset
                offset += length
            }
            tasks.append(start..<offset)
        }
        guard !tasks.isEmpty else { return nil }
        let ranges = tasks
        let pieces = Mutex<[Int: Result<[UInt8], any Error>]>([:])
        pool.parallelFor(ranges.count) { index in
            let piece = Result { try Gzip.decompress([UInt8](data[ranges[index]]), name: name) }
            pieces.withLock { $0[index] = piece }
        }
        let found = pieces.withLock { $0 }
        var content: [UInt8] = []
        for index in ranges.indices { content += try found[index]?.get() ?? [] }
        if let end, end.block == lastBlock {
            let last = try Gzip.decompress([UInt8](data[lastBlock..<offset]), name: name)
            content.removeLast(min(content.count, max(0, last.count - end.byte)))
        }
        return content
    }
}
