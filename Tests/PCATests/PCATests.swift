// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization
import Testing

@testable import PCA

/// A job in a folder of its own that collects its log.
private final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "pca-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/model", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var log: [String] { lines.withLock { $0 } }

    func channel(_ name: String, _ rows: [[Float]]) throws -> InputChannel {
        var encoder = RecordIOEncoder()
        for row in rows { encoder.append(features: row, label: nil) }
        let path = "\(directory)/\(name).data"
        try Data(encoder.bytes).write(to: URL(fileURLWithPath: path))
        return InputChannel(name: name, directory: directory, files: [path])
    }

    func train(_ hyperparameters: [String: String], _ channels: [InputChannel], seed: UInt64 = 1) async throws -> PCAModel {
        let values = try PCA.hyperparameterValues(from: hyperparameters)
        let log = JobLog(now: { 1_600_000_000 }, write: { line in self.lines.withLock { $0.append(line) } })
        try await PCA.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, seed: seed))
        return try PCAModel(directory: directory + "/model")
    }
}

@Suite struct PCATests {
    /// Rows that vary by 8, 4, 2, 1 and little along orthonormal axes of a space of twelve features, around a mean far away.
    private static func rows(_ count: Int, seed: UInt64, mean: Float = 300) -> (rows: [[Float]], axes: [[Double]]) {
        var random = Random(seed: 99)
        var axes: [[Double]] = []
        while axes.count < 4 {
            var axis = (0..<12).map { _ in Double(random.normal()) }
            for other in axes {
                let dot = zip(axis, other).reduce(0) { $0 + $1.0 * $1.1 }
                axis = zip(axis, other).map { $0 - dot * $1 }
            }
            let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
            axes.append(axis.map { $0 / length })
        }
        var noise = Random(seed: seed)
        let rows = (0..<count).map { _ in
            var row = (0..<12).map { Double(mean) + Double($0) + 0.05 * Double(noise.normal()) }
            for (axis, size) in zip(axes, [8.0, 4, 2, 1]) {
                let share = size * Double(noise.normal())
                row = zip(row, axis).map { $0 + share * $1 }
            }
            return row.map { Float($0) }
        }
        return (rows, axes)
    }

    private static func settings(_ changes: [String: String] = [:]) -> [String: String] {
        ["feature_dim": "12", "num_components": "3", "mini_batch_size": "100"].merging(changes) { $1 }
    }

    @Test(arguments: ["regular", "randomized"])
    func componentsAreTheAxesTheMostImportantLast(mode: String) async throws {
        let (rows, axes) = Self.rows(3000, seed: 1)
        let job = try TestJob()
        let model = try await job.train(
            Self.settings(["algorithm_mode": mode]),
            [job.channel("train", rows), job.channel("test", Self.rows(200, seed: 2).rows)])
        #expect(model.componentCount == 3 && model.featureCount == 12)
        for (component, (axis, size)) in zip(zip(axes, [8.0, 4, 2]).prefix(3).reversed(), 0..<3).map({ ($1, $0) }) {
            let dot = (0..<12).reduce(0.0) { $0 + axis[$1] * Double(model.components[$1 * 3 + component]) }
            #expect(abs(abs(dot) - 1) < 0.01, "component \(component)")
            #expect(abs(Double(model.singularValues[component]) / (size * 3000.0.squareRoot()) - 1) < 0.05)
        }
        for feature in 0..<12 { #expect(abs(model.mean[feature] - 300 - Float(feature)) < 1) }
        // Projections of the training rows vary by s.
        let projections = model.projections(of: rows.flatMap { $0 }, rowCount: 3000)
        let squares = stride(from: 2, to: projections.count, by: 3).reduce(0.0) { $0 + Double(projections[$1] * projections[$1]) }
        #expect(abs(squares.squareRoot() / Double(model.singularValues[2]) - 1) < 1e-3)
        // What three components leave out: a variance of 1 along one axis, over twelve features.
        let line = try #require(job.log.last { $0.contains("#test_score (algo-1) : ('mse', ") })
        let error = try #require(line.split(separator: " ").last.flatMap { Double($0.dropLast()) })
        #expect(abs(error - 1.0 / 12) < 0.03)
    }

    @Test func bothModesAgreeWhereEveryDirectionIsKept() async throws {
        let (rows, _) = Self.rows(500, seed: 3)
        for mean in ["true", "false"] {
            let settings = Self.settings(["num_components": "4", "subtract_mean": mean])
            let (first, second) = (try TestJob(), try TestJob())
            let regular = try await first.train(settings, [first.channel("train", rows)])
            let randomized = try await second.train(
                settings.merging(["algorithm_mode": "randomized", "extra_components": "8"]) { $1 }, [second.channel("train", rows)])
            for (a, b) in zip(regular.singularValues, randomized.singularValues) { #expect(abs(a / b - 1) < 1e-3) }
            for (a, b) in zip(regular.components, randomized.components) { #expect(abs(a - b) < 5e-3) }
            if mean == "false" {
                #expect(regular.mean.allSatisfy { $0 == 0 })
                // Around zero the mean itself is the first component.
                #expect(Double(regular.singularValues[3]) > 300 * 12.0.squareRoot() * 500.0.squareRoot() * 0.9)
            }
        }
    }

    @Test(arguments: [
        (["num_components": "13"], "num_components"), (["feature_dim": "9000", "num_components": "2"], "algorithm_mode"),
        (["extra_components": "-2"], "extra_components"), (["algorithm_mode": "exact"], "algorithm_mode"),
    ])
    func badHyperparametersAreNamed(changes: [String: String], name: String) throws {
        let error = #expect(throws: UserError.self) { try PCA.hyperparameterValues(from: Self.settings(changes)) }
        #expect(try #require(error).description.contains("'\(name)' cannot be"))
    }

    @Test func answersAreProjections() async throws {
        let (rows, _) = Self.rows(50, seed: 4)
        let job = try TestJob()
        let model = try await job.train(Self.settings(), [job.channel("train", rows)])
        let body = Array(rows[0].map { "\($0)" }.joined(separator: ",").utf8)
        let response = try PCAPredictor(model: model).predict(InferenceRequest(body: body, contentType: "text/csv"))
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.hasPrefix("{\"projections\":[{\"projection\":["))
        #expect(text.split(separator: ",").count == 3)
        let arrays = try NDArrayList.decode(
            Array(FileManager.default.contents(atPath: job.directory + "/model/model_algo-1") ?? Data()))
        #expect(arrays.map(\.name) == ["mean", "s", "v"])
        #expect(arrays.map(\.array.shape) == [[1, 12], [3], [12, 3]])
    }
}
