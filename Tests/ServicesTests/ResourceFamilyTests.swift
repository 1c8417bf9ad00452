// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel
import Testing
import Wire
import World

@testable import Services

@Suite struct ResourceFamilyTests {
    /// A row of the table is of use only where the model has its operations, its members and its statuses.
    @Test func tableFitsTheModel() throws {
        let model = try #require(ResourceFamilies.model)
        for family in ResourceFamilies.all {
            let create = try #require(model.operation("Create" + family.noun), "Create\(family.noun)")
            let describe = try #require(model.operation("Describe" + family.noun)?.output, "Describe\(family.noun)")
            for key in family.naming {
                #expect(model.operation("Describe" + family.noun)?.input?.member(named: key) != nil, "\(key)")
            }
            for key in family.keys where family.generatedKey == nil { #expect(create.input?.member(named: key) != nil, "\(key)") }
            let shown = family.wrapper.flatMap { describe.member(named: $0)?.shape } ?? describe
            #expect(shown.member(named: family.arnMember) != nil, "\(family.noun): \(family.arnMember)")
            guard let status = family.statusMember else { continue }
            let statuses = try #require(shown.member(named: status)?.shape.enumValues, "\(family.noun): \(status)")
            for value in [family.states.initial] + family.states.next.values where !statuses.isEmpty {
                #expect(statuses.contains(value), "\(family.noun): \(value)")
            }
        }
    }

    @Test func createDescribeListUpdateDelete() async throws {
        let test = try await SageMakerTestWorld()
        let arn = "arn:aws:sagemaker:us-east-1:123456789012:code-repository/One"
        let input: Value = [
            "CodeRepositoryName": "One", "GitConfig": ["RepositoryUrl": "https://example.com/one"],
            "Tags": [["Key": "team", "Value": "red"]],
        ]
        #expect(try await test.send("sagemaker", "CreateCodeRepository", input) == ["CodeRepositoryArn": .string(arn)])
        #expect(try await test.failure("sagemaker", "CreateCodeRepository", input).code == "ValidationException")
        let shown = try await test.send("sagemaker", "DescribeCodeRepository", ["CodeRepositoryName": "One"])
        #expect(
            shown.objectValue?.keys.elements == [
                "CodeRepositoryName", "CodeRepositoryArn", "CreationTime", "LastModifiedTime", "GitConfig",
            ])
        guard case .timestamp = shown["CreationTime"] else {
            Issue.record("\(shown) has no time")
            return
        }
        try await test.send("sagemaker", "AddTags", ["ResourceArn": .string(arn), "Tags": [["Key": "lab", "Value": "4"]]])
        #expect(try await test.send("sagemaker", "ListTags", ["ResourceArn": .string(arn)])["Tags"]?.listValue?.count == 2)
        try await test.send(
            "sagemaker", "UpdateCodeRepository", ["CodeRepositoryName": "One", "GitConfig": ["SecretArn": .string(Self.secret)]])
        for name in ["Two", "Three"] {
            try await test.send(
                "sagemaker", "CreateCodeRepository",
                ["CodeRepositoryName": .string(name), "GitConfig": ["RepositoryUrl": "https://example.com"]])
        }
        let first = try await test.send("sagemaker", "ListCodeRepositories", ["MaxResults": 2, "SortBy": "Name"])
        #expect(first["CodeRepositorySummaryList"]?.listValue?.map { $0["CodeRepositoryName"] } == ["One", "Three"])
        let token = try #require(first["NextToken"])
        let second = try await test.send("sagemaker", "ListCodeRepositories", ["NextToken": token, "SortBy": "Name"])
        #expect(second["CodeRepositorySummaryList"]?.listValue?.map { $0["CodeRepositoryName"] } == ["Two"])
        let some = try await test.send("sagemaker", "ListCodeRepositories", ["NameContains": "tw"])
        #expect(some["CodeRepositorySummaryList"]?.listValue?.count == 1)
        try await test.send("sagemaker", "DeleteCodeRepository", ["CodeRepositoryName": "One"])
        #expect(try await test.failure("sagemaker", "DescribeCodeRepository", ["CodeRepositoryName": "One"]).message.contains(arn))
    }

    private static let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-abcdef"

    @Test func statusesPassWithTheClock() async throws {
        let test = try await SageMakerTestWorld(clock: .scaled(factor: 1))
        try await test.send("sagemaker", "CreateHub", ["HubName": "models", "HubDescription": "all of them"])
        #expect(try await test.send("sagemaker", "DescribeHub", ["HubName": "models"])["HubStatus"] == "Creating")
        try test.world.store.write { try $0.setClock(try $0.clock().changed(to: .scaled(factor: 1_000_000))) }
        let done = try await test.wait("sagemaker", "DescribeHub", ["HubName": "models"]) { $0["HubStatus"] == "InService" }
        #expect(done["HubStatus"] == "InService")
    }

    /// A job that nothing runs for must not look as if it had done something.
    @Test func jobsThatNothingRunsForFail() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send(
            "sagemaker", "CreateProcessingJob",
            [
                "ProcessingJobName": "clean", "RoleArn": .string(SageMakerTestWorld.role),
                "AppSpecification": ["ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/clean:1"],
                "ProcessingResources": ["ClusterConfig": ["InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1]],
            ])
        let job = try await test.send("sagemaker", "DescribeProcessingJob", ["ProcessingJobName": "clean"])
        #expect(job["ProcessingJobStatus"] == "Failed")
        #expect(job["FailureReason"]?.stringValue?.contains("nothing runs") == true)
        let stop = try await test.failure("sagemaker", "StopProcessingJob", ["ProcessingJobName": "clean"])
        #expect(stop.message.contains("Failed"))
    }

    @Test func experimentsHoldTogether() async throws {
        let test = try await SageMakerTestWorld()
        try await test.send("sagemaker", "CreateExperiment", ["ExperimentName": "digits"])
        let trial: Value = ["TrialName": "first", "ExperimentName": "digits"]
        try await test.send("sagemaker", "CreateTrial", trial)
        try await test.send("sagemaker", "CreateTrialComponent", ["TrialComponentName": "training"])
        let pair: Value = ["TrialName": "first", "TrialComponentName": "training"]
        try await test.send("sagemaker", "AssociateTrialComponent", pair)
        let byExperiment = try await test.send("sagemaker", "ListTrialComponents", ["ExperimentName": "digits"])
        #expect(byExperiment["TrialComponentSummaries"]?.listValue?.count == 1)
        #expect(try await test.failure("sagemaker", "DeleteExperiment", ["ExperimentName": "digits"]).message.contains("first"))
        #expect(try await test.failure("sagemaker", "DeleteTrial", ["TrialName": "first"]).message.contains("training"))
        try await test.send(
            "sagemaker", "UpdateTrialComponent",
            ["TrialComponentName": "training", "Parameters": ["k": ["NumberValue": 3]], "Status": ["PrimaryStatus": "Completed"]])
        let found = try await test.send(
            "sagemaker", "Search",
            [
                "Resource": "ExperimentTrialComponent",
                "SearchExpression": ["Filters": [["Name": "Parameters.k.NumberValue", "Operator": "GreaterThan", "Value": "2"]]],
            ])
        #expect(found["Results"]?[0]?["TrialComponent"]?["TrialComponentName"] == "training")
        try await test.send("sagemaker", "DisassociateTrialComponent", pair)
        try await test.send("sagemaker", "DeleteTrial", ["TrialName": "first"])
        try await test.send("sagemaker", "DeleteExperiment", ["ExperimentName": "digits"])
    }

    @Test func modelPackagesAreVersions() async throws {
        let test = try await SageMakerTestWorld()
        let group: Value = ["ModelPackageGroupName": "digits"]
        try await test.send("sagemaker", "CreateModelPackageGroup", group)
        for _ in 0..<2 { try await test.send("sagemaker", "CreateModelPackage", group) }
        let arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/digits/2"
        let shown = try await test.send("sagemaker", "DescribeModelPackage", ["ModelPackageName": .string(arn)])
        #expect(shown["ModelPackageVersion"] == 2)
        #expect(shown["ModelApprovalStatus"] == "PendingManualApproval")
        try await test.send(
            "sagemaker", "UpdateModelPackage", ["ModelPackageArn": .string(arn), "ModelApprovalStatus": "Approved"])
        let approved = try await test.send(
            "sagemaker", "ListModelPackages", ["ModelPackageGroupName": "digits", "ModelApprovalStatus": "Approved"])
        #expect(approved["ModelPackageSummaryList"]?.listValue?.map { $0["ModelPackageArn"] } == [.string(arn)])
        #expect(try await test.failure("sagemaker", "DeleteModelPackageGroup", group).code == "ConflictException")
    }

    @Test func pipelinesHaveExecutions() async throws {
        let test = try await SageMakerTestWorld()
        let definition = #"{"Version":"2020-12-01","Steps":[{"Name":"train","Type":"Training"}]}"#
        try await test.send(
            "sagemaker", "CreatePipeline",
            [
                "PipelineName": "daily", "RoleArn": .string(SageMakerTestWorld.role), "PipelineDefinition": .string(definition),
                "ClientRequestToken": "0123456789abcdef0123456789abcdef",
            ])
        let started = try await test.send(
            "sagemaker", "StartPipelineExecution",
            ["PipelineName": "daily", "ClientRequestToken": "0123456789abcdef0123456789abcdef"])
        let execution: Value = ["PipelineExecutionArn": started["PipelineExecutionArn"] ?? ""]
        let steps = try await test.send("sagemaker", "ListPipelineExecutionSteps", execution)
        #expect(steps["PipelineExecutionSteps"]?[0]?["StepName"] == "train")
        let shown = try await test.send("sagemaker", "DescribePipelineExecution", execution)
        #expect(shown["PipelineExecutionStatus"] == "Failed")
        let list = try await test.send("sagemaker", "ListPipelineExecutions", ["PipelineName": "daily"])
        #expect(list["PipelineExecutionSummaries"]?[0]?["PipelineExecutionArn"] == execution["PipelineExecutionArn"])
    }

    @Test func lineageSaysWhatCameOfWhat() async throws {
        let test = try await SageMakerTestWorld()
        let source: Value = ["Source": ["SourceUri": "s3://b/data"], "ArtifactType": "DataSet", "ArtifactName": "digits"]
        let data = try #require(try await test.send("sagemaker", "CreateArtifact", source)["ArtifactArn"])
        let input: Value = ["ActionName": "train", "ActionType": "Training", "Source": ["SourceUri": "s3://b/job"]]
        let action = try #require(try await test.send("sagemaker", "CreateAction", input)["ActionArn"])
        let pair: Value = ["SourceArn": data, "DestinationArn": action]
        try await test.send("sagemaker", "AddAssociation", pair)
        #expect(try await test.failure("sagemaker", "AddAssociation", pair).code == "ValidationException")
        let found = try await test.send("sagemaker", "ListAssociations", ["DestinationArn": action])["AssociationSummaries"]?[0]
        #expect(found?["SourceName"] == "digits" && found?["SourceType"] == "DataSet" && found?["DestinationName"] == "train")
        try await test.send("sagemaker", "DeleteAssociation", pair)
        #expect(try await test.failure("sagemaker", "DeleteAssociation", pair).code == "ResourceNotFound")
    }
}
