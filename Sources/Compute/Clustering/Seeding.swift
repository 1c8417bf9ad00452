// SPDX-License-Identifier: Apache-2.0

import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// First centres, chosen among rows.
public enum Seeding: String, Sendable {
    /// Different rows, each as likely as any other.
    case random
    /// Rows far from those chosen before (Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", 2007): drawn with
    /// chances that grow with the squared distance, a few at a time, of which the one that lessens the loss most is taken.
    case plusPlus = "kmeans++"

    /// The numbers of `count` rows, or of all rows where there are fewer.
    ///
    /// The same for any number of threads. k-means++ may choose equal rows where fewer than `count` different ones exist.
    public func rows(_ count: Int, of rows: ClusterRows, random: inout Random, pool: ThreadPool) -> [Int] {
        let count = min(count, rows.rowCount)
        guard count > 0 else { return [] }
        switch self {
        case .random:
            return Self.distinct(count, below: rows.rowCount, random: &random)
        case .plusPlus:
            return rows.withPointer { pointer in
                var run = PlusPlus(rows, pointer, count: count, pool: pool)
                return run.choose(count, random: &random, pool: pool)
            }
        }
    }

    /// The chosen rows' values, in the rows' own units, row after row.
    public func centres(_ count: Int, of rows: ClusterRows, random: inout Random, pool: ThreadPool) -> [Float] {
        self.rows(count, of: rows, random: &random, pool: pool).flatMap { rows.row($0) }
    }

    /// Different numbers in random order (the first steps of Fisher and Yates's shuffle, remembering only what was swapped).
    static func distinct(_ count: Int, below bound: Int, random: inout Random) -> [Int] {
        var swapped: [Int: Int] = [:]
        return (0..<count).map { place in
            let other = place + random.below(bound - place)
            let taken = swapped[other] ?? other
            swapped[other] = swapped[place] ?? place
            return taken
        }
    }
}

/// A run of k-means++.
private struct PlusPlus {
    private let rows: ClusterRows
    private let pointer: RowPointer
    private let trialCount: Int
    private let tileRowCount = 128
    /// Weighted squared distances to the nearest row chosen so far: of the choice so far and of each trial.
    private var closest: AlignedBuffer<Float>
    private var trials: [AlignedBuffer<Float>]
    private let sums: AlignedBuffer<Double>
    private let scheduler: TileScheduler<PlusPlusScratch>
    private let candidates: CandidateRows

    init(_ rows: ClusterRows, _ pointer: RowPointer, count: Int, pool: ThreadPool) {
        self.rows = rows
        self.pointer = pointer
        // The number that scikit-learn and the authors' own program use.
        let trialCount = 2 + Int(log(Double(count)))
        self.trialCount = trialCount
        closest = AlignedBuffer(count: rows.rowCount)
        trials = (0..<trialCount).map { _ in AlignedBuffer(count: rows.rowCount, zeroed: false) }
        let tileRowCount = tileRowCount
        scheduler = TileScheduler(rowCount: rows.rowCount, tileRowCount: tileRowCount, pool: pool) {
            PlusPlusScratch(rowCount: tileRowCount, candidateCount: trialCount)
        }
        sums = AlignedBuffer(count: scheduler.tileCount * trialCount)
        candidates = CandidateRows(rows, pointer, count: trialCount)
    }

    mutating func choose(_ count: Int, random: inout Random, pool: ThreadPool) -> [Int] {
        for row in 0..<rows.rowCount { closest.start[row] = rows.weights?.start[row] ?? 1 }
        var tileSums = (0..<scheduler.tileCount).map { tile in
            tileRange(tile).reduce(0.0) { $0 + Double(closest.start[$1]) }
        }
        let first = draw(tileSums, &random)
        closest.elements.update(repeating: .infinity)
        (closest, tileSums) = measure([first], pool: pool)
        var chosen = [first]
        while chosen.count < count {
            let drawn = (0..<trialCount).map { _ in draw(tileSums, &random) }
            let best: Int
            let old = closest
            (closest, tileSums, best) = better(measureAll(drawn, pool: pool), of: drawn)
            // The memory of what was closest serves as a trial's from now on.
            if let index = trials.firstIndex(where: { $0 === closest }) { trials[index] = old }
            chosen.append(drawn[best])
        }
        return chosen
    }

    private func tileRange(_ tile: Int) -> Range<Int> { tile * tileRowCount..<min(rows.rowCount, (tile + 1) * tileRowCount) }

    /// A row, with chances as its weighted squared distance; any row where all distances are zero.
    private func draw(_ tileSums: [Double], _ random: inout Random) -> Int {
        let total = tileSums.reduce(0, +)
        let share = Double(random.next() >> 11) * 0x1p-53
        guard total > 0, total.isFinite else { return min(rows.rowCount - 1, Int(share * Double(rows.rowCount))) }
        var rest = share * total
        var last = rows.rowCount - 1
        for (tile, sum) in tileSums.enumerated() where sum > 0 {
            if rest >= sum {
                rest -= sum
                continue
            }
            for row in tileRange(tile) where closest.start[row] > 0 {
                last = row
                rest -= Double(closest.start[row])
                if rest < 0 { return row }
            }
        }
        return last
    }

    /// Distances after the first choice.
    private mutating func measure(_ chosen: [Int], pool: ThreadPool) -> (AlignedBuffer<Float>, [Double]) {
        let sums = measureAll(chosen, pool: pool)
        let result = trials[0]
        trials[0] = closest
        return (result, sums[0])
    }

    /// Fills a trial for each candidate; gives its sums, tile by tile.
    private func measureAll(_ drawn: [Int], pool: ThreadPool) -> [[Double]] {
        candidates.set(drawn)
        let count = drawn.count
        scheduler.forEach(pool) { tile, range, scratch in
            for (place, row) in range.enumerated() { scratch.indices.start[place] = UInt32(row) }
            candidates.distances(pointer, scratch, range, count)
            for candidate in 0..<count {
                var sum = 0.0
                let out = trials[candidate].start
                for (place, row) in range.enumerated() {
                    let weight = rows.weights?.start[row] ?? 1
                    let distance = min(closest.start[row], weight * scratch.squared.start[place * count + candidate])
                    out[row] = distance
                    sum += Double(distance)
                }
                sums.start[tile * trialCount + candidate] = sum
            }
        }
        return (0..<count).map { candidate in
            (0..<scheduler.tileCount).map { sums.start[$0 * trialCount + candidate] }
        }
    }

    private func better(_ sums: [[Double]], of drawn: [Int]) -> (AlignedBuffer<Float>, [Double], Int) {
        let totals = sums.map { $0.reduce(0, +) }
        let best = totals.indices.min { totals[$0] < totals[$1] } ?? 0
        return (trials[best], sums[best], best)
    }
}

/// Scratch memory of one thread.
private final class PlusPlusScratch: @unchecked Sendable {
    let indices: AlignedBuffer<UInt32>
    let dots: AlignedBuffer<Int32>
    let squared: AlignedBuffer<Float>

    init(rowCount: Int, candidateCount: Int) {
        indices = AlignedBuffer(count: rowCount)
        dots = AlignedBuffer(count: 2 * rowCount * candidateCount)
        squared = AlignedBuffer(count: rowCount * candidateCount)
    }
}

/// Rows that others are compared with: float32 copies, or digits, of which small bytes (genotypes) need only one.
private final class CandidateRows: @unchecked Sendable {
    private let rows: ClusterRows
    private let pointer: RowPointer
    private let stride: Int
    private let digitCount: Int
    private let digits: AlignedBuffer<Int8>
    private let floats: AlignedBuffer<Float>
    private let squares: AlignedBuffer<Double>
    private let kernels = KernelTable.cluster

    private static let largestDigit: UInt8 = 63

    init(_ rows: ClusterRows, _ pointer: RowPointer, count: Int) {
        self.rows = rows
        self.pointer = pointer
        stride = (rows.columnCount + 63) / 64 * 64
        squares = AlignedBuffer(count: count)
        if case .bytes = rows.storage {
            digitCount = rows.bits <= Self.largestDigit ? 1 : 2
            digits = AlignedBuffer(count: count * digitCount * stride)
            floats = AlignedBuffer(count: 0)
        } else {
            digitCount = 0
            digits = AlignedBuffer(count: 0)
            floats = AlignedBuffer(count: count * stride)
        }
    }

    func set(_ chosen: [Int]) {
        for (index, row) in chosen.enumerated() {
            if let bytes = pointer.bytes {
                let source = bytes + row * rows.columnCount
                squares.start[index] = rows.squares.start[row]
                // Unlike those of centres: the low digit first, so that it may stand alone.
                let low = digits.start + index * digitCount * stride
                if digitCount == 1 {
                    UnsafeMutableRawPointer(low).copyMemory(from: source, byteCount: rows.columnCount)
                    continue
                }
                for column in 0..<rows.columnCount {
                    let value = Int(source[column])
                    let high = (value + 64) >> 7
                    low[column] = Int8(truncatingIfNeeded: value - 128 * high)
                    low[stride + column] = Int8(truncatingIfNeeded: high)
                }
            } else if let source = pointer.floats {
                (floats.start + index * stride).update(from: source + row * rows.columnCount, count: rows.columnCount)
            }
        }
    }

    /// Squared distances of a tile's rows to the candidates, [row][candidate].
    func distances(_ pointer: RowPointer, _ scratch: PlusPlusScratch, _ range: Range<Int>, _ count: Int) {
        let out = scratch.squared.start
        if let source = pointer.floats {
            kernels.floatDistances(
                source, rows.columnCount, scratch.indices.start, range.count, rows.columnCount, floats.start, stride, count, out)
            return
        }
        guard let source = pointer.bytes else { return }
        var column = 0
        while column < rows.columnCount {
            let width = min(Int(CLUSTER_MAX_BYTE_COLUMNS), rows.columnCount - column)
            kernels.byteDots(
                source + column, rows.columnCount, scratch.indices.start, range.count, width, digits.start + column, stride,
                digitCount * count, scratch.dots.start)
            for (place, row) in range.enumerated() {
                for candidate in 0..<count {
                    let index = (place * count + candidate) * digitCount
                    let high = digitCount == 1 ? 0 : 128 * Int64(scratch.dots.start[index + 1])
                    let dot = Double(Int64(scratch.dots.start[index]) + high)
                    let before =
                        column == 0 ? rows.squares.start[row] + squares.start[candidate] : Double(out[place * count + candidate])
                    out[place * count + candidate] = Float(before - 2 * dot)
                }
            }
            column += width
        }
    }
}
