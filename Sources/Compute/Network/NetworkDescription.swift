// SPDX-License-Identifier: Apache-2.0

/// One step of a network, as a layer list names it.
public enum NetworkLayer: Sendable, Equatable {
    /// Learned filters that slide over the image a pixel at a time; `isPadded` keeps the image's size with a border of zeros.
    case convolution(filterCount: Int, kernelHeight: Int, kernelWidth: Int, isPadded: Bool)
    /// Numbers below zero become zero.
    case rectifier
    /// The maximum of each window of size * size; windows do not overlap and may be cut off at the image's edge.
    case pool(size: Int)
    /// Learned weighted sums of everything.
    case dense(unitCount: Int)
    /// In training, each number becomes zero with this chance.
    case dropout(rate: Double)
}

/// The size of an image or of what a layer makes of it.
public struct NetworkShape: Sendable, Equatable {
    /// Rows.
    public var height: Int
    /// Numbers of pixels in a row.
    public var width: Int
    /// Numbers of a pixel.
    public var channelCount: Int

    /// Makes one from its parts.
    public init(height: Int, width: Int, channelCount: Int) {
        self.height = height
        self.width = width
        self.channelCount = channelCount
    }

    /// All numbers of an image.
    public var count: Int { height * width * channelCount }
}

/// Why a list of layers makes no network.
public struct NetworkDescriptionError: Error, Sendable, Equatable {
    /// The layer's number, from 1.
    public let layer: Int
    /// What is wrong with it and what would be right.
    public let message: String
}

/// The layers of a network in the form in which they are computed: convolutions with what follows them, then dense layers.
struct NetworkPlan: Sendable, Equatable {
    /// A convolution, the rectifier and the pooling after it.
    struct Convolution: Sendable, Equatable {
        var input: NetworkShape
        /// Numbers of an input pixel in memory: the image's own, or the previous layer's padded to whole panels.
        var inputStride: Int
        var kernelHeight: Int
        var kernelWidth: Int
        var padTop: Int
        var padLeft: Int
        var filterCount: Int
        var isRectified = false
        var poolSize = 1
        var dropoutRate = 0.0

        var paddedFilterCount: Int { NetworkPlan.padded(filterCount) }
        var patch: Int { kernelWidth * inputStride }
        /// The size of the input with its border of zeros.
        var borderedHeight: Int { outputHeight + kernelHeight - 1 }
        var borderedWidth: Int { outputWidth + kernelWidth - 1 }
        var isPadded: Bool { padTop > 0 || padLeft > 0 || kernelHeight == 1 && kernelWidth == 1 }
        var outputHeight: Int
        var outputWidth: Int
        var pooledHeight: Int { (outputHeight + poolSize - 1) / poolSize }
        var pooledWidth: Int { (outputWidth + poolSize - 1) / poolSize }
        var pooledShape: NetworkShape { .init(height: pooledHeight, width: pooledWidth, channelCount: filterCount) }
        /// Numbers of what it gives, in memory.
        var outputCount: Int { pooledHeight * pooledWidth * paddedFilterCount }
        var weightCount: Int { kernelHeight * patch * paddedFilterCount }
    }

    /// A dense layer and the rectifier after it.
    struct Dense: Sendable, Equatable {
        /// The shape that the inputs come from; a flat one after another dense layer.
        var input: NetworkShape
        /// Numbers of an input pixel in memory.
        var inputStride: Int
        var unitCount: Int
        var isRectified = false
        var dropoutRate = 0.0

        var paddedUnitCount: Int { NetworkPlan.padded(unitCount) }
        /// Numbers of an input, in memory.
        var inputCount: Int { input.height * input.width * inputStride }
        var weightCount: Int { inputCount * paddedUnitCount }
    }

    var input: NetworkShape
    var convolutions: [Convolution] = []
    var dense: [Dense] = []

    static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

    private var current: NetworkShape
    private var currentStride: Int

    /// Throws ``NetworkDescriptionError``.
    init(input: NetworkShape, layers: [NetworkLayer]) throws(NetworkDescriptionError) {
        self.input = input
        current = input
        currentStride = input.channelCount
        for (index, layer) in layers.enumerated() { try add(layer, number: index + 1) }
        guard case .dense? = layers.last else {
            throw NetworkDescriptionError(
                layer: max(1, layers.count), message: "the last layer is dense, with a unit for each class")
        }
    }

    private mutating func add(_ layer: NetworkLayer, number: Int) throws(NetworkDescriptionError) {
        func problem(_ message: String) -> NetworkDescriptionError { NetworkDescriptionError(layer: number, message: message) }
        switch layer {
        case .convolution(let filterCount, let kernelHeight, let kernelWidth, let isPadded):
            guard dense.isEmpty else { throw problem("a convolution cannot follow a dense layer") }
            let height = isPadded ? current.height : current.height - kernelHeight + 1
            let width = isPadded ? current.width : current.width - kernelWidth + 1
            guard height > 0, width > 0 else {
                throw problem(
                    "a kernel of \(kernelHeight)x\(kernelWidth) does not fit an image of \(current.height)x\(current.width)")
            }
            convolutions.append(
                Convolution(
                    input: current, inputStride: currentStride, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
                    padTop: isPadded ? (kernelHeight - 1) / 2 : 0, padLeft: isPadded ? (kernelWidth - 1) / 2 : 0,
                    filterCount: filterCount, outputHeight: height, outputWidth: width))
            current = NetworkShape(height: height, width: width, channelCount: filterCount)
            currentStride = Self.padded(filterCount)
        case .rectifier:
            if let last = dense.indices.last, dense[last].dropoutRate == 0 {
                dense[last].isRectified = true
            } else if dense.isEmpty, let last = convolutions.indices.last, convolutions[last].dropoutRate == 0 {
                // The rectifier and the maximum give the same in either order.
                convolutions[last].isRectified = true
            } else {
                throw problem("a rectifier follows a convolution, a pooling or a dense layer")
            }
        case .pool(let size):
            guard dense.isEmpty, let last = convolutions.indices.last, convolutions[last].poolSize == 1,
                convolutions[last].dropoutRate == 0
            else { throw problem("a pooling follows a convolution or its rectifier") }
            convolutions[last].poolSize = size
            current = convolutions[last].pooledShape
        case .dense(let unitCount):
            dense.append(Dense(input: current, inputStride: currentStride, unitCount: unitCount))
            current = NetworkShape(height: 1, width: 1, channelCount: unitCount)
            currentStride = Self.padded(unitCount)
        case .dropout(let rate):
            if let last = dense.indices.last {
                dense[last].dropoutRate = rate
            } else if let last = convolutions.indices.last {
                convolutions[last].dropoutRate = rate
            } else {
                throw problem("a dropout follows another layer")
            }
        }
    }

    /// Bytes that learning with batches of so many images takes, about.
    func byteCount(batchCapacity: Int) -> Double {
        let images = Double(batchCapacity)
        var count = Double(input.count) * images
        for layer in convolutions {
            let bordered = Double(layer.borderedHeight * layer.borderedWidth) * Double(layer.inputStride)
            count += 2 * bordered * images + (6 + Double(Network.groupCount)) * Double(layer.weightCount)
            count +=
                2 * Double(Network.groupCount) * Double(layer.outputHeight * layer.outputWidth) * Double(layer.paddedFilterCount)
        }
        for layer in dense {
            count += 2 * Double(layer.inputCount + layer.paddedUnitCount) * images
            count += 6 * Double(layer.inputCount) * Double(layer.paddedUnitCount)
        }
        return 4 * count
    }

    /// The classes that the last layer tells apart.
    var classCount: Int { dense.last?.unitCount ?? 0 }

    /// Multiplications and additions of one image: forward, and backward.
    var operationCounts: (forward: Double, backward: Double) {
        var forward = 0.0
        var backward = 0.0
        for (index, layer) in convolutions.enumerated() {
            let taps = layer.kernelHeight * layer.kernelWidth * layer.input.channelCount
            let own = 2 * Double(layer.outputHeight * layer.outputWidth * layer.filterCount) * Double(taps)
            forward += own
            backward += index == 0 ? own : 2 * own
        }
        for (index, layer) in dense.enumerated() {
            let own = 2 * Double(layer.input.count) * Double(layer.unitCount)
            forward += own
            backward += index == 0 && convolutions.isEmpty ? own : 2 * own
        }
        return (forward, backward)
    }
}
