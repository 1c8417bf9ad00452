// SPDX-License-Identifier: Apache-2.0

/// When a tree's nodes are split, and by what; the words are scikit-learn's.
public struct TreeSettings: Sendable {
    /// What a split makes smaller.
    public enum Criterion: Sendable {
        case gini
        case entropy
        /// The variance of a number.
        case squaredError
    }

    /// What a split makes smaller.
    public var criterion: Criterion
    /// No node lies deeper (the root has depth 0); nil for no limit.
    public var maximumDepth: Int?
    /// Where given, the node whose split gains most is split next until there are so many leaves.
    public var maximumLeafCount: Int?
    /// A node with fewer rows is a leaf.
    public var minimumSplitCount = 2
    /// Each side of a split has so many rows at least.
    public var minimumLeafCount = 1
    /// Each side of a split has this share of the whole weight at least.
    public var minimumLeafWeightFraction = 0.0
    /// A split gains this at least, weighted by the node's share of the whole weight.
    public var minimumImpurityDecrease = 0.0
    /// How many randomly drawn features are looked at for a split; nil for all.
    public var featureCount: Int?
    /// Decides which of equally good features is taken, and which features are drawn.
    public var seed: UInt64

    /// Grows to purity unless the properties are changed.
    public init(criterion: Criterion, seed: UInt64 = 0) {
        self.criterion = criterion
        self.seed = seed
    }
}

/// What a tree predicts.
public enum TreeTargets: Sendable {
    /// One class number a row, below `count`.
    case classes([UInt16], count: Int)
    /// One number a row.
    case values([Double])

    /// The number of rows.
    public var count: Int {
        switch self {
        case .classes(let labels, _): return labels.count
        case .values(let values): return values.count
        }
    }
}

/// A node; a leaf has no children.
public struct TreeNode: Sendable, Equatable {
    /// The feature that is looked at; -1 in a leaf.
    public var feature: Int32
    /// Rows with values up to it go left, the others right.
    public var threshold: Double
    /// The left child; -1 in a leaf.
    public var left: Int32
    /// The right child; -1 in a leaf.
    public var right: Int32
    /// The criterion's value.
    public var impurity: Double
    /// The number of training rows.
    public var rowCount: Int
    /// Their weight.
    public var weight: Double

    /// Makes one from its parts.
    public init(
        feature: Int32 = -1, threshold: Double = 0, left: Int32 = -1, right: Int32 = -1, impurity: Double, rowCount: Int,
        weight: Double
    ) {
        self.feature = feature
        self.threshold = threshold
        self.left = left
        self.right = right
        self.impurity = impurity
        self.rowCount = rowCount
        self.weight = weight
    }

    /// Whether it has no children.
    public var isLeaf: Bool { left < 0 }
}

/// A grown tree: its nodes, each before its children and the left child's tree before the right's, and what they predict.
public struct Tree: Sendable, Equatable {
    /// The nodes; the first is the root.
    public var nodes: [TreeNode]
    /// `valueCount` numbers a node: the share of each class, or the mean.
    public var values: [Double]
    /// The numbers of a node.
    public var valueCount: Int

    /// Makes one from its parts.
    public init(nodes: [TreeNode], values: [Double], valueCount: Int) {
        self.nodes = nodes
        self.values = values
        self.valueCount = valueCount
    }

    /// The number of leaves.
    public var leafCount: Int { nodes.reduce(0) { $0 + ($1.isLeaf ? 1 : 0) } }

    /// The greatest number of steps from the root to a leaf.
    public var depth: Int {
        var depths = [Int](repeating: 0, count: nodes.count)
        for (index, node) in nodes.enumerated() where !node.isLeaf {
            depths[Int(node.left)] = depths[index] + 1
            depths[Int(node.right)] = depths[index] + 1
        }
        return depths.max() ?? 0
    }

    /// The same tree with nodes in the order that ``nodes`` promises, without those that cannot be reached.
    public func inOrder() -> Tree {
        var ordered = Tree(nodes: [], values: [], valueCount: valueCount)
        var stack: [(node: Int, parent: Int?, isLeft: Bool)] = nodes.isEmpty ? [] : [(0, nil, false)]
        while let (index, parent, isLeft) = stack.popLast() {
            let place = Int32(ordered.nodes.count)
            if let parent {
                if isLeft { ordered.nodes[parent].left = place } else { ordered.nodes[parent].right = place }
            }
            let node = nodes[index]
            ordered.nodes.append(node)
            ordered.values.append(contentsOf: values[index * valueCount..<(index + 1) * valueCount])
            if !node.isLeaf {
                stack.append((Int(node.right), Int(place), false))
                stack.append((Int(node.left), Int(place), true))
            }
        }
        return ordered
    }

    /// How much each feature's splits made the impurity smaller, as shares of the whole; all zero where nothing was split.
    public func importances(featureCount: Int) -> [Double] {
        var gains = [Double](repeating: 0, count: featureCount)
        for node in nodes where !node.isLeaf && Int(node.feature) < featureCount {
            let (left, right) = (nodes[Int(node.left)], nodes[Int(node.right)])
            gains[Int(node.feature)] +=
                node.weight * node.impurity - left.weight * left.impurity - right.weight * right.impurity
        }
        let sum = gains.reduce(0, +)
        return sum > 0 ? gains.map { $0 / sum } : gains
    }

    /// The leaf of a dense row.
    public func leaf(of row: UnsafeBufferPointer<Float>) -> Int {
        var index = 0
        while !nodes[index].isLeaf {
            let node = nodes[index]
            index = Int(Double(row[Int(node.feature)]) <= node.threshold ? node.left : node.right)
        }
        return index
    }

    /// Cuts off the branches that gain least for their size, up to a gain of `alpha` a leaf: minimal cost-complexity pruning
    /// (Breiman, Friedman, Olshen, Stone: "Classification and regression trees", 1984, chapter 3).
    public func pruned(alpha: Double) -> Tree {
        guard alpha > 0, let root = nodes.first, root.weight > 0 else { return self }
        var pruned = self
        while true {
            // Of each node: the cost and the number of the leaves below it; children lie behind their parents.
            var costs = [Double](repeating: 0, count: nodes.count)
            var leaves = [Int](repeating: 0, count: nodes.count)
            var weakest: (node: Int, alpha: Double)?
            for index in pruned.nodes.indices.reversed() {
                let node = pruned.nodes[index]
                let own = node.weight * node.impurity / root.weight
                if node.isLeaf {
                    (costs[index], leaves[index]) = (own, 1)
                    continue
                }
                costs[index] = costs[Int(node.left)] + costs[Int(node.right)]
                leaves[index] = leaves[Int(node.left)] + leaves[Int(node.right)]
                let effective = (own - costs[index]) / Double(leaves[index] - 1)
                if weakest.map({ effective < $0.alpha }) ?? true { weakest = (index, effective) }
            }
            guard let weakest, weakest.alpha <= alpha else { return pruned }
            pruned.nodes[weakest.node].left = -1
            pruned.nodes[weakest.node].right = -1
            pruned.nodes[weakest.node].feature = -1
            pruned.nodes[weakest.node].threshold = 0
            pruned = pruned.inOrder()
        }
    }
}
