// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// One job's training.
struct NetworkTraining {
    private let job: TrainingJob
    private let settings: NetworkSettings
    private let data: NetworkData
    private let evaluation: NetworkData?
    private let network: Network
    private let layers: [NetworkLayer]
    private let scale: Float
    private let seed: UInt64
    /// Epochs that were done in earlier jobs, and in this one.
    private var epoch: Int
    private let firstEpoch: Int
    private let stepsAtStart: Int
    /// Whether some host was asked to stop.
    private var isStopping = false

    init(_ job: TrainingJob, settings: NetworkSettings) throws {
        self.job = job
        self.settings = settings
        seed = settings.seed ?? job.seed
        let pool = ThreadPool(threadCount: job.threadCount)
        let earlier = try job.channel("model").map { try NetworkFile(channel: $0) }
        let data = try NetworkData(
            job.requiredChannel("training"), featureCount: settings.input?.count,
            source: "the product of hyperparameter 'input_shape'", pool: pool)
        self.data = data
        evaluation = try job.channel("evaluation").map {
            try NetworkData($0, featureCount: data.images.columnCount, source: "channel 'training'", pool: pool)
        }
        let largest = Int(data.labels.max() ?? 0)
        let classCount = settings.classCount ?? settings.layers.givenClassCount ?? earlier?.classCount ?? max(2, largest + 1)
        try data.checkLabels(of: "training", classCount: classCount)
        try evaluation?.checkLabels(of: "evaluation", classCount: classCount)
        let input = try settings.input(featureCount: data.images.columnCount)
        layers = try settings.layers.resolved(classCount: classCount)
        scale = settings.scale ?? earlier?.scale ?? data.largestMagnitude
        do {
            network = try Network(
                input: input, layers: layers,
                batchCapacity: Self.part(of: min(settings.batchSize, data.labels.count), job).capacity,
                pool: pool)
        } catch {
            throw LayerList.problem(error.layer, error.message)
        }
        epoch = earlier?.epochCount ?? 0
        firstEpoch = epoch
        stepsAtStart = earlier?.state?.stepCount ?? 0
        if let earlier {
            guard network.setTensors(earlier.tensors), network.startLearning(settings.learning.optimizer, from: earlier.state)
            else {
                throw UserError(
                    "channel 'model' has another network or optimizer than the job: hyperparameters 'network', 'input_shape', "
                        + "'num_classes' and 'optimizer' must be those of the earlier job, which had save_checkpoint true")
            }
            job.log.info("Going on after \(epoch) epochs and \(stepsAtStart) steps of an earlier job")
        } else {
            network.initialize(seed: seed)
            _ = network.startLearning(settings.learning.optimizer)
        }
        job.log.info(
            "The network has \(network.parameterCount) parameters; an image of \(input.height)x\(input.width)x\(input.channelCount) takes "
                + "\(PythonNumber.text12(of: network.operationCounts.forward / 1e6)) million operations forward")
    }

    /// This host's images of a batch, the batch being shared out evenly, and the most that a host has.
    private static func part(of count: Int, _ job: TrainingJob) -> (range: Range<Int>, capacity: Int) {
        let (rank, hosts) = (job.collectives.rank, max(1, job.collectives.count))
        return (count * rank / hosts..<count * (rank + 1) / hosts, (count + hosts - 1) / hosts)
    }

    private var batchCount: Int { (data.labels.count + settings.batchSize - 1) / settings.batchSize }

    /// The number of steps of this job.
    private var stepCount: Int {
        let (all, overflow) = settings.epochCount.multipliedReportingOverflow(by: batchCount)
        return min(settings.stepCount ?? (overflow ? Int.max : all), 1 << 40)
    }

    /// Goes over the data until the steps are done or the job is to stop.
    mutating func run() throws {
        var left = stepCount
        while left > 0, !(isStopping && epoch > firstEpoch) {
            left -= try runEpoch(upTo: left)
            epoch += 1
        }
    }

    /// One pass over the data, at most so many steps; gives their number.
    private mutating func runEpoch(upTo limit: Int) throws -> Int {
        let log = job.log
        let start = log.now()
        var random = Random(seed: seed, stream: UInt64(epoch + 1))
        let order = random.permutation(data.labels.count)
        var learning = settings.learning
        for _ in 0..<epoch { learning.rate *= settings.rateFactor }
        var loss = NetworkLoss()
        var steps = 0
        var images = [Float](repeating: 0, count: min(settings.batchSize, order.count) * data.images.columnCount)
        while steps < min(limit, batchCount), !isStopping {
            let rows = order[steps * settings.batchSize..<min(order.count, (steps + 1) * settings.batchSize)]
            let found = try learn(rows, &images, learning)
            isStopping = try job.collectives.sum([job.isStopRequested ? 1 : 0])[0] > 0
            let mean = found.sum / Double(max(1, found.count))
            guard mean.isFinite else {
                throw AlgorithmError(
                    "training diverged: the loss is no longer a finite number in epoch \(epoch), step \(steps); a smaller learning_rate may help"
                )
            }
            if (epoch * batchCount + steps) % 100 == 0 {
                log.info("loss = \(PythonNumber.text12(of: mean)), step = \(epoch * batchCount + steps)")
            }
            loss += found
            steps += 1
        }
        tell("train", loss)
        if let evaluation { tell("evaluation", try evaluate(evaluation)) }
        let done = min(100, 100 * ((epoch - firstEpoch) * batchCount + steps) / max(1, stepCount))
        log.info("#progress_metric: host=\(log.host), completed \(done) % of epochs")
        let throughput = PythonNumber.text12(of: Double(loss.count) / max(log.now() - start, 1e-6))
        log.info("#throughput_metric: host=\(log.host), train throughput=\(throughput) records/second")
        return steps
    }

    /// One step on a batch, of which this host takes its part.
    private func learn(_ batch: ArraySlice<UInt32>, _ images: inout [Float], _ learning: NetworkLearning) throws -> NetworkLoss {
        let part = Self.part(of: batch.count, job).range
        let rows = batch.dropFirst(part.lowerBound).prefix(part.count)
        let labels = rows.map { data.labels[Int($0)] }
        return try images.withUnsafeMutableBufferPointer { images in
            guard let start = images.baseAddress else { return NetworkLoss() }
            data.gather(rows, scale: scale, into: start)
            return try labels.withUnsafeBufferPointer { labels in
                guard job.collectives.count > 1 else { return network.learn(start, labels: labels, with: learning, seed: seed) }
                return try network.learn(
                    start, labels: labels, firstImage: part.lowerBound, batchCount: batch.count, with: learning, seed: seed,
                    collectives: job.collectives)
            }
        }
    }

    private func evaluate(_ data: NetworkData) throws -> NetworkLoss {
        var loss = NetworkLoss()
        let size = network.batchCapacity
        var images = [Float](repeating: 0, count: size * data.images.columnCount)
        let own = Self.part(of: data.labels.count, job).range
        for first in stride(from: own.lowerBound, to: own.upperBound, by: size) {
            let rows = (UInt32(first)..<UInt32(min(first + size, own.upperBound))).map { $0 }
            images.withUnsafeMutableBufferPointer { images in
                guard let start = images.baseAddress else { return }
                data.gather(rows[...], scale: scale, into: start)
                data.labels.withUnsafeBufferPointer {
                    loss += network.evaluate(start, labels: UnsafeBufferPointer(rebasing: $0[first..<first + rows.count]))
                }
            }
        }
        return try loss.sum(job.collectives)
    }

    private func tell(_ channel: String, _ loss: NetworkLoss) {
        let count = Double(max(1, loss.count))
        let log = job.log
        for (name, kind, value) in [
            ("cross_entropy", "loss", loss.sum / count), ("accuracy", "score", Double(loss.correctCount) / count),
        ] {
            log.info(
                "#quality_metric: host=\(log.host), epoch=\(epoch), \(channel) \(name) <\(kind)>=\(PythonNumber.text12(of: value))")
        }
    }

    /// The model as it is.
    func file() -> NetworkFile {
        NetworkFile(
            input: network.input, layers: layers, classCount: network.classCount, scale: scale, epochCount: epoch,
            tensors: network.tensors, state: settings.savesCheckpoint ? network.state : nil)
    }
}
