// SPDX-License-Identifier: Apache-2.0

import CKernels

extension KernelVersion {
    /// The decision tree's kernels of this version.
    var tree: TreeKernelSet { treeKernels(set.pointee.name).pointee }
}

extension KernelTable {
    /// The decision tree's kernels of the fastest version.
    static let tree = treeKernels(best.name).pointee
}

extension KernelRow {
    /// The decision tree's kernels.
    static let treeRows: [KernelRow] = [
        .treeSearch(TREE_GINI, "gini"), .treeSearch(TREE_ENTROPY, "entropy"), .treeSearch(TREE_WEIGHTED_GINI, "weighted gini"),
        .treeSearch(TREE_WEIGHTED_ENTROPY, "weighted entropy"), .treeSearch(TREE_VARIANCE, "variance"), .treePartition,
    ]

    private static let rows = 4000
    private static let classes = 10

    /// The split search of a column whose values repeat, a tenth of them negative and a third zero.
    static func treeSearch(_ criterion: TreeCriterion, _ name: String) -> KernelRow {
        KernelRow(name: "tree split search, \(name)", operationCount: 0, byteCount: 10 * rows * 2 / 3, tolerance: 1e-12) { seed in
            var random = Random(seed: seed)
            let labels = (0..<rows).map { _ in UInt16(random.next() % UInt64(classes)) }
            let targets = (0..<rows).map { _ in Double(random.normal()) }
            let weights = (0..<rows).map { _ in Double(1 + random.uniform()) }
            let isWeighted = criterion != TREE_GINI && criterion != TREE_ENTROPY
            let settings: TreeSettings.Criterion =
                criterion == TREE_ENTROPY || criterion == TREE_WEIGHTED_ENTROPY ? .entropy : .gini
            let problem = TreeProblem(
                criterion == TREE_VARIANCE ? .values(targets) : .classes(labels, count: classes),
                weights: isWeighted ? weights : nil,
                criterion: settings)
            let order = AlignedBuffer((0..<UInt32(rows)).map { $0 })
            let sums = problem.totals(of: UnsafeBufferPointer(order.elements))
            let entries = columnEntries(&random)
            return { version in
                var sums = sums
                var scratchRows = [UInt32](repeating: 0, count: 2 * classes)
                var scratchWeights = [Double](repeating: 0, count: classes)
                let negatives = entries.prefix { $0.value < 0 }.count
                var totals = TreeNodeTotals()
                totals.criterion = criterion
                totals.classes = UInt32(problem.classCount)
                totals.rows = UInt32(rows)
                totals.minimumRows = 3
                totals.weight = sums.weight
                totals.targetSum = sums.targetSum
                totals.labels = UnsafePointer(problem.labels.start)
                totals.logarithms = UnsafePointer(problem.logarithms.start)
                totals.targets = UnsafePointer(problem.targets.start)
                totals.weights = problem.weights.map { UnsafePointer($0.start) }
                let split = sums.classRows.withUnsafeMutableBufferPointer { classRows in
                    sums.classWeights.withUnsafeMutableBufferPointer { classWeights in
                        scratchRows.withUnsafeMutableBufferPointer { scratchRows in
                            scratchWeights.withUnsafeMutableBufferPointer { scratchWeights in
                                totals.classRows = UnsafePointer(classRows.baseAddress)
                                totals.classWeights = UnsafePointer(classWeights.baseAddress)
                                totals.scratchRows = scratchRows.baseAddress
                                totals.scratchWeights = scratchWeights.baseAddress
                                return version.tree.search(&totals, entries, UInt32(negatives), UInt32(entries.count))
                            }
                        }
                    }
                }
                return [Float(split.score), split.lower, split.upper, split.varies ? 1 : 0]
            }
        }
    }

    /// A column's entries parted by a bit for each row.
    static let treePartition = KernelRow(name: "tree partition", operationCount: 0, byteCount: 16 * rows, tolerance: 0) { seed in
        var random = Random(seed: seed)
        let entries = columnEntries(&random)
        let bits = (0...rows / 32).map { _ in UInt32(truncatingIfNeeded: random.next()) }
        return { version in
            let slack = [TreeEntry](repeating: TreeEntry(row: 0, value: 0), count: TREE_SLACK)
            var inPlace = entries
            var right = entries + slack
            let count = inPlace.withUnsafeMutableBufferPointer { inPlace in
                guard let start = inPlace.baseAddress else { return 0 }
                return Int(version.tree.partition(start, UInt32(entries.count), bits, start, &right))
            }
            let parted = inPlace.prefix(count) + right.prefix(entries.count - count)
            return [Float(count)] + parted.flatMap { [Float($0.row), $0.value] }
        }
    }

    private static func columnEntries(_ random: inout Random) -> [TreeEntry] {
        var entries: [TreeEntry] = []
        for row in 0..<rows {
            let draw = random.uniform()
            if draw < 0.33 { continue }
            let value = Float(1 + random.next() % 200) / 255
            entries.append(TreeEntry(row: UInt32(row), value: draw < 0.43 ? -value : value))
        }
        return entries.sorted { ($0.value, $0.row) < ($1.value, $1.row) }
    }
}
