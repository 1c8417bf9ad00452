// SPDX-License-Identifier: Apache-2.0

import Algorithm
import GRDB
import Wire
import World

/// Starts a training job: commits its record, then starts its host.
enum CreateTrainingJob: Operation {
    typealias Input = TrainingJobRequest

    struct Output: Encodable, Sendable {
        var trainingJobArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let arn = call.sageMakerARN("training-job", input.trainingJobName)
        try call.authorizeTags(input.tags, on: arn)
        try call.authorizePassing(role: input.roleArn)
        let program = try await program(of: input, call)
        let request = try TrainingJobDefaults.apply(to: input, algorithm: program.algorithm)
        let record = TrainingJobRecord(request: request, arn: arn, algorithmName: program.name, now: call.now)
        let resources = request.resourceConfig ?? ResourceConfig()
        try call.world.store.write { database in
            if try database.resource(TrainingJobRecord.self, named: record.name, in: call.scope) != nil {
                throw SageMakerError.trainingJobExists(arn: arn)
            }
            try TrainingQuotas.check(
                resources, isSpot: request.enableManagedSpotTraining == true,
                seconds: request.stoppingCondition?.maxRuntimeInSeconds, call, database)
            guard try database.insertResource(record, in: call.scope) else { throw SageMakerError.trainingJobExists(arn: arn) }
            try database.setTags(input.tags ?? [], of: arn)
        }
        do {
            _ = try call.dispatcher.environment.launcher.launch(
                .training, ownerARN: arn, name: "algo-1", in: call.world, now: call.now)
        } catch let error as WorldError {
            // As in the real service, a machine that can't be had fails the job, not the request.
            try call.world.store.write { database in
                guard var job = try database.resource(TrainingJobRecord.self, arn: arn) else { return }
                try job.fail(reason: "InternalServerError: \(error)", at: call.now)
                try database.updateResource(job, in: call.scope)
            }
        }
        return Output(trainingJobArn: arn)
    }

    private static func program(of input: Input, _ call: Call) async throws -> ImageProgram {
        guard let specification = input.algorithmSpecification else {
            throw SageMakerError.validation("AlgorithmSpecification is required: give it a TrainingImage.")
        }
        switch (specification.trainingImage, specification.algorithmName) {
        case (let image?, nil):
            return try await call.program(ofImage: image, role: input.roleArn, runsScript: input.runsScript)
        case (nil, let name?):
            throw SageMakerError.validation("Could not find algorithm \"\(name)\".")
        case (nil, nil), (_?, _?):
            throw SageMakerError.validation(
                "You must specify either an algorithm name or a training image in the AlgorithmSpecification, and not both.")
        }
    }
}

/// What the service fills in where a request says nothing, and what it refuses.
enum TrainingJobDefaults {
    /// The request as the service keeps and shows it.
    ///
    /// - Throws: `ServiceError` ValidationException.
    static func apply(to input: TrainingJobRequest, algorithm: (any Algorithm.Type)?) throws -> TrainingJobRequest {
        var request = input
        request.tags = nil
        guard let resources = request.resourceConfig else { throw SageMakerError.validation("ResourceConfig is required.") }
        try check(resources)
        guard location(request.outputDataConfig.s3OutputPath) else {
            throw SageMakerError.validation("S3OutputPath \(request.outputDataConfig.s3OutputPath) is not an s3:// URI.")
        }
        request.inputDataConfig = try input.inputDataConfig.map(channels)
        request.outputDataConfig.kmsKeyId = request.outputDataConfig.kmsKeyId ?? ""
        request.outputDataConfig.compressionType = request.outputDataConfig.compressionType ?? "GZIP"
        var stopping = request.stoppingCondition ?? StoppingCondition()
        stopping.maxRuntimeInSeconds = stopping.maxRuntimeInSeconds ?? 86_400
        request.stoppingCondition = stopping
        request.enableNetworkIsolation = request.enableNetworkIsolation ?? false
        request.enableInterContainerTrafficEncryption = request.enableInterContainerTrafficEncryption ?? false
        request.enableManagedSpotTraining = request.enableManagedSpotTraining ?? false
        if request.enableManagedSpotTraining == true {
            guard let wait = stopping.maxWaitTimeInSeconds, wait >= stopping.maxRuntimeInSeconds ?? 0 else {
                throw SageMakerError.validation(
                    "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds.")
            }
        }
        // The images of the built-in algorithms bring their own metric definitions, which the service shows.
        request.algorithmSpecification?.metricDefinitions =
            (algorithm?.metrics ?? []).map { .init(name: $0.name, regex: $0.regularExpression) }
            + (input.algorithmSpecification?.metricDefinitions ?? [])
        request.algorithmSpecification?.enableSageMakerMetricsTimeSeries =
            input.algorithmSpecification?.enableSageMakerMetricsTimeSeries ?? false
        return request
    }

    private static func check(_ resources: ResourceConfig) throws {
        if let groups = resources.instanceGroups, !groups.isEmpty {
            if resources.instanceType != nil || resources.instanceCount != nil {
                throw SageMakerError.validation("InstanceGroups can't be given together with InstanceType and InstanceCount.")
            }
        } else if resources.instanceType == nil || resources.instanceCount == nil {
            throw SageMakerError.validation("ResourceConfig must have an InstanceType and an InstanceCount.")
        }
    }

    private static func channels(_ channels: [TrainingChannel]) throws -> [TrainingChannel] {
        var names = Set<String>()
        return try channels.map { channel in
            guard names.insert(channel.channelName).inserted else {
                throw SageMakerError.validation("Channel names must be unique: \(channel.channelName) is there more than once.")
            }
            var channel = channel
            channel.compressionType = channel.compressionType ?? "None"
            channel.recordWrapperType = channel.recordWrapperType ?? "None"
            guard var source = channel.dataSource.s3DataSource else {
                guard channel.dataSource.fileSystemDataSource != nil || channel.dataSource.datasetSource != nil else {
                    throw SageMakerError.validation("Channel \(channel.channelName) has no data source: give it an S3DataSource.")
                }
                return channel
            }
            guard location(source.s3Uri) else {
                throw SageMakerError.validation("S3Uri \(source.s3Uri) of channel \(channel.channelName) is not an s3:// URI.")
            }
            source.s3DataDistributionType = source.s3DataDistributionType ?? "FullyReplicated"
            channel.dataSource.s3DataSource = source
            return channel
        }
    }

    private static func location(_ uri: String) -> Bool { Call.s3Location(uri) != nil }
}

/// The quotas that training jobs count against.
enum TrainingQuotas {
    /// - Throws: `ServiceError` ResourceLimitExceeded.
    static func check(
        _ resources: ResourceConfig, isSpot: Bool, seconds: Int?, _ call: Call, _ database: Database
    ) throws {
        let use = isSpot ? "spot training job" : "training job"
        try Quota.named("Longest run time for a training job")?
            .check(used: 0, requested: seconds ?? 0, unit: "Seconds", in: call.scope, database)
        try Quota.named("Size of EBS volume for a training job instance")?
            .check(used: 0, requested: resources.volumeSizeInGB ?? 0, unit: "Gigabytes", in: call.scope, database)
        try Quota.named("Maximum number of instances per \(use)")?
            .check(used: 0, requested: resources.hostCount, in: call.scope, database)
        let running = try RunningJobs.all(in: call.scope, database).filter {
            ($0.request.enableManagedSpotTraining == true) == isSpot
        }
        var used: [String: Int] = [:]
        for job in running {
            for (type, count) in instances(job.request.resourceConfig ?? ResourceConfig()) { used[type, default: 0] += count }
        }
        for (type, count) in instances(resources).sorted(by: { $0.key < $1.key }) {
            try Quota.instances(of: type, for: "\(use) usage")?
                .check(used: used[type] ?? 0, requested: count, in: call.scope, database)
        }
        try Quota.named("Number of instances across all \(use)s")?
            .check(used: used.values.reduce(0, +), requested: resources.hostCount, in: call.scope, database)
    }

    private static func instances(_ resources: ResourceConfig) -> [String: Int] {
        var counts: [String: Int] = [:]
        if let groups = resources.instanceGroups, !groups.isEmpty {
            for group in groups { counts[group.instanceType ?? "", default: 0] += group.instanceCount ?? 0 }
        } else {
            counts[resources.instanceType ?? ""] = resources.instanceCount ?? 1
        }
        return counts
    }
}

/// Training jobs that hold machines.
enum RunningJobs {
    static func all(in scope: Scope, _ database: Database) throws -> [TrainingJobRecord] {
        try ["InProgress", "Stopping"].flatMap { status in
            var query = ResourceQuery()
            query.status = status
            return try database.resources(TrainingJobRecord.self, in: scope, matching: query).records
        }
    }
}
