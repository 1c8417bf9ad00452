// SPDX-License-Identifier: Apache-2.0

/// A training job: what it was asked to be and how far it has come.
///
/// The service creates it and asks for a stop; the training host moves it on, inside `store.write`, through the mutating functions here. They are
/// the one place where the state machine is.
public struct TrainingJobRecord: ResourceRecord, Hashable {
    /// `sagemaker:training-job`.
    public static let kind = "sagemaker:training-job"

    /// The job's status.
    public enum Status: String, Codable, Sendable {
        case inProgress = "InProgress"
        case completed = "Completed"
        case failed = "Failed"
        case stopping = "Stopping"
        case stopped = "Stopped"

        /// Whether nothing happens any more.
        public var isFinal: Bool { self != .inProgress && self != .stopping }
    }

    /// What the job is doing.
    public enum SecondaryStatus: String, Codable, Sendable {
        case starting = "Starting"
        case pending = "Pending"
        case downloading = "Downloading"
        case training = "Training"
        case uploading = "Uploading"
        case stopping = "Stopping"
        case stopped = "Stopped"
        case maxRuntimeExceeded = "MaxRuntimeExceeded"
        case completed = "Completed"
        case failed = "Failed"

        /// The message that the service shows for it.
        public var message: String {
            switch self {
            case .starting: "Starting the training job"
            case .pending: "Training job waiting for capacity"
            case .downloading: "Downloading input data"
            case .training: "Training image download completed. Training in progress."
            case .uploading: "Uploading generated training model"
            case .stopping: "Stopping the training job"
            case .stopped: "Training job stopped"
            case .maxRuntimeExceeded: "Training job runtime exceeded MaxRuntimeInSeconds provided"
            case .completed: "Training job completed"
            case .failed: "Training job failed"
            }
        }

        /// The place among the states that follow each other while a job is in progress; nil for those that end it.
        var step: Int? {
            switch self {
            case .starting, .pending: 0
            case .downloading: 1
            case .training: 2
            case .stopping: 3
            case .uploading: 4
            case .stopped, .maxRuntimeExceeded, .completed, .failed: nil
            }
        }
    }

    /// A stretch of time in one secondary status.
    public struct Transition: Codable, Sendable, Hashable {
        /// What the job was doing.
        public var status: SecondaryStatus
        /// World time.
        public var startTime: Double
        /// World time; nil while it lasts.
        public var endTime: Double?
        /// The words that went with it last.
        public var statusMessage: String
    }

    /// The last value of a metric.
    public struct FinalMetric: Codable, Sendable, Hashable {
        /// `train:objective_loss`.
        public var metricName: String
        /// The value.
        public var value: Double
        /// World time.
        public var timestamp: Double

        /// Makes one from its parts; the time is world time.
        public init(metricName: String, value: Double, timestamp: Double) {
            self.metricName = metricName
            self.value = value
            self.timestamp = timestamp
        }
    }

    /// Why the job is to end before it is done.
    public enum StopCause: String, Codable, Sendable {
        /// Somebody asked for it.
        case request
        /// It has run as long as it may.
        case maximumRuntime
    }

    /// What was asked for.
    public var request: TrainingJobRequest
    /// The ARN; it carries the name in lower case.
    public var arn: String
    /// The name that metrics and errors know the algorithm by: the image's repository, `linear-learner`.
    public var algorithmName: String
    /// Whether the image is one that somebody pushed to a registry of this world's; then it is named whole.
    public var runsOwnContainer: Bool { algorithmName.contains("/") }
    /// The job's status.
    public private(set) var jobStatus = Status.inProgress
    /// What the job is doing.
    public private(set) var secondaryStatus = SecondaryStatus.starting
    /// All stretches of time in one secondary status, the present one last.
    public private(set) var transitions: [Transition]
    /// World time.
    public let creationTime: Double
    /// World time.
    public private(set) var lastModifiedTime: Double
    /// World time from which on machines are paid.
    public private(set) var trainingStartTime: Double?
    /// World time until which machines are paid.
    public private(set) var trainingEndTime: Double?
    /// Why it failed; nil unless it did.
    public private(set) var failureReason: String?
    /// Set from the moment when the job is to end early; the host looks at it.
    public private(set) var stopCause: StopCause?
    /// The artifact, `s3://…/model.tar.gz`, once it is there.
    public private(set) var artifactURI: String?
    /// The last value of each metric, in the order in which the metrics were first seen.
    public var finalMetrics: [FinalMetric] = []

    /// The name, unique in its account and region.
    public var name: String { request.trainingJobName }
    /// The status, as the service names it.
    public var status: String { jobStatus.rawValue }
    /// A job that is not over is looked at on every request: its host may have died.
    public var dueTime: Double? { jobStatus.isFinal ? nil : creationTime }

    /// Whether the job is to end early.
    public var isStopRequested: Bool { stopCause != nil }

    /// The account and region that the job belongs to.
    public var scope: Scope { Scope(ofARN: arn) }

    /// Where the artifact goes: `<S3OutputPath>/<job>/output/model.tar.gz`.
    public var plannedArtifactURI: String {
        var prefix = Substring(request.outputDataConfig.s3OutputPath)
        while prefix.last == "/" { prefix = prefix.dropLast() }
        return "\(prefix)/\(name)/output/model.tar.gz"
    }

    /// Seconds between start and end of training; nil before its end.
    public var trainingSeconds: Int? {
        guard let trainingStartTime, let trainingEndTime else { return nil }
        return max(1, Int((trainingEndTime - trainingStartTime).rounded(.up)))
    }

    /// The seconds that are paid for, over all machines; nil before the end of training.
    public var billableSeconds: Int? { trainingSeconds }

    /// A job that has just been asked for, at world time `now`.
    public init(request: TrainingJobRequest, arn: String, algorithmName: String, now: Double) {
        self.request = request
        self.arn = arn
        self.algorithmName = algorithmName
        creationTime = now
        lastModifiedTime = now
        transitions = [Transition(status: .starting, startTime: now, statusMessage: SecondaryStatus.starting.message)]
    }
}

/// A change that a record's state does not allow.
public struct StateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The resource's ARN.
    public var arn: String
    /// The state that it is in.
    public var found: String
    /// What was to happen.
    public var attempted: String

    /// Makes one from its parts.
    public init(arn: String, found: String, attempted: String) {
        self.arn = arn
        self.found = found
        self.attempted = attempted
    }

    /// `arn:… is Completed and can't enter Training`.
    public var description: String { "\(arn) is \(found) and can't \(attempted)" }
}

extension TrainingJobRecord {
    /// Goes on to the next thing the job does, or gives the present one other words.
    ///
    /// - Parameter message: the words shown for it; the status's own where absent.
    /// - Throws: `StateError` where the job is over, or past `secondary`.
    public mutating func enter(_ secondary: SecondaryStatus, message: String? = nil, at time: Double) throws {
        guard !jobStatus.isFinal, let step = secondary.step, let present = secondaryStatus.step, step >= present else {
            throw refusal("enter \(secondary.rawValue)")
        }
        if secondary == .downloading || secondary == .training, trainingStartTime == nil { trainingStartTime = time }
        if secondary == .stopping { jobStatus = .stopping }
        move(to: secondary, message: message, at: time)
    }

    /// Asks the job to end early: the host, or whoever finds it gone, then calls `stop`.
    ///
    /// - Throws: `StateError` where the job is over. Asking twice changes nothing.
    public mutating func requestStop(_ cause: StopCause = .request, at time: Double) throws {
        guard !jobStatus.isFinal else { throw refusal("stop") }
        guard stopCause == nil else { return }
        stopCause = cause
        jobStatus = .stopping
        lastModifiedTime = time
        if let step = secondaryStatus.step, let stopping = SecondaryStatus.stopping.step, step <= stopping {
            move(to: .stopping, message: nil, at: time)
        }
    }

    /// Ends well, with the artifact at `artifact`.
    ///
    /// - Throws: `StateError` where the job is over.
    public mutating func complete(artifact: String, at time: Double) throws {
        guard !jobStatus.isFinal else { throw refusal("complete") }
        guard stopCause == nil else { return try stop(artifact: artifact, at: time) }
        artifactURI = artifact
        jobStatus = .completed
        finish(.completed, at: time)
    }

    /// Ends badly; `reason` is `AlgorithmError: …`, `ClientError: …` or `InternalServerError: …`.
    ///
    /// - Throws: `StateError` where the job is over.
    public mutating func fail(reason: String, at time: Double) throws {
        guard !jobStatus.isFinal else { throw refusal("fail") }
        failureReason = String(reason.prefix(1024))
        jobStatus = .failed
        finish(.failed, at: time)
    }

    /// Ends early, as asked, with what had been trained by then where there is something.
    ///
    /// - Throws: `StateError` where the job is over or was not asked to stop.
    public mutating func stop(artifact: String? = nil, at time: Double) throws {
        guard !jobStatus.isFinal, let stopCause else { throw refusal("stop") }
        artifactURI = artifact
        jobStatus = .stopped
        finish(stopCause == .maximumRuntime ? .maxRuntimeExceeded : .stopped, at: time)
    }

    private mutating func finish(_ secondary: SecondaryStatus, at time: Double) {
        if trainingStartTime != nil { trainingEndTime = time }
        move(to: secondary, message: nil, at: time)
        transitions[transitions.count - 1].endTime = time
    }

    private mutating func move(to secondary: SecondaryStatus, message: String?, at time: Double) {
        lastModifiedTime = time
        let text = message ?? secondary.message
        if secondary == secondaryStatus, let last = transitions.indices.last {
            transitions[last].statusMessage = text
            return
        }
        if let last = transitions.indices.last { transitions[last].endTime = time }
        secondaryStatus = secondary
        transitions.append(Transition(status: secondary, startTime: time, statusMessage: text))
    }

    private func refusal(_ attempted: String) -> StateError {
        StateError(arn: arn, found: "\(jobStatus.rawValue) (\(secondaryStatus.rawValue))", attempted: attempted)
    }
}

extension Scope {
    /// The account and region that an ARN names; both empty where `arn` is none.
    public init(ofARN arn: String) {
        let parsed = ARN(arn)
        self.init(account: parsed?.account ?? "", region: parsed?.region ?? "")
    }
}
