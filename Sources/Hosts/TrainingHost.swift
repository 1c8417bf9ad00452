// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Wire
import World

/// One host of a training job: brings the data, trains, and takes the artifact away, moving the job's record on as it goes.
///
/// Of several hosts, the first one moves the record on; the job's own process has started them and waits for them.
struct TrainingHost {
    let environment: HostEnvironment
    let process: HostProcess
    let scope: Scope
    let clock: LiveClock
    let job: TrainingJobRecord
    let log: HostLog
    let stopFlag: StopFlag
    private let member: HostGroupMember?

    private var request: TrainingJobRequest { job.request }
    private var store: Store { environment.world.store }
    private var name: String { member?.name ?? process.name }
    private var names: [String] { member?.names ?? [process.name] }
    private var isPrimary: Bool { member?.isPrimary ?? true }
    private var folder: ContainerFolder {
        ContainerFolder(path: process.folder + (member.map { "/\($0.name)" } ?? "") + "/opt/ml")
    }

    /// Finds the job that `process` works for; `member` says which of several hosts this is.
    ///
    /// - Throws: `HostError.ownerGone` where it was deleted meanwhile.
    init(process: HostProcess, environment: HostEnvironment, stopFlag: StopFlag, member: HostGroupMember? = nil) throws {
        self.environment = environment
        self.process = process
        self.member = member
        self.stopFlag = stopFlag
        let store = environment.world.store
        guard let job = try store.read({ try $0.resource(TrainingJobRecord.self, arn: process.ownerARN) }) else {
            throw HostError.ownerGone(arn: process.ownerARN)
        }
        self.job = job
        scope = job.scope
        clock = try LiveClock(store)
        let algorithm = environment.algorithms.first { $0.name == job.algorithmName }
        let given = job.request.algorithmSpecification?.metricDefinitions?.map { ($0.name, $0.regex) } ?? []
        // A request may carry the algorithm's own definitions: each line is to be counted once.
        let own = (algorithm?.metrics.map { ($0.name, $0.regularExpression) } ?? []).filter { metric in
            !given.contains { $0.0 == metric.0 && $0.1 == metric.1 }
        }
        log = try HostLog(
            store: store, scope: job.scope, group: LogGroupName.trainingJobs,
            stream: "\(job.name)/\(member?.name ?? process.name)-\(Int(process.startTime))", clock: clock,
            metricReader: MetricReader((own + given).map { (name: $0.0, regularExpression: $0.1) }),
            metricNamespace: LogGroupName.trainingJobs,
            metricDimensions: [MetricIdentity.Dimension(name: "TrainingJobName", value: job.name)])
    }

    /// Does the job's work; whatever happens, the job is over afterwards.
    ///
    /// - Throws: `HostError.memberFailed` for one of several hosts, so that `mpirun` ends the others.
    func run() async throws {
        let flushing = Task { await log.flushRegularly() }
        let limiting = Task { try await limitRuntime() }
        let isDone = try await attempt()
        limiting.cancel()
        flushing.cancel()
        await flushing.value
        guard let member else { return }
        try log.flush()
        guard isDone else { throw HostError.memberFailed(name: member.name) }
        try member.collectives.leave()
    }

    /// Whether the work was done to its end; otherwise the job is over.
    private func attempt() async throws -> Bool {
        do {
            try await work()
            return true
        } catch let failure as HostGroup.Failure {
            // A host may have said already why it gave up, or have been asked to.
            if stopFlag.isSet { try finish { try $0.stop(at: $1) } } else if try !isOver { try fail(failure.reason) }
        } catch let failure as DataStaging.Failure {
            try fail(failure.reason)
        } catch let failure as UserProgram.Failure {
            try fail(failure.reason)
        } catch let error as ServiceError {
            try fail("ClientError: \(error.code): \(error.message)")
        } catch let error as any ClassifiedError {
            try fail(FailureReason.text(of: error))
        } catch is StopRequested {
            try finish { try $0.stop(at: $1) }
        } catch {
            try fail(FailureReason.text(of: PlatformError("\(error)")))
        }
        return false
    }

    private var isOver: Bool {
        get throws { try store.read { try $0.resource(TrainingJobRecord.self, arn: job.arn) }?.jobStatus.isFinal ?? true }
    }

    /// The job was asked to stop before there was anything to keep.
    private struct StopRequested: Error {}

    private func work() async throws {
        if member == nil {
            try await simulateWaiting("Launching requested ML instances", seconds: 60)
            try await simulateWaiting("Preparing the instances for training", seconds: 60)
            let hostCount = request.resourceConfig?.hostCount ?? 1
            if hostCount > 1 {
                try checkDistribution(hostCount)
                return try await HostGroup(count: hostCount, process: process, world: environment.world).run()
            }
        }
        try enter(.downloading)
        let role = try environment.clientAssumingRole(request.roleArn, "SageMaker")
        try folder.make()
        try folder.writeConfiguration(of: request, currentHost: name, hosts: names)
        let framework = FrameworkImage.named(job.algorithmName)
        let isOurs = framework == nil && !job.runsOwnContainer
        let channels = try await stage(DataStaging(client: role, region: scope.region, mayLink: isOurs))
        try await simulateWaiting(nil, seconds: 20)
        try enter(.training, message: "Downloading the training image.")
        try await simulateWaiting(nil, seconds: 40)
        try enter(.training)
        if let framework {
            try await runScript(framework)
        } else if job.runsOwnContainer {
            try await runContainer(as: role)
        } else {
            try await train(channels)
        }
        try log.flush()
        // All hosts have done their part before the first one says so.
        try member?.collectives.barrier()
        guard isPrimary else { return }
        if !stopFlag.isSet { try enter(.uploading) }
        try await upload(as: role)
        if !isOurs { try await uploadOutput(as: role) }
        let artifact = job.plannedArtifactURI
        try finish { record, now in
            if record.isStopRequested {
                try record.stop(artifact: artifact, at: now)
            } else {
                try record.complete(artifact: artifact, at: now)
            }
        }
    }

    // MARK: Data

    private func stage(_ staging: DataStaging) async throws -> [InputChannel] {
        var channels: [InputChannel] = []
        for channel in request.inputDataConfig ?? [] {
            try checkStop()
            guard let source = channel.dataSource.s3DataSource, let location = S3Location(source.s3Uri) else {
                throw UserError("Channel '\(channel.channelName)' has no S3DataSource with an s3:// URI: only S3 is simulated.")
            }
            var items: [DataStaging.Item]
            switch source.s3DataType {
            case "ManifestFile": items = try await staging.objects(inManifest: location)
            case "S3Prefix": items = try await staging.objects(below: location)
            default:
                throw UserError(
                    "Channel '\(channel.channelName)': S3DataType \(source.s3DataType) is not simulated; use S3Prefix or ManifestFile."
                )
            }
            let distribution = DataDistribution(rawValue: source.s3DataDistributionType ?? "") ?? .fullyReplicated
            guard !items.isEmpty else {
                throw DataStaging.Failure(
                    reason:
                        "ClientError: Data download failed:Could not find S3 data at \(source.s3Uri) for channel '\(channel.channelName)'"
                )
            }
            if distribution == .shardedByS3Key, let member {
                items = DataStaging.shard(items, rank: member.collectives.rank, count: member.collectives.count)
            }
            let channelPath = folder.channelPath(channel.channelName)
            channels.append(
                InputChannel(
                    name: channel.channelName, directory: channelPath, files: try await staging.download(items, to: channelPath),
                    contentType: channel.contentType.flatMap { ContentType($0) },
                    compression: CompressionType(rawValue: channel.compressionType ?? "None") ?? .none,
                    inputMode: InputMode(rawValue: request.inputMode(of: channel)) ?? .file,
                    distribution: distribution))
        }
        return channels
    }

    // MARK: Training

    private func train(_ channels: [InputChannel]) async throws {
        let algorithm = try algorithm()
        log.write("Docker entrypoint called with argument(s): train")
        log.write("Running default environment configuration script")
        let hyperparameters = try algorithm.hyperparameterValues(from: request.hyperParameters ?? [:])
        try algorithm.validate(channels)
        let scratch = folder.path + "/scratch"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let clock = clock
        let trainingJob = TrainingJob(
            name: job.name, hyperparameters: hyperparameters, channels: channels, modelDirectory: folder.modelPath,
            outputDirectory: folder.outputPath, scratchDirectory: scratch,
            topology: HostTopology(currentHost: name, hosts: names),
            log: JobLog(
                host: name, threadNumber: 140_000_000_000_000 + UInt64(getpid()), now: { clock.now() },
                write: { [log] in log.write($0) }),
            stopFlag: stopFlag, threadCount: member?.threadCount ?? ProcessInfo.processInfo.activeProcessorCount, seed: 0,
            collectives: member?.collectives ?? SingleProcess())
        try await algorithm.train(trainingJob)
    }

    private func algorithm() throws -> any Algorithm.Type {
        if let algorithm = environment.algorithms.first(where: { $0.name == job.algorithmName }) { return algorithm }
        throw UserError(
            "There is no algorithm '\(job.algorithmName)' here: \(environment.algorithms.map { $0.name }.joined(separator: ", ")).")
    }

    /// Runs the user's script with its framework.
    private func runScript(_ framework: FrameworkImage) async throws {
        let training = ScriptTraining(
            framework: framework, request: request, jobARN: job.arn, folder: folder, process: process, environment: environment,
            hosts: names, currentHost: name)
        try await training.run(stopFlag: stopFlag) { [log] in log.write($0) }
    }

    /// Runs the program of the user's own image.
    private func runContainer(as role: any ServiceClient) async throws {
        let training = ContainerTraining(
            request: request, jobARN: job.arn, folder: folder, process: process, environment: environment, hosts: names,
            currentHost: name)
        try await training.run(client: role, stopFlag: stopFlag) { [log] in log.write($0) }
    }

    private func checkDistribution(_ hostCount: Int) throws {
        guard FrameworkImage.named(job.algorithmName) == nil, !job.runsOwnContainer else { return }
        let algorithm = try algorithm()
        guard !algorithm.supportsDistributedTraining else { return }
        let others = environment.algorithms.filter { $0.supportsDistributedTraining }.map { $0.name }.joined(separator: ", ")
        throw UserError(
            "\(algorithm.name) trains on one instance, and the job has \(hostCount): set InstanceCount to 1. On several train: \(others)."
        )
    }

    private func upload(as role: any ServiceClient) async throws {
        try await upload(folder.modelPath, to: job.plannedArtifactURI, as: role)
    }

    /// What a user's program left in `output/data`.
    private func uploadOutput(as role: any ServiceClient) async throws {
        let data = folder.outputPath + "/data"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: data), !names.isEmpty else { return }
        let parent = (job.plannedArtifactURI as NSString).range(of: "/", options: .backwards).location
        try await upload(data, to: (job.plannedArtifactURI as NSString).substring(to: parent) + "/output.tar.gz", as: role)
    }

    private func upload(_ content: String, to uri: String, as role: any ServiceClient) async throws {
        let artifact = folder.path + "/" + (uri as NSString).lastPathComponent
        let length = try folder.pack(content, to: artifact)
        guard let location = S3Location(uri) else {
            throw UserError("S3OutputPath \(request.outputDataConfig.s3OutputPath) is not an s3:// URI.")
        }
        do {
            _ = try await role.send(
                ServiceRequest(
                    service: "s3", operation: "PutObject",
                    input: ["Bucket": .string(location.bucket), "Key": .string(location.key), "ContentType": "application/x-gzip"],
                    body: Body(path: artifact, offset: 0, length: length), credentials: nil, region: scope.region))
        } catch let error as ServiceError {
            throw DataStaging.Failure(
                reason: "ClientError: Artifact upload failed:\(error.code) (\(error.status ?? 400)): \(error.message) (\(location))"
            )
        }
    }

    // MARK: State

    private func enter(_ status: TrainingJobRecord.SecondaryStatus, message: String? = nil) throws {
        try checkStop()
        guard isPrimary else { return }
        try change { record, now in
            // A stop that was asked for meanwhile keeps the job Stopping.
            if !record.isStopRequested { try record.enter(status, message: message, at: now) }
        }
    }

    private func fail(_ reason: String) throws {
        log.write(reason)
        try finish { try $0.fail(reason: reason, at: $1) }
    }

    /// The last change: with it, the job's metrics are there too.
    private func finish(_ body: @Sendable (inout TrainingJobRecord, Double) throws -> Void) throws {
        try log.flush()
        let metrics = log.finalMetrics
        try change { record, now in
            guard !record.jobStatus.isFinal else { return }
            if isPrimary { record.finalMetrics = metrics }
            try body(&record, now)
        }
    }

    private func change(_ body: @Sendable (inout TrainingJobRecord, Double) throws -> Void) throws {
        let now = clock.now()
        let name = job.name
        let scope = scope
        try store.write { database in
            guard var record = try database.resource(TrainingJobRecord.self, named: name, in: scope) else {
                throw HostError.ownerGone(arn: name)
            }
            try body(&record, now)
            try database.updateResource(record, in: scope)
        }
    }

    private func checkStop() throws {
        if stopFlag.isSet { throw StopRequested() }
    }

    /// Lets the time pass that machines take in the real service, in the world's time.
    private func simulateWaiting(_ message: String?, seconds: Double) async throws {
        if let message { try enter(.starting, message: message) }
        try await clock.wait(until: clock.now() + seconds, isMachineTime: true) { try checkStop() }
    }

    /// Stops the job when it has run as long as it may.
    private func limitRuntime() async throws {
        if member != nil { return try await watchForStop() }
        guard let limitSeconds = request.stoppingCondition?.maxRuntimeInSeconds else { return }
        try await clock.wait(until: clock.now() + Double(limitSeconds))
        try change { record, now in
            if !record.jobStatus.isFinal { try record.requestStop(.maximumRuntime, at: now) }
        }
        stopFlag.set()
    }

    /// Raises a member's flag when the job's record says that it is to stop: no signal has to find its way through `mpirun`.
    private func watchForStop() async throws {
        while try store.read({ try $0.resource(TrainingJobRecord.self, arn: job.arn) })?.isStopRequested != true {
            try await Task.sleep(for: .milliseconds(100))
        }
        stopFlag.set()
    }
}
