// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Amazon SageMaker's Linear Learner: linear and logistic models for regression, two classes, and many classes.
///
/// It takes the documented hyperparameters, trains a grid of models side by side in one pass over the data, keeps the best by the
/// chosen criterion and, for two classes, sets the threshold on scores by that criterion. Channels: `train`, and optionally
/// `validation` and `test`, as RecordIO-protobuf (float32, dense or sparse) or CSV with the label first. The model is `model_algo-1`: a zip
/// of MXNet's symbol and parameters.
///
/// Where the service's documentation leaves a choice open, ours is this. Rows are shuffled once, then only the order of mini-batches
/// changes from epoch to epoch. An epoch's models are the means of the weights along the epoch. Initial weights are drawn model by
/// model. `auto` means: learning rates .005 and .1 (.001 and .01 with SGD), Adam, no penalty on biases, a rate that falls by 1 % every
/// 100 steps down to 1e-5. Without a validation channel, early stopping watches the training loss, thresholds are set on training rows, and of models
/// that the criterion cannot tell apart the one with the smallest weights is taken. On several hosts `mini_batch_size` counts all hosts'
/// rows together, and of replicated channels each host takes its share: the model is, but for rounding, what one host makes.
public enum LinearLearner: Algorithm {
    /// The image repository.
    public static let name = "linear-learner"
    /// The name in log lines.
    public static let logName = "Linear Learner"
    /// Hosts add up the gradients of their parts of each mini-batch.
    public static let supportsDistributedTraining = true

    /// `train`, `validation` and `test`.
    public static let channels = [
        ChannelSpecification(name: "train", isRequired: true), ChannelSpecification(name: "validation"),
        ChannelSpecification(name: "test"),
    ]

    /// Trains on the job's channels and writes `model_algo-1`.
    public static func train(_ job: TrainingJob) async throws {
        let settings = try LearnerSettings(job.hyperparameters)
        let log = LearnerLog(job.log, hyperparameters: job.hyperparameters)
        log.configuration()
        var training = try TrainingRun(job, settings: settings, log: log)
        try training.run()
        let model = try training.finish()
        if job.topology.isPrimary {
            try model.write(to: job.modelDirectory, host: job.topology.currentHost)
        } else {
            job.log.info("No model is serialized on a non-master node")
        }
        log.totals(epochCount: training.epochsRun)
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try LinearPredictor(LinearModel(directory: directory))
    }
}
