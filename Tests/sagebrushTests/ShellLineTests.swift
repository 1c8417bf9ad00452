// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import sagebrush

@Suite struct ShellLineTests {
    @Test(arguments: [
        ("s3 ls", ["s3", "ls"]),
        ("  s3   ls  s3://b/ ", ["s3", "ls", "s3://b/"]),
        (#"s3 cp 'a b' "c d""#, ["s3", "cp", "a b", "c d"]),
        (#"x --a '{"k": "v"}'"#, ["x", "--a", #"{"k": "v"}"#]),
        (#"x "say \"hi\"" a\ b"#, ["x", #"say "hi""#, "a b"]),
        ("x '' # comment", ["x", ""]),
        ("x --query Buckets[].Name", ["x", "--query", "Buckets[].Name"]),
        ("x Key=a,Value=b", ["x", "Key=a,Value=b"]),
    ])
    func plainLinesAreSplitAsShDoes(line: String, words: [String]) {
        #expect(ShellLine.plainWords(line) == words)
    }

    @Test(arguments: [
        "echo $HOME", "s3 ls | head", "a; b", "a && b", "x > f", "x < f", "NAME=1", "x `date`", "x \"$A\"",
        "for i in 1; do x; done", "ls *.csv",
        "x ~/f", "x 'open", "x \"open", "x \\", "(a)", "! a", "[ -f x ]",
    ])
    func linesThatNeedAShellAreLeftToIt(line: String) {
        #expect(ShellLine.plainWords(line) == nil)
    }
}

@Suite struct ProgramSettingsTests {
    @Test func leadingOptionsAreTakenUpToTheFirstOtherWord() {
        let (options, rest) = ProgramSettings.takeLeading([
            "--world", "/w", "--region=eu-west-1", "aws", "s3", "ls", "--region", "x",
        ])
        #expect(options.worldPath == "/w")
        #expect(options.region == "eu-west-1")
        #expect(rest == ["aws", "s3", "ls", "--region", "x"])
    }

    @Test func anOptionWithoutItsValueIsLeft() {
        let (options, rest) = ProgramSettings.takeLeading(["--world"])
        #expect(options.worldPath == nil)
        #expect(rest == ["--world"])
    }
}

@Suite struct SimilarityTests {
    @Test(arguments: [
        ("sgaemaker", ["sagemaker"]), ("--bukcet", ["--bucket"]), ("eu-wst-1", ["eu-west-1"]), ("zzz", []), ("", []),
    ])
    func slipsOfTheFingerAreFound(word: String, found: [String]) {
        let choices = ["sagemaker", "s3", "--bucket", "--key", "eu-west-1", "us-east-1"]
        #expect(Similarity.nearest(to: word, in: choices) == found)
    }
}

@Suite struct ContextChangeTests {
    @Test func changesAreShellText() {
        var change = ContextChange()
        change.set("AWS_REGION", "eu-west-1")
        change.set("AWS_PROFILE", "it's mine")
        change.set("AWS_REGION", nil)
        #expect(change.shellText == "export AWS_PROFILE='it'\\''s mine'\nunset AWS_REGION\n")
        var variables = ["AWS_REGION": "x", "HOME": "/h"]
        change.apply(to: &variables)
        #expect(variables == ["AWS_PROFILE": "it's mine", "HOME": "/h"])
    }
}
