// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A loaded model: a label a row, and in JSON the shares of the classes besides; for numbers the mean as `score`.
struct TreePredictor: Predictor {
    private let document: TreeDocument
    /// The text of each leaf in CSV and its object in JSON, ready to be put together; empty for inner nodes.
    private let lines: [String]
    private let objects: [String]

    var featureCount: Int? { document.featureCount }

    init(_ document: TreeDocument) throws {
        self.document = document
        let tree = document.tree
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        var lines: [String] = []
        var objects: [String] = []
        for (index, node) in tree.nodes.enumerated() {
            guard node.isLeaf else {
                lines.append("")
                objects.append("")
                continue
            }
            guard let classes = document.classes else {
                let number = PythonNumber.representation(of: tree.values[index])
                lines.append(number + "\n")
                objects.append("{\"score\":\(number)}")
                continue
            }
            let name = classes[tree.predictedClass(ofNode: index)]
            let quoted = String(decoding: try encoder.encode(name), as: UTF8.self)
            let shares = tree.values[index * tree.valueCount..<(index + 1) * tree.valueCount]
            let list = shares.map { PythonNumber.representation(of: $0) }.joined(separator: ",")
            lines.append(Self.field(name) + "\n")
            objects.append("{\"predicted_label\":\(document.hasNumericClasses ? name : quoted),\"probabilities\":[\(list)]}")
        }
        self.lines = lines
        self.objects = objects
    }

    func predict(_ request: InferenceRequest) throws -> InferenceResponse {
        let examples = try InferenceDecoder.examples(of: request, featureCount: featureCount)
        let format = try InferenceEncoder.format(for: request, among: DecisionTree.inferenceAcceptTypes)
        let leaves = leaves(of: examples)
        let text: String
        switch format {
        case ContentType.json.mediaType: text = "{\"predictions\":[\(leaves.map { objects[$0] }.joined(separator: ","))]}"
        case ContentType.jsonLines.mediaType: text = leaves.map { objects[$0] + "\n" }.joined()
        default: text = leaves.map { lines[$0] }.joined()
        }
        return InferenceResponse(body: Array(text.utf8), contentType: format)
    }

    /// The leaf of each example.
    func leaves(of examples: ExampleSet) -> [Int] {
        let width = examples.featureCount
        return examples.denseValues().withUnsafeBufferPointer { values in
            (0..<examples.count).map {
                document.tree.leaf(of: UnsafeBufferPointer(rebasing: values[$0 * width..<($0 + 1) * width]))
            }
        }
    }

    /// A CSV field, in quotes where it needs them.
    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
