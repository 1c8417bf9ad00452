// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// What `scripts/bench linear` measures of this algorithm; the same work as its peers in scripts/benchmarks/linear.py.
///
/// "Is it a 0?" on MNIST in memory as float32 in 0...1: 32 logistic models with different learning rates and penalties, Adam, batches of
/// 1,000, 15 epochs on the first 54,000 images, the best by the loss on the other 6,000, its quality on the 10,000 test images. The
/// clock runs from the float32 images to the chosen model: finding the byte codes, standardising and arranging are part of it.
public enum LinearBenchmark {
    /// One run.
    public struct Result: Sendable {
        /// Wall time in seconds.
        public var seconds: Double
        /// On the test images, at score 0.
        public var accuracy: Double
        /// On the test images, at score 0.
        public var f1: Double
        /// On the validation images, at score 0.
        public var validationF1: Double
        /// The chosen model's mean loss on the validation images.
        public var validationLoss: Double
        /// The kernels' version.
        public var kernels: String
        /// Floating-point operations that the work needs when zeros are left out, and with zeros.
        public var sparseOperationCount: Double
        /// See `sparseOperationCount`.
        public var denseOperationCount: Double

        /// One line of JSON.
        public var json: String {
            "{\"name\": \"sagebrush\", \"seconds\": \(seconds), \"accuracy\": \(accuracy), \"f1\": \(f1), "
                + "\"validation_f1\": \(validationF1), \"validation_loss\": \(validationLoss), \"kernels\": \"\(kernels)\", "
                + "\"sparse_operations\": \(sparseOperationCount), \"dense_operations\": \(denseOperationCount)}"
        }
    }

    private static let validationCount = 6000
    private static let epochCount = 15

    /// Runs `repetitions` times on the four IDX files (as they are, or gzipped) of MNIST in `directory`.
    ///
    /// `now` gives seconds on a clock that only goes forward. Throws ``PlatformError`` or ``DataError`` where a file is not there or not IDX.
    public static func run(directory: String, threadCount: Int, repetitions: Int, now: () -> Double) throws -> [Result] {
        let data = try MNISTFiles(directory: directory)
        let images = data.trainImages
        let labels = data.trainLabels.map { $0 == 0 ? Float(1) : 0 }
        let testImages = data.testImages
        let testLabels = data.testLabels.map { $0 == 0 ? Float(1) : 0 }
        let width = MNISTFiles.pixelCount
        guard labels.count > validationCount else { throw DataError(.other("\(directory) has not the images and labels of MNIST")) }
        let values = images.map { Float($0) / 255 }
        let pool = ThreadPool(threadCount: threadCount)
        return try (0..<max(1, repetitions)).map { repetition in
            let start = now()
            let fitted = try fit(values, labels, width: width, seed: UInt64(repetition), pool: pool)
            let seconds = now() - start
            let coefficients = fitted.models.coefficients(model: fitted.best, standardization: fitted.standardization)
            func counts(_ rows: [Float], _ labels: [Float]) -> ThresholdCounts {
                let scores = LinearScorer(coefficients, columnCount: width)?.scores(dense: rows, rowCount: labels.count)
                return BinaryScores(scores: scores ?? [], labels: labels).counts(above: 0)
            }
            let test = counts(testImages.map { Float($0) / 255 }, testLabels)
            let validation = counts(Array(values.suffix(validationCount * width)), Array(labels.suffix(validationCount)))
            let nonZero = images.prefix((labels.count - validationCount) * width).reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
            let perValue = 4.0 * 32 * Double(epochCount)
            return Result(
                seconds: seconds, accuracy: test.accuracy, f1: test.fBeta(1), validationF1: validation.fBeta(1),
                validationLoss: fitted.loss,
                kernels: KernelTable.bestName, sparseOperationCount: perValue * Double(nonZero),
                denseOperationCount: perValue * Double((labels.count - validationCount) * width))
        }
    }

    private static func fit(
        _ values: [Float], _ labels: [Float], width: Int, seed: UInt64, pool: ThreadPool
    ) throws -> (models: LinearModels, best: Int, loss: Double, standardization: Standardization) {
        guard let matrix = Matrix(rowCount: labels.count, columnCount: width, values: values) else {
            throw AlgorithmError("\(values.count) values are not \(labels.count) rows of \(width)")
        }
        let features = FeatureMatrix.dense(matrix.compacted(with: pool))
        var random = Random(seed: seed)
        let trainCount = labels.count - validationCount
        let order = random.permutation(trainCount)
        let standardization = try Standardization.measured(
            features, rows: order.prefix(10_000), scales: true, centers: true, pool: pool)
        func arranged(_ order: [UInt32]) -> FeatureBatches {
            FeatureBatches(features, labels: labels, order: order, batchSize: 1000, standardization: standardization, pool: pool)
        }
        let train = arranged(order)
        let validation = arranged((UInt32(trainCount)..<UInt32(labels.count)).map { $0 })
        let rates: [Float] = [1e-3, 5e-3, 1e-2, 5e-2]
        let decays: [Float] = [0, 1e-6, 1e-5, 1e-4]
        let settings = (0..<32).map {
            LinearModelSettings(learningRate: rates[$0 / 8], weightDecay: decays[$0 / 2 % 4], l1: $0 % 2 == 0 ? 0 : 1e-5)
        }
        let models = LinearModels(
            settings: settings, loss: .logistic, columnCount: width, optimizer: .adam(beta1: 0.9, beta2: 0.999),
            bias: BiasSettings(), initialWeight: { (random.uniform() - 0.5) * 0.03 })
        for epoch in 0..<epochCount {
            var shuffle = Random(seed: seed, stream: UInt64(epoch + 1))
            let batchOrder = shuffle.permutation(train.batchCount).map { Int($0) }
            _ = try models.trainEpoch(train, batchOrder: batchOrder, rate: { rate, _ in rate }, pool: pool)
        }
        let losses = models.evaluate(validation, pool: pool)
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        return (models, best, losses[best], standardization)
    }
}
