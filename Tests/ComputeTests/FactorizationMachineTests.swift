// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct FactorizationMachineTests {
    private static let width = 7

    private func random(_ count: Int, _ seed: UInt64) -> [Float] {
        var random = Random(seed: seed)
        return (0..<count).map { _ in random.normal() }
    }

    private func coefficients(_ factorCount: Int, seed: UInt64 = 1) -> FactorizationCoefficients {
        FactorizationCoefficients(
            bias: 0.3, weights: random(Self.width, seed), factors: random(Self.width * factorCount, seed + 1).map { 0.3 * $0 },
            factorCount: factorCount)
    }

    private func batches(_ count: Int, size: Int, label: ([Float]) -> Float) throws -> [FactorBatch] {
        // A third of the numbers are zero.
        let values = random(count * Self.width, 9).map { abs($0) < 0.43 ? 0 : $0 }
        let labels = (0..<count).map { label(Array(values[$0 * Self.width..<($0 + 1) * Self.width])) }
        let matrix = try #require(Matrix(rowCount: count, columnCount: Self.width, values: values))
        return FactorBatch.batches(.dense(matrix), order: (0..<UInt32(count)).map { $0 }, labels: labels, batchSize: size)
    }

    /// Every pair of features, one after another.
    private func plainScore(_ row: [Float], _ model: FactorizationCoefficients) -> Float {
        var score = model.bias
        for i in row.indices {
            score += model.weights[i] * row[i]
            for j in i + 1..<row.count {
                for f in 0..<model.factorCount {
                    score += model.factors[i * model.factorCount + f] * model.factors[j * model.factorCount + f] * row[i] * row[j]
                }
            }
        }
        return score
    }

    @Test(arguments: [1, 5, 16, 20]) func scoresAreSumsOverPairs(factorCount: Int) throws {
        let model = coefficients(factorCount)
        let batch = try batches(10, size: 10) { plainScore($0, model) }
        let machine = try #require(FactorizationMachine(model, loss: .squared, pool: ThreadPool(threadCount: 2)))
        for (found, expected) in zip(machine.scores(batch[0]), batch[0].labels) { #expect(abs(found - expected) < 1e-4) }
        #expect(machine.coefficients == model)
    }

    /// A first step of Adam goes as far as the rate, against the gradient's sign.
    @Test func aStepGoesDownhill() throws {
        let model = coefficients(3)
        let machine = try #require(FactorizationMachine(model, loss: .logistic, pool: ThreadPool(threadCount: 1)))
        let batch = try batches(40, size: 40) { $0[0] * $0[1] > 0 ? 1 : 0 }
        let rate = FactorizationRate(rate: 1e-3, weightDecay: 0)
        let before = machine.meanLoss(machine.scores(batch[0]), labels: batch[0].labels)
        _ = machine.learn(batch[0], with: FactorizationLearning(bias: rate, linear: rate, factors: rate))
        #expect(machine.meanLoss(machine.scores(batch[0]), labels: batch[0].labels) < before)
        func loss(_ change: (inout FactorizationCoefficients) -> Void) throws -> Double {
            var changed = model
            change(&changed)
            let machine = try #require(FactorizationMachine(changed, loss: .logistic, pool: ThreadPool(threadCount: 1)))
            return machine.meanLoss(machine.scores(batch[0]), labels: batch[0].labels)
        }
        for place in model.factors.indices {
            let slope = try loss { $0.factors[place] += 1e-2 } - loss { $0.factors[place] -= 1e-2 }
            let step = machine.coefficients.factors[place] - model.factors[place]
            if abs(slope) > 1e-5 { #expect(abs(step + (slope > 0 ? 1e-3 : -1e-3)) < 2e-5) }
        }
    }

    @Test func learnsProductsOfFeaturesOnAnyNumberOfThreads() throws {
        var models: [FactorizationCoefficients] = []
        for threadCount in [1, 3] {
            let machine = try #require(
                FactorizationMachine(coefficients(4, seed: 3), loss: .squared, pool: ThreadPool(threadCount: threadCount)))
            let data = try batches(600, size: 50) { 2 * $0[0] * $0[3] - $0[1] * $0[2] + $0[5] }
            let rate = FactorizationRate(rate: 0.02, weightDecay: 0)
            let learning = FactorizationLearning(bias: rate, linear: rate, factors: rate)
            for _ in 0..<40 { for batch in data { _ = machine.learn(batch, with: learning) } }
            let loss = data.reduce(0.0) { $0 + machine.meanLoss(machine.scores($1), labels: $1.labels) } / Double(data.count)
            #expect(loss < 0.05)
            models.append(machine.coefficients)
        }
        #expect(models[0] == models[1])
    }
}
