// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Synchronization

/// A loaded model: `classes`, the most likely class, and `probabilities`.
final class NetworkPredictor: TabularPredictor {
    private static let batchSize = 100

    private let network: Mutex<Network>
    private let scale: Float
    private let width: Int
    private let classCount: Int

    var featureCount: Int? { width }

    init(_ file: NetworkFile) throws {
        let network: Network
        do {
            network = try Network(
                input: file.input, layers: file.layers, batchCapacity: Self.batchSize,
                pool: ThreadPool(threadCount: ThreadPool.availableThreadCount))
        } catch {
            throw AlgorithmError("\(NetworkFile.name), layer \(error.layer): \(error.message)")
        }
        guard network.setTensors(file.tensors) else {
            throw AlgorithmError("\(NetworkFile.parametersName) has not the arrays of \(NetworkFile.name)")
        }
        scale = file.scale
        width = file.input.count
        classCount = file.classCount
        self.network = Mutex(network)
    }

    func predict(_ examples: ExampleSet) throws -> Predictions {
        let factor = 1 / scale
        let values = examples.denseValues().map { $0 * factor }
        guard values.count == examples.count * width else {
            throw InferenceError.wrongFeatureCount(example: 1, found: examples.featureCount, expected: width)
        }
        let probabilities: [Float] = values.withUnsafeBufferPointer { values in
            guard let first = values.baseAddress else { return [] }
            nonisolated(unsafe) let start = first
            return network.withLock { network in network.probabilities(start, count: examples.count) }
        }
        var classes: [Float] = []
        for row in 0..<examples.count {
            let shares = probabilities[row * classCount..<(row + 1) * classCount]
            let best = shares.indices.max { shares[$0] != shares[$1] ? shares[$0] < shares[$1] : $0 > $1 }
            classes.append(Float((best ?? 0) - shares.startIndex))
        }
        return Predictions(
            count: examples.count,
            columns: [.init("classes", values: classes), .init("probabilities", width: classCount, values: probabilities)])
    }
}
