// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Compute

/// Rows of which a given share of values is zero, the others multiples of 1/255 so that codes represent them.
private func rows(_ count: Int, _ width: Int, zeros: Float, seed: UInt64) -> (values: [Float], labels: [Float]) {
    var random = Random(seed: seed)
    let values = (0..<count * width).map { _ in random.uniform() < zeros ? 0 : Float(1 + random.next() % 255) / 255 }
    let labels = (0..<count).map { values[$0 * width] + values[$0 * width + 1] > 0.3 ? Float(1) : 0 }
    return (values, labels)
}

private func settings(_ count: Int) -> [LinearModelSettings] {
    (0..<count).map { LinearModelSettings(learningRate: 0.01 * Float(1 + $0 % 3), weightDecay: 1e-4, l1: 1e-5) }
}

@Suite struct LinearModelsTests {
    private static let width = 150
    private let pool = ThreadPool(threadCount: 2)

    private func trained(
        _ features: FeatureMatrix, _ labels: [Float], modelCount: Int = 5, loss: LinearLoss = .logistic,
        standardized: Bool = true, pool: ThreadPool? = nil, batchSize: Int = 300, epochCount: Int = 3
    ) throws -> (models: LinearModels, batches: FeatureBatches, losses: [Double]) {
        let pool = pool ?? self.pool
        var random = Random(seed: 1)
        let order = random.permutation(features.rowCount)
        let standardization =
            standardized
            ? try Standardization.measured(features, rows: order[...], scales: true, centers: true, pool: pool)
            : .identity(columnCount: features.columnCount)
        let batches = FeatureBatches(
            features, labels: labels, order: order, batchSize: batchSize, standardization: standardization, pool: pool)
        let models = LinearModels(
            settings: settings(modelCount), loss: loss, columnCount: features.columnCount,
            optimizer: .adam(beta1: 0.9, beta2: 0.999), bias: BiasSettings(), initialWeight: { random.uniform() - 0.5 })
        var losses: [Double] = []
        for _ in 0..<epochCount {
            losses = try models.trainEpoch(
                batches, batchOrder: Array(0..<batches.batchCount), rate: { rate, _ in rate }, pool: pool)
        }
        return (models, batches, losses)
    }

    /// The three layouts are three ways to the same numbers.
    @Test func layoutsAgree() throws {
        let (values, labels) = rows(1000, Self.width, zeros: 0.8, seed: 2)
        let dense = try #require(Matrix(rowCount: 1000, columnCount: Self.width, values: values))
        var found: [String: [Double]] = [:]
        let coded = try trained(.dense(dense.compacted(with: pool)), labels)
        found[coded.batches.layout] = coded.losses
        let sparse = try trained(.dense(dense), labels)
        found[sparse.batches.layout] = sparse.losses
        // A column far from zero forbids folding and so forces the dense layout.
        let shifted = values.enumerated().map { $0.offset % Self.width == 9 ? $0.element + 1000 : $0.element }
        let matrix = try #require(Matrix(rowCount: 1000, columnCount: Self.width, values: shifted))
        let plain = try trained(.dense(matrix), labels)
        found[plain.batches.layout] = plain.losses
        #expect(Set(found.keys) == ["coded", "sparse", "dense"])
        for (first, second) in zip(found["coded", default: []], found["sparse", default: []]) {
            #expect(abs(first - second) < 1e-4)
        }
        for (first, second) in zip(found["coded", default: []], found["dense", default: []]) {
            #expect(abs(first - second) < 2e-3)
        }
    }

    @Test(arguments: [0.8, 0.1] as [Float], [1, 17, 32])
    func threadsDoNotChangeResults(zeros: Float, modelCount: Int) throws {
        let (values, labels) = rows(700, Self.width, zeros: zeros, seed: 3)
        let matrix = try #require(Matrix(rowCount: 700, columnCount: Self.width, values: values)).compacted(with: pool)
        var results: [[LinearCoefficients]] = []
        for threadCount in [1, 2, 4] {
            let run = try trained(.dense(matrix), labels, modelCount: modelCount, pool: ThreadPool(threadCount: threadCount))
            results.append(
                (0..<modelCount).map { run.models.coefficients(model: $0, standardization: run.batches.standardization) })
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    /// Coefficients for raw features give the scores that training saw.
    @Test func coefficientsScoreAsTheModelsDo() throws {
        let (values, labels) = rows(400, Self.width, zeros: 0.7, seed: 4)
        let matrix = try #require(Matrix(rowCount: 400, columnCount: Self.width, values: values)).compacted(with: pool)
        let labelsOfThree = labels.enumerated().map { $1 + Float($0 % 2) }
        let run = try trained(.dense(matrix), labelsOfThree, loss: .softmax(classCount: 3))
        let coefficients = run.models.coefficients(model: 3, standardization: run.batches.standardization)
        let scorer = try #require(LinearScorer(coefficients, columnCount: Self.width))
        let expected = scorer.scores(dense: values, rowCount: 400)
        let order = {
            var random = Random(seed: 1); return random.permutation(400)
        }()
        let worst = Mutex<Float>(0)
        _ = run.models.evaluate(run.batches, pool: pool) { rows, scores, planeStride, lanes in
            for (index, position) in rows.enumerated() {
                for k in 0..<3 {
                    let score = scores[k * planeStride + index * lanes + 3]
                    let difference = abs(score - expected[Int(order[position]) * 3 + k])
                    worst.withLock { $0 = max($0, difference) }
                }
            }
        }
        #expect(worst.withLock { $0 } < 1e-3)
    }

    @Test func sparseScoresAreDenseScores() throws {
        let values: [Float] = [0, 2, 0, 1, 0, 0, 0, 0, 3]
        let coefficients = LinearCoefficients(weights: [1, 2, 3, -1, 0, 1], biases: [0.5, -0.5])
        let scorer = try #require(LinearScorer(coefficients, columnCount: 3))
        let sparse = try #require(SparseMatrix(columnCount: 3, rowStarts: [0, 1, 2, 3], columns: [1, 0, 2], values: [2, 1, 3]))
        #expect(scorer.scores(dense: values, rowCount: 3) == [4.5, -0.5, 1.5, -1.5, 9.5, 2.5])
        #expect(scorer.scores(sparse: sparse) == scorer.scores(dense: values, rowCount: 3))
        #expect(LinearScorer(coefficients, columnCount: 4) == nil)
    }

    @Test func snapshotsBringModelsBack() throws {
        let (values, labels) = rows(300, Self.width, zeros: 0.8, seed: 5)
        let matrix = try #require(Matrix(rowCount: 300, columnCount: Self.width, values: values))
        let run = try trained(.dense(matrix), labels)
        let snapshot = run.models.snapshot()
        let before = run.models.evaluate(run.batches, pool: pool)
        _ = try run.models.trainEpoch(run.batches, batchOrder: [0], rate: { rate, _ in rate }, pool: pool)
        #expect(run.models.evaluate(run.batches, pool: pool) != before)
        run.models.restore(snapshot)
        #expect(run.models.evaluate(run.batches, pool: pool) == before)
    }

    /// Two hosts with half of every batch each train the same models as one host with all of it.
    @Test func shardsEqualTheWhole() async throws {
        let (values, labels) = rows(800, 20, zeros: 0.2, seed: 6)
        let whole = try trained(
            .dense(#require(Matrix(rowCount: 800, columnCount: 20, values: values))), labels, standardized: false, batchSize: 800)
        let meeting = Meeting(count: 2)
        let shards = try await withThrowingTaskGroup(of: (Int, [LinearCoefficients]).self) { group in
            for rank in 0..<2 {
                group.addTask {
                    let own = (0..<400).map { 2 * $0 + rank }
                    let matrix = Matrix(
                        rowCount: 400, columnCount: 20, values: own.flatMap { values[$0 * 20..<($0 + 1) * 20] })
                    let batches = FeatureBatches(
                        .dense(try #require(matrix)), labels: own.map { labels[$0] }, order: Array(0..<400), batchSize: 400,
                        standardization: .identity(columnCount: 20), pool: ThreadPool(threadCount: 1))
                    var random = Random(seed: 1)
                    _ = random.permutation(800)
                    let models = LinearModels(
                        settings: settings(5), loss: .logistic, columnCount: 20, optimizer: .adam(beta1: 0.9, beta2: 0.999),
                        bias: BiasSettings(), initialWeight: { random.uniform() - 0.5 })
                    for _ in 0..<3 {
                        _ = try models.trainEpoch(
                            batches, batchOrder: [0], rate: { rate, _ in rate }, pool: ThreadPool(threadCount: 1),
                            collectives: Host(rank: rank, meeting: meeting))
                    }
                    return (rank, (0..<5).map { models.coefficients(model: $0, standardization: batches.standardization) })
                }
            }
            return try await group.reduce(into: [[LinearCoefficients]](repeating: [], count: 2)) { $0[$1.0] = $1.1 }
        }
        #expect(shards[0] == shards[1])
        for model in 0..<5 {
            let expected = whole.models.coefficients(model: model, standardization: whole.batches.standardization)
            for (first, second) in zip(expected.weights, shards[0][model].weights) { #expect(abs(first - second) < 1e-3) }
        }
    }
}

/// Hosts of one process that meet at every sum.
private final class Meeting: Sendable {
    let count: Int
    private let state = Mutex<(sums: [Double], arrived: Int, left: Int)>(([], 0, 0))

    init(count: Int) { self.count = count }

    func sum(_ values: [Double]) -> [Double] {
        while true {
            let joined = state.withLock { state in
                guard state.left == 0 else { return false }
                state.sums = state.arrived == 0 ? values : zip(state.sums, values).map(+)
                state.arrived += 1
                if state.arrived == count { state.left = count }
                return true
            }
            if joined { break }
        }
        while true {
            let result: [Double]? = state.withLock { state in
                guard state.left > 0 else { return nil }
                state.left -= 1
                if state.left == 0 { state.arrived = 0 }
                return state.sums
            }
            if let result { return result }
        }
    }
}

private struct Host: Collectives {
    let rank: Int
    let meeting: Meeting
    var count: Int { meeting.count }

    func allReduce(_ values: UnsafeMutableBufferPointer<Float>) {
        for (index, sum) in meeting.sum(values.map { Double($0) }).enumerated() { values[index] = Float(sum) }
    }
    func allReduce(_ values: UnsafeMutableBufferPointer<Double>) {
        for (index, sum) in meeting.sum(Array(values)).enumerated() { values[index] = sum }
    }
    func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) {
        for (index, sum) in meeting.sum(values.map { rank == root ? Double($0) : 0 }).enumerated() { values[index] = Float(sum) }
    }
    func allGather(_ values: [Double]) -> [[Double]] {
        (0..<count).map { host in meeting.sum(rank == host ? values : values.map { _ in 0 }) }
    }
    func barrier() { _ = meeting.sum([]) }
}
