// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation

/// A trained model as its file holds it.
struct PCAModel: Sendable, Equatable {
    /// What is subtracted from rows; zeros where `subtract_mean` is false.
    var mean: [Float]
    /// Ascending.
    var singularValues: [Float]
    /// [feature][component].
    var components: [Float]

    var featureCount: Int { mean.count }
    var componentCount: Int { singularValues.count }

    init(mean: [Float], singularValues: [Float], components: [Float]) {
        self.mean = mean
        self.singularValues = singularValues
        self.components = components
    }

    /// Writes `model_<host>` to a folder.
    func write(to directory: String, host: String) throws {
        let file = try OutputFile(path: "\(directory)/model_\(host)")
        try file.write(
            NDArrayList.encode([
                ("mean", NDArray(shape: [1, featureCount], values: mean)),
                ("s", NDArray(shape: [componentCount], values: singularValues)),
                ("v", NDArray(shape: [featureCount, componentCount], values: components)),
            ]))
        try file.close()
    }

    /// Reads the one model in a folder.
    init(directory: String) throws {
        let name = "model_algo-1"
        guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
            throw AlgorithmError("there is no \(name): it is not a model of \(PCA.name)")
        }
        let arrays = try NDArrayList.decode(Array(bytes), file: name)
        func array(_ wanted: String) throws -> NDArray {
            guard let found = arrays.first(where: { $0.name == wanted }), found.array.values.allSatisfy(\.isFinite) else {
                throw AlgorithmError("\(name) has no array \(wanted) of numbers: it is not a model of \(PCA.name)")
            }
            return found.array
        }
        let (mean, values, components) = try (array("mean"), array("s"), array("v"))
        guard !mean.values.isEmpty, !values.values.isEmpty, components.shape == [mean.values.count, values.values.count] else {
            throw AlgorithmError("\(name): \(components.shape) components do not fit \(mean.values.count) features")
        }
        self.init(mean: mean.values, singularValues: values.values, components: components.values)
    }

    /// The projections of rows, row after row; each is computed by itself, in float64.
    func projections(of values: [Float], rowCount: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rowCount * componentCount)
        var sums = [Double](repeating: 0, count: componentCount)
        for row in 0..<rowCount {
            for component in 0..<componentCount { sums[component] = 0 }
            for feature in 0..<featureCount {
                let value = Double(values[row * featureCount + feature]) - Double(mean[feature])
                guard value != 0 else { continue }
                let start = feature * componentCount
                for component in 0..<componentCount { sums[component] += value * Double(components[start + component]) }
            }
            result += sums.map { Float($0) }
        }
        return result
    }
}

/// A loaded model: `projection`.
struct PCAPredictor: TabularPredictor {
    let model: PCAModel

    var featureCount: Int? { model.featureCount }
    var listName: String { "projections" }

    func predict(_ examples: ExampleSet) throws -> Predictions {
        guard examples.featureCount == model.featureCount else {
            throw InferenceError.wrongFeatureCount(example: 1, found: examples.featureCount, expected: model.featureCount)
        }
        return Predictions(
            count: examples.count,
            columns: [
                .init(
                    "projection", width: model.componentCount,
                    values: model.projections(of: examples.denseValues(), rowCount: examples.count))
            ])
    }
}
