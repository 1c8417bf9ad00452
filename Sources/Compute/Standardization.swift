// SPDX-License-Identifier: Apache-2.0

import CKernels

/// How features are brought to mean 0 and deviation 1: (x - mean) * inverseDeviation.
public struct Standardization: Sendable, Equatable {
    /// What is subtracted from each column; 0 where columns keep their mean.
    public var mean: [Float]
    /// What each column is then multiplied by; 0 for a constant column that is centred, which says nothing then.
    public var inverseDeviation: [Float]

    /// Leaves columns as they are.
    public static func identity(columnCount: Int) -> Standardization {
        Standardization(
            mean: [Float](repeating: 0, count: columnCount), inverseDeviation: [Float](repeating: 1, count: columnCount))
    }

    /// Measures the given rows, of all hosts together.
    public static func measured(
        _ features: FeatureMatrix, rows: ArraySlice<UInt32>, scales: Bool, centers: Bool, pool: ThreadPool,
        collectives: any Collectives = SingleProcess()
    ) throws -> Standardization {
        let columnCount = features.columnCount
        var result = identity(columnCount: columnCount)
        guard scales || centers else { return result }
        var moments: Moments
        switch features {
        case .dense(let matrix): moments = Moments(matrix, rows: Array(rows), pool: pool)
        case .sparse(let matrix): moments = Moments(matrix, rows: rows)
        }
        let count = try moments.share(rowCount: rows.count, collectives)
        guard count > 0 else { return result }
        for column in 0..<columnCount {
            let mean = moments.mean(column, count: count)
            let variance = moments.variance(column, count: count)
            let isConstant = variance <= 1e-12 * max(mean * mean, 1e-30)
            if centers { result.mean[column] = Float(mean) }
            if scales {
                result.inverseDeviation[column] = isConstant ? (centers ? 0 : 1) : Float(1 / variance.squareRoot())
            } else if isConstant, centers {
                result.inverseDeviation[column] = 0
            }
        }
        return result
    }

    /// The largest |mean| in deviations: how many bits cancel when raw features meet folded weights.
    var largestOffset: Float {
        zip(mean, inverseDeviation).reduce(0) { max($0, abs($1.0 * $1.1)) }
    }
}

/// Sums over rows of x - shift and its square, column by column.
private struct Moments {
    var shift: [Float]
    var sums: [Double]
    var squares: [Double]

    func mean(_ column: Int, count: Int) -> Double { Double(shift[column]) + sums[column] / Double(count) }

    func variance(_ column: Int, count: Int) -> Double {
        let mean = sums[column] / Double(count)
        return max(0, squares[column] / Double(count) - mean * mean)
    }

    /// Adds up all hosts' sums, brought to the first host's shifts, and gives the number of all hosts' rows.
    mutating func share(rowCount: Int, _ collectives: any Collectives) throws -> Int {
        guard collectives.count > 1 else { return rowCount }
        var common = shift
        try common.withUnsafeMutableBufferPointer { try collectives.broadcast($0, from: 0) }
        for column in shift.indices {
            let difference = Double(shift[column]) - Double(common[column])
            squares[column] += difference * (2 * sums[column] + Double(rowCount) * difference)
            sums[column] += Double(rowCount) * difference
        }
        shift = common
        let all = try collectives.sum(sums + squares + [Double(rowCount)])
        sums = Array(all[..<shift.count])
        squares = Array(all[shift.count..<2 * shift.count])
        return Int(all[2 * shift.count])
    }

    /// Rows are summed in pieces of fixed length, the pieces in order, so that the sums do not depend on the number of threads.
    init(_ matrix: Matrix, rows: [UInt32], pool: ThreadPool) {
        let columnCount = matrix.columnCount
        let pieceLength = 256
        let pieceCount = (rows.count + pieceLength - 1) / pieceLength
        let shift = (0..<columnCount).map { column in rows.first.map { matrix[Int($0), column] } ?? 0 }
        let partial = AlignedBuffer<Double>(count: pieceCount * 2 * columnCount)
        let rowReader = RowReader(matrix)
        pool.parallelFor(pieceCount) { piece in
            let kernels = KernelTable.best
            let sums = partial.start + piece * 2 * columnCount
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * columnCount) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                var first = piece * pieceLength
                let end = min(first + pieceLength, rows.count)
                while first < end {
                    let count = min(16, end - first)
                    rows.withUnsafeBufferPointer { rows in
                        guard let rows = rows.baseAddress else { return }
                        rowReader.read(rows + first, count, columns: 0..<columnCount, to: scratch)
                    }
                    kernels.columnMoments(scratch, columnCount, count, columnCount, shift, sums, sums + columnCount)
                    first += count
                }
            }
        }
        self.shift = shift
        sums = [Double](repeating: 0, count: columnCount)
        squares = sums
        for piece in 0..<pieceCount {
            let part = partial.start + piece * 2 * columnCount
            for column in 0..<columnCount {
                sums[column] += part[column]
                squares[column] += part[columnCount + column]
            }
        }
    }

    init(_ matrix: SparseMatrix, rows: ArraySlice<UInt32>) {
        shift = [Float](repeating: 0, count: matrix.columnCount)
        var sums = [Double](repeating: 0, count: matrix.columnCount)
        var squares = sums
        for row in rows {
            for entry in matrix.rowStarts[Int(row)]..<matrix.rowStarts[Int(row) + 1] {
                let column = Int(matrix.columns[entry])
                let value = Double(matrix.values[entry])
                sums[column] += value
                squares[column] += value * value
            }
        }
        self.sums = sums
        self.squares = squares
    }
}

/// Gathers rows of a dense matrix as float32, standardised on the way.
struct RowReader: Sendable {
    private let matrix: Matrix
    private let mean: [Float]
    private let inverse: [Float]

    init(_ matrix: Matrix, standardization: Standardization? = nil) {
        let standardization = standardization ?? .identity(columnCount: matrix.columnCount)
        self.matrix = matrix
        mean = standardization.mean
        inverse = standardization.inverseDeviation
    }

    /// Writes `count` rows of the given columns, one after another.
    func read(_ rows: UnsafePointer<UInt32>, _ count: Int, columns: Range<Int>, to out: UnsafeMutablePointer<Float>) {
        let kernels = KernelTable.best
        let stride = matrix.columnCount
        mean.withUnsafeBufferPointer { mean in
            inverse.withUnsafeBufferPointer { inverse in
                guard let mean = mean.baseAddress, let inverse = inverse.baseAddress else { return }
                let first = columns.lowerBound
                switch matrix.storage {
                case .float32(let values):
                    values.withUnsafeBufferPointer { values in
                        guard let values = values.baseAddress else { return }
                        kernels.standardizeFloat(
                            values + first, stride, rows, count, columns.count, mean + first, inverse + first, out, columns.count)
                    }
                case .uint8(let codes, let divisor):
                    codes.withUnsafeBufferPointer { codes in
                        guard let codes = codes.baseAddress else { return }
                        kernels.standardizeBytes(
                            codes + first, stride, rows, count, columns.count, 1 / divisor, mean + first, inverse + first, out,
                            columns.count)
                    }
                }
            }
        }
    }
}
