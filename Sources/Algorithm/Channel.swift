// SPDX-License-Identifier: Apache-2.0

/// A channel that an algorithm declares.
public struct ChannelSpecification: Sendable, Equatable {
    /// The channel's name, such as `train`.
    public var name: String
    /// Whether a job without it fails.
    public var isRequired: Bool
    /// The media types it may have; the first is assumed where the job gives none and the bytes do not tell.
    public var contentTypes: [String]
    /// How the data may come.
    public var inputModes: [InputMode]
    /// How the data may be spread over hosts.
    public var distributions: [DataDistribution]

    /// Makes one from its parts.
    public init(
        name: String, isRequired: Bool = false,
        contentTypes: [String] = [ContentType.recordIOProtobuf.mediaType, ContentType.csv.mediaType],
        inputModes: [InputMode] = [.file, .pipe], distributions: [DataDistribution] = [.fullyReplicated, .shardedByS3Key]
    ) {
        self.name = name
        self.isRequired = isRequired
        self.contentTypes = contentTypes
        self.inputModes = inputModes
        self.distributions = distributions
    }
}

/// How a channel's data reaches the algorithm.
public enum InputMode: String, Sendable, CaseIterable {
    case file = "File"
    case pipe = "Pipe"
    case fastFile = "FastFile"
}

/// How a channel's objects are spread over the hosts.
public enum DataDistribution: String, Sendable, CaseIterable {
    case fullyReplicated = "FullyReplicated"
    case shardedByS3Key = "ShardedByS3Key"
}

/// How a channel's files are compressed.
public enum CompressionType: String, Sendable, CaseIterable {
    case none = "None"
    case gzip = "Gzip"
}

/// A channel of a running job: this host's files and what the job says about them.
public struct InputChannel: Sendable, Equatable {
    /// The channel's name, such as `train`.
    public var name: String
    /// The folder that the files lie in.
    public var directory: String
    /// Absolute paths of this host's files, in the order of their keys.
    public var files: [String]
    /// The content type that the job gave, with its parameters; nil where it gave none.
    public var contentType: ContentType?
    /// The compression that the job gave; a file named `.gz` is taken as gzip in any case.
    public var compression: CompressionType
    /// How the data came.
    public var inputMode: InputMode
    /// How the data was spread.
    public var distribution: DataDistribution

    /// Makes one from its parts.
    public init(
        name: String, directory: String, files: [String], contentType: ContentType? = nil, compression: CompressionType = .none,
        inputMode: InputMode = .file, distribution: DataDistribution = .fullyReplicated
    ) {
        self.name = name
        self.directory = directory
        self.files = files
        self.contentType = contentType
        self.compression = compression
        self.inputMode = inputMode
        self.distribution = distribution
    }
}

extension Algorithm {
    /// Checks a job's channels against the declared ones: unknown and missing channels, content types, modes, distributions, no files.
    ///
    /// Throws ``UserError``.
    public static func validate(_ channels: [InputChannel]) throws {
        for channel in channels {
            guard let specification = channelSpecification(named: channel.name) else {
                throw UserError(.unknownChannel(name: channel.name, allowed: Self.channels.map(\.name)))
            }
            if let contentType = channel.contentType, !specification.contentTypes.contains(contentType.mediaType) {
                throw UserError(
                    .unsupportedContentType(
                        channel: channel.name, contentType: contentType.mediaType, allowed: specification.contentTypes))
            }
            guard specification.inputModes.contains(channel.inputMode) else {
                throw UserError(
                    .unsupportedInputMode(
                        channel: channel.name, mode: channel.inputMode.rawValue, allowed: specification.inputModes.map(\.rawValue)))
            }
            guard specification.distributions.contains(channel.distribution) else {
                throw UserError(
                    .unsupportedDistribution(
                        channel: channel.name, distribution: channel.distribution.rawValue,
                        allowed: specification.distributions.map(\.rawValue)))
            }
            if channel.files.isEmpty { throw UserError(.emptyChannel(name: channel.name)) }
        }
        for specification in Self.channels where specification.isRequired {
            guard channels.contains(where: { $0.name == specification.name }) else {
                throw UserError(.missingChannel(name: specification.name, present: channels.map(\.name)))
            }
        }
    }
}
