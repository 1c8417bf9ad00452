// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Sums over rows: of the rows, and of their products with each other or with random directions.
struct MomentSums {
    /// A row y is taken as (x - values) * scale.
    struct Shift {
        var values: [Float]
        var scale: Float
    }

    let shift: Shift
    /// [feature][direction]; nil: all features are.
    let directions: [Float]?
    private let featureCount: Int
    private let width: Int
    private(set) var count = 0.0
    /// The sum of y.
    private var sums: [Double]
    /// The sum of y yᵀ, or of y yᵀ times the directions: [feature][width].
    private var products: [Double]

    init(shift: Shift, directions: [Float]?, featureCount: Int) throws {
        self.shift = shift
        self.directions = directions
        self.featureCount = featureCount
        width = directions.map { $0.count / featureCount } ?? featureCount
        sums = [Double](repeating: 0, count: featureCount)
        products = [Double](repeating: 0, count: featureCount * width)
    }

    /// Adds rows; the same for any number of threads.
    mutating func add(_ values: [Float], rowCount: Int, pool: ThreadPool) {
        var rows = values
        for row in 0..<rowCount {
            for feature in 0..<featureCount {
                let value = (values[row * featureCount + feature] - shift.values[feature]) * shift.scale
                rows[row * featureCount + feature] = value
                sums[feature] += Double(value)
            }
        }
        count += Double(rowCount)
        var product = [Float](repeating: 0, count: featureCount * width)
        let right: [Float]
        if let directions {
            right =
                MatrixMultiplication.product(
                    rows, directions, rows: rowCount, inner: featureCount, columns: width, pool: pool) ?? []
        } else {
            right = rows
        }
        rows.withUnsafeBufferPointer { rows in
            right.withUnsafeBufferPointer { right in
                guard let rows = rows.baseAddress, let right = right.baseAddress else { return }
                MatrixMultiplication.multiply(
                    rows: featureCount, columns: width, inner: rowCount, .init(rows, stride: featureCount, isTransposed: true),
                    .init(right, stride: width), into: &product, stride: width, pool: pool)
            }
        }
        for index in product.indices { products[index] += Double(product[index]) }
    }

    /// Adds up over all hosts.
    mutating func share(_ collectives: any Collectives) throws {
        guard collectives.count > 1 else { return }
        var all = sums + products + [count]
        try all.withUnsafeMutableBufferPointer { try collectives.allReduce($0) }
        count = all.removeLast()
        sums = Array(all.prefix(featureCount))
        products = Array(all.suffix(products.count))
    }

    /// The rows' mean, in their own units.
    var mean: [Float] {
        (0..<featureCount).map { Float(Double(shift.values[$0]) + sums[$0] / count / Double(shift.scale)) }
    }

    /// The scatter matrix of (scaled) rows around their mean, or around zero; or that times the directions.
    func product(subtractsMean: Bool) -> [Double] {
        var result = products
        // Around zero, x = y + offset; around the mean, the offset is minus that of y.
        let offset = (0..<featureCount).map { feature in
            subtractsMean ? -sums[feature] / count : Double(shift.values[feature]) * Double(shift.scale)
        }
        let (left, right) = (along(sums), along(offset))
        for feature in 0..<featureCount {
            for column in 0..<width {
                result[feature * width + column] +=
                    sums[feature] * right[column] + offset[feature] * left[column] + count * offset[feature] * right[column]
            }
        }
        return result
    }

    /// A vector in the columns of `products`.
    private func along(_ vector: [Double]) -> [Double] {
        guard let directions else { return vector }
        var result = [Double](repeating: 0, count: width)
        for feature in 0..<featureCount {
            for column in 0..<width { result[column] += vector[feature] * Double(directions[feature * width + column]) }
        }
        return result
    }
}

/// Eigenvectors of a positive semidefinite matrix from its product with random directions (Tropp, Yurtsever, Udell, Cevher, "Fixed-rank
/// approximation of a positive-semidefinite matrix from streaming data", 2017).
enum Nystroem {
    /// `product` and `directions` are [size][width]; gives ascending values and [value][component] vectors.
    static func decompose(
        _ product: [Double], directions: [Float], size: Int
    ) -> (values: [Double], vectors: [Double])? {
        let width = directions.count / size
        let norm = product.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let nudge = max(norm * 1e-12, .leastNormalMagnitude)
        let sketch = zip(product, directions).map { $0 + nudge * Double($1) }
        var core = transposedProduct(directions.map { Double($0) }, sketch, size: size, width: width)
        for row in 0..<width {
            for column in 0..<row {
                let mean = (core[row * width + column] + core[column * width + row]) / 2
                core[row * width + column] = mean
                core[column * width + row] = mean
            }
        }
        guard let inner = SymmetricEigensystem(core, size: width) else { return nil }
        // sketch * core^(-1/2)
        let floor = (inner.values.last ?? 0) * 1e-14
        var root = [Double](repeating: 0, count: width * width)
        for (index, value) in inner.values.enumerated() where value > floor && value > 0 {
            for row in 0..<width { root[row * width + index] = inner.vectors[index * width + row] / value.squareRoot() }
        }
        let factor = times(sketch, root, size: size, width: width)
        guard
            let outer = SymmetricEigensystem(
                transposedProduct(factor, factor, size: size, width: width), size: width)
        else { return nil }
        var vectors = [Double](repeating: 0, count: width * size)
        for (index, value) in outer.values.enumerated() where value > 0 {
            for row in 0..<size {
                var sum = 0.0
                for column in 0..<width { sum += factor[row * width + column] * outer.vectors[index * width + column] }
                vectors[index * size + row] = sum / value.squareRoot()
            }
            let vector = vectors[index * size..<(index + 1) * size]
            if let largest = vector.max(by: { abs($0) < abs($1) }), largest < 0 {
                for row in 0..<size { vectors[index * size + row] = -vectors[index * size + row] }
            }
        }
        return (outer.values.map { max(0, $0 - nudge) }, vectors)
    }

    /// aᵀ b for two matrices [size][width].
    private static func transposedProduct(_ a: [Double], _ b: [Double], size: Int, width: Int) -> [Double] {
        var result = [Double](repeating: 0, count: width * width)
        for row in 0..<size {
            for left in 0..<width {
                let value = a[row * width + left]
                for right in 0..<width { result[left * width + right] += value * b[row * width + right] }
            }
        }
        return result
    }

    /// a b for [size][width] and [width][width].
    private static func times(_ a: [Double], _ b: [Double], size: Int, width: Int) -> [Double] {
        var result = [Double](repeating: 0, count: size * width)
        for row in 0..<size {
            for inner in 0..<width {
                let value = a[row * width + inner]
                for column in 0..<width { result[row * width + column] += value * b[inner * width + column] }
            }
        }
        return result
    }
}
