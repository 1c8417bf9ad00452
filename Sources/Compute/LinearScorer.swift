// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Scores rows with one linear model; made once, used from any thread.
public final class LinearScorer: Sendable {
    private static let lanes = 16

    /// The number of features.
    public let columnCount: Int
    /// The scores of a row.
    public let scoreCount: Int
    // Scores in groups of lanes: [group][columns][lanes], [group][lanes].
    private let weights: AlignedBuffer<Float>
    private let biases: AlignedBuffer<Float>
    private let groupCount: Int

    /// Makes one; nil unless there are `scoreCount * columnCount` weights for `scoreCount` biases.
    public init?(_ coefficients: LinearCoefficients, columnCount: Int) {
        let scoreCount = coefficients.biases.count
        guard columnCount > 0, scoreCount > 0, coefficients.weights.count == scoreCount * columnCount else { return nil }
        self.columnCount = columnCount
        self.scoreCount = scoreCount
        groupCount = (scoreCount + Self.lanes - 1) / Self.lanes
        weights = AlignedBuffer(count: groupCount * columnCount * Self.lanes)
        biases = AlignedBuffer(count: groupCount * Self.lanes)
        for score in 0..<scoreCount {
            biases.start[score] = coefficients.biases[score]
            let group = weights.start + score / Self.lanes * columnCount * Self.lanes + score % Self.lanes
            for column in 0..<columnCount { group[column * Self.lanes] = coefficients.weights[score * columnCount + column] }
        }
    }

    /// The scores of dense rows, row after row; `values` holds `rowCount * columnCount` numbers.
    public func scores(dense values: [Float], rowCount: Int) -> [Float] {
        collect(rowCount: values.count == rowCount * columnCount ? rowCount : 0) { first, count, group, out in
            values.withUnsafeBufferPointer { values in
                guard let values = values.baseAddress else { return }
                KernelTable.best.denseForward(
                    values + first * columnCount, columnCount, count, columnCount, group, out, Self.lanes)
            }
        }
    }

    /// The scores of sparse rows, row after row.
    public func scores(sparse matrix: SparseMatrix) -> [Float] {
        collect(rowCount: matrix.columnCount == columnCount ? matrix.rowCount : 0) { first, count, group, out in
            for row in 0..<count {
                for entry in matrix.rowStarts[first + row]..<matrix.rowStarts[first + row + 1] {
                    let weights = group + Int(matrix.columns[entry]) * Self.lanes
                    for lane in 0..<Self.lanes { out[row * Self.lanes + lane] += matrix.values[entry] * weights[lane] }
                }
            }
        }
    }

    /// Calls `add` for runs of rows and groups of scores; it adds to scores that hold the biases.
    private func collect(
        rowCount: Int, _ add: (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) -> [Float] {
        let rowsAtOnce = 64
        var scores = [Float](repeating: 0, count: rowCount * scoreCount)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rowsAtOnce * Self.lanes) { scratch in
            guard let out = scratch.baseAddress else { return }
            for first in stride(from: 0, to: rowCount, by: rowsAtOnce) {
                let count = min(rowsAtOnce, rowCount - first)
                for group in 0..<groupCount {
                    for row in 0..<count {
                        (out + row * Self.lanes).update(from: biases.start + group * Self.lanes, count: Self.lanes)
                    }
                    add(first, count, weights.start + group * columnCount * Self.lanes, out)
                    let width = min(Self.lanes, scoreCount - group * Self.lanes)
                    for row in 0..<count {
                        for lane in 0..<width {
                            scores[(first + row) * scoreCount + group * Self.lanes + lane] = out[row * Self.lanes + lane]
                        }
                    }
                }
            }
        }
        return scores
    }
}
