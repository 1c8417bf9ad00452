// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads lines of VCF, pieces of a batch on several threads.
struct VariantParser: Sendable {
    /// What a piece of a batch holds.
    struct Piece: Sendable {
        var variants: [Variant] = []
        var dosages: [UInt8] = []
        var lineCount = 0
        /// The line is counted within the piece.
        var error: DataError?
    }

    let filter: VariantFilter
    let sampleCount: Int

    /// The pieces in order.
    func parse(_ batch: [UInt8], pool: ThreadPool) -> [Piece] {
        let pieceCount = max(1, min(pool.threadCount * 4, batch.count / 65536))
        var bounds = [0]
        for index in 1..<max(1, pieceCount) {
            let from = max(batch.count * index / pieceCount, bounds.last ?? 0)
            guard let end = batch[from...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            bounds.append(end + 1)
        }
        bounds.append(batch.count)
        let ranges = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        let pieces = Mutex<[Int: Piece]>([:])
        batch.withUnsafeBytes { bytes in
            pool.parallelFor(ranges.count) { index in
                let piece = parse(UnsafeRawBufferPointer(rebasing: bytes[ranges[index]]))
                pieces.withLock { $0[index] = piece }
            }
        }
        return pieces.withLock { found in ranges.indices.compactMap { found[$0] } }
    }

    private func parse(_ text: UnsafeRawBufferPointer) -> Piece {
        var piece = Piece()
        var dosages = [UInt8](repeating: 0, count: sampleCount)
        var start = 0
        while start < text.count {
            let end = Self.find(UInt8(ascii: "\n"), in: text, from: start) ?? text.count
            var line = UnsafeRawBufferPointer(rebasing: text[start..<end])
            if line.last == UInt8(ascii: "\r") { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
            start = end + 1
            piece.lineCount += 1
            guard !line.isEmpty else { continue }
            do {
                guard let variant = try read(line, into: &dosages) else { continue }
                piece.variants.append(variant)
                piece.dosages += dosages
            } catch {
                var error = error
                error.location.line = piece.lineCount
                piece.error = error
                return piece
            }
        }
        return piece
    }

    /// One line; nil where its variant is not kept.
    private func read(_ line: UnsafeRawBufferPointer, into dosages: inout [UInt8]) throws(DataError) -> Variant? {
        var columns: [Range<Int>] = []
        columns.reserveCapacity(9)
        var start = 0
        for column in 1...9 {
            guard let tab = Self.find(UInt8(ascii: "\t"), in: line, from: start) else {
                throw DataError(
                    .other("the line has \(column) columns; a line with genotypes has \(9 + sampleCount), separated by tabs"))
            }
            columns.append(start..<tab)
            start = tab + 1
        }
        func text(_ column: Int) -> String {
            String(decoding: UnsafeRawBufferPointer(rebasing: line[columns[column]]), as: UTF8.self)
        }
        guard columns[3].count == 1, columns[4].count == 1, Self.isBase(line[columns[3].lowerBound]),
            Self.isBase(line[columns[4].lowerBound])
        else { return nil }
        guard let position = Int(text(1)), position >= 0 else {
            throw DataError(.notANumber(text: text(1)), at: DataError.Location(column: 2))
        }
        if let region = filter.region, region.chromosome != text(0) || !region.contains(position) { return nil }
        let frequency = Self.frequency(UnsafeRawBufferPointer(rebasing: line[columns[7]]))
        if let frequency, !(frequency > filter.minimumFrequency) { return nil }
        let format = line[columns[8]]
        guard format.starts(with: "GT".utf8), format.count == 2 || format[format.startIndex + 2] == UInt8(ascii: ":") else {
            throw DataError(
                .other("there are no genotypes: FORMAT is '\(text(8))' and does not begin with GT"),
                at: DataError.Location(column: 9))
        }
        try readGenotypes(UnsafeRawBufferPointer(rebasing: line[start...]), into: &dosages)
        if frequency == nil, !(Self.frequency(of: dosages) > filter.minimumFrequency) { return nil }
        return Variant(chromosome: text(0), position: position, reference: text(3), alternative: text(4))
    }

    private func readGenotypes(_ text: UnsafeRawBufferPointer, into dosages: inout [UInt8]) throws(DataError) {
        let (fieldCount, byteCount) = dosages.withUnsafeMutableBufferPointer { GenotypeText.read(text, into: $0) }
        if fieldCount == sampleCount, byteCount == text.count { return }
        if fieldCount == sampleCount || byteCount == text.count {
            let found = text.reduce(1) { $0 + ($1 == UInt8(ascii: "\t") ? 1 : 0) }
            throw DataError(.other("the line has \(found) genotypes; the header names \(sampleCount) samples"))
        }
        let end = Self.find(UInt8(ascii: "\t"), in: text, from: byteCount) ?? text.count
        let field = String(decoding: text[byteCount..<min(end, byteCount + 40)], as: UTF8.self)
        throw DataError(
            .other("'\(field)' is not a genotype; one is alleles between / or |, such as 0/1"),
            at: DataError.Location(column: 10 + fieldCount))
    }

    private static func isBase(_ byte: UInt8) -> Bool {
        switch byte | 0x20 {
        case UInt8(ascii: "a"), UInt8(ascii: "c"), UInt8(ascii: "g"), UInt8(ascii: "t"): true
        default: false
        }
    }

    /// `AF=` of INFO; nil where there is none or it is no number.
    private static func frequency(_ information: UnsafeRawBufferPointer) -> Double? {
        for entry in information.split(separator: UInt8(ascii: ";")) where entry.starts(with: "AF=".utf8) {
            return Double(String(decoding: entry.dropFirst(3), as: UTF8.self))
        }
        return nil
    }

    /// The share of other bases among those that are known, two a sample.
    private static func frequency(of dosages: [UInt8]) -> Double {
        let known = dosages.filter { $0 != GenotypeText.missing }
        return known.isEmpty ? 0 : Double(known.reduce(0) { $0 + Int($1) }) / Double(2 * known.count)
    }

    private static func find(_ byte: UInt8, in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = text.baseAddress, start < text.count, let found = memchr(base + start, Int32(byte), text.count - start)
        else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
