// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire

@testable import CommandLine

/// A prompt in a small world: a few files, buckets, jobs and one role.
private func makeGuide() -> PromptGuide {
    var vocabulary = PromptVocabulary(commands: [
        PromptCommand("exit", "ends the shell"),
        PromptCommand("region", "shows the regions, or goes to one", usage: "[NAME]") { words in
            words.isEmpty ? [("eu-west-1", "Ireland"), ("eu-west-2", "London"), ("us-east-1", "N. Virginia")] : []
        },
        PromptCommand("world", "worlds", usage: "new|list|info|reset") { words in
            words.isEmpty ? [("info", ""), ("list", ""), ("new", ""), ("reset", "")] : []
        },
    ])
    let programs = ["cat", "echo", "export", "grep", "ls"]
    vocabulary.isProgram = { programs.contains($0) }
    vocabulary.programs = { prefix in programs.filter { $0.hasPrefix(prefix) } }
    vocabulary.variables = { ["HOME", "PATH"] }
    vocabulary.files = { folder in
        switch folder {
        case "": [".hidden", "a b.txt", "data/", "trust.json"]
        case "data/": ["x.csv"]
        default: []
        }
    }
    vocabulary.globalValues = { $0 == "--region" ? [("us-east-1", ""), ("eu-west-1", "")] : [] }
    let live = LiveNames(
        client: smallWorld, credentials: nil, region: "us-east-1", changeMark: { "unchanged" }, budgetSeconds: 60)
    return PromptGuide(vocabulary: vocabulary, live: live)
}

private let smallWorld = ScriptedClient { request, _ in
    switch request.operation {
    case "ListBuckets":
        return ServiceResponse(output: ["Buckets": [["Name": "1000genomes"], ["Name": "smworkshop"]]])
    case "ListObjectsV2" where request.input["Prefix"] == "":
        return ServiceResponse(output: ["CommonPrefixes": [["Prefix": "data/"]], "Contents": [["Key": "readme.txt", "Size": 7]]])
    case "ListTrainingJobs":
        let jobs: Value = [
            ["TrainingJobName": "is-0", "TrainingJobStatus": "Completed"],
            ["TrainingJobName": "is-1", "TrainingJobStatus": "InProgress"],
        ]
        return ServiceResponse(output: ["TrainingJobSummaries": jobs])
    case "ListRoles":
        return ServiceResponse(output: ["Roles": [["RoleName": "lab", "Arn": "arn:aws:iam::123456789012:role/lab"]]])
    default: return ServiceResponse()
    }
}

/// Lines of JSON strings; `#` begins a comment.
private func lines(_ name: String) throws -> [[String]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/prompt/\(name).txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
        let list = try JSON.parse("[" + line.replacingOccurrences(of: "\" \"", with: "\",\"") + "]")
        return (list.listValue ?? []).compactMap(\.stringValue)
    }
}

@Suite struct PromptGuideTests {
    @Test func hintsAreAsWritten() throws {
        let guide = makeGuide()
        let all = try lines("hints")
        #expect(all.count >= 60)
        for line in all {
            try #require(line.count == 2, "\(line)")
            #expect(guide.hint(line[0])?.text ?? "" == line[1], "\(line[0])")
        }
    }

    @Test func completionsAreAsWritten() throws {
        let guide = makeGuide()
        let all = try lines("completions")
        #expect(all.count >= 60)
        for line in all {
            let expected = Array(line.dropFirst())
            let found = guide.completions(line[0], cursor: line[0].unicodeScalars.count).completions.map(\.text)
            let shown = expected.isEmpty ? found : Array(found.prefix(expected.count))
            #expect(shown == expected, "\(line[0])")
        }
    }

    @Test func namesOfThingsSayHowTheyAre() {
        let line = "sagemaker stop-training-job --training-job-name "
        let found = makeGuide().completions(line, cursor: line.count).completions
        #expect(found.map(\.summary) == ["Completed", "InProgress"])
    }

    @Test func namesOfThingsAreHintedOnceTheyAreKnown() {
        let guide = makeGuide()
        // TAB waits for them, so that they are known.
        _ = guide.completions("s3 ls s3://", cursor: 11)
        #expect(guide.hint("s3 ls s3://smw")?.text == "orkshop/")
        #expect(guide.hint("s3api list-objects-v2 --bucket 10")?.text == "00genomes")
    }

    @Test func acceptingAHintTakesOnlyWhatCanStand() {
        let guide = makeGuide()
        #expect(guide.hint("sagemaker create-endpoint ")?.acceptedCount == "--endpoint-name ".count)
        #expect(guide.hint("sagemaker create-endpoint --endpoint-name ")?.acceptedCount == 0)
        #expect(guide.hint("sagemaker create-endp")?.acceptedCount == "oint".count)
    }

    @Test func wordsHaveRoles() {
        func roles(_ line: String) -> [String] {
            let scalars = Array(line.unicodeScalars)
            return makeGuide().roles(line).map { span in
                "\(span.role.rawValue) \(String(String.UnicodeScalarView(scalars[span.range])))"
            }
        }
        #expect(
            roles("aws s3 mb s3://b --region x # new") == [
                "command aws", "service s3", "operation mb", "value s3://b", "option --region", "value x", "comment # new",
            ])
        #expect(roles("s3 nothing ") == ["service s3", "error nothing"])
        #expect(roles("nothing at all").first == "error nothing")
        #expect(roles("sts get-caller-identity --bogus ").last == "error --bogus")
        #expect(roles("s3api create-bucket --acl mine ").last == "error mine")
        #expect(
            roles("s3 ls | grep \"a $HOME\" > out").suffix(6) == [
                "value \"a $HOME\"", "string \"a ", "variable $HOME", "string \"", "operator >", "value out",
            ])
        #expect(roles("sagemaker cre") == ["service sagemaker"])
        #expect(
            roles("sagemaker describe-model --model-name $M") == [
                "service sagemaker", "operation describe-model", "option --model-name", "value $M", "variable $M",
            ])
        #expect(roles("for i in 1; do s3 ls; done").filter { $0.hasPrefix("error") }.isEmpty)
    }

    @Test func helpIsOfTheWordUnderTheCursor() throws {
        let guide = makeGuide()
        let line = "sagemaker create-endpoint --endpoint-name x"
        #expect(try #require(guide.help(line, cursor: 3)).hasPrefix("sagemaker: "))
        #expect(try #require(guide.help(line, cursor: 15)).hasPrefix("create-endpoint: "))
        let option = try #require(guide.help(line, cursor: 30))
        #expect(option.hasPrefix("--endpoint-name <string>   required"))
        #expect(option.contains("Length: 0 to 63"))
        #expect(guide.help("", cursor: 0) == nil)
    }
}

@Suite struct LineContinuationTests {
    @Test(arguments: [
        "s3 ls \\", "echo 'a", "echo \"a", "echo $(s3 ls", "cat <<EOF", "cat <<EOF\na\n", "s3 ls |", "s3 ls &&", "for i in 1 2; do",
        "if true; then\n  s3 ls", "f() {", "(s3 ls", "case $x in\na) s3 ls ;;", "cat <<-'E'\n\tE x",
    ])
    func openLinesGoOn(text: String) {
        #expect(LineContinuation.isNeeded(after: text))
    }

    @Test(arguments: [
        "s3 ls", "echo a\\\\", "echo 'a\n'", "cat <<EOF\na\nEOF", "for i in 1 2; do s3 ls; done", "if true; then s3 ls; fi",
        "f() { s3 ls; }",
        "(s3 ls)", "case $x in\na) s3 ls ;;\nesac", "echo done", "s3 ls # 'not a quote", "cat <<-E\n\tE", "echo $((1+1))", "",
    ])
    func wholeLinesEnd(text: String) {
        #expect(!LineContinuation.isNeeded(after: text))
    }

    @Test func blocksAreCutIntoCommands() {
        let block = """
            # Lab 1
            aws s3 mb s3://b \\
                --region eu-west-1

            cat > f <<EOF
            a
            EOF
            for i in 1 2
            do
              aws s3 ls
            done
            aws s3 ls |
              grep b
            echo 'two
            lines'
            """
        #expect(
            LineContinuation.commands(in: block) == [
                "aws s3 mb s3://b \\\n    --region eu-west-1", "cat > f <<EOF\na\nEOF",
                "for i in 1 2\ndo\n  aws s3 ls\ndone",
                "aws s3 ls |\n  grep b", "echo 'two\nlines'",
            ])
    }
}

@Suite struct SecretWordsTests {
    @Test(arguments: [
        "configure set aws_secret_access_key wJalrXUtnFEMI", "iam create-login-profile --user-name u --password y",
        "export AWS_SESSION_TOKEN=z", "AWS_SECRET_ACCESS_KEY='x' aws s3 ls", "echo wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "curl https://user:pass@host/", "docker login --password hunter2", "configure set aws_session_token abc",
        "iam change-password --old-password a --new-password b", #"f --json '{"SecretAccessKey": "abc"}'"#,
    ])
    func areSeen(line: String) {
        #expect(SecretWords.isHeld(in: line))
    }

    @Test(arguments: [
        "aws ecr get-login-password | docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "TOKEN=$(aws ecr get-login-password)", "s3 ls s3://smworkshop-ada-lovelace/sagemaker/DEMO-linear-mnist/train",
        "sagemaker list-models --starting-token eyJ",
        "sagemaker describe-training-job --training-job-name linear-learner-2026-11-25-19-08-02-123",
        "iam get-account-password-policy", "export AWS_SECRET_ACCESS_KEY=$KEY",
    ])
    func areNotSeenEverywhere(line: String) {
        #expect(!SecretWords.isHeld(in: line))
    }
}
