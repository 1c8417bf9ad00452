// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A dense matrix, row after row, of float32 values or of one-byte codes where those represent the values exactly.
public struct Matrix: Sendable {
    /// The values.
    public enum Storage: Sendable {
        /// `rowCount * columnCount` values.
        case float32([Float])
        /// `rowCount * columnCount` codes; a value is `Float(code) / divisor`.
        case uint8([UInt8], divisor: Float)
    }

    /// The number of rows.
    public let rowCount: Int
    /// The number of columns.
    public let columnCount: Int
    /// The values.
    public let storage: Storage

    /// A matrix of float32 values; nil unless there are `rowCount * columnCount` of them.
    public init?(rowCount: Int, columnCount: Int, values: [Float]) {
        guard rowCount >= 0, columnCount >= 0, values.count == rowCount * columnCount else { return nil }
        self.init(rowCount: rowCount, columnCount: columnCount, storage: .float32(values))
    }

    /// A matrix of codes, each standing for `Float(code) / divisor`; nil unless there are `rowCount * columnCount` of them.
    public init?(rowCount: Int, columnCount: Int, codes: [UInt8], divisor: Float = 1) {
        guard rowCount >= 0, columnCount >= 0, codes.count == rowCount * columnCount, divisor > 0 else { return nil }
        self.init(rowCount: rowCount, columnCount: columnCount, storage: .uint8(codes, divisor: divisor))
    }

    private init(rowCount: Int, columnCount: Int, storage: Storage) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.storage = storage
    }

    /// The divisors that data comes with: whole numbers, pixels over 255, pixels over 256.
    public static let divisors: [Float] = [1, 255, 256]

    /// The same values in one byte each, where every one of them is a whole number 0...255, or such a number over 255 or 256.
    public func compacted(with pool: ThreadPool) -> Matrix {
        guard case .float32(let values) = storage, rowCount > 0, columnCount > 0 else { return self }
        let chunk = max(columnCount, 1 << 18)
        let chunkCount = (values.count + chunk - 1) / chunk
        for divisor in Self.divisors {
            let succeeded = AlignedBuffer<Bool>(count: chunkCount)
            let codes = [UInt8](unsafeUninitializedCapacity: values.count) { codes, count in
                let target = codes.baseAddress
                values.withUnsafeBufferPointer { values in
                    guard let target, let source = values.baseAddress else { return }
                    // Most matrices that have no codes show it in their first values.
                    guard KernelTable.best.encode(source, min(values.count, 4096), divisor, target) else { return }
                    let pointers = UncheckedSendable((source, target))
                    pool.parallelFor(chunkCount) { index in
                        let (source, target) = pointers.value
                        let start = index * chunk
                        succeeded.start[index] = KernelTable.best.encode(
                            source + start, min(chunk, values.count - start), divisor, target + start)
                    }
                }
                count = succeeded.elements.allSatisfy { $0 } ? values.count : 0
            }
            if codes.count == values.count {
                return Matrix(rowCount: rowCount, columnCount: columnCount, storage: .uint8(codes, divisor: divisor))
            }
        }
        return self
    }

    /// The value at a row and a column of the matrix.
    public subscript(row: Int, column: Int) -> Float {
        switch storage {
        case .float32(let values): return values[row * columnCount + column]
        case .uint8(let codes, let divisor): return Float(codes[row * columnCount + column]) / divisor
        }
    }
}

/// A matrix of mostly zeros in compressed rows: row r has the entries `rowStarts[r] ..< rowStarts[r + 1]`, columns ascending.
public struct SparseMatrix: Sendable {
    /// The number of columns.
    public let columnCount: Int
    /// Where rows start, and at the end the number of entries.
    public let rowStarts: [Int]
    /// The entries' columns.
    public let columns: [Int32]
    /// The entries' values.
    public let values: [Float]

    /// The number of rows.
    public var rowCount: Int { rowStarts.count - 1 }

    /// For parts that make a matrix by the way they were made.
    init(uncheckedColumnCount columnCount: Int, rowStarts: [Int], columns: [Int32], values: [Float]) {
        self.columnCount = columnCount
        self.rowStarts = rowStarts
        self.columns = columns
        self.values = values
    }

    /// Checks the parts against each other; nil where they do not make a matrix.
    public init?(columnCount: Int, rowStarts: [Int], columns: [Int32], values: [Float]) {
        guard rowStarts.first == 0, rowStarts.last == columns.count, columns.count == values.count,
            zip(rowStarts, rowStarts.dropFirst()).allSatisfy({ $0 <= $1 }),
            columns.allSatisfy({ $0 >= 0 && Int($0) < columnCount })
        else { return nil }
        self.columnCount = columnCount
        self.rowStarts = rowStarts
        self.columns = columns
        self.values = values
    }
}

/// Features as they come.
public enum FeatureMatrix: Sendable {
    case dense(Matrix)
    case sparse(SparseMatrix)

    /// The number of rows.
    public var rowCount: Int {
        switch self {
        case .dense(let matrix): return matrix.rowCount
        case .sparse(let matrix): return matrix.rowCount
        }
    }

    /// The number of columns.
    public var columnCount: Int {
        switch self {
        case .dense(let matrix): return matrix.columnCount
        case .sparse(let matrix): return matrix.columnCount
        }
    }
}

/// A value that the author knows to be safe to share, such as pointers to parts that threads keep to themselves.
struct UncheckedSendable<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
