// SPDX-License-Identifier: Apache-2.0

import CLibEdit

extension LineEditor {
    /// TAB: puts in what all proposals share, or shows them; again, goes through them.
    func complete(step: Int) -> Int32 {
        if menu != nil, menu?.current == currentPlace {
            choose(by: step)
            return CC_REFRESH
        }
        let place = currentPlace
        let answer = assistant.complete(LineEditor.text(place.line), place.cursor)
        guard let first = answer.completions.first, answer.replacedLength <= place.cursor else {
            help = HelpPanel(note: "\u{1b}[\(assistant.faintStyle)mnothing known fits here\u{1b}[m")
            return CC_NORM
        }
        if answer.completions.count == 1 {
            replace(answer.replacedLength, with: first.text + (first.endsWord ? " " : ""))
            return CC_REFRESH
        }
        menu = CompletionMenu(answer: answer, original: place, current: place)
        let typed = LineEditor.text(place.line[(place.cursor - answer.replacedLength)..<place.cursor])
        guard answer.completions.allSatisfy({ $0.text.utf8.starts(with: typed.utf8) }) else {
            // Proposals that do not begin with what is typed replace it: the best one at once.
            choose(by: 1)
            return CC_REFRESH
        }
        let common = LineEditor.commonBeginning(answer.completions)
        if common.count > typed.count {
            replace(answer.replacedLength, with: common)
            let added = common.unicodeScalars.count - typed.unicodeScalars.count
            let changed = CompletionAnswer(replacedLength: answer.replacedLength + added, completions: answer.completions)
            menu = CompletionMenu(answer: changed, original: currentPlace, current: currentPlace)
        }
        return CC_REFRESH
    }

    /// What all proposals begin with.
    static func commonBeginning(_ completions: [Completion]) -> String {
        guard var common = completions.first?.text.unicodeScalars[...] else { return "" }
        for completion in completions.dropFirst() {
            var end = common.startIndex
            for scalar in completion.text.unicodeScalars {
                guard end < common.endIndex, common[end] == scalar else { break }
                end = common.index(after: end)
            }
            common = common[..<end]
        }
        return String(common)
    }

    /// Chooses another proposal of the open menu and puts it in.
    func choose(by step: Int) {
        guard var menu else { return }
        menu.select(by: step)
        guard let selection = menu.selection else { return }
        let completion = menu.answer.completions[selection]
        setLine(menu.original.line, cursor: menu.original.cursor)
        replace(menu.answer.replacedLength, with: completion.text + (completion.endsWord ? " " : ""))
        menu.current = currentPlace
        self.menu = menu
    }

    /// Closes the list, and takes back what it had put in.
    func closeMenu() -> Int32 {
        guard let menu else { return CC_ERROR }
        self.menu = nil
        if menu.current == currentPlace, menu.selection != nil { setLine(menu.original.line, cursor: menu.original.cursor) }
        return CC_REFRESH
    }

    private func replace(_ length: Int, with text: String) {
        let place = currentPlace
        var text = text
        // A blank that is there already is not put in again.
        if text.hasSuffix(" "), place.cursor < place.line.count, place.line[place.cursor] == " " { text.removeLast() }
        if length > 0 { el_deletestr(editor, Int32(length)) }
        _ = insert(text)
        completedPlace = text.hasSuffix(" ") ? currentPlace : nil
    }
}
