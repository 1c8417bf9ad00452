// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Wire
import World

@testable import Services

@Suite struct SageMakerNotebookTests {
    private static let name: Value = ["NotebookInstanceName": "smworkshop-Ada"]

    private func create(_ test: SageMakerTestWorld) async throws {
        var input: Value = ["InstanceType": "ml.m4.xlarge", "RoleArn": .string(SageMakerTestWorld.role)]
        input["NotebookInstanceName"] = "smworkshop-Ada"
        try await test.send("sagemaker", "CreateNotebookInstance", input)
    }

    private func status(_ test: SageMakerTestWorld) async throws -> String? {
        try await test.send("sagemaker", "DescribeNotebookInstance", Self.name)["NotebookInstanceStatus"]?.stringValue
    }

    @Test func anInstanceLives() async throws {
        let test = try await SageMakerTestWorld()
        try await create(test)
        #expect(try await status(test) == "InService")
        let url = try await test.send("sagemaker", "CreatePresignedNotebookInstanceUrl", Self.name)["AuthorizedUrl"]?.stringValue
        #expect(url?.hasPrefix("https://smworkshop-ada.notebook.us-east-1.sagemaker.aws?authToken=") == true)
        let early = try await test.failure("sagemaker", "DeleteNotebookInstance", Self.name)
        #expect(
            early.message
                == "Status (InService) not in ([Stopped, Failed]). Unable to transition to (Deleting) for Notebook Instance "
                + "(arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/smworkshop-ada).")
        try await test.send("sagemaker", "StopNotebookInstance", Self.name)
        #expect(try await status(test) == "Stopped")
        var update = Self.name
        update["InstanceType"] = "ml.t2.medium"
        try await test.send("sagemaker", "UpdateNotebookInstance", update)
        let described = try await test.send("sagemaker", "DescribeNotebookInstance", Self.name)
        #expect(
            described["InstanceType"]?.stringValue == "ml.t2.medium"
                && described["NotebookInstanceStatus"]?.stringValue == "Stopped")
        try await test.send("sagemaker", "StartNotebookInstance", Self.name)
        try await test.send("sagemaker", "StopNotebookInstance", Self.name)
        try await test.send("sagemaker", "DeleteNotebookInstance", Self.name)
        let gone = try await test.failure("sagemaker", "DescribeNotebookInstance", Self.name)
        #expect(gone == ServiceError("ValidationException", "RecordNotFound", status: 400))
    }

    @Test func waitingTakesItsTimeOnAClockThatRuns() async throws {
        let test = try await SageMakerTestWorld(clock: .scaled(factor: 1))
        try await create(test)
        #expect(try await status(test) == "Pending")
        let stop = try await test.failure("sagemaker", "StopNotebookInstance", Self.name)
        #expect(stop.message.hasPrefix("Status (Pending) not in ([InService])."))
    }

    @Test func lifecycleConfigurationsAreKept() async throws {
        let test = try await SageMakerTestWorld()
        let name: Value = ["NotebookInstanceLifecycleConfigName": "setup"]
        var input = name
        input["OnStart"] = [["Content": "ZWNobyBoaQ=="]]
        try await test.send("sagemaker", "CreateNotebookInstanceLifecycleConfig", input)
        let again = try await test.failure("sagemaker", "CreateNotebookInstanceLifecycleConfig", input)
        #expect(again.message.contains("already exists"))
        let shown = try await test.send("sagemaker", "DescribeNotebookInstanceLifecycleConfig", name)
        #expect(shown["OnStart"] == [["Content": "ZWNobyBoaQ=="]] && shown["OnCreate"] == [])
        let list = try await test.send("sagemaker", "ListNotebookInstanceLifecycleConfigs")
        #expect(list["NotebookInstanceLifecycleConfigs"]?.listValue?.count == 1)
        try await test.send("sagemaker", "DeleteNotebookInstanceLifecycleConfig", name)
        #expect(try await test.failure("sagemaker", "DescribeNotebookInstanceLifecycleConfig", name).code == "ValidationException")
    }
}
