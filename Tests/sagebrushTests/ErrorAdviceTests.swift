// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import sagebrush

@Suite struct ErrorAdviceTests {
    private func advice(_ error: String, _ line: String, _ candidates: [String] = []) -> ErrorAdvice? {
        ErrorAdvice(error: error, line: line) { _ in candidates }
    }

    @Test func unknownOptionsArePointedAt() {
        let line = "s3api list-objects-v2 --bukcet b"
        let advice = advice("aws: [ERROR]: Unknown options: --bukcet, b", line, ["--bucket ", "--prefix "])
        #expect(advice?.range == 22..<30)
        #expect(advice?.suggestions == ["--bucket"])
        #expect(
            advice?.text(usesColor: false) == "\n  \(line)\n  " + String(repeating: " ", count: 22)
                + "^~~~~~~~ did you mean --bucket?\n")
    }

    @Test func anOptionMisspeltIsWhyARequiredOneIsMissing() {
        let error =
            "aws: [ERROR]: An error occurred (ParamValidation): the following arguments are required: --bucket\n\nusage: aws"
        let typo = advice(error, "s3api create-bucket --bukcet b --region eu-west-1")
        #expect(typo?.range == 20..<28)
        #expect(typo?.suggestions == ["--bucket"])
        #expect(advice(error, "s3api create-bucket --region eu-west-1") == nil)
    }

    @Test func wrongOperationsArePointedAtWithoutSayingItTwice() {
        let error = "argument operation: Found invalid choice 'list-bucket'\n\nMaybe you meant:\n\n  * list-buckets"
        let advice = advice(error, "s3api list-bucket", ["list-buckets"])
        #expect(advice?.range == 6..<17)
        #expect(advice?.suggestions == [])
    }

    @Test func enumValuesComeFromTheError() {
        let error =
            "An error occurred (ValidationException) when calling the X operation: 1 validation error detected: Value 'ml.m4.xlarg' at "
            + "'instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.m4.xlarge, ml.m5.large]"
        let advice = advice(error, "sagemaker create-notebook-instance --instance-type ml.m4.xlarg")
        #expect(advice?.suggestions == ["ml.m4.xlarge"])
    }

    @Test func absentThingsAreCompletedWithThoseThatAreThere() {
        let endpoint = advice(
            "Could not find endpoint \"arn:aws:sagemaker:us-east-1:123456789012:endpoint/linaer\".",
            "sagemaker describe-endpoint --endpoint-name linaer", ["linear ", "other "])
        #expect(endpoint?.suggestions == ["linear"])
        let bucket = advice(
            "An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist",
            "s3 ls s3://smworkshp", ["s3://smworkshop/", "s3://1000genomes/"])
        #expect(bucket?.suggestions == ["s3://smworkshop/"])
    }

    @Test func membersOfShorthandToo() {
        let advice = advice(
            "Parameter validation failed:\nUnknown parameter in Tags[0]: \"Kei\", must be one of: Key, Value",
            "iam tag-role --role-name r --tags Kei=a,Value=b")
        #expect(advice?.suggestions == ["Key"])
        #expect(advice?.range == 34..<47)
    }

    @Test func errorsAboutNoWordGetNone() {
        #expect(advice("An error occurred (AccessDenied): not yours", "s3 ls s3://b") == nil)
        #expect(advice("the following arguments are required: --bucket", "s3api list-objects") == nil)
        #expect(advice("Unknown options: --x", "two\nlines --x") == nil)
    }
}

@Suite struct PromptAdviceTests {
    @Test func theTypedLineIsShownAgainWithACaret() throws {
        let terminal = try Terminal(try ProgramRunner())
        try terminal.seePrompt()
        terminal.type("s3 mb s3://caret-bucket\r")
        try terminal.see("make_bucket")
        try terminal.seePrompt()
        terminal.type("s3 ls s3://caret-bukcet\r")
        try terminal.see("did you mean s3://caret-bucket")
        try terminal.seePrompt()
        terminal.type("sts get-caller-identity --otput json\r")
        try terminal.see("^~~~~~~ did you mean --output?")
    }

    @Test func undoAsksAtThePrompt() throws {
        let terminal = try Terminal(try ProgramRunner())
        try terminal.seePrompt()
        terminal.type("s3 mb s3://asked-bucket\r")
        try terminal.see("make_bucket")
        try terminal.seePrompt()
        terminal.type("undo\r")
        try terminal.see("Do it? [Y/n]")
        terminal.type("n\r")
        try terminal.see("Nothing done.")
        terminal.type("undo\r")
        try terminal.see("the question again") { $0.text.components(separatedBy: "Do it?").count == 3 }
        terminal.type("\r")
        try terminal.see("Done.")
        try terminal.seePrompt()
        terminal.type("aws s3 ls | wc -l\r")
        try terminal.wait(for: "\n0\r\n")
    }
}

@Suite struct StatusTests {
    @Test func whatExistsAndWhatItCosts() throws {
        let runner = try ProgramRunner()
        #expect(try runner.run(["status"]).output.contains("Nothing runs that would cost by the hour."))
        _ = try runner.aws("s3 mb s3://status-bucket")
        _ = try runner.aws("s3 cp \(try runner.file("f", "0123456789")) s3://status-bucket/f --no-progress")
        let role = try runner.makeRole("lab")
        _ = try runner.aws(
            "sagemaker create-notebook-instance --notebook-instance-name n --instance-type ml.m4.xlarge --role-arn \(role) --region eu-west-1"
        )
        _ = try runner.aws("sagemaker wait notebook-instance-in-service --notebook-instance-name n --region eu-west-1")
        let output = try runner.run(["status"]).output
        #expect(output.contains("1 bucket, 1 object, 10 bytes"))
        #expect(output.contains("1 role"))
        #expect(output.contains("1 notebook instance InService"))
        // 0.28 an hour, 1.10 times as much in Ireland.
        #expect(output.contains("1 × ml.m4.xlarge  $0.31"))
        #expect(output.contains("sagemaker stop-notebook-instance --notebook-instance-name n --region eu-west-1"))
        #expect(output.contains("s3 rb s3://status-bucket --force"))
    }

    @Test func thePromptShowsWhatRuns() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        let terminal = try Terminal(runner)
        try terminal.seePrompt()
        terminal.type(
            "sagemaker create-notebook-instance --notebook-instance-name n --instance-type ml.m4.xlarge --role-arn \(role) --output text\r"
        )
        try terminal.see("1 notebook $0.28/h]")
    }
}
