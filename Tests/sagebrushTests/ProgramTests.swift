// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct ProgramTests {
    @Test func versionIsShown() throws {
        let outcome = try ProgramRunner().run(["version"])
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("sagebrush "))
    }

    @Test func theFirstKeyIsTheDocumentationsExample() throws {
        let runner = try ProgramRunner()
        #expect(try runner.aws("configure get aws_access_key_id").text == "AKIAIOSFODNN7EXAMPLE")
        #expect(
            try runner.aws("sts get-caller-identity --query Arn --output text").text == "arn:aws:iam::123456789012:user/student")
    }

    @Test func commandsOptionRunsAsShDoes() throws {
        let outcome = try ProgramRunner().run([
            "-c", "a=$(aws sts get-caller-identity --query Account --output text); echo \"in $a\"; false",
        ])
        #expect(outcome.output == "in 123456789012\n")
        #expect(outcome.status == 1)
    }

    @Test func standardInputIsAScript() throws {
        let outcome = try ProgramRunner().run(
            [], input: "s3 mb s3://from-standard-input\nfor i in 1 2; do aws s3 ls | wc -l; done\n")
        #expect(outcome.output == "make_bucket: from-standard-input\n1\n1\n")
    }

    @Test func runGivesTheScriptItsArgumentsAndStatus() throws {
        let runner = try ProgramRunner()
        let script = try runner.file("script.sh", "set -e\naws s3 mb \"s3://$1\"\naws s3 ls s3://not-there-at-all\n")
        let outcome = try runner.run(["run", script, "bucket-from-script"])
        #expect(outcome.output == "make_bucket: bucket-from-script\n")
        #expect(outcome.status == 254)
        #expect(outcome.errors.contains("NoSuchBucket"))
    }

    @Test func aLinkCalledAwsIsTheCLI() throws {
        let runner = try ProgramRunner()
        try FileManager.default.createSymbolicLink(atPath: runner.folder + "/aws", withDestinationPath: ProgramRunner.executable)
        let script = try runner.file("script.sh", "\(runner.folder)/aws sts get-caller-identity --query Account\n")
        #expect(try runner.run(["run", script]).output == "\"123456789012\"\n")
    }

    @Test func keysOfTheRealServiceInTheEnvironmentAreNotUsed() throws {
        let outcome = try ProgramRunner().run(
            ["aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text"],
            environment: ["AWS_ACCESS_KEY_ID": "AKIAREALKEYOFSOMEBODY", "AWS_SECRET_ACCESS_KEY": "x", "AWS_PROFILE": "work"])
        #expect(outcome.text == "123456789012")
    }

    @Test func unknownCommandSaysSo() throws {
        let outcome = try ProgramRunner().run(["frobnicate"])
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("frobnicate"))
    }

    @Test func resetEmptiesTheWorld() throws {
        let runner = try ProgramRunner()
        _ = try runner.aws("s3 mb s3://to-be-lost")
        #expect(try runner.run(["world", "reset"]).status == 1)
        #expect(try runner.aws("s3 ls").output.contains("to-be-lost"))
        #expect(try runner.run(["world", "reset", "--yes"]).status == 0)
        #expect(try runner.aws("s3 ls").output == "")
        #expect(try runner.aws("sts get-caller-identity --query Account --output text").text == "123456789012")
    }

    @Test func worldsAreMadeOnceAndListed() throws {
        let runner = try ProgramRunner()
        #expect(try runner.run(["world", "new"]).status == 0)
        #expect(try runner.run(["world", "new"]).errors.contains("already"))
        #expect(try runner.run(["world", "list"]).output.contains("* " + runner.world))
    }

    @Test func aBucketNameIsTakenInAllRegionsAndAccounts() throws {
        let runner = try ProgramRunner()
        let outcome = try runner.aws("s3 mb s3://1000genomes --region eu-west-1")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("BucketAlreadyExists"))
    }

    @Test func badOptionValuesAreNamed() throws {
        let runner = try ProgramRunner()
        #expect(try runner.run(["--region", "mars-1", "world", "info"]).errors.contains("mars-1"))
        #expect(try runner.run(["--account", "12", "world", "info"]).errors.contains("12 digits"))
        #expect(try runner.run(["--clock", "backwards", "world", "info"]).errors.contains("backwards"))
    }
}
