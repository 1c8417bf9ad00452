// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Compute

@Suite struct NetworkTests {
    private static let networks: [[NetworkLayer]] = [
        [
            .convolution(filterCount: 3, kernelHeight: 3, kernelWidth: 3, isPadded: true), .rectifier, .pool(size: 2),
            .convolution(filterCount: 18, kernelHeight: 2, kernelWidth: 4, isPadded: true), .rectifier,
            .convolution(filterCount: 4, kernelHeight: 2, kernelWidth: 2, isPadded: false), .pool(size: 3), .dense(unitCount: 17),
            .rectifier, .dense(unitCount: 4),
        ], [.dense(unitCount: 9), .rectifier, .dense(unitCount: 5), .dense(unitCount: 4)],
    ]

    private func images(_ count: Int, _ size: Int) -> [Float] {
        var random = Random(seed: 3)
        return (0..<count * size).map { _ in random.normal() }
    }

    /// The gradient against differences of the loss; where a rectifier or a maximum turns within a difference, the two may disagree.
    @Test(arguments: networks) func gradientsAreThoseOfTheLoss(layers: [NetworkLayer]) throws {
        let input = NetworkShape(height: 7, width: 9, channelCount: 2)
        let network = try Network(input: input, layers: layers, batchCapacity: 20, pool: ThreadPool(threadCount: 2))
        network.initialize(seed: 5)
        #expect(network.startLearning(.sgd))
        let images = images(20, input.count)
        let labels = (0..<20).map { Int32($0 % 4) }
        images.withUnsafeBufferPointer { images in
            labels.withUnsafeBufferPointer { labels in
                guard let start = images.baseAddress else { return }
                let gradients = network.gradient(start, labels: labels)
                let tensors = network.tensors
                #expect(gradients.map(\.name) == tensors.map(\.name))
                for (index, gradient) in gradients.enumerated() {
                    var wrong = 0
                    let checked = stride(from: 0, to: gradient.values.count, by: max(1, gradient.values.count / 40))
                    for place in checked {
                        func loss(_ change: Float) -> Double {
                            var moved = tensors
                            moved[index].values[place] += change
                            #expect(network.setTensors(moved))
                            return network.evaluate(start, labels: labels).sum / 20
                        }
                        let difference = (loss(5e-4) - loss(-5e-4)) / 1e-3
                        let own = Double(gradient.values[place])
                        if abs(difference - own) > 0.03 * max(abs(own), 0.02) { wrong += 1 }
                    }
                    #expect(wrong * 5 <= Array(checked).count, "\(gradient.name): \(wrong)")
                    #expect(gradient.values.contains { $0 != 0 })
                }
                _ = network.setTensors(tensors)
            }
        }
    }

    @Test func threadsDoNotMatter() throws {
        var states: [[NetworkTensor]] = []
        for threadCount in [1, 3] {
            let input = NetworkShape(height: 7, width: 9, channelCount: 2)
            let network = try Network(
                input: input, layers: Self.networks[0], batchCapacity: 37, pool: ThreadPool(threadCount: threadCount))
            network.initialize(seed: 1)
            _ = network.startLearning(.adam)
            let images = images(37, input.count)
            let labels = (0..<37).map { Int32($0 % 4) }
            for _ in 0..<4 {
                images.withUnsafeBufferPointer { images in
                    labels.withUnsafeBufferPointer { labels in
                        guard let start = images.baseAddress else { return }
                        _ = network.learn(start, labels: labels, with: NetworkLearning(rate: 0.01), seed: 9)
                    }
                }
            }
            states.append(network.tensors)
        }
        #expect(states[0] == states[1])
    }

    /// One image through a convolution, a rectifier and a pooling, computed by hand.
    @Test func convolutionsSlideOverTheImage() throws {
        let network = try Network(
            input: NetworkShape(height: 2, width: 3, channelCount: 1),
            layers: [
                .convolution(filterCount: 1, kernelHeight: 1, kernelWidth: 2, isPadded: false), .rectifier, .pool(size: 2),
                .dense(unitCount: 2),
            ], batchCapacity: 1, pool: ThreadPool(threadCount: 1))
        #expect(
            network.setTensors([
                NetworkTensor(name: "conv1_weight", shape: [1, 2, 1, 1], values: [1, -2]),
                NetworkTensor(name: "conv1_bias", shape: [1], values: [0.5]),
                NetworkTensor(name: "dense1_weight", shape: [1, 2], values: [1, 0]),
                NetworkTensor(name: "dense1_bias", shape: [2], values: [0, 0]),
            ]))
        // [4, 1, 0 / 1, 1, 2]: 4 - 2 + .5, 1 + .5, 1 - 2 + .5, 1 - 4 + .5; the maximum is 2.5.
        let probabilities = network.probabilities([4, 1, 0, 1, 1, 2], count: 1)
        #expect(abs(probabilities[0] - 1 / (1 + 0.082085)) < 1e-5)
        #expect(!network.setTensors([]))
    }
}
