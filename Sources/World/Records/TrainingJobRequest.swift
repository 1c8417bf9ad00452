// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a training job was asked to be: the members of `CreateTrainingJob`'s input, under the same names.
///
/// Parts that nothing here acts on are kept as they came, for `DescribeTrainingJob` to return.
public struct TrainingJobRequest: Codable, Sendable, Hashable {
    /// The job's name, unique in its account and region for good.
    public var trainingJobName: String
    /// The algorithm's settings, all as text.
    public var hyperParameters: [String: String]?
    /// What runs.
    public var algorithmSpecification: AlgorithmSpecification?
    /// The role as which the job reads and writes.
    public var roleArn: String
    /// The data, one entry a channel.
    public var inputDataConfig: [TrainingChannel]?
    /// Where the artifact goes.
    public var outputDataConfig: OutputDataConfig
    /// The machines.
    public var resourceConfig: ResourceConfig?
    /// The job's place in a private network.
    public var vpcConfig: VpcConfig?
    /// When the job ends at the latest.
    public var stoppingCondition: StoppingCondition?
    /// Labels.
    public var tags: [Tag]?
    /// Whether the container has no network.
    public var enableNetworkIsolation: Bool?
    /// Whether hosts talk to each other encrypted.
    public var enableInterContainerTrafficEncryption: Bool?
    /// Whether spare capacity is used at a lower price.
    public var enableManagedSpotTraining: Bool?
    /// Where checkpoints go.
    public var checkpointConfig: Value?
    /// Debugger settings, kept.
    public var debugHookConfig: Value?
    /// Debugger settings, kept.
    public var debugRuleConfigurations: Value?
    /// TensorBoard settings, kept.
    public var tensorBoardOutputConfig: Value?
    /// The experiment that the job is a trial of, kept.
    public var experimentConfig: Value?
    /// Profiler settings, kept.
    public var profilerConfig: Value?
    /// Profiler settings, kept.
    public var profilerRuleConfigurations: Value?
    /// Environment variables of the container.
    public var environment: [String: String]?
    /// How often a job that the platform failed is tried again, kept.
    public var retryStrategy: Value?
    /// Remote debugging, kept.
    public var remoteDebugConfig: Value?
    /// Health checks, kept.
    public var infraCheckConfig: Value?
    /// Serverless job settings, kept.
    public var serverlessJobConfig: Value?
    /// MLflow settings, kept.
    public var mlflowConfig: Value?
    /// Model package settings, kept.
    public var modelPackageConfig: Value?
}

/// What a training job runs.
public struct AlgorithmSpecification: Codable, Sendable, Hashable {
    /// The registry path of the image: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/linear-learner:1`.
    public var trainingImage: String?
    /// An algorithm resource instead of an image.
    public var algorithmName: String?
    /// `File`, `Pipe` or `FastFile`; a channel may say otherwise.
    public var trainingInputMode: String
    /// How metrics are found in the log.
    public var metricDefinitions: [MetricDefinition]?
    /// Whether metrics are kept as time series.
    public var enableSageMakerMetricsTimeSeries: Bool?
    /// The program to run instead of the image's own.
    public var containerEntrypoint: [String]?
    /// Its arguments.
    public var containerArguments: [String]?
    /// How the image is reached, kept.
    public var trainingImageConfig: Value?

    /// How one metric is found in the log.
    public struct MetricDefinition: Codable, Sendable, Hashable {
        /// The metric's name.
        public var name: String
        /// A regular expression whose first group is the value.
        public var regex: String

        /// Makes one from its parts.
        public init(name: String, regex: String) {
            self.name = name
            self.regex = regex
        }
    }
}

/// One channel of a training job.
public struct TrainingChannel: Codable, Sendable, Hashable {
    /// The name, such as `train`.
    public var channelName: String
    /// Where the data is.
    public var dataSource: DataSource
    /// The data's media type, with parameters: `text/csv;label_size=0`.
    public var contentType: String?
    /// `None` or `Gzip`.
    public var compressionType: String?
    /// `None` or `RecordIO`: whether each object is wrapped in a record.
    public var recordWrapperType: String?
    /// The job's input mode where absent.
    public var inputMode: String?
    /// Whether objects are shuffled.
    public var shuffleConfig: ShuffleConfig?

    /// Where a channel's data is; one of the members is there.
    public struct DataSource: Codable, Sendable, Hashable {
        /// Objects in S3.
        public var s3DataSource: S3DataSource?
        /// Files of a network file system, kept.
        public var fileSystemDataSource: Value?
        /// A hub's data set, kept.
        public var datasetSource: Value?
    }

    /// Objects in S3.
    public struct S3DataSource: Codable, Sendable, Hashable {
        /// `S3Prefix`, `ManifestFile` or `AugmentedManifestFile`.
        public var s3DataType: String
        /// The prefix, or the manifest's object.
        public var s3Uri: String
        /// `FullyReplicated` (assumed where absent) or `ShardedByS3Key`.
        public var s3DataDistributionType: String?
        /// Attributes taken from an augmented manifest.
        public var attributeNames: [String]?
        /// The groups of machines that get the channel.
        public var instanceGroupNames: [String]?
        /// Access to models, kept.
        public var modelAccessConfig: Value?
        /// Access to hubs, kept.
        public var hubAccessConfig: Value?
    }

    /// How objects are shuffled.
    public struct ShuffleConfig: Codable, Sendable, Hashable {
        /// The seed.
        public var seed: Int
    }
}

/// Where a training job's artifact goes.
public struct OutputDataConfig: Codable, Sendable, Hashable {
    /// The key that encrypts it; the service shows an empty one where none was given.
    public var kmsKeyId: String?
    /// The prefix: the artifact is `<prefix>/<job>/output/model.tar.gz`.
    public var s3OutputPath: String
    /// `GZIP` or `NONE`.
    public var compressionType: String?
}

/// A training job's machines.
public struct ResourceConfig: Codable, Sendable, Hashable {
    /// The type of each, `ml.c4.xlarge`.
    public var instanceType: String?
    /// How many there are.
    public var instanceCount: Int?
    /// Each one's disk, in GB.
    public var volumeSizeInGB: Int?
    /// The key that encrypts the disks.
    public var volumeKmsKeyId: String?
    /// How long machines are kept for a next job, in seconds.
    public var keepAlivePeriodInSeconds: Int?
    /// Machines of several types.
    public var instanceGroups: [InstanceGroup]?
    /// Reserved capacity, kept.
    public var trainingPlanArn: String?
    /// Placement, kept.
    public var instancePlacementConfig: Value?

    /// Machines of one type.
    public struct InstanceGroup: Codable, Sendable, Hashable {
        /// The type.
        public var instanceType: String?
        /// How many.
        public var instanceCount: Int?
        /// The group's name.
        public var instanceGroupName: String?
    }

    /// Machines of one type; what is absent is nil.
    public init(instanceType: String? = nil, instanceCount: Int? = nil, volumeSizeInGB: Int? = nil) {
        self.instanceType = instanceType
        self.instanceCount = instanceCount
        self.volumeSizeInGB = volumeSizeInGB
    }

    /// How many machines there are in all.
    public var hostCount: Int {
        if let instanceGroups, !instanceGroups.isEmpty { return instanceGroups.reduce(0) { $0 + ($1.instanceCount ?? 0) } }
        return instanceCount ?? 1
    }
}

/// When a training job ends at the latest.
public struct StoppingCondition: Codable, Sendable, Hashable {
    /// How long it may run, in seconds.
    public var maxRuntimeInSeconds: Int?
    /// How long it may wait for spare capacity and run, in seconds.
    public var maxWaitTimeInSeconds: Int?
    /// How long it may wait for machines, in seconds.
    public var maxPendingTimeInSeconds: Int?

    /// Makes one from its parts.
    public init(maxRuntimeInSeconds: Int? = nil, maxWaitTimeInSeconds: Int? = nil, maxPendingTimeInSeconds: Int? = nil) {
        self.maxRuntimeInSeconds = maxRuntimeInSeconds
        self.maxWaitTimeInSeconds = maxWaitTimeInSeconds
        self.maxPendingTimeInSeconds = maxPendingTimeInSeconds
    }
}

/// A place in a private network.
public struct VpcConfig: Codable, Sendable, Hashable {
    /// Firewalls.
    public var securityGroupIds: [String]
    /// Networks.
    public var subnets: [String]
}

extension TrainingJobRequest {
    /// Whether the job brings a script of the user's, as the SageMaker SDK's framework estimators do.
    public var runsScript: Bool { hyperParameters?["sagemaker_program"] != nil }
}
