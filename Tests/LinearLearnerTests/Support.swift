// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

@testable import LinearLearner

/// A job in a folder of its own that collects its log.
final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "linear-learner-" + UUID().uuidString
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
        let values = try LinearLearner.hyperparameterValues(from: hyperparameters)
        try LinearLearner.validate(channels)
        let clock = Atomic<Int>(1_600_000_000)
        let log = JobLog(
            now: { Double(clock.add(1, ordering: .relaxed).newValue) },
            write: { line in self.lines.withLock { $0.append(line) } })
        try await LinearLearner.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, stopFlag: stopFlag, threadCount: threadCount,
                seed: seed))
    }

    var model: [UInt8] { Array(FileManager.default.contents(atPath: directory + "/model/model_algo-1") ?? Data()) }

    func predictor() throws -> LinearPredictor { try LinearPredictor(LinearModel(directory: directory + "/model")) }

    /// The last value of a `#quality_metric` line.
    func quality(_ channel: String, _ name: String) -> Double? {
        log.last { $0.contains("#quality_metric: host=algo-1, \(channel) \(name) <") }
            .flatMap { $0.split(separator: "=").last }.flatMap { Double($0) }
    }
}

/// Rows with labels, seeded.
struct Rows {
    var features: [[Float]]
    var labels: [Float]

    /// Features of different scales around different means; the label is a linear function of three of them, through `link`.
    static func linear(_ count: Int, width: Int = 8, seed: UInt64, link: (Float, inout Random) -> Float) -> Rows {
        var random = Random(seed: seed)
        var rows = Rows(features: [], labels: [])
        for _ in 0..<count {
            let z = (0..<width).map { _ in random.normal() }
            rows.features.append(z.enumerated().map { $1 * Float($0 + 1) + Float(10 * $0) })
            rows.labels.append(link(2 * z[0] - z[1] + 0.5 * z[2], &random))
        }
        return rows
    }

    var recordIO: [UInt8] {
        var encoder = RecordIOEncoder()
        for (row, label) in zip(features, labels) { encoder.append(features: row, label: label) }
        return encoder.bytes
    }

    /// The same rows without their zeros.
    var sparseRecordIO: [UInt8] {
        var encoder = RecordIOEncoder()
        for (row, label) in zip(features, labels) {
            let keys = row.indices.filter { row[$0] != 0 }
            encoder.append(
                features: [
                    RecordTensor(values: keys.map { row[$0] }, keys: keys.map { UInt64($0) }, shape: [UInt64(row.count)])
                ], labels: [RecordTensor(values: [label])])
        }
        return encoder.bytes
    }

    var csv: [UInt8] {
        Array(zip(features, labels).map { ([$1] + $0).map { "\($0)" }.joined(separator: ",") + "\n" }.joined().utf8)
    }

    var examples: ExampleSet {
        ExampleSet(
            count: labels.count, featureCount: features.first?.count ?? 0, features: .dense(features.flatMap { $0 }),
            labels: labels)
    }

    static func binary(_ count: Int, seed: UInt64) -> Rows {
        linear(count, seed: seed) { score, random in score + 0.2 * random.normal() > 1 ? 1 : 0 }
    }
}
