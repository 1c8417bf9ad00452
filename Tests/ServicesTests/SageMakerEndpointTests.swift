// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import Wire
import World

@testable import Services

@Suite struct SageMakerEndpointTests {
    private static let arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/demo"
    private static let name: Value = ["EndpointName": "demo"]

    private func hosts(_ test: SageMakerTestWorld) throws -> [HostProcess] {
        try test.world.store.read { try HostProcess.all(of: Self.arn, in: $0) }
    }

    private func status(_ test: SageMakerTestWorld) async throws -> String? {
        try await test.send("sagemaker", "DescribeEndpoint", Self.name)["EndpointStatus"]?.stringValue
    }

    @Test func anEndpointIsInServiceOnceItsHostsAreReadyAndGoneWhenDeleted() async throws {
        let test = try await SageMakerTestWorld()
        try await test.createEndpoint("demo")
        #expect(try await status(test) == "Creating")
        #expect(try hosts(test).map(\.name) == ["1/AllTraffic/0"])
        let early = try await test.failure("sagemaker", "DeleteEndpoint", Self.name)
        #expect(early.message == "Cannot update in-progress endpoint \"\(Self.arn)\".")
        try test.makeReady(endpoint: "demo") { _ in "127.0.0.1:1" }
        let endpoint = try await test.send("sagemaker", "DescribeEndpoint", Self.name)
        #expect(endpoint["EndpointStatus"]?.stringValue == "InService")
        #expect(endpoint["ProductionVariants"]?[0]?["CurrentInstanceCount"]?.integerValue == 1)
        let image = endpoint["ProductionVariants"]?[0]?["DeployedImages"]?[0]?["ResolvedImage"]?.stringValue
        #expect(image?.contains("/linear-learner@sha256:") == true)
        try await test.send("sagemaker", "DeleteModel", ["ModelName": "demo"])
        try await test.send("sagemaker", "DeleteEndpointConfig", ["EndpointConfigName": "demo"])
        let process = try #require(try hosts(test).first)
        try await test.send("sagemaker", "DeleteEndpoint", Self.name)
        #expect(!process.isAlive)
        #expect(
            try await test.failure("sagemaker", "DescribeEndpoint", Self.name).message == "Could not find endpoint \"\(Self.arn)\"."
        )
    }

    @Test func anEndpointWhoseModelCanNotBeLoadedFails() async throws {
        let test = try await SageMakerTestWorld()
        try await test.createEndpoint("demo")
        var host = try #require(try hosts(test).first)
        host.state = .failed(reason: "AlgorithmError: no model in there")
        let failed = host
        try test.world.store.write { try failed.save(in: $0) }
        let endpoint = try await test.send("sagemaker", "DescribeEndpoint", Self.name)
        #expect(endpoint["EndpointStatus"]?.stringValue == "Failed")
        #expect(endpoint["FailureReason"]?.stringValue == "AlgorithmError: no model in there")
        try await test.send("sagemaker", "DeleteEndpoint", Self.name)
    }

    @Test func missingPartsAreNamed() async throws {
        let test = try await SageMakerTestWorld()
        let config = try await test.failure(
            "sagemaker", "CreateEndpoint", ["EndpointName": "demo", "EndpointConfigName": "Nothing"])
        #expect(
            config.message
                == "Could not find endpoint configuration \"arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/nothing\".")
        let model = try await test.failure(
            "sagemaker", "CreateEndpointConfig",
            [
                "EndpointConfigName": "demo",
                "ProductionVariants": [
                    ["VariantName": "A", "ModelName": "Nothing", "InstanceType": "ml.m4.xlarge", "InitialInstanceCount": 1]
                ],
            ])
        #expect(model.message == "Could not find model \"arn:aws:sagemaker:us-east-1:123456789012:model/nothing\".")
    }

    @Test func modelsAreUniqueAndTheirArtifactsMustBeThere() async throws {
        let test = try await SageMakerTestWorld()
        try await test.createEndpoint("demo")
        var input: Value = ["ModelName": "demo", "ExecutionRoleArn": .string(SageMakerTestWorld.role)]
        input["PrimaryContainer"] = ["Image": .string(SageMakerTestWorld.image)]
        #expect(
            try await test.failure("sagemaker", "CreateModel", input).message
                == "Cannot create already existing model \"arn:aws:sagemaker:us-east-1:123456789012:model/demo\".")
        input["ModelName"] = "other"
        input["PrimaryContainer"]?["ModelDataUrl"] = "s3://no-such-bucket-of-ours/model.tar.gz"
        #expect(
            try await test.failure("sagemaker", "CreateModel", input).message.contains(
                "model data at s3://no-such-bucket-of-ours/model.tar.gz."))
    }

    @Test func anUpdateKeepsTheOldHostsUntilTheNewOnesAreReady() async throws {
        let test = try await SageMakerTestWorld()
        try await test.createEndpoint("demo")
        try test.makeReady(endpoint: "demo") { _ in "127.0.0.1:1" }
        #expect(try await status(test) == "InService")
        try await test.send(
            "sagemaker", "CreateEndpointConfig",
            [
                "EndpointConfigName": "second",
                "ProductionVariants": [
                    ["VariantName": "B", "ModelName": "demo", "InstanceType": "ml.m4.xlarge", "InitialInstanceCount": 2]
                ],
            ])
        try await test.send("sagemaker", "UpdateEndpoint", ["EndpointName": "demo", "EndpointConfigName": "second"])
        #expect(try await status(test) == "Updating")
        #expect(try Set(hosts(test).map(\.name)) == ["1/AllTraffic/0", "2/B/0", "2/B/1"])
        try test.makeReady(endpoint: "demo") { _ in "127.0.0.1:1" }
        let updated = try await test.send("sagemaker", "DescribeEndpoint", Self.name)
        #expect(updated["EndpointStatus"]?.stringValue == "InService")
        #expect(updated["EndpointConfigName"]?.stringValue == "second")
        #expect(try hosts(test).map(\.name) == ["2/B/0", "2/B/1"])

        try await test.send(
            "sagemaker", "UpdateEndpointWeightsAndCapacities",
            ["EndpointName": "demo", "DesiredWeightsAndCapacities": [["VariantName": "B", "DesiredInstanceCount": 1]]])
        #expect(try await status(test) == "InService")
        #expect(try hosts(test).map(\.name) == ["2/B/0"])
    }

    @Test func aFailedUpdateLeavesWhatWasThere() async throws {
        let test = try await SageMakerTestWorld()
        try await test.createEndpoint("demo")
        try test.makeReady(endpoint: "demo") { _ in "127.0.0.1:1" }
        #expect(try await status(test) == "InService")
        try await test.send("sagemaker", "UpdateEndpoint", ["EndpointName": "demo", "EndpointConfigName": "demo"])
        let new = try #require(try hosts(test).first { $0.name == "2/AllTraffic/0" })
        new.terminate(signal: SIGKILL)
        let endpoint = try await test.wait("sagemaker", "DescribeEndpoint", Self.name) {
            $0["EndpointStatus"]?.stringValue == "InService"
        }
        #expect(endpoint["FailureReason"]?.stringValue?.contains("2/AllTraffic/0") == true)
        #expect(try hosts(test).map(\.name) == ["1/AllTraffic/0"])
    }
}
