// SPDX-License-Identifier: Apache-2.0

import JMESPath
import ServiceModel

/// One argument that a command takes: an option with its dashes, or a positional word.
struct ArgumentSpecification {
    /// How many words an argument takes.
    enum Arity: Equatable {
        /// One word.
        case one
        /// None; the option itself says true or false.
        case flag(Bool)
        /// At most one; without a word, an option means the text.
        case optional(constant: String?)
        /// Any number.
        case any
        /// At least one.
        case atLeastOne
        /// That many.
        case exactly(Int)

        var minimum: Int {
            switch self {
            case .one, .atLeastOne: 1
            case .flag, .optional, .any: 0
            case .exactly(let count): count
            }
        }

        var maximum: Int {
            switch self {
            case .one, .optional: 1
            case .flag: 0
            case .any, .atLeastOne: .max
            case .exactly(let count): count
            }
        }

        var isList: Bool {
            switch self {
            case .any, .atLeastOne, .exactly: true
            default: false
            }
        }
    }

    /// `--bucket`; nil for a positional word.
    var option: String?
    /// Under which name the value is found; several options may share it.
    var destination: String
    var arity: Arity
    var isRequired = false
    var choices: [String]?

    /// An option; its destination is its name without dashes.
    init(option: String, arity: Arity = .one, destination: String? = nil, isRequired: Bool = false, choices: [String]? = nil) {
        self.option = option
        self.destination = destination ?? String(option.drop { $0 == "-" })
        self.arity = arity
        self.isRequired = isRequired
        self.choices = choices
    }

    init(positional name: String, arity: Arity = .one, choices: [String]? = nil) {
        destination = name
        self.arity = arity
        isRequired = arity.minimum > 0
        self.choices = choices
    }

    var shownName: String { option ?? destination }
}

/// What an argument was given.
enum ArgumentValue: Equatable, Sendable {
    case text(String)
    case flag(Bool)
    case list([String])

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    var list: [String]? { if case .list(let words) = self { words } else { nil } }
}

/// The values by destination, and the words that nothing took.
struct ParsedArguments: Sendable {
    var values: [String: ArgumentValue] = [:]
    var remaining: [String] = []
    /// Each option as it was given, in the order of the command line: for options whose order matters.
    var occurrences: [(option: String, words: [String])] = []

    func text(_ name: String) -> String? { values[name]?.text }
    func flag(_ name: String) -> Bool { values[name]?.flag ?? false }
    func list(_ name: String) -> [String]? { values[name]?.list }
}

/// Reads words as Python's `argparse.parse_known_args` does, whose rules are the real command's: options anywhere,
/// `--name=value`, unambiguous beginnings of options, positional words where they fit, the rest left over.
struct ArgumentParser {
    private let options: [ArgumentSpecification]
    private var pendingPositionals: [ArgumentSpecification]
    private let allPositionals: [ArgumentSpecification]
    /// Options by name whose words must be numbers.
    private let conversions: [String: ShapeKind]
    private var words: [String] = []
    private var parsed = ParsedArguments()
    private var seen: Set<String> = []
    /// Where the first `--` is; it belongs to the positional word beside it and says nothing itself.
    private var separator: Int?

    private enum Reading {
        case word
        /// The first `--`: what follows are words, whatever they look like.
        case separator
        case unknownOption
        case option(ArgumentSpecification, explicit: String?)
    }

    init(_ specifications: [ArgumentSpecification], conversions: [String: ShapeKind] = [:]) {
        self.conversions = conversions
        options = specifications.filter { $0.option != nil }
        allPositionals = specifications.filter { $0.option == nil }
        pendingPositionals = allPositionals
    }

    /// - Throws: `CommandFailure` with the usage below it.
    func parse(_ words: [String]) throws(CommandFailure) -> ParsedArguments {
        var copy = self
        copy.words = words
        return try copy.run()
    }

    private mutating func run() throws(CommandFailure) -> ParsedArguments {
        var readings: [Reading] = []
        for word in words {
            if separator != nil {
                readings.append(.word)
            } else if word == "--" {
                separator = readings.count
                readings.append(.separator)
            } else {
                readings.append(try read(word))
            }
        }
        let optionPlaces = readings.indices.filter { place in
            switch readings[place] {
            case .word, .separator: false
            default: true
            }
        }
        var place = 0
        for next in optionPlaces where next >= place {
            while place < next {
                let end = try consumePositionals(from: place, limit: next)
                if end == place {
                    parsed.remaining += words[place..<next]
                    place = next
                }
                place = max(place, end)
            }
            place = try consumeOption(readings, at: next)
        }
        place = try consumePositionals(from: place, limit: words.count)
        parsed.remaining += words[min(place, words.count)...]
        let missing = (options + allPositionals).filter { $0.isRequired && !seen.contains($0.shownName) }
        if !missing.isEmpty {
            throw .usage("the following arguments are required: \(missing.map(\.shownName).joined(separator: ", "))")
        }
        return parsed
    }

    private func read(_ word: String) throws(CommandFailure) -> Reading {
        guard word.hasPrefix("-"), word.utf8.count > 1, word != "--" else { return .word }
        if let exact = options.first(where: { $0.option == word }) { return .option(exact, explicit: nil) }
        var name = Substring(word)
        var explicit: String?
        if let equals = word.firstIndex(of: "=") {
            name = word[..<equals]
            explicit = String(word[word.index(after: equals)...])
            if let exact = options.first(where: { $0.option.map { $0 == name } ?? false }) {
                return .option(exact, explicit: explicit)
            }
        }
        let candidates = options.filter { $0.option?.hasPrefix(name) ?? false }
        if candidates.count > 1 {
            let names = candidates.compactMap(\.option).joined(separator: ", ")
            throw .usage("ambiguous option: \(word) could match \(names)")
        }
        if let only = candidates.first { return .option(only, explicit: explicit) }
        if isNegativeNumber(word) || word.contains(" ") { return .word }
        return .unknownOption
    }

    private func isNegativeNumber(_ word: String) -> Bool {
        let digits = word.dropFirst()
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }) else { return false }
        return parts.last.map { !$0.isEmpty } ?? false
    }

    private mutating func consumeOption(_ readings: [Reading], at place: Int) throws(CommandFailure) -> Int {
        guard case .option(let specification, let explicit) = readings[place] else {
            parsed.remaining.append(words[place])
            return place + 1
        }
        if let explicit {
            if specification.arity.maximum == 0 {
                throw failure(specification, "ignored explicit argument \(JSONValue.string(explicit).pythonRepresentation)")
            }
            if specification.arity.minimum > 1 { throw failure(specification, expectation(specification.arity)) }
            try store(specification, [explicit])
            return place + 1
        }
        var end = place + 1
        while end < words.count, end - place - 1 < specification.arity.maximum, case .word = readings[end] { end += 1 }
        let given = Array(words[(place + 1)..<end])
        if given.count < specification.arity.minimum { throw failure(specification, expectation(specification.arity)) }
        try store(specification, given)
        return end
    }

    /// Gives the words up to `limit` to as many positional arguments as they suffice for; the end of what was taken.
    private mutating func consumePositionals(from place: Int, limit: Int) throws(CommandFailure) -> Int {
        let places = (place..<limit).filter { $0 != separator }
        let available = places.count
        var count = pendingPositionals.count
        while count > 0, pendingPositionals[..<count].reduce(0, { $0 + $1.arity.minimum }) > available { count -= 1 }
        if count == 0 { return place }
        var used = 0
        for (index, specification) in pendingPositionals[..<count].enumerated() {
            let needed = pendingPositionals[(index + 1)..<count].reduce(0) { $0 + $1.arity.minimum }
            let taken = min(specification.arity.maximum, available - used - needed)
            try store(specification, places[used..<used + taken].map { words[$0] })
            used += taken
        }
        pendingPositionals.removeFirst(count)
        let end = used == 0 ? place : places[used - 1] + 1
        return end == separator ? end + 1 : end
    }

    private mutating func store(_ specification: ArgumentSpecification, _ given: [String]) throws(CommandFailure) {
        if let choices = specification.choices {
            for word in given where !choices.contains(word) {
                throw failure(specification, Self.invalidChoice(word, choices))
            }
        }
        if let option = specification.option { parsed.occurrences.append((option, given)) }
        if let kind = conversions[specification.shownName] {
            for word in given { try checkNumber(word, kind, specification) }
        }
        let name = specification.destination
        switch specification.arity {
        case .flag(let flag): parsed.values[name] = .flag(flag)
        case .one: parsed.values[name] = .text(given.first ?? "")
        case .optional(let constant):
            if let text = given.first ?? (specification.option == nil ? nil : constant) { parsed.values[name] = .text(text) }
        case .any where specification.option == nil && given.isEmpty: break
        case .any, .atLeastOne, .exactly: parsed.values[name] = .list(given)
        }
        seen.insert(specification.shownName)
    }

    private func checkNumber(_ word: String, _ kind: ShapeKind, _ specification: ArgumentSpecification) throws(CommandFailure) {
        let isWhole = kind == .long || kind == .integer
        let isNumber = isWhole ? (try? PythonNumber.integer(word)) != nil : (try? PythonNumber.double(word)) != nil
        if !isNumber {
            let shown = JSONValue.string(word).pythonRepresentation
            throw failure(specification, "invalid \(isWhole ? "int" : "float") value: \(shown)")
        }
    }

    private func failure(_ specification: ArgumentSpecification, _ text: String) -> CommandFailure {
        .usage("argument \(specification.shownName): \(text)")
    }

    private func expectation(_ arity: ArgumentSpecification.Arity) -> String {
        switch arity {
        case .atLeastOne: "expected at least one argument"
        case .optional: "expected at most one argument"
        case .exactly(let count): count == 1 ? "expected 1 argument" : "expected \(count) arguments"
        default: "expected one argument"
        }
    }

    /// The complaint about a word that is none of the choices, with those that look like it.
    static func invalidChoice(_ word: String, _ choices: [String]) -> String {
        var text = "Found invalid choice '\(word)'\n"
        let similar = CloseMatches.find(word, in: choices)
        if !similar.isEmpty { text += "\nMaybe you meant:\n\n" + similar.map { "  * \($0)" }.joined(separator: "\n") }
        return text
    }
}

/// Python's `difflib.get_close_matches` with a cutoff of 0.8: at most three, the most similar first.
enum CloseMatches {
    static func find(_ word: String, in choices: [String]) -> [String] {
        let target = Array(word.utf8)
        let scored = choices.compactMap { choice -> (ratio: Double, choice: String)? in
            let ratio = ratio(Array(choice.utf8), target)
            return ratio >= 0.8 ? (ratio, choice) : nil
        }
        return scored.sorted { ($0.ratio, $0.choice) > ($1.ratio, $1.choice) }.prefix(3).map(\.choice)
    }

    /// Twice the matching bytes over all bytes, blocks found as the longest first (Ratcliff and Obershelp).
    static func ratio(_ left: [UInt8], _ right: [UInt8]) -> Double {
        let total = left.count + right.count
        if total == 0 { return 1 }
        if Double(2 * min(left.count, right.count)) / Double(total) < 0.8 { return 0 }
        return Double(2 * matches(left[...], right[...])) / Double(total)
    }

    private static func matches(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var best = (left: left.startIndex, right: right.startIndex, length: 0)
        var lengths: [Int: Int] = [:]
        for i in left.indices {
            var next: [Int: Int] = [:]
            for j in right.indices where left[i] == right[j] {
                let length = (lengths[j - 1] ?? 0) + 1
                next[j] = length
                if length > best.length { best = (i - length + 1, j - length + 1, length) }
            }
            lengths = next
        }
        if best.length == 0 { return 0 }
        return best.length + matches(left[..<best.left], right[..<best.right])
            + matches(left[(best.left + best.length)...], right[(best.right + best.length)...])
    }
}
