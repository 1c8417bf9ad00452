// SPDX-License-Identifier: Apache-2.0

/// The numbers between the layers, for a batch of images.
final class NetworkMemory: @unchecked Sendable {
    private let plan: NetworkPlan
    /// Each convolution's inputs with their border of zeros, image after image.
    private let inputs: [AlignedBuffer<Float>]
    private let inputCounts: [Int]
    private let choices: [AlignedBuffer<UInt8>]
    /// A convolution's output before it is pooled; one for each group.
    private let full: [AlignedBuffer<Float>]
    /// What the first dense layer looks at, image after image.
    let flat: AlignedBuffer<Float>
    let flatStride: Int
    /// The dense layers' outputs; a row of `denseStrides` numbers an image.
    let denseOutputs: [AlignedBuffer<Float>]
    let denseStrides: [Int]

    init(_ plan: NetworkPlan, batchCapacity: Int) {
        self.plan = plan
        inputCounts = plan.convolutions.map { $0.borderedHeight * $0.borderedWidth * $0.inputStride }
        inputs = inputCounts.map { AlignedBuffer(count: $0 * batchCapacity + 16) }
        choices = plan.convolutions.map { AlignedBuffer(count: $0.outputCount * batchCapacity) }
        let largest = plan.convolutions.map { $0.outputHeight * $0.outputWidth * $0.paddedFilterCount }.max() ?? 0
        full = (0..<(plan.convolutions.isEmpty ? 0 : Network.groupCount)).map { _ in AlignedBuffer(count: largest) }
        flatStride = plan.dense.first?.inputCount ?? 0
        flat = AlignedBuffer(count: flatStride * batchCapacity)
        denseStrides = plan.dense.map { Self.stride($0.paddedUnitCount) }
        denseOutputs = denseStrides.map { AlignedBuffer(count: $0 * batchCapacity) }
    }

    /// Rows whose length is a multiple of a page would fight for the same lines of the cache.
    static func stride(_ count: Int) -> Int { count % 256 == 0 ? count + 16 : count }

    func input(ofConvolution index: Int, image: Int) -> UnsafeMutablePointer<Float> {
        inputs[index].start + image * inputCounts[index]
    }

    /// Where the pooled output of a convolution goes: the inside of the next one's input, or a row of the first dense layer's.
    func output(ofConvolution index: Int, image: Int) -> (start: UnsafeMutablePointer<Float>, row: Int) {
        guard index + 1 < plan.convolutions.count else {
            let layer = plan.convolutions[index]
            return (flat.start + image * flatStride, layer.pooledWidth * layer.paddedFilterCount)
        }
        let next = plan.convolutions[index + 1]
        let row = next.borderedWidth * next.inputStride
        return (input(ofConvolution: index + 1, image: image) + next.padTop * row + next.padLeft * next.inputStride, row)
    }

    func choices(ofConvolution index: Int, image: Int) -> UnsafeMutablePointer<UInt8> {
        choices[index].start + image * plan.convolutions[index].outputCount
    }

    func fullOutput(group: Int) -> UnsafeMutablePointer<Float> { full[group].start }

    func input(ofDense index: Int) -> (start: UnsafeMutablePointer<Float>, stride: Int) {
        index == 0 ? (flat.start, flatStride) : (denseOutputs[index - 1].start, denseStrides[index - 1])
    }
}
