// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One host's training: mini-batches (Sculley, "Web-scale k-means clustering", 2010), then the local phase.
struct WebScaleTraining {
    private let job: TrainingJob
    private let settings: KMeansSettings
    private let log: KMeansLog
    private let pool: ThreadPool
    private var timings = KMeansLog.Timings()

    /// The centres of the mini-batch phase, row after row, in float64: what a batch adds may be small beside what was there.
    private var centres: [Double] = []
    /// How many rows each stands for, less what a half-life took away.
    private var weights: [Double] = []

    /// A block of rows has at most so many values at once, however large the mini-batch.
    private static let maximumBlockValueCount = 1 << 26

    init(_ job: TrainingJob, settings: KMeansSettings, log: KMeansLog) {
        self.job = job
        self.settings = settings
        self.log = log
        pool = ThreadPool(threadCount: job.threadCount)
    }

    private var centreCount: Int { weights.count }

    /// Trains; gives `k` centres, row after row.
    mutating func run() throws -> [Float] {
        let channel = try job.requiredChannel("train")
        for epoch in 0..<settings.epochCount {
            guard try runEpoch(epoch, channel) else { break }
        }
        let result = shrink()
        log.timings(timings)
        return result
    }

    private func reader(_ channel: InputChannel) -> ExampleReader {
        ExampleReader(
            channel,
            options: ReadOptions(
                labels: .ignored, featureCount: settings.featureCount, featureCountSource: "hyperparameter 'feature_dim'"))
    }

    private func rows(_ examples: ExampleSet) throws -> ClusterRows {
        guard let matrix = Matrix(rowCount: examples.count, columnCount: examples.featureCount, values: examples.denseValues())
        else { throw AlgorithmError("\(examples.count) examples were read with another number of values than announced") }
        return ClusterRows(matrix.compacted(with: pool), pool: pool)
    }

    private var blockRowCount: Int { max(1, min(settings.batchSize, Self.maximumBlockValueCount / settings.featureCount)) }

    // MARK: Mini-batches

    /// One pass over the data; false where the job is to stop.
    private mutating func runEpoch(_ epoch: Int, _ channel: InputChannel) throws -> Bool {
        let start = log.now
        var reader = reader(channel)
        var batchCount = 0
        var rowCount = 0
        var goesOn = true
        while goesOn {
            var sums = BatchSums(centreCount: max(centreCount, 1), featureCount: settings.featureCount)
            var batchRowCount = 0
            while batchRowCount < settings.batchSize {
                let loadStart = log.now
                let examples = try reader.next(min(blockRowCount, settings.batchSize - batchRowCount))
                timings.loading += log.now - loadStart
                if centres.isEmpty {
                    try chooseCentres(from: examples)
                    sums = BatchSums(centreCount: centreCount, featureCount: settings.featureCount)
                }
                guard let examples else { break }
                let rows = try rows(examples)
                let distanceStart = log.now
                ClusterAssignment.addSums(
                    of: rows, nearestTo: centres.map { Float($0) }, count: centreCount, sums: &sums.values, counts: &sums.counts,
                    pool: pool)
                timings.distances += log.now - distanceStart
                batchRowCount += examples.count
            }
            sums.rowCount = Double(batchRowCount)
            sums.stops = job.isStopRequested ? 1 : 0
            let exchangeStart = log.now
            try sums.share(job.collectives)
            timings.exchange += log.now - exchangeStart
            if batchRowCount > 0 { batchCount += 1 }
            rowCount += batchRowCount
            guard sums.rowCount > 0 else { break }
            update(sums)
            goesOn = sums.stops == 0
        }
        if rowCount == 0, job.topology.count == 1 { throw UserError(.emptyChannel(name: channel.name)) }
        log.epochEnd(
            epoch: epoch, epochCount: settings.epochCount, batchCount: batchCount, rowCount: rowCount,
            byteCount: reader.byteCount, start: start)
        return goesOn
    }

    /// First centres: rows of the primary host's first block, the same for all hosts.
    private mutating func chooseCentres(from examples: ExampleSet?) throws {
        let wanted = min(settings.centreCount, examples?.count ?? 0)
        let primary = try job.collectives.allGather([Double(wanted)]).first?.first ?? 0
        let count = Int(primary)
        guard count > 0 else { throw UserError(.emptyChannel(name: "train")) }
        guard count >= settings.clusterCount else {
            let reason = settings.batchSize <= count ? "mini_batch_size is \(settings.batchSize)" : "the channel has no more"
            throw UserError(
                "channel 'train' gives \(count) rows in the first mini-batch (\(reason)), but hyperparameter 'k' is "
                    + "\(settings.clusterCount); k may be at most the number of rows of a mini-batch")
        }
        var chosen = [Float](repeating: 0, count: count * settings.featureCount)
        if let examples {
            if examples.count < settings.batchSize, blockRowCount == settings.batchSize {
                log.smallBatch(batchSize: settings.batchSize, rowCount: examples.count)
            }
            if job.topology.isPrimary {
                var random = Random(seed: job.seed)
                chosen = settings.seeding.centres(count, of: try rows(examples), random: &random, pool: pool)
            }
        }
        try chosen.withUnsafeMutableBufferPointer { try job.collectives.broadcast($0, from: 0) }
        centres = chosen.map { Double($0) }
        weights = [Double](repeating: 0, count: count)
    }

    /// Each centre becomes the weighted mean of itself and of the batch's rows that are nearest to it.
    private mutating func update(_ batch: BatchSums) {
        let start = log.now
        let keep = settings.halfLife.map { pow(0.5, batch.rowCount / $0) } ?? 1
        let width = settings.featureCount
        for centre in 0..<centreCount {
            weights[centre] *= keep
            let count = batch.counts[centre]
            guard count > 0 else { continue }
            weights[centre] += count
            let share = count / weights[centre]
            for index in centre * width..<(centre + 1) * width {
                centres[index] += share * (batch.values[index] / count - centres[index])
            }
        }
        timings.update += log.now - start
    }

    // MARK: The local phase

    /// Puts the centres into `k` clusters, by what they stand for; the best of several runs.
    private func shrink() -> [Float] {
        let width = settings.featureCount
        let used = weights.indices.filter { weights[$0] > 0 }
        log.shrinking(from: centreCount, to: settings.clusterCount)
        var best: (centres: [Float], inertia: Double)?
        if used.count > settings.clusterCount,
            let matrix = Matrix(
                rowCount: used.count, columnCount: width,
                values: used.flatMap { centres[$0 * width..<($0 + 1) * width].map { Float($0) } })
        {
            let rows = ClusterRows(matrix, weights: used.map { Float(weights[$0]) }, pool: pool)
            let total = used.reduce(0) { $0 + weights[$1] }
            for trial in 0..<settings.trialCount {
                var random = Random(seed: job.seed, stream: UInt64(trial + 1))
                let start = settings.localSeeding.centres(settings.clusterCount, of: rows, random: &random, pool: pool)
                let found = settings.local.run(rows, from: start, count: settings.clusterCount, pool: pool)
                if found.inertia < best?.inertia ?? .infinity { best = (found.centres, found.inertia) }
                log.attempt(trial, meanSquare: found.inertia / total)
                if job.isStopRequested { break }
            }
            tell(best?.inertia ?? 0, total)
        } else {
            // As many centres as clusters, or fewer: they are the clusters, with others that no row is nearest to.
            tell(0, 1)
        }
        if let best { return best.centres }
        let rest = weights.indices.filter { weights[$0] <= 0 }
        return (used + rest).prefix(settings.clusterCount).flatMap { centres[$0 * width..<($0 + 1) * width].map { Float($0) } }
    }

    private func tell(_ sum: Double, _ total: Double) {
        log.shrunk(meanSquare: sum / total)
        for score in settings.scores { log.quality("train", score, score == "ssd" ? sum : sum / total) }
    }

    // MARK: The test channel

    /// How near the rows of the test channel are to the model's centres, over all hosts; nil without such a channel.
    func testScores(of model: KMeansModel) throws -> [(name: String, value: Double)]? {
        guard let channel = job.channel("test") else { return nil }
        var reader = reader(channel)
        var sum = 0.0
        var count = 0.0
        while let examples = try reader.next(blockRowCount) {
            let found = ClusterAssignment.nearest(
                try rows(examples), to: model.centres, count: model.centreCount, pool: pool)
            for distance in found.distances { sum += Double(distance) * Double(distance) }
            count += Double(examples.count)
        }
        var totals = [sum, count]
        try totals.withUnsafeMutableBufferPointer { try job.collectives.allReduce($0) }
        guard totals[1] > 0 else { throw UserError(.emptyChannel(name: channel.name)) }
        return settings.scores.map { ($0, $0 == "ssd" ? totals[0] : totals[0] / totals[1]) }
    }
}

/// What a mini-batch adds up to.
private struct BatchSums {
    /// The sums of rows by centre, [centre][feature], and the numbers of rows.
    var values: [Double]
    var counts: [Double]
    var rowCount = 0.0
    /// The number of hosts that were asked to stop.
    var stops = 0.0

    init(centreCount: Int, featureCount: Int) {
        values = [Double](repeating: 0, count: centreCount * featureCount)
        counts = [Double](repeating: 0, count: centreCount)
    }

    /// Adds up over all hosts.
    mutating func share(_ collectives: any Collectives) throws {
        guard collectives.count > 1 else { return }
        var all = values + counts + [rowCount, stops]
        try all.withUnsafeMutableBufferPointer { try collectives.allReduce($0) }
        stops = all.removeLast()
        rowCount = all.removeLast()
        counts = Array(all.suffix(counts.count))
        values = Array(all.prefix(values.count))
    }
}
