// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

extension FactorizationMachines {
    private static let positiveWhole = Hyperparameter.Kind.integer(.init(1))
    private static let notNegative = Hyperparameter.Kind.continuous(.init(0))
    private static let anything = Hyperparameter.Kind.continuous(.init())

    /// The documented hyperparameters.
    public static let hyperparameters: [Hyperparameter] =
        [
            Hyperparameter("feature_dim", positiveWhole, isRequired: true),
            Hyperparameter("num_factors", positiveWhole, isRequired: true),
            Hyperparameter("predictor_type", .categorical(["binary_classifier", "regressor"]), isRequired: true),
            Hyperparameter("epochs", positiveWhole, default: "1", tuning: .init(1, 1000)),
            Hyperparameter("mini_batch_size", positiveWhole, default: "1000", tuning: .init(100, 10_000)),
            Hyperparameter("clip_gradient", .continuous(.init(0, includesMinimum: false))),
            Hyperparameter("eps", .continuous(.init(0, includesMinimum: false))),
            Hyperparameter("rescale_grad", anything),
        ] + kind("bias", rate: "0.1", decay: "0.01", sigma: "0.01") + kind("linear", rate: "0.001", decay: "0.001", sigma: "0.01")
        + kind("factors", rate: "0.0001", decay: "0.00001", sigma: "0.001")

    /// What each kind of parameter has.
    private static func kind(_ name: String, rate: String, decay: String, sigma: String) -> [Hyperparameter] {
        [
            Hyperparameter("\(name)_lr", notNegative, default: rate, tuning: .init(1e-8, 512)),
            Hyperparameter("\(name)_wd", notNegative, default: decay, tuning: .init(1e-8, 512)),
            Hyperparameter("\(name)_init_method", .categorical(["uniform", "normal", "constant"]), default: "normal"),
            Hyperparameter("\(name)_init_scale", notNegative, tuning: .init(1e-8, 512)),
            Hyperparameter("\(name)_init_sigma", notNegative, default: sigma, tuning: .init(1e-8, 512)),
            Hyperparameter("\(name)_init_value", anything, tuning: .init(1e-8, 512)),
        ]
    }

    /// The documented metrics, read as the service reads them.
    public static let metrics: [MetricDefinition] =
        ["train", "test"].flatMap { channel in
            [
                ("binary_classification_accuracy", "binary_classification_accuracy", "score", MetricDefinition.Objective.maximize),
                ("binary_classification_cross_entropy", "binary_classification_cross_entropy", "loss", .minimize),
                ("binary_f_beta", "binary_f_1.000", "score", .maximize), ("rmse", "rmse", "loss", .minimize),
                ("mse", "mse", "loss", .minimize), ("absolute_loss", "absolute_loss", "loss", .minimize),
            ].map { name, word, kind, objective in
                let epoch = channel == "train" ? "epoch=\\S+, " : ""
                return MetricDefinition(
                    name: "\(channel):\(name)",
                    regularExpression: "#quality_metric: host=\\S+, \(epoch)\(channel) \(word) <\(kind)>=(\\S+)",
                    objective: channel == "test" && !["mse", "absolute_loss"].contains(name) ? objective : nil)
            }
        } + [
            MetricDefinition(name: "train:progress", regularExpression: "#progress_metric: host=\\S+, completed (\\S+) %"),
            MetricDefinition(
                name: "train:throughput", regularExpression: "#throughput_metric: host=\\S+, train throughput=(\\S+) records/second"
            ),
        ]
}

/// A job's hyperparameters in the types that training works with.
struct FactorSettings: Sendable {
    /// How a kind of parameter begins.
    enum Start: Sendable, Equatable {
        case uniform(Float)
        case normal(Float)
        case constant(Float)

        func draw(_ random: inout Random) -> Float {
            switch self {
            case .uniform(let scale): return (2 * random.uniform() - 1) * scale
            case .normal(let sigma): return random.normal() * sigma
            case .constant(let value): return value
            }
        }
    }

    let featureCount: Int
    let factorCount: Int
    let isClassifier: Bool
    let epochCount: Int
    let batchSize: Int
    let learning: FactorizationLearning
    let biasStart: Start
    let linearStart: Start
    let factorsStart: Start

    init(_ values: HyperparameterValues) throws {
        featureCount = try values.requiredInteger("feature_dim")
        factorCount = try values.requiredInteger("num_factors")
        isClassifier = try values.requiredText("predictor_type") == "binary_classifier"
        epochCount = try values.requiredInteger("epochs")
        batchSize = try values.requiredInteger("mini_batch_size")
        func rate(_ name: String) throws -> FactorizationRate {
            FactorizationRate(
                rate: Float(try values.requiredReal("\(name)_lr")), weightDecay: Float(try values.requiredReal("\(name)_wd")))
        }
        learning = FactorizationLearning(
            bias: try rate("bias"), linear: try rate("linear"), factors: try rate("factors"),
            gradientScale: values.real("rescale_grad").map { Float($0) },
            gradientLimit: values.real("clip_gradient").map { Float($0) },
            epsilon: Float(values.real("eps") ?? 1e-8))
        biasStart = try Self.start(values, "bias")
        linearStart = try Self.start(values, "linear")
        factorsStart = try Self.start(values, "factors")
        guard featureCount <= Int(Int32.max), featureCount.multipliedReportingOverflow(by: factorCount).partialValue <= 1 << 31,
            !featureCount.multipliedReportingOverflow(by: factorCount).overflow
        else {
            throw UserError(
                .conflictingHyperparameter(
                    name: "num_factors", value: "\(factorCount)", other: "feature_dim", otherValue: "\(featureCount)",
                    expected: "fewer factors: at most 2147483648 in all"))
        }
    }

    private static func start(_ values: HyperparameterValues, _ name: String) throws -> Start {
        let method = try values.requiredText("\(name)_init_method")
        func needed(_ parameter: String) throws -> Float {
            guard let value = values.real(parameter) else {
                throw UserError(
                    .conflictingHyperparameter(
                        name: parameter, value: nil, other: "\(name)_init_method", otherValue: method, expected: "a number"))
            }
            return Float(value)
        }
        switch method {
        case "uniform": return .uniform(try needed("\(name)_init_scale"))
        case "constant": return .constant(try needed("\(name)_init_value"))
        default: return .normal(try needed("\(name)_init_sigma"))
        }
    }
}
