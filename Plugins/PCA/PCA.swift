// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Amazon SageMaker's PCA: rows are projected onto the directions in which they vary most.
///
/// `regular` adds up the covariance matrix in one pass and decomposes it; `randomized` keeps only its product with
/// `num_components + extra_components` random directions, for many features. Channels: `train` and `test`, as
/// RecordIO-protobuf (float32, dense or sparse) or CSV. The model is `model_algo-1`: a list of MXNet NDArrays, `mean` [1][feature_dim], `s`
/// [num_components], the singular values, and `v` [feature_dim][num_components]; components ascend, the most important one last. The
/// endpoint answers `projection`.
///
/// Where the service's documentation leaves a choice open, ours is this. The sign of a component is such that its largest entry is positive.
/// Rows of the test channel are projected and brought back; `#test_score` tells their mean squared error a feature.
public enum PCA: Algorithm {
    /// The image repository.
    public static let name = "pca"
    /// The name in log lines.
    public static let logName = "PCA"
    /// Hosts add up what they saw.
    public static let supportsDistributedTraining = true

    /// `train` and `test`.
    public static let channels = [
        ChannelSpecification(name: "train", isRequired: true), ChannelSpecification(name: "test"),
    ]

    private static let positiveWhole = Hyperparameter.Kind.integer(.init(1))

    /// The documented hyperparameters, and the hidden ones that the container's default configuration has.
    public static let hyperparameters: [Hyperparameter] = [
        Hyperparameter("feature_dim", positiveWhole, isRequired: true),
        Hyperparameter("num_components", positiveWhole, isRequired: true),
        Hyperparameter("mini_batch_size", positiveWhole, isRequired: true),
        Hyperparameter("algorithm_mode", .categorical(["regular", "randomized"]), default: "regular"),
        Hyperparameter("extra_components", .integer(.init(-1)), default: "-1"),
        Hyperparameter("subtract_mean", .boolean, default: "true"),
        Hyperparameter("force_dense", .boolean, default: "true"), Hyperparameter("_num_kv_servers", .text, default: "auto"),
        Hyperparameter("_log_level", .text, default: "info"), Hyperparameter("_kvstore", .text, default: "dist_sync"),
        Hyperparameter("_enable_profiler", .text, default: "false"), Hyperparameter("_num_gpus", .text, default: "auto"),
    ]

    /// The metrics of a run; the service has none of the quality.
    public static let metrics = [
        MetricDefinition(name: "train:progress", regularExpression: #"#progress_metric: host=\S+, completed (\S+) %"#),
        MetricDefinition(
            name: "train:throughput", regularExpression: #"#throughput_metric: host=\S+, train throughput=(\S+) records/second"#),
    ]

    /// `regular` keeps a square of so many features in memory at most.
    static let maximumRegularFeatureCount = 8192

    /// What the declarations cannot say: there are no more components than features, and `regular` is for a moderate number of these.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        let featureCount = try hyperparameters.requiredInteger("feature_dim")
        guard try hyperparameters.requiredInteger("num_components") <= featureCount else {
            throw UserError(
                .conflictingHyperparameter(
                    name: "num_components", value: hyperparameters.texts["num_components"], other: "feature_dim",
                    otherValue: "\(featureCount)", expected: "a whole number in [1, \(featureCount)]"))
        }
        if hyperparameters.text("algorithm_mode") == "regular", featureCount > maximumRegularFeatureCount {
            throw UserError(
                .conflictingHyperparameter(
                    name: "algorithm_mode", value: "regular", other: "feature_dim", otherValue: "\(featureCount)",
                    expected: "randomized beyond \(maximumRegularFeatureCount) features"))
        }
    }

    /// Trains on the job's channels and writes `model_algo-1`.
    public static func train(_ job: TrainingJob) async throws {
        var training = try ComponentTraining(job)
        let model = try training.run()
        let testError = try training.testError(of: model)
        if job.topology.isPrimary {
            try model.write(to: job.modelDirectory, host: job.topology.currentHost)
        } else {
            job.log.info("No model is serialized on a non-master node")
        }
        if let testError {
            job.log.info("#test_score (\(job.log.host)) : ('mse', \(PythonNumber.representation(of: testError)))")
        } else {
            job.log.info("Test data is not provided.")
        }
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try PCAPredictor(model: PCAModel(directory: directory))
    }
}
