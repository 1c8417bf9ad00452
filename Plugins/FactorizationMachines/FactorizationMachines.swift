// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Amazon SageMaker's Factorization Machines: a linear model with a product of factors for each pair of features (Rendle, 2010).
///
/// It takes the documented hyperparameters. Channels: `train`, and optionally `test`, as RecordIO-protobuf (float32, dense or sparse).
/// A binary classifier answers with `score`, a probability, and `predicted_label`, a regressor with `score`. The model is `model_algo-1`,
/// a zip of MXNet's symbol and parameters (`v`, `w1_weight`, `w0_weight`).
///
/// Where the service's documentation leaves a choice open, ours is this: Adam, whose moments move for the features that occur in a
/// batch; gradients are divided by the batch's size unless `rescale_grad` says otherwise; rows are shuffled once and the order of
/// batches changes from epoch to epoch. Scores at or above one half are of class 1.
public enum FactorizationMachines: Algorithm {
    /// The image repository.
    public static let name = "factorization-machines"
    /// The name in log lines.
    public static let logName = "factorization-machines"

    /// `train` and `test`.
    public static let channels = ["train", "test"].map {
        ChannelSpecification(name: $0, isRequired: $0 == "train", contentTypes: [ContentType.recordIOProtobuf.mediaType])
    }

    /// JSON, JSON Lines and RecordIO-protobuf; text/csv besides.
    public static var inferenceContentTypes: [String] {
        [ContentType.json, .jsonLines, .recordIOProtobuf, .csv].map(\.mediaType)
    }

    /// Checks the data set's kind of label by its predictor.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        _ = try FactorSettings(hyperparameters)
    }

    /// Trains on the job's channels and writes `model_algo-1`.
    public static func train(_ job: TrainingJob) async throws {
        let settings = try FactorSettings(job.hyperparameters)
        let model = try FactorTraining(job, settings: settings).run()
        try model.write(to: job.modelDirectory, host: job.topology.currentHost)
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try FactorPredictor(FactorModel(directory: directory))
    }
}
