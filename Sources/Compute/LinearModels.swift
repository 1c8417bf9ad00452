// SPDX-License-Identifier: Apache-2.0

import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What sets one of several models trained side by side apart from the others.
public struct LinearModelSettings: Sendable, Equatable {
    /// The step size before the schedule's factor.
    public var learningRate: Float
    /// The strength of the squared (L2) penalty on weights.
    public var weightDecay: Float
    /// The strength of the absolute (L1) penalty on weights.
    public var l1: Float
    /// What an example of a positive label weighs against one of a negative label.
    public var positiveWeight: Float

    /// Makes one from its parts.
    public init(learningRate: Float, weightDecay: Float = 0, l1: Float = 0, positiveWeight: Float = 1) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.l1 = l1
        self.positiveWeight = positiveWeight
    }
}

/// How biases are learned.
public struct BiasSettings: Sendable, Equatable {
    /// Whether there are biases at all.
    public var isUsed: Bool
    /// The value they start from.
    public var initialValue: Float
    /// Their learning rate over the weights'.
    public var learningRateMultiplier: Float
    /// Their L2 penalty over the weights'.
    public var weightDecayMultiplier: Float

    /// Makes one from its parts.
    public init(
        isUsed: Bool = true, initialValue: Float = 0, learningRateMultiplier: Float = 1, weightDecayMultiplier: Float = 0
    ) {
        self.isUsed = isUsed
        self.initialValue = initialValue
        self.learningRateMultiplier = learningRateMultiplier
        self.weightDecayMultiplier = weightDecayMultiplier
    }
}

/// One model for raw features: score k is the sum of `weights[k * columnCount + c] * x[c]` over c, plus `biases[k]`.
public struct LinearCoefficients: Sendable, Equatable {
    /// `scoreCount * columnCount` weights, score after score.
    public var weights: [Float]
    /// One bias a score.
    public var biases: [Float]

    /// Makes one from its parts.
    public init(weights: [Float], biases: [Float]) {
        self.weights = weights
        self.biases = biases
    }
}

/// Up to 32 linear models that are trained in one pass over the data, each with settings of its own.
///
/// One model is one lane of the vectors that the kernels work on. Results depend on the seed and the order of batches, not on
/// the number of threads: sums are taken over tiles and columns in a fixed order.
public final class LinearModels {
    /// The most models that are trained side by side.
    public static let maximumModelCount = KERNEL_MAX_LANES

    /// The number of models.
    public let modelCount: Int
    /// The scores a model has for a row.
    public let scoreCount: Int
    /// The number of features.
    public let columnCount: Int
    /// The loss that is minimised.
    public let loss: LinearLoss

    let lanes: Int
    private let settings: [LinearModelSettings]
    private let bias: BiasSettings
    private let optimizer: Optimizer
    private let positiveWeights: AlignedBuffer<Float>
    private let classWeights: AlignedBuffer<Float>
    // [scoreCount][columnCount][lanes]
    private let weights: AlignedBuffer<Float>
    private let folded: AlignedBuffer<Float>
    private let gradient: AlignedBuffer<Float>
    private let first: AlignedBuffer<Float>
    private let second: AlignedBuffer<Float>
    // [scoreCount][lanes]
    private let biases: AlignedBuffer<Float>
    private let foldedBiases: AlignedBuffer<Float>
    private let biasGradient: AlignedBuffer<Float>
    private let biasFirst: AlignedBuffer<Float>
    private let biasSecond: AlignedBuffer<Float>
    // The means of weights and biases over the last epoch: what is evaluated.
    private let meanWeights: AlignedBuffer<Float>
    private let meanBiases: AlignedBuffer<Float>
    // Four arrays of lanes: rates, decays, l1, zeros; the same for biases.
    private let stepLanes: AlignedBuffer<Float>
    private let biasStepLanes: AlignedBuffer<Float>
    /// The steps taken so far.
    public private(set) var stepCount = 0
    private var errors = AlignedBuffer<Float>(count: 0)
    private var tileLosses = AlignedBuffer<Double>(count: 0)
    private var tileBiasGradients = AlignedBuffer<Float>(count: 0)
    private var groupShifts = AlignedBuffer<Float>(count: 0)

    /// Makes models whose weights `initialWeight` gives, model by model, score by score, column by column.
    ///
    /// At most ``maximumModelCount`` of the settings are taken. `classWeights` are for softmax; one a class, or empty for 1.
    public init(
        settings: [LinearModelSettings], loss: LinearLoss, columnCount: Int, optimizer: Optimizer, bias: BiasSettings,
        classWeights: [Float] = [], initialWeight: () -> Float
    ) {
        let settings = Array(settings.prefix(Self.maximumModelCount))
        self.settings = settings
        modelCount = settings.count
        self.loss = loss
        scoreCount = loss.scoreCount
        self.columnCount = columnCount
        self.optimizer = optimizer
        self.bias = bias
        lanes = settings.count <= 16 ? 16 : 32
        let size = scoreCount * columnCount * lanes
        weights = AlignedBuffer(count: size)
        folded = AlignedBuffer(count: size)
        gradient = AlignedBuffer(count: size)
        first = AlignedBuffer(count: size)
        second = AlignedBuffer(count: size)
        biases = AlignedBuffer(count: scoreCount * lanes)
        foldedBiases = AlignedBuffer(count: scoreCount * lanes)
        biasGradient = AlignedBuffer(count: scoreCount * lanes)
        biasFirst = AlignedBuffer(count: scoreCount * lanes)
        biasSecond = AlignedBuffer(count: scoreCount * lanes)
        meanWeights = AlignedBuffer(count: size)
        meanBiases = AlignedBuffer(count: scoreCount * lanes)
        stepLanes = AlignedBuffer(count: 4 * lanes)
        biasStepLanes = AlignedBuffer(count: 4 * lanes)
        positiveWeights = AlignedBuffer(count: lanes)
        self.classWeights = AlignedBuffer(
            classWeights.count == scoreCount ? classWeights : [Float](repeating: 1, count: scoreCount))
        for (model, own) in settings.enumerated() {
            positiveWeights.start[model] = own.positiveWeight
            stepLanes.start[lanes + model] = own.weightDecay
            stepLanes.start[2 * lanes + model] = own.l1
            biasStepLanes.start[lanes + model] = own.weightDecay * bias.weightDecayMultiplier
            for score in 0..<scoreCount {
                if bias.isUsed { biases.start[score * lanes + model] = bias.initialValue }
                for column in 0..<columnCount {
                    weights.start[(score * columnCount + column) * lanes + model] = initialWeight()
                }
            }
        }
        meanWeights.copy(from: weights)
        meanBiases.copy(from: biases)
    }

    // MARK: Training

    /// Goes once over the batches in the given order and returns every model's mean loss over the rows, as they were met.
    ///
    /// What `evaluate`, `snapshot` and `coefficients` then tell of is the mean of the weights along the way (Polyak and Juditsky,
    /// "Acceleration of stochastic approximation by averaging", 1992): it is free of the noise that large steps leave in the last ones.
    /// `rate` gives a step's learning rate, from a model's own rate and the number of steps before. Stops early, with the mean so
    /// far, when `shouldStop` says so. Of several hosts each brings a part of every batch, by a ``BatchPlan`` and the same order of
    /// batches; they stop together, and losses are those of all rows.
    public func trainEpoch(
        _ batches: FeatureBatches, batchOrder: [Int], rate: (Float, Int) -> Float, pool: ThreadPool,
        collectives: any Collectives = SingleProcess(), shouldStop: () -> Bool = { false }
    ) throws -> [Double] {
        let standardization = batches.foldedStandardization
        fold(weights, biases, standardization)
        var losses = [Double](repeating: 0, count: lanes + 1)
        let interval = (batchOrder.count + Self.averagedSteps - 1) / Self.averagedSteps
        var summed = 0
        let rowCounts = try collectives.sum(batchOrder.map { Double(batches.rowCount(ofBatch: $0)) })
        var stops = collectives.count == 1 && shouldStop()
        for (index, batch) in batchOrder.enumerated() where !stops {
            score(batches.batchTiles[batch], batches, scale: Float(1 / max(1, rowCounts[index])), pool: pool, visit: nil)
            stops = try trainBatch(batch, batches, standardization, rate, pool, collectives, shouldStop(), &losses)
            if (batchOrder.count - 1 - index) % interval == 0 {
                Self.add(weights, to: meanWeights, isFirst: summed == 0)
                Self.add(biases, to: meanBiases, isFirst: summed == 0)
                summed += 1
            }
        }
        if summed > 1 {
            for i in 0..<meanWeights.count { meanWeights.start[i] /= Float(summed) }
            for i in 0..<meanBiases.count { meanBiases.start[i] /= Float(summed) }
        }
        return losses.prefix(modelCount).map { $0 / max(1, losses[lanes]) }
    }

    /// So many steps of an epoch are averaged, spread evenly.
    private static let averagedSteps = 64

    private static func add(_ values: AlignedBuffer<Float>, to sum: AlignedBuffer<Float>, isFirst: Bool) {
        if isFirst { return sum.copy(from: values) }
        let target = sum.start
        let source = values.start
        for i in 0..<values.count { target[i] += source[i] }
    }

    /// One step, from the scores of a batch; gives whether to stop.
    private func trainBatch(
        _ batch: Int, _ batches: FeatureBatches, _ standardization: Standardization, _ rate: (Float, Int) -> Float,
        _ pool: ThreadPool, _ collectives: any Collectives, _ shouldStop: Bool, _ losses: inout [Double]
    ) throws -> Bool {
        let tiles = batches.batchTiles[batch]
        var total = [Double](repeating: 0, count: lanes + 1)
        total[lanes] = Double(batches.rowCount(ofBatch: batch))
        sumTiles(tiles.count, losses: &total)
        prepareStep(rate)
        stepCount += 1
        let groups = columnGroups()
        let shiftCount = groups.count * scoreCount * lanes
        if groupShifts.count < shiftCount { groupShifts = AlignedBuffer(count: shiftCount) }
        groupShifts.elements.update(repeating: 0)
        var stops = shouldStop
        if collectives.count == 1 {
            pool.parallelFor(groups.count * scoreCount) { task in
                accumulate(task, groups, tiles, batches)
                step(task, groups, standardization)
            }
        } else {
            pool.parallelFor(groups.count * scoreCount) { task in accumulate(task, groups, tiles, batches) }
            try collectives.allReduce(gradient.elements)
            // Everything small goes with one message.
            let small = try collectives.sum(total + [shouldStop ? 1 : 0] + biasGradient.elements.map { Double($0) })
            total = Array(small[...lanes])
            stops = small[lanes + 1] > 0
            for place in 0..<biasGradient.count { biasGradient.start[place] = Float(small[lanes + 2 + place]) }
            pool.parallelFor(groups.count * scoreCount) { task in step(task, groups, standardization) }
        }
        stepBiases(groupCount: groups.count)
        for lane in 0...lanes { losses[lane] += total[lane] }
        return stops
    }

    /// Columns are worked on in groups of a size that keeps a group's gradient in the first-level cache.
    private func columnGroups() -> [Range<Int>] {
        let size = max(64, (columnCount + 511) / 512)
        return stride(from: 0, to: columnCount, by: size).map { $0..<min($0 + size, columnCount) }
    }

    /// Fills `errors` with the gradients of the losses by the scores, tile by tile, [tile][score][row][lane].
    ///
    /// `visit` sees the scores of a tile before: the rows' positions, the scores, and how far apart a row's scores lie.
    private func score(
        _ tiles: Range<Int>, _ batches: FeatureBatches, scale: Float, pool: ThreadPool,
        visit: ((Range<Int>, UnsafePointer<Float>, Int) -> Void)?
    ) {
        let tileSize = KERNEL_TILE_ROWS * scoreCount * lanes
        if errors.count < tiles.count * tileSize { errors = AlignedBuffer(count: tiles.count * tileSize, zeroed: false) }
        if tileLosses.count < tiles.count * lanes { tileLosses = AlignedBuffer(count: tiles.count * lanes) }
        let biasSize = scoreCount * lanes
        if tileBiasGradients.count < tiles.count * biasSize { tileBiasGradients = AlignedBuffer(count: tiles.count * biasSize) }
        (tileLosses.start).update(repeating: 0, count: tiles.count * lanes)
        (tileBiasGradients.start).update(repeating: 0, count: tiles.count * biasSize)
        pool.parallelFor(tiles.count) { index in
            let rows = batches.tiles[tiles.lowerBound + index]
            let scores = errors.start + index * tileSize
            let planeStride = rows.count * lanes
            for k in 0..<scoreCount {
                let plane = scores + k * planeStride
                for row in 0..<rows.count { (plane + row * lanes).update(from: foldedBiases.start + k * lanes, count: lanes) }
                batches.forward(
                    tiles.lowerBound + index, weights: folded.start + k * columnCount * lanes, scores: plane, lanes: lanes)
            }
            visit?(rows, scores, planeStride)
            let labels = batches.labels.start + rows.lowerBound
            let losses = tileLosses.start + index * lanes
            let biasGradients = tileBiasGradients.start + index * biasSize
            if var parameters = loss.parameters {
                KernelTable.best.lossGradient(
                    &parameters, scores, labels, positiveWeights.start, scale, rows.count, lanes, losses, biasGradients)
            } else {
                KernelTable.best.softmaxGradient(
                    scores, planeStride, scoreCount, labels, classWeights.start, scale, rows.count, lanes, losses, biasGradients)
            }
        }
    }

    private func sumTiles(_ count: Int, losses: inout [Double]) {
        biasGradient.elements.update(repeating: 0)
        for tile in 0..<count {
            for lane in 0..<lanes { losses[lane] += tileLosses.start[tile * lanes + lane] }
            let part = tileBiasGradients.start + tile * scoreCount * lanes
            for lane in 0..<scoreCount * lanes { biasGradient.start[lane] += part[lane] }
        }
    }

    private func accumulate(_ task: Int, _ groups: [Range<Int>], _ tiles: Range<Int>, _ batches: FeatureBatches) {
        let score = task / groups.count
        let columns = groups[task % groups.count]
        let target = gradient.start + (score * columnCount + columns.lowerBound) * lanes
        target.update(repeating: 0, count: columns.count * lanes)
        for (index, tile) in tiles.enumerated() {
            let tileErrors = errors.start + index * KERNEL_TILE_ROWS * scoreCount * lanes
            batches.backward(
                tile, columns: columns, errors: tileErrors + score * batches.tiles[tile].count * lanes, gradient: target,
                lanes: lanes)
        }
    }

    private func prepareStep(_ rate: (Float, Int) -> Float) {
        let correction = optimizer.correction(step: stepCount + 1)
        for (model, own) in settings.enumerated() {
            stepLanes.start[model] = rate(own.learningRate, stepCount) * correction
            biasStepLanes.start[model] = stepLanes.start[model] * bias.learningRateMultiplier
        }
    }

    private func step(_ task: Int, _ groups: [Range<Int>], _ standardization: Standardization) {
        let score = task / groups.count
        let columns = groups[task % groups.count]
        let place = (score * columnCount + columns.lowerBound) * lanes
        var parameters = optimizer.parameters(
            rates: stepLanes.start, weightDecays: stepLanes.start + lanes, l1: stepLanes.start + 2 * lanes)
        standardization.mean.withUnsafeBufferPointer { mean in
            standardization.inverseDeviation.withUnsafeBufferPointer { inverse in
                guard let mean = mean.baseAddress, let inverse = inverse.baseAddress else { return }
                KernelTable.best.step(
                    &parameters, weights.start + place, gradient.start + place, first.start + place, second.start + place,
                    mean + columns.lowerBound, inverse + columns.lowerBound, biasGradient.start + score * lanes, columns.count,
                    lanes, folded.start + place, groupShifts.start + task * lanes)
            }
        }
    }

    private func stepBiases(groupCount: Int) {
        if bias.isUsed {
            var parameters = optimizer.parameters(
                rates: biasStepLanes.start, weightDecays: biasStepLanes.start + lanes, l1: biasStepLanes.start + 2 * lanes)
            let zeros = stepLanes.start + 3 * lanes
            var mean: Float = 0
            var inverse: Float = 1
            // The shift of a column of mean 0 is 0: it may be added to any array of lanes.
            for score in 0..<scoreCount {
                let place = score * lanes
                KernelTable.best.step(
                    &parameters, biases.start + place, biasGradient.start + place, biasFirst.start + place,
                    biasSecond.start + place, &mean, &inverse, zeros, 1, lanes, foldedBiases.start + place,
                    biasStepLanes.start + 3 * lanes)
            }
        }
        for score in 0..<scoreCount {
            for lane in 0..<lanes {
                var shift: Float = 0
                for group in 0..<groupCount { shift += groupShifts.start[(score * groupCount + group) * lanes + lane] }
                foldedBiases.start[score * lanes + lane] = biases.start[score * lanes + lane] - shift
            }
        }
    }

    /// Derives the weights for raw features from those for standardised ones.
    private func fold(_ weights: AlignedBuffer<Float>, _ biases: AlignedBuffer<Float>, _ standardization: Standardization) {
        for score in 0..<scoreCount {
            for lane in 0..<lanes { foldedBiases.start[score * lanes + lane] = biases.start[score * lanes + lane] }
            for column in 0..<columnCount {
                let place = (score * columnCount + column) * lanes
                for lane in 0..<lanes {
                    let raw = weights.start[place + lane] * standardization.inverseDeviation[column]
                    folded.start[place + lane] = raw
                    foldedBiases.start[score * lanes + lane] -= standardization.mean[column] * raw
                }
            }
        }
    }

    // MARK: Results

    /// Every model's mean loss over the rows.
    ///
    /// `visit`, called from several threads, sees the scores of a run of rows: the rows' positions, the scores ([score][row][lane],
    /// lane = model), the number of floats from one score's rows to the next score's, and the number of lanes.
    public func evaluate(
        _ batches: FeatureBatches, pool: ThreadPool, visit: ((Range<Int>, UnsafePointer<Float>, Int, Int) -> Void)? = nil
    ) -> [Double] {
        fold(meanWeights, meanBiases, batches.foldedStandardization)
        var losses = [Double](repeating: 0, count: lanes)
        let tilesAtOnce = max(1, (1 << 22) / (KERNEL_TILE_ROWS * scoreCount * lanes))
        for start in stride(from: 0, to: batches.tiles.count, by: tilesAtOnce) {
            let tiles = start..<min(start + tilesAtOnce, batches.tiles.count)
            let lanes = lanes
            score(tiles, batches, scale: 1, pool: pool, visit: visit.map { visit in { visit($0, $1, $2, lanes) } })
            sumTiles(tiles.count, losses: &losses)
        }
        return losses.prefix(modelCount).map { $0 / Double(max(1, batches.rowCount)) }
    }

    /// The weights and biases of all models at one moment.
    public struct Snapshot {
        fileprivate let weights: AlignedBuffer<Float>
        fileprivate let biases: AlignedBuffer<Float>
    }

    /// The weights and biases after the last epoch.
    public func snapshot() -> Snapshot {
        let snapshot = Snapshot(
            weights: AlignedBuffer(count: weights.count, zeroed: false), biases: AlignedBuffer(count: biases.count, zeroed: false))
        snapshot.weights.copy(from: meanWeights)
        snapshot.biases.copy(from: meanBiases)
        return snapshot
    }

    /// Makes these the weights and biases that `evaluate` and `coefficients` tell of.
    public func restore(_ snapshot: Snapshot) {
        meanWeights.copy(from: snapshot.weights)
        meanBiases.copy(from: snapshot.biases)
    }

    /// Every model's sum of squared weights, for standardised features.
    public func squaredNorms() -> [Double] {
        (0..<modelCount).map { model in
            var sum = 0.0
            for place in 0..<scoreCount * columnCount {
                let weight = Double(meanWeights.start[place * lanes + model])
                sum += weight * weight
            }
            return sum
        }
    }

    /// A model for raw features.
    public func coefficients(model: Int, standardization: Standardization) -> LinearCoefficients {
        var result = LinearCoefficients(
            weights: [Float](repeating: 0, count: scoreCount * columnCount), biases: [Float](repeating: 0, count: scoreCount))
        for score in 0..<scoreCount {
            var bias = Double(meanBiases.start[score * lanes + model])
            for column in 0..<columnCount {
                let place = score * columnCount + column
                let raw = meanWeights.start[place * lanes + model] * standardization.inverseDeviation[column]
                result.weights[place] = raw
                bias -= Double(standardization.mean[column]) * Double(raw)
            }
            result.biases[score] = Float(bias)
        }
        return result
    }
}
