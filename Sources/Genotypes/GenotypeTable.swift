// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A place where people differ in one base.
public struct Variant: Sendable, Equatable {
    /// The chromosome's name, as the file has it.
    public var chromosome: String
    /// The place on it, from 1.
    public var position: Int
    /// The reference's base.
    public var reference: String
    /// The other base.
    public var alternative: String

    /// The name of the column, such as `6-1000000-A-G`.
    public var name: String { "\(chromosome)-\(position)-\(reference)-\(alternative)" }
}

/// Which variants are kept.
public struct VariantFilter: Sendable, Equatable {
    /// Where they are; nil: anywhere.
    public var region: GenomeRegion?
    /// The other base's frequency is above this.
    public var minimumFrequency: Double

    /// Makes one from its parts.
    public init(region: GenomeRegion? = nil, minimumFrequency: Double = 0.3) {
        self.region = region
        self.minimumFrequency = minimumFrequency
    }
}

/// The genotypes of a VCF file at its variants of one base with one alternative: SNVs.
public struct GenotypeTable: Sendable, Equatable {
    /// The samples' names, in the file's order.
    public let samples: [String]
    /// The kept variants, in the file's order.
    public internal(set) var variants: [Variant] = []
    /// [variant][sample]: the number of other bases, or `GenotypeText.missing`.
    public internal(set) var dosages: [UInt8] = []
    /// The number of lines that were looked at.
    public internal(set) var lineCount = 0
    /// Whether an index led to the region's lines.
    public let usesIndex: Bool

    /// Reads a file, plain, or compressed by gzip or bgzip; of the latter, with an index beside it (`FILE.tbi`), only what the region needs.
    ///
    /// A variant's frequency is the file's own (`AF` in INFO); where it says none, that of the file's genotypes. Throws ``UserError``,
    /// ``DataError`` and ``PlatformError``.
    public static func read(path: String, filter: VariantFilter = VariantFilter(), threadCount: Int = 1) throws -> GenotypeTable {
        let pool = ThreadPool(threadCount: threadCount)
        var text = try VariantText(path: path, region: filter.region, pool: pool)
        var table = GenotypeTable(samples: text.samples, usesIndex: text.usesIndex)
        while let batch = try text.nextBatch() {
            let parser = VariantParser(filter: filter, sampleCount: table.samples.count)
            for piece in parser.parse(batch, pool: pool) {
                if var error = piece.error {
                    error.location.file = text.name
                    error.location.line = text.lineCountBefore.flatMap { before in
                        error.location.line.map { before + table.lineCount + $0 }
                    }
                    throw error
                }
                table.variants += piece.variants
                table.dosages += piece.dosages
                table.lineCount += piece.lineCount
            }
        }
        return table
    }

    private init(samples: [String], usesIndex: Bool) {
        self.samples = samples
        self.usesIndex = usesIndex
    }
}
