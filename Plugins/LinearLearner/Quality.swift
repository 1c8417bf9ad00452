// SPDX-License-Identifier: Apache-2.0

import Compute

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the final lines of a channel say about the chosen model.
enum Quality {
    /// Two classes, at the model's threshold.
    static func binary(scores: [Float], labels: [Float], threshold: Float, beta: Double) -> [LearnerLog.Quality] {
        let sorted = BinaryScores(scores: scores, labels: labels)
        let counts = sorted.counts(above: threshold)
        return [
            .score("binary_classification_accuracy", counts.accuracy),
            .score("binary_f_\(threeDecimals(beta))", counts.fBeta(beta)),
            .score("precision", counts.precision), .score("recall", counts.recall),
        ] + (sorted.areaUnderCurve.map { [.score("roc_auc_score", $0)] } ?? [])
    }

    /// Many classes, `classCount` scores a row of this host, over all hosts' rows.
    ///
    /// Means over classes leave out classes that have neither rows nor predictions.
    static func multiclass(
        scores: [Float], labels: [Float], classCount: Int, topK: Int, beta: Double, collectives: any Collectives
    ) throws -> [LearnerLog.Quality] {
        var hits = 0
        var topHits = 0
        var gain = 0.0
        var rows = [Int](repeating: 0, count: classCount)
        var predicted = rows
        var right = rows
        for (row, label) in labels.enumerated() {
            let label = Int(label)
            let own = scores[row * classCount..<(row + 1) * classCount]
            var rank = 1
            var top = own.startIndex
            for index in own.indices {
                if own[index] > own[top] { top = index }
                let place = index - own.startIndex
                let mine = own[own.startIndex + label]
                if own[index] > mine || (own[index] == mine && place < label) { rank += 1 }
            }
            rows[label] += 1
            predicted[top - own.startIndex] += 1
            if rank == 1 {
                hits += 1
                right[label] += 1
            }
            if rank <= topK { topHits += 1 }
            gain += 1 / log2(Double(rank + 1))
        }
        let sums = try collectives.sum(
            [Double(hits), Double(topHits), gain, Double(labels.count)] + (rows + predicted + right).map { Double($0) })
        let rowCount = Int(sums[3])
        func counted(_ part: Int) -> [Int] { sums[4 + part * classCount..<4 + (part + 1) * classCount].map { Int($0) } }
        (rows, predicted, right) = (counted(0), counted(1), counted(2))
        let count = Double(max(1, rowCount))
        let present = (0..<classCount).filter { rows[$0] + predicted[$0] > 0 }
        func mean(_ value: (Int) -> Double) -> Double {
            present.isEmpty ? 0 : present.reduce(0) { $0 + value($1) } / Double(present.count)
        }
        func counts(_ index: Int) -> ThresholdCounts {
            ThresholdCounts(
                truePositives: right[index], falsePositives: predicted[index] - right[index], positives: rows[index],
                negatives: rowCount - rows[index])
        }
        return [
            .score("multiclass_accuracy", sums[0] / count),
            .score("multiclass_top_k_accuracy_\(topK)", sums[1] / count), .score("dcg", sums[2] / count),
            .score("macro_recall", mean { counts($0).recall }), .score("macro_precision", mean { counts($0).precision }),
            .score("macro_f_\(threeDecimals(beta))", mean { counts($0).fBeta(beta) }),
        ]
    }

    /// Numbers: `scores` of this host's rows are in the labels' units; over all hosts' rows.
    static func regression(scores: [Float], labels: [Float], collectives: any Collectives) throws -> [LearnerLog.Quality] {
        var squares = 0.0
        var magnitudes = 0.0
        for (score, label) in zip(scores, labels) {
            let difference = Double(score) - Double(label)
            squares += difference * difference
            magnitudes += abs(difference)
        }
        let sums = try collectives.sum([squares, magnitudes, Double(labels.count)])
        let count = max(1, sums[2])
        return [.loss("mse", sums[0] / count), .loss("absolute_loss", sums[1] / count)]
    }

    /// As `%.3f` prints it.
    static func threeDecimals(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded(.toNearestOrEven))
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
