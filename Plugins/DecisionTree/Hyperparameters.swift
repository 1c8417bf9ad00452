// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

extension DecisionTree {
    private static let amount = Hyperparameter.Kind.continuous(.init(0, includesMinimum: false))
    private static let none = ["None"]

    /// scikit-learn's, with its defaults.
    public static let hyperparameters: [Hyperparameter] = [
        Hyperparameter("criterion", .categorical(["gini", "entropy", "log_loss", "squared_error"]), default: "gini"),
        Hyperparameter("splitter", .categorical(["best"]), default: "best"),
        Hyperparameter("max_depth", .integer(.init(1)), words: none, tuning: .init(1, 64)),
        Hyperparameter("max_leaf_nodes", .integer(.init(2)), words: none, tuning: .init(2, 10_000, scale: .logarithmic)),
        Hyperparameter("min_samples_split", amount, default: "2", tuning: .init(2, 100)),
        Hyperparameter("min_samples_leaf", amount, default: "1", tuning: .init(1, 100)),
        Hyperparameter("min_weight_fraction_leaf", .continuous(.init(0, 0.5)), default: "0.0"),
        Hyperparameter("min_impurity_decrease", .continuous(.init(0)), default: "0.0", tuning: .init(0, 0.1)),
        Hyperparameter("max_features", amount, words: ["sqrt", "log2"] + none),
        Hyperparameter("class_weight", .text),
        Hyperparameter("random_state", .integer(.init(0))),
        Hyperparameter("ccp_alpha", .continuous(.init(0)), default: "0.0", tuning: .init(0, 0.1)),
        Hyperparameter("csv_weights", .integer(.init(0, 1)), default: "0"),
    ]
}

/// A job's hyperparameters in the types that training works with.
struct TreeOptions: Sendable {
    /// A number of rows or features, or a share of them.
    enum Amount: Sendable, Equatable {
        case count(Int)
        case share(Double)

        /// The count; shares are rounded up.
        func count(of whole: Int) -> Int {
            switch self {
            case .count(let count): return count
            case .share(let share): return Int((share * Double(whole)).rounded(.up))
            }
        }
    }

    enum ClassWeights: Sendable, Equatable {
        case equal
        case balanced
        case given([String: Double])
    }

    let criterion: TreeSettings.Criterion
    let criterionName: String
    let maximumDepth: Int?
    let maximumLeafCount: Int?
    let minimumSplit: Amount
    let minimumLeaf: Amount
    let minimumLeafWeightFraction: Double
    let minimumImpurityDecrease: Double
    /// Nil for all.
    let features: Amount?
    /// `sqrt` or `log2`.
    let featuresRule: String?
    let classWeights: ClassWeights
    let seed: UInt64?
    let pruningAlpha: Double
    let hasRowWeights: Bool

    init(_ values: HyperparameterValues) throws {
        criterionName = try values.requiredText("criterion")
        switch criterionName {
        case "squared_error": criterion = .squaredError
        case "entropy", "log_loss": criterion = .entropy
        default: criterion = .gini
        }
        maximumDepth = values.integer("max_depth")
        maximumLeafCount = values.integer("max_leaf_nodes")
        minimumSplit = try Self.amount(values, "min_samples_split", least: 2) ?? .count(2)
        minimumLeaf = try Self.amount(values, "min_samples_leaf", least: 1) ?? .count(1)
        minimumLeafWeightFraction = try values.requiredReal("min_weight_fraction_leaf")
        minimumImpurityDecrease = try values.requiredReal("min_impurity_decrease")
        features = try Self.amount(values, "max_features", least: 1)
        featuresRule = values.text("max_features").flatMap { $0 == "None" ? nil : $0 }
        classWeights = try Self.classWeights(values)
        seed = values.integer("random_state").map { UInt64($0) }
        pruningAlpha = try values.requiredReal("ccp_alpha")
        hasRowWeights = values.integer("csv_weights") == 1
        if criterion == .squaredError, classWeights != .equal {
            throw UserError(
                .conflictingHyperparameter(
                    name: "class_weight", value: values.text("class_weight"), other: "criterion", otherValue: criterionName,
                    expected: "nothing: numbers have no classes"))
        }
    }

    /// Python's int is a count, its float a share.
    private static func amount(_ values: HyperparameterValues, _ name: String, least: Int) throws -> Amount? {
        guard let text = values.texts[name], let value = values.real(name) else { return nil }
        let isShare = text.contains { ".eE".contains($0) }
        if isShare, value <= 1 { return .share(value) }
        if !isShare, let count = Int(exactly: value), count >= least { return .count(min(count, 1 << 40)) }
        throw UserError(
            .invalidHyperparameter(
                name: name, value: text, expected: "a whole number of at least \(least), or a share in (0.0, 1.0]"))
    }

    private static func classWeights(_ values: HyperparameterValues) throws -> ClassWeights {
        guard let text = values.text("class_weight"), text != "None" else { return .equal }
        if text == "balanced" { return .balanced }
        guard let weights = try? JSONDecoder().decode([String: Double].self, from: Data(text.utf8)), !weights.isEmpty,
            weights.values.allSatisfy({ $0 >= 0 && $0.isFinite })
        else {
            throw UserError(
                .invalidHyperparameter(
                    name: "class_weight", value: text,
                    expected: "balanced, or a JSON object of classes and weights such as {\"setosa\": 1.0, \"virginica\": 2.5}"))
        }
        return .given(weights)
    }

    /// The core's settings for a training set.
    func settings(rowCount: Int, featureCount: Int, seed: UInt64) -> TreeSettings {
        var settings = TreeSettings(criterion: criterion, seed: self.seed ?? seed)
        settings.maximumDepth = maximumDepth
        settings.maximumLeafCount = maximumLeafCount
        settings.minimumLeafCount = max(1, minimumLeaf.count(of: rowCount))
        settings.minimumSplitCount = max(2, minimumSplit.count(of: rowCount), 2 * settings.minimumLeafCount)
        settings.minimumLeafWeightFraction = minimumLeafWeightFraction
        settings.minimumImpurityDecrease = minimumImpurityDecrease
        switch (featuresRule, features) {
        case ("sqrt"?, _): settings.featureCount = max(1, Int(Double(featureCount).squareRoot()))
        case ("log2"?, _): settings.featureCount = max(1, featureCount.bitWidth - 1 - featureCount.leadingZeroBitCount)
        case (_, .count(let count)?): settings.featureCount = count
        case (_, .share(let share)?): settings.featureCount = max(1, Int(share * Double(featureCount)))
        default: settings.featureCount = nil
        }
        return settings
    }
}
