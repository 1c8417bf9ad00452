// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A trained model as its files hold it.
///
/// `model_algo-1` is a zip of `additional-params.json` (what a score means and where its threshold lies), `manifest.json`,
/// `mx-mod-symbol.json` (one fully connected layer) and `mx-mod-0000.params` (`fc0_weight`, [scores][features], and `fc0_bias`).
struct LinearModel: Sendable, Equatable {
    var predictorType: LinearLearner.PredictorType
    /// Whether a binary score becomes a probability by the logistic function.
    var isProbabilistic: Bool
    var featureCount: Int
    /// Rows whose score, before the logistic function, is above it are of class 1.
    var threshold: Float
    var coefficients: LinearCoefficients

    init(
        predictorType: LinearLearner.PredictorType, isProbabilistic: Bool, featureCount: Int, threshold: Float,
        coefficients: LinearCoefficients
    ) {
        self.predictorType = predictorType
        self.isProbabilistic = isProbabilistic
        self.featureCount = featureCount
        self.threshold = threshold
        self.coefficients = coefficients
    }

    private struct AdditionalParameters: Codable {
        var predictor_type: String
        var feature_dim: Int
        var num_classes: Int
        var is_probabilistic: Bool
        var score_threshold: Float
    }

    private static let parametersName = "additional-params.json"
    private static let arraysName = "mx-mod-0000.params"
    private static let symbolName = "mx-mod-symbol.json"
    private static let manifestName = "manifest.json"

    /// The zip's bytes; the same model gives the same bytes.
    func archive() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let parameters = AdditionalParameters(
            predictor_type: predictorType.rawValue, feature_dim: featureCount, num_classes: coefficients.biases.count,
            is_probabilistic: isProbabilistic, score_threshold: threshold)
        let scoreCount = coefficients.biases.count
        let arrays = NDArrayList.encode([
            ("arg:fc0_weight", NDArray(shape: [scoreCount, featureCount], values: coefficients.weights)),
            ("arg:fc0_bias", NDArray(shape: [scoreCount], values: coefficients.biases)),
        ])
        let manifest =
            "{\"additional-params\": \"\(Self.parametersName)\", \"params\": \"\(Self.arraysName)\", "
            + "\"symbol\": \"\(Self.symbolName)\"}"
        return try Archive.pack(
            [
                ArchiveEntry(path: Self.parametersName, bytes: Array(encoder.encode(parameters))),
                ArchiveEntry(path: Self.manifestName, bytes: Array(manifest.utf8)),
                ArchiveEntry(path: Self.symbolName, bytes: Array(Self.symbol(scoreCount: scoreCount).utf8)),
                ArchiveEntry(path: Self.arraysName, bytes: arrays),
            ], as: .zip)
    }

    /// MXNet's graph of a fully connected layer.
    private static func symbol(scoreCount: Int) -> String {
        let variables = ["data", "fc0_weight", "fc0_bias"].map { "{\"op\": \"null\", \"name\": \"\($0)\", \"inputs\": []}" }
        let layer =
            "{\"op\": \"FullyConnected\", \"name\": \"fc0\", \"attrs\": {\"num_hidden\": \"\(scoreCount)\"}, "
            + "\"inputs\": [[0, 0, 0], [1, 0, 0], [2, 0, 0]]}"
        return "{\"nodes\": [\((variables + [layer]).joined(separator: ", "))], \"arg_nodes\": [0, 1, 2], "
            + "\"node_row_ptr\": [0, 1, 2, 3, 4], \"heads\": [[3, 0, 0]], \"attrs\": {\"mxnet_version\": [\"int\", 10200]}}"
    }

    /// Writes `model_<host>` to a folder.
    func write(to directory: String, host: String) throws {
        let file = try OutputFile(path: "\(directory)/model_\(host)")
        try file.write(archive())
        try file.close()
    }

    /// Reads the one model in a folder.
    init(directory: String) throws {
        let name = "model_algo-1"
        let entries = try Archive.read(file: "\(directory)/\(name)")
        func bytes(_ path: String) throws -> [UInt8] {
            guard let entry = entries.first(where: { $0.path == path }), case .bytes(let bytes) = entry.content else {
                throw AlgorithmError("\(name) has no \(path): it is not a model of \(LinearLearner.name)")
            }
            return bytes
        }
        let parameters: AdditionalParameters
        do {
            parameters = try JSONDecoder().decode(AdditionalParameters.self, from: Data(bytes(Self.parametersName)))
        } catch let error as DecodingError {
            throw AlgorithmError("\(Self.parametersName) in \(name) cannot be read: \(error)")
        }
        let arrays = try NDArrayList.decode(bytes(Self.arraysName), file: Self.arraysName)
        func array(_ wanted: String) throws -> NDArray {
            guard let found = arrays.first(where: { $0.name == wanted || $0.name == "arg:\(wanted)" }) else {
                throw AlgorithmError("\(Self.arraysName) in \(name) has no array \(wanted)")
            }
            return found.array
        }
        let weights = try array("fc0_weight")
        let biases = try array("fc0_bias")
        guard let type = LinearLearner.PredictorType(rawValue: parameters.predictor_type),
            weights.shape == [biases.values.count, parameters.feature_dim]
        else {
            throw AlgorithmError(
                "\(name): \(parameters.predictor_type) of \(parameters.feature_dim) features does not fit weights \(weights.shape)")
        }
        self.init(
            predictorType: type, isProbabilistic: parameters.is_probabilistic, featureCount: parameters.feature_dim,
            threshold: parameters.score_threshold,
            coefficients: LinearCoefficients(weights: weights.values, biases: biases.values))
    }
}
