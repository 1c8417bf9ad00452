// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Lessons
import ServiceModel
import Testing

/// The workshop with the built program: its lessons can be taken, and whoever takes them is told how far he is.
@Suite(.serialized) struct LessonTests {
    /// Each check fails before its step and passes after its solution.
    @Test(arguments: try LessonCatalog.all().map(\.number))
    func everyLessonCanBeTaken(number: String) throws {
        let outcome = try ProgramRunner().run(["lesson", "verify", number])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.hasPrefix("ok"))
    }

    /// What lessons show is not only their solutions: every operation in their text exists.
    @Test func lessonsShowOnlyOperationsThatExist() throws {
        var unknown: [String] = []
        for lesson in try LessonCatalog.all() {
            for step in lesson.steps {
                let shown = step.blocks.compactMap { if case .commands(let text) = $0 { text } else { nil } }
                for command in shown.flatMap({ LineContinuation.commands(in: $0) }) + step.checks.map(\.command) {
                    // The commands inside of others too.
                    for part in command.components(separatedBy: "aws ").dropFirst() {
                        let words = part.split(whereSeparator: \.isWhitespace).prefix(2).map(String.init)
                        guard words.count == 2, !["s3", "configure"].contains(words[0]) else { continue }
                        let service = ServiceCatalog.services.first { $0.commandName == words[0] }
                        let isKnown = words[1] == "wait" || service?.operations.contains { $0.commandName == words[1] } == true
                        if !isKnown { unknown.append("\(lesson.name): \(words.joined(separator: " "))") }
                    }
                }
            }
        }
        #expect(unknown.isEmpty, "\(unknown)")
    }

    private func lesson(_ runner: ProgramRunner, _ words: String) throws -> ProgramRunner.Outcome {
        try runner.run(["lesson"] + words.split(separator: " ").map(String.init))
    }

    @Test func aStudentGoesThroughALesson() throws {
        let runner = try ProgramRunner()
        #expect(try runner.run(["workshop"]).output.contains("lesson start 00"))
        #expect(try lesson(runner, "check").status == 252)
        #expect(try runner.run(["workshop", "--name", "Ada Lovelace"]).output.contains("smworkshop-ada-lovelace"))
        #expect(try lesson(runner, "start 0").output.contains("step 1 of 4"))
        #expect(try lesson(runner, "check").status == 1)
        #expect(try lesson(runner, "answer 1").status == 1)
        #expect(try lesson(runner, "answer 7").status == 252)
        #expect(try lesson(runner, "answer 2").status == 0)
        let before = try lesson(runner, "check")
        #expect(before.status == 1)
        #expect(before.output.contains("aws s3api head-bucket --bucket smworkshop-ada-lovelace-first"))
        #expect(before.output.contains("404"))
        let first = try lesson(runner, "hint").output
        #expect(try lesson(runner, "hint").output.count > first.count)
        #expect(try lesson(runner, "solution").output.contains("aws s3 mb s3://smworkshop-ada-lovelace-first"))
        let run = try lesson(runner, "run")
        #expect(run.status == 0)
        #expect(run.output.contains("make_bucket: smworkshop-ada-lovelace-first"))
        #expect(run.output.contains("step 2 of 4 is done"))
        #expect(try lesson(runner, "back").output.contains("step 2 of 4"))
        #expect(try lesson(runner, "check").output.contains("step 2 of 4 is done"))
        #expect(try lesson(runner, "skip").output.contains("step 4 of 4"))
        let end = try lesson(runner, "solution --run")
        #expect(end.output.contains("Lesson 00") && end.output.contains("Skipped: step 3"))
        #expect(try lesson(runner, "run").status == 252)
        #expect(try lesson(runner, "start 00").status == 252)
        #expect(try lesson(runner, "list").output.contains("done, 1 skipped"))
    }

    @Test func resetPutsTheAccountBackAndNoOther() throws {
        let runner = try ProgramRunner()
        _ = try runner.run(["account", "new", "team-a"])
        let other = try runner.run(["account", "list"]).output.split(separator: "\n").first { $0.contains("team-a") }
        let id = String(try #require(other?.split(separator: " ").first { $0.count == 12 }))
        _ = try runner.aws("s3 mb s3://kept-bucket")
        #expect(try lesson(runner, "start 01").status == 0)
        #expect(try lesson(runner, "run").output.contains("step 1 of 7 is done"))
        #expect(try lesson(runner, "run").output.contains("step 2 of 7 is done"))
        let made = try runner.run(["--account", id, "aws", "s3", "mb", "s3://of-another"])
        #expect(made.status == 0, "\(id): \(made.errors)")
        _ = try runner.aws("s3 rb s3://kept-bucket")
        #expect(try lesson(runner, "reset").status == 1)
        #expect(try runner.aws("iam get-user --user-name analyst").status == 0)
        #expect(try lesson(runner, "reset --yes").status == 0)
        #expect(try runner.aws("iam get-user --user-name analyst").status == 254)
        #expect(try runner.aws("s3api head-bucket --bucket kept-bucket").status == 0)
        #expect(try runner.run(["--account", id, "aws", "s3", "ls"]).output.contains("of-another"))
        #expect(try lesson(runner, "show").output.contains("step 1 of 7"))
        // The other account's student is somewhere else.
        #expect(try runner.run(["--account", id, "lesson", "list"]).output.contains("step") == false)
        #expect(try lesson(runner, "reset --all --yes").status == 0)
        #expect(try lesson(runner, "check").status == 252)
    }

    @Test func resetWaitsForJobsThatRun() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        _ = try runner.run(["dataset", "export", "mnist", runner.folder + "/data", "--label-is", "0"])
        _ = try runner.aws("s3 mb s3://lab-bucket")
        _ = try runner.aws("s3 cp \(runner.folder)/data/recordio-pb-data s3://lab-bucket/train/ --no-progress")
        #expect(try lesson(runner, "start 02").status == 0)
        // In real time a job waits minutes for its machine.
        #expect(try runner.run(["clock", "realtime"]).status == 0)
        let created = try runner.aws(
            "sagemaker create-training-job --training-job-name slow --role-arn \(role)",
            "--algorithm-specification TrainingImage=\(LabTests.image),TrainingInputMode=File --input-data-config",
            "ChannelName=train,DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://lab-bucket/train}}",
            "--output-data-config S3OutputPath=s3://lab-bucket/output --stopping-condition MaxRuntimeInSeconds=3600",
            "--resource-config InstanceType=ml.c4.xlarge,InstanceCount=1,VolumeSizeInGB=30",
            "--hyper-parameters feature_dim=784,predictor_type=binary_classifier,mini_batch_size=200")
        #expect(created.status == 0, "\(created.errors)")
        let refused = try lesson(runner, "reset --yes")
        #expect(refused.status == 252)
        #expect(refused.errors.contains("slow"))
        #expect(try lesson(runner, "reset --yes --force").status == 0)
        #expect(try runner.aws("sagemaker describe-training-job --training-job-name slow").status == 254)
        #expect(try runner.aws("s3api head-object --bucket lab-bucket --key train/recordio-pb-data").status == 0)
    }

    @Test func thePromptSaysWhenAStepIsDone() throws {
        let runner = try ProgramRunner()
        let terminal = try Terminal(runner)
        try terminal.seePrompt()
        terminal.type("lesson start 0\r")
        try terminal.wait(for: "step 1 of 4")
        terminal.type("lesson answer 2\r")
        try terminal.wait(for: "Next: Console, CLI and SDK.")
        terminal.type("s3 ls\r")
        terminal.type("s3 mb s3://smworkshop-first-last-first\r")
        try terminal.wait(for: "step 2 of 4 is done")
        // What bash runs counts as well, and what happens in another shell is seen after the next line.
        terminal.type("lesson answer 2\r")
        try terminal.wait(for: "step 3 of 4 is done")
        terminal.type("for b in first; do aws s3 rb s3://smworkshop-first-last-$b; done\r")
        try terminal.wait(for: "Lesson 00, The cloud in five minutes, is done.")
    }
}
