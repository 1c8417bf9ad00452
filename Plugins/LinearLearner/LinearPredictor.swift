// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A loaded model: `score` and `predicted_label` for classifiers, `score` for regressors.
struct LinearPredictor: TabularPredictor {
    private let model: LinearModel
    private let scorer: LinearScorer

    var featureCount: Int? { model.featureCount }

    init(_ model: LinearModel) throws {
        guard let scorer = LinearScorer(model.coefficients, columnCount: model.featureCount) else {
            throw AlgorithmError(
                "the model has \(model.coefficients.weights.count) weights for \(model.coefficients.biases.count) scores of "
                    + "\(model.featureCount) features")
        }
        self.model = model
        self.scorer = scorer
    }

    func predict(_ examples: ExampleSet) throws -> Predictions {
        let raw: [Float]
        switch examples.features {
        case .dense(let values):
            raw = scorer.scores(dense: values, rowCount: examples.count)
        case .sparse(let rowStarts, let columns, let values):
            guard
                let matrix = SparseMatrix(
                    columnCount: examples.featureCount, rowStarts: rowStarts, columns: columns, values: values)
            else { throw InferenceError.modelFailure("sparse examples have keys outside of their width") }
            raw = scorer.scores(sparse: matrix)
        }
        guard raw.count == examples.count * scorer.scoreCount else {
            throw InferenceError.wrongFeatureCount(example: 1, found: examples.featureCount, expected: model.featureCount)
        }
        switch model.predictorType {
        case .regressor:
            return Predictions(count: examples.count, columns: [.init("score", values: raw)])
        case .binaryClassifier:
            let threshold = model.threshold
            let scores = model.isProbabilistic ? raw.map { 1 / (1 + exp(-$0)) } : raw
            return Predictions(
                count: examples.count,
                columns: [
                    .init("score", values: scores), .init("predicted_label", values: raw.map { $0 > threshold ? 1 : 0 }),
                ])
        case .multiclassClassifier:
            return multiclass(raw, count: examples.count)
        }
    }

    private func multiclass(_ raw: [Float], count: Int) -> Predictions {
        let width = scorer.scoreCount
        var probabilities = raw
        var labels = [Float](repeating: 0, count: count)
        for row in 0..<count {
            let range = row * width..<(row + 1) * width
            var top = range.lowerBound
            for index in range where raw[index] > raw[top] { top = index }
            var sum: Float = 0
            for index in range {
                probabilities[index] = exp(raw[index] - raw[top])
                sum += probabilities[index]
            }
            for index in range { probabilities[index] /= sum }
            labels[row] = Float(top - range.lowerBound)
        }
        return Predictions(
            count: count,
            columns: [.init("score", width: width, values: probabilities), .init("predicted_label", values: labels)])
    }
}
