// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LineEditor

@Suite struct HistoryTests {
    private func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)/lines").path
    }

    @Test func keepsTheLastOccurrenceOfEachLine() {
        let path = temporaryPath()
        var history = History(path: path)
        for line in ["s3 ls", "s3 mb s3://a", "s3 ls"] { history.add(line, isStored: true) }
        #expect(history.entries == ["s3 mb s3://a", "s3 ls"])
        #expect(History(path: path).entries == ["s3 mb s3://a", "s3 ls"])
    }

    @Test func isReadableByItsOwnerOnly() throws {
        let file = HistoryFile(path: temporaryPath())
        file.append("s3 ls")
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func absentFileIsAnEmptyHistory() {
        #expect(History(path: temporaryPath()).entries.isEmpty)
    }

    @Test func sessionsSeeEachOthersLines() {
        let path = temporaryPath()
        var first = History(path: path)
        var second = History(path: path)
        first.add("sts get-caller-identity", isStored: true)
        #expect(second.refresh() == ["sts get-caller-identity"])
        second.add("s3 ls", isStored: true)
        first.add("s3 mb s3://a", isStored: true)
        #expect(first.entries == ["sts get-caller-identity", "s3 ls", "s3 mb s3://a"])
        #expect(second.refresh() == ["s3 mb s3://a"])
    }

    @Test func entriesOfSeveralLinesSurvive() {
        let path = temporaryPath()
        var history = History(path: path)
        history.add("cat <<EOF\n\\n is no line end\nEOF", isStored: true)
        #expect(History(path: path).entries == ["cat <<EOF\n\\n is no line end\nEOF"])
    }

    @Test func findsByBeginningAndByContent() {
        var history = History(path: temporaryPath())
        for line in ["s3 ls", "aws s3 ls", "s3 mb s3://a", "echo S3"] { history.add(line, isStored: true) }
        #expect(history.continuation(of: "s3 ") == "s3 mb s3://a")
        #expect(history.continuation(of: "s3 mb s3://a") == nil)
        #expect(history.place(before: 4, beginningWith: "s3", other: "") == 2)
        #expect(history.place(before: 2, beginningWith: "s3", other: "") == 0)
        #expect(history.place(after: 0, beginningWith: "s3", other: "") == 2)
        #expect(history.places(containing: "s3").map { history.entries[$0] } == ["echo S3", "s3 mb s3://a", "aws s3 ls", "s3 ls"])
        #expect(history.places(containing: "S3").map { history.entries[$0] } == ["echo S3"])
    }
}
