// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Distances between rows and centres as a tile of rows needs them; one of these a thread.
///
/// Squared distances come in the stored numbers' units, with the error that `Centres` states.
final class Distances: @unchecked Sendable {
    private let kernels = KernelTable.cluster
    private let sums: AlignedBuffer<Int32>
    private let lengths: AlignedBuffer<Float>

    /// Makes room for so many rows with so many centres.
    init(rowCount: Int, centreCount: Int, isBytes: Bool) {
        sums = AlignedBuffer(count: isBytes ? 2 * rowCount * max(1, centreCount) : 0, zeroed: false)
        lengths = AlignedBuffer(count: isBytes ? 0 : rowCount * max(1, centreCount), zeroed: false)
    }

    /// Squared distances of rows to the centres `first ..< first + count`: out[r * outStride + c].
    func squared(
        _ rows: ClusterRows, _ pointer: RowPointer, _ indices: UnsafePointer<UInt32>, _ rowCount: Int, _ centres: Centres,
        first: Int, count: Int, into out: UnsafeMutablePointer<Double>, stride outStride: Int
    ) {
        guard rowCount > 0 else { return }
        if let bytes = pointer.bytes {
            var column = 0
            while column < rows.columnCount {
                let width = min(Int(CLUSTER_MAX_BYTE_COLUMNS), rows.columnCount - column)
                kernels.byteDots(
                    bytes + column, rows.columnCount, indices, rowCount, width,
                    centres.digits.start + 2 * first * centres.stride + column,
                    centres.stride, 2 * count, sums.start)
                for row in 0..<rowCount {
                    let dots = sums.start + 2 * row * count
                    let target = out + row * outStride
                    let square = column == 0 ? rows.squares.start[Int(indices[row])] : 0
                    for centre in 0..<count {
                        let number = Double(128 * Int64(dots[2 * centre]) + Int64(dots[2 * centre + 1]))
                        let part = square - 2 * centres.units.start[first + centre] * number
                        target[centre] = column == 0 ? part + centres.squares.start[first + centre] : target[centre] + part
                    }
                }
                column += width
            }
        } else if let floats = pointer.floats {
            kernels.floatDistances(
                floats, rows.columnCount, indices, rowCount, rows.columnCount, centres[first], centres.stride, count, lengths.start)
            for row in 0..<rowCount {
                for centre in 0..<count { out[row * outStride + centre] = Double(lengths.start[row * count + centre]) }
            }
        }
    }

    /// The squared distance of each row to a centre of its own.
    func paired(
        _ rows: ClusterRows, _ pointer: RowPointer, _ indices: UnsafePointer<UInt32>, _ own: UnsafePointer<UInt32>, _ rowCount: Int,
        _ centres: Centres, into out: UnsafeMutablePointer<Double>
    ) {
        guard rowCount > 0 else { return }
        if let bytes = pointer.bytes {
            for row in 0..<rowCount { out[row] = rows.squares.start[Int(indices[row])] + centres.squares.start[Int(own[row])] }
            var column = 0
            while column < rows.columnCount {
                let width = min(Int(CLUSTER_MAX_BYTE_COLUMNS), rows.columnCount - column)
                kernels.pairedByteDots(
                    bytes + column, rows.columnCount, indices, own, rowCount, width, centres.digits.start + column, centres.stride,
                    sums.start)
                for row in 0..<rowCount {
                    let number = Double(128 * Int64(sums.start[2 * row]) + Int64(sums.start[2 * row + 1]))
                    out[row] -= 2 * centres.units.start[Int(own[row])] * number
                }
                column += width
            }
        } else if let floats = pointer.floats {
            kernels.pairedFloatDistances(
                floats, rows.columnCount, indices, own, rowCount, rows.columnCount, centres.values.start, centres.stride,
                lengths.start)
            for row in 0..<rowCount { out[row] = Double(lengths.start[row]) }
        }
    }

    /// The squared distance of one row to one centre, in float64.
    func exact(_ rows: ClusterRows, _ pointer: RowPointer, _ row: Int, _ centres: Centres, _ centre: Int) -> Double {
        if let bytes = pointer.bytes {
            return kernels.exactByteDistance(bytes + row * rows.columnCount, centres[centre], rows.columnCount)
        }
        guard let floats = pointer.floats else { return 0 }
        return kernels.exactFloatDistance(floats + row * rows.columnCount, centres[centre], rows.columnCount)
    }
}

/// Tiles of rows for the threads of a pool, each with scratch memory that it keeps from tile to tile.
struct TileScheduler<Scratch: AnyObject & Sendable>: Sendable {
    let tileRowCount: Int
    let rowCount: Int
    private let scratches: [Scratch]

    var tileCount: Int { (rowCount + tileRowCount - 1) / tileRowCount }

    init(rowCount: Int, tileRowCount: Int, pool: ThreadPool, make: () -> Scratch) {
        self.rowCount = rowCount
        self.tileRowCount = tileRowCount
        let tiles = (rowCount + tileRowCount - 1) / tileRowCount
        scratches = (0..<max(1, min(pool.threadCount, tiles))).map { _ in make() }
    }

    /// Calls `body` for each tile, with its number, its rows and scratch memory that no other call uses meanwhile.
    func forEach(_ pool: ThreadPool, _ body: (Int, Range<Int>, Scratch) -> Void) {
        let next = SharedCounter()
        pool.parallelFor(scratches.count) { worker in
            while true {
                let tile = next.take()
                guard tile < tileCount else { return }
                body(tile, tile * tileRowCount..<min(rowCount, (tile + 1) * tileRowCount), scratches[worker])
            }
        }
    }
}
