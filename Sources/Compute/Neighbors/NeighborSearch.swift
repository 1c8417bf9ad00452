// SPDX-License-Identifier: Apache-2.0

/// The exact nearest neighbours among the rows of a matrix.
///
/// Products of matrices give every distance to within a bound on float32's rounding; only rows that the bound cannot rule out are
/// measured again, in float64. So the answer is that of a plain search in float64, at the speed of a matrix product.
public struct NeighborSearch: Sendable {
    /// What makes a row near; less is nearer.
    public enum Metric: String, Sendable, CaseIterable {
        /// The square of the Euclidean distance.
        case squaredDistance
        /// The inner product, negated.
        case innerProduct
        /// One less the cosine of the angle; a row of zeros has the cosine 0 to everything.
        case cosine
    }

    /// What was found: `count` rows for each query, the nearest first; rows equally near are in the order of their numbers.
    public struct Neighbors: Sendable, Equatable {
        /// The neighbours of each query.
        public let count: Int
        /// [query][neighbour]: numbers of rows.
        public var rows: [UInt32]
        /// [query][neighbour]: by the metric.
        public var distances: [Float]
    }

    /// The number of rows that are searched.
    public let rowCount: Int
    /// The number of values of a row.
    public let columnCount: Int
    /// What makes a row near.
    public let metric: Metric
    /// Row after row; of length one for ``Metric/cosine``.
    private let rows: [Float]
    /// What a row's score starts from: its squared length, or nothing.
    private let offsets: [Float]
    /// The length of the longest row.
    private let greatestLength: Double

    /// Queries that are multiplied at once, and rows: the product stays in the second-level cache.
    private static let queryBlock = 64
    private static let rowBlock = 1024

    /// Takes rows of `columnCount` finite values; nil where the values do not make whole rows, or too many.
    public init?(_ values: [Float], columnCount: Int, metric: Metric) {
        guard columnCount > 0, values.count % columnCount == 0, values.count / columnCount <= Int(UInt32.max) else { return nil }
        self.columnCount = columnCount
        self.metric = metric
        rowCount = values.count / columnCount
        rows = metric == .cosine ? Self.normalized(values, columnCount: columnCount) : values
        let squares = Self.squaredLengths(rows, columnCount: columnCount)
        offsets = squares.map { metric == .squaredDistance ? Float($0) : 0 }
        greatestLength = (squares.max() ?? 0).squareRoot()
    }

    private static func squaredLengths(_ values: [Float], columnCount: Int) -> [Double] {
        stride(from: 0, to: values.count, by: columnCount).map { start in
            var sum = 0.0
            for index in start..<start + columnCount { sum += Double(values[index]) * Double(values[index]) }
            return sum
        }
    }

    private static func normalized(_ values: [Float], columnCount: Int) -> [Float] {
        var result = values
        for (row, square) in squaredLengths(values, columnCount: columnCount).enumerated() where square > 0 {
            let scale = 1 / square.squareRoot()
            for index in row * columnCount..<(row + 1) * columnCount { result[index] = Float(Double(values[index]) * scale) }
        }
        return result
    }

    /// The nearest `count` rows (all, where there are fewer) of each of the queries, which lie row after row.
    ///
    /// Any number of threads gives the same; each query is answered as it would be alone. Values beyond whole queries are not looked at.
    public func nearest(_ queries: [Float], count: Int, pool: ThreadPool) -> Neighbors {
        let count = min(max(0, count), rowCount)
        let queryCount = queries.count / columnCount
        guard count > 0, queryCount > 0 else { return Neighbors(count: count, rows: [], distances: []) }
        let queries = metric == .cosine ? Self.normalized(queries, columnCount: columnCount) : queries
        var found = Neighbors(
            count: count, rows: [UInt32](repeating: 0, count: queryCount * count),
            distances: [Float](repeating: 0, count: queryCount * count))
        let blockCount = (queryCount + Self.queryBlock - 1) / Self.queryBlock
        found.rows.withUnsafeMutableBufferPointer { rowTarget in
            found.distances.withUnsafeMutableBufferPointer { distanceTarget in
                let targets = UncheckedSendable((rowTarget, distanceTarget))
                pool.parallelFor(blockCount) { block in
                    let first = block * Self.queryBlock
                    let last = min(first + Self.queryBlock, queryCount)
                    let lists = candidates(queries, first..<last, count: count, pool: pool)
                    for (query, list) in zip(first..<last, lists) {
                        for (place, neighbor) in measured(list, queries, query).prefix(count).enumerated() {
                            targets.value.0[query * count + place] = neighbor.row
                            targets.value.1[query * count + place] = Float(neighbor.distance)
                        }
                    }
                }
            }
        }
        return found
    }

    /// A bound on how far a score is from its true value: that of a sum of `columnCount` products in float32, in any order
    /// (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), and what underflow may lose.
    private func errorBound(_ squaredLength: Double) -> Float {
        let terms = Double(columnCount + 4)
        let lengths = squaredLength.squareRoot() + greatestLength
        return Float(terms * 0x1p-24 / (1 - min(0.5, terms * 0x1p-24)) * lengths * lengths) + Float(terms * 0x1p-126)
    }

    /// For each query of the range the rows that may be among its nearest.
    private func candidates(_ queries: [Float], _ range: Range<Int>, count: Int, pool: ThreadPool) -> [[UInt32]] {
        let squares = Self.squaredLengths(
            Array(queries[range.lowerBound * columnCount..<range.upperBound * columnCount]), columnCount: columnCount)
        var lists = squares.map { CandidateList(count: count, errorBound: errorBound($0)) }
        let factor: Float = metric == .squaredDistance ? -2 : -1
        var products = [Float](repeating: 0, count: range.count * Self.rowBlock)
        queries.withUnsafeBufferPointer { queries in
            rows.withUnsafeBufferPointer { rows in
                guard let queryStart = queries.baseAddress, let rowStart = rows.baseAddress else { return }
                for first in stride(from: 0, to: rowCount, by: Self.rowBlock) {
                    let blockCount = min(Self.rowBlock, rowCount - first)
                    products.withUnsafeMutableBufferPointer { products in
                        guard let target = products.baseAddress else { return }
                        MatrixMultiplication.multiply(
                            rows: range.count, columns: blockCount, inner: columnCount,
                            .init(queryStart + range.lowerBound * columnCount, stride: columnCount),
                            .init(rowStart + first * columnCount, stride: columnCount, isTransposed: true), into: target,
                            stride: Self.rowBlock, pool: pool)
                        offsets.withUnsafeBufferPointer { offsets in
                            for query in lists.indices {
                                lists[query].take(
                                    target + query * Self.rowBlock, offsets, rows: first..<first + blockCount, factor: factor)
                            }
                        }
                    }
                }
            }
        }
        return lists.map(\.rows)
    }

    /// Rows and their distances from a query, in float64, the nearest first.
    private func measured(_ list: [UInt32], _ queries: [Float], _ query: Int) -> [(row: UInt32, distance: Double)] {
        let queryStart = query * columnCount
        let measured = list.map { row in
            let rowStart = Int(row) * columnCount
            var sum = 0.0
            if metric == .squaredDistance {
                for column in 0..<columnCount {
                    let difference = Double(queries[queryStart + column]) - Double(rows[rowStart + column])
                    sum += difference * difference
                }
                return (row: row, distance: sum)
            }
            for column in 0..<columnCount { sum += Double(queries[queryStart + column]) * Double(rows[rowStart + column]) }
            return (row: row, distance: metric == .cosine ? 1 - sum : -sum)
        }
        return measured.sorted { ($0.distance, $0.row) < ($1.distance, $1.row) }
    }
}

/// The rows that may be among a query's nearest, as far as scores within a bound of the truth can tell.
private struct CandidateList {
    /// The least scores so far, ascending; a row whose score is above the last of them by more than two bounds is none of the nearest.
    private var least: [Float] = []
    private var taken: [(row: UInt32, score: Float)] = []
    private let count: Int
    private let errorBound: Float
    private var limit = Float.infinity

    init(count: Int, errorBound: Float) {
        self.count = count
        self.errorBound = errorBound
    }

    /// What is left of those taken.
    var rows: [UInt32] { taken.filter { !($0.score > limit) }.map(\.row) }

    /// Takes from a block of rows those that the limit does not rule out; scores that are no numbers rule out nothing.
    mutating func take(
        _ products: UnsafePointer<Float>, _ offsets: UnsafeBufferPointer<Float>, rows: Range<Int>, factor: Float
    ) {
        for row in rows {
            let score = offsets[row] + factor * products[row - rows.lowerBound]
            if score > limit { continue }
            taken.append((UInt32(row), score))
            guard score.isFinite else { continue }
            if least.count == count {
                guard let greatest = least.last, score < greatest else { continue }
                least.removeLast()
            }
            let place = least.firstIndex { $0 > score } ?? least.count
            least.insert(score, at: place)
            if least.count == count, let greatest = least.last { limit = (greatest + 2 * errorBound).nextUp }
        }
    }
}
