// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Rows of one-byte codes, zeros left out, in tiles that fit the first-level cache; by row for scores, by column for gradients.
final class CodedTiles: Sendable {
    /// The values of the codes.
    let codebook: AlignedBuffer<Float>
    private let columnCount: Int
    private let tiles: [Range<Int>]
    private let entryStarts: [Int]
    private let rowPlaces: [Int]
    private let rowStart: AlignedBuffer<UInt32>
    private let rowEntries: AlignedBuffer<UInt16>
    private let columnStart: AlignedBuffer<UInt32>
    private let columnEntries: AlignedBuffer<UInt16>

    init(codes: [UInt8], divisor: Float, columnCount: Int, order: AlignedBuffer<UInt32>, tiles: [Range<Int>], pool: ThreadPool) {
        self.columnCount = columnCount
        self.tiles = tiles
        codebook = AlignedBuffer((0..<256).map { Float($0) / divisor })
        let blockCount = (columnCount + KERNEL_COLUMN_BLOCK - 1) / KERNEL_COLUMN_BLOCK
        let counts = AlignedBuffer<Int>(count: tiles.count)
        codes.withUnsafeBufferPointer { codes in
            guard let base = codes.baseAddress else { return }
            let source = UncheckedSendable(base)
            pool.parallelFor(tiles.count) { tile in
                counts.start[tile] = tiles[tile].reduce(0) {
                    $0 + KernelTable.best.countNonZeroBytes(source.value + Int(order.start[$1]) * columnCount, columnCount)
                }
            }
        }
        entryStarts = counts.elements.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        rowPlaces = tiles.reduce(into: [0]) { $0.append(($0.last ?? 0) + blockCount * ($1.count + 1)) }
        let entryCount = entryStarts.last ?? 0
        rowStart = AlignedBuffer(count: rowPlaces.last ?? 0, zeroed: false)
        rowEntries = AlignedBuffer(count: entryCount, zeroed: false)
        columnStart = AlignedBuffer(count: tiles.count * (columnCount + 1), zeroed: false)
        columnEntries = AlignedBuffer(count: entryCount, zeroed: false)
        codes.withUnsafeBufferPointer { codes in
            guard let base = codes.baseAddress else { return }
            let source = UncheckedSendable(base)
            pool.parallelFor(tiles.count) { tile in
                buildCodedTile(
                    source.value, columnCount, order.start + tiles[tile].lowerBound, UInt32(tiles[tile].count),
                    UInt32(columnCount), rowStart.start + rowPlaces[tile], rowEntries.start + entryStarts[tile],
                    columnStart.start + tile * (columnCount + 1), columnEntries.start + entryStarts[tile])
            }
        }
    }

    func tile(_ index: Int) -> CodedTile {
        CodedTile(
            rows: UInt32(tiles[index].count), columns: UInt32(columnCount), rowStart: rowStart.start + rowPlaces[index],
            rowEntries: rowEntries.start + entryStarts[index], columnStart: columnStart.start + index * (columnCount + 1),
            columnEntries: columnEntries.start + entryStarts[index])
    }
}

/// Sparse rows of float32 values in tiles; by row for scores, by column for gradients.
final class SparseTiles: Sendable {
    private let tiles: [Range<Int>]
    private let entryStarts: [Int]
    private let rowStart: AlignedBuffer<UInt32>
    private let rowEntries: AlignedBuffer<SparseEntry>
    private let columnEntries: AlignedBuffer<SparseEntry>
    /// Of every tile, the columns that have entries and where they start.
    private let columnIndices: [AlignedBuffer<UInt32>]
    private let columnStarts: [AlignedBuffer<UInt32>]
    private let usedCounts: AlignedBuffer<UInt32>

    init(_ matrix: SparseMatrix, order: AlignedBuffer<UInt32>, tiles: [Range<Int>], pool: ThreadPool) {
        self.tiles = tiles
        var starts = [0]
        for tile in tiles {
            starts.append(
                tile.reduce(starts[starts.count - 1]) {
                    let row = Int(order.start[$1])
                    return $0 + matrix.rowStarts[row + 1] - matrix.rowStarts[row]
                })
        }
        let entryStarts = starts
        self.entryStarts = entryStarts
        let entryCount = entryStarts.last ?? 0
        let rowEntries = AlignedBuffer<SparseEntry>(count: entryCount, zeroed: false)
        let columnEntries = AlignedBuffer<SparseEntry>(count: entryCount, zeroed: false)
        let rowStart = AlignedBuffer<UInt32>(count: tiles.reduce(0) { $0 + $1.count + 1 })
        let used = (0..<tiles.count).map { AlignedBuffer<UInt32>(count: entryStarts[$0 + 1] - entryStarts[$0]) }
        let begins = (0..<tiles.count).map { AlignedBuffer<UInt32>(count: entryStarts[$0 + 1] - entryStarts[$0] + 1) }
        let usedCounts = AlignedBuffer<UInt32>(count: tiles.count)
        pool.parallelFor(tiles.count) { tile in
            var next = entryStarts[tile]
            let starts = rowStart.start + tiles[tile].lowerBound + tile
            for (index, position) in tiles[tile].enumerated() {
                let row = Int(order.start[position])
                for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                    rowEntries.start[next] = SparseEntry(index: UInt32(matrix.columns[entry]), value: matrix.values[entry])
                    next += 1
                }
                starts[index + 1] = UInt32(next - entryStarts[tile])
            }
            Self.transpose(
                tiles[tile].count, starts: starts, entries: rowEntries.start + entryStarts[tile],
                to: columnEntries.start + entryStarts[tile], used: used[tile], begins: begins[tile],
                usedCount: &usedCounts.start[tile])
        }
        self.rowStart = rowStart
        self.rowEntries = rowEntries
        self.columnEntries = columnEntries
        columnIndices = used
        columnStarts = begins
        self.usedCounts = usedCounts
    }

    /// Orders a tile's entries by column, rows ascending within.
    private static func transpose(
        _ rowCount: Int, starts: UnsafePointer<UInt32>, entries: UnsafePointer<SparseEntry>,
        to out: UnsafeMutablePointer<SparseEntry>, used: AlignedBuffer<UInt32>, begins: AlignedBuffer<UInt32>,
        usedCount: inout UInt32
    ) {
        let count = Int(starts[rowCount])
        var keys = [UInt64](repeating: 0, count: count)
        for row in 0..<rowCount {
            for entry in Int(starts[row])..<Int(starts[row + 1]) {
                keys[entry] = UInt64(entries[entry].index) << 32 | UInt64(entry)
            }
        }
        keys.sort()
        var row = [UInt32](repeating: 0, count: count)
        for index in 0..<rowCount {
            for entry in Int(starts[index])..<Int(starts[index + 1]) { row[entry] = UInt32(index) }
        }
        var distinct = 0
        for (place, key) in keys.enumerated() {
            let column = UInt32(key >> 32)
            let entry = Int(key & 0xFFFF_FFFF)
            if distinct == 0 || used.start[distinct - 1] != column {
                used.start[distinct] = column
                begins.start[distinct] = UInt32(place)
                distinct += 1
            }
            out[place] = SparseEntry(index: row[entry], value: entries[entry].value)
        }
        begins.start[distinct] = UInt32(count)
        usedCount = UInt32(distinct)
    }

    func tile(_ index: Int) -> SparseTile {
        SparseTile(
            rows: UInt32(tiles[index].count), usedColumns: usedCounts.start[index],
            rowStart: rowStart.start + tiles[index].lowerBound + index, rowEntries: rowEntries.start + entryStarts[index],
            columnIndices: columnIndices[index].start, columnStart: columnStarts[index].start,
            columnEntries: columnEntries.start + entryStarts[index])
    }
}
