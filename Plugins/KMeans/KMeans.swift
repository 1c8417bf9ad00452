// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// Amazon SageMaker's K-Means: rows are put into `k` clusters by the web-scale algorithm.
///
/// Training goes over the data once an epoch, a mini-batch at a time, and moves `k * extra_center_factor` centres: each becomes the
/// weighted mean of what it was and of the rows of the batch that are nearest to it. Then Lloyd's algorithm, run several times
/// from different starts, puts those centres, each weighing as many rows as it stands for, into `k` clusters; the run with the least
/// loss is the model. Channels: `train`, and optionally `test`, as RecordIO-protobuf (float32, dense or sparse) or CSV
/// (`text/csv;label_size=0` where there is no label column). Labels are not looked at. The model is `model_algo-1`: a list of one
/// MXNet NDArray, [k][feature_dim]. The endpoint answers `closest_cluster` and `distance_to_cluster` (Euclidean).
///
/// Where the service's documentation leaves a choice open, ours is this. `auto` means 10 extra centres a cluster and 10 local runs.
/// First centres are rows of the first mini-batch; where that has fewer rows than centres are wanted, all its rows. A half-life lets what
/// a centre has seen lose weight with every row that the job sees. `train:msd` is the local phase's: of the intermediate centres, not of
/// rows. With several hosts, every mini-batch is one of all hosts together.
public enum KMeans: Algorithm {
    /// The image repository.
    public static let name = "kmeans"
    /// The name in log lines.
    public static let logName = "AWS/KMeansWebscale"
    /// Hosts share the work of every mini-batch.
    public static let supportsDistributedTraining = true

    /// `train` and `test`.
    public static let channels = [
        ChannelSpecification(name: "train", isRequired: true), ChannelSpecification(name: "test"),
    ]

    /// Trains on the job's channels and writes `model_algo-1`.
    public static func train(_ job: TrainingJob) async throws {
        let settings = try KMeansSettings(job.hyperparameters)
        let log = KMeansLog(job.log, hyperparameters: job.hyperparameters)
        log.configuration(settings, hostCount: job.topology.count)
        var training = WebScaleTraining(job, settings: settings, log: log)
        let centres = try training.run()
        let model = KMeansModel(centreCount: settings.clusterCount, featureCount: settings.featureCount, centres: centres)
        let testScores = try training.testScores(of: model)
        if job.topology.isPrimary {
            try model.write(to: job.modelDirectory, host: job.topology.currentHost)
        } else {
            job.log.info("No model is serialized on a non-master node")
        }
        if let testScores {
            for (name, value) in testScores { log.quality("test", name, value) }
        } else {
            log.noTestData()
        }
        log.totals(epochCount: settings.epochCount)
    }

    /// Reads what `train` wrote.
    public static func load(from directory: String) throws -> any Predictor {
        try KMeansPredictor(KMeansModel(directory: directory))
    }
}
