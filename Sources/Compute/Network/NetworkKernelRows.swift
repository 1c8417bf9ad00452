// SPDX-License-Identifier: Apache-2.0

import CKernels

extension KernelVersion {
    /// The network's kernels of this version.
    var network: NetworkKernelSet { networkKernels(set.pointee.name).pointee }
}

extension KernelTable {
    /// The network's kernels of the fastest version.
    static let network = networkKernels(best.name).pointee
}

extension KernelRow {
    /// The network's kernels.
    static let networkRows: [KernelRow] = [
        .networkProduct(width: 14, channels: 32, panels: 4), .networkProduct(width: 17, channels: 3, panels: 1),
        .networkOuterProduct(width: 14, channels: 32, panels: 4), .networkOuterProduct(width: 17, channels: 3, panels: 1),
        .networkPool, .networkStep(.sgd), .networkStep(.momentum), .networkStep(.adam), .networkDropout, .networkTranspose,
    ]

    private static func values(_ count: Int, _ random: inout Random) -> [Float] {
        (0..<count).map { _ in 2 * random.uniform() - 1 }
    }

    /// An image with `border` rows and pixels of zeros on every side.
    private static func borderedImage(height: Int, width: Int, channels: Int, border: Int, _ random: inout Random) -> [Float] {
        var image: [Float] = []
        for y in -border..<height + border {
            for x in -border..<width + border {
                let isInside = (0..<height).contains(y) && (0..<width).contains(x)
                image += isInside ? values(channels, &random) : [Float](repeating: 0, count: channels)
            }
        }
        return image
    }

    /// A convolution of `panels` panels over an image whose width is no multiple of any tile, from `channels` channels.
    static func networkProduct(width: Int, channels: Int, panels: Int) -> KernelRow {
        let (height, kernel) = (6, 5)
        let patch = kernel * channels
        let row = (width + kernel - 1) * channels
        let operations = 2 * height * width * kernel * patch * panels * 16
        return KernelRow(
            name: "convolution, \(width) wide, \(channels) to \(panels * 16) channels", operationCount: operations,
            byteCount: 4 * (row * height + kernel * patch * panels * 16 + height * width * panels * 16), tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            let image = borderedImage(height: height, width: width, channels: channels, border: 2, &random)
            let weights = values(panels * kernel * patch * 16, &random)
            let bias = values(panels * 16, &random)
            return { version in
                var out = [Float](repeating: 0, count: height * width * panels * 16)
                image.withUnsafeBufferPointer { image in
                    weights.withUnsafeBufferPointer { weights in
                        bias.withUnsafeBufferPointer { bias in
                            out.withUnsafeMutableBufferPointer { out in
                                guard let image = image.baseAddress, let weights = weights.baseAddress, let out = out.baseAddress
                                else { return }
                                var product = NetworkProduct(
                                    in: image, inRow: row, inStep: channels, height: height, width: width, kernelHeight: kernel,
                                    patch: patch, weights: weights, panels: panels, bias: bias.baseAddress, out: out,
                                    outRow: width * panels * 16, outStep: panels * 16,
                                    border: NetworkBorder(top: 2, left: 2, height: height, width: width))
                                version.network.product(&product)
                            }
                        }
                    }
                }
                return out
            }
        }
    }

    /// The gradient of the same convolution's weights.
    static func networkOuterProduct(width: Int, channels: Int, panels: Int) -> KernelRow {
        let (height, kernel) = (6, 5)
        let patch = kernel * channels
        let row = (width + kernel - 1) * channels
        let operations = 2 * height * width * kernel * patch * panels * 16
        return KernelRow(
            name: "convolution's gradient, \(width) wide, \(channels) to \(panels * 16) channels", operationCount: operations,
            byteCount: 4 * (row * height + 2 * kernel * patch * panels * 16 + height * width * panels * 16), tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            let image = borderedImage(height: height, width: width, channels: channels, border: 2, &random)
            let errors = values(height * width * panels * 16, &random)
            let start = values(panels * kernel * patch * 16, &random)
            return { version in
                var gradient = start
                image.withUnsafeBufferPointer { image in
                    errors.withUnsafeBufferPointer { errors in
                        gradient.withUnsafeMutableBufferPointer { gradient in
                            guard let image = image.baseAddress, let errors = errors.baseAddress,
                                let gradient = gradient.baseAddress
                            else { return }
                            var product = NetworkOuterProduct(
                                in: image, inRow: row, inStep: channels, height: height, width: width, kernelHeight: kernel,
                                patch: patch, errors: errors, errorRow: width * panels * 16, errorStep: panels * 16, panels: panels,
                                gradient: gradient, border: NetworkBorder(top: 2, left: 2, height: height, width: width))
                            version.network.outerProduct(&product)
                        }
                    }
                }
                return gradient
            }
        }
    }

    /// Pooling there and back, the image's edges cut off.
    static let networkPool = KernelRow(
        name: "pooling forward and backward", operationCount: 0, byteCount: 4 * 13 * 11 * 32 * 3, tolerance: 0
    ) { seed in
        var random = Random(seed: seed)
        let (height, width, channels) = (13, 11, 32)
        let image = values(height * width * channels, &random)
        return { version in
            var all: [Float] = []
            for (size, rectified) in [(1, true), (2, true), (2, false), (3, false)] {
                let (pooledHeight, pooledWidth) = ((height + size - 1) / size, (width + size - 1) / size)
                var shape = NetworkPool(height: height, width: width, channels: channels, size: size, rectified: rectified)
                var pooled = [Float](repeating: 0, count: pooledHeight * pooledWidth * channels)
                var choices = [UInt8](repeating: 0, count: pooled.count)
                version.network.pool(&shape, image, &pooled, pooledWidth * channels, &choices)
                var back = [Float](repeating: 0, count: image.count)
                version.network.poolBackward(&shape, pooled, choices, &back, width * channels)
                all += pooled + back
            }
            return all
        }
    }

    static func networkStep(_ optimizer: NetworkOptimizer) -> KernelRow {
        let count = 1003
        return KernelRow(
            name: "network step, \(optimizer.rawValue)", operationCount: 12 * count, byteCount: 28 * count, tolerance: 1e-5
        ) { seed in
            var random = Random(seed: seed)
            let start = (0..<3).map { _ in values(count, &random) }
            let gradient = values(count, &random)
            let kind = [NetworkOptimizer.sgd: NETWORK_SGD, .momentum: NETWORK_MOMENTUM, .adam: NETWORK_ADAM][optimizer]
            return { version in
                var (weights, first, second) = (start[0], start[1], start[2].map { abs($0) })
                var step = NetworkStep(
                    optimizer: kind ?? NETWORK_SGD, rate: 0.01, weightDecay: 0.1, momentum: 0.9, beta1: 0.9, beta2: 0.999,
                    epsilon: 1e-8)
                version.network.step(&step, &weights, gradient, &first, &second, count)
                return weights + first + second
            }
        }
    }

    static let networkDropout = KernelRow(name: "dropout", operationCount: 0, byteCount: 8 * 5003, tolerance: 0) { seed in
        var random = Random(seed: seed)
        let numbers = values(5003, &random)
        return { version in
            var numbers = numbers
            version.network.dropout(&numbers, numbers.count, 1 << 30, 1.5, seed, 77)
            return numbers
        }
    }

    static let networkTranspose = KernelRow(
        name: "transposing blocks and adding up rows", operationCount: 0, byteCount: 8 * 256 * 6, tolerance: 1e-6
    ) { seed in
        var random = Random(seed: seed)
        let numbers = values(256 * 6, &random)
        return { version in
            var out = [Float](repeating: 0, count: 512 * 6)
            version.network.transpose(numbers, 256, &out, 512, 6)
            var sums = [Float](repeating: 1, count: 37)
            version.network.sumRows(numbers, 30, 48, 37, &sums)
            return out + sums
        }
    }
}
