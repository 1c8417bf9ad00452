// SPDX-License-Identifier: Apache-2.0

import Algorithm

/// Where in a compressed file the lines of a region are ("The Tabix index file format"; Li: "Tabix", Bioinformatics 27:718, 2011).
struct TabixIndex: Sendable {
    /// Stretches of the file, by bin, and for each 16 KiB of a chromosome where its first line is.
    private struct Sequence {
        var chunks: [UInt32: [ClosedRange<VirtualOffset>]] = [:]
        var starts: [VirtualOffset] = []
    }

    /// 1 + 8 + 64 + 512 + 4096 + 32768.
    private static let binCount = 37449
    private var sequences: [String: Sequence] = [:]
    /// The chromosomes that the file has, in its order.
    private(set) var names: [String] = []

    /// Reads an index, decompressed; throws ``DataError``.
    init(decoding bytes: [UInt8], file: String) throws {
        var cursor = ByteCursor(bytes: bytes, file: file)
        guard try cursor.take(4) == [0x54, 0x42, 0x49, 1] else { throw cursor.error("it is no index of tabix") }
        let sequenceCount = try cursor.count(perItem: 8)
        // Format, columns of the name and of the positions, the comment's character, lines to skip.
        for _ in 0..<6 { _ = try cursor.word() }
        let text = try cursor.take(try cursor.count(perItem: 1))
        names = text.split(separator: 0, omittingEmptySubsequences: true).map { String(decoding: $0, as: UTF8.self) }
        guard names.count == sequenceCount else { throw cursor.error("it has \(names.count) names for \(sequenceCount) sequences") }
        for name in names {
            var sequence = Sequence()
            for _ in 0..<(try cursor.count(perItem: 8)) {
                let bin = try cursor.word()
                let chunks = try (0..<(try cursor.count(perItem: 16))).map { _ in (try cursor.long(), try cursor.long()) }
                // What follows the last real bin holds counts of reads.
                guard bin < Self.binCount else { continue }
                sequence.chunks[bin] = try chunks.map { words in
                    let (begin, end) = (VirtualOffset(words.0), VirtualOffset(words.1))
                    guard begin <= end else { throw cursor.error("a stretch ends before it begins") }
                    return begin...end
                }
            }
            sequence.starts = try (0..<(try cursor.count(perItem: 8))).map { _ in VirtualOffset(try cursor.long()) }
            sequences[name] = sequence
        }
    }

    /// The stretches of the file that may hold lines of the region, in order, those that touch joined; nil where the file does not have
    /// the chromosome.
    func stretches(of region: GenomeRegion) -> [ClosedRange<VirtualOffset>]? {
        guard let sequence = sequences[region.chromosome] else { return nil }
        let first = (region.positions?.lowerBound ?? 1) - 1
        let end = min(region.positions?.upperBound ?? GenomeRegion.maximumPosition, GenomeRegion.maximumPosition)
        let window = first >> 14
        let start = window < sequence.starts.count ? sequence.starts[window] : sequence.starts.last ?? VirtualOffset(0)
        var found = Self.bins(first..<end).flatMap { sequence.chunks[$0] ?? [] }.filter { $0.upperBound > start }
        found.sort { $0.lowerBound < $1.lowerBound }
        var joined: [ClosedRange<VirtualOffset>] = []
        for stretch in found {
            if let last = joined.last, stretch.lowerBound.block <= last.upperBound.block {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, stretch.upperBound)
            } else {
                joined.append(stretch)
            }
        }
        return joined
    }

    /// The bins that overlap positions from 0: of 512 MiB, 64 MiB, 8 MiB, 1 MiB, 128 KiB and 16 KiB.
    private static func bins(_ positions: Range<Int>) -> [UInt32] {
        var bins: [UInt32] = [0]
        for (base, shift) in [(1, 26), (9, 23), (73, 20), (585, 17), (4681, 14)] {
            bins +=
                ((base + (positions.lowerBound >> shift))...(base + (max(positions.lowerBound, positions.upperBound - 1) >> shift)))
                .map {
                    UInt32($0)
                }
        }
        return bins
    }
}

/// Little-endian numbers, one after the other.
private struct ByteCursor {
    let bytes: [UInt8]
    let file: String
    var position = 0

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    func error(_ text: String) -> DataError {
        DataError(.other(text), at: DataError.Location(file: file, byteOffset: position))
    }

    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else {
            throw DataError(
                .truncated(inside: "the index", missingByteCount: count - (bytes.count - position)),
                at: DataError.Location(file: file, byteOffset: position))
        }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func word() throws -> UInt32 { try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func long() throws -> UInt64 { try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    /// A number of items, each of so many bytes at least, that the rest can hold.
    mutating func count(perItem byteCount: Int) throws -> Int {
        let count = Int(Int32(bitPattern: try word()))
        guard count >= 0, count <= (bytes.count - position) / byteCount else {
            throw error("it announces \(count) items, more than there are")
        }
        return count
    }
}
