// SPDX-License-Identifier: Apache-2.0

/// The past lines of all sessions, each once, and the ways to look for one.
struct History {
    /// Oldest first.
    private(set) var entries: [String] = []
    private var file: HistoryFile
    private var known: Set<String> = []

    init(path: String) {
        file = HistoryFile(path: path)
        let lines = file.news().entries
        take(lines, isWhole: true)
        if lines.count > 2 * HistoryFile.maximumEntryCount { file.replace(with: entries) }
    }

    /// Takes up what other sessions have added.
    ///
    /// - Returns: The new entries.
    mutating func refresh() -> [String] {
        let (lines, isWhole) = file.news()
        let fresh = lines.filter { !known.contains($0) }
        if !lines.isEmpty { take(lines, isWhole: isWhole) }
        return fresh
    }

    private mutating func take(_ lines: [String], isWhole: Bool) {
        var seen = Set<String>()
        var latest: [String] = []
        for line in lines.reversed() where seen.insert(line).inserted {
            latest.append(line)
            if latest.count == HistoryFile.maximumEntryCount { break }
        }
        latest.reverse()
        if isWhole {
            entries = latest
            known = seen
        } else {
            if latest.contains(where: known.contains) { entries.removeAll(where: seen.contains) }
            entries += latest
            known.formUnion(latest)
        }
    }

    /// Keeps a line for this session and all others.
    mutating func add(_ line: String, isStored: Bool) {
        _ = refresh()
        if entries.last == line { return }
        if isStored {
            file.append(line)
            _ = refresh()
        }
        if entries.last != line {
            if known.contains(line) { entries.removeAll { $0 == line } }
            entries.append(line)
            known.insert(line)
        }
    }

    /// The most recent entry that begins with `text` and goes on.
    func continuation(of text: String) -> String? {
        var text = text
        return text.withUTF8 { prefix in
            for entry in entries.reversed() where entry.utf8.count > prefix.count && entry.utf8.starts(with: prefix) {
                return entry
            }
            return nil
        }
    }

    /// The place of the nearest entry before `place` that begins with `text` and is not `shown`.
    func place(before place: Int, beginningWith text: String, other shown: String) -> Int? {
        entries.indices.prefix(max(0, place)).last { entries[$0] != shown && entries[$0].utf8.starts(with: text.utf8) }
    }

    /// The place of the nearest entry after `place` that begins with `text` and is not `shown`.
    func place(after place: Int, beginningWith text: String, other shown: String) -> Int? {
        entries.indices.dropFirst(place + 1).first { entries[$0] != shown && entries[$0].utf8.starts(with: text.utf8) }
    }

    /// The places of all entries that contain `text`, the most recent first; small letters stand for both kinds.
    func places(containing text: String) -> [Int] {
        if text.isEmpty { return [] }
        let ignoresCase = !text.contains(where: \.isUppercase)
        return entries.indices.reversed().filter { place in
            let entry = ignoresCase ? entries[place].lowercased() : entries[place]
            return entry.contains(text)
        }
    }
}
