// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A channel in memory, with labels that fit the predictor.
struct Dataset: Sendable {
    let features: FeatureMatrix
    let labels: [Float]
    let byteCount: Int
    let readSeconds: Double

    var rowCount: Int { features.rowCount }

    /// Reads a channel whole; `featureCount` and what says so, where the width is known already.
    init(
        _ channel: InputChannel, settings: LearnerSettings, featureCount: Int?, source: String, pool: ThreadPool,
        now: () -> Double
    ) throws {
        let start = now()
        var reader = ExampleReader(
            channel, options: ReadOptions(labels: .required, featureCount: featureCount, featureCountSource: source))
        let examples = try reader.readAll()
        byteCount = reader.byteCount
        try Self.check(examples.labels, of: channel.name, settings)
        labels = examples.labels
        switch examples.features {
        case .dense(let values):
            guard let matrix = Matrix(rowCount: examples.count, columnCount: examples.featureCount, values: values) else {
                throw AlgorithmError("channel '\(channel.name)' was read as \(values.count) values for \(examples.count) rows")
            }
            features = .dense(matrix.compacted(with: pool))
        case .sparse(let rowStarts, let columns, let values):
            guard
                let matrix = SparseMatrix(
                    columnCount: examples.featureCount, rowStarts: rowStarts, columns: columns, values: values)
            else { throw AlgorithmError("channel '\(channel.name)' was read with keys outside of its width") }
            features = .sparse(matrix)
        }
        readSeconds = now() - start
    }

    private static func check(_ labels: [Float], of channel: String, _ settings: LearnerSettings) throws {
        let expected: String
        let isRight: (Float) -> Bool
        switch settings.predictorType {
        case .regressor: return
        case .binaryClassifier:
            expected = "a binary classifier takes the labels 0 and 1"
            isRight = { $0 == 0 || $0 == 1 }
        case .multiclassClassifier:
            let classCount = settings.loss.scoreCount
            expected = "with num_classes \(classCount) labels are whole numbers from 0 to \(classCount - 1)"
            isRight = { $0 >= 0 && $0 < Float(classCount) && $0 == $0.rounded() }
        }
        guard let row = labels.firstIndex(where: { !isRight($0) }) else { return }
        throw DataError(
            .other("the label is \(PythonNumber.representation(of: Double(labels[row]))); \(expected)"),
            at: DataError.Location(file: "channel '\(channel)'", record: row + 1))
    }
}

/// A data set in the order and form in which models go over it.
struct ArrangedDataset {
    let batches: FeatureBatches
    /// The labels as they came, in the order of the batches.
    let labels: [Float]

    /// `labels` of `data` are replaced by `targets` for the models.
    init(
        _ data: Dataset, targets: [Float], order: [UInt32], batchSize: Int, standardization: Standardization,
        plan: BatchPlan? = nil, pool: ThreadPool
    ) {
        batches = FeatureBatches(
            data.features, labels: targets, order: order, batchSize: batchSize, standardization: standardization, plan: plan,
            pool: pool)
        labels = order.map { data.labels[Int($0)] }
    }
}
