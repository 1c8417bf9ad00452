// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LineEditor

@Suite struct HistoryFileTests {
    private func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)/lines").path
    }

    @Test func keepsTheLastOccurrenceOfEachLine() {
        let file = HistoryFile(path: temporaryPath())
        for line in ["s3 ls", "s3 mb s3://a", "s3 ls"] { file.append(line) }
        #expect(file.load() == ["s3 mb s3://a", "s3 ls"])
    }

    @Test func isReadableByItsOwnerOnly() throws {
        let file = HistoryFile(path: temporaryPath())
        file.append("s3 ls")
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test(arguments: [
        "configure set aws_secret_access_key x", "iam create-login-profile --password y", "export AWS_SESSION_TOKEN=z",
    ])
    func secretsAreRecognised(line: String) {
        #expect(HistoryFile.holdsSecret(line))
    }

    @Test func absentFileIsAnEmptyHistory() {
        #expect(HistoryFile(path: temporaryPath()).load().isEmpty)
    }
}

@Suite struct CompletionListTests {
    @Test func fewProposalsShowTheirDescriptions() {
        let list = CompletionList([Completion("ls", description: "list"), Completion("mb", description: "make")], columnCount: 40)
        #expect(list.text == "ls  list\nmb  make\n")
    }

    @Test func manyProposalsStandInColumnsDownwards() {
        let list = CompletionList((0..<30).map { Completion("name\($0 + 10)") }, columnCount: 24)
        let lines = list.text.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines.first == "name10  name20  name30")
        #expect(lines.allSatisfy { $0.count <= 24 })
    }
}
