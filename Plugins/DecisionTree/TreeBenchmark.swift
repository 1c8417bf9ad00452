// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// What `scripts/bench tree` measures of this algorithm; the same work as its peers in scripts/benchmarks/tree.py.
///
/// A tree grown to purity by gini on MNIST's 60,000 training images in memory as float32 in 0...1. The clock runs from the float32
/// images to the tree: finding the byte codes and sorting the columns are part of it.
public enum TreeBenchmark {
    /// Runs `repetitions` times and gives a line of JSON for each; `now` gives seconds on a clock that only goes forward.
    ///
    /// Throws ``PlatformError`` or ``DataError`` where `directory` has not MNIST's files.
    public static func run(directory: String, threadCount: Int, repetitions: Int, now: () -> Double) throws -> [String] {
        let data = try MNISTFiles(directory: directory)
        let width = MNISTFiles.pixelCount
        let values = data.trainImages.map { Float($0) / 255 }
        let testValues = data.testImages.map { Float($0) / 255 }
        let labels = data.trainLabels.map { UInt16($0) }
        let pool = ThreadPool(threadCount: threadCount)
        return try (0..<max(1, repetitions)).map { repetition in
            let start = now()
            guard let matrix = Matrix(rowCount: labels.count, columnCount: width, values: values),
                let test = Matrix(rowCount: data.testLabels.count, columnCount: width, values: testValues),
                let grower = TreeGrower(
                    .dense(matrix.compacted(with: pool)), targets: .classes(labels, count: 10),
                    settings: TreeSettings(criterion: .gini, seed: UInt64(repetition)), pool: pool)
            else { throw AlgorithmError("\(directory) has labels beyond 9") }
            let sorted = now()
            let tree = grower.grow()
            let seconds = now() - start
            let leaves = FeatureMatrix.dense(test).leaves(of: tree, pool: pool)
            let hits = zip(leaves, data.testLabels).reduce(0) { $0 + (tree.predictedClass(ofNode: $1.0) == Int($1.1) ? 1 : 0) }
            let accuracy = Double(hits) / Double(leaves.count)
            return "{\"name\": \"sagebrush\", \"seconds\": \(seconds), \"preparation_seconds\": \(sorted - start), "
                + "\"accuracy\": \(accuracy), \"depth\": \(tree.depth), \"leaves\": \(tree.leafCount), "
                + "\"kernels\": \"\(KernelTable.bestName)\"}"
        }
    }
}
