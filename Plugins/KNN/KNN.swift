// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Amazon SageMaker's k-nearest neighbors: a row is labelled as the rows that are most like it.
///
/// Training draws `sample_size` rows, projects them onto `dimension_reduction_target` random directions if asked to, and keeps them. A
/// classifier answers with the most frequent label of the `k` nearest, a regressor with the labels' mean, as `predicted_label`; where the
/// Accept header says `verbose=true`, `distances` and `labels` of the neighbours come along, the nearest first. Channels: `train`, and
/// optionally `test`, as RecordIO-protobuf (float32, dense or sparse) or CSV.
///
/// Where the service's documentation leaves a choice open, ours is this. Search is exact, whatever `index_type` says: the other indices
/// only approximate what is found here. Of labels equally frequent the smallest is answered. Distances are faiss's: squared for `L2`;
/// for `INNER_PRODUCT` the product negated and for `COSINE` one less the cosine, so that less is nearer. `fjlt` is a Hadamard transform of
/// randomly signed features, some of whose results are kept (Ailon and Chazelle, 2009; Tropp, 2011).
public enum KNN: Algorithm {
    /// The image repository.
    public static let name = "knn"
    /// The name in log lines.
    public static let logName = "KNN"

    /// `train` and `test`.
    public static let channels = [
        ChannelSpecification(name: "train", isRequired: true), ChannelSpecification(name: "test"),
    ]

    private static let positiveWhole = Hyperparameter.Kind.integer(.init(1))

    /// The documented hyperparameters.
    public static let hyperparameters: [Hyperparameter] = [
        Hyperparameter("feature_dim", positiveWhole, isRequired: true),
        Hyperparameter("k", positiveWhole, isRequired: true, tuning: .init(1, 1024)),
        Hyperparameter("predictor_type", .categorical(["classifier", "regressor"]), isRequired: true),
        Hyperparameter("sample_size", positiveWhole, isRequired: true, tuning: .init(256, 20_000_000)),
        Hyperparameter("dimension_reduction_type", .categorical(["sign", "fjlt"])),
        Hyperparameter(
            "dimension_reduction_target", positiveWhole,
            dependencies: [.init(when: "dimension_reduction_type", isOneOf: ["sign", "fjlt"], .required)]),
        Hyperparameter("index_type", .categorical(["faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"]), default: "faiss.Flat"),
        Hyperparameter(
            "index_metric", .categorical(["L2", "INNER_PRODUCT", "COSINE"]), default: "L2",
            dependencies: [.init(when: "index_type", isOneOf: ["faiss.IVFPQ"], .oneOf(["L2"]))]),
        Hyperparameter("faiss_index_ivf_nlists", positiveWhole, default: "auto", words: ["auto"]),
        Hyperparameter(
            "faiss_index_pq_m",
            .categorical(["1", "2", "3", "4", "8", "12", "16", "20", "24", "28", "32", "40", "48", "56", "64", "96"])),
        Hyperparameter("mini_batch_size", positiveWhole, default: "5000"),
    ]

    /// The documented metrics, and those of a run.
    public static let metrics =
        [
            ("accuracy", "score", MetricDefinition.Objective.maximize), ("mse", "loss", .minimize),
        ].map { name, kind, objective in
            MetricDefinition(
                name: "test:\(name)", regularExpression: "#quality_metric: host=\\S+, test \(name) <\(kind)>=(\\S+)",
                objective: objective)
        } + [
            MetricDefinition(name: "train:progress", regularExpression: #"#progress_metric: host=\S+, completed (\S+) %"#),
            MetricDefinition(
                name: "train:throughput", regularExpression: #"#throughput_metric: host=\S+, train throughput=(\S+) records/second"#
            ),
        ]

    /// What the declarations cannot say: neighbours are among the rows drawn, and a reduction reduces.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        _ = try NeighborSettings(hyperparameters)
    }

    /// Draws rows from the job's channel and writes them as `model_algo-1`.
    public static func train(_ job: TrainingJob) async throws {
        let settings = try NeighborSettings(job.hyperparameters)
        let model = try NeighborTraining(job, settings: settings).run()
        try model.write(to: job.modelDirectory, host: job.topology.currentHost)
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try NeighborPredictor(NeighborModel(directory: directory))
    }
}

/// A job's hyperparameters in the types that training works with.
struct NeighborSettings: Sendable {
    let featureCount: Int
    let neighborCount: Int
    let isClassifier: Bool
    let sampleCount: Int
    let batchSize: Int
    let metric: NeighborSearch.Metric
    /// Nil: features are kept as they are.
    let reduction: (kind: NeighborProjection.Kind, target: Int)?

    init(_ values: HyperparameterValues) throws {
        featureCount = try values.requiredInteger("feature_dim")
        neighborCount = try values.requiredInteger("k")
        isClassifier = try values.requiredText("predictor_type") == "classifier"
        sampleCount = try values.requiredInteger("sample_size")
        batchSize = try values.requiredInteger("mini_batch_size")
        switch try values.requiredText("index_metric") {
        case "INNER_PRODUCT": metric = .innerProduct
        case "COSINE": metric = .cosine
        default: metric = .squaredDistance
        }
        if let kind = values.text("dimension_reduction_type").flatMap(NeighborProjection.Kind.init(rawValue:)) {
            let target = try values.requiredInteger("dimension_reduction_target")
            reduction = (kind, target)
            try Self.require(
                target < featureCount, "dimension_reduction_target", values, other: "feature_dim",
                "a whole number in [1, \(featureCount - 1)]")
        } else {
            reduction = nil
        }
        try Self.require(neighborCount <= sampleCount, "k", values, other: "sample_size", "a whole number in [1, \(sampleCount)]")
    }

    private static func require(
        _ isRight: Bool, _ name: String, _ values: HyperparameterValues, other: String, _ expected: String
    ) throws {
        guard !isRight else { return }
        throw UserError(
            .conflictingHyperparameter(
                name: name, value: values.texts[name], other: other, otherValue: values.texts[other] ?? "", expected: expected))
    }
}
