// SPDX-License-Identifier: Apache-2.0

import CKernels

/// What a linear model's score costs against a label.
public enum LinearLoss: Sendable, Equatable {
    /// ln(1 + e^-sz) with s = 1 for labels above one half, else -1.
    case logistic
    /// max(0, margin - sz).
    case hinge(margin: Float)
    /// (z - y)^2.
    case squared
    /// |z - y|.
    case absolute
    /// max(0, |z - y| - insensitivity)^2.
    case epsilonInsensitiveSquared(insensitivity: Float)
    /// max(0, |z - y| - insensitivity).
    case epsilonInsensitiveAbsolute(insensitivity: Float)
    /// `quantile` a unit of under-prediction, 1 - quantile a unit of over-prediction (Koenker and Bassett, 1978).
    case quantile(Float)
    /// Half the square up to delta, linear beyond (Huber, 1964).
    case huber(delta: Float)
    /// Cross-entropy of the softmax over `classCount` scores.
    case softmax(classCount: Int)

    /// The scores a model has for a row.
    public var scoreCount: Int {
        if case .softmax(let classCount) = self { return classCount }
        return 1
    }

    /// The loss when labels, and with them scores, are divided by `unit`: minimised by the same models.
    public func rescaled(by unit: Float) -> LinearLoss {
        switch self {
        case .epsilonInsensitiveSquared(let width): return .epsilonInsensitiveSquared(insensitivity: width / unit)
        case .epsilonInsensitiveAbsolute(let width): return .epsilonInsensitiveAbsolute(insensitivity: width / unit)
        case .huber(let delta): return .huber(delta: delta / unit)
        default: return self
        }
    }

    /// What a rescaled loss must be multiplied by to be the loss of unscaled labels.
    public func scale(forUnit unit: Float) -> Double {
        switch self {
        case .squared, .epsilonInsensitiveSquared, .huber: return Double(unit) * Double(unit)
        case .absolute, .epsilonInsensitiveAbsolute, .quantile: return Double(unit)
        case .logistic, .hinge, .softmax: return 1
        }
    }

    /// One of each that has one score.
    static let examples: [LinearLoss] = [
        .logistic, .hinge(margin: 1), .squared, .absolute, .epsilonInsensitiveSquared(insensitivity: 0.1),
        .epsilonInsensitiveAbsolute(insensitivity: 0.1), .quantile(0.3), .huber(delta: 0.7),
    ]

    /// The kernel's constants; nil for softmax, which has a kernel of its own.
    var parameters: LossParameters? {
        var parameters = LossParameters(kind: LOSS_LOGISTIC, margin: 1, quantile: 0.5, insensitivity: 0, delta: 1)
        switch self {
        case .logistic: break
        case .hinge(let margin):
            parameters.kind = LOSS_HINGE
            parameters.margin = margin
        case .squared: parameters.kind = LOSS_SQUARED
        case .absolute: parameters.kind = LOSS_ABSOLUTE
        case .epsilonInsensitiveSquared(let insensitivity):
            parameters.kind = LOSS_EPSILON_INSENSITIVE_SQUARED
            parameters.insensitivity = insensitivity
        case .epsilonInsensitiveAbsolute(let insensitivity):
            parameters.kind = LOSS_EPSILON_INSENSITIVE_ABSOLUTE
            parameters.insensitivity = insensitivity
        case .quantile(let quantile):
            parameters.kind = LOSS_QUANTILE
            parameters.quantile = quantile
        case .huber(let delta):
            parameters.kind = LOSS_HUBER
            parameters.delta = delta
        case .softmax: return nil
        }
        return parameters
    }
}

/// How gradients move weights.
public enum Optimizer: Sendable, Equatable {
    /// Stochastic gradient descent with momentum.
    case sgd(momentum: Float)
    /// Kingma and Ba, 2015.
    case adam(beta1: Float, beta2: Float)
    /// Tieleman and Hinton, 2012.
    case rmsprop(decay: Float)

    /// What keeps a division from being by zero.
    static let epsilon: Float = 1e-8

    /// Adam's bias correction of step 1, 2, …, as a factor of the learning rate; 1 for others.
    func correction(step: Int) -> Float {
        guard case .adam(let beta1, let beta2) = self else { return 1 }
        var power1 = 1.0
        var power2 = 1.0
        var base1 = Double(beta1)
        var base2 = Double(beta2)
        var rest = step
        while rest > 0 {
            if rest & 1 == 1 {
                power1 *= base1
                power2 *= base2
            }
            base1 *= base1
            base2 *= base2
            rest >>= 1
        }
        return Float((1 - power2).squareRoot() / (1 - power1))
    }

    /// The kernel's constants around the given arrays of lanes.
    func parameters(
        rates: UnsafePointer<Float>, weightDecays: UnsafePointer<Float>, l1: UnsafePointer<Float>
    ) -> StepParameters {
        var parameters = StepParameters(
            kind: OPTIMIZER_SGD, learningRate: rates, weightDecay: weightDecays, l1: l1, momentum: 0, beta1: 0.9, beta2: 0.999,
            epsilon: Self.epsilon)
        switch self {
        case .sgd(let momentum):
            parameters.momentum = momentum
        case .adam(let beta1, let beta2):
            parameters.kind = OPTIMIZER_ADAM
            parameters.beta1 = beta1
            parameters.beta2 = beta2
        case .rmsprop(let decay):
            parameters.kind = OPTIMIZER_RMSPROP
            parameters.beta2 = decay
        }
        return parameters
    }
}
