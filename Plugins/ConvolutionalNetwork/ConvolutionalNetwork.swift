// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A convolutional network for images, lab 2's by default, or any small one as a list of layers.
///
/// Channels: `training`, and optionally `evaluation`, as RecordIO-protobuf (float32, dense or sparse) or CSV with the label first, a whole
/// number from 0; an example's features are an image's numbers, row after row, the channels of a pixel side by side. Features are
/// divided by `scale` (auto: the largest magnitude in the training channel). A channel `model` with an earlier job's `model.tar.gz`
/// goes on where that job ended: a job of one epoch and another after it learn what a job of two epochs learns.
///
/// `network` is `lab2` or a JSON list of layers, each an object with a `type`: `conv` (`filters`, `kernel` as a number or [height, width],
/// `padding` same or valid), `relu`, `pool` (`size`; windows are cut off at the edge), `dense` (`units`; in the last layer the
/// number of classes, and may be left out), `dropout` (`rate`). Other hyperparameters: `input_shape` ("height,width,channels"; auto: a
/// square, or one row), `num_classes`, `epochs`, `training_steps`, `mini_batch_size`, `optimizer` (sgd, momentum, adam), `learning_rate`,
/// `lr_scheduler_factor` (of the rate after each epoch), `momentum`, `beta_1`, `beta_2`, `epsilon`, `wd`, `random_seed`,
/// `save_checkpoint` (whether the model keeps what learning remembers).
///
/// On several hosts `mini_batch_size` counts all hosts' images together, each host has all data, and the model is, but for rounding, what one
/// host makes.
///
/// The model answers with `classes`, the most likely one, and `probabilities`. It is `network.json` (see ``NetworkFile``), the parameters
/// `network-0000.params` and the optimizer's memory `optimizer-0000.params`, both as MXNet's NDArray lists.
public enum ConvolutionalNetwork: Algorithm {
    /// The image repository.
    public static let name = "convolutional-network"
    /// The name in log lines.
    public static let logName = "Convolutional Network"

    /// Hosts share out the images of each mini-batch and add up their gradients.
    public static let supportsDistributedTraining = true

    private static let dataTypes = [ContentType.recordIOProtobuf.mediaType, ContentType.csv.mediaType]

    /// `training`, `evaluation`, and `model` for going on.
    public static let channels = [
        ChannelSpecification(name: "training", isRequired: true, contentTypes: dataTypes, distributions: [.fullyReplicated]),
        ChannelSpecification(name: "evaluation", contentTypes: dataTypes, distributions: [.fullyReplicated]),
        ChannelSpecification(
            name: "model", contentTypes: ["application/x-sagemaker-model"], inputModes: [.file], distributions: [.fullyReplicated]),
    ]

    /// How its log lines are read.
    public static let metrics: [MetricDefinition] =
        [
            MetricDefinition(name: "train:progress", regularExpression: "#progress_metric: host=\\S+, completed (\\S+) %"),
            MetricDefinition(
                name: "train:throughput", regularExpression: "#throughput_metric: host=\\S+, train throughput=(\\S+) records/second"
            ),
        ]
        + [("train", "train"), ("validation", "evaluation")].flatMap { prefix, channel in
            [("cross_entropy", "loss", MetricDefinition.Objective.minimize), ("accuracy", "score", .maximize)].map {
                MetricDefinition(
                    name: "\(prefix):\($0)",
                    regularExpression: "#quality_metric: host=\\S+, epoch=\\S+, \(channel) \($0) <\($1)>=(\\S+)",
                    objective: prefix == "validation" ? $2 : nil)
            }
        }

    /// The list of layers must be one, and the shape three numbers.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        _ = try NetworkSettings(hyperparameters)
    }

    /// Trains on the job's channels and writes the model's files.
    public static func train(_ job: TrainingJob) async throws {
        let settings = try NetworkSettings(job.hyperparameters)
        var training = try NetworkTraining(job, settings: settings)
        try training.run()
        if job.topology.isPrimary { try training.file().write(to: job.modelDirectory) }
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try NetworkPredictor(NetworkFile(directory: directory))
    }
}
