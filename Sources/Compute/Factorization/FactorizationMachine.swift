// SPDX-License-Identifier: Apache-2.0

import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a factorization machine has learned: a bias, a weight a feature, and `factorCount` factors a feature.
public struct FactorizationCoefficients: Sendable, Equatable {
    /// What a score begins with.
    public var bias: Float
    /// A weight a feature.
    public var weights: [Float]
    /// `factorCount` numbers a feature, feature after feature.
    public var factors: [Float]
    /// The numbers of a feature's factors.
    public var factorCount: Int

    /// Makes one from its parts.
    public init(bias: Float, weights: [Float], factors: [Float], factorCount: Int) {
        self.bias = bias
        self.weights = weights
        self.factors = factors
        self.factorCount = factorCount
    }
}

/// How one kind of parameter learns.
public struct FactorizationRate: Sendable, Equatable {
    /// How far a step goes.
    public var rate: Float
    /// The factor of the parameter that is added to its gradient.
    public var weightDecay: Float

    /// Makes one from its parts.
    public init(rate: Float, weightDecay: Float) {
        self.rate = rate
        self.weightDecay = weightDecay
    }
}

/// The constants of learning by Adam (Kingma, Ba: "Adam: a method for stochastic optimization", 2015).
public struct FactorizationLearning: Sendable, Equatable {
    /// Of the bias.
    public var bias: FactorizationRate
    /// Of the weights.
    public var linear: FactorizationRate
    /// Of the factors.
    public var factors: FactorizationRate
    /// What gradients are multiplied with; nil for one over the number of rows.
    public var gradientScale: Float?
    /// What a gradient is cut to on both sides of zero; nil for no limit.
    public var gradientLimit: Float?
    /// What is added to the root of the squares.
    public var epsilon: Float

    /// Makes one from its parts.
    public init(
        bias: FactorizationRate, linear: FactorizationRate, factors: FactorizationRate, gradientScale: Float? = nil,
        gradientLimit: Float? = nil, epsilon: Float = 1e-8
    ) {
        self.bias = bias
        self.linear = linear
        self.factors = factors
        self.gradientScale = gradientScale
        self.gradientLimit = gradientLimit
        self.epsilon = epsilon
    }
}

/// Rows of numbers without their zeros, by row and by column.
public final class FactorBatch: @unchecked Sendable {
    /// The number of rows.
    public let rowCount: Int
    /// One number a row.
    public let labels: [Float]
    let rowStarts: [Int]
    let rowEntries: AlignedBuffer<FactorEntry>
    /// The columns that have an entry, ascending, and where their entries begin.
    let usedColumns: [Int32]
    let columnStarts: [Int]
    let columnEntries: AlignedBuffer<FactorEntry>

    /// The rows of a matrix in batches of at most `batchSize`, in that order; `labels` has one number for each row of the matrix.
    ///
    /// Batches that are only scored need not know their columns.
    public static func batches(
        _ features: FeatureMatrix, order: [UInt32], labels: [Float], batchSize: Int, areLearned: Bool = true
    ) -> [FactorBatch] {
        var counts = [Int](repeating: 0, count: areLearned ? features.columnCount : 0)
        return stride(from: 0, to: order.count, by: max(1, batchSize)).map {
            FactorBatch(features, rows: order[$0..<min(order.count, $0 + max(1, batchSize))], labels: labels, counts: &counts)
        }
    }

    /// `counts` has a zero for each column, before and after; it is empty where columns do not matter.
    private init(_ features: FeatureMatrix, rows: ArraySlice<UInt32>, labels: [Float], counts: inout [Int]) {
        rowCount = rows.count
        self.labels = rows.map { labels[Int($0)] }
        var entries: [FactorEntry] = []
        var rowStarts = [0]
        for row in rows {
            features.appendEntries(ofRow: Int(row), to: &entries)
            rowStarts.append(entries.count)
        }
        self.rowStarts = rowStarts
        rowEntries = AlignedBuffer(entries)
        var used: [Int32] = []
        for entry in entries where !counts.isEmpty {
            let column = Int(entry.index)
            if counts[column] == 0 { used.append(Int32(column)) }
            counts[column] += 1
        }
        used.sort()
        usedColumns = used
        // Where each column's next entry goes; rows come one after another, so a column's rows ascend.
        var starts = [0]
        for column in used {
            let start = starts[starts.count - 1]
            starts.append(start + counts[Int(column)])
            counts[Int(column)] = start
        }
        columnStarts = starts
        columnEntries = AlignedBuffer(count: used.isEmpty ? 0 : entries.count, zeroed: false)
        for row in 0..<rows.count where !used.isEmpty {
            for entry in entries[rowStarts[row]..<rowStarts[row + 1]] {
                columnEntries.start[counts[Int(entry.index)]] = FactorEntry(index: UInt32(row), value: entry.value)
                counts[Int(entry.index)] += 1
            }
        }
        for column in used { counts[Int(column)] = 0 }
    }
}

extension FeatureMatrix {
    /// The numbers of a row that are not zero, by column.
    fileprivate func appendEntries(ofRow row: Int, to entries: inout [FactorEntry]) {
        switch self {
        case .dense(let matrix):
            for column in 0..<matrix.columnCount {
                let value = matrix[row, column]
                if value != 0 { entries.append(FactorEntry(index: UInt32(column), value: value)) }
            }
        case .sparse(let matrix):
            for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] where matrix.values[entry] != 0 {
                entries.append(FactorEntry(index: UInt32(matrix.columns[entry]), value: matrix.values[entry]))
            }
        }
    }
}

/// A factorization machine that learns batch by batch, the same for any number of threads.
///
/// One thread at a time may use it. Only features that occur in a batch learn from it, as in MXNet's sparse updates.
public final class FactorizationMachine: @unchecked Sendable {
    /// What is made of a score.
    public enum Loss: Sendable {
        /// A probability; labels are 0 and 1.
        case logistic
        /// A number.
        case squared
    }

    /// The number of features.
    public let columnCount: Int
    /// The numbers of a feature's factors.
    public let factorCount: Int
    private let paddedCount: Int
    private let loss: Loss
    private let pool: ThreadPool
    private let kernels = KernelTable.factor
    private let weights: AlignedBuffer<Float>
    private let factors: AlignedBuffer<Float>
    private var bias: Float
    /// Adam's means of gradients and of their squares.
    private let weightMoments: (AlignedBuffer<Float>, AlignedBuffer<Float>)
    private let factorMoments: (AlignedBuffer<Float>, AlignedBuffer<Float>)
    private var biasFirst: Float = 0
    private var biasSecond: Float = 0
    private var stepCount = 0

    /// Starts with these coefficients; nil unless there are `factorCount` factors for each weight.
    public init?(_ coefficients: FactorizationCoefficients, loss: Loss, pool: ThreadPool) {
        columnCount = coefficients.weights.count
        factorCount = coefficients.factorCount
        guard columnCount > 0, factorCount > 0, coefficients.factors.count == columnCount * factorCount else { return nil }
        paddedCount = (factorCount + 15) / 16 * 16
        self.loss = loss
        self.pool = pool
        bias = coefficients.bias
        weights = AlignedBuffer(coefficients.weights)
        factors = AlignedBuffer(count: columnCount * paddedCount)
        for column in 0..<columnCount {
            for factor in 0..<factorCount {
                factors.start[column * paddedCount + factor] = coefficients.factors[column * factorCount + factor]
            }
        }
        weightMoments = (AlignedBuffer(count: columnCount), AlignedBuffer(count: columnCount))
        factorMoments = (AlignedBuffer(count: factors.count), AlignedBuffer(count: factors.count))
    }

    /// What was learned so far.
    public var coefficients: FactorizationCoefficients {
        let plain = (0..<columnCount).flatMap { column in
            (0..<factorCount).map { factors.start[column * paddedCount + $0] }
        }
        return FactorizationCoefficients(bias: bias, weights: Array(weights.elements), factors: plain, factorCount: factorCount)
    }

    /// The scores of a batch's rows; before the logistic function.
    public func scores(_ batch: FactorBatch) -> [Float] {
        let sums = AlignedBuffer<Float>(count: batch.rowCount * paddedCount, zeroed: false)
        return scores(batch, sums)
    }

    private func scores(_ batch: FactorBatch, _ sums: AlignedBuffer<Float>) -> [Float] {
        let scores = AlignedBuffer<Float>(count: batch.rowCount, zeroed: false)
        let chunk = 64
        pool.parallelFor((batch.rowCount + chunk - 1) / chunk) { index in
            for row in index * chunk..<min(batch.rowCount, (index + 1) * chunk) {
                scores.start[row] =
                    bias
                    + kernels.score(
                        batch.rowEntries.start + batch.rowStarts[row], batch.rowStarts[row + 1] - batch.rowStarts[row],
                        weights.start,
                        factors.start, paddedCount, sums.start + row * paddedCount)
            }
        }
        return Array(scores.elements)
    }

    /// The mean loss of scores: cross-entropy, or squared error.
    public func meanLoss(_ scores: [Float], labels: [Float]) -> Double {
        let sum = zip(scores, labels).reduce(0.0) { sum, pair in
            let (score, label) = (Double(pair.0), Double(pair.1))
            switch loss {
            case .squared: return sum + (score - label) * (score - label)
            // log(1 + e^s) - y s, without overflow.
            case .logistic: return sum + max(score, 0) - score * label + log1p(exp(-abs(score)))
            }
        }
        return sum / Double(max(1, labels.count))
    }

    /// One step on a batch; gives the scores before it.
    public func learn(_ batch: FactorBatch, with learning: FactorizationLearning) -> [Float] {
        let sums = AlignedBuffer<Float>(count: batch.rowCount * paddedCount, zeroed: false)
        let scores = scores(batch, sums)
        let scale = learning.gradientScale ?? 1 / Float(max(1, batch.rowCount))
        let errors = zip(scores, batch.labels).map { score, label in
            scale * ((loss == .logistic ? 1 / (1 + exp(-score)) : score) - label)
        }
        stepCount += 1
        let step = Float((1 - pow(0.999, Double(stepCount))).squareRoot() / (1 - pow(0.9, Double(stepCount))))
        Self.move(
            &bias, errors.reduce(0, +), &biasFirst, &biasSecond, learning.bias, step: step, learning)
        let chunk = 32
        errors.withUnsafeBufferPointer { errors in
            guard let errors = errors.baseAddress else { return }
            nonisolated(unsafe) let errorStart = errors
            pool.parallelFor((batch.usedColumns.count + chunk - 1) / chunk) { index in
                let gradient = AlignedBuffer<Float>(count: paddedCount, zeroed: false)
                for used in index * chunk..<min(batch.usedColumns.count, (index + 1) * chunk) {
                    let column = Int(batch.usedColumns[used])
                    let own = factors.start + column * paddedCount
                    let weightGradient = kernels.gradient(
                        batch.columnEntries.start + batch.columnStarts[used],
                        batch.columnStarts[used + 1] - batch.columnStarts[used],
                        errorStart, sums.start, own, paddedCount, gradient.start)
                    Self.move(
                        &weights.start[column], weightGradient, &weightMoments.0.start[column], &weightMoments.1.start[column],
                        learning.linear, step: step, learning)
                    for factor in 0..<factorCount {
                        let place = column * paddedCount + factor
                        Self.move(
                            &own[factor], gradient.start[factor], &factorMoments.0.start[place], &factorMoments.1.start[place],
                            learning.factors, step: step, learning)
                    }
                }
            }
        }
        return scores
    }

    /// One parameter's step.
    @inline(__always)
    private static func move(
        _ value: inout Float, _ gradient: Float, _ first: inout Float, _ second: inout Float, _ own: FactorizationRate, step: Float,
        _ learning: FactorizationLearning
    ) {
        var gradient = gradient + own.weightDecay * value
        if let limit = learning.gradientLimit { gradient = min(max(gradient, -limit), limit) }
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient * gradient
        value -= own.rate * step * first / (second.squareRoot() + learning.epsilon)
    }
}
