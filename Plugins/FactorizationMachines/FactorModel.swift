// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A trained model as its file holds it: `model_algo-1`, a zip of `params` (an NDArray list of `v`, [features][factors], `w1_weight`,
/// [features][1], and `w0_weight`, [1][1]), `symbol.json`, and `additional-params.json` with the predictor.
struct FactorModel: Sendable, Equatable {
    var isClassifier: Bool
    var coefficients: FactorizationCoefficients

    private struct AdditionalParameters: Codable {
        var predictor_type: String
        var feature_dim: Int
        var num_factors: Int
    }

    private static let parametersName = "params"
    private static let symbolName = "symbol.json"
    private static let additionalName = "additional-params.json"
    private static let fileName = "model_algo-1"

    init(isClassifier: Bool, coefficients: FactorizationCoefficients) {
        self.isClassifier = isClassifier
        self.coefficients = coefficients
    }

    private var predictorType: String { isClassifier ? "binary_classifier" : "regressor" }

    /// MXNet's graph: names and shapes of the parameters, and what is put out.
    private var symbol: String {
        let names = ["data", "v", "w1_weight", "w0_weight"]
        let variables = names.map { "{\"op\": \"null\", \"name\": \"\($0)\", \"inputs\": []}" }
        let output = isClassifier ? "LogisticRegressionOutput" : "LinearRegressionOutput"
        let last = "{\"op\": \"\(output)\", \"name\": \"out\", \"inputs\": [[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]]}"
        return "{\"nodes\": [\((variables + [last]).joined(separator: ", "))], \"arg_nodes\": [0, 1, 2, 3], \"heads\": [[4, 0, 0]]}"
    }

    /// Writes `model_<host>` to a folder; the same model gives the same bytes.
    func write(to directory: String, host: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let featureCount = coefficients.weights.count
        let additional = AdditionalParameters(
            predictor_type: predictorType, feature_dim: featureCount, num_factors: coefficients.factorCount)
        let arrays = NDArrayList.encode([
            ("arg:v", NDArray(shape: [featureCount, coefficients.factorCount], values: coefficients.factors)),
            ("arg:w1_weight", NDArray(shape: [featureCount, 1], values: coefficients.weights)),
            ("arg:w0_weight", NDArray(shape: [1, 1], values: [coefficients.bias])),
        ])
        let archive = try Archive.pack(
            [
                ArchiveEntry(path: Self.additionalName, bytes: Array(encoder.encode(additional))),
                ArchiveEntry(path: Self.symbolName, bytes: Array(symbol.utf8)),
                ArchiveEntry(path: Self.parametersName, bytes: arrays),
            ], as: .zip)
        let file = try OutputFile(path: "\(directory)/model_\(host)")
        try file.write(archive)
        try file.close()
    }

    /// Reads the model in a folder; throws ``AlgorithmError`` where it is none or damaged.
    init(directory: String) throws {
        let entries = try Archive.read(file: "\(directory)/\(Self.fileName)")
        func bytes(_ path: String) throws -> [UInt8] {
            for entry in entries where entry.path == path {
                if case .bytes(let bytes) = entry.content { return bytes }
            }
            throw AlgorithmError("\(Self.fileName) has no \(path): it is not a model of \(FactorizationMachines.name)")
        }
        let additional: AdditionalParameters
        do {
            additional = try JSONDecoder().decode(AdditionalParameters.self, from: Data(bytes(Self.additionalName)))
        } catch let error as DecodingError {
            throw AlgorithmError("\(Self.additionalName) in \(Self.fileName) cannot be read: \(error)")
        }
        let arrays = try NDArrayList.decode(bytes(Self.parametersName), file: Self.parametersName)
        func array(_ name: String, _ shape: [Int]) throws -> [Float] {
            guard let found = arrays.first(where: { $0.name == "arg:\(name)" || $0.name == name }), found.array.shape == shape
            else {
                throw AlgorithmError("\(Self.parametersName) in \(Self.fileName) has no array \(name) of shape \(shape)")
            }
            return found.array.values
        }
        isClassifier = additional.predictor_type == "binary_classifier"
        let width = additional.feature_dim
        let bias = try array("w0_weight", [1, 1])
        coefficients = FactorizationCoefficients(
            bias: bias.first ?? 0, weights: try array("w1_weight", [width, 1]),
            factors: try array("v", [width, additional.num_factors]),
            factorCount: additional.num_factors)
    }
}
