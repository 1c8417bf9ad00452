// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LineEditor

@Suite struct FrameTests {
    private func frame(_ text: String, columnCount: Int, cursor: Int? = nil) -> Frame {
        var builder = FrameBuilder(columnCount: columnCount)
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if index == cursor { builder.placeCursor() }
            builder.put(scalar, style: "")
        }
        if cursor ?? scalars.count >= scalars.count { builder.placeCursor() }
        return builder.frame
    }

    @Test func textWrapsAtTheMargin() {
        let frame = frame("abcdef", columnCount: 4)
        #expect(frame.rows.map { $0.cells.map(\.text).joined() } == ["abcd", "ef"])
        #expect(frame.rows[0].wraps)
        #expect((frame.cursorRow, frame.cursorColumn) == (1, 2))
    }

    @Test func aFullRowPutsTheCursorOnTheNext() {
        let frame = frame("abcd", columnCount: 4)
        #expect((frame.rows.count, frame.cursorRow, frame.cursorColumn) == (2, 1, 0))
    }

    @Test func wideCharactersAreNotCut() {
        LineEditor.prepareLocale()
        let frame = frame("abc漢", columnCount: 4)
        #expect(frame.rows.map { $0.cells.map(\.text).joined() } == ["abc", "漢"])
    }

    @Test func onlyWhatChangedIsWritten() {
        var writer = FrameWriter()
        #expect(writer.draw(frame("abc", columnCount: 10), columnCount: 10) == "abc")
        #expect(writer.draw(frame("abcd", columnCount: 10), columnCount: 10) == "d")
        #expect(writer.draw(frame("abcd", columnCount: 10), columnCount: 10) == "")
        #expect(writer.draw(frame("ab", columnCount: 10), columnCount: 10) == "\r\u{1b}[2C\u{1b}[K")
        #expect(writer.draw(frame("ab", columnCount: 10, cursor: 0), columnCount: 10) == "\r")
    }

    @Test func aWindowKeepsTheCursor() {
        let tall = frame(String(repeating: "abcd", count: 10), columnCount: 4, cursor: 2)
        let window = tall.window(height: 3)
        #expect((window.rows.count, window.cursorRow, window.cursorColumn) == (3, 0, 2))
        #expect(frame(String(repeating: "abcd", count: 10), columnCount: 4).window(height: 3).cursorRow == 2)
    }

    @Test func controlsAreShownNotSent() {
        #expect(frame("a\u{1b}b", columnCount: 10).rows[0].cells.map(\.text).joined() == "a^[b")
    }
}

@Suite struct CompletionMenuTests {
    private func menu(_ count: Int, description: String = "") -> CompletionMenu {
        let place = CompletionMenu.Place(line: [], cursor: 0)
        let completions = (0..<count).map { Completion("name\($0 + 10)", description: description) }
        return CompletionMenu(answer: CompletionAnswer(completions: completions), original: place, current: place)
    }

    @Test func fewProposalsShowTheirDescriptionsCutToTheWidth() {
        let rows = menu(2, description: "a long description of it").rows(columnCount: 24, rowCount: 5, assistant: LineAssistant())
        #expect(rows.map(PlainPrompt.text) == ["name10  a long descri…", "name11  a long descri…"])
    }

    @Test func manyStandInColumnsDownwards() {
        let rows = menu(9).rows(columnCount: 26, rowCount: 3, assistant: LineAssistant()).map(PlainPrompt.text)
        #expect(rows == ["name10  name13  name16", "name11  name14  name17", "name12  name15  name18", "9 possibilities"])
    }

    @Test func whatAllBeginWithIsFound() {
        #expect(LineEditor.commonBeginning([Completion("größe-a"), Completion("größe-b"), Completion("größer")]) == "größe")
        #expect(LineEditor.commonBeginning([Completion("a"), Completion("b")]) == "")
        #expect(LineEditor.commonBeginning([]) == "")
    }

    @Test func theChosenOneIsInSight() {
        var menu = menu(100)
        menu.select(by: -1)
        let rows = menu.rows(columnCount: 10, rowCount: 4, assistant: LineAssistant())
        #expect(rows[3].contains("\u{1b}[7mname109"))
        #expect(PlainPrompt.text(rows[4]).hasPrefix("100 pos"))
    }
}

@Suite struct PasteTests {
    @Test func lineEndsAreOursAndControlsAreDropped() {
        #expect(KeyReader.cleaned("a\r\nb\rc\n\n") == "a\nb\nc")
        #expect(KeyReader.cleaned("a\u{1b}[31mb\u{7}") == "a[31mb")
        #expect(KeyReader.cleaned("\ta") == "\ta")
    }

    @Test func hintsAreTakenByWord() {
        #expect(LineEditor.firstWord(of: " --bucket name") == " --bucket")
        #expect(LineEditor.firstWord(of: "s3://bucket/key") == "s3://")
        #expect(LineEditor.firstWord(of: "bucket/key") == "bucket/")
        #expect(LineEditor.firstWord(of: " ") == " ")
    }
}
