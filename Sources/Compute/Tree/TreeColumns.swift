// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A part of a column: the entries of one node's rows, ascending.
struct TreeSegment {
    var column: Int32
    /// The entries below zero, which come first.
    var negativeCount: UInt32
    var count: UInt32
    var entries: UnsafeMutablePointer<TreeEntry>
}

/// The columns of a matrix without their zeros, each sorted by value; trees partition them as they grow.
final class TreeColumns: @unchecked Sendable {
    /// One segment a column that has an entry.
    let segments: [TreeSegment]
    /// The memory that the segments lie in.
    private let buffers: [AlignedBuffer<TreeEntry>]

    init(_ features: FeatureMatrix, pool: ThreadPool) {
        let blocks: [(AlignedBuffer<TreeEntry>, [TreeSegment])]
        switch features {
        case .dense(let matrix):
            let width = 64
            let blockCount = (matrix.columnCount + width - 1) / width
            let made = ResultSlots<(AlignedBuffer<TreeEntry>, [TreeSegment])>(count: blockCount)
            pool.parallelFor(blockCount) { block in
                let columns = block * width..<min(matrix.columnCount, (block + 1) * width)
                switch matrix.storage {
                case .uint8(let codes, let divisor):
                    made[block] = Self.block(codes: codes, divisor: divisor, matrix: matrix, columns: columns)
                case .float32(let values): made[block] = Self.block(values: values, matrix: matrix, columns: columns)
                }
            }
            blocks = made.values
        case .sparse(let matrix):
            blocks = [Self.block(sparse: matrix, pool: pool)]
        }
        buffers = blocks.map(\.0)
        segments = blocks.flatMap(\.1).filter { $0.count > 0 }
    }

    /// Places columns of known sizes one behind the other.
    private static func layOut(_ counts: [UInt32], firstColumn: Int) -> (AlignedBuffer<TreeEntry>, [TreeSegment]) {
        let slack = TREE_SLACK
        let buffer = AlignedBuffer<TreeEntry>(count: counts.reduce(slack) { $0 + Int($1) }, zeroed: false)
        var next = buffer.start
        let segments = counts.enumerated().map { index, count in
            defer { next += Int(count) }
            return TreeSegment(column: Int32(firstColumn + index), negativeCount: 0, count: count, entries: next)
        }
        return (buffer, segments)
    }

    private static func block(
        codes: [UInt8], divisor: Float, matrix: Matrix, columns: Range<Int>
    ) -> (AlignedBuffer<TreeEntry>, [TreeSegment]) {
        let rowCount = matrix.rowCount
        let transposed = AlignedBuffer<UInt8>(count: rowCount * columns.count, zeroed: false)
        var counts = [UInt32](repeating: 0, count: columns.count)
        codes.withUnsafeBufferPointer { codes in
            guard let start = codes.baseAddress else { return }
            treeTranspose(start + columns.lowerBound, matrix.columnCount, rowCount, columns.count, transposed.start, &counts)
        }
        let (buffer, segments) = layOut(counts, firstColumn: columns.lowerBound)
        for (index, segment) in segments.enumerated() {
            treeColumnOfBytes(transposed.start + index * rowCount, rowCount, divisor, segment.entries)
        }
        return (buffer, segments)
    }

    private static func block(
        values: [Float], matrix: Matrix, columns: Range<Int>
    ) -> (AlignedBuffer<TreeEntry>, [TreeSegment]) {
        let width = matrix.columnCount
        return values.withUnsafeBufferPointer { values in
            var counts = [UInt32](repeating: 0, count: columns.count)
            for row in 0..<matrix.rowCount {
                for column in columns where values[row * width + column] != 0 { counts[column - columns.lowerBound] += 1 }
            }
            var (buffer, segments) = layOut(counts, firstColumn: columns.lowerBound)
            var next = segments.map(\.entries)
            for row in 0..<matrix.rowCount {
                for column in columns {
                    let value = values[row * width + column]
                    if value == 0 { continue }
                    next[column - columns.lowerBound].pointee = TreeEntry(row: UInt32(row), value: value)
                    next[column - columns.lowerBound] += 1
                }
            }
            sort(&segments)
            return (buffer, segments)
        }
    }

    private static func block(sparse matrix: SparseMatrix, pool: ThreadPool) -> (AlignedBuffer<TreeEntry>, [TreeSegment]) {
        var counts = [UInt32](repeating: 0, count: matrix.columnCount)
        for (column, value) in zip(matrix.columns, matrix.values) where value != 0 { counts[Int(column)] += 1 }
        var (buffer, segments) = layOut(counts, firstColumn: 0)
        var next = segments.map(\.entries)
        for row in 0..<matrix.rowCount {
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] where matrix.values[entry] != 0 {
                let column = Int(matrix.columns[entry])
                next[column].pointee = TreeEntry(row: UInt32(row), value: matrix.values[entry])
                next[column] += 1
            }
        }
        sort(&segments)
        return (buffer, segments)
    }

    /// Sorts columns whose entries are in the order of rows.
    private static func sort(_ segments: inout [TreeSegment]) {
        let scratch = AlignedBuffer<TreeEntry>(count: Int(segments.reduce(0) { max($0, $1.count) }), zeroed: false)
        for index in segments.indices {
            let count = Int(segments[index].count)
            treeSort(segments[index].entries, count, scratch.start)
            let entries = UnsafeBufferPointer(start: segments[index].entries, count: count)
            segments[index].negativeCount = UInt32(entries.prefix { $0.value < 0 }.count)
        }
    }
}

/// One place for each iteration of a parallel loop; each iteration writes its own only.
final class ResultSlots<Value>: @unchecked Sendable {
    private let slots: UnsafeMutableBufferPointer<Value?>

    init(count: Int) {
        slots = .allocate(capacity: count)
        slots.initialize(repeating: nil)
    }

    deinit {
        slots.deinitialize()
        slots.deallocate()
    }

    subscript(index: Int) -> Value? {
        get { slots[index] }
        set { slots[index] = newValue }
    }

    var values: [Value] { slots.compactMap { $0 } }
}
