// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names an endpoint.
struct EndpointNameInput: Decodable, Sendable {
    var endpointName: String
}

/// Shows an endpoint.
enum DescribeEndpoint: Operation {
    typealias Input = EndpointNameInput

    struct Image: Encodable, Sendable {
        var specifiedImage: String
        var resolvedImage: String
        var resolutionTime: Date
    }

    struct Variant: Encodable, Sendable {
        var variantName: String
        var deployedImages: [Image]
        var currentWeight: Double
        var desiredWeight: Double
        var currentInstanceCount: Int?
        var desiredInstanceCount: Int?
        var currentServerlessConfig: Value?
        var managedInstanceScaling: Value?
        var routingConfig: Value?
    }

    struct PendingVariant: Encodable, Sendable {
        var variantName: String
        var deployedImages: [Image]
        var desiredWeight: Double
        var desiredInstanceCount: Int
        var instanceType: String?
    }

    struct Pending: Encodable, Sendable {
        var endpointConfigName: String
        var productionVariants: [PendingVariant]
        var startTime: Date
    }

    struct Output: Encodable, Sendable {
        var endpointName: String
        var endpointArn: String
        var endpointConfigName: String
        var productionVariants: [Variant]?
        var dataCaptureConfig: Value?
        var endpointStatus: String
        var failureReason: String?
        var creationTime: Date
        var lastModifiedTime: Date
        var lastDeploymentConfig: Value?
        var pendingDeploymentSummary: Pending?
    }

    private static func captureSummary(_ config: Value) -> Value {
        let isEnabled = config["EnableCapture"]?.booleanValue ?? false
        return [
            "EnableCapture": .boolean(isEnabled), "CaptureStatus": isEnabled ? "Started" : "Stopped",
            "CurrentSamplingPercentage": config["InitialSamplingPercentage"] ?? 0,
            "DestinationS3Uri": config["DestinationS3Uri"] ?? "", "KmsKeyId": config["KmsKeyId"] ?? "",
        ]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let found = try call.world.store.read { try $0.resource(EndpointRecord.self, named: input.endpointName, in: call.scope) }
        guard let endpoint = found else {
            throw SageMakerError.missing("endpoint", arn: call.sageMakerARN("endpoint", input.endpointName))
        }
        let isServing = endpoint.variants.contains { $0.currentInstanceCount > 0 }
        return Output(
            endpointName: endpoint.name, endpointArn: endpoint.arn, endpointConfigName: endpoint.endpointConfigName,
            productionVariants: isServing ? endpoint.variants.map(summary) : nil,
            dataCaptureConfig: endpoint.dataCaptureConfig.map(captureSummary), endpointStatus: endpoint.status,
            failureReason: endpoint.failureReason, creationTime: Date(world: endpoint.creationTime),
            lastModifiedTime: Date(world: endpoint.lastModifiedTime), lastDeploymentConfig: endpoint.deploymentConfig,
            pendingDeploymentSummary: endpoint.pending.map { pending in
                Pending(
                    endpointConfigName: pending.endpointConfigName,
                    productionVariants: pending.variants.map { variant in
                        PendingVariant(
                            variantName: variant.name, deployedImages: images(variant), desiredWeight: variant.desiredWeight,
                            desiredInstanceCount: variant.desiredInstanceCount, instanceType: variant.configuration.instanceType)
                    }, startTime: Date(world: pending.startTime))
            })
    }

    private static func summary(_ variant: EndpointRecord.Variant) -> Variant {
        let isServerless = variant.configuration.serverlessConfig != nil
        return Variant(
            variantName: variant.name, deployedImages: images(variant), currentWeight: variant.currentWeight,
            desiredWeight: variant.desiredWeight, currentInstanceCount: isServerless ? nil : variant.currentInstanceCount,
            desiredInstanceCount: isServerless ? nil : variant.desiredInstanceCount,
            currentServerlessConfig: variant.configuration.serverlessConfig,
            managedInstanceScaling: variant.configuration.managedInstanceScaling, routingConfig: variant.configuration.routingConfig
        )
    }

    private static func images(_ variant: EndpointRecord.Variant) -> [Image] {
        guard let image = variant.container.image else { return [] }
        return [
            Image(
                specifiedImage: image, resolvedImage: ImageReference(image)?.resolved ?? image,
                resolutionTime: Date(world: variant.resolutionTime))
        ]
    }
}

/// Lists endpoints, newest first unless asked otherwise.
enum ListEndpoints: Operation {
    typealias Input = RecordListingInput

    struct Summary: Encodable, Sendable {
        var endpointName: String
        var endpointArn: String
        var creationTime: Date
        var lastModifiedTime: Date
        var endpointStatus: String
    }

    struct Output: Encodable, Sendable {
        var endpoints: [Summary]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let page = try RecordListing<EndpointRecord>.page(input, call)
        return Output(
            endpoints: page.records.map {
                Summary(
                    endpointName: $0.name, endpointArn: $0.arn, creationTime: Date(world: $0.creationTime),
                    lastModifiedTime: Date(world: $0.lastModifiedTime), endpointStatus: $0.status)
            }, nextToken: page.nextToken)
    }
}

/// Ends an endpoint's hosts and removes it; its models and configuration stay.
enum DeleteEndpoint: Operation {
    typealias Input = EndpointNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let record = try call.changeEndpoint(input.endpointName) { record, _ in
            guard !record.isMoving else { throw SageMakerError.inProgress(endpoint: record.arn) }
            record.endpointStatus = .deleting
            record.machinesDueTime = call.now + call.clock.wait(10)
        }
        if record.machinesDueTime <= call.now { try await call.deployment.delete(record) }
        return Empty()
    }
}
