// SPDX-License-Identifier: Apache-2.0

import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the rows of a node add up to.
struct TreeTotals {
    /// Rows of each class; empty for numbers.
    var classRows: [UInt32] = []
    /// Weight of each class; empty for numbers and where all rows weigh the same.
    var classWeights: [Double] = []
    var weight = 0.0
    /// The sum of weight * target.
    var targetSum = 0.0
    var impurity = 0.0
}

/// The targets and weights of a training set, as the kernels take them.
final class TreeProblem: Sendable {
    let rowCount: Int
    let kind: TreeCriterion
    let classCount: Int
    /// The numbers of a node that the tree keeps.
    var valueCount: Int { max(1, classCount) }
    let weight: Double
    let labels: AlignedBuffer<UInt16>
    let targets: AlignedBuffer<Double>
    /// Nil where every row weighs 1.
    let weights: AlignedBuffer<Double>?
    /// c * log2(c) times `logarithmScale`, rounded: their sums are exact, so that equal partitions score alike.
    let logarithms: AlignedBuffer<Double>
    let logarithmScale: Double

    init(_ targets: TreeTargets, weights: [Double]?, criterion: TreeSettings.Criterion) {
        rowCount = targets.count
        let isWeighted = weights.map { $0.contains { $0 != 1 } } ?? false
        self.weights = isWeighted ? weights.map { AlignedBuffer($0) } : nil
        weight = isWeighted ? weights?.reduce(0, +) ?? 0 : Double(rowCount)
        var scale = 0.0
        var table: [Double] = []
        switch targets {
        case .values(let values):
            kind = TREE_VARIANCE
            classCount = 0
            labels = AlignedBuffer(count: 0)
            self.targets = AlignedBuffer(values)
        case .classes(let labels, let count):
            classCount = count
            self.labels = AlignedBuffer(labels)
            self.targets = AlignedBuffer(count: 0)
            if criterion == .entropy {
                kind = isWeighted ? TREE_WEIGHTED_ENTROPY : TREE_ENTROPY
            } else {
                kind = isWeighted ? TREE_WEIGHTED_GINI : TREE_GINI
            }
            if kind == TREE_ENTROPY {
                let largest = max(2, Double(rowCount) * log2(Double(max(2, rowCount))))
                scale = exp2((50 - log2(largest)).rounded(.down))
                table = (0...rowCount).map { $0 < 2 ? 0 : (Double($0) * log2(Double($0)) * scale).rounded() }
            }
        }
        logarithms = AlignedBuffer(table)
        logarithmScale = scale
    }

    /// Adds up some rows.
    func totals(of rows: UnsafeBufferPointer<UInt32>) -> TreeTotals {
        var totals = TreeTotals()
        guard let first = rows.baseAddress else { return totals }
        if kind == TREE_VARIANCE {
            var squares = 0.0
            for row in rows {
                let weight = weights?.start[Int(row)] ?? 1
                let target = targets.start[Int(row)]
                totals.weight += weight
                totals.targetSum += weight * target
                squares += weight * target * target
            }
            let mean = totals.targetSum / totals.weight
            totals.impurity = totals.weight > 0 ? max(0, squares / totals.weight - mean * mean) : 0
            return totals
        }
        totals.classRows = [UInt32](repeating: 0, count: classCount)
        if let weights {
            totals.classWeights = [Double](repeating: 0, count: classCount)
            for row in rows {
                let label = Int(labels.start[Int(row)])
                totals.classRows[label] += 1
                totals.classWeights[label] += weights.start[Int(row)]
            }
            totals.weight = totals.classWeights.reduce(0, +)
        } else {
            treeCountClasses(first, UInt32(rows.count), labels.start, &totals.classRows)
            totals.weight = Double(rows.count)
        }
        totals.impurity = impurity(of: totals)
        return totals
    }

    /// In the order of operations that scikit-learn has.
    private func impurity(of totals: TreeTotals) -> Double {
        guard totals.weight > 0 else { return 0 }
        let isEntropy = kind == TREE_ENTROPY || kind == TREE_WEIGHTED_ENTROPY
        var sum = 0.0
        for label in 0..<classCount {
            let value = totals.classWeights.isEmpty ? Double(totals.classRows[label]) : totals.classWeights[label]
            if !isEntropy {
                sum += value * value
            } else if value > 0 {
                let share = value / totals.weight
                sum -= share * (log(share) / log(2.0))
            }
        }
        return isEntropy ? sum : 1 - sum / (totals.weight * totals.weight)
    }

    /// By how much a split with that score makes the tree's impurity smaller.
    func improvement(score: Double, totals: TreeTotals) -> Double {
        switch kind {
        case TREE_VARIANCE: return (score - totals.targetSum * totals.targetSum / totals.weight) / weight
        case TREE_ENTROPY: return (totals.weight * totals.impurity + score / logarithmScale) / weight
        default: return (totals.weight * totals.impurity + score) / weight
        }
    }

    /// What the tree keeps of a node: shares of the classes, or the mean.
    func values(of totals: TreeTotals) -> [Double] {
        guard totals.weight > 0 else { return [Double](repeating: 0, count: valueCount) }
        if kind == TREE_VARIANCE { return [totals.targetSum / totals.weight] }
        return totals.classWeights.isEmpty
            ? totals.classRows.map { Double($0) / totals.weight } : totals.classWeights.map { $0 / totals.weight }
    }
}
