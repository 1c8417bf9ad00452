// SPDX-License-Identifier: Apache-2.0

/// How well a name fits what is typed: the whole name, its beginning, the first letters of its words (`dtj` for `describe-training-job`),
/// a part of it, or letters of it in their order.
enum Matching {
    /// The kinds of fit, the best first.
    enum Quality: Int, Comparable {
        case exact, prefix, initials, wordBeginnings, part, subsequence

        static func < (left: Quality, right: Quality) -> Bool { left.rawValue < right.rawValue }
    }

    static func quality(of name: String, typed: String) -> Quality? {
        let candidate = lowered(name)
        let wanted = lowered(typed)
        if wanted.isEmpty { return .prefix }
        if candidate == wanted { return .exact }
        if candidate.starts(with: wanted) { return .prefix }
        let starts = wordStarts(candidate)
        if wanted.count == starts.count, wanted.count > 1, zip(starts, wanted).allSatisfy({ candidate[$0] == $1 }) {
            return .initials
        }
        if wanted.count > 1, fitsWordBeginnings(candidate, starts[...], wanted[...]) { return .wordBeginnings }
        if wanted.count > 1, contains(candidate, wanted) { return .part }
        if wanted.count > 2, isSubsequence(wanted, of: candidate) { return .subsequence }
        return nil
    }

    /// The names that fit best: those of the best kind that there is, so that a typed beginning shows nothing else; of equal ones the
    /// order stays.
    static func best<Item>(_ items: [Item], typed: String, name: (Item) -> String) -> [Item] {
        // There may be thousands of names: beginnings are looked for first, without taking any name apart.
        let wanted = lowered(typed)
        let beginning = items.filter { hasBeginning(name($0), wanted) }
        if !beginning.isEmpty {
            let exact = beginning.filter { name($0).utf8.count == wanted.count }
            return exact.isEmpty ? beginning : exact + beginning.filter { name($0).utf8.count != wanted.count }
        }
        let judged = items.compactMap { item in quality(of: name(item), typed: typed).map { (item: item, quality: $0) } }
        guard let best = judged.map(\.quality).min() else { return [] }
        let worst: Quality
        switch best {
        case .exact, .prefix: worst = .prefix
        case .initials, .wordBeginnings: worst = .wordBeginnings
        case .part: worst = .part
        case .subsequence: worst = .subsequence
        }
        var kept: [Item] = []
        for quality in best.rawValue...worst.rawValue { kept += judged.filter { $0.quality.rawValue == quality }.map(\.item) }
        return kept
    }

    private static func lowered(_ text: String) -> [UInt8] {
        text.utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
    }

    private static func hasBeginning(_ name: String, _ wanted: [UInt8]) -> Bool {
        var place = 0
        for byte in name.utf8 {
            if place == wanted.count { return true }
            if (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) != wanted[place] { return false }
            place += 1
        }
        return place == wanted.count
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")
    }

    private static func wordStarts(_ name: [UInt8]) -> [Int] {
        name.indices.filter { !isSeparator(name[$0]) && ($0 == 0 || isSeparator(name[$0 - 1])) }
    }

    /// Whether the typed letters are beginnings of words in their order: `crtr` is in `create-training-job`.
    private static func fitsWordBeginnings(_ name: [UInt8], _ starts: ArraySlice<Int>, _ wanted: ArraySlice<UInt8>) -> Bool {
        guard let letter = wanted.first else { return true }
        guard let start = starts.first else { return false }
        if name[start] == letter {
            var length = 0
            while start + length < name.count, length < wanted.count, name[start + length] == wanted[wanted.startIndex + length],
                !isSeparator(name[start + length])
            {
                length += 1
            }
            for taken in stride(from: length, to: 0, by: -1)
            where fitsWordBeginnings(name, starts.dropFirst(), wanted.dropFirst(taken)) { return true }
        }
        return fitsWordBeginnings(name, starts.dropFirst(), wanted)
    }

    private static func contains(_ name: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard name.count >= wanted.count else { return false }
        return (0...(name.count - wanted.count)).contains { name[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }

    private static func isSubsequence(_ wanted: [UInt8], of name: [UInt8]) -> Bool {
        var rest = wanted[...]
        for byte in name where byte == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }
}

/// Which operations come first where several fit as well.
enum OperationRank {
    /// What people do most often, in this order.
    private static let verbs = ["describe", "list", "get", "create", "put", "invoke", "start", "stop", "update", "delete"]
    /// The nouns of a workshop.
    private static let nouns = [
        "training-job", "endpoint", "endpoint-config", "model", "notebook-instance", "bucket", "object", "objects-v2", "role",
        "user",
        "policy", "caller-identity", "log-groups", "log-streams", "log-events", "repository", "service-quota",
    ]

    /// The rank of an operation's name; smaller is earlier.
    static func rank(_ name: String) -> Int {
        let verb = name.prefix { $0 != "-" }
        let noun = name.dropFirst(verb.count + 1)
        let nounRank =
            nouns.firstIndex { $0 == noun }
            ?? nouns.firstIndex { noun.hasPrefix($0) && noun.dropFirst($0.count).first == "s" }.map { $0 + nouns.count } ?? 100
        let verbRank = verbs.firstIndex { $0 == verb } ?? verbs.count
        return nounRank * 100 + verbRank
    }

    static func sorted(_ names: [String]) -> [String] {
        names.map { (rank: rank($0), name: $0) }.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }.map(\.name)
    }
}
