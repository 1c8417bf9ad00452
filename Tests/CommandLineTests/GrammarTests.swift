// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import CommandLine

/// Command lines and what aws-cli 2.36.7 was seen to print for them.
@Suite struct GrammarTests {
    @Test(arguments: [
        ("foo", "argument command: Found invalid choice 'foo'\n\n"),
        ("s4", "argument command: Found invalid choice 's4'\n\n"),
        ("sts", "the following arguments are required: operation\n"),
        (
            "sts get-caller-identit",
            "argument operation: Found invalid choice 'get-caller-identit'\n\nMaybe you meant:\n\n  * get-caller-identity\n"
        ),
        ("sagemaker create-model", "the following arguments are required: --model-name\n"),
        ("sagemaker create-model --model-name", "argument --model-name: expected one argument\n"),
        ("--output foo sts get-caller-identity", "argument --output: Found invalid choice 'foo'\n\n"),
        ("s3api get-object --bucket nobkt --key k", "the following arguments are required: outfile\n"),
        ("sagemaker wait endpoint-in-service", "the following arguments are required: --endpoint-name\n"),
        ("sagemaker wait nope", "argument subcommand: Found invalid choice 'nope'\n\n"),
        (
            "sagemaker create-training-job --training-job-name x --role-arn arn",
            "the following arguments are required: --output-data-config\n"
        ),
        (
            "sagemaker create-notebook-instance --no-direct-internet-access",
            "the following arguments are required: --notebook-instance-name, --instance-type, --role-arn\n"
        ),
        ("sagemaker-runtime invoke-endpoint --endpoint-name e1", "the following arguments are required: --body, outfile\n"),
        ("sagemaker describe-endpoint --generate-cli-skeleton output", "the following arguments are required: --endpoint-name\n"),
        ("sagemaker list-models --no-c", "ambiguous option: --no-c could match --no-cli-pager, --no-cli-auto-prompt\n"),
        ("s3 cp", "the following arguments are required: paths\n"),
    ])
    func usageComplaints(_ line: String, _ complaint: String) async throws {
        let outcome = try await CommandLineHarness().run(line)
        #expect(outcome.status == 252)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error == "\naws: [ERROR]: An error occurred (ParamValidation): \(complaint)\n\(usageText)")
    }

    @Test(arguments: [
        ("sts get-caller-identity --bogus 1", "--bogus, 1"), ("sts get-caller-identity extra", "extra"),
        ("sts get-caller-identity a --bogus b", "--bogus, b, a"),
    ])
    func unknownOptions(_ line: String, _ unknown: String) async throws {
        let outcome = try await CommandLineHarness().run(line)
        #expect(outcome.status == 252)
        #expect(outcome.error == "\n\(usageText)\n\naws: [ERROR]: Unknown options: \(unknown)\n")
    }

    @Test(arguments: [
        ("s3", "usage: aws [options] s3 <subcommand> [parameters]\naws: [ERROR]: too few arguments"),
        ("sagemaker wait", "usage: aws [options] sagemaker wait <subcommand> [parameters]\naws: [ERROR]: too few arguments"),
        (
            "sts get-caller-identity --query Account[",
            "Bad value for --query Account[: Invalid jmespath expression: Incomplete expression:\n\"Account[\"\n         ^"
        ),
        (
            "sagemaker list-models --endpoint-url foo",
            "Bad value for --endpoint-url \"foo\": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/"
        ),
        (
            "iam create-role --role-name r2 --assume-role-policy-document file://missing.json",
            "Error parsing parameter '--assume-role-policy-document': Unable to load paramfile file://missing.json: "
                + "[Errno 2] No such file or directory: 'missing.json'"
        ),
        (
            "iam list-roles --page-size 1 --no-paginate",
            "Cannot specify --no-paginate along with pagination arguments: --page-size"
        ),
        (
            "s3api put-object --bucket b --key k --body nofile",
            "Error parsing parameter '--body': Blob values must be a path to a file."
        ),
        (
            "s3api put-bucket-tagging --bucket b --tagging TagSet=[{Key=a,Value=b",
            "Error parsing parameter '--tagging': Expected: ',', received: 'EOF' for input:\n TagSet=[{Key=a,Value=b\n"
                + "                      ^"
        ),
        (
            "s3api put-bucket-tagging --bucket b --tagging TagSet=[{Kei=a,Value=b}]",
            "Parameter validation failed:\nMissing required parameter in Tagging.TagSet[0]: \"Key\"\n"
                + "Unknown parameter in Tagging.TagSet[0]: \"Kei\", must be one of: Key, Value"
        ),
        (
            #"s3api put-bucket-tagging --bucket b --tagging '{"TagSet":[}'"#,
            "Error parsing parameter '--tagging': Invalid JSON: Expecting value: line 1 column 12 (char 11)\n"
                + "JSON received: {\"TagSet\":[}"
        ),
        (
            "sagemaker create-model --model-name m --primary-container img",
            "Error parsing parameter '--primary-container': Expected: '=', received: 'EOF' for input:\n img\n   ^"
        ),
        (
            "sagemaker create-model --model-name m --primary-container Image=a,Image=b",
            "Error parsing parameter '--primary-container': Second instance of key \"Image\" encountered for input:\n"
                + "Image=a,Image=b\n        ^\nThis is often because there is a preceding \",\" instead of a space."
        ),
        (
            "sagemaker create-training-job --cli-input-json '[1]'",
            "Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>"
        ),
        (
            "sagemaker create-training-job --cli-input-json nonsense",
            "Error parsing parameter 'cli-input-json': Invalid JSON received."
        ),
        (
            "sts assume-role --role-arn arn:aws:iam::123456789012:role/r1 --role-session-name s",
            "Parameter validation failed:\nInvalid length for parameter RoleSessionName, value: 1, valid min length: 2"
        ),
        (
            "sagemaker list-endpoints --creation-time-after notadate",
            "Parameter validation failed:\nInvalid type for parameter CreationTimeAfter, value: notadate, type: <class 'str'>, "
                + "valid types: <class 'datetime.datetime'>, timestamp-string"
        ),
        (
            "s3api create-bucket --bucket Bad_Name!",
            "Parameter validation failed:\nInvalid bucket name \"Bad_Name!\": Bucket name must match the regex "
                + #""^[a-zA-Z0-9.\-_]{1,255}$" or be an ARN matching the regex "^arn:(aws).*:(s3|s3-object-lambda):[a-z\-0-9]*:"#
                + #"[0-9]{12}:accesspoint[/:][a-zA-Z0-9\-.]{1,63}$|^arn:(aws).*:s3-outposts:[a-z\-0-9]+:[0-9]{12}:outpost[/:]"#
                + #"[a-zA-Z0-9\-]{1,63}[/:]accesspoint[/:][a-zA-Z0-9\-]{1,63}$""#
        ),
    ])
    func parameterComplaints(_ line: String, _ complaint: String) async throws {
        let harness = try CommandLineHarness()
        let outcome = try await harness.run(line)
        #expect(outcome.status == 252)
        #expect(outcome.error == "\naws: [ERROR]: An error occurred (ParamValidation): \(complaint)\n")
        #expect(harness.client.requests.isEmpty)
    }

    @Test func wrongNestingIsReportedForEachElement() async throws {
        let outcome = try await CommandLineHarness().run(
            "sagemaker create-training-job --training-job-name x --role-arn arn:aws:iam::123456789012:role/r1 "
                + "--input-data-config ChannelName=train,DataSource={S3DataSource=S3DataType=S3Prefix} "
                + "ChannelName=train,DataSource={S3DataSource=S3Uri=s3://b/k} --output-data-config S3OutputPath=s3://b/o")
        #expect(
            outcome.error
                == "\naws: [ERROR]: An error occurred (ParamValidation): Parameter validation failed:\n"
                + "Invalid type for parameter InputDataConfig[0].DataSource.S3DataSource, value: S3DataType=S3Prefix, "
                + "type: <class 'str'>, valid types: <class 'dict'>\n"
                + "Invalid type for parameter InputDataConfig[1].DataSource.S3DataSource, value: S3Uri=s3://b/k, "
                + "type: <class 'str'>, valid types: <class 'dict'>\n")
    }

    @Test(arguments: [
        ("sagemaker list-training-jobs --max-results abc", "invalid literal for int() with base 10: 'abc'"),
        (
            "sagemaker create-endpoint-config --endpoint-config-name e --production-variants VariantName=v,InitialInstanceCount=one",
            "invalid literal for int() with base 10: 'one'"
        ),
        (
            "sagemaker-runtime invoke-endpoint --endpoint-name e1 --body 1,2,3 --content-type text/csv out.json",
            "Invalid base64: \"1,2,3\""
        ),
        (
            "sagemaker list-models --endpoint-url http://127.0.0.1:1",
            "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\""
        ),
        ("sagemaker list-models --profile none", "The config profile (none) could not be found"),
    ])
    func generalFailures(_ line: String, _ complaint: String) async throws {
        let outcome = try await CommandLineHarness().run(line)
        #expect(outcome.status == 255)
        #expect(outcome.error == "\naws: [ERROR]: \(complaint)\n")
    }

    @Test func regionAndCredentialsAreNeeded() async throws {
        let bare = try CommandLineHarness(variables: [:])
        let noRegion = try await bare.run("sts get-caller-identity")
        #expect(noRegion.status == 253)
        #expect(
            noRegion.error
                == "\naws: [ERROR]: An error occurred (NoRegion): You must specify a region. "
                + "You can also configure your region by running \"aws configure\".\n")
        let noCredentials = try await bare.run("sts get-caller-identity --region us-east-1")
        #expect(noCredentials.status == 253)
        #expect(noCredentials.error.contains("(NoCredentials): Unable to locate credentials. You can configure credentials"))
        let unsigned = try await bare.run("sts get-caller-identity --region eu-west-1 --no-sign-request")
        #expect(unsigned.status == 0)
        #expect(bare.client.requests.last?.credentials == nil)
        #expect(bare.client.requests.last?.region == "eu-west-1")
    }

    @Test func optionsMayStandAnywhereAndBeShort() async throws {
        let harness = try CommandLineHarness()
        let outcome = try await harness.run(
            "--region us-west-2 sagemaker --output text list-training-jobs --max-res=3 --sort-o Ascending --no-paginate")
        #expect(outcome.status == 0)
        #expect(harness.client.requests.last?.region == "us-west-2")
        #expect(harness.client.requests.last?.input == ["MaxResults": 3, "SortOrder": "Ascending"])
    }

    @Test func versionAndHelp() async throws {
        let harness = try CommandLineHarness()
        #expect(try await harness.run("--version").output.hasPrefix("aws-cli/2.36.7 "))
        let help = try await harness.run("sagemaker describe-endpoint help").output
        #expect(help.contains("--endpoint-name <value>"))
        #expect(try await harness.run("sts help").output.contains("    get-caller-identity "))
        #expect(try await harness.run("help").output.contains("    s3api "))
        #expect(try await harness.run("sagemaker wait help").output.contains("endpoint-in-service"))
    }
}
