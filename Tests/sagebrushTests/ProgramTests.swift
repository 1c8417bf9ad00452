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

    @Test func keysOfAScriptAreWhatItSays() throws {
        let runner = try ProgramRunner()
        let script = try runner.file(
            "script.sh",
            """
            aws iam create-user --user-name short-lived --output text >/dev/null
            read -r id secret < <(aws iam create-access-key --user-name short-lived --output text \\
                --query '[AccessKey.AccessKeyId, AccessKey.SecretAccessKey]')
            AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret aws sts get-caller-identity --query Arn --output text
            aws iam delete-access-key --user-name short-lived --access-key-id "$id"
            AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret aws sts get-caller-identity
            echo "status $?"
            """)
        let outcome = try runner.run(["run", script])
        #expect(outcome.output == "arn:aws:iam::123456789012:user/short-lived\nstatus 254\n")
        #expect(outcome.errors.contains("(InvalidClientTokenId) when calling the GetCallerIdentity operation"))
    }

    @Test func configurationFilesOfAScriptAreItsOwn() throws {
        let runner = try ProgramRunner()
        let script = try runner.file(
            "script.sh",
            """
            export AWS_CONFIG_FILE=$PWD/own-config
            aws configure set region eu-north-1
            aws configure get region
            unset AWS_CONFIG_FILE
            aws configure get region
            cat own-config
            """)
        let outcome = try runner.run(["-c", "cd \(runner.folder) && bash \(script)"])
        #expect(outcome.output == "eu-north-1\nus-east-1\n[default]\nregion = eu-north-1\n")
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
