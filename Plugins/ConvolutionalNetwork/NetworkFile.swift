// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A trained model as its files hold it.
///
/// `network.json` is a JSON object: `format` (`convolutional-network 1`), `input_shape` ([height, width, channels]), `scale` (what features
/// are divided by), `layers` (as hyperparameter `network` has them, every member given), `epochs` and `steps` done. `network-0000.params`
/// is an NDArray list of `conv1_weight` [kernel height][kernel width][channels][filters], `conv1_bias`, …, `dense1_weight` [inputs][units], ….
/// Inputs of the first dense layer are in the order row, column, channel. `optimizer-0000.params`, where it is there, has the same names
/// behind `first:` and `second:`, the means of gradients and of their squares.
struct NetworkFile: Sendable, Equatable {
    static let name = "network.json"
    static let parametersName = "network-0000.params"
    static let optimizerName = "optimizer-0000.params"
    private static let format = "convolutional-network 1"

    var input: NetworkShape
    var layers: [NetworkLayer]
    var classCount: Int
    var scale: Float
    var epochCount: Int
    var tensors: [NetworkTensor]
    var state: NetworkState?

    init(
        input: NetworkShape, layers: [NetworkLayer], classCount: Int, scale: Float, epochCount: Int, tensors: [NetworkTensor],
        state: NetworkState?
    ) {
        self.input = input
        self.layers = layers
        self.classCount = classCount
        self.scale = scale
        self.epochCount = epochCount
        self.tensors = tensors
        self.state = state
    }

    private struct Layer: Codable {
        var type: String
        var filters: Int?
        var kernel: [Int]?
        var padding: String?
        var size: Int?
        var units: Int?
        var rate: Double?

        init(_ layer: NetworkLayer) {
            switch layer {
            case .convolution(let filterCount, let kernelHeight, let kernelWidth, let isPadded):
                type = "conv"
                filters = filterCount
                kernel = [kernelHeight, kernelWidth]
                padding = isPadded ? "same" : "valid"
            case .rectifier: type = "relu"
            case .pool(let size):
                type = "pool"
                self.size = size
            case .dense(let unitCount):
                type = "dense"
                units = unitCount
            case .dropout(let rate):
                type = "dropout"
                self.rate = rate
            }
        }
    }

    private struct Document: Codable {
        var format: String
        var input_shape: [Int]
        var scale: Float
        var layers: [Layer]
        var classes: Int
        var epochs: Int
        var steps: Int
    }

    /// The files' names and bytes.
    func files() throws -> [(name: String, bytes: [UInt8])] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let document = Document(
            format: Self.format, input_shape: [input.height, input.width, input.channelCount], scale: scale,
            layers: layers.map(Layer.init), classes: classCount, epochs: epochCount, steps: state?.stepCount ?? 0)
        func list(_ tensors: [(String, [NetworkTensor])]) -> [UInt8] {
            NDArrayList.encode(
                tensors.flatMap { prefix, tensors in
                    tensors.map { (prefix + $0.name, NDArray(shape: $0.shape, values: $0.values)) }
                })
        }
        var files = [(Self.name, Array(try encoder.encode(document))), (Self.parametersName, list([("arg:", tensors)]))]
        if let state { files.append((Self.optimizerName, list([("first:", state.first), ("second:", state.second)]))) }
        return files
    }

    /// Writes the files to a folder.
    func write(to directory: String) throws {
        for file in try files() {
            let output = try OutputFile(path: "\(directory)/\(file.name)")
            try output.write(file.bytes)
            try output.close()
        }
    }

    /// Reads the model in a folder; throws ``AlgorithmError`` where it is none or damaged.
    init(directory: String) throws {
        try self.init { name in FileManager.default.contents(atPath: "\(directory)/\(name)").map { Array($0) } }
    }

    /// Reads the model that a job of an earlier time left: its archive, or its files.
    init(channel: InputChannel) throws {
        if let archive = channel.files.first(where: { $0.hasSuffix(".tar.gz") }) {
            let entries = try Archive.read(file: archive)
            try self.init { name in
                for entry in entries where entry.path == name || entry.path == "./\(name)" {
                    if case .bytes(let bytes) = entry.content { return bytes }
                }
                return nil
            }
        } else {
            try self.init { name in
                channel.files.first { $0.hasSuffix("/\(name)") }.flatMap { FileManager.default.contents(atPath: $0) }.map {
                    Array($0)
                }
            }
        }
    }

    private init(_ bytes: (String) -> [UInt8]?) throws {
        guard let json = bytes(Self.name), let parameters = bytes(Self.parametersName) else {
            throw AlgorithmError(
                "there is no \(Self.name) or no \(Self.parametersName): it is not a model of \(ConvolutionalNetwork.name)")
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(json))
        } catch {
            throw AlgorithmError("\(Self.name) cannot be read: \(error)")
        }
        guard document.format == Self.format, document.input_shape.count == 3,
            document.input_shape.allSatisfy({ (1...65_536).contains($0) }), document.scale > 0,
            (0...1 << 20).contains(document.epochs), (2...65_535).contains(document.classes)
        else {
            throw AlgorithmError("\(Self.name) has format '\(document.format)'; '\(Self.format)' with a shape and a scale is read")
        }
        let text = String(decoding: try JSONEncoder().encode(document.layers), as: UTF8.self)
        layers = try LayerList(text).resolved(classCount: document.classes)
        input = NetworkShape(
            height: document.input_shape[0], width: document.input_shape[1], channelCount: document.input_shape[2])
        classCount = document.classes
        scale = document.scale
        epochCount = document.epochs
        func tensors(_ bytes: [UInt8], _ file: String, prefix: String) throws -> [NetworkTensor] {
            try NDArrayList.decode(bytes, file: file).filter { $0.name.hasPrefix(prefix) }.map {
                NetworkTensor(name: String($0.name.dropFirst(prefix.count)), shape: $0.array.shape, values: $0.array.values)
            }
        }
        self.tensors = try tensors(parameters, Self.parametersName, prefix: "arg:")
        state = try bytes(Self.optimizerName).map {
            NetworkState(
                stepCount: max(0, document.steps), first: try tensors($0, Self.optimizerName, prefix: "first:"),
                second: try tensors($0, Self.optimizerName, prefix: "second:"))
        }
    }
}
