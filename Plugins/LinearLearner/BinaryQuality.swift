// SPDX-License-Identifier: Apache-2.0

import Compute
import Synchronization

/// How many rows of each class lie above a threshold.
struct ThresholdCounts: Equatable {
    var truePositives: Int
    var falsePositives: Int
    let positives: Int
    let negatives: Int

    var accuracy: Double {
        Double(truePositives + negatives - falsePositives) / Double(max(1, positives + negatives))
    }

    var precision: Double {
        truePositives + falsePositives == 0 ? 0 : Double(truePositives) / Double(truePositives + falsePositives)
    }

    var recall: Double { positives == 0 ? 0 : Double(truePositives) / Double(positives) }

    func fBeta(_ beta: Double) -> Double {
        let square = beta * beta
        let denominator =
            (1 + square) * Double(truePositives) + square * Double(positives - truePositives) + Double(falsePositives)
        return denominator == 0 ? 0 : (1 + square) * Double(truePositives) / denominator
    }

    /// The criterion's value, the larger the better; thresholds that miss a target lie below 0, the nearer the better.
    func value(by criterion: LearnerSettings.Criterion) -> Double {
        switch criterion {
        case .accuracy, .loss: return accuracy
        case .fBeta(let beta): return fBeta(beta)
        case .precisionAtRecall(let target): return recall >= target ? precision : recall - target - 1
        case .recallAtPrecision(let target): return precision >= target ? recall : precision - target - 1
        }
    }
}

/// A threshold on scores: rows above it are positive.
struct Threshold: Equatable {
    var score: Float
    var value: Double

    /// Whether this one is to be preferred: a better value, or as good a one nearer to zero.
    func isBetter(than other: Threshold?) -> Bool {
        guard let other else { return true }
        return value != other.value ? value > other.value : abs(score) < abs(other.score)
    }
}

/// The scores that one model gives to labelled rows.
struct BinaryScores {
    /// Pairs by falling score.
    private let sorted: [(score: Float, isPositive: Bool)]
    private let positives: Int

    init(scores: [Float], labels: [Float]) {
        sorted = zip(scores, labels).map { ($0, $1 > 0.5) }.sorted { $0.0 > $1.0 }
        positives = sorted.reduce(0) { $0 + ($1.isPositive ? 1 : 0) }
    }

    private var none: ThresholdCounts {
        ThresholdCounts(truePositives: 0, falsePositives: 0, positives: positives, negatives: sorted.count - positives)
    }

    func counts(above threshold: Float) -> ThresholdCounts {
        var counts = none
        for pair in sorted.prefix(while: { $0.score > threshold }) {
            if pair.isPositive { counts.truePositives += 1 } else { counts.falsePositives += 1 }
        }
        return counts
    }

    /// The best threshold between two neighbouring scores; 0 when the loss is the criterion.
    func threshold(by criterion: LearnerSettings.Criterion) -> Threshold {
        if case .loss = criterion { return Threshold(score: 0, value: counts(above: 0).accuracy) }
        var counts = none
        var best: Threshold?
        var index = 0
        while index <= sorted.count {
            // Thresholds in this gap split the rows alike: zero if it lies there, else the middle.
            let upper = index == 0 ? nil : sorted[index - 1].score
            let lower = index == sorted.count ? nil : sorted[index].score
            if upper != lower {
                let candidate = Threshold(score: Self.inside(lower, upper), value: counts.value(by: criterion))
                if candidate.isBetter(than: best) { best = candidate }
            }
            if index < sorted.count {
                if sorted[index].isPositive { counts.truePositives += 1 } else { counts.falsePositives += 1 }
            }
            index += 1
        }
        return best ?? Threshold(score: 0, value: 0)
    }

    private static func inside(_ lower: Float?, _ upper: Float?) -> Float {
        switch (lower, upper) {
        case (let lower?, let upper?):
            if lower <= 0, upper > 0 { return 0 }
            let middle = lower + (upper - lower) / 2
            return middle < upper ? middle : lower
        case (let lower?, nil): return max(0, lower + 1)
        case (nil, let upper?): return min(0, upper - 1)
        case (nil, nil): return 0
        }
    }

    /// The area under the ROC curve, by ranks (Mann and Whitney, 1947).
    ///
    /// Equal scores count half. Nil where a class is missing.
    var areaUnderCurve: Double? {
        let negatives = sorted.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        var concordant = 0.0
        var negativesAbove = 0
        var index = 0
        while index < sorted.count {
            var end = index
            var tiedPositives = 0
            while end < sorted.count, sorted[end].score == sorted[index].score {
                if sorted[end].isPositive { tiedPositives += 1 }
                end += 1
            }
            let tiedNegatives = end - index - tiedPositives
            concordant += Double(tiedPositives) * (Double(negatives - negativesAbove - tiedNegatives) + Double(tiedNegatives) / 2)
            negativesAbove += tiedNegatives
            index = end
        }
        return concordant / (Double(positives) * Double(negatives))
    }
}

/// Counts of scores of many models at once, fine enough to compare the models at their best thresholds.
final class ScoreHistograms: Sendable {
    private static let limit: Float = 16
    private static let binsPerUnit: Float = 64
    private static let binCount = 2048

    private let modelCount: Int
    /// [model][negative, positive][bin].
    private let counts: Mutex<[UInt32]>

    init(modelCount: Int) {
        self.modelCount = modelCount
        counts = Mutex([UInt32](repeating: 0, count: modelCount * 2 * Self.binCount))
    }

    /// Counts a run of rows; may be called from several threads.
    func add(scores: UnsafePointer<Float>, lanes: Int, labels: ArraySlice<Float>) {
        counts.withLock { counts in
            counts.withUnsafeMutableBufferPointer { counts in
                for (row, label) in labels.enumerated() {
                    let offset = label > 0.5 ? Self.binCount : 0
                    for model in 0..<modelCount {
                        let score = scores[row * lanes + model]
                        let place = (min(max(score, -Self.limit), Self.limit) + Self.limit) * Self.binsPerUnit
                        let bin = place.isNaN ? 0 : min(Int(place), Self.binCount - 1)
                        counts[model * 2 * Self.binCount + offset + bin] += 1
                    }
                }
            }
        }
    }

    /// Adds up all hosts' counts.
    func share(_ collectives: any Collectives) throws {
        guard collectives.count > 1 else { return }
        try counts.withLock { counts in
            counts = try collectives.sum(counts.map { Double($0) }).map { UInt32(min($0, Double(UInt32.max))) }
        }
    }

    /// The best threshold of a model among the bins' lower edges.
    func threshold(model: Int, by criterion: LearnerSettings.Criterion) -> Threshold {
        counts.withLock { counts in
            let negatives = counts[model * 2 * Self.binCount..<(model * 2 + 1) * Self.binCount]
            let positives = counts[(model * 2 + 1) * Self.binCount..<(model * 2 + 2) * Self.binCount]
            var found = ThresholdCounts(
                truePositives: 0, falsePositives: 0, positives: positives.reduce(0) { $0 + Int($1) },
                negatives: negatives.reduce(0) { $0 + Int($1) })
            var best: Threshold?
            for bin in (0..<Self.binCount).reversed() {
                found.truePositives += Int(positives[positives.startIndex + bin])
                found.falsePositives += Int(negatives[negatives.startIndex + bin])
                let candidate = Threshold(
                    score: Float(bin) / Self.binsPerUnit - Self.limit, value: found.value(by: criterion))
                if candidate.isBetter(than: best) { best = candidate }
            }
            return best ?? Threshold(score: 0, value: 0)
        }
    }
}
