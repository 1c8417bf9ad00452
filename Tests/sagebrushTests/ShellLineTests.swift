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
