// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Labelled rows in a fixed order, cut into mini-batches, in the form that suits the kernels best.
///
/// Mostly zero features are kept without their zeros, by row and by column, in one byte a value where 256 values suffice;
/// standardisation is then folded into the weights, which is exact but for rounding, and not done where means are so large
/// against deviations that rounding would matter. Other features are standardised on the way into the kernels.
public final class FeatureBatches: Sendable {
    /// The number of rows.
    public let rowCount: Int
    /// The number of columns.
    public let columnCount: Int
    /// The largest number of rows in a batch.
    public let batchSize: Int
    /// How features are standardised.
    public let standardization: Standardization

    let labels: AlignedBuffer<Float>
    /// The rows' positions in the order, tile by tile.
    let tiles: [Range<Int>]
    /// The tiles of each batch.
    let batchTiles: [Range<Int>]
    private let order: AlignedBuffer<UInt32>
    private let storage: Storage

    private enum Storage {
        case coded(CodedTiles)
        case sparse(SparseTiles)
        case dense(RowReader)
    }

    /// How rows are kept: `coded`, `sparse` or `dense`.
    public var layout: String {
        switch storage {
        case .coded: return "coded"
        case .sparse: return "sparse"
        case .dense: return "dense"
        }
    }

    /// The share of zeros above which zeros are left out.
    static let sparseShare = 0.6
    /// The largest |mean| in deviations at which standardisation may be folded into weights: costs six of 24 bits.
    static let largestFoldedOffset: Float = 64

    /// Arranges the rows that `order` names; `labels` has one label for each row of `features`.
    ///
    /// `plan` is what several hosts have agreed on; without one the rows are cut into batches of `batchSize`.
    public init(
        _ features: FeatureMatrix, labels: [Float], order: [UInt32], batchSize: Int, standardization: Standardization,
        plan: BatchPlan? = nil, pool: ThreadPool
    ) {
        let rowCount = order.count
        let cuts =
            plan.map { plan in (0...plan.batchCount).map { rowCount * $0 / plan.batchCount } }
            ?? (Array(stride(from: 0, to: rowCount, by: max(1, batchSize))) + [rowCount])
        self.rowCount = rowCount
        columnCount = features.columnCount
        self.batchSize = zip(cuts, cuts.dropFirst()).reduce(1) { max($0, $1.1 - $1.0) }
        self.standardization = standardization
        self.labels = AlignedBuffer(order.map { labels[Int($0)] })
        let order = AlignedBuffer(order)
        self.order = order
        var tiles: [Range<Int>] = []
        var batchTiles: [Range<Int>] = []
        for (first, end) in zip(cuts, cuts.dropFirst()) {
            let count = end - first
            let parts = (count + KERNEL_TILE_ROWS - 1) / KERNEL_TILE_ROWS
            batchTiles.append(tiles.count..<tiles.count + parts)
            for part in 0..<parts { tiles.append(first + count * part / parts..<first + count * (part + 1) / parts) }
        }
        self.tiles = tiles
        self.batchTiles = batchTiles
        let folds = plan?.foldsStandardization ?? Self.folds(standardization, into: features)
        switch features {
        case .sparse(let matrix):
            storage = .sparse(SparseTiles(matrix, order: order, tiles: tiles, pool: pool))
        case .dense(let matrix):
            guard folds else {
                storage = .dense(RowReader(matrix, standardization: standardization))
                return
            }
            switch matrix.storage {
            case .uint8(let codes, let divisor):
                storage = .coded(
                    CodedTiles(
                        codes: codes, divisor: divisor, columnCount: columnCount, order: order, tiles: tiles, pool: pool))
            case .float32(let values):
                let sparse = Self.withoutZeros(values, rowCount: matrix.rowCount, columnCount: columnCount)
                storage = .sparse(SparseTiles(sparse, order: order, tiles: tiles, pool: pool))
            }
        }
    }

    /// Whether rows of these features are kept without zeros, their standardisation folded into weights.
    static func folds(_ standardization: Standardization, into features: FeatureMatrix) -> Bool {
        switch features {
        case .sparse: return true
        case .dense(let matrix):
            return standardization.largestOffset <= largestFoldedOffset && zeroShare(of: matrix) >= sparseShare
        }
    }

    /// The number of batches.
    public var batchCount: Int { batchTiles.count }

    /// The number of rows of a batch.
    func rowCount(ofBatch batch: Int) -> Int { tiles[batchTiles[batch]].reduce(0) { $0 + $1.count } }

    /// What the optimizer's step must fold into the weights: nothing where the rows come standardised.
    var foldedStandardization: Standardization {
        if case .dense = storage { return .identity(columnCount: columnCount) }
        return standardization
    }

    /// Measured on some rows spread over the matrix.
    private static func zeroShare(of matrix: Matrix) -> Double {
        guard matrix.rowCount > 0, matrix.columnCount > 0 else { return 0 }
        let step = max(1, matrix.rowCount / 64)
        var zeros = 0
        var total = 0
        for row in stride(from: 0, to: matrix.rowCount, by: step) {
            for column in 0..<matrix.columnCount where matrix[row, column] == 0 { zeros += 1 }
            total += matrix.columnCount
        }
        return Double(zeros) / Double(total)
    }

    private static func withoutZeros(_ values: [Float], rowCount: Int, columnCount: Int) -> SparseMatrix {
        var rowStarts = [0]
        var columns: [Int32] = []
        var kept: [Float] = []
        rowStarts.reserveCapacity(rowCount + 1)
        for row in 0..<rowCount {
            for column in 0..<columnCount where values[row * columnCount + column] != 0 {
                columns.append(Int32(column))
                kept.append(values[row * columnCount + column])
            }
            rowStarts.append(columns.count)
        }
        return SparseMatrix(uncheckedColumnCount: columnCount, rowStarts: rowStarts, columns: columns, values: kept)
    }

    /// Adds the products of a tile's rows with weights, [columns][lanes], to scores, [rows][lanes].
    func forward(_ tile: Int, weights: UnsafePointer<Float>, scores: UnsafeMutablePointer<Float>, lanes: Int) {
        let kernels = KernelTable.best
        switch storage {
        case .coded(let tiles):
            var coded = tiles.tile(tile)
            kernels.codedForward(&coded, tiles.codebook.start, weights, scores, lanes)
        case .sparse(let tiles):
            var sparse = tiles.tile(tile)
            kernels.sparseForward(&sparse, weights, scores, lanes)
        case .dense(let reader):
            let rowsAtOnce = 24
            withUnsafeTemporaryAllocation(of: Float.self, capacity: rowsAtOnce * columnCount) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                var position = tiles[tile].lowerBound
                while position < tiles[tile].upperBound {
                    let count = min(rowsAtOnce, tiles[tile].upperBound - position)
                    reader.read(order.start + position, count, columns: 0..<columnCount, to: scratch)
                    kernels.denseForward(
                        scratch, columnCount, count, columnCount, weights, scores + (position - tiles[tile].lowerBound) * lanes,
                        lanes)
                    position += count
                }
            }
        }
    }

    /// Adds the products of a tile's columns with errors, [rows][lanes], to the gradient, [columns][lanes] from the range's first on.
    func backward(
        _ tile: Int, columns: Range<Int>, errors: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, lanes: Int
    ) {
        let kernels = KernelTable.best
        switch storage {
        case .coded(let tiles):
            var coded = tiles.tile(tile)
            kernels.codedBackward(
                &coded, tiles.codebook.start, columns.lowerBound, columns.upperBound, errors, gradient, lanes)
        case .sparse(let tiles):
            var sparse = tiles.tile(tile)
            kernels.sparseBackward(
                &sparse, columns.lowerBound, columns.upperBound, errors, gradient - columns.lowerBound * lanes, lanes)
        case .dense(let reader):
            withUnsafeTemporaryAllocation(of: Float.self, capacity: tiles[tile].count * columns.count) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                reader.read(order.start + tiles[tile].lowerBound, tiles[tile].count, columns: columns, to: scratch)
                kernels.denseBackward(scratch, columns.count, tiles[tile].count, columns.count, errors, gradient, lanes)
            }
        }
    }
}
