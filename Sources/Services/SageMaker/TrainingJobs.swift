// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names a training job.
struct TrainingJobNameInput: Decodable, Sendable {
    var trainingJobName: String
}

/// Shows a training job.
enum DescribeTrainingJob: Operation {
    typealias Input = TrainingJobNameInput

    struct Artifacts: Encodable, Sendable {
        var s3ModelArtifacts: String
    }

    struct Transition: Encodable, Sendable {
        var status: String
        var startTime: Date
        var endTime: Date?
        var statusMessage: String
    }

    struct Metric: Encodable, Sendable {
        var metricName: String
        var value: Double
        var timestamp: Date
    }

    struct Output: Encodable, Sendable {
        var trainingJobName: String
        var trainingJobArn: String
        var modelArtifacts: Artifacts?
        var trainingJobStatus: String
        var secondaryStatus: String
        var failureReason: String?
        var hyperParameters: [String: String]?
        var algorithmSpecification: AlgorithmSpecification?
        var roleArn: String
        var inputDataConfig: [TrainingChannel]?
        var outputDataConfig: OutputDataConfig
        var resourceConfig: ResourceConfig?
        var vpcConfig: VpcConfig?
        var stoppingCondition: StoppingCondition?
        var creationTime: Date
        var trainingStartTime: Date?
        var trainingEndTime: Date?
        var lastModifiedTime: Date
        var secondaryStatusTransitions: [Transition]
        var finalMetricDataList: [Metric]?
        var enableNetworkIsolation: Bool?
        var enableInterContainerTrafficEncryption: Bool?
        var enableManagedSpotTraining: Bool?
        var checkpointConfig: Value?
        var trainingTimeInSeconds: Int?
        var billableTimeInSeconds: Int?
        var debugHookConfig: Value?
        var experimentConfig: Value?
        var debugRuleConfigurations: Value?
        var tensorBoardOutputConfig: Value?
        var profilerConfig: Value?
        var profilerRuleConfigurations: Value?
        var profilingStatus: String?
        var environment: [String: String]?
        var retryStrategy: Value?
        var remoteDebugConfig: Value?
        var infraCheckConfig: Value?
        var serverlessJobConfig: Value?
        var mlflowConfig: Value?
        var modelPackageConfig: Value?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let found = try call.world.store.read {
            try $0.resource(TrainingJobRecord.self, named: input.trainingJobName, in: call.scope)
        }
        guard let job = found else { throw SageMakerError.noTrainingJob }
        return Output(job)
    }
}

extension DescribeTrainingJob.Output {
    init(_ job: TrainingJobRecord) {
        let request = job.request
        self.init(
            trainingJobName: job.name, trainingJobArn: job.arn, modelArtifacts: job.artifactURI.map { .init(s3ModelArtifacts: $0) },
            trainingJobStatus: job.status, secondaryStatus: job.secondaryStatus.rawValue, failureReason: job.failureReason,
            hyperParameters: request.hyperParameters, algorithmSpecification: request.algorithmSpecification,
            roleArn: request.roleArn, inputDataConfig: request.inputDataConfig, outputDataConfig: request.outputDataConfig,
            resourceConfig: request.resourceConfig, vpcConfig: request.vpcConfig, stoppingCondition: request.stoppingCondition,
            creationTime: Date(world: job.creationTime), trainingStartTime: job.trainingStartTime.map(Date.init(world:)),
            trainingEndTime: job.trainingEndTime.map(Date.init(world:)), lastModifiedTime: Date(world: job.lastModifiedTime),
            secondaryStatusTransitions: job.transitions.map { transition in
                .init(
                    status: transition.status.rawValue, startTime: Date(world: transition.startTime),
                    endTime: transition.endTime.map(Date.init(world:)), statusMessage: transition.statusMessage)
            },
            finalMetricDataList: job.finalMetrics.isEmpty
                ? nil
                : job.finalMetrics.map { .init(metricName: $0.metricName, value: $0.value, timestamp: Date(world: $0.timestamp)) },
            enableNetworkIsolation: request.enableNetworkIsolation,
            enableInterContainerTrafficEncryption: request.enableInterContainerTrafficEncryption,
            enableManagedSpotTraining: request.enableManagedSpotTraining, checkpointConfig: request.checkpointConfig,
            trainingTimeInSeconds: job.trainingSeconds, billableTimeInSeconds: job.billableSeconds,
            debugHookConfig: request.debugHookConfig, experimentConfig: request.experimentConfig,
            debugRuleConfigurations: request.debugRuleConfigurations, tensorBoardOutputConfig: request.tensorBoardOutputConfig,
            profilerConfig: request.profilerConfig, profilerRuleConfigurations: request.profilerRuleConfigurations,
            profilingStatus: request.profilerConfig == nil ? nil : "Disabled", environment: request.environment,
            retryStrategy: request.retryStrategy, remoteDebugConfig: request.remoteDebugConfig,
            infraCheckConfig: request.infraCheckConfig, serverlessJobConfig: request.serverlessJobConfig,
            mlflowConfig: request.mlflowConfig, modelPackageConfig: request.modelPackageConfig)
    }
}

/// Lists training jobs, oldest first unless asked otherwise.
enum ListTrainingJobs: Operation {
    typealias Input = RecordListingInput

    struct Summary: Encodable, Sendable {
        var trainingJobName: String
        var trainingJobArn: String
        var creationTime: Date
        var trainingEndTime: Date?
        var lastModifiedTime: Date
        var trainingJobStatus: String
        var secondaryStatus: String
    }

    struct Output: Encodable, Sendable {
        var trainingJobSummaries: [Summary]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let page = try RecordListing<TrainingJobRecord>.page(input, isAscending: true, call)
        return Output(
            trainingJobSummaries: page.records.map { job in
                Summary(
                    trainingJobName: job.name, trainingJobArn: job.arn, creationTime: Date(world: job.creationTime),
                    trainingEndTime: job.trainingEndTime.map(Date.init(world:)),
                    lastModifiedTime: Date(world: job.lastModifiedTime),
                    trainingJobStatus: job.status, secondaryStatus: job.secondaryStatus.rawValue)
            }, nextToken: page.nextToken)
    }
}

/// Asks a training job to end: its host saves what it has and ends.
enum StopTrainingJob: Operation {
    typealias Input = TrainingJobNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let hosts = try call.world.store.write { database -> [HostProcess] in
            guard var job = try database.resource(TrainingJobRecord.self, named: input.trainingJobName, in: call.scope) else {
                throw SageMakerError.noTrainingJob
            }
            guard !job.jobStatus.isFinal else { throw SageMakerError.jobIsOver(status: job.status) }
            try job.requestStop(at: call.now)
            try database.updateResource(job, in: call.scope)
            return try HostProcess.all(of: job.arn, in: database)
        }
        for host in hosts { host.terminate() }
        return Empty()
    }
}

/// Removes a training job that is over.
enum DeleteTrainingJob: Operation {
    typealias Input = TrainingJobNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            guard let job = try database.resource(TrainingJobRecord.self, named: input.trainingJobName, in: call.scope) else {
                throw SageMakerError.noTrainingJob
            }
            guard job.jobStatus.isFinal else {
                throw ServiceError(
                    "ResourceInUse", "The training job is in status \(job.status): stop it before you delete it.", status: 400)
            }
            for host in try HostProcess.all(of: job.arn, in: database) where !host.isAlive { try host.remove(in: database) }
            try database.deleteResource(job, in: call.scope)
        }
        return Empty()
    }
}
