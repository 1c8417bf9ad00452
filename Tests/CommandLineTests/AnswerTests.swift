// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire

@testable import CommandLine

/// What a command prints for what the service answers.
@Suite struct AnswerTests {
    @Test func membersComeInTheModelsOrder() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, _ in ServiceResponse(output: ["Arn": "a", "Account": "1", "UserId": "u", "Unknown": "x"]) })
        #expect(
            try await harness.run("sts get-caller-identity").output
                == "{\n    \"UserId\": \"u\",\n    \"Account\": \"1\",\n    \"Arn\": \"a\"\n}\n")
        #expect(try await harness.run("sts get-caller-identity --output text").output == "1\ta\tu\n")
        #expect(try await harness.run("sts get-caller-identity --query Account").output == "\"1\"\n")
        #expect(try await harness.run("sts get-caller-identity --output off").output.isEmpty)
        #expect(try await harness.run("sts get-caller-identity --query Nope --output text").output == "None\n")
    }

    @Test func emptyAnswersPrintNothing() async throws {
        #expect(try await CommandLineHarness().run("sagemaker delete-endpoint --endpoint-name e").output.isEmpty)
    }

    @Test func policiesAreObjects() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, _ in
                ServiceResponse(
                    output: ["Role": ["RoleName": "r", "AssumeRolePolicyDocument": "%7B%22Version%22%3A%20%222012-10-17%22%7D"]])
            })
        let outcome = try await harness.run("iam get-role --role-name r --query Role.AssumeRolePolicyDocument")
        #expect(outcome.output == "{\n    \"Version\": \"2012-10-17\"\n}\n")
    }

    @Test func headersOfObjects() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, _ in
                ServiceResponse(output: ["ContentLength": 6, "LastModified": .timestamp(1_795_389_079), "ETag": "\"x\""])
            })
        #expect(
            try await harness.run("s3api head-object --bucket b --key k").output
                == "{\n    \"LastModified\": \"2026-11-22T23:11:19+00:00\",\n    \"ContentLength\": 6,\n    \"ETag\": \"\\\"x\\\"\",\n"
                + "    \"Metadata\": {}\n}\n")
        #expect(try await harness.run("s3api get-bucket-location --bucket b").output == "{\n    \"LocationConstraint\": null\n}\n")
    }

    @Test func refusals() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, _ in throw ServiceError("ValidationException", "Could not find endpoint \"x\".") })
        let line = "sagemaker describe-endpoint --endpoint-name x"
        let text =
            "An error occurred (ValidationException) when calling the DescribeEndpoint operation: Could not find endpoint \"x\"."
        let outcome = try await harness.run(line)
        #expect(outcome.status == 254)
        #expect(outcome.error == "\naws: [ERROR]: \(text)\n")
        #expect(try await harness.run(line + " --cli-error-format legacy").error == "\naws: [ERROR]: \(text)\n")
        #expect(
            try await harness.run(line + " --cli-error-format json").error
                == "{\n    \"Message\": \"Could not find endpoint \\\"x\\\".\",\n    \"Code\": \"ValidationException\"\n}\n")
        #expect(
            try await harness.run(line + " --cli-error-format text").error
                == "ValidationException\tCould not find endpoint \"x\".\n")
    }

    @Test func refusalsWithDetails() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, _ in
                throw ServiceError(
                    "ModelError", "Received server error (500) from v",
                    details: [.init("OriginalStatusCode", 500), .init("OriginalMessage", "boom"), .init("Secret", "no")])
            })
        let outcome = try await harness.run("sagemaker-runtime invoke-endpoint --endpoint-name e --body YQ== out")
        #expect(
            outcome.error
                == "\naws: [ERROR]: An error occurred (ModelError) when calling the InvokeEndpoint operation: "
                + "Received server error (500) from v\n\nAdditional error details:\nOriginalStatusCode: 500\nOriginalMessage: boom\n"
        )
    }

    @Test func skeletons() async throws {
        let harness = try CommandLineHarness()
        #expect(
            try await harness.run("sagemaker stop-training-job --generate-cli-skeleton").output
                == "{\n    \"TrainingJobName\": \"\"\n}\n")
        #expect(
            try await harness.run("sagemaker stop-training-job --generate-cli-skeleton yaml-input").output
                == "TrainingJobName: ''  # [REQUIRED]\n")
        let skeleton = try await harness.run("sagemaker create-endpoint-config --generate-cli-skeleton input").output
        #expect(
            skeleton.hasPrefix(
                "{\n    \"EndpointConfigName\": \"\",\n    \"ProductionVariants\": [\n        {\n            \"VariantName\": \"\","
            ))
        #expect(skeleton.contains("\"InitialVariantWeight\": 0.0,"))
        let output = try await harness.run("sagemaker describe-endpoint --endpoint-name e1 --generate-cli-skeleton output")
        #expect(output.status == 252)
        #expect(output.error.contains("Invalid length for parameter EndpointArn, value: 11, valid min length: 20\n"))
        #expect(harness.client.requests.isEmpty)
    }
}

@Suite struct PaginationTests {
    /// Seven roles, three to a page.
    private func harness() throws -> CommandLineHarness {
        try CommandLineHarness(
            ScriptedClient { request, _ in
                let start = request.input["Marker"]?.stringValue.flatMap { Int($0) } ?? 0
                let size = request.input["MaxItems"]?.integerValue ?? 3
                let end = min(start + size, 7)
                var output: Value = [
                    "Roles": .list((start..<end).map { ["RoleName": .string("r\($0)")] }), "IsTruncated": .boolean(end < 7),
                ]
                if end < 7 { output["Marker"] = .string(String(end)) }
                return ServiceResponse(output: output)
            })
    }

    @Test func allPagesAreOneAnswer() async throws {
        let harness = try harness()
        #expect(try await harness.run("iam list-roles --query 'length(Roles)'").output == "7\n")
        #expect(harness.client.requests.count == 3)
        #expect(
            try await harness.run("iam list-roles --query Roles[].RoleName --output text").output == "r0\tr1\tr2\nr3\tr4\tr5\nr6\n")
        #expect(try await harness.run("iam list-roles --no-paginate --query Marker").output == "\"3\"\n")
    }

    @Test func cutListsSayWhereToGoOn() async throws {
        let harness = try harness()
        let cut = try await harness.run("iam list-roles --max-items 1")
        #expect(cut.output.hasSuffix("\"NextToken\": \"eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ==\"\n}\n"))
        #expect(try await harness.run("iam list-roles --max-items 1 --query Roles[].RoleName --output text").output == "r0\nNone\n")
        var names: [String] = []
        var token: String?
        repeat {
            let start = token.map { " --starting-token \($0)" } ?? ""
            let outcome = try await harness.run(
                "iam list-roles --max-items 2 --output json --query '[Roles[].RoleName,NextToken]'\(start)")
            let value = try JSON.parse(outcome.output)
            names += value[0]?.listValue?.compactMap(\.stringValue) ?? []
            token = value[1]?.stringValue
        } while token != nil
        #expect(names == ["r0", "r1", "r2", "r3", "r4", "r5", "r6"])
    }

    @Test func pagingByHandTurnsItOff() async throws {
        let harness = try harness()
        #expect(try await harness.run("iam list-roles --marker 3 --query Roles[].RoleName --output text").output == "r3\tr4\tr5\n")
        #expect(
            try await harness.run("iam list-roles --no-paginate --max-items 2 --query Roles[].RoleName --output text").output
                == "r0\tr1\n")
        let sized = try await harness.run("iam list-roles --page-size 5 --query 'length(Roles)'")
        #expect(sized.output == "7\n")
        #expect(harness.client.requests.last?.input == ["MaxItems": 5, "Marker": "5"])
        #expect(
            try await harness.run("iam list-roles --max-items x").error.contains("argument --max-items: invalid int value: 'x'"))
    }
}

@Suite struct WaitTests {
    private func harness(_ states: [String]) throws -> CommandLineHarness {
        try CommandLineHarness(
            ScriptedClient { _, place in
                guard place < states.count, states[place] != "gone" else {
                    throw ServiceError("ValidationException", "Could not find endpoint \"e\".")
                }
                return ServiceResponse(output: ["EndpointName": "e", "EndpointStatus": .string(states[place])])
            })
    }

    @Test func waitsUntilThere() async throws {
        let harness = try harness(["Creating", "Creating", "InService"])
        let outcome = try await harness.run("sagemaker wait endpoint-in-service --endpoint-name e")
        #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
        #expect(harness.client.requests.count == 3)
        #expect(harness.client.waitCount == 2)
    }

    @Test func saysWhyNot() async throws {
        let gone = try await harness(["gone"]).run("sagemaker wait endpoint-in-service --endpoint-name e")
        #expect(gone.status == 255)
        #expect(
            gone.error
                == "\naws: [ERROR]: Waiter EndpointInService failed: Waiter encountered a terminal failure state: "
                + "Matched expected service error code: ValidationException\n")
        let failed = try await harness(["Creating", "Failed"]).run("sagemaker wait endpoint-in-service --endpoint-name e")
        #expect(
            failed.error
                == "\naws: [ERROR]: Waiter EndpointInService failed: Waiter encountered a terminal failure state: "
                + "For expression \"EndpointStatus\" we matched expected path: \"Failed\"\n")
        let late = try await harness(Array(repeating: "Creating", count: 300)).run(
            "sagemaker wait endpoint-in-service --endpoint-name e")
        #expect(late.error == "\naws: [ERROR]: Waiter EndpointInService failed: Max attempts exceeded\n")
    }

    @Test func refusalsCanBeSuccess() async throws {
        #expect(try await harness(["Deleting", "gone"]).run("sagemaker wait endpoint-deleted --endpoint-name e").status == 0)
    }

    @Test func statuses() async throws {
        let harness = try CommandLineHarness(
            ScriptedClient { _, place in
                if place < 2 { throw ServiceError("404", "Not Found", status: 404) }
                return ServiceResponse()
            })
        #expect(try await harness.run("s3api wait bucket-exists --bucket b").status == 0)
        #expect(harness.client.requests.count == 3)
    }
}

@Suite struct ConfigureTests {
    @Test func setGetAndList() async throws {
        let harness = try CommandLineHarness(variables: [:])
        #expect(try await harness.run("configure get region").status == 1)
        #expect(try await harness.run("configure set region eu-west-1").status == 0)
        #expect(try await harness.run("configure get region").output == "eu-west-1\n")
        #expect(try await harness.run("configure set region us-east-2").status == 0)
        #expect(try await harness.run("configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE --profile other").status == 0)
        #expect(try await harness.run("configure set default.s3.max_concurrent_requests 5").status == 0)
        #expect(try harness.read(".aws/config") == "[default]\nregion = us-east-2\ns3 =\n    max_concurrent_requests = 5\n")
        #expect(try harness.read(".aws/credentials") == "[other]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n")
        #expect(try await harness.run("configure list-profiles").output == "default\nother\n")
        #expect(try await harness.run("configure get aws_access_key_id --profile other").output == "AKIAIOSFODNN7EXAMPLE\n")
    }

    @Test func listShowsWhereFrom() async throws {
        #expect(
            try await CommandLineHarness().run("configure list").output == """
                NAME       : VALUE                    : TYPE             : LOCATION
                profile    : <not set>                : None             : None
                access_key : ****************MPLE     : env              : \n\
                secret_key : ****************x        : env              : \n\
                region     : us-east-1                : env              : ['AWS_REGION', 'AWS_DEFAULT_REGION']

                """)
    }

    @Test func asksForTheUsualFour() async throws {
        let harness = try CommandLineHarness(variables: [:])
        let outcome = try await harness.run("configure", input: "AKIA\nsecret\nus-west-2\n\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("AWS Access Key ID [None]: AWS Secret Access Key [None]: "))
        #expect(try harness.read(".aws/config") == "[default]\nregion = us-west-2\n")
    }
}
