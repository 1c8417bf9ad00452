// SPDX-License-Identifier: Apache-2.0

import Compute
import Testing

@testable import LinearLearner

@Suite struct QualityTests {
    @Test func thresholdsSeparateWhatCanBeSeparated() {
        let scores = BinaryScores(scores: [3, 2, 1, -1, -2], labels: [1, 1, 0, 0, 0])
        let best = scores.threshold(by: .accuracy)
        #expect(best == Threshold(score: 1.5, value: 1))
        #expect(scores.areaUnderCurve == 1)
        #expect(scores.counts(above: 0) == ThresholdCounts(truePositives: 2, falsePositives: 1, positives: 2, negatives: 3))
        #expect(scores.threshold(by: .loss).score == 0)
    }

    @Test func targetsAreMetFirst() {
        let scores = BinaryScores(scores: [5, 4, 3, 2, 1], labels: [1, 0, 1, 0, 1])
        #expect(scores.counts(above: scores.threshold(by: .precisionAtRecall(0.6)).score).recall >= 0.6)
        let precise = scores.threshold(by: .recallAtPrecision(0.9))
        #expect(scores.counts(above: precise.score).precision == 1)
    }

    @Test func equalScoresAreNeverSplit() {
        let scores = BinaryScores(scores: [1, 1, 1, 1], labels: [1, 0, 0, 0])
        #expect(scores.threshold(by: .accuracy).value == 0.75)
        #expect(scores.areaUnderCurve == 0.5)
        #expect(BinaryScores(scores: [1, 2], labels: [1, 1]).areaUnderCurve == nil)
    }

    @Test func multiclassNumbersAreThoseDoneByHand() throws {
        let qualities = try Quality.multiclass(
            scores: [3, 1, 2, 1, 3, 2, 2, 3, 1, 0, 1, 5], labels: [0, 1, 0, 2], classCount: 3, topK: 2, beta: 1,
            collectives: SingleProcess())
        let values = Dictionary(uniqueKeysWithValues: qualities.map { ($0.name, $0.value) })
        #expect(values["multiclass_accuracy"] == 0.75)
        #expect(values["multiclass_top_k_accuracy_2"] == 1)
        #expect(abs((values["dcg"] ?? 0) - (3 + 0.6309297535714575) / 4) < 1e-12)
        #expect(abs((values["macro_recall"] ?? 0) - (0.5 + 1 + 1) / 3) < 1e-12)
        #expect(abs((values["macro_precision"] ?? 0) - (1 + 0.5 + 1) / 3) < 1e-12)
    }

    @Test func threeDecimalsAreAsPrintedByC() {
        #expect(Quality.threeDecimals(1) == "1.000")
        #expect(Quality.threeDecimals(0.5) == "0.500")
        #expect(Quality.threeDecimals(2.0625) == "2.062")
    }
}
