// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

@testable import KMeans

/// A job in a folder of its own that collects its log.
final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "kmeans-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/model", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var log: [String] { lines.withLock { $0 } }

    func channel(_ name: String, _ bytes: [UInt8], contentType: ContentType? = nil) throws -> InputChannel {
        let path = "\(directory)/\(name).data"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return InputChannel(name: name, directory: directory, files: [path], contentType: contentType)
    }

    func train(
        _ hyperparameters: [String: String], _ channels: [InputChannel], seed: UInt64 = 1, threadCount: Int = 1,
        stopFlag: StopFlag = StopFlag()
    ) async throws {
        let values = try KMeans.hyperparameterValues(from: hyperparameters)
        try KMeans.validate(channels)
        let clock = Atomic<Int>(1_600_000_000)
        let log = JobLog(
            now: { Double(clock.add(1, ordering: .relaxed).newValue) },
            write: { line in self.lines.withLock { $0.append(line) } })
        try await KMeans.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, stopFlag: stopFlag,
                threadCount: threadCount, seed: seed))
    }

    var modelBytes: [UInt8] { Array(FileManager.default.contents(atPath: directory + "/model/model_algo-1") ?? Data()) }

    func model() throws -> KMeansModel { try KMeansModel(directory: directory + "/model") }

    func predictions(_ rows: [[Float]]) throws -> (clusters: [Int], distances: [Float]) {
        let found = try KMeansPredictor(model()).predict(
            ExampleSet(count: rows.count, featureCount: rows.first?.count ?? 0, features: .dense(rows.flatMap { $0 })))
        return (found.columns[0].values.map { Int($0) }, found.columns[1].values)
    }

    /// The last value of a `#quality_metric` line.
    func quality(_ channel: String, _ name: String) -> Double? {
        log.last { $0.contains("#quality_metric: host=") && $0.contains("\(channel) \(name) <loss>=") }
            .flatMap { $0.split(separator: "=").last }.flatMap { Double($0) }
    }
}

/// Rows around the corners of a cube; row i belongs to corner i % groups.
func corners(_ count: Int, groups: Int = 4, width: Int = 6, seed: UInt64, whole: Bool = false) -> [[Float]] {
    var random = Random(seed: seed)
    return (0..<count).map { row in
        (0..<width).map { column in
            let corner: Float = (row % groups) >> (column % 3) & 1 == 1 ? 90 : 10
            let value = corner + 4 * random.normal()
            return whole ? max(0, value.rounded()) : value
        }
    }
}

func recordIO(_ rows: [[Float]], labels: [Float]? = nil) -> [UInt8] {
    var encoder = RecordIOEncoder()
    for (index, row) in rows.enumerated() { encoder.append(features: row, label: labels?[index]) }
    return encoder.bytes
}

func csv(_ rows: [[Float]]) -> [UInt8] {
    Array(rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined().utf8)
}

/// The share of rows whose cluster's most frequent group is their own.
func purity(_ clusters: [Int], _ groups: [Int]) -> Double {
    var counts: [Int: [Int: Int]] = [:]
    for (cluster, group) in zip(clusters, groups) { counts[cluster, default: [:]][group, default: 0] += 1 }
    return Double(counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }) / Double(max(1, clusters.count))
}
