// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import Wire
import World

@testable import Services

@Suite struct SageMakerTrainingTests {
    @Test func aNewJobIsInProgressWithTheServicesDefaults() async throws {
        let test = try await SageMakerTestWorld()
        let created = try await test.send("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("My-Job"))
        #expect(created["TrainingJobArn"]?.stringValue == "arn:aws:sagemaker:us-east-1:123456789012:training-job/my-job")
        let job = try await test.send("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "My-Job"])
        #expect(job["TrainingJobStatus"]?.stringValue == "InProgress")
        #expect(job["SecondaryStatus"]?.stringValue == "Starting")
        #expect(job["HyperParameters"]?["feature_dim"]?.stringValue == "784")
        #expect(job["OutputDataConfig"]?["KmsKeyId"]?.stringValue == "")
        let source = job["InputDataConfig"]?[0]?["DataSource"]?["S3DataSource"]
        #expect(source?["S3DataDistributionType"]?.stringValue == "FullyReplicated")
        #expect(job["AlgorithmSpecification"]?["MetricDefinitions"]?[0]?["Name"]?.stringValue == "train:progress")
        #expect(job["ModelArtifacts"] == nil)
        let hosts = try test.world.store.read { try HostProcess.all(in: $0) }
        #expect(hosts.map(\.name) == ["algo-1"] && hosts.allSatisfy { $0.isAlive && $0.kind == .training })
    }

    @Test func aJobWhoseHostDiesFails() async throws {
        let test = try await SageMakerTestWorld(host: "echo out of luck; exit 3")
        try await test.send("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("doomed"))
        let job = try await test.wait("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "doomed"]) {
            $0["TrainingJobStatus"]?.stringValue != "InProgress"
        }
        #expect(job["TrainingJobStatus"]?.stringValue == "Failed")
        let reason = job["FailureReason"]?.stringValue ?? ""
        #expect(reason.hasPrefix("InternalServerError: The host algo-1"))
        #expect(reason.contains("out of luck"))
    }

    @Test func aKilledHostFailsTheJobAndAStoppedOneStopsIt() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("killed"))
        for host in try test.world.store.read({ try HostProcess.all(in: $0) }) { host.terminate(signal: SIGKILL) }
        let killed = try await test.wait("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "killed"]) {
            $0["TrainingJobStatus"]?.stringValue != "InProgress"
        }
        #expect(killed["TrainingJobStatus"]?.stringValue == "Failed")

        try await test.send("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("stopped"))
        try await test.send("sagemaker", "StopTrainingJob", ["TrainingJobName": "stopped"])
        let stopped = try await test.wait("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "stopped"]) {
            $0["TrainingJobStatus"]?.stringValue == "Stopped"
        }
        #expect(stopped["SecondaryStatus"]?.stringValue == "Stopped")
        #expect(
            stopped["SecondaryStatusTransitions"]?.listValue?.compactMap { $0["Status"]?.stringValue } == [
                "Starting", "Stopping", "Stopped",
            ])
        let again = try await test.failure("sagemaker", "StopTrainingJob", ["TrainingJobName": "stopped"])
        #expect(again.code == "ValidationException")
        #expect(again.message == "The request was rejected because the training job is in status Stopped.")
    }

    @Test func namesAreUniqueAndJobsAreFound() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("one"))
        let taken = try await test.failure("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("one"))
        #expect(taken.code == "ResourceInUse")
        #expect(
            taken.message
                == "Training job names must be unique within an AWS account and region, and a training job with this name already exists "
                + "(arn:aws:sagemaker:us-east-1:123456789012:training-job/one)")
        let missing = try await test.failure("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "two"])
        #expect(missing == ServiceError("ValidationException", "Requested resource not found.", status: 400))
    }

    @Test func imagesRolesAndQuotasAreChecked() async throws {
        let test = try await SageMakerTestWorld()
        let image = try await test.failure(
            "sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("a", image: "linear-learner:1"))
        #expect(image.message.hasPrefix("Invalid image URI linear-learner:1."))
        let account = try await test.failure(
            "sagemaker", "CreateTrainingJob",
            SageMakerTestWorld.trainingJob("a", image: "174872318107.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"))
        #expect(account.message.hasPrefix("Cannot find repository: linear-learner in registry ID: 174872318107"))
        let quota = try await test.failure(
            "sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob("a", instanceType: "ml.p3.2xlarge"))
        #expect(quota.code == "ResourceLimitExceeded")
        #expect(
            quota.message.hasPrefix(
                "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, with current utilization of 0 "
                    + "Instances and a request delta of 1 Instances."))
        var input = SageMakerTestWorld.trainingJob("a")
        input["RoleArn"] = "arn:aws:iam::123456789012:role/Nobody"
        let role = try await test.failure("sagemaker", "CreateTrainingJob", input)
        #expect(
            role.code == "ValidationException"
                && role.message.hasPrefix("Could not assume role \(input["RoleArn"]?.stringValue ?? "")."))
        let list = try await test.send("sagemaker", "ListTrainingJobs")
        #expect(list["TrainingJobSummaries"]?.listValue == [])
    }

    @Test func quotasCountWhatRunsAndCanBeRaised() async throws {
        let test = try await SageMakerTestWorld()
        var input = SageMakerTestWorld.trainingJob("first")
        input["ResourceConfig"]?["InstanceCount"] = 15
        try await test.send("sagemaker", "CreateTrainingJob", input)
        input["TrainingJobName"] = "second"
        let full = try await test.failure("sagemaker", "CreateTrainingJob", input)
        #expect(
            full.message.contains("is 20 Instances, with current utilization of 15 Instances and a request delta of 15 Instances."))
        for name in ["ml.c4.xlarge for training job usage", "Number of instances across all training jobs"] {
            let quota = try #require(Quota.all.first { $0.name == name })
            try await test.send(
                "service-quotas", "RequestServiceQuotaIncrease",
                ["ServiceCode": "sagemaker", "QuotaCode": .string(quota.code), "DesiredValue": 40])
        }
        try await test.send("sagemaker", "CreateTrainingJob", input)
    }

    @Test func listsFilterSortAndPage() async throws {
        let test = try await SageMakerTestWorld()
        for name in ["alpha-1", "alpha-2", "beta-1"] {
            try await test.send("sagemaker", "CreateTrainingJob", SageMakerTestWorld.trainingJob(name))
        }
        let names = { (page: Value) in
            page["TrainingJobSummaries"]?.listValue?.compactMap { $0["TrainingJobName"]?.stringValue } ?? []
        }
        var input: Value = ["NameContains": "alpha", "SortBy": "Name", "SortOrder": "Descending", "MaxResults": 1]
        let first = try await test.send("sagemaker", "ListTrainingJobs", input)
        #expect(names(first) == ["alpha-2"])
        input["NextToken"] = first["NextToken"]
        let second = try await test.send("sagemaker", "ListTrainingJobs", input)
        #expect(names(second) == ["alpha-1"] && second["NextToken"] == nil)
        input["NextToken"] = "nonsense"
        #expect(try await test.failure("sagemaker", "ListTrainingJobs", input).code == "ValidationException")
        let stopped = try await test.send("sagemaker", "ListTrainingJobs", ["StatusEquals": "Stopped"])
        #expect(names(stopped) == [])
    }

    @Test func tagsAreSetListedAndRemoved() async throws {
        let test = try await SageMakerTestWorld()
        var input = SageMakerTestWorld.trainingJob("tagged")
        input["Tags"] = [["Key": "lab", "Value": "1"]]
        input["DebugHookConfig"] = ["S3OutputPath": "s3://smworkshop/debug"]
        let arn = try #require(try await test.send("sagemaker", "CreateTrainingJob", input)["TrainingJobArn"])
        try await test.send("sagemaker", "AddTags", ["ResourceArn": arn, "Tags": [["Key": "who", "Value": "ada"]]])
        try await test.send("sagemaker", "DeleteTags", ["ResourceArn": arn, "TagKeys": ["lab"]])
        let tags = try await test.send("sagemaker", "ListTags", ["ResourceArn": arn])
        #expect(tags["Tags"] == [["Key": "who", "Value": "ada"]])
        let job = try await test.send("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "tagged"])
        #expect(job["DebugHookConfig"]?["S3OutputPath"]?.stringValue == "s3://smworkshop/debug")
    }
}

@Suite struct SageMakerTrainingJobRecordTests {
    private func job() throws -> TrainingJobRecord {
        let request = try ValueDecoder().decode(TrainingJobRequest.self, from: SageMakerTestWorld.trainingJob("job"))
        return TrainingJobRecord(
            request: request, arn: "arn:aws:sagemaker:us-east-1:123456789012:training-job/job", algorithmName: "linear-learner",
            now: 100)
    }

    @Test func aJobGoesThroughItsStates() throws {
        var job = try job()
        try job.enter(.starting, message: "Preparing the instances for training", at: 101)
        try job.enter(.downloading, at: 110)
        try job.enter(.training, at: 120)
        try job.enter(.uploading, at: 150)
        try job.complete(artifact: job.plannedArtifactURI, at: 152.5)
        #expect(job.status == "Completed" && job.dueTime == nil)
        #expect(job.artifactURI == "s3://smworkshop/output/job/output/model.tar.gz")
        #expect(job.transitions.map(\.status) == [.starting, .downloading, .training, .uploading, .completed])
        #expect(job.transitions[0].statusMessage == "Preparing the instances for training")
        #expect(job.transitions.map(\.endTime) == [110, 120, 150, 152.5, 152.5])
        #expect(job.billableSeconds == 43)
    }

    @Test func whatTheStateDoesNotAllowIsRefused() throws {
        var job = try job()
        try job.enter(.training, at: 101)
        #expect(throws: StateError.self) { try job.enter(.downloading, at: 102) }
        #expect(throws: StateError.self) { try job.stop(at: 102) }
        try job.fail(reason: "AlgorithmError: no", at: 103)
        #expect(throws: StateError.self) { try job.complete(artifact: "s3://a/b", at: 104) }
        #expect(throws: StateError.self) { try job.requestStop(at: 104) }
        #expect(job.status == "Failed" && job.artifactURI == nil)
    }

    @Test func aStoppedJobKeepsItsArtifact() throws {
        var job = try job()
        try job.enter(.training, at: 101)
        try job.requestStop(.maximumRuntime, at: 102)
        #expect(job.status == "Stopping" && job.secondaryStatus == .stopping)
        try job.enter(.uploading, at: 103)
        try job.complete(artifact: "s3://a/b", at: 104)
        #expect(job.status == "Stopped" && job.secondaryStatus == .maxRuntimeExceeded && job.artifactURI == "s3://a/b")
    }
}
