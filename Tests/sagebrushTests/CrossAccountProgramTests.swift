// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Two accounts that share a bucket and a role: at the shell, and over HTTP.
@Suite struct CrossAccountProgramTests {
    @Test(arguments: [false, true])
    func aBucketAndARoleAreShared(overHTTP: Bool) throws {
        let server = try ServeTests.Server()
        let runner = server.runner
        #expect(
            try runner.run(["classroom", "create", "--students", try runner.file("class", "Ada\nGrace\n")]).status == 0)
        func account(_ name: String) throws -> String { try runner.run(["--account", name, "account"]).text }
        let (ada, grace) = (try account("ada"), try account("grace"))
        let environment = overHTTP ? ["AWS_ENDPOINT_URL": server.endpoint] : [:]
        func shell(_ script: String) throws -> ProgramRunner.Outcome { try runner.run(["-c", script], environment: environment) }

        let consent =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::\#(grace):root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::of-ada/*"}}"#
        let trust =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"\#(grace)"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"agreed"}}}}"#
        let listing =
            #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::of-ada"}}"#
        let made = try shell(
            """
            set -e
            echo shared > shared.txt
            aws s3 mb s3://of-ada --profile ada
            aws s3 cp shared.txt s3://of-ada/shared.txt --profile ada
            aws iam create-role --role-name lister --assume-role-policy-document '\(trust)' --profile ada
            aws iam put-role-policy --role-name lister --policy-name p --policy-document '\(listing)' --profile ada
            """)
        #expect(made.status == 0, "\(made.errors)")
        let closed = try shell("aws s3 cp s3://of-ada/shared.txt - --profile grace")
        #expect(closed.status == 1)
        #expect(closed.errors.contains("(403)") || closed.errors.contains("Forbidden") || closed.errors.contains("Access Denied"))

        #expect(try shell("aws s3api put-bucket-policy --bucket of-ada --policy '\(consent)' --profile ada").status == 0)
        #expect(try shell("aws s3 cp s3://of-ada/shared.txt - --profile grace").output == "shared\n")
        #expect(try shell("aws s3 ls s3://of-ada --profile grace").status != 0, "the bucket lets them read, not list")

        let session = try shell(
            """
            read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(aws sts assume-role --profile grace \
            --role-arn arn:aws:iam::\(ada):role/lister --role-session-name work --external-id agreed \
            --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
            export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
            aws sts get-caller-identity --query Arn --output text
            aws s3 ls s3://of-ada
            aws s3 rm s3://of-ada/shared.txt
            """)
        #expect(session.output.contains("arn:aws:sts::\(ada):assumed-role/lister/work"))
        #expect(session.output.contains("shared.txt"))
        #expect(session.errors.contains("because no identity-based policy allows the s3:DeleteObject action"))
        let stranger = try shell(
            "aws sts assume-role --role-arn arn:aws:iam::\(ada):role/lister --role-session-name work --external-id wrong --profile grace"
        )
        #expect(stranger.errors.contains("AccessDenied"))
    }
}
