// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Products of float32 matrices, by the fastest engine at hand.
///
/// That is oneDNN (Debian's libdnnl2) where it is installed; it is loaded at the first product, so that programs that never multiply do
/// not pay for it. Elsewhere it is this package's own kernels. Threads are the pool's: each computes a block of the result.
public enum MatrixMultiplication {
    /// What multiplies.
    public enum Engine: Sendable, CaseIterable {
        case oneDNN, own
    }

    /// One factor: row-major as it lies in memory, or that transposed.
    public struct Factor {
        let start: UnsafePointer<Float>
        let stride: Int
        let isTransposed: Bool

        /// A matrix whose rows begin `stride` values apart; with `isTransposed` its columns are the factor's rows.
        public init(_ start: UnsafePointer<Float>, stride: Int, isTransposed: Bool = false) {
            self.start = start
            self.stride = stride
            self.isTransposed = isTransposed
        }

        var rowStep: Int { isTransposed ? 1 : stride }
        var columnStep: Int { isTransposed ? stride : 1 }
    }

    /// The engines that this machine has, the fastest first.
    public static var engines: [Engine] { OneDNN.shared == nil ? [.own] : [.oneDNN, .own] }

    /// The fastest engine and its instructions, for a person; where oneDNN is missing, what would bring it.
    public static var description: String {
        guard let library = OneDNN.shared else {
            return "own kernels (\(KernelTable.bestName)); the package libdnnl2 would bring oneDNN, which is faster"
        }
        return "oneDNN \(library.version)" + (library.usesWideVectors ? " with AVX-512" : "")
    }

    /// c = a b (or c += a b), for c of `rows` x `columns` with rows `stride` apart and `inner` terms a sum.
    ///
    /// `c` overlaps neither factor. Any number of threads gives the same. The engine is the fastest unless one is named; one that is not there is replaced by `own`.
    public static func multiply(
        rows: Int, columns: Int, inner: Int, _ a: Factor, _ b: Factor, into c: UnsafeMutablePointer<Float>, stride: Int,
        adds: Bool = false, engine: Engine? = nil, pool: ThreadPool
    ) {
        guard rows > 0, columns > 0 else { return }
        let library = engine == .own ? nil : OneDNN.shared
        // Blocks of the longer side, the same for any number of threads: so are the sums.
        let sharesRows = rows >= columns
        let length = sharesRows ? rows : columns
        let work = Double(rows) * Double(columns) * Double(inner)
        let share = work < smallWork ? length : max(128, (length + 15) / 16)
        let block = (share + 15) / 16 * 16
        let arguments = UncheckedSendable((a, b, c))
        pool.parallelFor((length + block - 1) / block) { index in
            let (a, b, c) = arguments.value
            let first = index * block
            let count = min(block, length - first)
            let (row, column) = sharesRows ? (first, 0) : (0, first)
            let (rowCount, columnCount) = sharesRows ? (count, columns) : (rows, count)
            let aPart = Factor(a.start + row * a.rowStep, stride: a.stride, isTransposed: a.isTransposed)
            let bPart = Factor(b.start + column * b.columnStep, stride: b.stride, isTransposed: b.isTransposed)
            let cPart = c + row * stride + column
            if let library, inner > 0, library.multiply(rowCount, columnCount, inner, aPart, bPart, cPart, stride, adds: adds) {
                return
            }
            if !adds { for line in 0..<rowCount { (cPart + line * stride).update(repeating: 0, count: columnCount) } }
            KernelTable.product(
                rowCount, columnCount, inner, aPart.start, aPart.rowStep, aPart.columnStep, bPart.start, bPart.rowStep,
                bPart.columnStep, cPart, stride)
        }
    }

    /// Below so many multiplications threads would not pay.
    private static let smallWork = 262_144.0

    /// The product of two row-major matrices; nil where the numbers of values do not fit.
    public static func product(
        _ a: [Float], _ b: [Float], rows: Int, inner: Int, columns: Int, engine: Engine? = nil, pool: ThreadPool
    ) -> [Float]? {
        guard rows >= 0, inner >= 0, columns >= 0, a.count == rows * inner, b.count == inner * columns else { return nil }
        return [Float](unsafeUninitializedCapacity: rows * columns) { result, count in
            count = rows * columns
            guard let target = result.baseAddress, count > 0 else { return }
            guard inner > 0 else { return target.update(repeating: 0, count: count) }
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    guard let a = a.baseAddress, let b = b.baseAddress else { return }
                    multiply(
                        rows: rows, columns: columns, inner: inner, Factor(a, stride: inner), Factor(b, stride: columns),
                        into: target, stride: columns, engine: engine, pool: pool)
                }
            }
        }
    }
}
