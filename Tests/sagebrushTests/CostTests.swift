// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What an account would have cost, and how it is left.
@Suite struct CostTests {
    @Test func whatRunsIsMeteredAndCleanupLeavesNothing() throws {
        let runner = try ProgramRunner()
        let role = try runner.makeRole("lab")
        _ = try runner.aws("s3 mb s3://cost-bucket")
        let file = try runner.file("kept", String(repeating: "x", count: 1000))
        _ = try runner.aws("s3 cp \(file) s3://cost-bucket/kept")
        let made = try runner.run([
            "aws", "sagemaker", "create-notebook-instance", "--notebook-instance-name", "forgotten", "--instance-type",
            "ml.m4.xlarge",
            "--role-arn", role,
        ])
        #expect(made.status == 0)
        #expect(try runner.aws("sagemaker wait notebook-instance-in-service --notebook-instance-name forgotten").status == 0)
        let cost = try runner.run(["cost"]).output
        #expect(cost.contains("ml.m4.xlarge"))
        #expect(cost.contains("$0.28 an hour"))
        // The bucket was made and an object put: two requests of the dearer kind, which no table prices.
        let requests = try #require(cost.split(separator: "\n").first { $0.contains("PUT, COPY, POST, LIST") })
        #expect(requests.contains(" 2 requests") && requests.contains("estimated"))

        let plan = try runner.run(["cleanup"]).output
        let delete = try #require(plan.range(of: "delete-notebook-instance --notebook-instance-name forgotten"))
        let stop = try #require(plan.range(of: "stop-notebook-instance --notebook-instance-name forgotten"))
        #expect(stop.lowerBound < delete.lowerBound)
        #expect(plan.contains("aws s3 rb s3://cost-bucket --force"))
        #expect(try runner.aws("s3 ls s3://cost-bucket").output.contains("kept"), "without --yes nothing goes")

        #expect(try runner.run(["cleanup", "--yes"]).status == 0)
        #expect(try runner.aws("s3 ls").output.isEmpty)
        #expect(try runner.run(["cleanup"]).output.contains("Nothing is left"))
        let after = try runner.run(["cost"]).output
        #expect(after.contains("ml.m4.xlarge"), "what was used stays on the bill")
        #expect(!after.contains("an hour"))
    }
}
