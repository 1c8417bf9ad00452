// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A loaded model: `score` and `predicted_label` for classifiers, `score` for regressors.
final class FactorPredictor: TabularPredictor {
    private let machine: Mutex<FactorizationMachine>
    private let isClassifier: Bool
    private let width: Int

    var featureCount: Int? { width }

    init(_ model: FactorModel) throws {
        guard
            let machine = FactorizationMachine(
                model.coefficients, loss: model.isClassifier ? .logistic : .squared, pool: ThreadPool(threadCount: 1))
        else { throw AlgorithmError("the model's arrays do not fit each other") }
        width = machine.columnCount
        isClassifier = model.isClassifier
        self.machine = Mutex(machine)
    }

    func predict(_ examples: ExampleSet) throws -> Predictions {
        let features: FeatureMatrix?
        switch examples.features {
        case .dense(let values):
            features = Matrix(rowCount: examples.count, columnCount: examples.featureCount, values: values).map { .dense($0) }
        case .sparse(let rowStarts, let columns, let values):
            features = SparseMatrix(columnCount: examples.featureCount, rowStarts: rowStarts, columns: columns, values: values)
                .map { .sparse($0) }
        }
        guard let features else { throw InferenceError.modelFailure("the examples do not make a matrix") }
        let order = (0..<UInt32(examples.count)).map { $0 }
        let labels = [Float](repeating: 0, count: examples.count)
        let batches = FactorBatch.batches(features, order: order, labels: labels, batchSize: 1000, areLearned: false)
        let scores = machine.withLock { machine in batches.flatMap { machine.scores($0) } }
        guard isClassifier else { return Predictions(count: examples.count, columns: [.init("score", values: scores)]) }
        return Predictions(
            count: examples.count,
            columns: [
                .init("score", values: scores.map { 1 / (1 + exp(-$0)) }),
                .init("predicted_label", values: scores.map { $0 >= 0 ? 1 : 0 }),
            ])
    }
}
