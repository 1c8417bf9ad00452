// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A loaded model: `predicted_label`, and for those who ask for it `distances` and `labels` of the neighbours.
struct NeighborPredictor: TabularPredictor {
    private let model: NeighborModel
    private let search: NeighborSearch
    private let pool: ThreadPool

    var featureCount: Int? { model.featureCount }

    init(_ model: NeighborModel, pool: ThreadPool = ThreadPool(threadCount: 1)) throws {
        guard let search = NeighborSearch(model.rows, columnCount: model.storedCount, metric: model.metric) else {
            throw AlgorithmError("the model's rows do not make a matrix")
        }
        self.model = model
        self.search = search
        self.pool = pool
    }

    /// Besides the common formats takes the parameter `verbose=true` of the Accept header.
    func predict(_ request: InferenceRequest) throws -> InferenceResponse {
        let examples = try InferenceDecoder.examples(of: request, featureCount: featureCount)
        let format = try InferenceEncoder.format(for: request)
        let isVerbose = (request.accept ?? "").split(separator: ",").contains {
            ContentType(String($0))?.parameters["verbose"]?.lowercased() == "true"
        }
        let predictions = try predict(examples, isVerbose: isVerbose)
        return InferenceEncoder.response(of: predictions, as: format, listName: listName)
    }

    func predict(_ examples: ExampleSet) throws -> Predictions { try predict(examples, isVerbose: false) }

    private func predict(_ examples: ExampleSet, isVerbose: Bool) throws -> Predictions {
        guard examples.featureCount == model.featureCount else {
            throw InferenceError.wrongFeatureCount(example: 1, found: examples.featureCount, expected: model.featureCount)
        }
        let (answers, neighbors) = answers(examples)
        var columns = [Predictions.Column("predicted_label", values: answers)]
        if isVerbose {
            columns.append(.init("distances", width: neighbors.count, values: neighbors.distances))
            columns.append(.init("labels", width: neighbors.count, values: neighbors.rows.map { model.labels[Int($0)] }))
        }
        return Predictions(count: examples.count, columns: columns)
    }

    /// What each example is labelled as, and by which rows.
    func answers(_ examples: ExampleSet) -> ([Float], NeighborSearch.Neighbors) {
        var values = examples.denseValues()
        if let projection = model.projection { values = projection.projected(values, rowCount: examples.count) }
        let neighbors = search.nearest(values, count: model.neighborCount, pool: pool)
        let answers = (0..<examples.count).map { example in
            let labels = (0..<neighbors.count).map { model.labels[Int(neighbors.rows[example * neighbors.count + $0])] }
            return model.isClassifier ? Self.mostFrequent(labels) : Self.mean(labels)
        }
        return (answers, neighbors)
    }

    private static func mean(_ labels: [Float]) -> Float {
        Float(labels.reduce(0.0) { $0 + Double($1) } / Double(max(1, labels.count)))
    }

    private static func mostFrequent(_ labels: [Float]) -> Float {
        var counts: [Float: Int] = [:]
        for label in labels { counts[label, default: 0] += 1 }
        let best = counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }
        return best?.key ?? 0
    }
}
