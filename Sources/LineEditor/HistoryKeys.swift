// SPDX-License-Identifier: Apache-2.0

import CLibEdit

/// Where ↑ and ↓ have come to.
struct HistoryNavigation {
    /// What was typed before the first ↑: only lines that begin with it are shown, and ↓ comes back to it.
    var typed: String
    /// The shown entry.
    var place: Int
    /// What stands in the line; where it stands no more, the next ↑ begins anew.
    var shown: String
}

/// A search in the past lines under way.
struct HistorySearch {
    var pattern = ""
    /// The lines that contain the pattern, the most recent first.
    var matches: [Int] = []
    var chosen = 0
    /// What is to be seen in place of the line.
    var shown: CompletionMenu.Place
    /// Where the pattern is in it.
    var matchRange: Range<Int>?

    func caption(_ assistant: LineAssistant) -> String {
        let found = matches.isEmpty ? (pattern.isEmpty ? "" : "no such line") : "\(chosen + 1) of \(matches.count)"
        return "\u{1b}[\(assistant.faintStyle)msearch:\u{1b}[m \(pattern)\u{1b}[\(assistant.faintStyle)m▏ \(found)\u{1b}[m"
    }
}

extension LineEditor {
    // MARK: ↑ and ↓

    func goUp() -> Int32 {
        if menu?.selection != nil, menu?.current == currentPlace {
            choose(by: -1)
            return CC_REFRESH
        }
        if let move = verticalMove(up: true) { return moveWithinLine(by: move) }
        return showPast { [self] in history.place(before: $0.place, beginningWith: $0.typed, other: $0.shown) }
    }

    func goDown() -> Int32 {
        if menu?.selection != nil, menu?.current == currentPlace {
            choose(by: 1)
            return CC_REFRESH
        }
        if let move = verticalMove(up: false) { return moveWithinLine(by: move) }
        guard let navigation, navigation.shown == LineEditor.text(currentPlace.line) else { return CC_ERROR }
        if history.place(after: navigation.place, beginningWith: navigation.typed, other: navigation.shown) == nil {
            self.navigation = nil
            setLine(Array(navigation.typed.unicodeScalars))
            return CC_REFRESH
        }
        return showPast { [self] in history.place(after: $0.place, beginningWith: $0.typed, other: $0.shown) }
    }

    private func showPast(_ find: (HistoryNavigation) -> Int?) -> Int32 {
        let text = LineEditor.text(currentPlace.line)
        var navigation = navigation ?? HistoryNavigation(typed: text, place: 0, shown: "")
        if self.navigation == nil || navigation.shown != text {
            takeUpHistory()
            navigation = HistoryNavigation(typed: text, place: history.entries.count, shown: text)
        }
        guard let place = find(navigation), history.entries.indices.contains(place) else { return CC_ERROR }
        navigation.place = place
        navigation.shown = history.entries[place]
        self.navigation = navigation
        setLine(Array(navigation.shown.unicodeScalars))
        return CC_REFRESH
    }

    private func takeUpHistory() {
        for line in history.refresh() { sagebrush_history_enter(historyHandle, line) }
    }

    private func moveWithinLine(by count: Int) -> Int32 {
        _ = el_cursor(editor, Int32(count))
        return CC_REFRESH
    }

    /// How far the cursor moves to the same column of the line above or below, inside an entry of several lines.
    private func verticalMove(up: Bool) -> Int? {
        let (line, cursor) = (currentPlace.line, currentPlace.cursor)
        // An entry that came out of the history is left as a whole.
        if let navigation, navigation.shown == LineEditor.text(line) { return nil }
        let start = (line[..<cursor].lastIndex(of: "\n") ?? -1) + 1
        if up {
            guard start > 0 else { return nil }
            let previous = (line[..<(start - 1)].lastIndex(of: "\n") ?? -1) + 1
            return min(previous + cursor - start, start - 1) - cursor
        }
        guard let end = line[cursor...].firstIndex(of: "\n") else { return nil }
        let nextEnd = line[(end + 1)...].firstIndex(of: "\n") ?? line.count
        return min(end + 1 + cursor - start, nextEnd) - cursor
    }

    // MARK: The last word

    func insertLastWord() -> Int32 {
        guard let word = history.entries.last?.split(whereSeparator: \.isWhitespace).last else { return CC_ERROR }
        return insert(String(word))
    }

    // MARK: Ctrl-R

    /// Reads the keys of a search until one ends it.
    func searchHistory() -> Int32 {
        takeUpHistory()
        menu = nil
        let original = currentPlace
        search = HistorySearch(shown: original)
        defer { search = nil }
        while true {
            guard case .character(let value) = reader.next() else {
                // Ctrl-C drops the line with the search; the reader knows which it was.
                isInterrupted = true
                return CC_EOF
            }
            switch value {
            case 0x12, 0x13: moveSearch(by: value == 0x12 ? 1 : -1)
            case 0x08, 0x7f:
                if search?.pattern.isEmpty == false { search?.pattern.removeLast() }
                findMatches(original)
            case 0x07: return CC_REFRESH
            case KeyReader.Code.escape:
                takeMatch()
                return CC_REFRESH
            case KeyReader.Code.paste:
                search?.pattern += reader.pasted
                findMatches(original)
            case 0x0d, 0x0a:
                takeMatch()
                search = nil
                return enter()
            case 0..<0x20:
                // Any other key ends the search and does what it does.
                takeMatch()
                reader.pushBack([UInt8(truncatingIfNeeded: value)])
                return CC_REFRESH
            default:
                if let scalar = Unicode.Scalar(value) { search?.pattern.unicodeScalars.append(scalar) }
                findMatches(original)
            }
        }
    }

    private func findMatches(_ original: CompletionMenu.Place) {
        guard var search else { return }
        search.matches = history.places(containing: search.pattern)
        search.chosen = 0
        self.search = search
        showMatch(otherwise: search.pattern.isEmpty ? original : nil)
    }

    private func moveSearch(by step: Int) {
        guard let search, search.matches.indices.contains(search.chosen + step) else { return }
        self.search?.chosen += step
        showMatch(otherwise: nil)
    }

    private func showMatch(otherwise original: CompletionMenu.Place?) {
        guard var search else { return }
        if search.matches.indices.contains(search.chosen) {
            let line = Array(history.entries[search.matches[search.chosen]].unicodeScalars)
            let pattern = Array(search.pattern.unicodeScalars)
            let start = HistorySearch.place(of: pattern, in: line) ?? 0
            search.shown = CompletionMenu.Place(line: line, cursor: start)
            search.matchRange = start..<start + pattern.count
        } else {
            if let original { search.shown = original }
            search.matchRange = nil
        }
        self.search = search
    }

    private func takeMatch() {
        guard let search, search.matches.indices.contains(search.chosen) else { return }
        setLine(search.shown.line)
    }
}

extension HistorySearch {
    /// Where a line has a pattern; letters of either case are the same.
    static func place(of pattern: [Unicode.Scalar], in line: [Unicode.Scalar]) -> Int? {
        func folded(_ scalars: [Unicode.Scalar]) -> [String] { scalars.map { String($0).lowercased() } }
        let (wanted, given) = (folded(pattern), folded(line))
        guard !wanted.isEmpty, given.count >= wanted.count else { return nil }
        return (0...(given.count - wanted.count)).first { given[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
