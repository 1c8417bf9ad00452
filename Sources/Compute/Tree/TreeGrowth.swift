// SPDX-License-Identifier: Apache-2.0

extension TreeGrower {
    /// Smaller nodes are not worth sharing out column by column.
    private static let sharedEntryCount = 1 << 17

    /// A node that waits, and where it is to be hung up.
    private struct Pending {
        var node: Node
        var parent: Int?
        var isLeft: Bool
    }

    /// Splits every node that the settings let be split.
    func growDepthFirst(_ root: Node) -> Tree {
        let total = root.entryCount
        // So many pieces that no thread waits long for the last.
        let limit = pool.threadCount == 1 ? Int.max : max(Self.sharedEntryCount, total / (8 * pool.threadCount))
        let shared = (0..<(pool.threadCount == 1 ? 1 : 4 * pool.threadCount)).map { _ in workspace(for: root) }
        var tree = Tree(nodes: [], values: [], valueCount: problem.valueCount)
        var deferred: [Pending] = []
        grow(Pending(node: root, parent: nil, isLeft: false), into: &tree, shared) { pending in
            guard pending.node.depth > 0, limit < Int.max, pending.node.entryCount < limit else { return false }
            deferred.append(pending)
            return true
        }
        deferred.sort { ($0.node.entryCount, $1.node.rows.lowerBound) > ($1.node.entryCount, $0.node.rows.lowerBound) }
        let branches = ResultSlots<Tree>(count: deferred.count)
        let waiting = deferred
        pool.parallelFor(waiting.count) { index in
            var branch = Tree(nodes: [], values: [], valueCount: problem.valueCount)
            let start = Pending(node: waiting[index].node, parent: nil, isLeft: false)
            grow(start, into: &branch, [workspace(for: start.node)]) { _ in false }
            branches[index] = branch
        }
        for (pending, branch) in zip(deferred, branches.values) { Self.attach(branch, to: &tree, at: pending) }
        return tree
    }

    private static func attach(_ branch: Tree, to tree: inout Tree, at pending: Pending) {
        let offset = Int32(tree.nodes.count)
        hang(Int(offset), at: pending, in: &tree)
        for var node in branch.nodes {
            if !node.isLeaf {
                node.left += offset
                node.right += offset
            }
            tree.nodes.append(node)
        }
        tree.values += branch.values
    }

    private static func hang(_ index: Int, at pending: Pending, in tree: inout Tree) {
        guard let parent = pending.parent else { return }
        if pending.isLeft { tree.nodes[parent].left = Int32(index) } else { tree.nodes[parent].right = Int32(index) }
    }

    /// Grows what is below a node; nodes that `isDeferred` takes are left out.
    private func grow(_ start: Pending, into tree: inout Tree, _ workspaces: [Workspace], isDeferred: (Pending) -> Bool) {
        var stack = [start]
        while let pending = stack.popLast() {
            if isDeferred(pending) { continue }
            let node = pending.node
            let index = tree.nodes.count
            tree.nodes.append(record(node))
            tree.values += problem.values(of: node.totals)
            Self.hang(index, at: pending, in: &tree)
            let shares = node.entryCount < Self.sharedEntryCount ? [workspaces[0]] : workspaces
            guard let split = search(node, shares) else { continue }
            tree.nodes[index].feature = node.segments[split.segment].column
            tree.nodes[index].threshold = split.threshold
            let (left, right) = divide(node, by: split, shares)
            stack.append(Pending(node: right, parent: index, isLeft: false))
            stack.append(Pending(node: left, parent: index, isLeft: true))
        }
    }

    /// Splits the node whose split gains most, until there are `leafCount` leaves.
    func growBestFirst(_ root: Node, leafCount: Int) -> Tree {
        let workspaces = (0..<(pool.threadCount == 1 ? 1 : 4 * pool.threadCount)).map { _ in workspace(for: root) }
        var tree = Tree(nodes: [], values: [], valueCount: problem.valueCount)
        var frontier: [(index: Int, node: Node, split: Split)] = []
        func add(_ node: Node) -> Int32 {
            let index = tree.nodes.count
            tree.nodes.append(record(node))
            tree.values += problem.values(of: node.totals)
            let shares = node.entryCount < Self.sharedEntryCount ? [workspaces[0]] : workspaces
            if let split = search(node, shares) { frontier.append((index, node, split)) }
            return Int32(index)
        }
        _ = add(root)
        var leaves = 1
        while leaves < leafCount,
            let place = frontier.indices.max(by: { frontier[$0].split.improvement < frontier[$1].split.improvement })
        {
            let (index, node, split) = frontier.remove(at: place)
            let (left, right) = divide(node, by: split, workspaces)
            tree.nodes[index].feature = node.segments[split.segment].column
            tree.nodes[index].threshold = split.threshold
            tree.nodes[index].left = add(left)
            tree.nodes[index].right = add(right)
            leaves += 1
        }
        return tree
    }
}
