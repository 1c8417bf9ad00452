// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The sums, weights and numbers of the rows of each cluster, kept up to date as rows move.
///
/// Sums of bytes are exact. Sums of float32 values are float64, and rows are added in their order whatever the number of threads: threads
/// share the columns, not the rows.
final class ClusterSums: @unchecked Sendable {
    private let rows: ClusterRows
    private let clusterCount: Int
    private let byteSums: AlignedBuffer<UInt32>
    private let floatSums: AlignedBuffer<Double>
    private(set) var counts: [Int]
    private(set) var weights: [Double]

    init(clusterCount: Int, for rows: ClusterRows) {
        self.rows = rows
        self.clusterCount = clusterCount
        let size = clusterCount * rows.columnCount
        var isBytes = false
        if case .bytes = rows.storage { isBytes = true }
        byteSums = AlignedBuffer(count: isBytes ? size : 0)
        floatSums = AlignedBuffer(count: isBytes ? 0 : size)
        counts = [Int](repeating: 0, count: clusterCount)
        weights = [Double](repeating: 0, count: clusterCount)
    }

    /// Moves rows from clusters (`CLUSTER_NO_CENTRE`: from none) to clusters.
    func move(
        _ pointer: RowPointer, rows moved: UnsafePointer<UInt32>, from: UnsafePointer<UInt32>, to: UnsafePointer<UInt32>,
        count: Int,
        pool: ThreadPool
    ) {
        guard count > 0 else { return }
        for index in 0..<count {
            let weight = rows.weights.map { Double($0.start[Int(moved[index])]) } ?? 1
            if from[index] != UInt32.max {
                counts[Int(from[index])] -= 1
                weights[Int(from[index])] -= weight
            }
            if to[index] != UInt32.max {
                counts[Int(to[index])] += 1
                weights[Int(to[index])] += weight
            }
        }
        let columnCount = rows.columnCount
        // Stripes of whole cache lines, a few a thread; one where there is little to do.
        let work = count * columnCount
        let wanted = work < 1 << 14 ? 1 : pool.threadCount * 2
        let width = max(256, (columnCount / wanted + 63) / 64 * 64)
        let kernels = KernelTable.cluster
        let arguments = UncheckedSendable((moved, from, to))
        pool.parallelFor((columnCount + width - 1) / width) { stripe in
            let (moved, from, to) = arguments.value
            let first = stripe * width
            let end = min(columnCount, first + width)
            if let bytes = pointer.bytes {
                kernels.moveBytes(bytes, columnCount, moved, from, to, count, first, end, byteSums.start, columnCount)
            } else if let floats = pointer.floats {
                kernels.moveFloats(
                    floats, columnCount, rows.weights?.start, moved, from, to, count, first, end, floatSums.start, columnCount)
            }
        }
    }

    /// Puts all rows where `assigned` says, from nowhere.
    func fill(_ pointer: RowPointer, _ assigned: AlignedBuffer<UInt32>, pool: ThreadPool) {
        let all = AlignedBuffer((0..<UInt32(rows.rowCount)).map { $0 })
        let none = AlignedBuffer([UInt32](repeating: UInt32.max, count: rows.rowCount))
        move(pointer, rows: all.start, from: none.start, to: assigned.start, count: rows.rowCount, pool: pool)
    }

    /// The sum of a cluster's stored numbers in a column.
    func sum(_ cluster: Int, _ column: Int) -> Double {
        let index = cluster * rows.columnCount + column
        return byteSums.count > 0 ? Double(byteSums.start[index]) : floatSums.start[index]
    }

    /// Writes the mean of a cluster that has weight; false, and nothing written, where it has none.
    func mean(_ cluster: Int, into target: UnsafeMutablePointer<Float>) -> Bool {
        guard counts[cluster] > 0, weights[cluster] > 0 else { return false }
        let inverse = 1 / weights[cluster]
        let start = cluster * rows.columnCount
        if byteSums.count > 0 {
            scaledWords(byteSums.start + start, rows.columnCount, inverse, target)
        } else {
            scaledDoubles(floatSums.start + start, rows.columnCount, inverse, target)
        }
        return true
    }

    /// Of bytes: the sum of squared distances of all rows to the centres of their clusters, from the sums alone.
    func squaredDistances(to centres: Centres, pool: ThreadPool) -> Double {
        let parts = AlignedBuffer<Double>(count: clusterCount)
        pool.parallelFor(clusterCount) { cluster in
            let centre = centres[cluster]
            var dots = 0.0
            var squares = 0.0
            for column in 0..<rows.columnCount {
                let value = Double(centre[column])
                dots += value * sum(cluster, column)
                squares += value * value
            }
            parts.start[cluster] = squares * Double(counts[cluster]) - 2 * dots
        }
        let total = rows.squares.elements.reduce(0, +) + parts.elements.reduce(0, +)
        return max(0, total)
    }
}
