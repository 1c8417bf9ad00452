// SPDX-License-Identifier: Apache-2.0

/// A named array of numbers, such as a layer's weights.
public struct NetworkTensor: Sendable, Equatable {
    /// The name, such as `conv1_weight`.
    public var name: String
    /// Dimensions, the slowest first: [kernel height][kernel width][input channels][filters], [inputs][units], or [filters].
    public var shape: [Int]
    /// The values, the last dimension fastest.
    public var values: [Float]

    /// Makes one from its parts.
    public init(name: String, shape: [Int], values: [Float]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// Where the parts of a network's parameters lie in one array, in panels; and the plain tensors that people and files know.
struct NetworkLayout: Sendable {
    struct Part: Sendable {
        var name: String
        /// The plain tensor.
        var shape: [Int]
        var weightStart: Int
        var biasStart: Int
        /// Input numbers of an output, in memory: kernel rows times patch.
        var depth: Int
        var outputCount: Int
        /// For each plain input number, its place among the `depth`.
        var places: [Int]
        /// Numbers that an output is made of, and outputs that a number goes into.
        var fanIn: Int
        var fanOut: Int

        var paddedOutputCount: Int { NetworkPlan.padded(outputCount) }
    }

    let parts: [Part]
    /// All numbers, padding included.
    let count: Int

    init(_ plan: NetworkPlan) {
        var parts: [Part] = []
        var next = 0
        func take(_ count: Int) -> Int {
            defer { next += count }
            return next
        }
        for (index, layer) in plan.convolutions.enumerated() {
            let channels = layer.input.channelCount
            let places = (0..<layer.kernelHeight * layer.kernelWidth).flatMap { tap in
                (0..<channels).map { tap * layer.inputStride + $0 }
            }
            parts.append(
                Part(
                    name: "conv\(index + 1)", shape: [layer.kernelHeight, layer.kernelWidth, channels, layer.filterCount],
                    weightStart: take(layer.weightCount), biasStart: take(layer.paddedFilterCount),
                    depth: layer.kernelHeight * layer.patch, outputCount: layer.filterCount, places: places,
                    fanIn: places.count, fanOut: layer.kernelHeight * layer.kernelWidth * layer.filterCount))
        }
        for (index, layer) in plan.dense.enumerated() {
            let places = (0..<layer.input.height * layer.input.width).flatMap { pixel in
                (0..<layer.input.channelCount).map { pixel * layer.inputStride + $0 }
            }
            parts.append(
                Part(
                    name: "dense\(index + 1)", shape: [places.count, layer.unitCount], weightStart: take(layer.weightCount),
                    biasStart: take(layer.paddedUnitCount), depth: layer.inputCount, outputCount: layer.unitCount, places: places,
                    fanIn: places.count, fanOut: layer.unitCount))
        }
        self.parts = parts
        count = next
    }

    /// Where the weight of a plain input number and an output lies.
    private func place(_ part: Part, _ input: Int, _ output: Int) -> Int {
        part.weightStart + (output / 16 * part.depth + part.places[input]) * 16 + output % 16
    }

    /// The plain tensors of parameters, or of numbers that go with each of them.
    func tensors(_ numbers: UnsafePointer<Float>) -> [NetworkTensor] {
        parts.flatMap { part in
            var weights: [Float] = []
            weights.reserveCapacity(part.places.count * part.outputCount)
            for input in part.places.indices {
                for output in 0..<part.outputCount { weights.append(numbers[place(part, input, output)]) }
            }
            let biases = (0..<part.outputCount).map { numbers[part.biasStart + $0] }
            return [
                NetworkTensor(name: "\(part.name)_weight", shape: part.shape, values: weights),
                NetworkTensor(name: "\(part.name)_bias", shape: [part.outputCount], values: biases),
            ]
        }
    }

    /// Puts plain tensors in their places; false where names or shapes are not the network's.
    func set(_ numbers: UnsafeMutablePointer<Float>, from tensors: [NetworkTensor]) -> Bool {
        for part in parts {
            guard let weights = tensors.first(where: { $0.name == "\(part.name)_weight" }),
                let biases = tensors.first(where: { $0.name == "\(part.name)_bias" }), weights.shape == part.shape,
                weights.values.count == part.places.count * part.outputCount, biases.values.count == part.outputCount
            else { return false }
            for input in part.places.indices {
                for output in 0..<part.outputCount {
                    numbers[place(part, input, output)] = weights.values[input * part.outputCount + output]
                }
            }
            for output in 0..<part.outputCount { numbers[part.biasStart + output] = biases.values[output] }
        }
        return true
    }
}
