// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Wire
import World

/// `cleanup`: what is left, in the order in which it must go; with `--yes` it goes.
struct CleanupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup", abstract: "Lists what is left of an account in the order in which it must go; with --yes, it goes.",
        discussion: """
            Running jobs are stopped; endpoints, their configurations, models, notebook instances, buckets with all that is in them, \
            image repositories and logs are deleted, in all regions. Users, roles and policies cost nothing and stay.
            """)

    @OptionGroup var options: ProgramOptions

    @Flag(help: "Do it; without this, only says what would be done.")
    var yes = false

    func run() async throws {
        let session = try Session.open(options.effective)
        try session.checkIsHere("cleanup")
        let context = session.context
        await session.settle()
        let plan = try CleanupPlan(account: context.account, region: context.region, in: session.world.store)
        guard !plan.steps.isEmpty else {
            print("Nothing is left in account \(context.account) that would cost.")
            return
        }
        guard yes else {
            print("In this order, in account \(context.account):")
            for command in plan.commands { print("  aws \(command)") }
            let bill = try session.bill()
            let hour = CostText.dollars(bill.hourlyDollars) + (bill.isHourlyEstimated ? " (part of it estimated)" : "")
            print(
                (bill.hourlyDollars > 0 ? "As it is, it would cost \(hour) an hour in the real service. " : "")
                    + "To do all of it: cleanup --yes")
            return
        }
        var failureCount = 0
        let runner = CleanupRunner(client: session.dispatcher, credentials: session.effectiveCredentials)
        for step in plan.steps {
            for command in step.commands { print("aws \(command)") }
            do {
                try await runner.run(step)
            } catch let error as ServiceError {
                failureCount += 1
                FileHandle.standardError.write(Data("  \(error.code): \(error.message)\n".utf8))
            }
        }
        if failureCount > 0 {
            let things = failureCount == 1 ? "One thing is" : "\(failureCount) things are"
            FileHandle.standardError.write(Data("\(things) still there: see the errors above, and try again with cleanup.\n".utf8))
            throw ExitStatus(code: 1)
        }
        print("All of it is gone; from now on nothing in account \(context.account) costs anything.")
    }
}

/// Does the steps of a plan, as whoever has the credentials: what he may not delete stays.
struct CleanupRunner {
    var client: any ServiceClient
    var credentials: Credentials?

    func run(_ step: CleanupPlan.Step) async throws {
        let region = step.thing.region
        switch step.action {
        case .call(let service, let operation, let input):
            try await send(service, operation, input, region)
            if operation.hasPrefix("Stop") { try await waitUntilOver(step.thing) }
        case .deleteNotebook(let isRunning): try await deleteNotebook(step.thing.name, isRunning: isRunning, region)
        case .removeBucket:
            try await empty(step.thing.name, region)
            try await send("s3", "DeleteBucket", ["Bucket": .string(step.thing.name)], region)
        }
    }

    @discardableResult
    private func send(_ service: String, _ operation: String, _ input: Value, _ region: String) async throws -> Value {
        try await client.send(
            ServiceRequest(service: service, operation: operation, input: input, credentials: credentials, region: region)
        ).output
    }

    /// A job that was stopped still writes what it has: its bucket can't be emptied before it is over.
    private func waitUntilOver(_ thing: Leftover) async throws {
        let jobs = [
            "sagemaker:training-job": ("DescribeTrainingJob", "TrainingJobName", "TrainingJobStatus"),
            "sagemaker:transform-job": ("DescribeTransformJob", "TransformJobName", "TransformJobStatus"),
            "sagemaker:hyper-parameter-tuning-job": (
                "DescribeHyperParameterTuningJob", "HyperParameterTuningJobName", "HyperParameterTuningJobStatus"
            ),
        ]
        guard let (operation, name, status) = jobs[thing.kind] else { return }
        try await wait(operation, [name: .string(thing.name)], thing.region) { answer in
            !["InProgress", "Stopping"].contains(answer[status]?.stringValue ?? "")
        }
    }

    private func wait(_ operation: String, _ input: Value, _ region: String, until isOver: (Value) -> Bool) async throws {
        while !isOver(try await send("sagemaker", operation, input, region)) {
            try Task.checkCancellation()
            try await client.waitForChange(atMost: 5)
        }
    }

    private func deleteNotebook(_ name: String, isRunning: Bool, _ region: String) async throws {
        let input: Value = ["NotebookInstanceName": .string(name)]
        if isRunning {
            // One that is being started can't be stopped before it is there.
            try await wait("DescribeNotebookInstance", input, region) { status($0) != "Pending" && status($0) != "Updating" }
            if status(try await send("sagemaker", "DescribeNotebookInstance", input, region)) == "InService" {
                try await send("sagemaker", "StopNotebookInstance", input, region)
            }
            try await wait("DescribeNotebookInstance", input, region) { ["Stopped", "Failed"].contains(status($0)) }
        }
        try await send("sagemaker", "DeleteNotebookInstance", input, region)
    }

    private func status(_ answer: Value) -> String { answer["NotebookInstanceStatus"]?.stringValue ?? "" }

    /// Deletes all versions of all objects, and gives up uploads that were begun.
    private func empty(_ bucket: String, _ region: String) async throws {
        while true {
            let page = try await send("s3", "ListObjectVersions", ["Bucket": .string(bucket), "MaxKeys": 1000], region)
            let versions = (page["Versions"]?.listValue ?? []) + (page["DeleteMarkers"]?.listValue ?? [])
            guard !versions.isEmpty else { break }
            let objects = versions.map { version -> Value in
                ["Key": version["Key"] ?? "", "VersionId": version["VersionId"] ?? "null"]
            }
            let answer = try await send(
                "s3", "DeleteObjects", ["Bucket": .string(bucket), "Delete": ["Objects": .list(objects), "Quiet": true]], region)
            if let error = answer["Errors"]?[0] {
                throw ServiceError(
                    error["Code"]?.stringValue ?? "AccessDenied",
                    "\(error["Key"]?.stringValue ?? "an object") in \(bucket): \(error["Message"]?.stringValue ?? "can't be deleted")"
                )
            }
        }
        let uploads = try await send("s3", "ListMultipartUploads", ["Bucket": .string(bucket)], region)
        for upload in uploads["Uploads"]?.listValue ?? [] {
            try await send(
                "s3", "AbortMultipartUpload",
                ["Bucket": .string(bucket), "Key": upload["Key"] ?? "", "UploadId": upload["UploadId"] ?? ""], region)
        }
    }
}
