// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Grows one decision tree: exact CART (Breiman, Friedman, Olshen, Stone: "Classification and regression trees", 1984) with the rules of
/// scikit-learn's `DecisionTreeClassifier` and `DecisionTreeRegressor`.
///
/// Columns are sorted once, zeros left out, and partitioned as nodes split. Large nodes are searched column by column on all threads;
/// smaller ones are handed out with all that grows below them. The tree does not depend on the number of threads.
public final class TreeGrower: Sendable {
    /// A node that is not split yet.
    struct Node {
        var rows: Range<Int>
        var segments: [TreeSegment]
        var depth: Int
        /// Names the node by its path, whatever the order in which nodes are grown.
        var identity: UInt64
        var totals: TreeTotals
        /// Whether it stays a leaf whatever its columns hold.
        var isLeaf: Bool

        var entryCount: Int { segments.reduce(0) { $0 + Int($1.count) } }
    }

    /// The best split of a node.
    struct Split {
        var segment: Int
        var threshold: Double
        var score: Double
        var improvement: Double
        /// Whether the node's rows differ in the column of each segment; columns that were not looked at may.
        var varies: [Bool]
    }

    /// Memory that one thread at a time works with.
    final class Workspace: @unchecked Sendable {
        let bits: AlignedBuffer<UInt32>
        let rows: AlignedBuffer<UInt32>
        let entries: AlignedBuffer<TreeEntry>
        let classRows: AlignedBuffer<UInt32>
        let classWeights: AlignedBuffer<Double>

        init(totalRowCount: Int, rowCount: Int, entryCount: Int, classCount: Int) {
            bits = AlignedBuffer(count: totalRowCount / 32 + 1)
            rows = AlignedBuffer(count: rowCount + 1, zeroed: false)
            entries = AlignedBuffer(count: 2 * (entryCount + TREE_SLACK), zeroed: false)
            classRows = AlignedBuffer(count: 2 * classCount)
            classWeights = AlignedBuffer(count: classCount)
        }
    }

    let settings: TreeSettings
    let problem: TreeProblem
    let columnCount: Int
    let pool: ThreadPool
    private let columns: TreeColumns
    private let rows: AlignedBuffer<UInt32>
    private let kernels = KernelTable.tree
    private let minimumRowCount: UInt32
    private let minimumWeight: Double

    /// Sorts the columns of `features`; nil unless each row has a target and a weight (nil: all weigh 1), or where there is no row.
    public init?(
        _ features: FeatureMatrix, targets: TreeTargets, weights: [Double]? = nil, settings: TreeSettings, pool: ThreadPool
    ) {
        let rowCount = features.rowCount
        guard rowCount > 0, rowCount <= Int(Int32.max), targets.count == rowCount, (weights?.count ?? rowCount) == rowCount else {
            return nil
        }
        if case .classes(let labels, let count) = targets {
            guard labels.allSatisfy({ Int($0) < count }) else { return nil }
        }
        self.settings = settings
        self.pool = pool
        columnCount = features.columnCount
        problem = TreeProblem(targets, weights: weights, criterion: settings.criterion)
        columns = TreeColumns(features, pool: pool)
        rows = AlignedBuffer((0..<UInt32(rowCount)).map { $0 })
        minimumWeight = settings.minimumLeafWeightFraction * problem.weight
        let leastByWeight = problem.weights == nil ? min(minimumWeight.rounded(.up), Double(rowCount)) : 0
        minimumRowCount = UInt32(clamping: max(settings.minimumLeafCount, Int(leastByWeight)))
    }

    /// Grows the tree; may be called once.
    public func grow() -> Tree {
        let root = node(rows: 0..<rows.count, segments: columns.segments, depth: 0, identity: settings.seed)
        let tree = settings.maximumLeafCount.map { growBestFirst(root, leafCount: $0) } ?? growDepthFirst(root)
        return tree.inOrder()
    }

    /// Memory for work on nodes of so many rows and columns of so many entries.
    func workspace(for node: Node) -> Workspace {
        Workspace(
            totalRowCount: problem.rowCount, rowCount: node.rows.count,
            entryCount: Int(node.segments.reduce(0) { max($0, $1.count) }), classCount: problem.classCount)
    }

    private func node(rows range: Range<Int>, segments: [TreeSegment], depth: Int, identity: UInt64) -> Node {
        let totals = problem.totals(of: UnsafeBufferPointer(start: rows.start + range.lowerBound, count: range.count))
        let isLeaf =
            depth >= settings.maximumDepth ?? Int.max || range.count < settings.minimumSplitCount
            || range.count < 2 * settings.minimumLeafCount || totals.weight < 2 * minimumWeight
            || totals.impurity <= Double.ulpOfOne
        return Node(rows: range, segments: segments, depth: depth, identity: identity, totals: totals, isLeaf: isLeaf)
    }

    func record(_ node: Node) -> TreeNode {
        TreeNode(impurity: node.totals.impurity, rowCount: node.rows.count, weight: node.totals.weight)
    }

    // MARK: Search

    /// The best split, nil where there is none that the settings allow; `workspaces` share the columns out among threads.
    func search(_ node: Node, _ workspaces: [Workspace]) -> Split? {
        if node.isLeaf || node.segments.isEmpty { return nil }
        var varies = [Bool](repeating: true, count: node.segments.count)
        var best: (segment: Int, split: TreeSplit)?
        if let featureCount = settings.featureCount, featureCount < columnCount {
            best = searchDrawn(node, featureCount: featureCount, workspaces[0], &varies)
        } else {
            let shareCount = min(workspaces.count, node.segments.count)
            let found = ResultSlots<(segment: Int, split: TreeSplit)>(count: shareCount)
            varies.withUnsafeMutableBufferPointer { varies in
                let flags = UncheckedSendable(varies)
                pool.parallelFor(shareCount) { share in
                    let range = node.segments.count * share / shareCount..<node.segments.count * (share + 1) / shareCount
                    found[share] = search(node, range, workspaces[share], flags.value)
                }
            }
            for candidate in found.values where isBetter(candidate, than: best, in: node) { best = candidate }
        }
        guard let best else { return nil }
        let improvement = problem.improvement(score: best.split.score, totals: node.totals)
        guard improvement + Double.ulpOfOne >= settings.minimumImpurityDecrease else { return nil }
        let threshold = Double(best.split.lower) / 2 + Double(best.split.upper) / 2
        return Split(
            segment: best.segment, threshold: threshold, score: best.split.score, improvement: improvement, varies: varies)
    }

    private func search(
        _ node: Node, _ range: Range<Int>, _ workspace: Workspace, _ varies: UnsafeMutableBufferPointer<Bool>
    ) -> (segment: Int, split: TreeSplit)? {
        var best: (segment: Int, split: TreeSplit)?
        withTotals(node, workspace) { totals in
            for index in range {
                let segment = node.segments[index]
                let split = kernels.search(totals, segment.entries, segment.negativeCount, segment.count)
                varies[index] = split.varies
                if split.score > -.infinity, isBetter((index, split), than: best, in: node) { best = (index, split) }
            }
        }
        return best
    }

    /// Looks at features in random order until there are `featureCount` and one of them varies.
    private func searchDrawn(
        _ node: Node, featureCount: Int, _ workspace: Workspace, _ varies: inout [Bool]
    ) -> (segment: Int, split: TreeSplit)? {
        var random = Random(seed: settings.seed, stream: node.identity)
        var order = (0..<Int32(columnCount)).map { $0 }
        var best: (segment: Int, split: TreeSplit)?
        var foundVarying = false
        withTotals(node, workspace) { totals in
            for drawn in 0..<columnCount where drawn < featureCount || !foundVarying {
                order.swapAt(drawn, drawn + Int(random.next() % UInt64(columnCount - drawn)))
                guard let index = Self.index(ofColumn: order[drawn], in: node.segments) else { continue }
                let segment = node.segments[index]
                let split = kernels.search(totals, segment.entries, segment.negativeCount, segment.count)
                varies[index] = split.varies
                foundVarying = foundVarying || split.varies
                if split.score > -.infinity, split.score > best?.split.score ?? -.infinity { best = (index, split) }
            }
        }
        return best
    }

    /// Segments are in the order of their columns.
    private static func index(ofColumn column: Int32, in segments: [TreeSegment]) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].column < column { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].column == column ? low : nil
    }

    private func isBetter(
        _ candidate: (segment: Int, split: TreeSplit), than best: (segment: Int, split: TreeSplit)?, in node: Node
    ) -> Bool {
        guard let best else { return true }
        if candidate.split.score != best.split.score { return candidate.split.score > best.split.score }
        func rank(_ segment: Int) -> UInt64 { Self.mixed(node.identity ^ UInt64(UInt32(node.segments[segment].column)) << 20) }
        return rank(candidate.segment) < rank(best.segment)
    }

    /// Spreads a number's bits over all others (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    private static func mixed(_ number: UInt64) -> UInt64 {
        var z = number &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    private func withTotals(_ node: Node, _ workspace: Workspace, _ body: (UnsafePointer<TreeNodeTotals>) -> Void) {
        node.totals.classRows.withUnsafeBufferPointer { classRows in
            node.totals.classWeights.withUnsafeBufferPointer { classWeights in
                var totals = TreeNodeTotals()
                totals.criterion = problem.kind
                totals.classes = UInt32(problem.classCount)
                totals.rows = UInt32(node.rows.count)
                totals.minimumRows = minimumRowCount
                totals.minimumWeight = problem.weights == nil ? 0 : minimumWeight
                totals.labels = UnsafePointer(problem.labels.start)
                totals.classRows = classRows.baseAddress
                totals.logarithms = UnsafePointer(problem.logarithms.start)
                totals.weights = problem.weights.map { UnsafePointer($0.start) }
                totals.classWeights = classWeights.baseAddress
                totals.targets = UnsafePointer(problem.targets.start)
                totals.weight = node.totals.weight
                totals.targetSum = node.totals.targetSum
                totals.scratchRows = workspace.classRows.start
                totals.scratchWeights = workspace.classWeights.start
                body(&totals)
            }
        }
    }

    // MARK: Partition

    /// The two children of a node; the columns of those that are leaves are left as they are.
    func divide(_ node: Node, by split: Split, _ workspaces: [Workspace]) -> (left: Node, right: Node) {
        let bits = workspaces[0].bits.start
        let first = rows.start + node.rows.lowerBound
        let chosen = node.segments[split.segment]
        treeMark(first, UInt32(node.rows.count), chosen.entries, chosen.count, split.threshold, bits)
        let spare = workspaces[0].rows.start
        let leftCount = Int(treePartitionRows(first, UInt32(node.rows.count), bits, first, spare))
        (first + leftCount).update(from: spare, count: node.rows.count - leftCount)
        let middle = node.rows.lowerBound + leftCount
        func child(_ rows: Range<Int>, _ side: UInt64) -> Node {
            self.node(rows: rows, segments: [], depth: node.depth + 1, identity: Self.mixed(node.identity &+ side))
        }
        var left = child(node.rows.lowerBound..<middle, 1)
        var right = child(middle..<node.rows.upperBound, 2)
        if left.isLeaf, right.isLeaf { return (left, right) }

        let varying = node.segments.indices.filter { split.varies[$0] }
        let keeps = (left: !left.isLeaf, right: !right.isLeaf)
        let shareCount = min(workspaces.count, varying.count)
        let parts = ResultSlots<([TreeSegment], [TreeSegment])>(count: shareCount)
        let marks = UncheckedSendable(bits)
        pool.parallelFor(shareCount) { share in
            var sides: (left: [TreeSegment], right: [TreeSegment]) = ([], [])
            let range = varying.count * share / shareCount..<varying.count * (share + 1) / shareCount
            sides.left.reserveCapacity(range.count)
            sides.right.reserveCapacity(range.count)
            for index in range {
                let halves = partition(node.segments[varying[index]], marks.value, keeps, workspaces[share].entries)
                if keeps.left, halves.left.count > 0 { sides.left.append(halves.left) }
                if keeps.right, halves.right.count > 0 { sides.right.append(halves.right) }
            }
            parts[share] = sides
        }
        left.segments = parts.values.flatMap(\.0)
        right.segments = parts.values.flatMap(\.1)
        return (left, right)
    }

    /// Brings the entries of both sides together, the left ones first; where only one side is kept, it comes first.
    private func partition(
        _ segment: TreeSegment, _ bits: UnsafePointer<UInt32>, _ keeps: (left: Bool, right: Bool), _ spare: AlignedBuffer<TreeEntry>
    ) -> (left: TreeSegment, right: TreeSegment) {
        let dropped = spare.start + spare.count / 2
        let left = keeps.left ? segment.entries : dropped
        let right = keeps.left ? spare.start : segment.entries
        let (negatives, positives) = (segment.negativeCount, segment.count - segment.negativeCount)
        let leftNegatives = negatives == 0 ? 0 : kernels.partition(segment.entries, negatives, bits, left, right)
        let rightNegatives = negatives - leftNegatives
        let leftPositives = kernels.partition(
            segment.entries + Int(negatives), positives, bits, left + Int(leftNegatives), right + Int(rightNegatives))
        let leftCount = leftNegatives + leftPositives
        let rightCount = segment.count - leftCount
        if keeps.left, keeps.right { (segment.entries + Int(leftCount)).update(from: right, count: Int(rightCount)) }
        return (
            TreeSegment(column: segment.column, negativeCount: leftNegatives, count: leftCount, entries: segment.entries),
            TreeSegment(
                column: segment.column, negativeCount: rightNegatives, count: rightCount,
                entries: segment.entries + (keeps.left ? Int(leftCount) : 0))
        )
    }
}
