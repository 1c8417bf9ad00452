// SPDX-License-Identifier: Apache-2.0

import Compute
import Synchronization

/// Everything that one host of a training job gives to the algorithm.
public struct TrainingJob: Sendable {
    /// The job's name.
    public var name: String
    /// The checked hyperparameters, defaults filled in.
    public var hyperparameters: HyperparameterValues
    /// The channels that the job has, with this host's files.
    public var channels: [InputChannel]
    /// Where the model's files go; the host packs the primary host's when training ends well.
    public var modelDirectory: String
    /// Where other output goes.
    public var outputDirectory: String
    /// A folder for temporary files.
    public var scratchDirectory: String
    /// This host's place among the job's hosts.
    public var topology: HostTopology
    /// Where log lines go.
    public var log: JobLog
    /// Set when the job is to stop early.
    public var stopFlag: StopFlag
    /// The number of threads that the algorithm should keep busy, at least 1.
    public var threadCount: Int
    /// The seed of every random choice; the same seed and thread count give the same model.
    public var seed: UInt64
    /// Sums and broadcasts over the job's hosts.
    public var collectives: any Collectives

    /// Makes one from its parts.
    public init(
        name: String, hyperparameters: HyperparameterValues, channels: [InputChannel], modelDirectory: String,
        outputDirectory: String, scratchDirectory: String, topology: HostTopology = .single, log: JobLog,
        stopFlag: StopFlag = StopFlag(), threadCount: Int = 1, seed: UInt64 = 0,
        collectives: any Collectives = SingleProcess()
    ) {
        self.name = name
        self.hyperparameters = hyperparameters
        self.channels = channels
        self.modelDirectory = modelDirectory
        self.outputDirectory = outputDirectory
        self.scratchDirectory = scratchDirectory
        self.topology = topology
        self.log = log
        self.stopFlag = stopFlag
        self.threadCount = max(1, threadCount)
        self.seed = seed
        self.collectives = collectives
    }

    /// The channel of that name, nil where the job has none.
    public func channel(_ name: String) -> InputChannel? {
        channels.first { $0.name == name }
    }

    /// The channel of that name; throws ``UserError`` where the job has none.
    public func requiredChannel(_ name: String) throws -> InputChannel {
        guard let channel = channel(name) else {
            throw UserError(.missingChannel(name: name, present: channels.map(\.name)))
        }
        return channel
    }

    /// Whether the job was asked to stop; look at it between batches.
    public var isStopRequested: Bool { stopFlag.isSet }
}

/// A host's place in its job, as in `/opt/ml/input/config/resourceconfig.json`.
public struct HostTopology: Sendable, Equatable {
    /// This host, such as `algo-1`.
    public var currentHost: String
    /// All hosts, sorted.
    public var hosts: [String]

    /// Makes one from its parts.
    public init(currentHost: String, hosts: [String]) {
        self.currentHost = currentHost
        self.hosts = hosts.isEmpty ? [currentHost] : hosts
    }

    /// A job of one host.
    public static let single = HostTopology(currentHost: "algo-1", hosts: ["algo-1"])

    /// The place of this host in the sorted list, from 0.
    public var rank: Int { hosts.firstIndex(of: currentHost) ?? 0 }
    /// The number of hosts.
    public var count: Int { hosts.count }
    /// Whether this host writes the model.
    public var isPrimary: Bool { rank == 0 }
}

/// A flag that is raised once, from any thread or signal handler's thread, and looked at cheaply.
public final class StopFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    /// Makes one from its parts.
    public init() {}

    /// Whether the flag is up.
    public var isSet: Bool { raised.load(ordering: .relaxed) }

    /// Raises the flag for good.
    public func set() { raised.store(true, ordering: .relaxed) }
}
