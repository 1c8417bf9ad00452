// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A job's hyperparameters in the types that training works with, `auto` decided where it does not depend on the data.
struct LearnerSettings: Sendable {
    /// How the binary classifier's model and threshold are chosen.
    enum Criterion: Sendable, Equatable {
        case accuracy
        case fBeta(Double)
        case precisionAtRecall(Double)
        case recallAtPrecision(Double)
        case loss

        /// The word in the early-stopping line; nil for the loss, whose name is the objective's.
        var logName: String? {
            switch self {
            case .accuracy: return "sampled_accuracy"
            case .fBeta: return "sampled_f_beta"
            case .precisionAtRecall: return "sampled_precision_at_target_recall"
            case .recallAtPrecision: return "sampled_recall_at_target_precision"
            case .loss: return nil
            }
        }
    }

    /// What a positive example weighs.
    enum PositiveWeight: Sendable, Equatable {
        case fixed(Float)
        case balanced
        case auto
    }

    let predictorType: LinearLearner.PredictorType
    let featureCount: Int?
    let loss: LinearLoss
    let batchSize: Int
    let epochCount: Int
    let optimizer: Optimizer
    let optimizerName: String
    let learningRate: Float?
    let weightDecay: Float?
    let l1: Float?
    let modelCount: Int?
    let bias: BiasSettings
    let schedule: Schedule?
    let initialization: Initialization
    let normalizesData: Bool
    let unbiasesData: Bool
    let normalizesLabel: Bool
    let unbiasesLabel: Bool
    let scalerPointCount: Int
    let criterion: Criterion
    let fBeta: Double
    let calibrationCount: Int
    let topK: Int
    let patience: Int
    let tolerance: Double
    let positiveWeight: PositiveWeight
    let balancesClasses: Bool

    /// How the learning rate falls.
    struct Schedule: Sendable, Equatable {
        var stepCount: Int
        var factor: Double
        var minimumRate: Double

        /// The rate at a step, counted from 0.
        func rate(_ base: Float, step: Int) -> Float {
            let rate = Double(base) * pow(factor, Double(step / stepCount))
            return Float(max(rate, min(minimumRate, Double(base))))
        }
    }

    /// The distribution of initial weights.
    enum Initialization: Sendable, Equatable {
        case uniform(scale: Float)
        case normal(sigma: Float)

        func draw(_ random: inout Random) -> Float {
            switch self {
            case .uniform(let scale): return (2 * random.uniform() - 1) * scale
            case .normal(let sigma): return random.normal() * sigma
            }
        }
    }

    init(_ values: HyperparameterValues) throws {
        let type = try values.requiredText("predictor_type")
        guard let predictorType = LinearLearner.PredictorType(rawValue: type) else {
            throw AlgorithmError("predictor_type '\(type)' is not known")
        }
        self.predictorType = predictorType
        featureCount = values.integer("feature_dim")
        loss = try Self.loss(values, predictorType)
        batchSize = try values.requiredInteger("mini_batch_size")
        epochCount = try values.requiredInteger("epochs")
        (optimizerName, optimizer) = Self.optimizer(values)
        learningRate = values.real("learning_rate").map { Float($0) }
        weightDecay = values.real("wd").map { Float($0) }
        l1 = values.real("l1").map { Float($0) }
        modelCount = values.integer("num_models")
        let usesBias = try values.requiredBoolean("use_bias")
        bias = BiasSettings(
            isUsed: usesBias, initialValue: Float(try values.requiredReal("init_bias")),
            learningRateMultiplier: Float(values.real("bias_lr_mult") ?? 1),
            weightDecayMultiplier: Float(values.real("bias_wd_mult") ?? 0))
        let scheduled = Schedule(
            stepCount: values.integer("lr_scheduler_step") ?? 100, factor: values.real("lr_scheduler_factor") ?? 0.99,
            minimumRate: values.real("lr_scheduler_minimum_lr") ?? 1e-5)
        schedule = try values.requiredBoolean("use_lr_scheduler") ? scheduled : nil
        initialization =
            values.text("init_method") == "normal"
            ? .normal(sigma: Float(try values.requiredReal("init_sigma")))
            : .uniform(scale: Float(try values.requiredReal("init_scale")))
        normalizesData = values.boolean("normalize_data") ?? true
        unbiasesData = values.boolean("unbias_data") ?? usesBias
        let isRegressor = predictorType == .regressor
        normalizesLabel = isRegressor && (values.boolean("normalize_label") ?? true)
        unbiasesLabel = isRegressor && (values.boolean("unbias_label") ?? usesBias)
        scalerPointCount = try values.requiredInteger("num_point_for_scaler")
        fBeta = try values.requiredReal("f_beta")
        criterion = try Self.criterion(values, fBeta: fBeta)
        calibrationCount = values.integer("num_calibration_samples") ?? 10_000_000
        topK = try values.requiredInteger("accuracy_top_k")
        patience = try values.requiredInteger("early_stopping_patience")
        tolerance = try values.requiredReal("early_stopping_tolerance")
        switch values.text("positive_example_weight_mult") {
        case "balanced": positiveWeight = .balanced
        case "auto": positiveWeight = .auto
        default: positiveWeight = .fixed(Float(values.real("positive_example_weight_mult") ?? 1))
        }
        balancesClasses = try values.requiredBoolean("balance_multiclass_weights")
    }

    private static func loss(_ values: HyperparameterValues, _ type: LinearLearner.PredictorType) throws -> LinearLoss {
        switch try values.requiredText("loss") {
        case "hinge_loss": return .hinge(margin: Float(try values.requiredReal("margin")))
        case "absolute_loss": return .absolute
        case "eps_insensitive_squared_loss":
            return .epsilonInsensitiveSquared(insensitivity: Float(try values.requiredReal("loss_insensitivity")))
        case "eps_insensitive_absolute_loss":
            return .epsilonInsensitiveAbsolute(insensitivity: Float(try values.requiredReal("loss_insensitivity")))
        case "quantile_loss": return .quantile(Float(try values.requiredReal("quantile")))
        case "huber_loss": return .huber(delta: Float(try values.requiredReal("huber_delta")))
        default:
            switch type {
            case .binaryClassifier: return .logistic
            case .multiclassClassifier: return .softmax(classCount: try values.requiredInteger("num_classes"))
            case .regressor: return .squared
            }
        }
    }

    private static func optimizer(_ values: HyperparameterValues) -> (String, Optimizer) {
        switch values.text("optimizer") {
        case "sgd": return ("sgd", .sgd(momentum: Float(values.real("momentum") ?? 0)))
        case "rmsprop": return ("rmsprop", .rmsprop(decay: Float(values.real("beta_2") ?? 0.9)))
        default:
            return ("adam", .adam(beta1: Float(values.real("beta_1") ?? 0.9), beta2: Float(values.real("beta_2") ?? 0.999)))
        }
    }

    private static func criterion(_ values: HyperparameterValues, fBeta: Double) throws -> Criterion {
        switch try values.requiredText("binary_classifier_model_selection_criteria") {
        case "f_beta": return .fBeta(fBeta)
        case "f1": return .fBeta(1)
        case "precision_at_target_recall": return .precisionAtRecall(try values.requiredReal("target_recall"))
        case "recall_at_target_precision": return .recallAtPrecision(try values.requiredReal("target_precision"))
        case "loss_function", "cross_entropy_loss": return .loss
        default: return .accuracy
        }
    }

    /// The name of the objective in log lines.
    var objectiveName: String {
        switch loss {
        case .logistic: return "binary_classification_cross_entropy_objective"
        case .hinge: return "hinge_loss_objective"
        case .squared: return "mse_objective"
        case .absolute: return "absolute_loss_objective"
        case .epsilonInsensitiveSquared: return "eps_insensitive_squared_loss_objective"
        case .epsilonInsensitiveAbsolute: return "eps_insensitive_absolute_loss_objective"
        case .quantile: return "quantile_loss_objective"
        case .huber: return "huber_loss_objective"
        case .softmax: return "multiclass_cross_entropy_objective"
        }
    }

    /// The settings of the models to train side by side.
    ///
    /// What the job leaves open is searched on a grid of 32 points: two learning rates, eight weight decays, three L1 penalties.
    /// `positiveRatio` is negatives over positives. The grid's index 5 is rate .1, decay 1e-4, no L1, and is what a single model gets.
    func grid(featureCount: Int, positiveRatio: Float) -> [LinearModelSettings] {
        let rates: [Float] = optimizerName == "sgd" ? [0.001, 0.01] : [0.005, 0.1]
        let decays: [Float] = [1e-6, 1e-4, 1e-5, 1e-3]
        let strongerDecays: [Float] = [1e-5, 1e-3, 1e-4, 1e-2]
        let penalties: [Float] = [0, 0, 1e-5, 1e-4]
        let count = modelCount ?? automaticModelCount(featureCount: featureCount)
        return (0..<count).map { model in
            let index = count < 32 ? (model + 5) % 32 : model % 32
            let weight: Float
            switch positiveWeight {
            case .fixed(let value): weight = value
            case .balanced: weight = positiveRatio
            case .auto: weight = [1, positiveRatio.squareRoot(), positiveRatio][index % 3]
            }
            return LinearModelSettings(
                learningRate: learningRate ?? rates[index / 4 % 2],
                weightDecay: weightDecay ?? (index / 8 == 1 ? strongerDecays : decays)[index % 4], l1: l1 ?? penalties[index / 8],
                positiveWeight: weight)
        }
    }

    /// 32 models, or 16 where those would take more than a gigabyte.
    private func automaticModelCount(featureCount: Int) -> Int {
        let byteCountPerModel = 6 * 4 * featureCount * loss.scoreCount
        return byteCountPerModel * 32 <= 1 << 30 ? 32 : 16
    }
}
