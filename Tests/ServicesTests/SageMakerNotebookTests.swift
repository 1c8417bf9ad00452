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

    /// Stops the instance, and waits until its process is gone.
    private func stop(_ test: SageMakerTestWorld) async throws {
        try await test.send("sagemaker", "StopNotebookInstance", Self.name)
        _ = try await test.wait("sagemaker", "DescribeNotebookInstance", Self.name) {
            $0["NotebookInstanceStatus"]?.stringValue != "Stopping"
        }
    }

    @Test func anInstanceLives() async throws {
        let test = try await SageMakerTestWorld()
        try await create(test)
        #expect(try await status(test) == "Pending")
        try test.makeReady(notebook: "smworkshop-Ada")
        #expect(try await status(test) == "InService")
        let url = try await test.send("sagemaker", "CreatePresignedNotebookInstanceUrl", Self.name)["AuthorizedUrl"]?.stringValue
        #expect(url?.hasPrefix("http://127.0.0.1:8888/?authToken=") == true)
        let early = try await test.failure("sagemaker", "DeleteNotebookInstance", Self.name)
        #expect(
            early.message
                == "Status (InService) not in ([Stopped, Failed]). Unable to transition to (Deleting) for Notebook Instance "
                + "(arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/smworkshop-ada).")
        try await stop(test)
        #expect(try await status(test) == "Stopped")
        var update = Self.name
        update["InstanceType"] = "ml.t2.medium"
        try await test.send("sagemaker", "UpdateNotebookInstance", update)
        let described = try await test.send("sagemaker", "DescribeNotebookInstance", Self.name)
        #expect(
            described["InstanceType"]?.stringValue == "ml.t2.medium"
                && described["NotebookInstanceStatus"]?.stringValue == "Stopped")
        try await test.send("sagemaker", "StartNotebookInstance", Self.name)
        try test.makeReady(notebook: "smworkshop-Ada")
        try await stop(test)
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

    @Test func anInstanceWhoseHostDiesBeforeItIsReadyFails() async throws {
        let test = try await SageMakerTestWorld(host: "echo out of memory; exit 1")
        try await create(test)
        let failed = try await test.wait("sagemaker", "DescribeNotebookInstance", Self.name) {
            $0["NotebookInstanceStatus"]?.stringValue != "Pending"
        }
        #expect(failed["NotebookInstanceStatus"]?.stringValue == "Failed")
        #expect(failed["FailureReason"]?.stringValue?.contains("out of memory") == true)
        try await test.send("sagemaker", "DeleteNotebookInstance", Self.name)
    }

    @Test func aHostThatWasKilledIsStartedAgainForTheNextCaller() async throws {
        let test = try await SageMakerTestWorld()
        try await create(test)
        try test.makeReady(notebook: "smworkshop-Ada")
        #expect(try await status(test) == "InService")
        let first = try #require(try test.world.store.read { try HostProcess.all(in: $0) }.first)
        try await first.end(graceSeconds: 0)
        async let opened = test.send("sagemaker", "CreatePresignedNotebookInstanceUrl", Self.name)
        var second = first
        while second.id == first.id {
            second = try test.world.store.read { try HostProcess.all(in: $0) }.first { $0.pid > 0 } ?? first
            await Task.yield()
        }
        try test.makeReady(notebook: "smworkshop-Ada")
        #expect(try await opened["AuthorizedUrl"]?.stringValue?.contains("authToken=") == true)
        #expect(second.isAlive)
    }

    @Test func ticketsOpenForFiveMinutesAndOnlyAsTheyWereGiven() async throws {
        let test = try await SageMakerTestWorld()
        try await create(test)
        let host = try #require(try test.world.store.read { try HostProcess.all(in: $0) }.first)
        let ticket = try NotebookTicket.issue(for: host, now: 1000)
        #expect(NotebookTicket.isGood(ticket, for: host, now: 1299))
        #expect(!NotebookTicket.isGood(ticket, for: host, now: 1300))
        #expect(!NotebookTicket.isGood("", for: host, now: 1000))
        #expect(!NotebookTicket.isGood("../lease", for: host, now: 1000))
        #expect(!NotebookTicket.isGood(String(repeating: "a", count: 43), for: host, now: 1000))
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
