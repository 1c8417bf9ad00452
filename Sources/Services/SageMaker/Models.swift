// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names a model.
struct ModelNameInput: Decodable, Sendable {
    var modelName: String
}

/// Makes a model of an image and an artifact that the given role can read.
enum CreateModel: Operation {
    typealias Input = ModelRequest

    struct Output: Encodable, Sendable {
        var modelArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let arn = call.sageMakerARN("model", input.modelName)
        try call.authorizeTags(input.tags, on: arn)
        guard let role = input.executionRoleArn else { throw SageMakerError.validation("ExecutionRoleArn is required.") }
        try call.authorizePassing(role: role)
        let exists = try call.world.store.read { try $0.resource(ModelRecord.self, named: input.modelName, in: call.scope) != nil }
        if exists { throw SageMakerError.existing("model", arn: arn) }
        let isEmpty = input.primaryContainer == nil && input.containers?.isEmpty != false
        var request = isEmpty && call.dispatcher.environment.isRelaxed ? input : try withDefaults(input)
        for container in [request.primaryContainer].compactMap({ $0 }) + (request.containers ?? []) {
            guard let image = container.image else {
                throw SageMakerError.validation("A container needs an Image: model packages are not simulated.")
            }
            _ = try await call.program(ofImage: image, role: role, runsScript: container.runsScript)
            if let uri = container.artifactURI { try await call.checkModelData(uri, role: role) }
        }
        request.tags = nil
        let record = ModelRecord(request: request, arn: arn, now: call.now)
        try call.world.store.write { database in
            guard try database.insertResource(record, in: call.scope) else { throw SageMakerError.existing("model", arn: arn) }
            try database.setTags(input.tags ?? [], of: arn)
        }
        return Output(modelArn: arn)
    }

    private static func withDefaults(_ input: Input) throws -> Input {
        var request = input
        switch (input.primaryContainer, input.containers ?? []) {
        case (let container?, []):
            request.primaryContainer = withDefaults(container)
            request.containers = nil
        case (nil, let containers) where !containers.isEmpty:
            guard containers.count == 1 else {
                throw SageMakerError.validation("A pipeline of several containers is not simulated: give one container.")
            }
            request.containers = containers.map(withDefaults)
        default:
            throw SageMakerError.validation("You must specify either a PrimaryContainer or Containers, and not both.")
        }
        request.enableNetworkIsolation = input.enableNetworkIsolation ?? false
        return request
    }

    private static func withDefaults(_ container: ContainerDefinition) -> ContainerDefinition {
        var container = container
        container.mode = container.mode ?? "SingleModel"
        if container.environment?.isEmpty == true { container.environment = nil }
        if let uri = container.modelDataUrl, container.modelDataSource == nil {
            container.modelDataSource = .init(
                s3DataSource: .init(
                    s3Uri: uri, s3DataType: "S3Object", compressionType: "Gzip"))
        }
        return container
    }
}

/// Shows a model.
enum DescribeModel: Operation {
    typealias Input = ModelNameInput

    struct Output: Encodable, Sendable {
        var modelName: String
        var primaryContainer: ContainerDefinition?
        var containers: [ContainerDefinition]?
        var inferenceExecutionConfig: Value?
        var executionRoleArn: String?
        var vpcConfig: VpcConfig?
        var creationTime: Date
        var modelArn: String
        var enableNetworkIsolation: Bool?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let found = try call.world.store.read { try $0.resource(ModelRecord.self, named: input.modelName, in: call.scope) }
        guard let model = found else { throw SageMakerError.missing("model", arn: call.sageMakerARN("model", input.modelName)) }
        let request = model.request
        return Output(
            modelName: model.name, primaryContainer: request.primaryContainer, containers: request.containers,
            inferenceExecutionConfig: request.inferenceExecutionConfig, executionRoleArn: request.executionRoleArn,
            vpcConfig: request.vpcConfig, creationTime: Date(world: model.creationTime), modelArn: model.arn,
            enableNetworkIsolation: request.enableNetworkIsolation)
    }
}

/// Lists models, newest first unless asked otherwise.
enum ListModels: Operation {
    typealias Input = RecordListingInput

    struct Summary: Encodable, Sendable {
        var modelName: String
        var modelArn: String
        var creationTime: Date
    }

    struct Output: Encodable, Sendable {
        var models: [Summary]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let page = try RecordListing<ModelRecord>.page(input, call)
        return Output(
            models: page.records.map {
                Summary(modelName: $0.name, modelArn: $0.arn, creationTime: Date(world: $0.creationTime))
            }, nextToken: page.nextToken)
    }
}

/// Removes a model.
///
/// Endpoints that serve it go on.
enum DeleteModel: Operation {
    typealias Input = ModelNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            guard let model = try database.resource(ModelRecord.self, named: input.modelName, in: call.scope) else {
                throw SageMakerError.missing("model", arn: call.sageMakerARN("model", input.modelName))
            }
            try database.deleteResource(model, in: call.scope)
        }
        return Empty()
    }
}
