// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

extension KMeans {
    private static let positiveWhole = Hyperparameter.Kind.integer(.init(1))
    private static let seedings = [Seeding.random.rawValue, Seeding.plusPlus.rawValue]

    /// The documented hyperparameters, and the hidden ones that the container's default configuration has.
    public static let hyperparameters: [Hyperparameter] = [
        Hyperparameter("k", positiveWhole, isRequired: true),
        Hyperparameter("feature_dim", positiveWhole, isRequired: true),
        Hyperparameter("mini_batch_size", positiveWhole, default: "5000", tuning: .init(3000, 15000)),
        Hyperparameter("epochs", positiveWhole, default: "1", tuning: .init(1, 10)),
        Hyperparameter("init_method", .categorical(seedings), default: Seeding.random.rawValue),
        Hyperparameter("extra_center_factor", positiveWhole, default: "auto", words: ["auto"], tuning: .init(4, 10)),
        Hyperparameter("half_life_time_size", .integer(.init(0)), default: "0"),
        Hyperparameter("local_lloyd_init_method", .categorical(seedings), default: Seeding.plusPlus.rawValue),
        Hyperparameter("local_lloyd_max_iter", positiveWhole, default: "300"),
        Hyperparameter("local_lloyd_num_trials", positiveWhole, default: "auto", words: ["auto"]),
        Hyperparameter("local_lloyd_tol", .continuous(.init(0, 1)), default: "0.0001"),
        Hyperparameter("eval_metrics", .categoricalList(["msd", "ssd"]), default: "[\"msd\"]"),
        Hyperparameter("force_dense", .boolean, default: "true"),
        Hyperparameter("_num_kv_servers", .text, default: "1"), Hyperparameter("_log_level", .text, default: "info"),
        Hyperparameter("_tuning_objective_metric", .text, default: ""), Hyperparameter("_kvstore", .text, default: "auto"),
        Hyperparameter("_enable_profiler", .text, default: "false"), Hyperparameter("_num_gpus", .text, default: "auto"),
        Hyperparameter("_num_slices", .text, default: "1"), Hyperparameter("_disable_wait_to_read", .text, default: "false"),
    ]

    /// The metrics that the service lists for this algorithm; those of the test channel may be a tuning job's objective.
    public static let metrics: [MetricDefinition] =
        [
            MetricDefinition(name: "train:progress", regularExpression: #"#progress_metric: host=\S+, completed (\S+) %"#),
            MetricDefinition(
                name: "train:throughput", regularExpression: #"#throughput_metric: host=\S+, train throughput=(\S+) records/second"#
            ),
        ]
        + ["train", "test"].flatMap { channel in
            ["msd", "ssd"].map { name in
                MetricDefinition(
                    name: "\(channel):\(name)",
                    regularExpression: #"#quality_metric: host=\S+, "# + "\(channel) \(name) <loss>=" + #"(\S+)"#,
                    objective: channel == "test" ? .minimize : nil)
            }
        }

    /// What the declarations cannot say: a score that is asked for must be one that exists, and one must be asked for.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        if hyperparameters.list("eval_metrics")?.isEmpty == true {
            throw UserError(
                .invalidHyperparameter(
                    name: "eval_metrics", value: hyperparameters.texts["eval_metrics"] ?? "",
                    expected: "a JSON list with msd, ssd, or both"))
        }
    }
}

/// A job's hyperparameters in the types that training works with.
struct KMeansSettings: Sendable {
    /// What `auto` stands for.
    static let automaticFactor = 10
    static let automaticTrialCount = 10

    let clusterCount: Int
    let featureCount: Int
    let batchSize: Int
    let epochCount: Int
    let seeding: Seeding
    /// The number of centres of the mini-batch phase.
    let centreCount: Int
    /// After so many rows what was seen before weighs half; nil: always the same.
    let halfLife: Double?
    let localSeeding: Seeding
    let local: Lloyd
    let trialCount: Int
    let scores: [String]

    init(_ values: HyperparameterValues) throws {
        clusterCount = try values.requiredInteger("k")
        featureCount = try values.requiredInteger("feature_dim")
        batchSize = try values.requiredInteger("mini_batch_size")
        epochCount = try values.requiredInteger("epochs")
        seeding = Seeding(rawValue: try values.requiredText("init_method")) ?? .random
        localSeeding = Seeding(rawValue: try values.requiredText("local_lloyd_init_method")) ?? .plusPlus
        let (centres, overflow) = clusterCount.multipliedReportingOverflow(
            by: values.integer("extra_center_factor") ?? Self.automaticFactor)
        centreCount = overflow ? Int.max : centres
        let halfLife = try values.requiredInteger("half_life_time_size")
        self.halfLife = halfLife > 0 ? Double(halfLife) : nil
        local = Lloyd(
            maximumIterationCount: try values.requiredInteger("local_lloyd_max_iter"),
            tolerance: try values.requiredReal("local_lloyd_tol"))
        trialCount = values.integer("local_lloyd_num_trials") ?? Self.automaticTrialCount
        scores = values.list("eval_metrics") ?? ["msd"]
    }
}
