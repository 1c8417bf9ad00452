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
        let pool = ThreadPool(threadCount: job.threadCount)
        self.pool = pool
        log.store(hostCount: job.topology.count)
        let data = try Dataset(
            job.requiredChannel("train"), settings: settings, featureCount: settings.featureCount,
            source: "hyperparameter 'feature_dim'", pool: pool, now: { log.now })
        let width = data.features.columnCount
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
        let scalerRows = order.prefix(settings.scalerPointCount)
        standardization = .measured(
            data.features, rows: scalerRows, scales: settings.normalizesData, centers: settings.unbiasesData, pool: pool)
        (labelMean, labelUnit) = Self.labelScale(data, rows: scalerRows, settings)
        let (mean, unit) = (labelMean, labelUnit)
        let isScaled = settings.normalizesLabel || settings.unbiasesLabel
        log.scaler(
            featureCount: width, scales: settings.normalizesData, centers: settings.unbiasesData,
            label: isScaled ? (mean, unit) : nil)

        let standardization = standardization
        func arranged(_ data: Dataset, _ order: [UInt32], batchSize: Int) -> ArrangedDataset {
            let targets = isScaled ? data.labels.map { ($0 - mean) / unit } : data.labels
            return ArrangedDataset(
                data, targets: targets, order: order, batchSize: batchSize, standardization: standardization, pool: pool)
        }
        let batchSize = min(settings.batchSize, data.rowCount)
        train = arranged(data, order, batchSize: batchSize)
        validation = validationData.map { arranged($0, (0..<UInt32($0.rowCount)).map { $0 }, batchSize: 1024) }
        let calibrationCount = min(settings.calibrationCount, (validationData ?? data).rowCount)
        if let validation, calibrationCount == validation.batches.rowCount {
            calibration = validation
        } else if validationData == nil, calibrationCount == data.rowCount {
            calibration = train
        } else {
            let source = validationData ?? data
            let sample = validationData == nil ? order : random.permutation(source.rowCount)
            calibration = arranged(source, Array(sample.prefix(calibrationCount)), batchSize: 1024)
        }

        let positives = data.labels.reduce(0) { $0 + ($1 > 0.5 ? 1 : 0) }
        let ratio = positives == 0 ? 1 : Float(data.rowCount - positives) / Float(positives)
        grid = settings.grid(featureCount: width, positiveRatio: settings.predictorType == .binaryClassifier ? max(ratio, 1e-6) : 1)
        let classWeights = Self.classWeights(data, settings)
        let models = grid
        groups = stride(from: 0, to: models.count, by: LinearModels.maximumModelCount).map { first in
            LinearModels(
                settings: Array(models[first..<min(first + LinearModels.maximumModelCount, models.count)]),
                loss: settings.loss.rescaled(by: unit), columnCount: width, optimizer: settings.optimizer, bias: settings.bias,
                classWeights: classWeights, initialWeight: { settings.initialization.draw(&random) })
        }
    }

    /// What is subtracted from a regressor's labels and what they are then divided by.
    private static func labelScale(_ data: Dataset, rows: ArraySlice<UInt32>, _ settings: LearnerSettings) -> (Float, Float) {
        guard settings.normalizesLabel || settings.unbiasesLabel, !rows.isEmpty else { return (0, 1) }
        let mean = rows.reduce(0.0) { $0 + Double(data.labels[Int($1)]) } / Double(rows.count)
        let squares = rows.reduce(0.0) {
            let difference = Double(data.labels[Int($1)]) - mean
            return $0 + difference * difference
        }
        let deviation = Float((squares / Double(rows.count)).squareRoot())
        return (settings.unbiasesLabel ? Float(mean) : 0, settings.normalizesLabel && deviation > 0 ? deviation : 1)
    }

    /// Classes weigh as if each had the same number of rows, where that is asked for.
    private static func classWeights(_ data: Dataset, _ settings: LearnerSettings) -> [Float] {
        guard case .softmax(let classCount) = settings.loss, settings.balancesClasses else { return [] }
        var counts = [Int](repeating: 0, count: classCount)
        for label in data.labels { counts[Int(label)] += 1 }
        return counts.map { $0 == 0 ? 1 : Float(data.rowCount) / Float(classCount * $0) }
    }

    /// Losses as the kernels sum them, in the labels' units.
    private var lossScale: Double { settings.loss.scale(forUnit: labelUnit) }

    // MARK: Epochs

    /// Trains until the epochs are over, nothing gets better, or the job is to stop.
    mutating func run() throws {
        var reference: Double?
        var epochsWithoutGain = 0
        for epoch in 0..<settings.epochCount {
            if job.isStopRequested, epoch > 0 { break }
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
                shouldStop: { stopFlag.isSet })
        }
        losses = losses.map { $0 * lossScale }
        log.dataRead(
            epoch: epoch + 1, seconds: log.now - epochStart, batchCount: train.batches.batchCount,
            byteCount: 4 * train.batches.rowCount * (train.batches.columnCount + 1))
        log.objective(settings.objectiveName, channel: "train", epoch: epoch, losses: losses, start: epochStart)
        var criterion = settings.objectiveName
        var value = -(losses.filter(\.isFinite).min() ?? .infinity)
        if let validation {
            let found = evaluate(validation)
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

    /// Every model's loss, in the labels' units, and for two classes its best threshold.
    private func evaluate(_ data: ArrangedDataset) -> (losses: [Double], thresholds: [Threshold]) {
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
            thresholds += (0..<group.modelCount).map { histograms.threshold(model: $0, by: settings.criterion) }
        }
        return (losses.map { $0 * lossScale }, thresholds)
    }

    // MARK: The end

    /// Chooses the best model, tells its quality, and gives it.
    func finish() throws -> LinearModel {
        log.workersNotSynchronized()
        if let best {
            for (group, snapshot) in zip(groups, best.snapshots) { group.restore(snapshot) }
        }
        let found = evaluate(calibration)
        guard let winner = winner(found.losses, found.thresholds) else {
            throw AlgorithmError(
                "training diverged: the loss of every model is no longer a finite number; a smaller learning_rate may help")
        }
        let group = groups[winner / LinearModels.maximumModelCount]
        let lane = winner % LinearModels.maximumModelCount
        var threshold: Float = 0
        if settings.predictorType == .binaryClassifier {
            let scores = scores(of: group, lane, calibration.batches).scores
            threshold = BinaryScores(scores: scores, labels: calibration.labels).threshold(by: settings.criterion).score
        }
        log.scores(
            validation == nil ? "train" : "validation", qualities(of: group, lane, validation ?? train, threshold: threshold))
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
    private func winner(_ losses: [Double], _ thresholds: [Threshold]) -> Int? {
        var candidates = losses.indices.filter { losses[$0].isFinite }
        var costs = losses
        if settings.predictorType == .binaryClassifier, settings.criterion != .loss {
            let best = candidates.map { thresholds[$0].value }.max() ?? 0
            let rowCount = calibration.batches.rowCount
            let positiveCount = calibration.labels.reduce(0) { $0 + ($1 > 0.5 ? 1 : 0) }
            let count = Double(max(1, settings.criterion == .accuracy ? rowCount : positiveCount))
            let share = min(max(best, 0), 1)
            let standardError = max((share * (1 - share) / count).squareRoot(), 1 / count)
            let least = best < 0 ? best : max(0, best - 2 * standardError)
            candidates = candidates.filter { thresholds[$0].value >= least }
            if validation == nil { costs = groups.flatMap { $0.squaredNorms() } }
        }
        return candidates.min { costs[$0] != costs[$1] ? costs[$0] < costs[$1] : $0 < $1 }
    }

    private func tellTestScores(_ group: LinearModels, _ lane: Int, threshold: Float) throws {
        guard let test else { return log.noTestData() }
        let targets = test.labels.map { ($0 - labelMean) / labelUnit }
        let arranged = ArrangedDataset(
            test, targets: targets, order: (0..<UInt32(test.rowCount)).map { $0 }, batchSize: 1024,
            standardization: standardization, pool: pool)
        log.scores("test", qualities(of: group, lane, arranged, threshold: threshold))
    }

    /// One model's scores, row after row, and its mean loss.
    private func scores(of group: LinearModels, _ lane: Int, _ batches: FeatureBatches) -> (scores: [Float], loss: Double) {
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
        return (scores, loss * lossScale)
    }

    private func qualities(
        of group: LinearModels, _ lane: Int, _ data: ArrangedDataset, threshold: Float
    ) -> [LearnerLog.Quality] {
        let (scores, loss) = scores(of: group, lane, data.batches)
        let objective = LearnerLog.Quality.loss(settings.objectiveName, loss)
        switch settings.predictorType {
        case .binaryClassifier:
            return [objective]
                + Quality.binary(scores: scores, labels: data.labels, threshold: threshold, beta: settings.fBeta)
        case .multiclassClassifier:
            return [objective]
                + Quality.multiclass(
                    scores: scores, labels: data.labels, classCount: group.scoreCount, topK: settings.topK,
                    beta: settings.fBeta)
        case .regressor:
            return [objective]
                + Quality.regression(scores: scores.map { $0 * labelUnit + labelMean }, labels: data.labels)
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
