// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A trained model as its file holds it: `decision-tree.json`, a JSON object.
///
/// `format` is `decision-tree 1`. `criterion`, `feature_count`, `classes` (null for numbers) and `numeric_classes` (whether the classes are
/// numbers) say what it is; `feature_importances` has a number a feature. The others have an entry a node, the root first, under the
/// names of scikit-learn's `tree_`: `children_left` and `children_right` (-1 in leaves), `feature` (-1 in leaves), `threshold` (values
/// up to it go left), `impurity`, `n_node_samples`, `weighted_n_node_samples`, and `value`, a list of the shares of the classes or of the mean.
struct TreeDocument: Sendable, Equatable {
    static let fileName = "decision-tree.json"
    static let pictureName = "tree.txt"
    private static let format = "decision-tree 1"

    var tree: Tree
    var criterion: String
    var featureCount: Int
    /// Nil for numbers.
    var classes: [String]?
    var hasNumericClasses: Bool
    var importances: [Double]

    init(tree: Tree, criterion: String, featureCount: Int, classes: [String]?, hasNumericClasses: Bool) {
        self.tree = tree
        self.criterion = criterion
        self.featureCount = featureCount
        self.classes = classes
        self.hasNumericClasses = hasNumericClasses
        importances = tree.importances(featureCount: featureCount)
    }

    private struct File: Codable {
        var format: String
        var criterion: String
        var feature_count: Int
        var classes: [String]?
        var numeric_classes: Bool
        var feature_importances: [Double]
        var children_left: [Int32]
        var children_right: [Int32]
        var feature: [Int32]
        var threshold: [Double]
        var impurity: [Double]
        var n_node_samples: [Int]
        var weighted_n_node_samples: [Double]
        var value: [[Double]]
    }

    /// Writes the model and its picture to a folder.
    func write(to directory: String) throws {
        let width = tree.valueCount
        let file = File(
            format: Self.format, criterion: criterion, feature_count: featureCount, classes: classes,
            numeric_classes: hasNumericClasses, feature_importances: importances, children_left: tree.nodes.map(\.left),
            children_right: tree.nodes.map(\.right), feature: tree.nodes.map(\.feature), threshold: tree.nodes.map(\.threshold),
            impurity: tree.nodes.map(\.impurity), n_node_samples: tree.nodes.map(\.rowCount),
            weighted_n_node_samples: tree.nodes.map(\.weight),
            value: tree.nodes.indices.map { Array(tree.values[$0 * width..<($0 + 1) * width]) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        for (name, bytes) in [(Self.fileName, Array(try encoder.encode(file))), (Self.pictureName, Array(picture().utf8))] {
            let output = try OutputFile(path: "\(directory)/\(name)")
            try output.write(bytes)
            try output.close()
        }
    }

    /// Reads the model in a folder; throws ``AlgorithmError`` where it is none or damaged.
    init(directory: String) throws {
        let path = "\(directory)/\(Self.fileName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AlgorithmError("there is no \(Self.fileName): it is not a model of \(DecisionTree.name)")
        }
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: data)
        } catch {
            throw AlgorithmError("\(Self.fileName) cannot be read: \(error)")
        }
        guard file.format == Self.format else {
            throw AlgorithmError("\(Self.fileName) has format '\(file.format)'; '\(Self.format)' is read")
        }
        let count = file.feature.count
        let width = file.classes?.count ?? 1
        guard count > 0, width > 0, file.feature_importances.count == file.feature_count,
            file.value.allSatisfy({ $0.count == width }),
            [
                file.children_left.count, file.children_right.count, file.threshold.count, file.impurity.count,
                file.n_node_samples.count, file.weighted_n_node_samples.count, file.value.count,
            ].allSatisfy({ $0 == count })
        else { throw AlgorithmError("\(Self.fileName) has members of different lengths") }
        let nodes = (0..<count).map {
            TreeNode(
                feature: file.feature[$0], threshold: file.threshold[$0], left: file.children_left[$0],
                right: file.children_right[$0], impurity: file.impurity[$0], rowCount: file.n_node_samples[$0],
                weight: file.weighted_n_node_samples[$0])
        }
        for (index, node) in nodes.enumerated() where !node.isLeaf {
            guard Int(node.left) > index, Int(node.right) > index, Int(node.left) < count, Int(node.right) < count,
                node.feature >= 0, Int(node.feature) < file.feature_count
            else { throw AlgorithmError("\(Self.fileName): node \(index) has children or a feature that there are not") }
        }
        self.init(
            tree: Tree(nodes: nodes, values: file.value.flatMap { $0 }, valueCount: width), criterion: file.criterion,
            featureCount: file.feature_count, classes: file.classes, hasNumericClasses: file.numeric_classes)
    }

    /// The tree as text, in the manner of scikit-learn's `export_text`; nodes deeper than `maximumDepth` are only counted.
    func picture(maximumDepth: Int = 10) -> String {
        var text = ""
        var stack: [(node: Int, depth: Int, condition: String?)] = [(0, 1, nil)]
        while let (index, depth, condition) = stack.popLast() {
            let node = tree.nodes[index]
            if let condition { text += Self.indent(depth - 1) + condition + "\n" }
            if node.isLeaf {
                text += Self.indent(depth) + label(of: index) + "\n"
            } else if depth > maximumDepth + 1 {
                text += Self.indent(depth) + "truncated branch of depth \(depthBelow(index))\n"
            } else {
                let threshold = Self.fixed(node.threshold)
                stack.append((Int(node.right), depth + 1, "feature_\(node.feature) >  \(threshold)"))
                stack.append((Int(node.left), depth + 1, "feature_\(node.feature) <= \(threshold)"))
            }
        }
        return text
    }

    private static func indent(_ depth: Int) -> String { String(repeating: "|   ", count: depth - 1) + "|--- " }

    private static func fixed(_ value: Double) -> String { String(format: "%.2f", value) }

    private func label(of node: Int) -> String {
        if let classes { return "class: \(classes[tree.predictedClass(ofNode: node)])" }
        return "value: [\(Self.fixed(tree.values[node]))]"
    }

    private func depthBelow(_ node: Int) -> Int {
        var deepest = 0
        var stack = [(node, 0)]
        while let (index, depth) = stack.popLast() {
            deepest = max(deepest, depth)
            if !tree.nodes[index].isLeaf {
                stack.append((Int(tree.nodes[index].left), depth + 1))
                stack.append((Int(tree.nodes[index].right), depth + 1))
            }
        }
        return deepest
    }
}
