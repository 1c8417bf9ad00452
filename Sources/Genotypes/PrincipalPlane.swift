// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// People in the plane of their two first principal components.
///
/// The largest singular vectors of the centred matrix come from subspace iteration with a block of random start vectors (Halko, Martinsson,
/// Tropp: "Finding structure with randomness", SIAM Review 53:217, 2011, algorithm 4.4).
public struct PrincipalPlane: Sendable {
    /// A person's place.
    public struct Point: Sendable, Equatable {
        /// Along the first component.
        public var x: Double
        /// Along the second component.
        public var y: Double
    }

    /// The people's places, in the cohort's order.
    public let points: [Point]
    /// The share of all variance that each of the two components has.
    public let shares: [Double]

    private static let blockSize = 8
    private static let maximumIterationCount = 200

    /// Finds the plane; the component with the largest number of each direction is positive, so that the picture is always the same.
    ///
    /// Throws ``UserError`` where there are fewer than three people or two variants.
    public init(_ cohort: Cohort, threadCount: Int = 1) throws {
        let (rows, columns) = (cohort.people.count, cohort.variants.count)
        guard rows >= 3, columns >= 2 else {
            throw UserError("two principal components need 3 people and 2 variants; here are \(rows) and \(columns)")
        }
        var centred = cohort.values
        var variance = 0.0
        for column in 0..<columns {
            var sum = 0.0
            for row in 0..<rows { sum += Double(centred[row * columns + column]) }
            let mean = Float(sum / Double(rows))
            for row in 0..<rows {
                centred[row * columns + column] -= mean
                variance += Double(centred[row * columns + column]) * Double(centred[row * columns + column])
            }
        }
        let size = min(Self.blockSize, rows, columns)
        var random = Random(seed: 4, stream: 1)
        var block = (0..<columns * size).map { _ in random.normal() }
        Self.orthonormalize(&block, columns, size)
        let pool = ThreadPool(threadCount: threadCount)
        var scores: [Float] = []
        var values: [Double] = []
        for _ in 0..<Self.maximumIterationCount {
            scores = Self.product(centred, block, rows, columns, size, isTransposed: false, pool)
            let previous = values
            try Self.rotate(&block, &scores, columns, rows, size, &values)
            if previous.count == values.count, zip(values, previous).prefix(2).allSatisfy({ abs($0 - $1) <= 1e-7 * values[0] }) {
                break
            }
            block = Self.product(centred, scores, columns, rows, size, isTransposed: true, pool)
            Self.orthonormalize(&block, columns, size)
        }
        let signs = (0..<2).map { vector -> Double in
            let column = (0..<columns).map { block[$0 * size + vector] }
            return (column.max { abs($0) < abs($1) } ?? 0) < 0 ? -1 : 1
        }
        points = (0..<rows).map { Point(x: signs[0] * Double(scores[$0 * size]), y: signs[1] * Double(scores[$0 * size + 1])) }
        shares = values.prefix(2).map { variance > 0 ? $0 / variance : 0 }
    }

    /// The matrix, or its transpose, times a block of vectors.
    private static func product(
        _ matrix: [Float], _ block: [Float], _ rows: Int, _ inner: Int, _ size: Int, isTransposed: Bool, _ pool: ThreadPool
    ) -> [Float] {
        var result = [Float](repeating: 0, count: rows * size)
        matrix.withUnsafeBufferPointer { matrix in
            block.withUnsafeBufferPointer { block in
                result.withUnsafeMutableBufferPointer { result in
                    guard let a = matrix.baseAddress, let b = block.baseAddress, let c = result.baseAddress else { return }
                    MatrixMultiplication.multiply(
                        rows: rows, columns: size, inner: inner,
                        .init(a, stride: isTransposed ? rows : inner, isTransposed: isTransposed), .init(b, stride: size), into: c,
                        stride: size, pool: pool)
                }
            }
        }
        return result
    }

    /// Turns block and scores so that the scores' columns are orthogonal, the longest first; `values` become their squared lengths.
    private static func rotate(
        _ block: inout [Float], _ scores: inout [Float], _ columns: Int, _ rows: Int, _ size: Int, _ values: inout [Double]
    ) throws {
        var gram = [Double](repeating: 0, count: size * size)
        for row in 0..<rows {
            for i in 0..<size {
                for j in 0..<size { gram[i * size + j] += Double(scores[row * size + i]) * Double(scores[row * size + j]) }
            }
        }
        guard let system = SymmetricEigensystem(gram, size: size) else {
            throw AlgorithmError("the principal components cannot be found: the numbers are not finite")
        }
        values = system.values.reversed()
        func turned(_ matrix: [Float], _ count: Int) -> [Float] {
            var result = matrix
            for row in 0..<count {
                for i in 0..<size {
                    let vector = (size - 1 - i) * size
                    result[row * size + i] = Float(
                        (0..<size).reduce(0) { $0 + system.vectors[vector + $1] * Double(matrix[row * size + $1]) })
                }
            }
            return result
        }
        block = turned(block, columns)
        scores = turned(scores, rows)
    }

    /// Gram and Schmidt, twice, in float64; a vector that vanishes becomes zero.
    private static func orthonormalize(_ block: inout [Float], _ rows: Int, _ size: Int) {
        var vectors = (0..<size).map { column in (0..<rows).map { Double(block[$0 * size + column]) } }
        for column in 0..<size {
            for _ in 0..<2 {
                for other in 0..<column {
                    let dot = zip(vectors[column], vectors[other]).reduce(0) { $0 + $1.0 * $1.1 }
                    for row in 0..<rows { vectors[column][row] -= dot * vectors[other][row] }
                }
            }
            let length = vectors[column].reduce(0) { $0 + $1 * $1 }.squareRoot()
            for row in 0..<rows { vectors[column][row] = length > 1e-30 ? vectors[column][row] / length : 0 }
        }
        for column in 0..<size { for row in 0..<rows { block[row * size + column] = Float(vectors[column][row]) } }
    }
}
