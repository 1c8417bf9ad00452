// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A class: accounts for all, hand-outs, and a table of how far everybody is.
@Suite struct ClassroomTests {
    /// The teacher's spreadsheet that `create` wrote: a dictionary a student, by the names of the columns.
    private func spreadsheet(_ runner: ProgramRunner, folder: String = "handouts") throws -> [[String: String]] {
        let text = try String(contentsOfFile: "\(runner.folder)/\(folder)/students.csv", encoding: .utf8)
        let rows = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let header = try #require(rows.first)
        return rows.dropFirst().map { Dictionary(zip(header, $0)) { first, _ in first } }
    }

    private func keys(of student: [String: String]) -> [String: String] {
        [
            "AWS_ACCESS_KEY_ID": student["access key id"] ?? "", "AWS_SECRET_ACCESS_KEY": student["secret access key"] ?? "",
            "AWS_REGION": "us-east-1",
        ]
    }

    @Test func twoHundredStudentsHaveAccountsAndTheListMayGrow() throws {
        let runner = try ProgramRunner()
        var list = "name,email\n" + (1...200).map { "Student \($0),s\($0)@example.org\n" }.joined()
        let file = try runner.file("students.csv", list)
        let made = try runner.run(["classroom", "create", "--students", file])
        #expect(made.status == 0)
        #expect(made.output.contains("Made 200 accounts."))
        let first = try spreadsheet(runner)
        #expect(Set(first.compactMap { $0["account"] }).count == 200)
        #expect(Set(first.compactMap { $0["secret access key"] }).count == 200)

        list += "\"Lovelace, Ada\",ada@example.org\n"
        _ = try runner.file("students.csv", list)
        let again = try runner.run(["classroom", "create", "--students", file])
        #expect(again.output.contains("Made 1 account; 200 of the list had one already."))
        let second = try spreadsheet(runner)
        #expect(Array(second.prefix(200)) == first, "whoever has an account keeps it, and its key")
        #expect(second.count == 201)

        let student = second[136]
        let handOut = try String(contentsOfFile: runner.folder + "/handouts/student-137.md", encoding: .utf8)
        #expect(handOut.contains(try #require(student["secret access key"])))
        let mode =
            try FileManager.default.attributesOfItem(atPath: runner.folder + "/handouts/student-137.md")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let sheets = try String(contentsOfFile: runner.folder + "/handouts/all.html", encoding: .utf8)
        #expect(sheets.components(separatedBy: "<section>").count == 202)
        let asked = try runner.run(
            ["aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text"], environment: keys(of: student))
        #expect(asked.text == student["account"])
        #expect(try runner.run(["--account", "lovelace-ada", "account"]).status == 0)
        let table = try runner.run(["classroom", "progress"]).output
        #expect(table.contains("201 students: 0 in a lesson, 0 through."))
    }

    @Test func progressShowsLessonsMachinesAndCosts() throws {
        let runner = try ProgramRunner()
        let file = try runner.file("class", "# the morning's class\nAda Lovelace\n\nGrace Hopper\n")
        #expect(try runner.run(["classroom", "create", "--students", file]).status == 0)
        #expect(try runner.run(["--account", "ada-lovelace", "lesson", "start", "02"]).status == 0)
        #expect(try runner.run(["--account", "ada-lovelace", "lesson", "skip"]).status == 0)
        let grace = ["--account", "grace-hopper", "aws"]
        #expect(try runner.run(grace + ["s3", "mb", "s3://of-grace"]).status == 0)
        let created = try runner.run(
            grace + [
                "sagemaker", "create-notebook-instance", "--notebook-instance-name", "n", "--instance-type", "ml.m4.xlarge",
                "--role-arn", try role(of: runner, grace),
            ])
        #expect(created.status == 0)
        let waited = try runner.run(grace + ["sagemaker", "wait", "notebook-instance-in-service", "--notebook-instance-name", "n"])
        #expect(waited.status == 0)

        let lines = try runner.run(["classroom"]).output.split(separator: "\n")
        let ada = try #require(lines.first { $0.contains("Ada Lovelace") })
        #expect(ada.contains("02 Regions and buckets") && ada.contains("2 of 6"))
        let hers = try #require(lines.first { $0.contains("Grace Hopper") })
        #expect(hers.contains("1 notebook") && hers.contains("$0.28"))
        #expect(lines.last?.hasPrefix("2 students: 1 in a lesson") == true)
        #expect(try runner.run(["classroom", "progress", "--csv"]).output.contains("\nAda Lovelace,"))
        #expect(
            try runner.run(["--account", "ada-lovelace", "aws", "s3", "ls"]).output.isEmpty, "one does not see the other's buckets")
    }

    private func role(of runner: ProgramRunner, _ prefix: [String]) throws -> String {
        let trust =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}}"#
        return try runner.run(
            prefix + [
                "iam", "create-role", "--role-name", "notebook", "--assume-role-policy-document", trust, "--query", "Role.Arn",
                "--output", "text",
            ]
        ).text
    }

    @Test(arguments: [
        ("Ada Lovelace\nada  lovelace\n", "line 2", "line 1"), ("name\n!!!\n", "line 2", "letters a to z"),
        ("\n\n", "names nobody", "one student a line"),
        ("123456789012\n", "line 1", "can't be an account's name"),
    ])
    func aListThatMakesNoSenseChangesNothing(list: String, first: String, second: String) throws {
        let runner = try ProgramRunner()
        let outcome = try runner.run(["classroom", "create", "--students", try runner.file("class", list)])
        #expect(outcome.status == 252)
        #expect(outcome.errors.contains(first) && outcome.errors.contains(second), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: runner.folder + "/handouts"))
    }

    @Test func aStudentTakesLessonsThroughTheEndpoint() throws {
        let server = try ServeTests.Server()
        let teacher = server.runner
        let list = try teacher.file("class", "Ada Lovelace\nGrace Hopper\n")
        let made = try teacher.run(["classroom", "create", "--students", list, "--endpoint", server.endpoint])
        #expect(made.status == 0)
        let laptop = try ProgramRunner()
        let ada = try #require(try spreadsheet(teacher).first)
        let environment = keys(of: ada).merging(
            ["AWS_ENDPOINT_URL": server.endpoint, "SAGEBRUSH_STUDENT": "ada-lovelace"]) { $1 }
        func sit(_ words: String...) throws -> ProgramRunner.Outcome { try laptop.run(words, environment: environment) }

        #expect(try sit("lesson", "start", "02").status == 0)
        #expect(try sit("lesson", "check").status == 1)
        #expect(try sit("-c", "aws s3 mb s3://smworkshop-ada-lovelace-ireland --region eu-west-1").status == 0)
        #expect(try sit("lesson", "check").output.contains("is done"))
        #expect(try sit("lesson", "reset", "--yes").errors.contains(server.endpoint))
        #expect(try sit("cost").errors.contains(server.endpoint))
        let line = try teacher.run(["classroom"]).output.split(separator: "\n").first { $0.contains("Ada") }
        #expect(line?.contains("2 of 6") == true)
        #expect(try teacher.run(["--account", "ada-lovelace", "aws", "s3", "ls"]).output.contains("ada-lovelace-ireland"))
        #expect(try laptop.run(["aws", "s3", "ls"]).output.isEmpty, "nothing was made in the laptop's own world")
    }
}
