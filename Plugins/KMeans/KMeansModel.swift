// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A trained model as its file holds it: `model_algo-1`, a list of one MXNet NDArray without a name, [k][feature_dim].
struct KMeansModel: Sendable, Equatable {
    var centreCount: Int
    var featureCount: Int
    /// Row after row.
    var centres: [Float]

    init(centreCount: Int, featureCount: Int, centres: [Float]) {
        self.centreCount = centreCount
        self.featureCount = featureCount
        self.centres = centres
    }

    /// Writes `model_<host>` to a folder.
    func write(to directory: String, host: String) throws {
        let file = try OutputFile(path: "\(directory)/model_\(host)")
        try file.write(NDArrayList.encode([("", NDArray(shape: [centreCount, featureCount], values: centres))]))
        try file.close()
    }

    /// Reads the one model in a folder.
    init(directory: String) throws {
        let name = "model_algo-1"
        guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
            throw AlgorithmError("there is no \(name): it is not a model of \(KMeans.name)")
        }
        guard let array = try NDArrayList.decode(Array(bytes), file: name).first?.array, array.shape.count == 2,
            array.shape[0] > 0, array.shape[1] > 0, array.values.count == array.shape[0] * array.shape[1],
            array.values.allSatisfy(\.isFinite)
        else { throw AlgorithmError("\(name) has no list of centres: it is not a model of \(KMeans.name)") }
        self.init(centreCount: array.shape[0], featureCount: array.shape[1], centres: array.values)
    }
}

/// A loaded model: `closest_cluster` and `distance_to_cluster`.
struct KMeansPredictor: TabularPredictor {
    private let model: KMeansModel
    private let pool = ThreadPool(threadCount: 1)

    var featureCount: Int? { model.featureCount }

    init(_ model: KMeansModel) { self.model = model }

    func predict(_ examples: ExampleSet) throws -> Predictions {
        guard
            let matrix = Matrix(
                rowCount: examples.count, columnCount: examples.featureCount, values: examples.denseValues()),
            examples.featureCount == model.featureCount
        else {
            throw InferenceError.wrongFeatureCount(example: 1, found: examples.featureCount, expected: model.featureCount)
        }
        let found = ClusterAssignment.nearest(
            ClusterRows(matrix, pool: pool), to: model.centres, count: model.centreCount, pool: pool)
        return Predictions(
            count: examples.count,
            columns: [
                .init("closest_cluster", values: found.centres.map { Float($0) }),
                .init("distance_to_cluster", values: found.distances),
            ])
    }
}
