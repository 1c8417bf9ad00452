// SPDX-License-Identifier: Apache-2.0

/// What an algorithm plugin implements: a stateless namespace type that describes itself, trains, and loads what it trained.
///
/// The executable hands a list of such types to the hosts; neither services nor hosts know any algorithm by name.
/// The vocabulary is that of the toolkit that SageMaker's own containers use: hyperparameters, channels, metrics, three classes of error.
public protocol Algorithm: Sendable {
    /// The name of the image repository, such as `linear-learner`.
    static var name: String { get }
    /// Other repositories whose image is this algorithm.
    static var otherNames: [String] { get }
    /// The name that log lines and metric dimensions carry, such as `Linear Learner`.
    static var logName: String { get }
    /// Every hyperparameter that a job may set, in the order in which they are listed to a person.
    static var hyperparameters: [Hyperparameter] { get }
    /// The channels that a job may have.
    static var channels: [ChannelSpecification] { get }
    /// How metrics are found in the log lines.
    static var metrics: [MetricDefinition] { get }
    /// The media types of inference requests that the model takes; the first is assumed where nothing tells.
    static var inferenceContentTypes: [String] { get }
    /// The media types in which the model answers; the first is the default.
    static var inferenceAcceptTypes: [String] { get }
    /// Whether a job may have more than one host.
    static var supportsDistributedTraining: Bool { get }

    /// Checks what single hyperparameters and dependencies cannot say, before data is touched.
    ///
    /// Throws ``UserError``.
    static func validate(_ hyperparameters: HyperparameterValues) throws

    /// Trains on this host's share of the data and, on the primary host, leaves the model's files in the job's model directory.
    ///
    /// When a stop is requested, an algorithm saves the best model so far and returns. Throws ``UserError``, ``DataError``,
    /// ``AlgorithmError`` or ``PlatformError``.
    static func train(_ job: TrainingJob) async throws

    /// Reads the model that `train` left in `directory`.
    ///
    /// Throws ``AlgorithmError`` when the files are not this algorithm's or are damaged.
    static func load(from directory: String) throws -> any Predictor
}

extension Algorithm {
    /// Text, JSON, JSON Lines and RecordIO-protobuf, the common formats of tabular algorithms.
    public static var inferenceContentTypes: [String] {
        [ContentType.csv, ContentType.json, ContentType.jsonLines, ContentType.recordIOProtobuf].map(\.mediaType)
    }

    /// JSON first, then the other common formats.
    public static var inferenceAcceptTypes: [String] {
        [ContentType.json, ContentType.jsonLines, ContentType.csv, ContentType.recordIOProtobuf].map(\.mediaType)
    }

    /// None unless the algorithm says so.
    public static var otherNames: [String] { [] }

    /// Whether an image repository of that name holds this algorithm.
    public static func isNamed(_ repository: String) -> Bool { repository == name || otherNames.contains(repository) }

    /// One host unless the algorithm says that it can do more.
    public static var supportsDistributedTraining: Bool { false }

    /// Nothing beyond what hyperparameters and dependencies declare.
    public static func validate(_ hyperparameters: HyperparameterValues) throws {}

    /// Checks a job's hyperparameters as the container does at its start: declarations first, then the algorithm's own rules.
    ///
    /// Throws ``UserError``.
    public static func hyperparameterValues(from texts: [String: String]) throws -> HyperparameterValues {
        let values = try HyperparameterValues(texts, declared: hyperparameters)
        try validate(values)
        return values
    }

    /// The declared channel of that name.
    public static func channelSpecification(named name: String) -> ChannelSpecification? {
        channels.first { $0.name == name }
    }
}

/// How a metric is read off log lines.
public struct MetricDefinition: Sendable, Equatable {
    /// The name, such as `train:progress`.
    public var name: String
    /// The regular expression; its first group is the value.
    public var regularExpression: String
    /// Whether a tuning job may take it as objective, and which way is better.
    public var objective: Objective?

    /// The direction in which a metric gets better.
    public enum Objective: String, Sendable {
        case maximize = "Maximize"
        case minimize = "Minimize"
    }

    /// Makes one from its parts.
    public init(name: String, regularExpression: String, objective: Objective? = nil) {
        self.name = name
        self.regularExpression = regularExpression
        self.objective = objective
    }
}
