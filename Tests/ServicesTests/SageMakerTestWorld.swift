// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import GRDB
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

/// A world of its own in a temporary folder, with a role that SageMaker may assume; gone when the test is over.
final class SageMakerTestWorld: Sendable {
    let world: World
    let dispatcher: Dispatcher
    static let region = "us-east-1"
    static let image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
    static let role = "arn:aws:iam::123456789012:role/SageMakerRole"
    static let scope = Scope(account: "123456789012", region: region)
    private let folder: String

    /// - Parameter host: the script that is started as each host: by default one that stays until it is ended.
    init(host: String = "exec sleep 120", clock: ClockMode = .instant) async throws {
        folder = FileManager.default.temporaryDirectory.path + "/sagemaker-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let executable = folder + "/host"
        try Data("#!/bin/sh\n\(host)\n".utf8).write(to: URL(fileURLWithPath: executable))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: executable)
        world = try World.open(at: folder + "/world", bootstrap: WorldBootstrap.make())
        dispatcher = Dispatcher(
            world: world,
            environment: ServiceEnvironment(algorithms: [TestLearner.self], launcher: HostLauncher(executable: executable)))
        if clock != .instant { try world.store.write { try $0.setClock(try $0.clock().changed(to: clock)) } }
        try await send(
            "iam", "CreateRole",
            [
                "RoleName": "SageMakerRole",
                "AssumeRolePolicyDocument": .string(
                    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
                ),
            ])
    }

    deinit {
        for host in (try? world.store.read { try HostProcess.all(in: $0) }) ?? [] { host.terminate(signal: SIGKILL) }
        try? world.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Sends a request as the administrator of a new world.
    @discardableResult
    func send(_ service: String, _ operation: String, _ input: Value = .emptyObject, body: [UInt8]? = nil) async throws -> Value {
        try await response(service, operation, input, body: body).output
    }

    func response(_ service: String, _ operation: String, _ input: Value, body: [UInt8]? = nil) async throws -> ServiceResponse {
        let credentials = Credentials(
            accessKeyID: IAMBootstrap.exampleKey.id, secretAccessKey: IAMBootstrap.exampleKey.secret)
        return try await dispatcher.send(
            ServiceRequest(
                service: service, operation: operation, input: input, body: body.map { Body(bytes: $0) }, credentials: credentials,
                region: Self.region))
    }

    /// The error that a request ends with.
    func failure(_ service: String, _ operation: String, _ input: Value, body: [UInt8]? = nil) async throws -> ServiceError {
        do {
            let output = try await send(service, operation, input, body: body)
            Issue.record("\(operation) went well: \(output)")
            return ServiceError("", "")
        } catch let error as ServiceError {
            return error
        }
    }

    /// Asks again until `condition` holds, for a minute at most.
    func wait(_ service: String, _ operation: String, _ input: Value, until condition: (Value) -> Bool) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let output = try await send(service, operation, input)
            if condition(output) || ContinuousClock.now > deadline { return output }
            try await dispatcher.waitForChange(atMost: 1)
        }
    }

    /// The input of the workshop's first training job.
    static func trainingJob(_ name: String, image: String = image, instanceType: String = "ml.c4.xlarge") -> Value {
        [
            "TrainingJobName": .string(name),
            "AlgorithmSpecification": ["TrainingImage": .string(image), "TrainingInputMode": "File"],
            "RoleArn": .string(role),
            "InputDataConfig": [
                [
                    "ChannelName": "train",
                    "DataSource": ["S3DataSource": ["S3DataType": "S3Prefix", "S3Uri": "s3://smworkshop/train"]],
                ]
            ],
            "OutputDataConfig": ["S3OutputPath": "s3://smworkshop/output/"],
            "ResourceConfig": ["InstanceType": .string(instanceType), "InstanceCount": 1, "VolumeSizeInGB": 30],
            "StoppingCondition": ["MaxRuntimeInSeconds": 3600],
            "HyperParameters": ["feature_dim": "784", "predictor_type": "binary_classifier"],
        ]
    }

    /// Makes model, configuration and endpoint `name` with the given variants' weights.
    func createEndpoint(_ name: String, weights: [String: Double] = ["AllTraffic": 1]) async throws {
        try await send(
            "sagemaker", "CreateModel",
            [
                "ModelName": .string(name), "ExecutionRoleArn": .string(Self.role),
                "PrimaryContainer": ["Image": .string(Self.image)],
            ])
        let variants = weights.sorted { $0.key < $1.key }.map { variant, weight -> Value in
            [
                "VariantName": .string(variant), "ModelName": .string(name), "InstanceType": "ml.m4.xlarge",
                "InitialInstanceCount": 1, "InitialVariantWeight": .double(weight),
            ]
        }
        try await send(
            "sagemaker", "CreateEndpointConfig", ["EndpointConfigName": .string(name), "ProductionVariants": .list(variants)])
        try await send("sagemaker", "CreateEndpoint", ["EndpointName": .string(name), "EndpointConfigName": .string(name)])
    }

    /// Says for the host of a notebook instance that it is ready.
    func makeReady(notebook: String) throws {
        let arn = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/\(notebook.lowercased())"
        try world.store.write { database in
            for var host in try HostProcess.all(of: arn, in: database) {
                host.state = .ready
                host.address = "127.0.0.1:8888"
                try host.save(in: database)
            }
        }
    }

    /// Says for every host of an endpoint that it is ready at `address`.
    func makeReady(endpoint: String, address: @Sendable (HostProcess) -> String) throws {
        let arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/\(endpoint)"
        try world.store.write { database in
            for var host in try HostProcess.all(of: arn, in: database) {
                host.state = .ready
                host.address = address(host)
                try host.save(in: database)
            }
        }
    }
}

/// An algorithm that only has a name and a metric: these tests never run it.
enum TestLearner: Algorithm {
    static let name = "linear-learner"
    static let logName = "Linear Learner"
    static let hyperparameters: [Hyperparameter] = []
    static let channels: [ChannelSpecification] = []
    static let metrics = [MetricDefinition(name: "train:progress", regularExpression: "completed (\\S+) %")]

    static func train(_ job: TrainingJob) async throws {}

    static func load(from directory: String) throws -> any Predictor { throw AlgorithmError("there is no model") }
}
