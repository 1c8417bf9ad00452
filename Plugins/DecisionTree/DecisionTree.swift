// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Lab 3's decision tree, as scikit-learn grows it: exact CART for classes and for numbers.
///
/// Of equal splits scikit-learn takes one by chance, and so does this one by `random_state`; otherwise the two grow the same trees.
/// Hyperparameters have scikit-learn's names, values and defaults: `criterion` (gini, entropy, log_loss for classes; squared_error for
/// numbers), `splitter` (best), `max_depth`, `max_leaf_nodes`, `min_samples_split`, `min_samples_leaf`, `min_weight_fraction_leaf`,
/// `min_impurity_decrease`, `max_features`, `class_weight` (balanced, or a JSON object of classes and weights), `random_state`, `ccp_alpha`.
/// Whole numbers are counts, numbers with a point are shares, as in Python. With `csv_weights` 1 the column after the label is the
/// row's weight, as XGBoost of the service has it (in RecordIO the first feature).
///
/// Channels: `training`, and optionally `validation` and `test`, as CSV without header, the label (any text) first, or as
/// RecordIO-protobuf, dense or sparse. A model answers text/csv, JSON, JSON Lines and RecordIO-protobuf with a label a line, or as
/// JSON with the share of each class besides. It is two files: `decision-tree.json`, whose members are described at
/// `TreeDocument`, and `tree.txt`, a picture for people.
public enum DecisionTree: Algorithm {
    /// The image repository.
    public static let name = "decision-tree"
    /// The name of the image in the workshop.
    public static let otherNames = ["decision-trees-sample"]
    /// The name in log lines.
    public static let logName = "Decision Tree"

    /// `training`, `validation` and `test`.
    public static let channels = ["training", "validation", "test"].map {
        ChannelSpecification(
            name: $0, isRequired: $0 == "training",
            contentTypes: [ContentType.csv.mediaType, ContentType.recordIOProtobuf.mediaType], distributions: [.fullyReplicated])
    }

    /// Labels a line first, as the workshop's container answers.
    public static let inferenceAcceptTypes = [ContentType.csv, .json, .jsonLines].map(\.mediaType)

    /// How its log lines are read.
    public static let metrics: [MetricDefinition] =
        ["train", "validation", "test"].flatMap { channel in
            [
                ("accuracy", "score", MetricDefinition.Objective.maximize), ("macro_f1", "score", .maximize),
                ("mse", "loss", .minimize),
            ].map {
                name, kind, objective in
                MetricDefinition(
                    name: "\(channel):\(name)",
                    regularExpression: "#quality_metric: host=\\S+, \(channel) \(name) <\(kind)>=(\\S+)",
                    objective: channel == "validation" ? objective : nil)
            }
        }
        + ["depth", "leaves"].map {
            MetricDefinition(name: "train:\($0)", regularExpression: "#tree_metric: host=\\S+, \($0)=(\\S+)")
        } + [
            MetricDefinition(
                name: "train:throughput", regularExpression: "#throughput_metric: host=\\S+, train throughput=(\\S+) records/second"
            )
        ]

    /// Amounts that are shares must be at most 1, and class weights a JSON object.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        _ = try TreeOptions(hyperparameters)
    }

    /// Grows a tree from the job's training channel and writes `decision-tree.json` and `tree.txt`.
    public static func train(_ job: TrainingJob) async throws {
        let options = try TreeOptions(job.hyperparameters)
        job.log.line("Starting the training.")
        let training = try TreeTraining(job, options: options)
        let document = try training.run()
        try document.write(to: job.modelDirectory)
        job.log.line("Training complete.")
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try TreePredictor(TreeDocument(directory: directory))
    }
}
