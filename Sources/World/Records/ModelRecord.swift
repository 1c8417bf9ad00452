// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a model was asked to be: the members of `CreateModel`'s input, under the same names.
public struct ModelRequest: Codable, Sendable, Hashable {
    /// The name.
    public var modelName: String
    /// The one container, where there is one.
    public var primaryContainer: ContainerDefinition?
    /// The containers of a pipeline, in order.
    public var containers: [ContainerDefinition]?
    /// How containers are called, kept.
    public var inferenceExecutionConfig: Value?
    /// The role as which the containers read.
    public var executionRoleArn: String?
    /// Labels.
    public var tags: [Tag]?
    /// The place in a private network.
    public var vpcConfig: VpcConfig?
    /// Whether the containers have no network.
    public var enableNetworkIsolation: Bool?
}

/// One container of a model.
public struct ContainerDefinition: Codable, Sendable, Hashable {
    /// The host name in a pipeline.
    public var containerHostname: String?
    /// The registry path of the image.
    public var image: String?
    /// How the image is reached, kept.
    public var imageConfig: Value?
    /// `SingleModel` or `MultiModel`.
    public var mode: String?
    /// The artifact, `s3://…/model.tar.gz`.
    public var modelDataUrl: String?
    /// The artifact, said with more detail.
    public var modelDataSource: ModelDataSource?
    /// Further data, kept.
    public var additionalModelDataSources: Value?
    /// Environment variables.
    public var environment: [String: String]?
    /// A model package instead of image and artifact.
    public var modelPackageName: String?
    /// Which of the package's specifications, kept.
    public var inferenceSpecificationName: String?
    /// Multi-model settings, kept.
    public var multiModelConfig: Value?

    /// Where an artifact is.
    public struct ModelDataSource: Codable, Sendable, Hashable {
        /// In S3.
        public var s3DataSource: S3ModelDataSource?

        /// An artifact in S3.
        public init(s3DataSource: S3ModelDataSource) {
            self.s3DataSource = s3DataSource
        }
    }

    /// An artifact in S3.
    public struct S3ModelDataSource: Codable, Sendable, Hashable {
        /// The object or prefix.
        public var s3Uri: String
        /// `S3Object` or `S3Prefix`.
        public var s3DataType: String
        /// `Gzip` or `None`.
        public var compressionType: String
        /// Terms accepted, kept.
        public var modelAccessConfig: Value?
        /// Access to hubs, kept.
        public var hubAccessConfig: Value?
        /// A manifest, kept.
        public var manifestS3Uri: String?
        /// A tag of the object, kept.
        public var eTag: String?
        /// A tag of the manifest, kept.
        public var manifestEtag: String?

        /// Makes one from its parts.
        public init(s3Uri: String, s3DataType: String, compressionType: String) {
            self.s3Uri = s3Uri
            self.s3DataType = s3DataType
            self.compressionType = compressionType
        }
    }

    /// The artifact, wherever the request names it.
    public var artifactURI: String? { modelDataUrl ?? modelDataSource?.s3DataSource?.s3Uri }
}

/// A model: containers and artifacts that endpoints serve.
public struct ModelRecord: ResourceRecord, Hashable {
    /// `sagemaker:model`.
    public static let kind = "sagemaker:model"

    /// What was asked for.
    public var request: ModelRequest
    /// The ARN; it carries the name in lower case.
    public var arn: String
    /// World time.
    public let creationTime: Double

    /// The name, unique in its account and region.
    public var name: String { request.modelName }
    /// World time.
    public var lastModifiedTime: Double { creationTime }
    /// The status, as the service names it.
    public var status: String { "" }
    /// World time at which the present state ends by itself, or from which on it has to be looked at.
    public var dueTime: Double? { nil }

    /// The container that answers: the only one, or the pipeline's first.
    public var primaryContainer: ContainerDefinition? { request.primaryContainer ?? request.containers?.first }

    /// A model that has just been asked for.
    public init(request: ModelRequest, arn: String, now: Double) {
        self.request = request
        self.arn = arn
        creationTime = now
    }
}

extension ContainerDefinition {
    /// Whether the model brings a script of the user's, as the SageMaker SDK's framework models do.
    public var runsScript: Bool { environment?["SAGEMAKER_PROGRAM"] != nil }
}
