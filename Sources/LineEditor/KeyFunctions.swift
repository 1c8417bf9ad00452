// SPDX-License-Identifier: Apache-2.0

import CLibEdit
import Foundation

/// One function that a key can be bound to, beside libedit's own; ~/.editrc can bind it by its name.
struct KeyFunction {
    var name: String
    var summary: String
    var run: sagebrush_key_function

    /// All of them.
    static let all: [KeyFunction] = [
        KeyFunction(name: "sagebrush-complete", summary: "Complete the word before the cursor") { editor, _ in
            LineEditor.call(editor) { $0.complete(step: 1) }
        },
        KeyFunction(name: "sagebrush-complete-back", summary: "Choose the previous proposal") { editor, _ in
            LineEditor.call(editor) { $0.complete(step: -1) }
        },
        KeyFunction(name: "sagebrush-enter", summary: "Take the chosen proposal, go on with an open line, or end it") { editor, _ in
            LineEditor.call(editor) { $0.enter() }
        },
        KeyFunction(name: "sagebrush-space", summary: "Insert a blank, unless a proposal brought one") { editor, _ in
            LineEditor.call(editor) { $0.insertBlank() }
        },
        KeyFunction(name: "sagebrush-new-line", summary: "Begin a further line of the entry") { editor, _ in
            LineEditor.call(editor) { $0.insert("\n") }
        },
        KeyFunction(name: "sagebrush-left", summary: "Go left") { editor, _ in LineEditor.call(editor) { $0.goLeft() } },
        KeyFunction(name: "sagebrush-right", summary: "Go right, or accept the hint") { editor, _ in
            LineEditor.call(editor) { $0.goRight() }
        },
        KeyFunction(name: "sagebrush-end", summary: "Go to the line's end, or accept the hint") { editor, _ in
            LineEditor.call(editor) { $0.goToEnd() }
        },
        KeyFunction(name: "sagebrush-right-word", summary: "Go right by a word, or accept the hint's next word") { editor, _ in
            LineEditor.call(editor) { $0.goRightByWord() }
        },
        KeyFunction(name: "sagebrush-up", summary: "Go to an earlier line that begins like this one") { editor, _ in
            LineEditor.call(editor) { $0.goUp() }
        },
        KeyFunction(name: "sagebrush-down", summary: "Go to a later line that begins like this one") { editor, _ in
            LineEditor.call(editor) { $0.goDown() }
        },
        KeyFunction(name: "sagebrush-search", summary: "Search the earlier lines while typing") { editor, _ in
            LineEditor.call(editor) { $0.searchHistory() }
        },
        KeyFunction(name: "sagebrush-help", summary: "Show help on the word under the cursor") { editor, _ in
            LineEditor.call(editor) { $0.showHelp() }
        },
        KeyFunction(name: "sagebrush-clear", summary: "Clear the screen") { editor, _ in
            LineEditor.call(editor) {
                $0.drawOnClearScreen()
                return CC_NORM
            }
        },
        KeyFunction(name: "sagebrush-cancel", summary: "Close the list") { editor, _ in
            LineEditor.call(editor) { $0.closeMenu() }
        },
        KeyFunction(name: "sagebrush-last-word", summary: "Insert the last word of the line before") { editor, _ in
            LineEditor.call(editor) { $0.insertLastWord() }
        },
        KeyFunction(name: "sagebrush-paste", summary: "Insert what the terminal pasted") { editor, _ in
            LineEditor.call(editor) { $0.insert($0.reader.pasted) }
        },
    ]

    /// Which keys they have, in libedit's notation; libedit's own functions where a shell's user expects them on another key.
    static let bindings: [(keys: [String], function: String)] = [
        (["^I"], "sagebrush-complete"), (["\\e[Z"], "sagebrush-complete-back"),
        (["^M", "^J"], "sagebrush-enter"), (["\\e^M", "\\e^J"], "sagebrush-new-line"), (["\\040"], "sagebrush-space"),
        (["^B", "\\e[D", "\\eOD"], "sagebrush-left"), (["^F", "\\e[C", "\\eOC"], "sagebrush-right"),
        (["^E", "\\e[F", "\\eOF", "\\e[4~", "\\e[8~"], "sagebrush-end"),
        (["\\ef", "\\e[1;5C", "\\e[1;3C"], "sagebrush-right-word"), (["\\eb", "\\e[1;5D", "\\e[1;3D"], "ed-prev-word"),
        (["^P", "\\e[A", "\\eOA"], "sagebrush-up"), (["^N", "\\e[B", "\\eOB"], "sagebrush-down"),
        (["^R"], "sagebrush-search"), (["\\eh", "\\eOP", "\\e[11~", "\\e[[A"], "sagebrush-help"),
        (["^L"], "sagebrush-clear"), (["^G"], "sagebrush-cancel"), (["\\e.", "\\e_"], "sagebrush-last-word"),
        (["\\237"], "sagebrush-paste"), (["\\236"], "sagebrush-cancel"),
        (["\\e[H", "\\eOH", "\\e[1~", "\\e[7~"], "ed-move-to-beg"), (["\\e[3~"], "ed-delete-next-char"),
        (["^W"], "ed-delete-prev-word"), (["^U"], "vi-kill-line-prev"), (["^_"], "vi-undo"),
    ]
    /// In vi's insert mode Escape alone leaves it; in its command mode these letters are ours too.
    static let viInsertBindings: [(keys: [String], function: String)] = [(["\\236"], "vi-command-mode")]
    static let viCommandBindings: [(keys: [String], function: String)] = [
        (["k"], "sagebrush-up"), (["j"], "sagebrush-down"), (["^I"], "sagebrush-complete"), (["^M", "^J"], "sagebrush-enter"),
        (["\\237"], "sagebrush-paste"), (["^R"], "sagebrush-search"), (["^L"], "sagebrush-clear"),
    ]
    /// Keys that mean something else in vi's insert mode.
    static let notInVi: Set<String> = ["^B", "^F", "^E", "^P", "^N", "^U", "^_"]
}

extension LineEditor {
    /// Runs a key's function; what it gives tells libedit what happened to the line.
    static func call(_ editor: OpaquePointer?, _ function: (LineEditor) -> Int32) -> UInt8 {
        guard let self = current(editor) else { return UInt8(CC_ERROR) }
        return UInt8(truncatingIfNeeded: function(self))
    }

    // MARK: The line

    /// The line in libedit's buffer and the cursor's place in it.
    var currentPlace: CompletionMenu.Place {
        guard let info = el_wline(editor)?.pointee, let start = info.buffer else {
            return CompletionMenu.Place(line: [], cursor: 0)
        }
        let count = max(0, start.distance(to: info.lastchar))
        let line = UnsafeBufferPointer(start: start, count: count).map { Unicode.Scalar(UInt32(bitPattern: $0)) ?? "\u{fffd}" }
        return CompletionMenu.Place(line: line, cursor: min(max(0, start.distance(to: info.cursor)), count))
    }

    /// Puts another line into libedit's buffer.
    func setLine(_ line: some Collection<Unicode.Scalar>, cursor: Int? = nil) {
        let place = currentPlace
        _ = el_cursor(editor, Int32(place.line.count - place.cursor))
        el_deletestr(editor, Int32(place.line.count))
        insertScalars(line)
        if let cursor { _ = el_cursor(editor, Int32(cursor - line.count)) }
    }

    private func insertScalars(_ scalars: some Collection<Unicode.Scalar>) {
        if scalars.isEmpty { return }
        let characters = scalars.filter { $0.value != 0 }.map { wchar_t(bitPattern: $0.value) } + [0]
        _ = characters.withUnsafeBufferPointer { el_winsertstr(editor, $0.baseAddress) }
    }

    /// Inserts text at the cursor.
    func insert(_ text: String) -> Int32 {
        insertScalars(Array(text.unicodeScalars))
        return CC_REFRESH
    }

    /// Who types a blank behind a proposal that brought its own means that one.
    func insertBlank() -> Int32 {
        defer { completedPlace = nil }
        return completedPlace == currentPlace ? CC_REFRESH : insert(" ")
    }

    private func moveCursor(by count: Int) -> Int32 {
        _ = el_cursor(editor, Int32(count))
        return CC_REFRESH
    }

    // MARK: Enter

    func enter() -> Int32 {
        if let menu, menu.selection != nil {
            self.menu = nil
            return CC_REFRESH
        }
        let place = currentPlace
        let text = LineEditor.text(place.line)
        _ = moveCursor(by: place.line.count - place.cursor)
        if assistant.needsContinuation(text) { return insert("\n") }
        accepted = place.line
        // libedit takes an empty buffer for the end of input.
        _ = insert("\n")
        return CC_NEWLINE
    }

    // MARK: Moving and accepting hints

    private var currentHint: String? {
        guard menu?.selection == nil, let hint = hint(for: currentPlace)?.accepted, !hint.isEmpty else { return nil }
        return hint
    }

    private func menuStep(_ direction: Int) -> Bool {
        guard let menu, menu.selection != nil, menu.current == currentPlace else { return false }
        let (rowCount, columnCount) = screenSize
        let step = menu.columnStep(columnCount: columnCount, rowCount: CompletionMenu.rowCount(screenHeight: rowCount))
        choose(by: direction * step)
        return true
    }

    func goLeft() -> Int32 {
        if menuStep(-1) { return CC_REFRESH }
        return currentPlace.cursor > 0 ? moveCursor(by: -1) : CC_ERROR
    }

    func goRight() -> Int32 {
        if menuStep(1) { return CC_REFRESH }
        let place = currentPlace
        if place.cursor < place.line.count { return moveCursor(by: 1) }
        return currentHint.map(insert) ?? CC_ERROR
    }

    func goToEnd() -> Int32 {
        let place = currentPlace
        if place.cursor < place.line.count { return moveCursor(by: place.line.count - place.cursor) }
        return currentHint.map(insert) ?? CC_ERROR
    }

    func goRightByWord() -> Int32 {
        let place = currentPlace
        if place.cursor == place.line.count {
            guard let hint = currentHint else { return CC_ERROR }
            return insert(String(LineEditor.firstWord(of: hint)))
        }
        let rest = place.line[place.cursor...]
        let start = rest.firstIndex(where: \.properties.isAlphabetic) ?? rest.endIndex
        let end = rest[start...].firstIndex { !$0.properties.isAlphabetic && !("0"..."9").contains($0) } ?? rest.endIndex
        return moveCursor(by: end - place.cursor)
    }

    /// Blanks, and what follows up to the next blank or the part of a path or value that ends there.
    static func firstWord(of hint: String) -> Substring {
        let start = hint.firstIndex { !$0.isWhitespace } ?? hint.endIndex
        var end = start
        while end < hint.endIndex, !hint[end].isWhitespace {
            let isEnd = "/=,:".contains(hint[end])
            end = hint.index(after: end)
            // The two dashes or slashes of an option or an address are not parts of their own.
            if isEnd, end < hint.endIndex, hint[end] != "/" { break }
        }
        return hint[..<end]
    }

    // MARK: Help

    func showHelp() -> Int32 {
        let place = currentPlace
        if var shown = help, shown.place == place {
            shown.turnPage(screenSize.rows)
            help = shown
            return CC_NORM
        }
        guard let text = assistant.help(LineEditor.text(place.line), place.cursor), !text.isEmpty else { return CC_ERROR }
        menu = nil
        help = HelpPanel(text: text, place: place)
        return CC_NORM
    }
}

/// Help on a word, below the line until the next key; the same key again turns the page.
struct HelpPanel {
    let lines: [String]
    let place: CompletionMenu.Place
    var isShown = true
    private var first = 0

    init(text: String, place: CompletionMenu.Place) {
        lines = text.trimmingCharacters(in: .newlines).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        self.place = place
    }

    /// A word on what was asked for, of no place: asking for help is another thing.
    init(note: String) {
        lines = [note]
        place = CompletionMenu.Place(line: [], cursor: -1)
    }

    private func height(_ rowCount: Int) -> Int { max(1, rowCount * 2 / 3 - 2) }

    mutating func turnPage(_ rowCount: Int) {
        isShown = true
        first = first + height(rowCount) < lines.count ? first + height(rowCount) : 0
    }

    func rows(columnCount: Int, rowCount: Int, assistant: LineAssistant) -> [String] {
        let shown = lines[first..<min(lines.count, first + height(rowCount))].map { TextWidth.cut($0, to: columnCount - 1) }
        let rest = lines.count - first - shown.count
        let note = rest > 0 ? ["\u{1b}[\(assistant.faintStyle)m… \(rest) more lines: the same key again\u{1b}[m"] : []
        return shown + note
    }
}
