// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation

/// A trained model as its file holds it: `model_algo-1`, an NDArray list of `data`, [rows][features], `labels`, [rows], `settings`, which
/// are k, whether it classifies and the metric's number, and with a reduction of dimensions `projection`, [features][target].
struct NeighborModel: Sendable, Equatable {
    var isClassifier: Bool
    var neighborCount: Int
    var metric: NeighborSearch.Metric
    var projection: NeighborProjection?
    /// Row after row, projected.
    var rows: [Float]
    var labels: [Float]

    private static let fileName = "model_algo-1"

    /// The number of features of a row as it is given.
    var featureCount: Int { projection?.featureCount ?? storedCount }
    /// The number of values of a row as it is kept.
    var storedCount: Int { labels.isEmpty ? 0 : rows.count / labels.count }

    init(
        isClassifier: Bool, neighborCount: Int, metric: NeighborSearch.Metric, projection: NeighborProjection?, rows: [Float],
        labels: [Float]
    ) {
        self.isClassifier = isClassifier
        self.neighborCount = neighborCount
        self.metric = metric
        self.projection = projection
        self.rows = rows
        self.labels = labels
    }

    /// Writes `model_<host>` to a folder.
    func write(to directory: String, host: String) throws {
        let metricNumber = NeighborSearch.Metric.allCases.firstIndex(of: metric) ?? 0
        var arrays = [
            ("settings", NDArray(shape: [3], values: [Float(neighborCount), isClassifier ? 1 : 0, Float(metricNumber)])),
            ("data", NDArray(shape: [labels.count, storedCount], values: rows)),
            ("labels", NDArray(shape: [labels.count], values: labels)),
        ]
        if let projection {
            arrays.append(
                ("projection", NDArray(shape: [projection.featureCount, projection.targetCount], values: projection.values)))
        }
        let file = try OutputFile(path: "\(directory)/model_\(host)")
        try file.write(NDArrayList.encode(arrays))
        try file.close()
    }

    /// Reads the one model in a folder; throws ``AlgorithmError`` where it is none or damaged.
    init(directory: String) throws {
        let name = Self.fileName
        guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
            throw AlgorithmError("there is no \(name): it is not a model of \(KNN.name)")
        }
        let arrays = try NDArrayList.decode(Array(bytes), file: name)
        func array(_ wanted: String) -> NDArray? {
            arrays.first { $0.name == wanted && $0.array.values.allSatisfy(\.isFinite) }?.array
        }
        guard let settings = array("settings")?.values, settings.count == 3, let data = array("data"), let labels = array("labels"),
            data.shape.count == 2, data.shape[0] == labels.values.count, data.shape[1] > 0,
            let count = Int(exactly: settings[0]), (1...max(1, labels.values.count)).contains(count), !labels.values.isEmpty,
            let metric = Int(exactly: settings[2]), NeighborSearch.Metric.allCases.indices.contains(metric)
        else { throw AlgorithmError("\(name) lacks arrays or they do not fit each other: it is not a model of \(KNN.name)") }
        var projection: NeighborProjection?
        if let found = array("projection") {
            guard found.shape.count == 2, found.shape[1] == data.shape[1] else {
                throw AlgorithmError("\(name): a projection of shape \(found.shape) does not fit rows of \(data.shape[1]) values")
            }
            projection = NeighborProjection(featureCount: found.shape[0], targetCount: found.shape[1], values: found.values)
        }
        self.init(
            isClassifier: settings[1] == 1, neighborCount: count, metric: NeighborSearch.Metric.allCases[metric],
            projection: projection, rows: data.values, labels: labels.values)
    }
}
