// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// One host's training: data, models, epochs.
struct TrainingRun {
    private let job: TrainingJob
    private let settings: LearnerSettings
    private let log: LearnerLog
    private let pool: ThreadPool
    private let grid: [LinearModelSettings]
    /// The models in groups of as many as are trained side by side.
    private let groups: [LinearModels]
    private let standardization: Standardization
    private let labelMean: Float
    private let labelUnit: Float
    /// What this host shares with the job's other hosts.
    private let collectives: any Collectives
    private let train: ArrangedDataset
    private let validation: ArrangedDataset?
    private let calibration: ArrangedDataset
    private let test: Dataset?
    private var best: (value: Double, snapshots: [LinearModels.Snapshot])?
    /// The epochs that were begun.
    private(set) var epochsRun = 0

    init(_ job: TrainingJob, settings: LearnerSettings, log: LearnerLog) throws {
        self.job = job
        self.settings = settings
        self.log = log
        let collectives = job.collectives
        self.collectives = collectives
        let pool = ThreadPool(threadCount: job.threadCount)
        self.pool = pool
        log.store(hostCount: job.topology.count)
        let channel = try job.requiredChannel("train")
        let data = try Dataset(
            channel, settings: settings, featureCount: settings.featureCount,
            source: "hyperparameter 'feature_dim'", pool: pool, now: { log.now })
        let width = data.features.columnCount
        try collectives.checkWidth(width)
        func optional(_ name: String) throws -> Dataset? {
            try job.channel(name).map {
                try Dataset($0, settings: settings, featureCount: width, source: "channel 'train'", pool: pool, now: { log.now })
            }
        }
        let validationData = try optional("validation")
        test = try optional("test")
        log.dataRead(epoch: 0, seconds: data.readSeconds, batchCount: 1, byteCount: data.byteCount)

        var random = Random(seed: job.seed)
        let order = random.permutation(data.rowCount)
        let rows = try SharedRows(order, of: channel, collectives)
        let scalerRows = rows.statistics(settings.scalerPointCount)
        let standardization = try Standardization.measured(
            data.features, rows: scalerRows, scales: settings.normalizesData, centers: settings.unbiasesData, pool: pool,
            collectives: rows.holders)
        self.standardization = standardization
        (labelMean, labelUnit) = try Self.labelScale(data, rows: scalerRows, settings, rows.holders)
        let (mean, unit) = (labelMean, labelUnit)
        let isScaled = settings.normalizesLabel || settings.unbiasesLabel
        log.scaler(
            featureCount: width, scales: settings.normalizesData, centers: settings.unbiasesData,
            label: isScaled ? (mean, unit) : nil)

        func arranged(_ data: Dataset, _ order: [UInt32], batchSize: Int = 1024, plan: BatchPlan? = nil) -> ArrangedDataset {
            let targets = isScaled ? data.labels.map { ($0 - mean) / unit } : data.labels
            return ArrangedDataset(
                data, targets: targets, order: order, batchSize: batchSize, standardization: standardization, plan: plan, pool: pool
            )
        }
        let plan =
            collectives.count == 1
            ? nil
            : try BatchPlan(
                data.features, standardization: standardization, rowCount: rows.totalCount, batchSize: settings.batchSize,
                collectives: collectives)
        train = arranged(data, rows.own, batchSize: min(settings.batchSize, data.rowCount), plan: plan)
        let validationRows = try validationData.flatMap { data in
            try job.channel("validation").map { try SharedRows((0..<UInt32(data.rowCount)).map { $0 }, of: $0, collectives) }
        }
        validation = validationData.flatMap { data in validationRows.map { arranged(data, $0.own) } }
        let calibrationRowCount = min(settings.calibrationCount, (validationRows ?? rows).totalCount)
        if calibrationRowCount == (validationRows ?? rows).totalCount {
            calibration = validation ?? train
        } else if let validationData, let channel = job.channel("validation") {
            let sample = try SharedRows(random.permutation(validationData.rowCount), of: channel, collectives)
            calibration = arranged(validationData, Array(sample.sample(calibrationRowCount)))
        } else {
            calibration = arranged(data, Array(rows.sample(calibrationRowCount)))
        }

        let positiveCount = data.labels.reduce(0.0) { $0 + ($1 > 0.5 ? 1 : 0) }
        let positives = try rows.holders.sum([positiveCount])[0]
        let ratio = positives == 0 ? 1 : Float(Double(rows.totalCount) - positives) / Float(positives)
        grid = settings.grid(featureCount: width, positiveRatio: settings.predictorType == .binaryClassifier ? max(ratio, 1e-6) : 1)
        groups = try Self.models(
            grid, settings, columnCount: width, labelUnit: unit, classWeights: Self.classWeights(data, settings, rows), &random,
            collectives)
    }

    /// The models at their beginning, which the first host draws for all hosts.
    private static func models(
        _ grid: [LinearModelSettings], _ settings: LearnerSettings, columnCount: Int, labelUnit: Float, classWeights: [Float],
        _ random: inout Random, _ collectives: any Collectives
    ) throws -> [LinearModels] {
        var weights = (0..<grid.count * settings.loss.scoreCount * columnCount).map { _ in settings.initialization.draw(&random) }
        try weights.withUnsafeMutableBufferPointer { try collectives.broadcast($0, from: 0) }
        var rest = weights[...]
        return stride(from: 0, to: grid.count, by: LinearModels.maximumModelCount).map { first in
            LinearModels(
                settings: Array(grid[first..<min(first + LinearModels.maximumModelCount, grid.count)]),
                loss: settings.loss.rescaled(by: labelUnit), columnCount: columnCount, optimizer: settings.optimizer,
                bias: settings.bias, classWeights: classWeights, initialWeight: { rest.popFirst() ?? 0 })
        }
    }

    /// What is subtracted from a regressor's labels and what they are then divided by.
    private static func labelScale(
        _ data: Dataset, rows: ArraySlice<UInt32>, _ settings: LearnerSettings, _ holders: any Collectives
    ) throws -> (Float, Float) {
        guard settings.normalizesLabel || settings.unbiasesLabel else { return (0, 1) }
        let sums = try holders.sum([rows.reduce(0.0) { $0 + Double(data.labels[Int($1)]) }, Double(rows.count)])
        guard sums[1] > 0 else { return (0, 1) }
        let mean = sums[0] / sums[1]
        let ownSquares = rows.reduce(0.0) {
            let difference = Double(data.labels[Int($1)]) - mean
            return $0 + difference * difference
        }
        let deviation = Float((try holders.sum([ownSquares])[0] / sums[1]).squareRoot())
        return (settings.unbiasesLabel ? Float(mean) : 0, settings.normalizesLabel && deviation > 0 ? deviation : 1)
    }

    /// Classes weigh as if each had the same number of rows, where that is asked for.
    private static func classWeights(_ data: Dataset, _ settings: LearnerSettings, _ rows: SharedRows) throws -> [Float] {
        guard case .softmax(let classCount) = settings.loss, settings.balancesClasses else { return [] }
        var counts = [Double](repeating: 0, count: classCount)
        for label in data.labels { counts[Int(label)] += 1 }
        return try rows.holders.sum(counts).map { $0 == 0 ? 1 : Float(rows.totalCount) / Float(Double(classCount) * $0) }
    }

    /// Losses as the kernels sum them, in the labels' units.
    private var lossScale: Double { settings.loss.scale(forUnit: labelUnit) }

    // MARK: Epochs

    /// Trains until the epochs are over, nothing gets better, or the job is to stop.
    mutating func run() throws {
        var reference: Double?
        var epochsWithoutGain = 0
        for epoch in 0..<settings.epochCount {
            // All hosts stop if one is to stop.
            if epoch > 0, try collectives.sum([job.isStopRequested ? 1 : 0])[0] > 0 { break }
            let value = try runEpoch(epoch)
            epochsRun = epoch + 1
            if best.map({ value > $0.value }) ?? true {
                best = (value, groups.map { $0.snapshot() })
                log.improved(epoch: epoch)
            }
            if let old = reference, !(value > old + settings.tolerance * abs(old)) {
                epochsWithoutGain += 1
                log.notImproved(epoch: epoch, epochCount: epochsWithoutGain)
            } else {
                reference = value
                epochsWithoutGain = 0
            }
            log.epochEnd(
                epoch: epoch, epochCount: settings.epochCount, batchCount: train.batches.batchCount,
                rowCount: train.batches.rowCount, start: epochStart)
            if epochsWithoutGain >= settings.patience, epoch + 1 < settings.epochCount {
                log.stoppedEarly(epoch: epoch, patience: settings.patience)
                break
            }
        }
    }

    private var epochStart = 0.0

    /// One epoch; gives what early stopping watches, the larger the better.
    private mutating func runEpoch(_ epoch: Int) throws -> Double {
        epochStart = log.now
        var random = Random(seed: job.seed, stream: UInt64(epoch + 1))
        let order = random.permutation(train.batches.batchCount).map { Int($0) }
        let schedule = settings.schedule
        let stopFlag = job.stopFlag
        var losses: [Double] = []
        for group in groups {
            losses += try group.trainEpoch(
                train.batches, batchOrder: order, rate: { schedule?.rate($0, step: $1) ?? $0 }, pool: pool,
                collectives: collectives, shouldStop: { stopFlag.isSet })
        }
        losses = losses.map { $0 * lossScale }
        log.dataRead(
            epoch: epoch + 1, seconds: log.now - epochStart, batchCount: train.batches.batchCount,
            byteCount: 4 * train.batches.rowCount * (train.batches.columnCount + 1))
        log.objective(settings.objectiveName, channel: "train", epoch: epoch, losses: losses, start: epochStart)
        var criterion = settings.objectiveName
        var value = -(losses.filter(\.isFinite).min() ?? .infinity)
        if let validation {
            let found = try evaluate(validation)
            losses = found.losses
            log.objective(settings.objectiveName, channel: "validation", epoch: epoch, losses: losses, start: epochStart)
            value = -(losses.filter(\.isFinite).min() ?? .infinity)
            if settings.predictorType == .binaryClassifier, let name = settings.criterion.logName {
                criterion = name
                value = found.thresholds.map(\.value).max() ?? value
            }
        }
        log.earlyStopping(epoch: epoch, criterion: criterion, value: criterion == settings.objectiveName ? -value : value)
        return value
    }

    /// Every model's loss over all hosts' rows, in the labels' units, and for two classes its best threshold.
    private func evaluate(_ data: ArrangedDataset) throws -> (losses: [Double], thresholds: [Threshold]) {
        var losses: [Double] = []
        var thresholds: [Threshold] = []
        for group in groups {
            guard settings.predictorType == .binaryClassifier else {
                losses += group.evaluate(data.batches, pool: pool)
                continue
            }
            let histograms = ScoreHistograms(modelCount: group.modelCount)
            losses += group.evaluate(data.batches, pool: pool) { rows, scores, _, lanes in
                histograms.add(scores: scores, lanes: lanes, labels: data.labels[rows])
            }
            try histograms.share(collectives)
            thresholds += (0..<group.modelCount).map { histograms.threshold(model: $0, by: settings.criterion) }
        }
        return (try shared(losses, of: data.batches).map { $0 * lossScale }, thresholds)
    }

    /// Means over all hosts' rows, from this host's means over its own.
    private func shared(_ means: [Double], of batches: FeatureBatches) throws -> [Double] {
        guard collectives.count > 1 else { return means }
        let rowCount = Double(batches.rowCount)
        let sums = try collectives.sum(means.map { $0 * rowCount } + [rowCount])
        return sums.dropLast().map { $0 / max(1, sums[means.count]) }
    }

    // MARK: The end

    /// Chooses the best model, tells its quality, and gives it.
    func finish() throws -> LinearModel {
        if collectives.count == 1 { log.workersNotSynchronized() }
        if let best {
            for (group, snapshot) in zip(groups, best.snapshots) { group.restore(snapshot) }
        }
        let found = try evaluate(calibration)
        guard let winner = try winner(found.losses, found.thresholds) else {
            throw AlgorithmError(
                "training diverged: the loss of every model is no longer a finite number; a smaller learning_rate may help")
        }
        let group = groups[winner / LinearModels.maximumModelCount]
        let lane = winner % LinearModels.maximumModelCount
        var threshold: Float = 0
        if settings.predictorType == .binaryClassifier {
            let scores = try scores(of: group, lane, calibration.batches).scores
            threshold = try BinaryScores(scores: gathered(scores), labels: gathered(calibration.labels))
                .threshold(by: settings.criterion).score
        }
        log.scores(
            validation == nil ? "train" : "validation", try qualities(of: group, lane, validation ?? train, threshold: threshold))
        log.bestModel(hyperparameters(of: grid[winner]))
        try tellTestScores(group, lane, threshold: threshold)
        var coefficients = group.coefficients(model: lane, standardization: standardization)
        for index in coefficients.weights.indices { coefficients.weights[index] *= labelUnit }
        for index in coefficients.biases.indices {
            coefficients.biases[index] = coefficients.biases[index] * labelUnit + labelMean
        }
        return LinearModel(
            predictorType: settings.predictorType, isProbabilistic: settings.loss == .logistic,
            featureCount: train.batches.columnCount, threshold: threshold, coefficients: coefficients)
    }

    /// The model with the least loss on validation rows, among those that the criterion cannot tell from the best: values within two
    /// standard errors are alike.
    ///
    /// On training rows, where a small loss may be learned by heart, it is the one with the smallest weights, the simplest of those alike
    /// (Breiman, Friedman, Olshen, Stone: "Classification and regression trees", 1984, have this rule with one standard error).
    private func winner(_ losses: [Double], _ thresholds: [Threshold]) throws -> Int? {
        var candidates = losses.indices.filter { losses[$0].isFinite }
        var costs = losses
        if settings.predictorType == .binaryClassifier, settings.criterion != .loss {
            let best = candidates.map { thresholds[$0].value }.max() ?? 0
            let ownCount = Double(calibration.batches.rowCount)
            let ownPositives = calibration.labels.reduce(0.0) { $0 + ($1 > 0.5 ? 1 : 0) }
            let count = max(1, try collectives.sum([settings.criterion == .accuracy ? ownCount : ownPositives])[0])
            let share = min(max(best, 0), 1)
            let standardError = max((share * (1 - share) / count).squareRoot(), 1 / count)
            let least = best < 0 ? best : max(0, best - 2 * standardError)
            candidates = candidates.filter { thresholds[$0].value >= least }
            if validation == nil { costs = groups.flatMap { $0.squaredNorms() } }
        }
        return candidates.min { costs[$0] != costs[$1] ? costs[$0] < costs[$1] : $0 < $1 }
    }

    private func tellTestScores(_ group: LinearModels, _ lane: Int, threshold: Float) throws {
        guard let test, let channel = job.channel("test") else { return log.noTestData() }
        let rows = try SharedRows((0..<UInt32(test.rowCount)).map { $0 }, of: channel, collectives)
        let targets = test.labels.map { ($0 - labelMean) / labelUnit }
        let arranged = ArrangedDataset(
            test, targets: targets, order: rows.own, batchSize: 1024, standardization: standardization, pool: pool)
        log.scores("test", try qualities(of: group, lane, arranged, threshold: threshold))
    }

    /// All hosts' values, in the order of their ranks.
    private func gathered(_ values: [Float]) throws -> [Float] {
        guard collectives.count > 1 else { return values }
        return try collectives.allGather(values.map { Double($0) }).flatMap { $0.map { Float($0) } }
    }

    /// One model's scores for this host's rows, row after row, and its mean loss over all hosts'.
    private func scores(of group: LinearModels, _ lane: Int, _ batches: FeatureBatches) throws -> (scores: [Float], loss: Double) {
        let scoreCount = group.scoreCount
        var loss = 0.0
        let scores = [Float](unsafeUninitializedCapacity: batches.rowCount * scoreCount) { out, count in
            let target = out
            loss =
                group.evaluate(batches, pool: pool) { rows, scores, planeStride, lanes in
                    for (index, row) in rows.enumerated() {
                        for score in 0..<scoreCount {
                            target[row * scoreCount + score] = scores[score * planeStride + index * lanes + lane]
                        }
                    }
                }[lane]
            count = batches.rowCount * scoreCount
        }
        return (scores, try shared([loss], of: batches)[0] * lossScale)
    }

    private func qualities(
        of group: LinearModels, _ lane: Int, _ data: ArrangedDataset, threshold: Float
    ) throws -> [LearnerLog.Quality] {
        let (scores, loss) = try scores(of: group, lane, data.batches)
        let objective = LearnerLog.Quality.loss(settings.objectiveName, loss)
        switch settings.predictorType {
        case .binaryClassifier:
            return [objective]
                + Quality.binary(
                    scores: try gathered(scores), labels: try gathered(data.labels), threshold: threshold, beta: settings.fBeta)
        case .multiclassClassifier:
            return [objective]
                + (try Quality.multiclass(
                    scores: scores, labels: data.labels, classCount: group.scoreCount, topK: settings.topK,
                    beta: settings.fBeta, collectives: collectives))
        case .regressor:
            return [objective]
                + (try Quality.regression(
                    scores: scores.map { $0 * labelUnit + labelMean }, labels: data.labels, collectives: collectives))
        }
    }

    private func hyperparameters(of model: LinearModelSettings) -> [(String, String)] {
        func text(_ value: Float) -> String { PythonNumber.representation(of: Double("\(value)") ?? Double(value)) }
        var pairs: [(String, String)] = []
        if let schedule = settings.schedule { pairs.append(("lr_scheduler_step", "\(schedule.stepCount)")) }
        pairs += [("wd", text(model.weightDecay)), ("optimizer", "\"\(settings.optimizerName)\"")]
        if let schedule = settings.schedule {
            pairs.append(("lr_scheduler_factor", PythonNumber.representation(of: schedule.factor)))
        }
        pairs += [("l1", text(model.l1)), ("learning_rate", text(model.learningRate))]
        if let schedule = settings.schedule {
            pairs.append(("lr_scheduler_minimum_lr", PythonNumber.representation(of: schedule.minimumRate)))
        }
        return pairs
    }
}
