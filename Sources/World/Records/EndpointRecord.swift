// SPDX-License-Identifier: Apache-2.0

import Wire

/// What an endpoint configuration was asked to be: the members of `CreateEndpointConfig`'s input, under the same names.
public struct EndpointConfigRequest: Codable, Sendable, Hashable {
    /// The name.
    public var endpointConfigName: String
    /// The variants among which requests are shared out.
    public var productionVariants: [ProductionVariant]
    /// Data capture, kept.
    public var dataCaptureConfig: Value?
    /// Labels.
    public var tags: [Tag]?
    /// The key that encrypts the disks.
    public var kmsKeyId: String?
    /// Asynchronous inference, kept.
    public var asyncInferenceConfig: Value?
    /// Explanations, kept.
    public var explainerConfig: Value?
    /// Shadow variants, kept.
    public var shadowProductionVariants: Value?
    /// The role of inference components, kept.
    public var executionRoleArn: String?
    /// The place in a private network.
    public var vpcConfig: VpcConfig?
    /// Whether the containers have no network.
    public var enableNetworkIsolation: Bool?
    /// Metrics settings, kept.
    public var metricsConfig: Value?
}

/// One variant of an endpoint: a model on machines, with a share of the requests.
public struct ProductionVariant: Codable, Sendable, Hashable {
    /// `AllTraffic`.
    public var variantName: String
    /// The model.
    public var modelName: String?
    /// How many machines.
    public var initialInstanceCount: Int?
    /// Their type.
    public var instanceType: String?
    /// Machines of several types, kept.
    public var instancePools: Value?
    /// How long machines may take, in seconds, kept.
    public var variantInstanceProvisionTimeoutInSeconds: Int?
    /// The share of the requests, relative to the other variants' weights; 1 where absent.
    public var initialVariantWeight: Double?
    /// An accelerator, kept.
    public var acceleratorType: String?
    /// Core dumps, kept.
    public var coreDumpConfig: Value?
    /// Machines on demand, kept.
    public var serverlessConfig: Value?
    /// The disk, in GB.
    public var volumeSizeInGB: Int?
    /// How long the artifact's download may take, in seconds.
    public var modelDataDownloadTimeoutInSeconds: Int?
    /// How long the container may take to answer its first ping, in seconds.
    public var containerStartupHealthCheckTimeoutInSeconds: Int?
    /// Shell access, kept.
    public var enableSSMAccess: Bool?
    /// Automatic scaling, kept.
    public var managedInstanceScaling: Value?
    /// Routing, kept.
    public var routingConfig: Value?
    /// The machine image, kept.
    public var inferenceAmiVersion: String?
    /// Reserved capacity, kept.
    public var capacityReservationConfig: Value?
}

/// An endpoint configuration.
public struct EndpointConfigRecord: ResourceRecord, Hashable {
    /// `sagemaker:endpoint-config`.
    public static let kind = "sagemaker:endpoint-config"

    /// What was asked for.
    public var request: EndpointConfigRequest
    /// The ARN; it carries the name in lower case.
    public var arn: String
    /// World time.
    public let creationTime: Double

    /// The name, unique in its account and region.
    public var name: String { request.endpointConfigName }
    /// World time.
    public var lastModifiedTime: Double { creationTime }
    /// The status, as the service names it.
    public var status: String { "" }
    /// World time at which the present state ends by itself, or from which on it has to be looked at.
    public var dueTime: Double? { nil }

    /// A configuration that has just been asked for.
    public init(request: EndpointConfigRequest, arn: String, now: Double) {
        self.request = request
        self.arn = arn
        creationTime = now
    }
}

/// An endpoint: variants, each a model on its machines.
///
/// Everything that a model host needs is copied from models and configuration when the endpoint is created or updated, so that both may be
/// deleted while it serves, as in the real service.
public struct EndpointRecord: ResourceRecord, Hashable {
    /// `sagemaker:endpoint`.
    public static let kind = "sagemaker:endpoint"

    /// The endpoint's status.
    public enum Status: String, Codable, Sendable {
        case creating = "Creating"
        case updating = "Updating"
        case inService = "InService"
        case deleting = "Deleting"
        case failed = "Failed"
    }

    /// One variant as it is deployed.
    public struct Variant: Codable, Sendable, Hashable {
        /// The variant of the configuration.
        public var configuration: ProductionVariant
        /// The model it serves.
        public var modelName: String
        /// The model's container.
        public var container: ContainerDefinition
        /// The role as which the model's host reads the artifact.
        public var executionRoleArn: String?
        /// The share of the requests that it has.
        public var currentWeight: Double
        /// The share of the requests that it is to have.
        public var desiredWeight: Double
        /// How many machines it has.
        public var currentInstanceCount: Int
        /// How many machines it is to have.
        public var desiredInstanceCount: Int
        /// World time at which the image's tag was looked up.
        public var resolutionTime: Double

        /// `AllTraffic`.
        public var name: String { configuration.variantName }

        /// A variant that has no machines yet.
        public init(configuration: ProductionVariant, model: ModelRecord, container: ContainerDefinition, now: Double) {
            self.configuration = configuration
            modelName = model.name
            self.container = container
            executionRoleArn = model.request.executionRoleArn
            desiredWeight = configuration.initialVariantWeight ?? 1
            currentWeight = desiredWeight
            desiredInstanceCount = configuration.initialInstanceCount ?? 1
            currentInstanceCount = 0
            resolutionTime = now
        }
    }

    /// A change that is under way.
    public struct PendingDeployment: Codable, Sendable, Hashable {
        /// The configuration to come.
        public var endpointConfigName: String
        /// The variants to come.
        public var variants: [Variant]
        /// World time.
        public var startTime: Double

        /// Makes one from its parts; the time is world time.
        public init(endpointConfigName: String, variants: [Variant], startTime: Double) {
            self.endpointConfigName = endpointConfigName
            self.variants = variants
            self.startTime = startTime
        }
    }

    /// The name, unique in its account and region.
    public let name: String
    /// The ARN; it carries the name in lower case.
    public var arn: String
    /// The configuration that it serves.
    public var endpointConfigName: String
    /// The variants that it serves, or is about to serve while it is being created.
    public var variants: [Variant]
    /// What it is being updated to.
    public var pending: PendingDeployment?
    /// Counts the deployments: hosts are named `<generation>/<variant>/<index>`.
    public var generation = 1
    /// The endpoint's status.
    public var endpointStatus = Status.creating
    /// Why it failed; nil unless it did.
    public var failureReason: String?
    /// World time.
    public let creationTime: Double
    /// World time.
    public var lastModifiedTime: Double
    /// World time before which machines are not there yet.
    public var machinesDueTime: Double
    /// What of the requests is written to S3, as the configuration said when the endpoint was made or updated.
    public var dataCaptureConfig: Value?
    /// The deployment's settings of the last update, kept.
    public var deploymentConfig: Value?

    /// The status, as the service names it.
    public var status: String { endpointStatus.rawValue }
    /// States that wait for machines are looked at on every request.
    public var dueTime: Double? { isMoving ? machinesDueTime : nil }

    /// Whether something is under way.
    public var isMoving: Bool { [.creating, .updating, .deleting].contains(endpointStatus) }

    /// The account and region that the endpoint belongs to.
    public var scope: Scope { Scope(ofARN: arn) }

    /// An endpoint that has just been asked for.
    public init(name: String, arn: String, endpointConfigName: String, variants: [Variant], now: Double, machinesDueTime: Double) {
        self.name = name
        self.arn = arn
        self.endpointConfigName = endpointConfigName
        self.variants = variants
        creationTime = now
        lastModifiedTime = now
        self.machinesDueTime = machinesDueTime
    }

    /// The names of all hosts that are to serve once nothing is under way.
    public var desiredHostNames: [String] {
        let (variants, generation) = pending.map { ($0.variants, self.generation + 1) } ?? (variants, generation)
        return variants.flatMap { variant in
            (0..<variant.desiredInstanceCount).map { Self.hostName(generation: generation, variant: variant.name, index: $0) }
        }
    }

    /// The name of the host that serves as machine `index` of a variant.
    public static func hostName(generation: Int, variant: String, index: Int) -> String { "\(generation)/\(variant)/\(index)" }

    /// The variant that a host's name stands for, whether deployed or to come.
    ///
    /// - Parameter hostName: `1/AllTraffic/0`, as in `HostProcess.name`.
    public func variant(ofHostNamed hostName: String) -> Variant? {
        let parts = hostName.split(separator: "/")
        guard parts.count == 3, let generation = Int(parts[0]) else { return nil }
        let candidates = generation > self.generation ? pending?.variants ?? [] : variants
        return candidates.first { $0.name == parts[1] }
    }
}
