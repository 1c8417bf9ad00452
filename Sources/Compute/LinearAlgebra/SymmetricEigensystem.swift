// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Eigenvalues and eigenvectors of a real symmetric matrix, in float64.
///
/// Householder reflections make the matrix tridiagonal, implicitly shifted QR steps make it diagonal (Golub and Van Loan, "Matrix
/// Computations", sections 8.3.1 to 8.3.5). The time grows with the cube of the size.
public struct SymmetricEigensystem: Sendable {
    /// The number of rows and columns.
    public let size: Int
    /// Ascending.
    public private(set) var values: [Double]
    /// [value][component]: unit vectors, the largest component of each positive.
    public private(set) var vectors: [Double]

    /// Decomposes `matrix`, row after row; nil unless it has `size * size` finite numbers, or where steps do not end (which rounding has
    /// not been seen to cause).
    public init?(_ matrix: [Double], size: Int) {
        guard size > 0, matrix.count == size * size, matrix.allSatisfy(\.isFinite) else { return nil }
        self.size = size
        var reduction = Tridiagonal(matrix, size: size)
        guard reduction.diagonalize() else { return nil }
        let order = (0..<size).sorted { reduction.diagonal[$0] < reduction.diagonal[$1] }
        values = order.map { reduction.diagonal[$0] }
        vectors = []
        vectors.reserveCapacity(size * size)
        for index in order {
            let vector = reduction.rotations[index * size..<(index + 1) * size]
            let largest = vector.max { abs($0) < abs($1) } ?? 1
            vectors += largest < 0 ? vector.map { -$0 } : Array(vector)
        }
    }
}

/// A symmetric matrix on its way to a diagonal one.
private struct Tridiagonal {
    let size: Int
    private(set) var diagonal: [Double]
    private var beside: [Double]
    /// The product of all reflections and rotations, transposed: in the end row i is the vector of diagonal i.
    private(set) var rotations: [Double]

    init(_ matrix: [Double], size: Int) {
        self.size = size
        var a = matrix
        var reflections: [(first: Int, vector: [Double], factor: Double)] = []
        for column in 0..<max(0, size - 2) {
            let first = column + 1
            var vector = (first..<size).map { a[$0 * size + column] }
            let scale = vector.reduce(0) { max($0, abs($1)) }
            guard scale > 0 else { continue }
            for index in vector.indices { vector[index] /= scale }
            let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            vector[0] += vector[0] < 0 ? -norm : norm
            let factor = 2 / vector.reduce(0) { $0 + $1 * $1 }
            Self.reflect(&a, size: size, first: first, vector, factor)
            reflections.append((first, vector, factor))
        }
        diagonal = (0..<size).map { a[$0 * size + $0] }
        beside = (0..<max(0, size - 1)).map { a[($0 + 1) * size + $0] }
        rotations = [Double](repeating: 0, count: size * size)
        for index in 0..<size { rotations[index * size + index] = 1 }
        for (first, vector, factor) in reflections.reversed() {
            Self.apply(to: &rotations, size: size, first: first, vector, factor)
        }
        transpose()
    }

    /// a = H a H for H = 1 - factor v vᵀ, which changes row and column first - 1 and all behind.
    private static func reflect(_ a: inout [Double], size: Int, first: Int, _ vector: [Double], _ factor: Double) {
        let start = first - 1
        let width = size - start
        let v = [0] + vector
        a.withUnsafeMutableBufferPointer { a in
            var p = [Double](repeating: 0, count: width)
            for row in 0..<width where v[row] != 0 {
                let line = (start + row) * size + start
                let share = v[row] * factor
                for column in 0..<width { p[column] += share * a[line + column] }
            }
            var dot = 0.0
            for index in 0..<width { dot += p[index] * v[index] }
            let half = dot * factor / 2
            for index in 0..<width { p[index] -= half * v[index] }
            for row in 0..<width {
                let line = (start + row) * size + start
                let (vRow, pRow) = (v[row], p[row])
                for column in 0..<width { a[line + column] -= vRow * p[column] + pRow * v[column] }
            }
        }
    }

    /// q = H q.
    private static func apply(to q: inout [Double], size: Int, first: Int, _ vector: [Double], _ factor: Double) {
        q.withUnsafeMutableBufferPointer { q in
            var sums = [Double](repeating: 0, count: size)
            for (index, value) in vector.enumerated() {
                let line = (first + index) * size
                for column in 0..<size { sums[column] += value * q[line + column] }
            }
            for (index, value) in vector.enumerated() {
                let line = (first + index) * size
                let share = value * factor
                for column in 0..<size { q[line + column] -= share * sums[column] }
            }
        }
    }

    private mutating func transpose() {
        for row in 0..<size {
            for column in 0..<row { rotations.swapAt(row * size + column, column * size + row) }
        }
    }

    /// QR steps until nothing is left beside the diagonal.
    mutating func diagonalize() -> Bool {
        let maximumStepCount = 60 * size
        var steps = 0
        var last = size - 1
        while last > 0 {
            for index in 0..<last where abs(beside[index]) <= 1.2e-16 * (abs(diagonal[index]) + abs(diagonal[index + 1])) {
                beside[index] = 0
            }
            guard beside[last - 1] != 0 else {
                last -= 1
                continue
            }
            var first = last - 1
            while first > 0, beside[first - 1] != 0 { first -= 1 }
            step(first, last)
            steps += 1
            if steps > maximumStepCount { return false }
        }
        return true
    }

    /// One implicit step with Wilkinson's shift on the block of the rows from `first` to `last`.
    private mutating func step(_ first: Int, _ last: Int) {
        let difference = (diagonal[last - 1] - diagonal[last]) / 2
        let corner = beside[last - 1]
        let root = hypot(difference, corner)
        let shift = diagonal[last] - corner * (corner / (difference + (difference < 0 ? -root : root)))
        var x = diagonal[first] - shift
        var z = beside[first]
        for index in first..<last {
            let length = hypot(x, z)
            let (c, s) = length == 0 ? (1, 0) : (x / length, -z / length)
            if index > first { beside[index - 1] = length }
            let (d, e, next) = (diagonal[index], beside[index], diagonal[index + 1])
            diagonal[index] = c * c * d - 2 * c * s * e + s * s * next
            diagonal[index + 1] = s * s * d + 2 * c * s * e + c * c * next
            beside[index] = c * s * (d - next) + (c * c - s * s) * e
            if index + 1 < last {
                x = beside[index]
                z = -s * beside[index + 1]
                beside[index + 1] *= c
            }
            rotate(index, c, s)
        }
    }

    private mutating func rotate(_ index: Int, _ c: Double, _ s: Double) {
        let size = size
        rotations.withUnsafeMutableBufferPointer { q in
            let upper = index * size
            let lower = upper + size
            for column in 0..<size {
                let (a, b) = (q[upper + column], q[lower + column])
                q[upper + column] = c * a - s * b
                q[lower + column] = s * a + c * b
            }
        }
    }
}
