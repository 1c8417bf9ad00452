// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// One host's training: a pass over the data, then a decomposition that all hosts do alike.
struct ComponentTraining {
    private let job: TrainingJob
    private let pool: ThreadPool
    private let featureCount: Int
    private let componentCount: Int
    private let batchSize: Int
    private let subtractsMean: Bool
    /// Nil: the whole covariance matrix.
    private let directionCount: Int?

    /// Rows at once, however small a mini-batch; values at once, however large.
    private static let blockRowCount = 1024
    private static let maximumBlockValueCount = 1 << 25

    init(_ job: TrainingJob) throws {
        self.job = job
        pool = ThreadPool(threadCount: job.threadCount)
        let values = job.hyperparameters
        featureCount = try values.requiredInteger("feature_dim")
        componentCount = try values.requiredInteger("num_components")
        batchSize = try values.requiredInteger("mini_batch_size")
        subtractsMean = try values.requiredBoolean("subtract_mean")
        if values.text("algorithm_mode") == "randomized" {
            let given = try values.requiredInteger("extra_components")
            let extra = given < 0 ? max(10, componentCount) : given
            directionCount = min(featureCount, componentCount + min(extra, featureCount))
        } else {
            directionCount = nil
        }
    }

    private func reader(_ channel: InputChannel) -> ExampleReader {
        ExampleReader(
            channel,
            options: ReadOptions(
                labels: .ignored, featureCount: featureCount, featureCountSource: "hyperparameter 'feature_dim'"))
    }

    private var rowsAtOnce: Int {
        max(1, min(max(batchSize, Self.blockRowCount), Self.maximumBlockValueCount / featureCount))
    }

    mutating func run() throws -> PCAModel {
        let channel = try job.requiredChannel("train")
        let log = job.log
        let start = log.now()
        log.info("Create Store: \(job.topology.count > 1 ? "dist_sync" : "local")")
        var reader = reader(channel)
        var block = try reader.next(rowsAtOnce)
        var sums = try MomentSums(
            shift: try commonShift(block), directions: directions(), featureCount: featureCount)
        var rowCount = 0
        while let examples = block {
            sums.add(examples.denseValues(), rowCount: examples.count, pool: pool)
            rowCount += examples.count
            block = job.isStopRequested ? nil : try reader.next(rowsAtOnce)
        }
        let end = log.now()
        log.epochStatistics(
            dataPath: "/opt/ml/input/data/train", epoch: 0, durationMilliseconds: Int(max(0, end - start) * 1000),
            batchCount: (rowCount + batchSize - 1) / batchSize, byteCount: reader.byteCount)
        log.info("#progress_metric: host=\(log.host), completed 100 % of epochs")
        log.info(
            "#throughput_metric: host=\(log.host), train throughput="
                + "\(PythonNumber.text12(of: Double(rowCount) / max(end - start, 1e-6))) records/second")
        try sums.share(job.collectives)
        guard sums.count > 0 else { throw UserError(.emptyChannel(name: channel.name)) }
        return try model(sums)
    }

    /// What is taken from rows before they are multiplied, so that sums stay small: the mean of the primary host's first rows, and a
    /// power of two that brings them to the size of 1.
    private func commonShift(_ block: ExampleSet?) throws -> MomentSums.Shift {
        var shift = [Float](repeating: 0, count: featureCount + 1)
        if let block, job.topology.isPrimary {
            var means = [Double](repeating: 0, count: featureCount)
            let values = block.denseValues()
            for row in 0..<block.count {
                for feature in 0..<featureCount { means[feature] += Double(values[row * featureCount + feature]) }
            }
            var largest: Float = 0
            for feature in 0..<featureCount { shift[feature] = Float(means[feature] / Double(block.count)) }
            for row in 0..<block.count {
                for feature in 0..<featureCount {
                    largest = max(largest, abs(values[row * featureCount + feature] - shift[feature]))
                }
            }
            shift[featureCount] = largest
        }
        try shift.withUnsafeMutableBufferPointer { try job.collectives.broadcast($0, from: 0) }
        let largest = shift.removeLast()
        let scale = largest > 0 && largest.isFinite ? Float(sign: .plus, exponent: -largest.exponent, significand: 1) : 1
        return MomentSums.Shift(values: shift, scale: scale)
    }

    /// Random directions, [feature][direction].
    private func directions() -> [Float]? {
        directionCount.map { count in
            var random = Random(seed: job.seed)
            return (0..<featureCount * count).map { _ in random.normal() }
        }
    }

    private func model(_ sums: MomentSums) throws -> PCAModel {
        let centered = sums.product(subtractsMean: subtractsMean)
        let found: (values: [Double], vectors: [Double])
        if let directions = sums.directions {
            guard let approximate = Nystroem.decompose(centered, directions: directions, size: featureCount) else {
                throw AlgorithmError("the decomposition of the sketch did not end")
            }
            found = approximate
        } else {
            guard let system = SymmetricEigensystem(centered, size: featureCount) else {
                throw AlgorithmError("the decomposition of the covariance matrix did not end")
            }
            found = (system.values, system.vectors)
        }
        let first = found.values.count - componentCount
        var components = [Float](repeating: 0, count: featureCount * componentCount)
        for component in 0..<componentCount {
            let vector = (first + component) * featureCount
            for feature in 0..<featureCount {
                components[feature * componentCount + component] = Float(found.vectors[vector + feature])
            }
        }
        let unit = 1 / Double(sums.shift.scale)
        return PCAModel(
            mean: subtractsMean ? sums.mean : [Float](repeating: 0, count: featureCount),
            singularValues: found.values.suffix(componentCount).map { Float(max(0, $0).squareRoot() * unit) },
            components: components)
    }

    /// The mean squared error a feature of the test channel's rows after projection and back, over all hosts; nil without such a channel.
    func testError(of model: PCAModel) throws -> Double? {
        guard let channel = job.channel("test") else { return nil }
        var reader = reader(channel)
        var sum = 0.0
        var count = 0.0
        while let examples = try reader.next(rowsAtOnce) {
            let values = examples.denseValues()
            let projections = model.projections(of: values, rowCount: examples.count)
            // Components are orthonormal: what is lost is what the projection is shorter by.
            for row in 0..<examples.count {
                for feature in 0..<featureCount {
                    let difference = Double(values[row * featureCount + feature]) - Double(model.mean[feature])
                    sum += difference * difference
                }
            }
            for projection in projections { sum -= Double(projection) * Double(projection) }
            count += Double(examples.count)
        }
        var totals = [sum, count]
        try totals.withUnsafeMutableBufferPointer { try job.collectives.allReduce($0) }
        guard totals[1] > 0 else { throw UserError(.emptyChannel(name: channel.name)) }
        return max(0, totals[0]) / totals[1] / Double(featureCount)
    }
}
