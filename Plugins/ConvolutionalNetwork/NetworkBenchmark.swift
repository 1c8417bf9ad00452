// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// What `scripts/bench cnn` measures of this algorithm; the same work as its peers in scripts/benchmarks/cnn.py.
///
/// Lab 2's network on MNIST, batches of 100, Adam. The first repetition is an epoch over all 60,000 images, after which the accuracy is
/// measured; the others take 10,000. Then the 10,000 test images are classified, 100 at a time.
public enum NetworkBenchmark {
    /// Runs `repetitions` times and gives a line of JSON for each; `now` gives seconds on a clock that only goes forward.
    ///
    /// Throws ``PlatformError`` or ``DataError`` where `directory` has not MNIST's files.
    public static func run(directory: String, threadCount: Int, repetitions: Int, now: () -> Double) throws -> [String] {
        let data = try MNISTFiles(directory: directory)
        let width = MNISTFiles.pixelCount
        let images = data.trainImages.map { Float($0) / 255 }
        let labels = data.trainLabels.map { Int32($0) }
        let testImages = data.testImages.map { Float($0) / 255 }
        let testLabels = data.testLabels.map { Int32($0) }
        let pool = ThreadPool(threadCount: threadCount)
        return try (0..<max(1, repetitions)).map { repetition in
            let network = try Network(
                input: NetworkShape(height: 28, width: 28, channelCount: 1), layers: LayerList("lab2").resolved(classCount: 10),
                batchCapacity: 100, pool: pool)
            network.initialize(seed: UInt64(repetition))
            _ = network.startLearning(.adam)
            let imageCount = repetition == 0 ? labels.count : 10_000
            var random = Random(seed: UInt64(repetition), stream: 1)
            let order = random.permutation(labels.count)
            var batch = [Float](repeating: 0, count: 100 * width)
            let start = now()
            for first in stride(from: 0, to: imageCount, by: 100) {
                let rows = order[first..<first + 100]
                for (place, row) in rows.enumerated() {
                    batch.replaceSubrange(
                        place * width..<(place + 1) * width, with: images[Int(row) * width..<(Int(row) + 1) * width])
                }
                let batchLabels = rows.map { labels[Int($0)] }
                batch.withUnsafeBufferPointer { batch in
                    guard let start = batch.baseAddress else { return }
                    _ = batchLabels.withUnsafeBufferPointer { network.learn(start, labels: $0, with: NetworkLearning(), seed: 1) }
                }
            }
            let seconds = now() - start
            let loss = testImages.withUnsafeBufferPointer { images in
                testLabels.withUnsafeBufferPointer { labels in
                    images.baseAddress.map { network.evaluate($0, labels: labels) } ?? NetworkLoss()
                }
            }
            let inferenceStart = now()
            _ = testImages.withUnsafeBufferPointer { images in
                images.baseAddress.map { network.probabilities($0, count: testLabels.count) }
            }
            let inferenceSeconds = now() - inferenceStart
            let counts = network.operationCounts
            let accuracy = Double(loss.correctCount) / Double(loss.count)
            return "{\"name\": \"sagebrush\", \"images\": \(imageCount), \"seconds\": \(seconds), "
                + "\"images_per_second\": \(Double(imageCount) / seconds), \"accuracy\": \(accuracy), "
                + "\"inference_images_per_second\": \(Double(testLabels.count) / inferenceSeconds), "
                + "\"training_operations\": \(counts.forward + counts.backward), \"inference_operations\": \(counts.forward), "
                + "\"kernels\": \"\(KernelTable.bestName)\"}"
        }
    }
}
