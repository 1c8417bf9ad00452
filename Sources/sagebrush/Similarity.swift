// SPDX-License-Identifier: Apache-2.0

/// Which known words a mistyped one may have meant.
enum Similarity {
    /// At most three of `choices`, the nearest first: those with few slips of the finger between, and those that only go on.
    static func nearest(to word: String, in choices: some Sequence<String>) -> [String] {
        let typed = Array(word.lowercased().utf8)
        guard !typed.isEmpty else { return [] }
        let allowed = max(1, typed.count / 4)
        var scored: [(distance: Int, choice: String)] = []
        for choice in Set(choices) where choice != word {
            let bytes = Array(choice.lowercased().utf8)
            if bytes == typed {
                scored.append((0, choice))
            } else if typed.count >= 4, bytes.starts(with: typed) {
                scored.append((allowed, choice))
            } else if abs(bytes.count - typed.count) <= allowed {
                let distance = distance(typed, bytes)
                if distance <= allowed { scored.append((distance, choice)) }
            }
        }
        return scored.sorted { ($0.distance, $0.choice) < ($1.distance, $1.choice) }.prefix(3).map(\.choice)
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one of the other (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
