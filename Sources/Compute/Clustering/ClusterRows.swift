// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Rows to be put into clusters, in the form in which their distances to centres are computed.
///
/// Bytes stay bytes. Float32 values whose squares would leave float32's range are scaled by a power of two. Either way a
/// value is `stored * unit`, and all that this type's users see is in the values' own units.
public final class ClusterRows: Sendable {
    enum Storage {
        case bytes([UInt8])
        case floats([Float])
    }

    /// The number of rows.
    public let rowCount: Int
    /// The number of columns.
    public let columnCount: Int
    /// A value is a stored number times this.
    let unit: Double
    let storage: Storage
    /// Of bytes: the sum of the squares of each row's stored numbers.
    let squares: AlignedBuffer<Double>
    /// Of bytes: the bits that any of them has.
    let bits: UInt8
    /// What each row weighs; nil: 1.
    let weights: AlignedBuffer<Float>?

    /// More rows than this and the sums of bytes would not fit 32 bits.
    private static let maximumByteRowCount = 16_000_000
    private static let saneMagnitudes: ClosedRange<Float> = 1e-6...1e12

    /// Makes rows of a matrix; bytes stay bytes where there are no weights.
    ///
    /// Where there are weights, there must be one of at least 0 for each row.
    public init(_ matrix: Matrix, weights: [Float]? = nil, pool: ThreadPool) {
        rowCount = matrix.rowCount
        columnCount = matrix.columnCount
        self.weights = weights.map { AlignedBuffer($0) }
        switch matrix.storage {
        case .uint8(let codes, let divisor) where weights == nil && matrix.rowCount <= Self.maximumByteRowCount:
            storage = .bytes(codes)
            unit = 1 / Double(divisor)
            (squares, bits) = Self.measure(codes, rowCount: matrix.rowCount, columnCount: matrix.columnCount, pool: pool)
        case .uint8(let codes, let divisor):
            storage = .floats(codes.map { Float($0) })
            unit = 1 / Double(divisor)
            squares = AlignedBuffer(count: 0)
            bits = 0
        case .float32(let values):
            let largest = largestMagnitude(values, values.count)
            squares = AlignedBuffer(count: 0)
            bits = 0
            if largest == 0 || Self.saneMagnitudes.contains(largest) {
                storage = .floats(values)
                unit = 1
            } else {
                let scale = Float(sign: .plus, exponent: -largest.exponent, significand: 1)
                storage = .floats(values.map { $0 * scale })
                unit = 1 / Double(scale)
            }
        }
    }

    /// One pass over bytes: the squares of each row, and all their bits.
    private static func measure(
        _ codes: [UInt8], rowCount: Int, columnCount: Int, pool: ThreadPool
    ) -> (squares: AlignedBuffer<Double>, bits: UInt8) {
        let squares = AlignedBuffer<Double>(count: rowCount, zeroed: false)
        let rowsAtOnce = 64
        let bits = AlignedBuffer<UInt8>(count: (rowCount + rowsAtOnce - 1) / rowsAtOnce)
        let kernels = KernelTable.cluster
        codes.withUnsafeBufferPointer { codes in
            guard let base = codes.baseAddress else { return }
            let source = UncheckedSendable(base)
            pool.parallelFor(bits.count) { block in
                for row in block * rowsAtOnce..<min(rowCount, (block + 1) * rowsAtOnce) {
                    squares.start[row] = Double(kernels.byteSquares(source.value + row * columnCount, columnCount))
                    bits.start[block] |= allBits(source.value + row * columnCount, columnCount)
                }
            }
        }
        return (squares, bits.elements.reduce(0, |))
    }

    /// A row's values.
    public func row(_ index: Int) -> [Float] {
        let range = index * columnCount..<(index + 1) * columnCount
        switch storage {
        case .bytes(let codes): return codes[range].map { Float(Double($0) * unit) }
        case .floats(let values): return values[range].map { Float(Double($0) * unit) }
        }
    }

    /// The stored numbers where they lie.
    func withPointer<Result>(_ body: (RowPointer) -> Result) -> Result {
        switch storage {
        case .bytes(let codes):
            return codes.withUnsafeBufferPointer { body(RowPointer(bytes: $0.baseAddress, floats: nil)) }
        case .floats(let values):
            return values.withUnsafeBufferPointer { body(RowPointer(bytes: nil, floats: $0.baseAddress)) }
        }
    }
}

/// Where stored numbers lie: as bytes or as float32.
struct RowPointer: @unchecked Sendable {
    let bytes: UnsafePointer<UInt8>?
    let floats: UnsafePointer<Float>?
}
