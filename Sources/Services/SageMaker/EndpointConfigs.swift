// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names an endpoint configuration.
struct EndpointConfigNameInput: Decodable, Sendable {
    var endpointConfigName: String
}

/// Makes an endpoint configuration of models that exist.
enum CreateEndpointConfig: Operation {
    typealias Input = EndpointConfigRequest

    struct Output: Encodable, Sendable {
        var endpointConfigArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let arn = call.sageMakerARN("endpoint-config", input.endpointConfigName)
        try call.authorizeTags(input.tags, on: arn)
        var request = input
        request.tags = nil
        request.enableNetworkIsolation = input.enableNetworkIsolation ?? false
        request.productionVariants = try input.productionVariants.map(withDefaults)
        var names = Set<String>()
        for variant in request.productionVariants where !names.insert(variant.variantName).inserted {
            throw SageMakerError.validation("Variant names must be unique: \(variant.variantName) is there more than once.")
        }
        guard request.productionVariants.contains(where: { ($0.initialVariantWeight ?? 1) > 0 }) else {
            throw SageMakerError.validation("At least one variant must have a weight greater than 0.")
        }
        let record = EndpointConfigRecord(request: request, arn: arn, now: call.now)
        try call.world.store.write { database in
            for variant in record.request.productionVariants {
                let name = variant.modelName ?? ""
                guard try database.resource(ModelRecord.self, named: name, in: call.scope) != nil else {
                    throw SageMakerError.missing("model", arn: call.sageMakerARN("model", name))
                }
            }
            guard try database.insertResource(record, in: call.scope) else {
                throw SageMakerError.existing("endpoint configuration", arn: arn)
            }
            try database.setTags(input.tags ?? [], of: arn)
        }
        return Output(endpointConfigArn: arn)
    }

    private static func withDefaults(_ variant: ProductionVariant) throws -> ProductionVariant {
        var variant = variant
        guard variant.modelName != nil else {
            throw SageMakerError.validation(
                "Variant \(variant.variantName) needs a ModelName: inference components are not simulated.")
        }
        if variant.serverlessConfig == nil {
            guard variant.instanceType != nil, variant.initialInstanceCount != nil else {
                throw SageMakerError.validation(
                    "Variant \(variant.variantName) needs an InstanceType and an InitialInstanceCount, or a ServerlessConfig.")
            }
        }
        variant.initialVariantWeight = variant.initialVariantWeight ?? 1
        return variant
    }
}

/// Shows an endpoint configuration.
enum DescribeEndpointConfig: Operation {
    typealias Input = EndpointConfigNameInput

    struct Output: Encodable, Sendable {
        var endpointConfigName: String
        var endpointConfigArn: String
        var productionVariants: [ProductionVariant]
        var dataCaptureConfig: Value?
        var kmsKeyId: String?
        var creationTime: Date
        var asyncInferenceConfig: Value?
        var explainerConfig: Value?
        var shadowProductionVariants: Value?
        var executionRoleArn: String?
        var vpcConfig: VpcConfig?
        var enableNetworkIsolation: Bool?
        var metricsConfig: Value?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let config = try EndpointConfigRecord.named(input.endpointConfigName, call)
        let request = config.request
        return Output(
            endpointConfigName: config.name, endpointConfigArn: config.arn, productionVariants: request.productionVariants,
            dataCaptureConfig: request.dataCaptureConfig, kmsKeyId: request.kmsKeyId,
            creationTime: Date(world: config.creationTime),
            asyncInferenceConfig: request.asyncInferenceConfig, explainerConfig: request.explainerConfig,
            shadowProductionVariants: request.shadowProductionVariants, executionRoleArn: request.executionRoleArn,
            vpcConfig: request.vpcConfig, enableNetworkIsolation: request.enableNetworkIsolation,
            metricsConfig: request.metricsConfig)
    }
}

extension EndpointConfigRecord {
    /// - Throws: `ServiceError` ValidationException where there is none of that name.
    static func named(_ name: String, _ call: Call) throws -> EndpointConfigRecord {
        let found = try call.world.store.read { try $0.resource(EndpointConfigRecord.self, named: name, in: call.scope) }
        guard let found else {
            throw SageMakerError.missing("endpoint configuration", arn: call.sageMakerARN("endpoint-config", name))
        }
        return found
    }
}

/// Lists endpoint configurations, newest first unless asked otherwise.
enum ListEndpointConfigs: Operation {
    typealias Input = RecordListingInput

    struct Summary: Encodable, Sendable {
        var endpointConfigName: String
        var endpointConfigArn: String
        var creationTime: Date
    }

    struct Output: Encodable, Sendable {
        var endpointConfigs: [Summary]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let page = try RecordListing<EndpointConfigRecord>.page(input, call)
        return Output(
            endpointConfigs: page.records.map {
                Summary(endpointConfigName: $0.name, endpointConfigArn: $0.arn, creationTime: Date(world: $0.creationTime))
            }, nextToken: page.nextToken)
    }
}

/// Removes an endpoint configuration.
///
/// Endpoints made of it go on.
enum DeleteEndpointConfig: Operation {
    typealias Input = EndpointConfigNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let config = try EndpointConfigRecord.named(input.endpointConfigName, call)
        try call.world.store.write { _ = try $0.deleteResource(config, in: call.scope) }
        return Empty()
    }
}
