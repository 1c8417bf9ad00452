// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a notebook instance was asked to be: the members of `CreateNotebookInstance`'s input, under the same names.
public struct NotebookInstanceRequest: Codable, Sendable, Hashable {
    /// The name.
    public var notebookInstanceName: String
    /// The machine's type, `ml.m4.xlarge`.
    public var instanceType: String
    /// The network.
    public var subnetId: String?
    /// Firewalls.
    public var securityGroupIds: [String]?
    /// `ipv4` or `dualstack`.
    public var ipAddressType: String?
    /// The role that the notebooks act as.
    public var roleArn: String
    /// The key that encrypts the disk.
    public var kmsKeyId: String?
    /// Labels.
    public var tags: [Tag]?
    /// The scripts that run when it is created and started.
    public var lifecycleConfigName: String?
    /// `Enabled` or `Disabled`.
    public var directInternetAccess: String?
    /// The disk, in GB.
    public var volumeSizeInGB: Int?
    /// Accelerators.
    public var acceleratorTypes: [String]?
    /// A repository that is cloned.
    public var defaultCodeRepository: String?
    /// Further repositories.
    public var additionalCodeRepositories: [String]?
    /// `Enabled` or `Disabled`.
    public var rootAccess: String?
    /// The machine image, such as `notebook-al2-v2`.
    public var platformIdentifier: String?
    /// The metadata service, kept.
    public var instanceMetadataServiceConfiguration: Value?
}

/// A notebook instance: a machine with a disk of its own that stays when it is stopped.
public struct NotebookInstanceRecord: ResourceRecord, Hashable {
    /// `sagemaker:notebook-instance`.
    public static let kind = "sagemaker:notebook-instance"

    /// The instance's status.
    public enum Status: String, Codable, Sendable {
        case pending = "Pending"
        case inService = "InService"
        case stopping = "Stopping"
        case stopped = "Stopped"
        case failed = "Failed"
        case deleting = "Deleting"
        case updating = "Updating"
    }

    /// What was asked for, with later changes.
    public var request: NotebookInstanceRequest
    /// The ARN; it carries the name in lower case.
    public var arn: String
    /// The instance's status.
    public var notebookStatus = Status.pending
    /// Why it failed; nil unless it did.
    public var failureReason: String?
    /// World time.
    public let creationTime: Double
    /// World time.
    public var lastModifiedTime: Double
    /// World time at which the present status ends by itself.
    public var statusEndTime: Double?

    /// The name, unique in its account and region.
    public var name: String { request.notebookInstanceName }
    /// The status, as the service names it.
    public var status: String { notebookStatus.rawValue }
    /// World time at which the present state ends by itself, or from which on it has to be looked at.
    public var dueTime: Double? { statusEndTime }

    /// The account and region that the instance belongs to.
    public var scope: Scope { Scope(ofARN: arn) }

    /// The host name of its Jupyter: `NAME.notebook.REGION.sagemaker.aws`.
    public var hostName: String { "\(name.lowercased()).notebook.\(scope.region).sagemaker.aws" }

    /// Where its files are below the world's volumes.
    public var volumeFolder: String { "\(scope.account)/\(scope.region)/\(name)" }

    /// An instance that has just been asked for and is in service at `readyTime`.
    public init(request: NotebookInstanceRequest, arn: String, now: Double, readyTime: Double) {
        self.request = request
        self.arn = arn
        creationTime = now
        lastModifiedTime = now
        statusEndTime = readyTime
    }
}

/// Scripts for notebook instances: the members of `CreateNotebookInstanceLifecycleConfig`'s input, under the same names.
public struct LifecycleConfigRequest: Codable, Sendable, Hashable {
    /// The name.
    public var notebookInstanceLifecycleConfigName: String
    /// Run when the instance is created.
    public var onCreate: [Hook]?
    /// Run whenever it is started.
    public var onStart: [Hook]?
    /// Labels.
    public var tags: [Tag]?

    /// One script.
    public struct Hook: Codable, Sendable, Hashable {
        /// The script in base64.
        public var content: String?
    }
}

/// A notebook instance lifecycle configuration.
public struct LifecycleConfigRecord: ResourceRecord, Hashable {
    /// `sagemaker:notebook-instance-lifecycle-config`.
    public static let kind = "sagemaker:notebook-instance-lifecycle-config"

    /// What was asked for, with later changes.
    public var request: LifecycleConfigRequest
    /// The ARN; it carries the name in lower case.
    public var arn: String
    /// World time.
    public let creationTime: Double
    /// World time.
    public var lastModifiedTime: Double

    /// The name, unique in its account and region.
    public var name: String { request.notebookInstanceLifecycleConfigName }
    /// The status, as the service names it.
    public var status: String { "" }
    /// World time at which the present state ends by itself, or from which on it has to be looked at.
    public var dueTime: Double? { nil }

    /// A configuration that has just been asked for.
    public init(request: LifecycleConfigRequest, arn: String, now: Double) {
        self.request = request
        self.arn = arn
        creationTime = now
        lastModifiedTime = now
    }
}
