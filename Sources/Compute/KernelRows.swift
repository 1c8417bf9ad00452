// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Seeded inputs of kernels.
private func uniformValues(_ count: Int, _ random: inout Random, from low: Float = -1, to high: Float = 1) -> [Float] {
    (0..<count).map { _ in low + (high - low) * random.uniform() }
}

/// Runs `body` with the kernels and a copy of `values` to write to, and returns that copy.
private func output(_ version: KernelVersion, of values: [Float], _ body: (KernelSet, inout [Float]) -> Void) -> [Float] {
    var values = values
    body(version.set.pointee, &values)
    return values
}

extension KernelRow {
    private static let rows = 100
    private static let columns = 333

    static func denseForward(lanes: Int) -> KernelRow {
        KernelRow(
            name: "dense forward, \(lanes) models", operationCount: 2 * rows * columns * lanes,
            byteCount: 4 * (rows * columns + (rows + columns) * lanes), tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            let x = uniformValues(rows * columns, &random)
            let weights = uniformValues(columns * lanes, &random)
            let scores = uniformValues(rows * lanes, &random)
            return { version in
                output(version, of: scores) { $0.denseForward(x, columns, rows, columns, weights, &$1, lanes) }
            }
        }
    }

    static func denseBackward(lanes: Int) -> KernelRow {
        KernelRow(
            name: "dense backward, \(lanes) models", operationCount: 2 * rows * columns * lanes,
            byteCount: 4 * (rows * columns + (rows + columns) * lanes), tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            let x = uniformValues(rows * columns, &random)
            let errors = uniformValues(rows * lanes, &random)
            let gradient = uniformValues(columns * lanes, &random)
            return { version in
                output(version, of: gradient) { $0.denseBackward(x, columns, rows, columns, errors, &$1, lanes) }
            }
        }
    }

    /// Forward and backward over one tile of codes, a fifth of which are not zero.
    static func coded(lanes: Int) -> KernelRow {
        let entries = rows * columns / 5
        return KernelRow(
            name: "coded forward and backward, \(lanes) models", operationCount: 4 * entries * lanes,
            byteCount: 4 * entries + 8 * (rows + columns) * lanes, tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            let codes = (0..<rows * columns).map { _ in random.uniform() < 0.2 ? UInt8(1 + random.next() % 255) : 0 }
            let codebook = [0] + uniformValues(255, &random)
            let tile = CodedRows(codes: codes, rowCount: rows, columnCount: columns)
            let weights = uniformValues(columns * lanes, &random)
            let errors = uniformValues(rows * lanes, &random)
            let scores = uniformValues(rows * lanes, &random)
            let gradient = uniformValues(columns * lanes, &random)
            return { version in
                output(version, of: scores) { $0.codedForward(&tile.value.tile, codebook, weights, &$1, lanes) }
                    + output(version, of: gradient) {
                        $0.codedBackward(&tile.value.tile, codebook, 0, columns, errors, &$1, lanes)
                    }
            }
        }
    }

    static func sparse(lanes: Int) -> KernelRow {
        let entries = rows * columns / 20
        return KernelRow(
            name: "sparse forward and backward, \(lanes) models", operationCount: 4 * entries * lanes,
            byteCount: 16 * entries + 8 * (rows + columns) * lanes, tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            var rowStarts = [0]
            var used: [Int32] = []
            for _ in 0..<rows {
                used += (0..<Int32(columns)).filter { _ in random.uniform() < 0.05 }
                rowStarts.append(used.count)
            }
            let values = uniformValues(used.count, &random)
            let weights = uniformValues(columns * lanes, &random)
            let errors = uniformValues(rows * lanes, &random)
            let scores = uniformValues(rows * lanes, &random)
            let gradient = uniformValues(columns * lanes, &random)
            guard let matrix = SparseMatrix(columnCount: columns, rowStarts: rowStarts, columns: used, values: values) else {
                return { _ in [] }
            }
            let order = AlignedBuffer((0..<UInt32(rows)).map { $0 })
            let tiles = SparseTiles(matrix, order: order, tiles: [0..<rows], pool: ThreadPool(threadCount: 1))
            return { version in
                var tile = tiles.tile(0)
                return output(version, of: scores) { $0.sparseForward(&tile, weights, &$1, lanes) }
                    + output(version, of: gradient) { $0.sparseBackward(&tile, 7, columns - 3, errors, &$1, lanes) }
            }
        }
    }

    static func loss(_ loss: LinearLoss) -> KernelRow {
        let lanes = 32
        return KernelRow(
            name: "loss \(loss)", operationCount: 20 * rows * lanes, byteCount: 8 * rows * lanes, tolerance: 2e-6
        ) { seed in
            var random = Random(seed: seed)
            let scores = uniformValues(rows * lanes, &random, from: -8, to: 8)
            let labels = (0..<rows).map { _ in random.uniform() < 0.3 ? Float(1) : 0 }
            let positiveWeights = uniformValues(lanes, &random, from: 0.5, to: 3)
            return { version in
                var losses = [Double](repeating: 0, count: lanes)
                var bias = [Float](repeating: 0, count: lanes)
                guard var parameters = loss.parameters else { return [] }
                let gradients = output(version, of: scores) {
                    $0.lossGradient(&parameters, &$1, labels, positiveWeights, 0.01, rows, lanes, &losses, &bias)
                }
                // Gradients are a hundredth of losses; lift them to the same size.
                return gradients.map { $0 * 100 } + bias + losses.map { Float($0) / Float(rows) }
            }
        }
    }

    static var softmax: KernelRow {
        let lanes = 32
        let classes = 7
        let rows = Self.rows
        return KernelRow(
            name: "softmax loss, \(classes) classes", operationCount: 25 * rows * lanes * classes,
            byteCount: 8 * rows * lanes * classes, tolerance: 4e-6
        ) { seed in
            var random = Random(seed: seed)
            let scores = uniformValues(classes * rows * lanes, &random, from: -8, to: 8)
            let labels = (0..<rows).map { _ in Float(random.next() % UInt64(classes)) }
            let classWeights = uniformValues(classes, &random, from: 0.5, to: 3)
            return { version in
                var losses = [Double](repeating: 0, count: lanes)
                var bias = [Float](repeating: 0, count: lanes * classes)
                let gradients = output(version, of: scores) {
                    $0.softmaxGradient(&$1, rows * lanes, classes, labels, classWeights, 0.01, rows, lanes, &losses, &bias)
                }
                return gradients.map { $0 * 100 } + bias + losses.map { Float($0) / Float(rows) }
            }
        }
    }

    /// The optimizers by name.
    enum StepKind: String {
        case sgd, adam, rmsprop

        var optimizer: Optimizer {
            switch self {
            case .sgd: return .sgd(momentum: 0.9)
            case .adam: return .adam(beta1: 0.9, beta2: 0.999)
            case .rmsprop: return .rmsprop(decay: 0.9)
            }
        }
    }

    static func step(_ kind: StepKind) -> KernelRow {
        let lanes = 32
        let count = columns * lanes
        return KernelRow(
            name: "\(kind.rawValue) step", operationCount: 20 * count, byteCount: 32 * count, tolerance: 2e-5
        ) { seed in
            var random = Random(seed: seed)
            let state = uniformValues(2 * count, &random) + uniformValues(count, &random, from: 0, to: 1)
            let folded = [Float](repeating: 0, count: count + lanes)
            let gradient = uniformValues(count, &random)
            let mean = uniformValues(columns, &random)
            let inverse = uniformValues(columns, &random, from: 0.5, to: 2)
            let bias = uniformValues(lanes, &random)
            let rates = uniformValues(lanes, &random, from: 0.001, to: 0.1)
            let decays = uniformValues(lanes, &random, from: 0, to: 0.01)
            let optimizer = kind.optimizer
            return { version in
                output(version, of: state + folded) { kernels, all in
                    all.withUnsafeMutableBufferPointer { all in
                        guard let base = all.baseAddress else { return }
                        let shift = base + 4 * count
                        withStepParameters(optimizer, rates: rates, decays: decays) { parameters in
                            var parameters = parameters
                            kernels.step(
                                &parameters, base, gradient, base + count, base + 2 * count, mean, inverse, bias, columns, lanes,
                                base + 3 * count, shift)
                        }
                        // A sum over columns: brought to the size of the rest.
                        for lane in 0..<lanes { shift[lane] /= Float(columns) }
                    }
                }
            }
        }
    }

    private static func withStepParameters(
        _ optimizer: Optimizer, rates: [Float], decays: [Float], _ body: (StepParameters) -> Void
    ) {
        rates.withUnsafeBufferPointer { rates in
            decays.withUnsafeBufferPointer { decays in
                guard let rates = rates.baseAddress, let decays = decays.baseAddress else { return }
                body(optimizer.parameters(rates: rates, weightDecays: decays, l1: decays))
            }
        }
    }
}

extension KernelRow {
    static var standardizeFloat: KernelRow {
        let rows = Self.rows
        let columns = Self.columns
        return KernelRow(
            name: "standardize float32 rows", operationCount: 0, byteCount: 8 * rows * columns, tolerance: 1e-6
        ) { seed in
            var random = Random(seed: seed)
            let x = uniformValues(rows * columns, &random)
            let order = random.permutation(rows)
            let mean = uniformValues(columns, &random)
            let inverse = uniformValues(columns, &random)
            let blank = [Float](repeating: 0, count: rows * columns)
            return { version in
                output(version, of: blank) { $0.standardizeFloat(x, columns, order, rows, columns, mean, inverse, &$1, columns) }
            }
        }
    }

    static var standardizeBytes: KernelRow {
        let rows = Self.rows
        let columns = Self.columns
        return KernelRow(
            name: "standardize byte rows", operationCount: 0, byteCount: 5 * rows * columns, tolerance: 1e-6
        ) { seed in
            var random = Random(seed: seed)
            let x = (0..<rows * columns).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let order = random.permutation(rows)
            let mean = uniformValues(columns, &random)
            let inverse = uniformValues(columns, &random)
            let blank = [Float](repeating: 0, count: rows * columns)
            return { version in
                output(version, of: blank) {
                    $0.standardizeBytes(x, columns, order, rows, columns, 1 / 255, mean, inverse, &$1, columns)
                }
            }
        }
    }

    static var columnMoments: KernelRow {
        let rows = Self.rows
        let columns = Self.columns
        return KernelRow(
            name: "column moments", operationCount: 4 * rows * columns, byteCount: 4 * rows * columns, tolerance: 1e-6
        ) { seed in
            var random = Random(seed: seed)
            let x = uniformValues(rows * columns, &random)
            let shift = uniformValues(columns, &random)
            return { version in
                var sums = [Double](repeating: 0, count: columns)
                var squares = sums
                version.set.pointee.columnMoments(x, columns, rows, columns, shift, &sums, &squares)
                return sums.map(Float.init) + squares.map(Float.init)
            }
        }
    }

    static var exponential: KernelRow {
        KernelRow(name: "exponential", operationCount: 20 * 4099, byteCount: 8 * 4099, tolerance: 3e-7) { seed in
            var random = Random(seed: seed)
            let x = uniformValues(4099, &random, from: -10, to: 0)
            let blank = [Float](repeating: 0, count: x.count)
            return { version in output(version, of: blank) { $0.exponential(x, &$1, x.count) } }
        }
    }

    static var logarithm: KernelRow {
        KernelRow(name: "logarithm", operationCount: 20 * 4099, byteCount: 8 * 4099, tolerance: 3e-7) { seed in
            var random = Random(seed: seed)
            let x = uniformValues(4099, &random, from: 1e-6, to: 20)
            let blank = [Float](repeating: 0, count: x.count)
            return { version in output(version, of: blank) { $0.logarithm(x, &$1, x.count) } }
        }
    }

    static var encode: KernelRow {
        let count = 100_003
        return KernelRow(name: "encode as bytes", operationCount: 0, byteCount: 5 * count, tolerance: 0) { seed in
            var random = Random(seed: seed)
            let x = (0..<count).map { _ in Float(random.next() % 256) / 255 }
            var bad = x
            bad[count - 5] = 0.123456
            let values = [x, bad]
            return { version in
                values.flatMap { values -> [Float] in
                    var codes = [UInt8](repeating: 0, count: count)
                    let succeeded = version.set.pointee.encode(values, count, 255, &codes)
                    return succeeded ? [1] + codes.map { Float($0) } : [0]
                }
            }
        }
    }

    static var countNonZeroBytes: KernelRow {
        let count = 100_003
        return KernelRow(name: "count non-zero bytes", operationCount: 0, byteCount: count, tolerance: 0) { seed in
            var random = Random(seed: seed)
            let x = (0..<count).map { _ in random.uniform() < 0.8 ? 0 : UInt8(truncatingIfNeeded: random.next()) }
            return { version in [Float(version.set.pointee.countNonZeroBytes(x, count))] }
        }
    }
}

/// A tile of codes with the memory it points to.
private struct CodedRows: @unchecked Sendable {
    final class Storage {
        var tile: CodedTile
        let starts: [AlignedBuffer<UInt32>]
        let entries: [AlignedBuffer<UInt16>]

        init(tile: CodedTile, starts: [AlignedBuffer<UInt32>], entries: [AlignedBuffer<UInt16>]) {
            self.tile = tile
            self.starts = starts
            self.entries = entries
        }
    }

    let value: Storage

    init(codes: [UInt8], rowCount: Int, columnCount: Int) {
        let blockCount = (columnCount + Int(KERNEL_COLUMN_BLOCK) - 1) / Int(KERNEL_COLUMN_BLOCK)
        let starts = [
            AlignedBuffer<UInt32>(count: blockCount * (rowCount + 1)), AlignedBuffer<UInt32>(count: columnCount + 1),
        ]
        let entries = [AlignedBuffer<UInt16>(count: codes.count), AlignedBuffer<UInt16>(count: codes.count)]
        let order = (0..<UInt32(rowCount)).map { $0 }
        buildCodedTile(
            codes, columnCount, order, UInt32(rowCount), UInt32(columnCount), starts[0].start, entries[0].start, starts[1].start,
            entries[1].start)
        let tile = CodedTile(
            rows: UInt32(rowCount), columns: UInt32(columnCount), rowStart: starts[0].start, rowEntries: entries[0].start,
            columnStart: starts[1].start, columnEntries: entries[1].start)
        value = Storage(tile: tile, starts: starts, entries: entries)
    }
}
