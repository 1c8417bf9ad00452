// SPDX-License-Identifier: Apache-2.0

import CKernels

extension KernelRow {
    private static let rowCount = 61
    private static let columnCount = 333
    private static let stride = 384

    /// The rows of the distance kernels.
    static let cluster: [KernelRow] = [
        .byteDots(vectors: 20), .byteDots(vectors: 7), .pairedByteDots, .floatDistances(centres: 10), .floatDistances(centres: 3),
        .pairedFloatDistances, .moveBytes, .moveFloats, .byteSquares, .exactDistances, .centreDigits,
    ]

    private static func bytes(_ random: inout Random) -> [UInt8] {
        (0..<rowCount * columnCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private static func floats(_ count: Int, _ random: inout Random) -> [Float] { (0..<count).map { _ in random.normal() } }

    /// Rows of digits of the largest sizes, filled up with zeros.
    private static func digits(_ count: Int, _ random: inout Random) -> [Int8] {
        (0..<count).flatMap { _ in
            (0..<stride).map { $0 < columnCount ? Int8(truncatingIfNeeded: Int(random.next() % 129) - 64) : 0 }
        }
    }

    private static func centres(_ count: Int, _ random: inout Random) -> [Float] {
        (0..<count).flatMap { _ in (0..<stride).map { $0 < columnCount ? random.normal() : 0 } }
    }

    /// Each row once, in no order.
    private static func indices(_ random: inout Random) -> [UInt32] { random.permutation(rowCount) }

    private static func clusters(_ count: Int, _ random: inout Random, mayBeNone: Bool = false) -> [UInt32] {
        (0..<rowCount).map { _ in
            let drawn = random.next() % UInt64(count + (mayBeNone ? 1 : 0))
            return drawn == count ? UInt32.max : UInt32(drawn)
        }
    }

    private static func byteDots(vectors: Int) -> KernelRow {
        KernelRow(
            name: "byte rows times \(vectors) digit vectors", operationCount: 2 * rowCount * columnCount * vectors,
            byteCount: (rowCount + vectors) * columnCount + 4 * rowCount * vectors, tolerance: 0
        ) { seed in
            var random = Random(seed: seed)
            let x = bytes(&random)
            let digits = digits(vectors, &random)
            let rows = indices(&random)
            return { version in
                var out = [Int32](repeating: 7, count: rowCount * vectors)
                version.cluster.pointee.byteDots(x, columnCount, rows, rowCount, columnCount, digits, stride, vectors, &out)
                return out.map { Float($0) }
            }
        }
    }

    private static var pairedByteDots: KernelRow {
        let centres = 5
        return KernelRow(
            name: "byte rows times a centre each", operationCount: 4 * rowCount * columnCount,
            byteCount: 3 * rowCount * columnCount,
            tolerance: 0
        ) { seed in
            var random = Random(seed: seed)
            let x = bytes(&random)
            let digits = digits(2 * centres, &random)
            let rows = indices(&random)
            let own = clusters(centres, &random)
            return { version in
                var out = [Int32](repeating: 7, count: 2 * rowCount)
                version.cluster.pointee.pairedByteDots(x, columnCount, rows, own, rowCount, columnCount, digits, stride, &out)
                return out.map { Float($0) }
            }
        }
    }

    private static func floatDistances(centres count: Int) -> KernelRow {
        KernelRow(
            name: "float distances to \(count) centres", operationCount: 3 * rowCount * columnCount * count,
            byteCount: 4 * ((rowCount + count) * columnCount + rowCount * count), tolerance: 2e-6
        ) { seed in
            var random = Random(seed: seed)
            let x = floats(rowCount * columnCount, &random)
            let centres = centres(count, &random)
            let rows = indices(&random)
            return { version in
                var out = [Float](repeating: 7, count: rowCount * count)
                version.cluster.pointee.floatDistances(x, columnCount, rows, rowCount, columnCount, centres, stride, count, &out)
                return out
            }
        }
    }

    private static var pairedFloatDistances: KernelRow {
        let count = 5
        return KernelRow(
            name: "float distances to a centre each", operationCount: 3 * rowCount * columnCount,
            byteCount: 8 * rowCount * columnCount, tolerance: 2e-6
        ) { seed in
            var random = Random(seed: seed)
            let x = floats(rowCount * columnCount, &random)
            let centres = centres(count, &random)
            let rows = indices(&random)
            let own = clusters(count, &random)
            return { version in
                var out = [Float](repeating: 7, count: rowCount)
                version.cluster.pointee.pairedFloatDistances(
                    x, columnCount, rows, own, rowCount, columnCount, centres, stride, &out)
                return out
            }
        }
    }

    private static var moveBytes: KernelRow {
        let count = 5
        return KernelRow(
            name: "move byte rows between sums", operationCount: 0, byteCount: 17 * rowCount * columnCount, tolerance: 0
        ) { seed in
            var random = Random(seed: seed)
            let x = bytes(&random)
            let rows = indices(&random)
            let from = clusters(count, &random, mayBeNone: true)
            let to = clusters(count, &random, mayBeNone: true)
            return { version in
                var sums = [UInt32](repeating: 100_000, count: count * columnCount)
                version.cluster.pointee.moveBytes(x, columnCount, rows, from, to, rowCount, 3, columnCount - 2, &sums, columnCount)
                return sums.map { Float($0) }
            }
        }
    }

    private static var moveFloats: KernelRow {
        let count = 5
        return KernelRow(
            name: "move float rows between sums", operationCount: 0, byteCount: 36 * rowCount * columnCount, tolerance: 1e-6
        ) { seed in
            var random = Random(seed: seed)
            let x = floats(rowCount * columnCount, &random)
            let weights = (0..<rowCount).map { _ in random.uniform() }
            let rows = indices(&random)
            let from = clusters(count, &random, mayBeNone: true)
            let to = clusters(count, &random, mayBeNone: true)
            return { version in
                [weights, nil].flatMap { weights -> [Float] in
                    var sums = [Double](repeating: 0, count: count * columnCount)
                    let move = { (weights: UnsafePointer<Float>?) in
                        version.cluster.pointee.moveFloats(
                            x, columnCount, weights, rows, from, to, rowCount, 3, columnCount - 2, &sums, columnCount)
                    }
                    if let weights { weights.withUnsafeBufferPointer { move($0.baseAddress) } } else { move(nil) }
                    return sums.map { Float($0) }
                }
            }
        }
    }

    private static var byteSquares: KernelRow {
        KernelRow(name: "squares of bytes", operationCount: 0, byteCount: rowCount * columnCount, tolerance: 1e-7) { seed in
            var random = Random(seed: seed)
            let x = bytes(&random)
            return { version in
                [1, 15, columnCount, x.count].map { Float(version.cluster.pointee.byteSquares(x, $0)) }
            }
        }
    }

    private static var exactDistances: KernelRow {
        KernelRow(
            name: "distances in float64", operationCount: 6 * columnCount, byteCount: 13 * columnCount, tolerance: 1e-7
        ) { seed in
            var random = Random(seed: seed)
            let x = bytes(&random)
            let values = floats(columnCount, &random)
            let centre = floats(columnCount, &random).map { $0 * 100 }
            return { version in
                [1, 15, columnCount].flatMap { count in
                    [
                        Float(version.cluster.pointee.exactByteDistance(x, centre, count)),
                        Float(version.cluster.pointee.exactFloatDistance(values, centre, count)),
                    ]
                }
            }
        }
    }

    /// Digits may differ by a rounding where a quotient lies between two whole numbers; what they stand for hardly does.
    private static var centreDigits: KernelRow {
        KernelRow(
            name: "digits of a centre", operationCount: 0, byteCount: 6 * columnCount, tolerance: 2e-4
        ) { seed in
            var random = Random(seed: seed)
            let centre = floats(columnCount, &random)
            return { version in
                var high = [Int8](repeating: 0, count: columnCount)
                var low = high
                var squares = 0.0
                var errors = 0.0
                let unit = (centre.map { abs($0) }.max() ?? 1) / 8191
                version.cluster.pointee.centreDigits(centre, columnCount, unit, &high, &low, &squares, &errors)
                let values = zip(high, low).map { Float(128 * Int($0) + Int($1)) * unit }
                return values + [Float(squares) / Float(columnCount), Float(errors.squareRoot())]
            }
        }
    }
}

extension KernelRow {
    /// Odd sizes, rows apart, one factor transposed.
    static var matrixProduct: KernelRow {
        let (rows, columns, inner) = (61, 77, 300)
        return KernelRow(
            name: "matrix product", operationCount: 2 * rows * columns * inner,
            byteCount: 4 * (rows * inner + inner * columns + 2 * rows * columns), tolerance: 2e-6
        ) { seed in
            var random = Random(seed: seed)
            let a = (0..<rows * inner).map { _ in random.normal() }
            let b = (0..<inner * columns).map { _ in random.normal() }
            let start = (0..<rows * columns).map { _ in random.normal() }
            return { version in
                var c = start
                version.product(rows, columns, inner, a, 1, rows, b, columns, 1, &c, columns)
                return c
            }
        }
    }
}
