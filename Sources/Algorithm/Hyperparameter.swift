// SPDX-License-Identifier: Apache-2.0

/// A hyperparameter that an algorithm declares; on the wire every value is text.
public struct Hyperparameter: Sendable, Equatable {
    /// What the values are.
    public enum Kind: Sendable, Equatable {
        case integer(Range<Int>)
        case continuous(Range<Double>)
        case categorical([String])
        /// `true` or `false`, in any case, as Python writes them.
        case boolean
        case text
        /// A JSON list of words, such as `["msd"]`.
        case categoricalList([String])
    }

    /// A range of numbers; a nil end is open to infinity.
    public struct Range<Bound: Comparable & Sendable>: Sendable, Equatable {
        /// The least value; nil where there is none.
        public var minimum: Bound?
        /// The greatest value; nil where there is none.
        public var maximum: Bound?
        /// Whether the least value itself is right.
        public var includesMinimum: Bool
        /// Whether the greatest value itself is right.
        public var includesMaximum: Bool

        /// Makes one from its parts.
        public init(_ minimum: Bound? = nil, _ maximum: Bound? = nil, includesMinimum: Bool = true, includesMaximum: Bool = true) {
            self.minimum = minimum
            self.maximum = maximum
            self.includesMinimum = includesMinimum
            self.includesMaximum = includesMaximum
        }

        /// Whether the value lies in the range.
        public func contains(_ value: Bound) -> Bool {
            if let minimum, value < minimum || (value == minimum && !includesMinimum) { return false }
            if let maximum, value > maximum || (value == maximum && !includesMaximum) { return false }
            return true
        }
    }

    /// The range that a tuning job searches unless it is told otherwise.
    public struct Tuning: Sendable, Equatable {
        /// How a range is searched.
        public enum Scale: String, Sendable {
            case automatic = "Auto"
            case linear = "Linear"
            case logarithmic = "Logarithmic"
            case reverseLogarithmic = "ReverseLogarithmic"
        }

        /// The lower end.
        public var minimum: Double
        /// The upper end.
        public var maximum: Double
        /// How the range is searched.
        public var scale: Scale

        /// Makes one from its parts.
        public init(_ minimum: Double, _ maximum: Double, scale: Scale = .automatic) {
            self.minimum = minimum
            self.maximum = maximum
            self.scale = scale
        }
    }

    /// A rule that holds while another hyperparameter has one of some values.
    public struct Dependency: Sendable, Equatable {
        /// What then holds.
        public enum Rule: Sendable, Equatable {
            /// The hyperparameter must be given.
            case required
            /// Only these texts are right.
            case oneOf([String])
        }

        /// The other hyperparameter.
        public var other: String
        /// The values of the other one, its default included, under which the rule holds.
        public var values: [String]
        /// What then holds.
        public var rule: Rule

        /// Makes one from its parts.
        public init(when other: String, isOneOf values: [String], _ rule: Rule) {
            self.other = other
            self.values = values
            self.rule = rule
        }
    }

    /// The name, as jobs write it.
    public var name: String
    /// What the values are.
    public var kind: Kind
    /// The value of jobs that give none; nil where there is none.
    public var defaultValue: String?
    /// Whether a job without it fails.
    public var isRequired: Bool
    /// Words that are right besides the kind's values, such as `auto`.
    public var words: [String]
    /// Nil where a tuning job may not search it.
    public var tuning: Tuning?
    /// Rules that other hyperparameters bring in.
    public var dependencies: [Dependency]

    /// Makes one from its parts.
    public init(
        _ name: String, _ kind: Kind, default defaultValue: String? = nil, isRequired: Bool = false, words: [String] = [],
        tuning: Tuning? = nil, dependencies: [Dependency] = []
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.words = words
        self.tuning = tuning
        self.dependencies = dependencies
    }

    /// Whether `auto` leaves the choice to the algorithm.
    public var allowsAuto: Bool { words.contains("auto") }
}

extension Hyperparameter {
    /// What would be right, for a person: "a whole number of at least 1, or auto".
    public var expectation: String {
        var text: String
        switch kind {
        case .integer(let range): text = "a whole number" + Self.describe(range)
        case .continuous(let range): text = "a number" + Self.describe(range)
        case .categorical(let values): return "one of " + (values + words).joined(separator: ", ")
        case .boolean: text = "true or false"
        case .text: text = "any text"
        case .categoricalList(let values): text = "a JSON list of words among " + values.joined(separator: ", ")
        }
        if !words.isEmpty { text += ", or " + words.joined(separator: " or ") }
        return text
    }

    private static func describe<Bound>(_ range: Range<Bound>) -> String {
        switch (range.minimum, range.maximum) {
        case (let minimum?, let maximum?):
            return " in \(range.includesMinimum ? "[" : "(")\(minimum), \(maximum)\(range.includesMaximum ? "]" : ")")"
        case (let minimum?, nil): return range.includesMinimum ? " of at least \(minimum)" : " greater than \(minimum)"
        case (nil, let maximum?): return range.includesMaximum ? " of at most \(maximum)" : " less than \(maximum)"
        case (nil, nil): return ""
        }
    }

    /// Reads a value's text; nil where it is of the wrong kind or out of range.
    func value(of text: String) -> HyperparameterValue? {
        if words.contains(text) { return .word(text) }
        switch kind {
        case .integer(let range):
            return (Int(text) ?? Self.wholeNumber(text)).flatMap { range.contains($0) ? .integer($0) : nil }
        case .continuous(let range):
            return Double(text).flatMap { $0.isFinite && range.contains($0) ? .continuous($0) : nil }
        case .categorical(let values):
            return values.contains(text) ? .text(text) : nil
        case .boolean:
            switch text.lowercased() {
            case "true", "1": return .boolean(true)
            case "false", "0": return .boolean(false)
            default: return nil
            }
        case .text:
            return .text(text)
        case .categoricalList(let values):
            guard let list = Self.list(text), list.allSatisfy(values.contains) else { return nil }
            return .list(list)
        }
    }

    /// Python's `json.dumps(3.0)` gives "3.0" for a whole number.
    private static func wholeNumber(_ text: String) -> Int? {
        guard let number = Double(text), number.isFinite else { return nil }
        return Int(exactly: number)
    }

    /// `["a", "b"]`, or a single bare or quoted word.
    private static func list(_ text: String) -> [String]? {
        var inner = Substring(text.filter { !$0.isWhitespace })
        if inner.first == "[" {
            guard inner.last == "]", inner.count >= 2 else { return nil }
            inner = inner.dropFirst().dropLast()
            if inner.isEmpty { return [] }
        }
        var words: [String] = []
        for part in inner.split(separator: ",", omittingEmptySubsequences: false) {
            var word = part
            if let quote = word.first, quote == "\"" || quote == "'" {
                guard word.count >= 2, word.last == quote else { return nil }
                word = word.dropFirst().dropLast()
            }
            guard !word.isEmpty else { return nil }
            words.append(String(word))
        }
        return words
    }
}
