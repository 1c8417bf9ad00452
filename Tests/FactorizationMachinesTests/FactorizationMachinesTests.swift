// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization
import Testing

@testable import FactorizationMachines

/// A job in a folder of its own that collects its log.
private final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "factorization-machines-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/model", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var log: [String] { lines.withLock { $0 } }

    func channel(_ name: String, _ bytes: [UInt8]) throws -> InputChannel {
        let path = "\(directory)/\(name).data"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return InputChannel(name: name, directory: directory, files: [path])
    }

    func train(_ hyperparameters: [String: String], _ channels: [InputChannel], threadCount: Int = 1) async throws {
        let values = try FactorizationMachines.hyperparameterValues(from: hyperparameters)
        try FactorizationMachines.validate(channels)
        let clock = Atomic<Int>(1_600_000_000)
        let log = JobLog(
            now: { Double(clock.add(1, ordering: .relaxed).newValue) },
            write: { line in self.lines.withLock { $0.append(line) } })
        try await FactorizationMachines.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, threadCount: threadCount))
    }

    /// The value that a metric's regular expression finds last.
    func metric(_ name: String) throws -> Double? {
        guard let definition = FactorizationMachines.metrics.first(where: { $0.name == name }) else { return nil }
        let expression = try Regex(definition.regularExpression)
        return log.compactMap { $0.firstMatch(of: expression)?.output[1].substring }.last.flatMap { Double($0) }
    }
}

@Suite struct FactorizationMachinesTests {
    private let settings = ["feature_dim": "6", "num_factors": "4", "mini_batch_size": "50", "epochs": "40"]
    private let rates = ["bias_lr": "0.01", "linear_lr": "0.01", "factors_lr": "0.02", "factors_init_sigma": "0.1"]

    /// Labels are products of features, which a linear model cannot see; sparse rows leave zeros out.
    private func rows(_ count: Int, seed: UInt64, isSparse: Bool = false, label: ([Float]) -> Float) -> [UInt8] {
        var random = Random(seed: seed)
        var encoder = RecordIOEncoder()
        for _ in 0..<count {
            let row = (0..<6).map { _ in random.uniform() < 0.3 ? 0 : random.normal() }
            let keys = row.indices.filter { row[$0] != 0 }
            let tensor =
                isSparse
                ? RecordTensor(values: keys.map { row[$0] }, keys: keys.map { UInt64($0) }, shape: [6]) : RecordTensor(values: row)
            encoder.append(features: [tensor], labels: [RecordTensor(values: [label(row)])])
        }
        return encoder.bytes
    }

    private func product(_ row: [Float]) -> Float { 2 * row[0] * row[1] - row[2] * row[4] + 0.5 * row[3] }

    @Test func classifiesByProductsOfFeatures() async throws {
        let job = try TestJob()
        func label(_ row: [Float]) -> Float { product(row) > 0 ? 1 : 0 }
        let channels = [
            try job.channel("train", rows(1500, seed: 1, label: label)), try job.channel("test", rows(300, seed: 2, label: label)),
        ]
        let all = settings.merging(rates) { $1 }.merging(["predictor_type": "binary_classifier"]) { $1 }
        try await job.train(all, channels, threadCount: 2)
        #expect(try #require(try job.metric("test:binary_classification_accuracy")) > 0.9)
        #expect(try #require(try job.metric("test:binary_f_beta")) > 0.9)
        #expect(try #require(try job.metric("train:binary_classification_cross_entropy")) < 0.3)
        let predictor = try FactorizationMachines.load(from: job.directory + "/model")
        let body =
            #"{"instances": [{"features": [2, 2, 0, 0, 0, 0]}, {"data": {"features": {"keys": [2, 4], "shape": [6], "values": [2, 2]}}}]}"#
        let answer = try predictor.predict(InferenceRequest(body: Array(body.utf8), contentType: "application/json"))
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.contains(#""predicted_label":1.0"#) && text.contains(#""predicted_label":0.0"#))
    }

    @Test func sparseRowsLearnWhatDenseOnesLearn() async throws {
        var models: [FactorModel] = []
        for isSparse in [false, true] {
            let job = try TestJob()
            let all = settings.merging(rates) { $1 }.merging(["predictor_type": "regressor"]) { $1 }
            let data = rows(800, seed: 3, isSparse: isSparse) { self.product($0) }
            try await job.train(all, [job.channel("train", data), job.channel("test", data)])
            #expect(try #require(try job.metric("test:rmse")) < 0.3)
            models.append(try FactorModel(directory: job.directory + "/model"))
        }
        #expect(models[0] == models[1])
    }

    @Test(arguments: [
        (["feature_dim": "5"], "feature_dim"), (["predictor_type": "binary_classifier"], "record 1"),
        (["linear_init_method": "uniform"], "linear_init_scale"), (["factors_lr": "1e38"], "training diverged"),
    ])
    func failuresSayWhatAndWhere(changes: [String: String], text: String) async throws {
        let job = try TestJob()
        let all = settings.merging(["predictor_type": "regressor"]) { $1 }.merging(changes) { $1 }
        let error = await #expect(throws: (any Error).self) {
            try await job.train(all, [job.channel("train", rows(60, seed: 1) { self.product($0) })])
        }
        #expect(FailureReason.text(of: try #require(error)).contains(text))
    }
}
