// SPDX-License-Identifier: Apache-2.0

import Wire

/// A repository of container images.
public struct ImageRepositoryRecord: ResourceRecord, Hashable {
    /// `ecr:repository`.
    public static let kind = "ecr:repository"

    /// The name, which may have slashes; unique in its account and region.
    public let name: String
    /// The ARN.
    public let arn: String
    /// World time.
    public let creationTime: Double
    /// World time.
    public var lastModifiedTime: Double
    /// `MUTABLE`, `IMMUTABLE`, or one of them `_WITH_EXCLUSION`.
    public var tagMutability: String
    /// Patterns of the tags that are excluded from `tagMutability`, as the service's shape has them.
    public var exclusionFilters: Value?
    /// Whether images are looked at for weaknesses when they come.
    public var scansOnPush: Bool
    /// The encryption, as the service's shape has it.
    public var encryption: Value
    /// The repository's own policy, as a document.
    public var policy: String?
    /// The rules by which images are let go, as a document.
    public var lifecyclePolicy: String?
    /// World time at which these rules were last looked at.
    public var lifecycleEvaluationTime: Double?

    /// World time at which the rules are to be looked at again: once a day.
    public var dueTime: Double? { lifecyclePolicy == nil ? nil : lifecycleEvaluationTime.map { $0 + 86_400 } }

    /// The account and region that the repository belongs to.
    public var scope: Scope { Scope(ofARN: arn) }

    /// A repository that has just been asked for.
    public init(
        name: String, arn: String, now: Double, tagMutability: String, exclusionFilters: Value?, scansOnPush: Bool,
        encryption: Value
    ) {
        self.name = name
        self.arn = arn
        creationTime = now
        lastModifiedTime = now
        self.tagMutability = tagMutability
        self.exclusionFilters = exclusionFilters
        self.scansOnPush = scansOnPush
        self.encryption = encryption
    }
}

/// A container image: a manifest, stored under its digest, with any number of tags.
public struct ContainerImageRecord: ResourceRecord, Hashable {
    /// `ecr:image`.
    public static let kind = "ecr:image"

    /// The repository's name.
    public let repository: String
    /// `sha256:…` of the manifest's bytes.
    public let digest: String
    /// The manifest's text, byte for byte.
    public let manifest: String
    /// The manifest's media type.
    public let mediaType: String
    /// In the order in which they were given.
    public var tags: [String]
    /// The sum of the sizes that the manifest names; nil for a list of manifests.
    public let sizeInBytes: Int?
    /// The media type of the image's configuration.
    public let artifactMediaType: String?
    /// The ARN of the repository, then `@` and the digest: images have no ARN of their own.
    public let arn: String
    /// World time at which the image came.
    public let creationTime: Double
    /// World time.
    public var lastModifiedTime: Double
    /// World time of the last scan; nil where there was none.
    public var scanTime: Double?
    /// World time of the last pull; nil where there was none.
    public var pullTime: Double?

    /// The repository's name, `@` and the digest.
    public var name: String { "\(repository)@\(digest)" }

    /// An image that has just come.
    public init(
        repository: ImageRepositoryRecord, digest: String, manifest: String, mediaType: String, sizeInBytes: Int?,
        artifactMediaType: String?, now: Double
    ) {
        self.repository = repository.name
        self.digest = digest
        self.manifest = manifest
        self.mediaType = mediaType
        tags = []
        self.sizeInBytes = sizeInBytes
        self.artifactMediaType = artifactMediaType
        arn = "\(repository.arn)@\(digest)"
        creationTime = now
        lastModifiedTime = now
    }
}
