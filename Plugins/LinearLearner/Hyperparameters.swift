// SPDX-License-Identifier: Apache-2.0

import Algorithm

extension LinearLearner {
    /// What the model predicts.
    enum PredictorType: String, CaseIterable {
        case binaryClassifier = "binary_classifier"
        case multiclassClassifier = "multiclass_classifier"
        case regressor
    }

    static let losses: [PredictorType: [String]] = [
        .binaryClassifier: ["auto", "logistic", "hinge_loss"],
        .multiclassClassifier: ["auto", "softmax_loss"],
        .regressor: [
            "auto", "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss",
            "quantile_loss", "huber_loss",
        ],
    ]

    static let criteria = [
        "accuracy", "f_beta", "precision_at_target_recall", "recall_at_target_precision", "loss_function", "f1",
        "cross_entropy_loss",
    ]

    private static let positiveWhole = Hyperparameter.Kind.integer(.init(1))
    private static let positive = Hyperparameter.Kind.continuous(.init(0, includesMinimum: false))
    private static let notNegative = Hyperparameter.Kind.continuous(.init(0))
    private static let openUnit = Hyperparameter.Kind.continuous(.init(0, 1, includesMinimum: false, includesMaximum: false))
    private static let halfOpenUnit = Hyperparameter.Kind.continuous(.init(0, 1, includesMaximum: false))
    private static let unit = Hyperparameter.Kind.continuous(.init(0, 1))
    private static let auto = ["auto"]

    /// The documented hyperparameters, and the hidden ones that the container's default configuration has.
    public static let hyperparameters: [Hyperparameter] = model + training + normalization + selection + hidden

    private static let model: [Hyperparameter] = [
        Hyperparameter(
            "predictor_type", .categorical(PredictorType.allCases.map(\.rawValue)), isRequired: true),
        Hyperparameter("feature_dim", positiveWhole, default: "auto", words: auto),
        Hyperparameter("num_classes", .integer(.init(1, 1_000_000)), default: "1"),
        Hyperparameter(
            "loss",
            .categorical(losses.values.flatMap { $0 }.filter { $0 != "auto" }.sorted()), default: "auto", words: auto,
            dependencies: PredictorType.allCases.map {
                .init(when: "predictor_type", isOneOf: [$0.rawValue], .oneOf(losses[$0] ?? []))
            }),
        Hyperparameter("margin", positive, default: "1.0"),
        Hyperparameter("quantile", openUnit, default: "0.5"),
        Hyperparameter("loss_insensitivity", positive, default: "0.01"),
        Hyperparameter("huber_delta", notNegative, default: "1.0"),
        Hyperparameter("use_bias", .boolean, default: "true"),
        Hyperparameter("num_models", positiveWhole, default: "auto", words: auto),
        Hyperparameter(
            "positive_example_weight_mult", positive, default: "1.0", words: ["auto", "balanced"],
            tuning: .init(1e-5, 1e5)),
        Hyperparameter("balance_multiclass_weights", .boolean, default: "false"),
    ]

    private static let training: [Hyperparameter] = [
        Hyperparameter("mini_batch_size", positiveWhole, default: "1000", tuning: .init(100, 5000)),
        Hyperparameter("epochs", positiveWhole, default: "15"),
        Hyperparameter("optimizer", .categorical(["sgd", "adam", "rmsprop"]), default: "auto", words: auto),
        Hyperparameter("learning_rate", positive, default: "auto", words: auto, tuning: .init(1e-5, 1)),
        Hyperparameter("wd", notNegative, default: "auto", words: auto, tuning: .init(1e-7, 1)),
        Hyperparameter("l1", notNegative, default: "auto", words: auto, tuning: .init(1e-7, 1)),
        Hyperparameter("momentum", halfOpenUnit, default: "auto", words: auto),
        Hyperparameter("beta_1", halfOpenUnit, default: "auto", words: auto),
        Hyperparameter("beta_2", halfOpenUnit, default: "auto", words: auto),
        Hyperparameter("bias_lr_mult", positive, default: "auto", words: auto),
        Hyperparameter("bias_wd_mult", notNegative, default: "auto", words: auto),
        Hyperparameter("use_lr_scheduler", .boolean, default: "true"),
        Hyperparameter("lr_scheduler_step", positiveWhole, default: "auto", words: auto),
        Hyperparameter("lr_scheduler_factor", openUnit, default: "auto", words: auto),
        Hyperparameter("lr_scheduler_minimum_lr", positive, default: "auto", words: auto),
        Hyperparameter("init_method", .categorical(["uniform", "normal"]), default: "uniform"),
        Hyperparameter("init_scale", positive, default: "0.07"),
        Hyperparameter("init_sigma", positive, default: "0.01"),
        Hyperparameter("init_bias", .continuous(.init()), default: "0.0"),
    ]

    private static let normalization: [Hyperparameter] = [
        Hyperparameter("normalize_data", .boolean, default: "true", words: auto),
        Hyperparameter("normalize_label", .boolean, default: "auto", words: auto),
        Hyperparameter("unbias_data", .boolean, default: "auto", words: auto),
        Hyperparameter("unbias_label", .boolean, default: "auto", words: auto),
        Hyperparameter("num_point_for_scaler", positiveWhole, default: "10000"),
    ]

    private static let selection: [Hyperparameter] = [
        Hyperparameter("binary_classifier_model_selection_criteria", .categorical(criteria), default: "accuracy"),
        Hyperparameter("target_recall", unit, default: "0.8"),
        Hyperparameter("target_precision", unit, default: "0.8"),
        Hyperparameter("f_beta", positive, default: "1.0"),
        Hyperparameter("num_calibration_samples", positiveWhole, default: "10000000", words: auto),
        Hyperparameter("accuracy_top_k", positiveWhole, default: "3"),
        Hyperparameter("early_stopping_patience", positiveWhole, default: "3"),
        Hyperparameter("early_stopping_tolerance", positive, default: "0.001"),
    ]

    private static let hidden: [Hyperparameter] = [
        Hyperparameter("_num_kv_servers", .text, default: "auto"), Hyperparameter("_log_level", .text, default: "info"),
        Hyperparameter("_tuning_objective_metric", .text, default: ""), Hyperparameter("_kvstore", .text, default: "auto"),
        Hyperparameter("_enable_profiler", .text, default: "false"), Hyperparameter("_num_gpus", .text, default: "auto"),
    ]

    /// What the declarations cannot say: the number of classes.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {
        let type = try hyperparameters.requiredText("predictor_type")
        guard type == PredictorType.multiclassClassifier.rawValue else { return }
        let classCount = try hyperparameters.requiredInteger("num_classes")
        guard classCount >= 3 else {
            throw UserError(
                .conflictingHyperparameter(
                    name: "num_classes", value: hyperparameters.given["num_classes"], other: "predictor_type", otherValue: type,
                    expected: "a whole number in [3, 1000000]"))
        }
    }
}

extension LinearLearner {
    /// The metrics that the service lists for this algorithm; a tuning job may take most of them as its objective.
    public static let metrics: [MetricDefinition] = {
        var metrics = [
            MetricDefinition(name: "train:progress", regularExpression: #"#progress_metric: host=\S+, completed (\S+) %"#),
            MetricDefinition(
                name: "train:throughput", regularExpression: #"#throughput_metric: host=\S+, train throughput=(\S+) records/second"#
            ),
        ]
        for channel in ["train", "validation"] {
            let loss = "\(channel) " + #"\S+_objective <loss>=(\S+)"#
            metrics.append(
                MetricDefinition(
                    name: "\(channel):objective_loss",
                    regularExpression: #"#quality_metric: host=\S+, epoch=\S+, "# + loss, objective: .minimize))
            metrics.append(
                MetricDefinition(
                    name: "\(channel):objective_loss:final", regularExpression: #"#quality_metric: host=\S+, "# + loss,
                    objective: .minimize))
        }
        metrics.append(quality("test", "objective_loss", #"\S+_objective"#, "loss"))
        for channel in ["train", "validation", "test"] {
            metrics.append(quality(channel, "binary_classification_accuracy", "binary_classification_accuracy", "score"))
            metrics.append(quality(channel, "binary_f_beta", #"binary_f_\S+"#, "score"))
            for name in ["precision", "recall"] { metrics.append(quality(channel, name, name, "score")) }
            for name in ["mse", "absolute_loss"] { metrics.append(quality(channel, name, name, "loss")) }
        }
        for channel in ["validation", "test"] {
            metrics.append(quality(channel, "macro_f_beta", #"macro_f_\S+"#, "score"))
            metrics.append(quality(channel, "multiclass_top_k_accuracy", #"multiclass_top_k_accuracy_\S+"#, "score"))
            for name in ["dcg", "macro_precision", "macro_recall", "multiclass_accuracy"] {
                metrics.append(quality(channel, name, name, "score"))
            }
        }
        return metrics
    }()

    private static func quality(_ channel: String, _ name: String, _ pattern: String, _ kind: String) -> MetricDefinition {
        MetricDefinition(
            name: "\(channel):\(name)",
            regularExpression: #"#quality_metric: host=\S+, "# + "\(channel) \(pattern) <\(kind)>=" + #"(\S+)"#,
            objective: channel == "train" ? nil : kind == "loss" ? .minimize : .maximize)
    }
}
