// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// The lines of a VCF file in order, in batches of whole lines: all of it, or, where it is compressed by bgzip and has an index beside
/// it, only the parts that may hold a region.
struct VariantText {
    /// The file as the user knows it.
    let name: String
    /// The names of the samples, from the header.
    let samples: [String]
    /// Whether an index led to the region's lines.
    let usesIndex: Bool
    /// The number of lines before the first batch; nil where an index jumps over some.
    let lineCountBefore: Int?
    private var source: Source
    private var rest: [UInt8]
    private let pool: ThreadPool

    /// Reads the header; throws ``PlatformError`` where the file cannot be read, ``DataError`` where it is no VCF, and ``UserError`` where
    /// its index does not know the chromosome.
    init(path: String, region: GenomeRegion?, pool: ThreadPool) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw PlatformError(
                "could not read \(path): \((error as NSError).localizedFailureReason ?? error.localizedDescription)")
        }
        name = path
        self.pool = pool
        source = try Source(data, name: path)
        rest = []
        let header = try Self.header(from: &source, rest: &rest, pool: pool, name: path)
        samples = header.samples
        guard let region, case .blocks(let blocks, _, _) = source,
            let index = FileManager.default.contents(atPath: path + ".tbi")
        else {
            usesIndex = false
            lineCountBefore = header.lineCount
            return
        }
        let content = try Gzip.decompress([UInt8](index), name: path + ".tbi")
        let tabix = try TabixIndex(decoding: content, file: path + ".tbi")
        guard let stretches = tabix.stretches(of: region) else {
            throw UserError("\(path) has no chromosome '\(region.chromosome)'; it has \(tabix.names.joined(separator: ", "))")
        }
        usesIndex = true
        lineCountBefore = nil
        rest = []
        source = .blocks(blocks, stretches: stretches[...], next: nil)
    }

    /// The next lines; nil at the end.
    mutating func nextBatch() throws -> [UInt8]? {
        while let piece = try source.next(pool) {
            rest += piece
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            defer { rest.removeFirst(end + 1) }
            return Array(rest[...end])
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return rest
    }

    /// Reads up to the line that names the samples.
    private static func header(
        from source: inout Source, rest: inout [UInt8], pool: ThreadPool, name: String
    ) throws -> (samples: [String], lineCount: Int) {
        var lineCount = 0
        var start = 0
        while true {
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[start..<end]
                start = end + 1
                lineCount += 1
                let location = DataError.Location(file: name, line: lineCount)
                guard line.first == UInt8(ascii: "#") else {
                    throw DataError(
                        .other("a VCF's header ends with a line that begins with #CHROM; here data come before it"), at: location)
                }
                guard line.starts(with: "#CHROM".utf8) else { continue }
                let columns = String(decoding: line, as: UTF8.self).split { $0 == "\t" || $0.isNewline }.map(String.init)
                guard columns.count > 9, columns[8] == "FORMAT" else {
                    throw DataError(
                        .other("the line has \(columns.count) columns and names no samples: they follow the ninth, FORMAT"),
                        at: location)
                }
                rest.removeFirst(start)
                return (Array(columns[9...]), lineCount)
            }
            guard let piece = try source.next(pool) else {
                throw DataError(
                    .other("there is no line that begins with #CHROM: it is no VCF, or it is cut off"),
                    at: DataError.Location(file: name))
            }
            rest += piece
        }
    }

    /// Where the bytes come from.
    private enum Source {
        /// What is left of a text in memory.
        case text([UInt8]?)
        /// Blocks: stretches still to read (nil bounds: all of the file), and the offset of the next block of the first one.
        case blocks(BlockGzip, stretches: ArraySlice<ClosedRange<VirtualOffset>>?, next: Int?)

        init(_ data: Data, name: String) throws {
            if BlockGzip.isBlocked(data) {
                self = .blocks(BlockGzip(data: data, name: name), stretches: nil, next: 0)
            } else {
                let bytes = [UInt8](data)
                self = .text(Gzip.isGzip(bytes) ? try Gzip.decompress(bytes, name: name) : bytes)
            }
        }

        mutating func next(_ pool: ThreadPool) throws -> [UInt8]? {
            switch self {
            case .text(let text):
                self = .text(nil)
                return text
            case .blocks(let blocks, nil, let next):
                var offset = next ?? 0
                let piece = try blocks.read(from: &offset, to: nil, pool: pool)
                self = .blocks(blocks, stretches: nil, next: offset)
                return piece
            case .blocks(let blocks, .some(var stretches), let next):
                while let stretch = stretches.first {
                    var offset = next ?? stretch.lowerBound.block
                    let isFirst = offset == stretch.lowerBound.block
                    if var piece = try blocks.read(from: &offset, to: stretch.upperBound, pool: pool) {
                        if isFirst { piece.removeFirst(min(piece.count, stretch.lowerBound.byte)) }
                        self = .blocks(blocks, stretches: stretches, next: offset)
                        return piece
                    }
                    stretches.removeFirst()
                    self = .blocks(blocks, stretches: stretches, next: nil)
                    return try self.next(pool)
                }
                return nil
            }
        }
    }
}
