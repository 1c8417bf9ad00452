// SPDX-License-Identifier: Apache-2.0

import CKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What learning remembers, for going on later.
public struct NetworkState: Sendable, Equatable {
    /// The steps so far.
    public var stepCount: Int
    /// Means of gradients (Adam) or the last step (momentum), as tensors under the parameters' names; empty where there are none.
    public var first: [NetworkTensor]
    /// Means of squared gradients (Adam); empty where there are none.
    public var second: [NetworkTensor]

    /// Makes one from its parts.
    public init(stepCount: Int, first: [NetworkTensor], second: [NetworkTensor]) {
        self.stepCount = stepCount
        self.first = first
        self.second = second
    }
}

/// The memory that learning needs besides the network's own.
final class NetworkLearningMemory: @unchecked Sendable {
    var stepCount = 0
    let first: AlignedBuffer<Float>
    let second: AlignedBuffer<Float>
    let gradient: AlignedBuffer<Float>
    /// The parameters of convolutions come first; each group has gradients of its own for them.
    let convolutionParameterCount: Int
    let groupGradients: [AlignedBuffer<Float>]
    /// Weights with inputs and outputs exchanged, for the way back; kernels turned by 180 degrees.
    let transposed: [AlignedBuffer<Float>]
    /// Errors of the dense layers' outputs but the last, and of what the first one looks at.
    let denseErrors: [AlignedBuffer<Float>]
    let flatErrors: AlignedBuffer<Float>
    /// [group][convolution]: errors of its full output inside a border of zeros, and of its input.
    let borderedErrors: [[AlignedBuffer<Float>]]
    let inputErrors: [[AlignedBuffer<Float>]]

    init(_ plan: NetworkPlan, layout: NetworkLayout, memory: NetworkMemory, batchCapacity: Int, optimizer: NetworkOptimizer) {
        first = AlignedBuffer(count: optimizer == .sgd ? 0 : layout.count)
        second = AlignedBuffer(count: optimizer == .adam ? layout.count : 0)
        gradient = AlignedBuffer(count: layout.count)
        convolutionParameterCount = plan.dense.isEmpty ? layout.count : layout.parts[plan.convolutions.count].weightStart
        let groups = plan.convolutions.isEmpty ? 0 : Network.groupCount
        let convolutionCount = convolutionParameterCount
        groupGradients = (0..<groups).map { _ in AlignedBuffer(count: convolutionCount) }
        transposed =
            plan.convolutions.enumerated().map { index, layer in AlignedBuffer(count: index == 0 ? 0 : layer.weightCount) }
            + plan.dense.enumerated().map { index, layer in
                AlignedBuffer(count: index == 0 && plan.convolutions.isEmpty ? 0 : layer.weightCount)
            }
        denseErrors = memory.denseStrides.dropLast().map { AlignedBuffer(count: $0 * batchCapacity) }
        flatErrors = AlignedBuffer(count: plan.convolutions.isEmpty ? 0 : memory.flatStride * batchCapacity)
        borderedErrors = (0..<groups).map { _ in
            plan.convolutions.map { layer in
                AlignedBuffer(
                    count: (layer.input.height + layer.kernelHeight - 1) * (layer.input.width + layer.kernelWidth - 1)
                        * layer.paddedFilterCount + 16)
            }
        }
        inputErrors = (0..<groups).map { _ in
            plan.convolutions.map { AlignedBuffer(count: $0.input.height * $0.input.width * $0.inputStride) }
        }
    }
}

extension Network {
    /// Gets ready to learn, from the beginning or from a remembered state; false where the state is not this network's.
    public func startLearning(_ optimizer: NetworkOptimizer, from state: NetworkState? = nil) -> Bool {
        let learning = NetworkLearningMemory(
            plan, layout: layout, memory: memory, batchCapacity: batchCapacity, optimizer: optimizer)
        if let state {
            guard optimizer == .sgd || layout.set(learning.first.start, from: state.first),
                optimizer != .adam || layout.set(learning.second.start, from: state.second)
            else { return false }
            learning.stepCount = state.stepCount
        }
        self.learning = learning
        for part in layout.parts.indices { transposeWeights(part, learning) }
        return true
    }

    /// What learning remembers; nil before ``startLearning(_:from:)``.
    public var state: NetworkState? {
        learning.map { learning in
            NetworkState(
                stepCount: learning.stepCount, first: learning.first.count > 0 ? layout.tensors(learning.first.start) : [],
                second: learning.second.count > 0 ? layout.tensors(learning.second.start) : [])
        }
    }

    /// One step on a batch of at most ``batchCapacity`` images, `input.count` numbers each; gives the loss before the step.
    ///
    /// `seed` decides, with the number of the step, what is dropped. Nothing happens before ``startLearning(_:from:)``.
    public func learn(
        _ images: UnsafePointer<Float>, labels: UnsafeBufferPointer<Int32>, with settings: NetworkLearning, seed: UInt64
    ) -> NetworkLoss {
        guard let learning, !labels.isEmpty, labels.count <= batchCapacity else { return NetworkLoss() }
        learning.stepCount += 1
        forward(images, count: labels.count, dropoutSeed: seed &+ UInt64(learning.stepCount) << 8)
        let loss = errors(labels)
        backward(count: labels.count, learning, step: step(settings, learning))
        return loss
    }

    /// One step of several hosts on a batch that they share: this host's images are those from `firstImage` on of `batchCount`.
    ///
    /// Every host comes to the same parameters, which are, but for rounding, those of one host with the whole batch; so is the loss. All
    /// hosts call this, those without an image too.
    public func learn(
        _ images: UnsafePointer<Float>, labels: UnsafeBufferPointer<Int32>, firstImage: Int, batchCount: Int,
        with settings: NetworkLearning, seed: UInt64, collectives: any Collectives
    ) throws -> NetworkLoss {
        guard let learning, labels.count <= batchCapacity else { return NetworkLoss() }
        learning.stepCount += 1
        var loss = NetworkLoss()
        if labels.isEmpty {
            learning.gradient.elements.update(repeating: 0)
        } else {
            forward(
                images, count: labels.count, dropoutSeed: seed &+ UInt64(learning.stepCount) << 8, firstImage: firstImage)
            loss = errors(labels, batchCount: batchCount)
            backward(count: labels.count, learning, step: nil)
        }
        try collectives.allReduce(learning.gradient.elements)
        loss = try loss.sum(collectives)
        let step = step(settings, learning)
        let chunk = 1 << 14
        for (index, part) in layout.parts.enumerated() {
            let weights = part.weightStart..<part.biasStart
            pool.parallelFor((weights.count + chunk - 1) / chunk) { place in
                let first = weights.lowerBound + place * chunk
                apply(step, first..<min(weights.upperBound, first + chunk), learning)
            }
            apply(step, part.biasStart..<part.biasStart + part.paddedOutputCount, learning, isBias: true)
            transposeWeights(index, learning)
        }
        return loss
    }

    /// The gradient of the mean loss of a batch without dropout, under the parameters' names; for tests of the way back.
    public func gradient(_ images: UnsafePointer<Float>, labels: UnsafeBufferPointer<Int32>) -> [NetworkTensor] {
        guard let learning, !labels.isEmpty, labels.count <= batchCapacity else { return [] }
        forward(images, count: labels.count, dropoutSeed: nil)
        _ = errors(labels)
        backward(count: labels.count, learning, step: nil)
        return layout.tensors(learning.gradient.start)
    }

    private func step(_ settings: NetworkLearning, _ learning: NetworkLearningMemory) -> NetworkStep {
        var step = NetworkStep()
        step.rate = settings.rate
        step.weightDecay = settings.weightDecay
        step.momentum = settings.momentum
        step.beta1 = settings.beta1
        step.beta2 = settings.beta2
        switch settings.optimizer {
        case .sgd: step.optimizer = NETWORK_SGD
        case .momentum: step.optimizer = NETWORK_MOMENTUM
        case .adam:
            // Kingma, Ba: "Adam: a method for stochastic optimization", 2015; the corrections are folded into two constants.
            step.optimizer = NETWORK_ADAM
            let correction = (1 - pow(Double(settings.beta2), Double(learning.stepCount))).squareRoot()
            step.rate = Float(Double(settings.rate) * correction / (1 - pow(Double(settings.beta1), Double(learning.stepCount))))
            step.epsilon = Float(Double(settings.epsilon) * correction)
        }
        return step
    }

    // MARK: Backward

    /// From the errors of the logits to gradients, and with `step` to new parameters.
    private func backward(count: Int, _ learning: NetworkLearningMemory, step: NetworkStep?) {
        for index in plan.dense.indices.reversed() { backwardDense(index, count: count, learning, step: step) }
        guard !plan.convolutions.isEmpty else { return }
        let groups = min(Self.groupCount, count)
        pool.parallelFor(groups) { group in
            learning.groupGradients[group].elements.update(repeating: 0)
            for image in count * group / groups..<count * (group + 1) / groups {
                backwardConvolutions(image: image, group: group, learning)
            }
        }
        let total = learning.convolutionParameterCount
        let chunk = 4096
        pool.parallelFor((total + chunk - 1) / chunk) { index in
            let range = index * chunk..<min(total, (index + 1) * chunk)
            let sum = learning.gradient.start
            for place in range { sum[place] = learning.groupGradients[0].start[place] }
            for group in 1..<max(1, groups) {
                let own = learning.groupGradients[group].start
                for place in range { sum[place] += own[place] }
            }
        }
        guard let step else { return }
        for index in plan.convolutions.indices {
            let part = layout.parts[index]
            apply(step, part.weightStart..<part.biasStart, learning)
            apply(step, part.biasStart..<part.biasStart + part.paddedOutputCount, learning, isBias: true)
            transposeWeights(index, learning)
        }
    }

    /// Moves a run of parameters.
    private func apply(_ step: NetworkStep, _ range: Range<Int>, _ learning: NetworkLearningMemory, isBias: Bool = false) {
        var step = step
        if isBias { step.weightDecay = 0 }
        kernels.step(
            &step, parameters.start + range.lowerBound, learning.gradient.start + range.lowerBound,
            learning.first.count > 0 ? learning.first.start + range.lowerBound : nil,
            learning.second.count > 0 ? learning.second.start + range.lowerBound : nil, range.count)
    }

    private func backwardDense(_ index: Int, count: Int, _ learning: NetworkLearningMemory, step: NetworkStep?) {
        let layer = plan.dense[index]
        let partIndex = plan.convolutions.count + index
        let part = layout.parts[partIndex]
        let stride = memory.denseStrides[index]
        let errors = index == plan.dense.count - 1 ? memory.denseOutputs[index] : learning.denseErrors[index]
        if learning.transposed[partIndex].count > 0 { sendBack(index, count: count, errors, learning) }
        let (input, inputStride) = memory.input(ofDense: index)
        let panelCount = layer.paddedUnitCount / 16
        pool.parallelFor((panelCount + 1) / 2) { pair in
            let panels = min(2, panelCount - 2 * pair)
            let weights = part.weightStart + pair * 32 * part.depth..<part.weightStart + (pair * 32 + panels * 16) * part.depth
            let biases = part.biasStart + pair * 32..<part.biasStart + pair * 32 + panels * 16
            let gradient = learning.gradient.start
            (gradient + weights.lowerBound).update(repeating: 0, count: weights.count)
            (gradient + biases.lowerBound).update(repeating: 0, count: biases.count)
            var product = NetworkOuterProduct()
            product.in = UnsafePointer(input)
            product.inStep = inputStride
            product.height = 1
            product.width = count
            product.kernelHeight = 1
            product.patch = part.depth
            product.errors = UnsafePointer(errors.start + pair * 32)
            product.errorStep = stride
            product.panels = panels
            product.gradient = gradient + weights.lowerBound
            kernels.outerProduct(&product)
            kernels.sumRows(errors.start + pair * 32, count, stride, panels * 16, gradient + biases.lowerBound)
            guard let step else { return }
            apply(step, weights, learning)
            apply(step, biases, learning, isBias: true)
            for panel in 2 * pair..<2 * pair + panels { transposeDense(partIndex, panel: panel, learning) }
        }
    }

    /// The errors of a dense layer's inputs.
    private func sendBack(_ index: Int, count: Int, _ errors: AlignedBuffer<Float>, _ learning: NetworkLearningMemory) {
        let layer = plan.dense[index]
        let target = index == 0 ? learning.flatErrors : learning.denseErrors[index - 1]
        let targetStride = index == 0 ? memory.flatStride : memory.denseStrides[index - 1]
        let panelCount = layer.inputCount / 16
        let before = index > 0 ? plan.dense[index - 1] : nil
        pool.parallelFor((panelCount + 1) / 2) { pair in
            var product = NetworkProduct()
            product.in = UnsafePointer(errors.start)
            product.inStep = memory.denseStrides[index]
            product.height = 1
            product.width = count
            product.kernelHeight = 1
            product.patch = layer.paddedUnitCount
            product.weights = UnsafePointer(
                learning.transposed[plan.convolutions.count + index].start + pair * 32 * layer.paddedUnitCount)
            product.panels = min(2, panelCount - 2 * pair)
            product.out = target.start + pair * 32
            product.outStep = targetStride
            kernels.product(&product)
            guard let before else { return }
            let outputs = memory.denseOutputs[index - 1].start
            for row in 0..<count {
                Self.mask(
                    target.start + row * targetStride + pair * 32, by: outputs + row * targetStride + pair * 32,
                    count: product.panels * 16, isRectified: before.isRectified, dropoutRate: before.dropoutRate)
            }
        }
    }

    /// What was cut off or dropped on the way forward sends nothing back.
    private static func mask(
        _ errors: UnsafeMutablePointer<Float>, by outputs: UnsafePointer<Float>, count: Int, isRectified: Bool, dropoutRate: Double
    ) {
        let scale = dropoutRate > 0 ? Float(1 / (1 - dropoutRate)) : 1
        if isRectified {
            for place in 0..<count { errors[place] = outputs[place] > 0 ? errors[place] * scale : 0 }
        } else if dropoutRate > 0 {
            for place in 0..<count { errors[place] = outputs[place] != 0 ? errors[place] * scale : 0 }
        }
    }

    private func backwardConvolutions(image: Int, group: Int, _ learning: NetworkLearningMemory) {
        var errors = learning.flatErrors.start + image * memory.flatStride
        for (index, layer) in plan.convolutions.enumerated().reversed() {
            let part = layout.parts[index]
            let filters = layer.paddedFilterCount
            if layer.dropoutRate > 0 {
                let (outputs, row) = memory.output(ofConvolution: index, image: image)
                let width = layer.pooledWidth * filters
                for y in 0..<layer.pooledHeight {
                    Self.mask(
                        errors + y * width, by: outputs + y * row, count: width, isRectified: false, dropoutRate: layer.dropoutRate)
                }
            }
            let bordered = learning.borderedErrors[group][index].start
            let row = (layer.input.width + layer.kernelWidth - 1) * filters
            let inside =
                bordered + (layer.kernelHeight - 1 - layer.padTop) * row + (layer.kernelWidth - 1 - layer.padLeft) * filters
            var shape = layer.poolShape
            kernels.poolBackward(&shape, errors, memory.choices(ofConvolution: index, image: image), inside, row)
            var outer = NetworkOuterProduct()
            outer.in = UnsafePointer(memory.input(ofConvolution: index, image: image))
            outer.inRow = layer.borderedWidth * layer.inputStride
            outer.inStep = layer.inputStride
            outer.height = layer.outputHeight
            outer.width = layer.outputWidth
            outer.kernelHeight = layer.kernelHeight
            outer.patch = layer.patch
            outer.errors = UnsafePointer(inside)
            outer.errorRow = row
            outer.errorStep = filters
            outer.panels = filters / 16
            outer.gradient = learning.groupGradients[group].start + part.weightStart
            outer.border = layer.border
            kernels.outerProduct(&outer)
            for y in 0..<layer.outputHeight {
                kernels.sumRows(
                    inside + y * row, layer.outputWidth, filters, filters, learning.groupGradients[group].start + part.biasStart)
            }
            if index == 0 { return }
            let back = learning.inputErrors[group][index].start
            var product = NetworkProduct()
            product.in = UnsafePointer(bordered)
            product.inRow = row
            product.inStep = filters
            product.height = layer.input.height
            product.width = layer.input.width
            product.kernelHeight = layer.kernelHeight
            product.patch = layer.kernelWidth * filters
            product.weights = UnsafePointer(learning.transposed[index].start)
            product.panels = layer.inputStride / 16
            product.out = back
            product.outRow = layer.input.width * layer.inputStride
            product.outStep = layer.inputStride
            product.border = NetworkBorder(
                top: layer.kernelHeight - 1 - layer.padTop, left: layer.kernelWidth - 1 - layer.padLeft, height: layer.outputHeight,
                width: layer.outputWidth)
            kernels.product(&product)
            errors = back
        }
    }

    // MARK: Transposed weights

    private func transposeWeights(_ partIndex: Int, _ learning: NetworkLearningMemory) {
        guard learning.transposed[partIndex].count > 0 else { return }
        if partIndex < plan.convolutions.count {
            transposeConvolution(partIndex, learning)
        } else {
            let layer = plan.dense[partIndex - plan.convolutions.count]
            for panel in 0..<layer.paddedUnitCount / 16 { transposeDense(partIndex, panel: panel, learning) }
        }
    }

    private func transposeDense(_ partIndex: Int, panel: Int, _ learning: NetworkLearningMemory) {
        guard learning.transposed[partIndex].count > 0 else { return }
        let layer = plan.dense[partIndex - plan.convolutions.count]
        let part = layout.parts[partIndex]
        kernels.transpose(
            parameters.start + part.weightStart + panel * part.depth * 16, 256, learning.transposed[partIndex].start + panel * 256,
            layer.paddedUnitCount * 16, layer.inputCount / 16)
    }

    private func transposeConvolution(_ index: Int, _ learning: NetworkLearningMemory) {
        let layer = plan.convolutions[index]
        let weights = parameters.start + layout.parts[index].weightStart
        let target = learning.transposed[index].start
        let filters = layer.paddedFilterCount
        let (height, width) = (layer.kernelHeight, layer.kernelWidth)
        for inputPanel in 0..<layer.inputStride / 16 {
            for y in 0..<height {
                for x in 0..<width {
                    // Blocks of one kernel pixel: its filters' panels lie a panel's depth apart.
                    let from = ((height - 1 - y) * layer.patch + (width - 1 - x) * layer.inputStride + inputPanel * 16) * 16
                    let to = ((inputPanel * height + y) * width * filters + x * filters) * 16
                    kernels.transpose(weights + from, height * layer.patch * 16, target + to, 256, filters / 16)
                }
            }
        }
    }
}
