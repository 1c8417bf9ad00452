// SPDX-License-Identifier: Apache-2.0

import Compute

/// A random linear map to fewer dimensions that keeps distances roughly as they are (Johnson and Lindenstrauss, 1984).
struct NeighborProjection: Sendable, Equatable {
    /// How directions are drawn.
    enum Kind: String, Sendable {
        /// Entries are plus or minus one, scaled (Achlioptas, 2003).
        case sign
        /// Randomly signed features go through a Hadamard transform, of which some results are kept.
        case fjlt
    }

    let featureCount: Int
    let targetCount: Int
    /// [feature][target].
    let values: [Float]

    init(featureCount: Int, targetCount: Int, values: [Float]) {
        self.featureCount = featureCount
        self.targetCount = targetCount
        self.values = values
    }

    /// Draws a map.
    init(_ kind: Kind, featureCount: Int, targetCount: Int, random: inout Random) {
        let scale = 1 / Float(targetCount).squareRoot()
        var values: [Float] = []
        values.reserveCapacity(featureCount * targetCount)
        switch kind {
        case .sign:
            for _ in 0..<featureCount * targetCount { values.append(random.next() >> 63 == 0 ? scale : -scale) }
        case .fjlt:
            var width = 1
            while width < featureCount { width *= 2 }
            let kept = random.permutation(width).prefix(targetCount)
            for feature in 0..<UInt32(featureCount) {
                let isNegative = random.next() >> 63 == 1
                // The transform's entry is minus one to the number of bits that its row and column share.
                for column in kept { values.append(((feature & column).nonzeroBitCount % 2 == 1) == isNegative ? scale : -scale) }
            }
        }
        self.init(featureCount: featureCount, targetCount: targetCount, values: values)
    }

    /// Rows in the fewer dimensions; each comes out as it would alone.
    func projected(_ rows: [Float], rowCount: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rowCount * targetCount)
        var sums = [Double](repeating: 0, count: targetCount)
        for row in 0..<rowCount {
            for target in 0..<targetCount { sums[target] = 0 }
            for feature in 0..<featureCount {
                let value = Double(rows[row * featureCount + feature])
                guard value != 0 else { continue }
                for target in 0..<targetCount { sums[target] += value * Double(values[feature * targetCount + target]) }
            }
            for sum in sums { result.append(Float(sum)) }
        }
        return result
    }
}
