// SPDX-License-Identifier: Apache-2.0

import CKernels

/// How weights learn.
public enum NetworkOptimizer: String, Sendable, CaseIterable {
    case sgd
    case momentum
    case adam
}

/// The constants of learning.
public struct NetworkLearning: Sendable, Equatable {
    /// How weights learn.
    public var optimizer: NetworkOptimizer
    /// How far a step goes.
    public var rate: Float
    /// What of the last step goes on, with `momentum`.
    public var momentum: Float
    /// How long Adam remembers gradients.
    public var beta1: Float
    /// How long Adam remembers their squares.
    public var beta2: Float
    /// What Adam adds to the root of the squares.
    public var epsilon: Float
    /// The factor of the weights that is added to their gradient.
    public var weightDecay: Float

    /// Makes one from its parts.
    public init(
        optimizer: NetworkOptimizer = .adam, rate: Float = 1e-3, momentum: Float = 0.9, beta1: Float = 0.9, beta2: Float = 0.999,
        epsilon: Float = 1e-8, weightDecay: Float = 0
    ) {
        self.optimizer = optimizer
        self.rate = rate
        self.momentum = momentum
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

/// What a pass over a batch found.
public struct NetworkLoss: Sendable, Equatable {
    /// The sum of the cross-entropies.
    public var sum: Double
    /// How many examples' largest score was that of their class.
    public var correctCount: Int
    /// The number of examples.
    public var count: Int

    /// Nothing yet.
    public init(sum: Double = 0, correctCount: Int = 0, count: Int = 0) {
        self.sum = sum
        self.correctCount = correctCount
        self.count = count
    }

    /// All hosts' together.
    public func sum(_ collectives: any Collectives) throws -> NetworkLoss {
        let all = try collectives.sum([sum, Double(correctCount), Double(count)])
        return NetworkLoss(sum: all[0], correctCount: Int(all[1]), count: Int(all[2]))
    }

    /// Adds another batch's.
    public static func += (left: inout NetworkLoss, right: NetworkLoss) {
        left.sum += right.sum
        left.correctCount += right.correctCount
        left.count += right.count
    }
}

/// A convolutional network: its parameters, the memory for a batch, and passes over batches.
///
/// Images of a batch are shared out in a fixed number of groups whose gradients are added up in order: results do not depend on the number of
/// threads. One thread at a time may use it.
public final class Network: @unchecked Sendable {
    /// Groups of images in a batch; more than threads, so that they even out.
    static let groupCount = 16
    /// Larger networks are refused.
    static let maximumByteCount = 0x1p34

    let plan: NetworkPlan
    let layout: NetworkLayout
    let pool: ThreadPool
    let kernels = KernelTable.network
    /// The greatest number of images at a time.
    public let batchCapacity: Int
    let parameters: AlignedBuffer<Float>
    let memory: NetworkMemory
    /// Present once the network has learned.
    var learning: NetworkLearningMemory?

    /// A network with all parameters zero.
    ///
    /// Throws ``NetworkDescriptionError``.
    public init(
        input: NetworkShape, layers: [NetworkLayer], batchCapacity: Int, pool: ThreadPool
    ) throws(NetworkDescriptionError) {
        plan = try NetworkPlan(input: input, layers: layers)
        self.batchCapacity = max(1, batchCapacity)
        let byteCount = plan.byteCount(batchCapacity: self.batchCapacity)
        guard byteCount <= Self.maximumByteCount else {
            let needed = Int((byteCount / 0x1p30).rounded(.up))
            throw NetworkDescriptionError(
                layer: layers.count,
                message: "the network up to here needs about \(needed) GB with batches of \(self.batchCapacity); at most "
                    + "\(Int(Self.maximumByteCount / 0x1p30)) GB are taken: fewer units, filters or a smaller mini_batch_size fit")
        }
        layout = NetworkLayout(plan)
        self.pool = pool
        parameters = AlignedBuffer(count: layout.count)
        memory = NetworkMemory(plan, batchCapacity: self.batchCapacity)
    }

    /// The classes that it tells apart.
    public var classCount: Int { plan.classCount }
    /// The size of an image.
    public var input: NetworkShape { plan.input }
    /// The learned numbers, padding left out.
    public var parameterCount: Int { layout.parts.reduce(0) { $0 + $1.places.count * $1.outputCount + $1.outputCount } }
    /// Multiplications and additions of one image's passes forward and backward.
    public var operationCounts: (forward: Double, backward: Double) { plan.operationCounts }

    /// Draws weights evenly between minus and plus sqrt(6 / (fan in + fan out)), biases become zero (Glorot, Bengio: "Understanding the
    /// difficulty of training deep feedforward neural networks", 2010).
    public func initialize(seed: UInt64) {
        let tensors = layout.tensors(parameters.start).enumerated().map { index, tensor in
            var tensor = tensor
            let part = layout.parts[index / 2]
            var random = Random(seed: seed, stream: UInt64(index) | 1 << 40)
            let limit = (6 / Float(part.fanIn + part.fanOut)).squareRoot()
            tensor.values = tensor.values.map { _ in index % 2 == 0 ? (2 * random.uniform() - 1) * limit : 0 }
            return tensor
        }
        _ = layout.set(parameters.start, from: tensors)
    }

    /// The parameters, layer after layer: weights, then biases.
    public var tensors: [NetworkTensor] { layout.tensors(parameters.start) }

    /// Takes parameters; false where names or shapes are not the network's.
    public func setTensors(_ tensors: [NetworkTensor]) -> Bool { layout.set(parameters.start, from: tensors) }

    /// The probabilities of the classes for `count` images, `input.count` numbers each, image after image.
    public func probabilities(_ images: UnsafePointer<Float>, count: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(count * classCount)
        for first in stride(from: 0, to: count, by: batchCapacity) {
            let size = min(batchCapacity, count - first)
            forward(images + first * plan.input.count, count: size, dropoutSeed: nil)
            let logits = memory.denseOutputs[plan.dense.count - 1]
            let stride = memory.denseStrides[plan.dense.count - 1]
            for image in 0..<size {
                result += Softmax.probabilities(UnsafeBufferPointer(start: logits.start + image * stride, count: classCount))
            }
        }
        return result
    }

    /// The loss on some images with the parameters as they are.
    public func evaluate(_ images: UnsafePointer<Float>, labels: UnsafeBufferPointer<Int32>) -> NetworkLoss {
        var loss = NetworkLoss()
        for first in stride(from: 0, to: labels.count, by: batchCapacity) {
            let size = min(batchCapacity, labels.count - first)
            forward(images + first * plan.input.count, count: size, dropoutSeed: nil)
            loss += errors(UnsafeBufferPointer(rebasing: labels[first..<first + size]))
        }
        return loss
    }

    // MARK: Forward

    /// Computes every layer's output; dropout only with a seed, as for an image's place in a batch that starts `firstImage` images before.
    func forward(_ images: UnsafePointer<Float>, count: Int, dropoutSeed: UInt64?, firstImage: Int = 0) {
        let groups = min(Self.groupCount, count)
        if plan.convolutions.isEmpty {
            let flat = plan.input.count
            memory.flat.start.update(from: images, count: count * flat)
        } else {
            pool.parallelFor(groups) { group in
                for image in count * group / groups..<count * (group + 1) / groups {
                    forwardConvolutions(
                        images + image * plan.input.count, image: image, group: group, dropoutSeed: dropoutSeed,
                        firstImage: firstImage)
                }
            }
        }
        for index in plan.dense.indices { forwardDense(index, count: count, dropoutSeed: dropoutSeed, firstImage: firstImage) }
    }

    private func forwardConvolutions(
        _ pixels: UnsafePointer<Float>, image: Int, group: Int, dropoutSeed: UInt64?, firstImage: Int
    ) {
        let first = plan.convolutions[0]
        let rowCount = first.input.width * first.input.channelCount
        let bordered = memory.input(ofConvolution: 0, image: image)
        let borderedRow = first.borderedWidth * first.inputStride
        for row in 0..<first.input.height {
            (bordered + (row + first.padTop) * borderedRow + first.padLeft * first.inputStride)
                .update(from: pixels + row * rowCount, count: rowCount)
        }
        for (index, layer) in plan.convolutions.enumerated() {
            let part = layout.parts[index]
            let full = memory.fullOutput(group: group)
            var product = NetworkProduct()
            product.in = UnsafePointer(memory.input(ofConvolution: index, image: image))
            product.inRow = layer.borderedWidth * layer.inputStride
            product.inStep = layer.inputStride
            product.height = layer.outputHeight
            product.width = layer.outputWidth
            product.kernelHeight = layer.kernelHeight
            product.patch = layer.patch
            product.weights = UnsafePointer(parameters.start + part.weightStart)
            product.panels = layer.paddedFilterCount / 16
            product.bias = UnsafePointer(parameters.start + part.biasStart)
            product.out = full
            product.outRow = layer.outputWidth * layer.paddedFilterCount
            product.outStep = layer.paddedFilterCount
            product.border = layer.border
            kernels.product(&product)
            let (target, row) = memory.output(ofConvolution: index, image: image)
            var shape = layer.poolShape
            kernels.pool(&shape, full, target, row, memory.choices(ofConvolution: index, image: image))
            if let dropoutSeed, layer.dropoutRate > 0 {
                let width = layer.pooledWidth * layer.paddedFilterCount
                for y in 0..<layer.pooledHeight {
                    drop(
                        target + y * row, count: width, rate: layer.dropoutRate, seed: dropoutSeed &+ UInt64(index),
                        first: ((firstImage + image) * layer.pooledHeight + y) * width)
                }
            }
        }
    }

    private func forwardDense(_ index: Int, count: Int, dropoutSeed: UInt64?, firstImage: Int) {
        let layer = plan.dense[index]
        let part = layout.parts[plan.convolutions.count + index]
        let (input, inputStride) = memory.input(ofDense: index)
        let output = memory.denseOutputs[index]
        let stride = memory.denseStrides[index]
        let panelCount = layer.paddedUnitCount / 16
        // Pairs of panels, which the fastest kernel takes at a time.
        pool.parallelFor((panelCount + 1) / 2) { pair in
            var product = NetworkProduct()
            product.in = UnsafePointer(input)
            product.inStep = inputStride
            product.height = 1
            product.width = count
            product.kernelHeight = 1
            product.patch = layer.inputCount
            product.weights = UnsafePointer(parameters.start + part.weightStart + pair * 32 * layer.inputCount)
            product.panels = min(2, panelCount - 2 * pair)
            product.bias = UnsafePointer(parameters.start + part.biasStart + pair * 32)
            product.out = output.start + pair * 32
            product.outStep = stride
            kernels.product(&product)
            let width = product.panels * 16
            for row in 0..<count {
                let numbers = output.start + row * stride + pair * 32
                if layer.isRectified { for place in 0..<width { numbers[place] = max(0, numbers[place]) } }
                if let dropoutSeed, layer.dropoutRate > 0 {
                    drop(
                        numbers, count: width, rate: layer.dropoutRate, seed: dropoutSeed &+ UInt64(100 + index),
                        first: (firstImage + row) * layer.paddedUnitCount + pair * 32)
                }
            }
        }
    }

    private func drop(_ numbers: UnsafeMutablePointer<Float>, count: Int, rate: Double, seed: UInt64, first: Int) {
        kernels.dropout(numbers, count, UInt32(rate * 0x1p32), Float(1 / (1 - rate)), seed, UInt64(first))
    }

    /// Losses of the last forward pass; the logits become their errors, divided by `batchCount` (by default, the number of examples).
    func errors(_ labels: UnsafeBufferPointer<Int32>, batchCount: Int? = nil) -> NetworkLoss {
        var loss = NetworkLoss(count: labels.count)
        let last = plan.dense.count - 1
        let logits = memory.denseOutputs[last].start
        let stride = memory.denseStrides[last]
        for (image, label) in labels.enumerated() {
            let row = UnsafeMutableBufferPointer(start: logits + image * stride, count: classCount)
            let probabilities = Softmax.probabilities(UnsafeBufferPointer(row))
            let target = Int(label)
            var best = 0
            for place in 1..<max(1, classCount) where row[place] > row[best] { best = place }
            loss.correctCount += best == target ? 1 : 0
            loss.sum += Softmax.loss(UnsafeBufferPointer(row), label: target)
            for place in 0..<classCount {
                row[place] = (probabilities[place] - (place == target ? 1 : 0)) / Float(batchCount ?? labels.count)
            }
        }
        return loss
    }
}

extension NetworkPlan.Convolution {
    /// Where the image lies in its input.
    var border: NetworkBorder {
        NetworkBorder(top: padTop, left: padLeft, height: input.height, width: input.width)
    }

    /// What the kernels pool.
    var poolShape: NetworkPool {
        NetworkPool(height: outputHeight, width: outputWidth, channels: paddedFilterCount, size: poolSize, rectified: isRectified)
    }
}
