// SPDX-License-Identifier: Apache-2.0

import Algorithm

/// A stretch of a chromosome, as `tabix` takes it.
public struct GenomeRegion: Sendable, Equatable, CustomStringConvertible {
    /// The chromosome's name, as the file has it.
    public var chromosome: String
    /// The first and the last base, from 1; nil: all of the chromosome.
    public var positions: ClosedRange<Int>?

    /// The highest position that an index knows.
    static let maximumPosition = 1 << 29

    /// Reads `6`, `6:1000000` (from there on) or `6:1000000-1250000`, also with commas in numbers; throws ``UserError``.
    public init(parsing text: String) throws {
        let wrong = UserError(
            "the positions '\(text)' are not understood; they are CHROMOSOME, CHROMOSOME:FIRST or CHROMOSOME:FIRST-LAST, such as 6:1000000-1250000"
        )
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw wrong }
        chromosome = String(name)
        guard parts.count == 2 else { return }
        let bounds = parts[1].split(separator: "-", omittingEmptySubsequences: false).map { bound in
            Int(bound.filter { $0 != "," }) ?? 0
        }
        guard (1...2).contains(bounds.count), let first = bounds.first,
            let last = bounds.count == 2 ? bounds.last : Self.maximumPosition,
            first >= 1, first <= last, last <= Self.maximumPosition
        else { throw wrong }
        positions = first...last
    }

    /// Whether a variant at that place is meant.
    func contains(_ position: Int) -> Bool { positions.map { $0.contains(position) } ?? true }

    /// As it is written.
    public var description: String {
        positions.map { "\(chromosome):\($0.lowerBound)-\($0.upperBound)" } ?? chromosome
    }
}
