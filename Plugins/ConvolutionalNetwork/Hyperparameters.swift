// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

extension ConvolutionalNetwork {
    private static let positive = Hyperparameter.Kind.continuous(.init(0, includesMinimum: false))
    private static let unit = Hyperparameter.Kind.continuous(.init(0, 1, includesMaximum: false))
    private static let auto = ["auto"]

    /// What a job may set; see the manual at the type.
    public static let hyperparameters: [Hyperparameter] = [
        Hyperparameter("network", .text, default: "lab2"),
        Hyperparameter("input_shape", .text, default: "auto"),
        Hyperparameter("num_classes", .integer(.init(2, 65_535)), default: "auto", words: auto),
        Hyperparameter("epochs", .integer(.init(1)), default: "10", tuning: .init(1, 100)),
        Hyperparameter("training_steps", .integer(.init(1)), default: "auto", words: auto),
        Hyperparameter("mini_batch_size", .integer(.init(1, 65_536)), default: "100", tuning: .init(16, 512)),
        Hyperparameter("optimizer", .categorical(NetworkOptimizer.allCases.map(\.rawValue)), default: "adam"),
        Hyperparameter("learning_rate", positive, default: "0.001", tuning: .init(1e-5, 1, scale: .logarithmic)),
        Hyperparameter("lr_scheduler_factor", .continuous(.init(0, 1, includesMinimum: false)), default: "1.0"),
        Hyperparameter("momentum", unit, default: "0.9", tuning: .init(0, 0.999)),
        Hyperparameter("beta_1", unit, default: "0.9"),
        Hyperparameter("beta_2", unit, default: "0.999"),
        Hyperparameter("epsilon", positive, default: "1e-8"),
        Hyperparameter("wd", .continuous(.init(0)), default: "0.0", tuning: .init(0, 0.1)),
        Hyperparameter("scale", positive, default: "auto", words: auto),
        Hyperparameter("random_seed", .integer(.init(0))),
        Hyperparameter("save_checkpoint", .boolean, default: "true"),
    ]
}

/// A job's hyperparameters in the types that training works with.
struct NetworkSettings: Sendable {
    let layers: LayerList
    /// Nil for what the data suggests.
    let input: NetworkShape?
    let classCount: Int?
    let epochCount: Int
    /// Ends training earlier, or later than the epochs.
    let stepCount: Int?
    let batchSize: Int
    let learning: NetworkLearning
    let rateFactor: Float
    let scale: Float?
    let seed: UInt64?
    let savesCheckpoint: Bool

    init(_ values: HyperparameterValues) throws {
        layers = try LayerList(values.requiredText("network"))
        input = try Self.shape(values.requiredText("input_shape"))
        classCount = values.integer("num_classes")
        epochCount = try values.requiredInteger("epochs")
        stepCount = values.integer("training_steps")
        batchSize = try values.requiredInteger("mini_batch_size")
        learning = NetworkLearning(
            optimizer: NetworkOptimizer(rawValue: try values.requiredText("optimizer")) ?? .adam,
            rate: Float(try values.requiredReal("learning_rate")), momentum: Float(try values.requiredReal("momentum")),
            beta1: Float(try values.requiredReal("beta_1")), beta2: Float(try values.requiredReal("beta_2")),
            epsilon: Float(try values.requiredReal("epsilon")), weightDecay: Float(try values.requiredReal("wd")))
        rateFactor = Float(try values.requiredReal("lr_scheduler_factor"))
        scale = values.real("scale").map { Float($0) }
        seed = values.integer("random_seed").map { UInt64($0) }
        savesCheckpoint = try values.requiredBoolean("save_checkpoint")
        if let classCount { _ = try layers.resolved(classCount: classCount) }
    }

    /// `28,28,1`; nil for `auto`.
    private static func shape(_ text: String) throws -> NetworkShape? {
        if text == "auto" { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0.filter { !$0.isWhitespace }) }
        guard parts.count == 3, let height = parts[0], let width = parts[1], let channels = parts[2],
            [height, width, channels].allSatisfy({ (1...65_536).contains($0) })
        else {
            throw UserError(
                .invalidHyperparameter(
                    name: "input_shape", value: text, expected: "auto, or height, width and channels such as 28,28,1"))
        }
        return NetworkShape(height: height, width: width, channelCount: channels)
    }

    /// The size of an image with so many numbers.
    func input(featureCount: Int) throws -> NetworkShape {
        if let input {
            guard input.count == featureCount else {
                throw UserError(
                    .wrongFeatureCount(
                        channel: "training", found: featureCount, expected: input.count,
                        source: "the product of hyperparameter 'input_shape'"))
            }
            return input
        }
        let side = Int(Double(featureCount).squareRoot().rounded())
        return side * side == featureCount
            ? NetworkShape(height: side, width: side, channelCount: 1)
            : NetworkShape(height: 1, width: featureCount, channelCount: 1)
    }
}
