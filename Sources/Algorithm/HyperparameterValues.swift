// SPDX-License-Identifier: Apache-2.0

/// One checked value.
public enum HyperparameterValue: Sendable, Equatable {
    case integer(Int)
    case continuous(Double)
    case boolean(Bool)
    case text(String)
    case list([String])
    /// A word that stands beside the kind's values, such as `auto`.
    case word(String)
}

/// The checked hyperparameters of a job, defaults filled in.
///
/// The optional accessors give nil for `auto` and other words, and for what has neither value nor default; the throwing ones are for
/// values that a declaration guarantees.
public struct HyperparameterValues: Sendable, Equatable {
    /// What the job gave, as text.
    public let given: [String: String]
    /// What holds, as text: defaults overlaid with what the job gave.
    public let texts: [String: String]
    private let values: [String: HyperparameterValue]

    /// Checks a job's texts against declarations.
    ///
    /// Throws ``UserError``: an unknown name, a missing required one, a value of the wrong kind or out of range, a broken dependency.
    public init(_ given: [String: String], declared: [Hyperparameter]) throws {
        var values: [String: HyperparameterValue] = [:]
        var texts: [String: String] = [:]
        let names = Set(declared.map(\.name))
        if let unknown = given.keys.sorted().first(where: { !names.contains($0) }) {
            let visible = declared.map(\.name).filter { !$0.hasPrefix("_") }
            throw UserError(.unknownHyperparameter(name: unknown, allowed: visible))
        }
        for hyperparameter in declared {
            guard let text = given[hyperparameter.name] ?? hyperparameter.defaultValue else {
                if hyperparameter.isRequired {
                    throw UserError(.missingHyperparameter(name: hyperparameter.name, expected: hyperparameter.expectation))
                }
                continue
            }
            guard let value = hyperparameter.value(of: text) else {
                throw UserError(
                    .invalidHyperparameter(name: hyperparameter.name, value: text, expected: hyperparameter.expectation))
            }
            texts[hyperparameter.name] = text
            values[hyperparameter.name] = value
        }
        for hyperparameter in declared {
            for dependency in hyperparameter.dependencies {
                try Self.check(dependency, of: hyperparameter, texts: texts)
            }
        }
        self.given = given
        self.texts = texts
        self.values = values
    }

    private static func check(
        _ dependency: Hyperparameter.Dependency, of hyperparameter: Hyperparameter, texts: [String: String]
    ) throws {
        guard let otherValue = texts[dependency.other], dependency.values.contains(otherValue) else { return }
        let text = texts[hyperparameter.name]
        let expected: String
        switch dependency.rule {
        case .required:
            if text != nil { return }
            expected = hyperparameter.expectation
        case .oneOf(let allowed):
            guard let text, !allowed.contains(text) else { return }
            expected = "one of " + allowed.joined(separator: ", ")
        }
        throw UserError(
            .conflictingHyperparameter(
                name: hyperparameter.name, value: text, other: dependency.other, otherValue: otherValue, expected: expected))
    }

    /// The checked value; nil where there is neither value nor default.
    public subscript(name: String) -> HyperparameterValue? { values[name] }

    /// Whether the value is the word `auto`, or there is none.
    public func isAuto(_ name: String) -> Bool {
        values[name] == nil || values[name] == .word("auto")
    }

    /// The whole number; nil for words and where there is none.
    public func integer(_ name: String) -> Int? {
        if case .integer(let value) = values[name] { return value }
        return nil
    }

    /// The number; nil for words and where there is none.
    public func real(_ name: String) -> Double? {
        switch values[name] {
        case .continuous(let value): return value
        case .integer(let value): return Double(value)
        default: return nil
        }
    }

    /// The truth value; nil for words and where there is none.
    public func boolean(_ name: String) -> Bool? {
        if case .boolean(let value) = values[name] { return value }
        return nil
    }

    /// The text of categorical and text values, and of words; nil where there is none.
    public func text(_ name: String) -> String? {
        switch values[name] {
        case .text(let value), .word(let value): return value
        default: return nil
        }
    }

    /// The words of a list; nil where there is none.
    public func list(_ name: String) -> [String]? {
        if case .list(let value) = values[name] { return value }
        return nil
    }

    /// The whole number; throws ``AlgorithmError`` where there is none.
    public func requiredInteger(_ name: String) throws -> Int { try required(name, integer(name)) }

    /// The number; throws ``AlgorithmError`` where there is none.
    public func requiredReal(_ name: String) throws -> Double { try required(name, real(name)) }

    /// The truth value; throws ``AlgorithmError`` where there is none.
    public func requiredBoolean(_ name: String) throws -> Bool { try required(name, boolean(name)) }

    /// The text; throws ``AlgorithmError`` where there is none.
    public func requiredText(_ name: String) throws -> String { try required(name, text(name)) }

    private func required<Result>(_ name: String, _ value: Result?) throws -> Result {
        guard let value else { throw AlgorithmError("hyperparameter '\(name)' has no value of its kind") }
        return value
    }
}
