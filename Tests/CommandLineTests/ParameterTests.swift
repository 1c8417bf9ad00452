// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Testing
import Wire

@testable import CommandLine

/// What reaches the service for a command line.
@Suite struct ParameterTests {
    private func input(_ line: String, files: [String: String] = [:]) async throws -> Value? {
        let harness = try CommandLineHarness()
        for (name, text) in files { try harness.write(text, to: name) }
        let outcome = try await harness.run(line)
        #expect(outcome.status == 0, "\(outcome.error)")
        return harness.client.requests.last?.input
    }

    @Test func shorthandAndJSONMeanTheSame() async throws {
        let expected: Value = [
            "ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/r1",
            "PrimaryContainer": ["Image": "img", "ModelDataUrl": "s3://b/k", "Environment": ["A": "b", "C": "d"]],
        ]
        let start =
            "sagemaker create-model --model-name m --execution-role-arn arn:aws:iam::123456789012:role/r1 --primary-container "
        #expect(try await sorted(input(start + "Image=img,ModelDataUrl=s3://b/k,Environment={A=b,C=d}")) == sorted(expected))
        #expect(
            try await sorted(input(start + #"'{"Image":"img","ModelDataUrl":"s3://b/k","Environment":{"A":"b","C":"d"}}'"#))
                == sorted(expected))
        #expect(
            try await sorted(
                input(
                    start + "file://c.json",
                    files: ["c.json": #"{"Image":"img","ModelDataUrl":"s3://b/k","Environment":{"A":"b","C":"d"}}"#]))
                == sorted(expected))
    }

    @Test func listsOfStructures() async throws {
        let expected: Value = ["ResourceArn": "arn", "Tags": [["Key": "a", "Value": "b"], ["Key": "c", "Value": "d e"]]]
        let start = "sagemaker add-tags --resource-arn arn --tags "
        #expect(try await input(start + "Key=a,Value=b 'Key=c,Value=d e'") == expected)
        #expect(try await input(start + #"'[{"Key":"a","Value":"b"},{"Key":"c","Value":"d e"}]'"#) == expected)
        #expect(try await input(start + #"'{"Key":"a","Value":"b"}' '{"Key":"c","Value":"d e"}'"#) == expected)
        #expect(try await input(start + "Key=a,Value=b Key=c,Value@=file://v", files: ["v": "d e"]) == expected)
        #expect(
            try await input(
                start + "file://tags.json", files: ["tags.json": #"[{"Key":"a","Value":"b"},{"Key":"c","Value":"d e"}]"#])
                == expected)
    }

    @Test func numbersFlagsAndScalarLists() async throws {
        let endpoint = try await input(
            "sagemaker create-endpoint-config --endpoint-config-name e --production-variants "
                + "VariantName=v,ModelName=m,InitialInstanceCount=2,InitialVariantWeight=0.5,InstanceType=ml.m5.large "
                + "--no-enable-network-isolation --enable-network-isolation")
        #expect(endpoint?["ProductionVariants"]?[0]?["InitialInstanceCount"] == 2)
        #expect(endpoint?["ProductionVariants"]?[0]?["InitialVariantWeight"] == 0.5)
        #expect(endpoint?["EnableNetworkIsolation"] == true)
        let notebook = try await input(
            "sagemaker create-notebook-instance --notebook-instance-name n --instance-type ml.t3.medium "
                + "--role-arn arn:aws:iam::123456789012:role/r1 --security-group-ids sg-1 sg-2 --subnet-id subnet-1")
        #expect(notebook?["SecurityGroupIds"] == ["sg-1", "sg-2"])
        let map = try await input(
            "sagemaker create-training-job --training-job-name x --role-arn arn:aws:iam::123456789012:role/r1 "
                + "--output-data-config S3OutputPath=s3://b/o --hyper-parameters k=3,epochs=10 "
                + "--stopping-condition MaxRuntimeInSeconds=60")
        #expect(map?["HyperParameters"] == ["k": "3", "epochs": "10"])
        #expect(map?["StoppingCondition"] == ["MaxRuntimeInSeconds": 60])
        let renamed = try await input("sagemaker describe-image-version --image-name i --version-number 3")
        #expect(renamed == ["ImageName": "i", "Version": 3])
    }

    @Test func wholeInputs() async throws {
        let start = "sagemaker stop-training-job --cli-input-"
        #expect(try await input(start + #"json '{"TrainingJobName":"a"}'"#) == ["TrainingJobName": "a"])
        #expect(
            try await input(start + "json file://i.json --training-job-name over", files: ["i.json": #"{"TrainingJobName":"a"}"#])
                == ["TrainingJobName": "over"])
        #expect(
            try await input(start + "yaml file://i.yaml", files: ["i.yaml": "TrainingJobName: a  # remark\n"]) == [
                "TrainingJobName": "a"
            ])
    }

    @Test func timestampsAndTokens() async throws {
        #expect(
            try await input("sagemaker list-endpoints --creation-time-after 2024-01-01 --no-paginate")?["CreationTimeAfter"]
                == .timestamp(1_704_067_200))
        let tokened = try await input("sagemaker create-experiment --experiment-name e")
        #expect(tokened == ["ExperimentName": "e"])
        let pipeline = try await input(
            "sagemaker create-pipeline --pipeline-name p --role-arn arn:aws:iam::123456789012:role/r1 --pipeline-definition {}")
        #expect(pipeline?["ClientRequestToken"]?.stringValue?.count == 36)
    }

    @Test func bodies() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { request, _ in
                ServiceResponse(output: ["ContentType": "text/csv"], body: Body(bytes: Array("0.5".utf8)))
            })
        try harness.write("1,2,3", to: "x.csv")
        for line in [
            "--body fileb://x.csv", "--cli-binary-format raw-in-base64-out --body 1,2,3",
            "--cli-binary-format raw-in-base64-out --body file://x.csv", "--body MSwyLDM=",
        ] {
            let outcome = try await harness.run(
                "sagemaker-runtime invoke-endpoint --endpoint-name e \(line) --content-type text/csv out.txt")
            #expect(outcome.status == 0)
            #expect(outcome.output == "{\n    \"ContentType\": \"text/csv\"\n}\n")
            #expect(try harness.read("out.txt") == "0.5")
            let request = try #require(harness.client.requests.last)
            #expect(request.input["Body"] == nil)
            #expect(try await request.body?.collect() == Array("1,2,3".utf8))
        }
        let put = try await harness.run("s3api put-object --bucket b --key k --body x.csv")
        #expect(put.status == 0)
        #expect(try await harness.client.requests.last?.body?.collect() == Array("1,2,3".utf8))
        let standardOutput = try await harness.run("s3api get-object --bucket b --key k /dev/stdout")
        #expect(standardOutput.output.hasPrefix("0.5{"))
    }

    @Test func profilesAndFiles() async throws {
        let harness = try CommandLineHarness(variables: [:])
        try FileManager.default.createDirectory(atPath: harness.folder + "/.aws", withIntermediateDirectories: true)
        try harness.write("[default]\nregion = us-east-2\n[profile p]\nregion=eu-west-1\noutput = text\n", to: ".aws/config")
        try harness.write(
            "[default]\naws_access_key_id = A\naws_secret_access_key = B\n[p]\naws_access_key_id = C\naws_secret_access_key = D\naws_session_token = E\n",
            to: ".aws/credentials")
        _ = try await harness.run("sts get-caller-identity")
        #expect(harness.client.requests.last?.region == "us-east-2")
        #expect(harness.client.requests.last?.credentials == Credentials(accessKeyID: "A", secretAccessKey: "B"))
        _ = try await harness.run("sts get-caller-identity --profile p")
        #expect(harness.client.requests.last?.region == "eu-west-1")
        #expect(harness.client.requests.last?.credentials == Credentials(accessKeyID: "C", secretAccessKey: "D", sessionToken: "E"))
    }

    private func sorted(_ value: Value?) -> Value? {
        guard case .object(let members)? = value else { return value }
        return .object(
            OrderedDictionary(uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map { ($0.key, sorted($0.value) ?? .null) }))
    }
}

@Suite struct ShorthandTests {
    private func parse(_ text: String) throws -> Value {
        try Shorthand.parse(text, files: ParameterFile(environment: CommandEnvironment(variables: [:], workingDirectory: "/")))
    }

    @Test func grammar() throws {
        #expect(try parse("a=b") == ["a": "b"])
        #expect(try parse("a=b,c=d") == ["a": "b", "c": "d"])
        #expect(try parse("a=b,c") == ["a": ["b", "c"]])
        #expect(try parse("a=b,c,d=e,f,g=h") == ["a": ["b", "c"], "d": ["e", "f"], "g": "h"])
        #expect(try parse("a=[b,c],d={e=[f],g={h=i}}") == ["a": ["b", "c"], "d": ["e": ["f"], "g": ["h": "i"]]])
        #expect(try parse(#"a='b,c',d="e=f",g=h\,i"#) == ["a": "b,c", "d": "e=f", "g": "h,i"])
        #expect(try parse("a=,b=c") == ["a": "", "b": "c"])
        #expect(try parse("a=") == ["a": ""])
        #expect(try parse("a = b , c = d") == ["a": "b", "c": "d"])
        #expect(try parse("a=b=c") == ["a": "b=c"])
        #expect(try parse("s3:/x#1.y=z") == ["s3:/x#1.y": "z"])
        #expect(try parse(#"a='it\'s',b="say \"x\"""#) == ["a": "it's", "b": #"say "x""#])
    }

    @Test func complaintsPointAtThePlace() {
        #expect(throws: ShorthandError(text: "Expected: '=', received: 'EOF' for input:\n foo\n   ^")) { try parse("foo") }
        #expect(throws: ShorthandError(text: "Expected: '<singled quoted>', received: '<none>' for input:\n a='b\n  ^")) {
            try parse("a='b")
        }
        #expect(throws: ShorthandError(text: "Expected: ',', received: '=' for input:\n foo=bar,\nbar==baz\n    ^")) {
            try parse("foo=bar,\nbar==baz")
        }
    }
}

@Suite struct TokenizerTests {
    @Test func wordsAndPlaces() throws {
        let words = try Tokenizer.words(#"aws s3 cp 'my file' "a \"b\" \c" x\ y # comment"#)
        #expect(words.map(\.text) == ["aws", "s3", "cp", "my file", #"a "b" \c"#, "x y"])
        #expect(words[3].range == 10..<19)
        #expect(words[3].isQuoted && !words[0].isQuoted)
        #expect(try Tokenizer.words("a''b \"\"").map(\.text) == ["ab", ""])
        #expect(throws: TokenizerError(quote: "'", offset: 2)) { try Tokenizer.words("a 'b") }
    }

    @Test func quotingRoundTrips() throws {
        for word in ["", "plain", "with space", "it's", "a\"b", "$HOME", "é", "*"] {
            #expect(try Tokenizer.words(Tokenizer.quoted(word)).map(\.text) == [word])
        }
    }
}
