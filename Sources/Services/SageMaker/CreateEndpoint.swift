// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// The variants that a configuration stands for, and what they may have.
enum EndpointPlan {
    /// - Throws: `ServiceError` where the configuration or one of its models is gone.
    static func variants(ofConfiguration name: String, _ call: Call, _ database: Database) throws -> [EndpointRecord.Variant] {
        guard let config = try database.resource(EndpointConfigRecord.self, named: name, in: call.scope) else {
            throw SageMakerError.missing("endpoint configuration", arn: call.sageMakerARN("endpoint-config", name))
        }
        return try config.request.productionVariants.map { variant in
            let modelName = variant.modelName ?? ""
            guard let model = try database.resource(ModelRecord.self, named: modelName, in: call.scope),
                let container = model.primaryContainer
            else { throw SageMakerError.missing("model", arn: call.sageMakerARN("model", modelName)) }
            return EndpointRecord.Variant(configuration: variant, model: model, container: container, now: call.now)
        }
    }

    /// What a configuration says of data capture.
    static func dataCapture(ofConfiguration name: String, _ call: Call, _ database: Database) throws -> Value? {
        try database.resource(EndpointConfigRecord.self, named: name, in: call.scope)?.request.dataCaptureConfig
    }

    /// - Parameter arn: the endpoint, whose present machines don't count.
    /// - Throws: `ServiceError` ResourceLimitExceeded.
    static func checkQuotas(_ variants: [EndpointRecord.Variant], of arn: String, _ call: Call, _ database: Database) throws {
        let requested = counts(variants)
        var used: [String: Int] = [:]
        for endpoint in try database.resources(EndpointRecord.self, in: call.scope).records
        where endpoint.arn != arn && endpoint.endpointStatus != .failed {
            used.merge(counts(endpoint.pending?.variants ?? endpoint.variants), uniquingKeysWith: +)
        }
        let total = requested.values.reduce(0, +)
        for (type, count) in requested.sorted(by: { $0.key < $1.key }) {
            try Quota.instances(of: type, for: "endpoint usage")?
                .check(used: used[type] ?? 0, requested: count, in: call.scope, database)
        }
        try Quota.named("Maximum number of instances per endpoint")?
            .check(used: 0, requested: total, in: call.scope, database)
        try Quota.named("Number of instances across active endpoints")?
            .check(used: used.values.reduce(0, +), requested: total, in: call.scope, database)
        try checkServerlessQuotas(variants, of: arn, call, database)
    }

    /// Endpoints on demand count by themselves, and by how many requests they may answer at once.
    private static func checkServerlessQuotas(
        _ variants: [EndpointRecord.Variant], of arn: String, _ call: Call, _ database: Database
    ) throws {
        let requested = concurrency(variants)
        guard requested > 0 else { return }
        let others = try database.resources(EndpointRecord.self, in: call.scope).records.filter {
            $0.arn != arn && $0.endpointStatus != .failed
        }.map { concurrency($0.pending?.variants ?? $0.variants) }.filter { $0 > 0 }
        try Quota.named("Maximum number of serverless endpoints")?
            .check(used: others.count, requested: 1, unit: "Endpoints", in: call.scope, database)
        try Quota.named("Maximum total concurrency that can be allocated across all serverless endpoints")?
            .check(used: others.reduce(0, +), requested: requested, unit: "Concurrent Invocations", in: call.scope, database)
    }

    private static func concurrency(_ variants: [EndpointRecord.Variant]) -> Int {
        variants.reduce(0) { $0 + ($1.configuration.serverlessConfig?["MaxConcurrency"]?.integerValue ?? 0) }
    }

    private static func counts(_ variants: [EndpointRecord.Variant]) -> [String: Int] {
        Dictionary(
            variants.compactMap { variant in variant.configuration.instanceType.map { ($0, variant.desiredInstanceCount) } },
            uniquingKeysWith: +)
    }
}

/// Starts an endpoint: commits its record, then starts its hosts.
///
/// It is in service once they are ready.
enum CreateEndpoint: Operation {
    struct Input: Decodable, Sendable {
        var endpointName: String
        var endpointConfigName: String
        var deploymentConfig: Value?
        var tags: [Tag]?
    }

    struct Output: Encodable, Sendable {
        var endpointArn: String
    }

    /// How long the real service takes to get machines and load images, in seconds.
    static let machineSeconds = 240.0

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let arn = call.sageMakerARN("endpoint", input.endpointName)
        try call.authorizeTags(input.tags, on: arn)
        let record = try call.world.store.write { database -> EndpointRecord in
            if try database.resource(EndpointRecord.self, named: input.endpointName, in: call.scope) != nil {
                throw SageMakerError.existing("endpoint", arn: arn)
            }
            let variants = try EndpointPlan.variants(ofConfiguration: input.endpointConfigName, call, database)
            try EndpointPlan.checkQuotas(variants, of: arn, call, database)
            var record = EndpointRecord(
                name: input.endpointName, arn: arn, endpointConfigName: input.endpointConfigName, variants: variants, now: call.now,
                machinesDueTime: call.now + call.clock.wait(machineSeconds))
            record.deploymentConfig = input.deploymentConfig
            record.dataCaptureConfig = try EndpointPlan.dataCapture(ofConfiguration: input.endpointConfigName, call, database)
            guard try database.insertResource(record, in: call.scope) else { throw SageMakerError.existing("endpoint", arn: arn) }
            try database.setTags(input.tags ?? [], of: arn)
            return record
        }
        if record.machinesDueTime <= call.now { try await call.deployment.settle(record) }
        return Output(endpointArn: arn)
    }
}

extension Call {
    var deployment: EndpointDeployment {
        EndpointDeployment(world: world, launcher: dispatcher.environment.launcher, now: now)
    }

    /// Changes an endpoint in one transaction.
    ///
    /// - Throws: `ServiceError` where there is none of that name; what `body` throws.
    func changeEndpoint(
        _ name: String, _ body: @Sendable (inout EndpointRecord, Database) throws -> Void
    ) throws -> EndpointRecord {
        try world.store.write { database in
            guard var record = try database.resource(EndpointRecord.self, named: name, in: scope) else {
                throw SageMakerError.missing("endpoint", arn: sageMakerARN("endpoint", name))
            }
            try body(&record, database)
            record.lastModifiedTime = now
            try database.updateResource(record, in: scope)
            return record
        }
    }
}

/// Moves an endpoint to another configuration.
///
/// The old hosts serve until the new ones are ready.
enum UpdateEndpoint: Operation {
    struct VariantProperty: Decodable, Sendable {
        var variantPropertyType: String
    }

    struct Input: Decodable, Sendable {
        var endpointName: String
        var endpointConfigName: String
        var retainAllVariantProperties: Bool?
        var excludeRetainedVariantProperties: [VariantProperty]?
        var deploymentConfig: Value?
        var retainDeploymentConfig: Bool?
    }

    struct Output: Encodable, Sendable {
        var endpointArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let excluded = Set(input.excludeRetainedVariantProperties?.map(\.variantPropertyType) ?? [])
        let record = try call.changeEndpoint(input.endpointName) { record, database in
            guard !record.isMoving else { throw SageMakerError.inProgress(endpoint: record.arn) }
            var variants = try EndpointPlan.variants(ofConfiguration: input.endpointConfigName, call, database)
            if input.retainAllVariantProperties == true {
                for index in variants.indices {
                    guard let present = record.variants.first(where: { $0.name == variants[index].name }) else { continue }
                    if !excluded.contains("DesiredInstanceCount") {
                        variants[index].desiredInstanceCount = present.desiredInstanceCount
                    }
                    if !excluded.contains("DesiredWeight") { variants[index].desiredWeight = present.desiredWeight }
                }
            }
            try EndpointPlan.checkQuotas(variants, of: record.arn, call, database)
            record.dataCaptureConfig = try EndpointPlan.dataCapture(ofConfiguration: input.endpointConfigName, call, database)
            if input.retainDeploymentConfig != true { record.deploymentConfig = input.deploymentConfig }
            record.machinesDueTime = call.now + call.clock.wait(CreateEndpoint.machineSeconds)
            if record.endpointStatus == .failed {
                // Nothing serves: this is creating it anew.
                record.variants = variants
                record.endpointConfigName = input.endpointConfigName
                record.generation += 1
                record.endpointStatus = .creating
            } else {
                record.pending = .init(endpointConfigName: input.endpointConfigName, variants: variants, startTime: call.now)
                record.endpointStatus = .updating
            }
        }
        if record.machinesDueTime <= call.now { try await call.deployment.settle(record) }
        return Output(endpointArn: record.arn)
    }
}

/// Changes the variants' shares of the requests and their numbers of machines.
enum UpdateEndpointWeightsAndCapacities: Operation {
    struct Desire: Decodable, Sendable {
        var variantName: String
        var desiredWeight: Double?
        var desiredInstanceCount: Int?
    }

    struct Input: Decodable, Sendable {
        var endpointName: String
        var desiredWeightsAndCapacities: [Desire]
    }

    struct Output: Encodable, Sendable {
        var endpointArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let record = try call.changeEndpoint(input.endpointName) { record, database in
            guard record.endpointStatus == .inService else { throw SageMakerError.inProgress(endpoint: record.arn) }
            var isScaling = false
            for desire in input.desiredWeightsAndCapacities {
                guard let index = record.variants.firstIndex(where: { $0.name == desire.variantName }) else {
                    throw SageMakerError.validation(
                        "Could not find variant \"\(desire.variantName)\" of endpoint \"\(record.arn)\".")
                }
                if let weight = desire.desiredWeight { record.variants[index].desiredWeight = weight }
                if let count = desire.desiredInstanceCount, count != record.variants[index].desiredInstanceCount {
                    guard count > 0 else {
                        throw SageMakerError.validation("DesiredInstanceCount of variant \(desire.variantName) must be at least 1.")
                    }
                    record.variants[index].desiredInstanceCount = count
                    isScaling = true
                }
            }
            guard record.variants.contains(where: { $0.desiredWeight > 0 }) else {
                throw SageMakerError.validation("At least one variant must have a weight greater than 0.")
            }
            try EndpointPlan.checkQuotas(record.variants, of: record.arn, call, database)
            record.machinesDueTime = call.now + (isScaling ? call.clock.wait(CreateEndpoint.machineSeconds) : call.clock.wait(10))
            record.endpointStatus = .updating
        }
        return Output(endpointArn: record.arn)
    }
}
