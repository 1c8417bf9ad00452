// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization
import Testing

@testable import KNN

/// A job in a folder of its own that collects its log.
private final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "knn-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/model", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var log: [String] { lines.withLock { $0 } }

    func channel(_ name: String, _ rows: [[Float]], _ labels: [Float]) throws -> InputChannel {
        var encoder = RecordIOEncoder()
        for (row, label) in zip(rows, labels) { encoder.append(features: row, label: label) }
        let path = "\(directory)/\(name).data"
        try Data(encoder.bytes).write(to: URL(fileURLWithPath: path))
        return InputChannel(name: name, directory: directory, files: [path])
    }

    func train(_ hyperparameters: [String: String], _ channels: [InputChannel], seed: UInt64 = 1) async throws -> any Predictor {
        let values = try KNN.hyperparameterValues(from: hyperparameters)
        let log = JobLog(now: { 1_600_000_000 }, write: { line in self.lines.withLock { $0.append(line) } })
        try await KNN.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, seed: seed))
        return try KNN.load(from: directory + "/model")
    }
}

@Suite struct KNNTests {
    private static let width = 5

    private static func row(_ index: Int) -> [Float] {
        (0..<width).map { Float((index * 7919 + $0 * 1_299_709 + index * index * 31 + index * $0 * 17) % 9973) / 16 }
    }

    private static let rows = (0..<60).map(row)
    private static let labels = (0..<60).map { Float($0 * $0 % 3) }
    private static let queries = (100..<108).map(row)

    private static func settings(_ changes: [String: String] = [:]) -> [String: String] {
        ["feature_dim": "5", "k": "5", "predictor_type": "classifier", "sample_size": "60"].merging(changes) { $1 }
    }

    private static func answer(_ predictor: any Predictor, _ rows: [[Float]] = queries, accept: String = "text/csv") throws
        -> String
    {
        let body = rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined()
        let request = InferenceRequest(body: Array(body.utf8), contentType: "text/csv", accept: accept)
        return String(decoding: try predictor.predict(request).body, as: UTF8.self)
    }

    private static func numbers(_ text: String) -> [Float] { text.split(separator: "\n").compactMap { Float($0) } }

    /// Recorded from scikit-learn 1.9.1's KNeighborsClassifier and KNeighborsRegressor, algorithm brute, on the same numbers.
    @Test(arguments: [
        ("L2", [0, 1, 1, 1, 1, 1, 0, 1], [0.4, 0.8, 0.8, 0.6, 0.6, 0.6, 0.4, 0.8]),
        ("COSINE", [1, 1, 0, 1, 0, 1, 1, 1], [0.6, 0.6, 0.4, 0.6, 0.4, 0.6, 0.6, 0.6]),
    ])
    func answersAreScikitLearns(metric: String, classes: [Float], means: [Float]) async throws {
        let job = try TestJob()
        let channel = try job.channel("train", Self.rows, Self.labels)
        let classifier = try await job.train(Self.settings(["index_metric": metric]), [channel])
        #expect(try Self.numbers(Self.answer(classifier)) == classes)
        let regressor = try await job.train(Self.settings(["index_metric": metric, "predictor_type": "regressor"]), [channel])
        #expect(try Self.numbers(Self.answer(regressor)) == means)
    }

    @Test func verboseAnswersTellTheNeighbors() async throws {
        let job = try TestJob()
        let predictor = try await job.train(Self.settings(["k": "2"]), [job.channel("train", Self.rows, Self.labels)])
        let text = try Self.answer(predictor, [Self.queries[0]], accept: "application/json; verbose=true")
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [[String: Any]]])
        let prediction = try #require(object["predictions"]?.first)
        #expect(prediction["predicted_label"] as? Double == 0)
        // Rows 51 and 58.
        #expect(prediction["labels"] as? [Double] == [0, 1])
        let distances = try #require(prediction["distances"] as? [Double])
        #expect(zip(distances, [37800.35, 48038.91]).allSatisfy { abs($0 - $1) < 0.01 })
        let terse = try Self.answer(predictor, [Self.queries[0]], accept: "application/json")
        #expect(!terse.contains("distances"))
    }

    @Test func theTestChannelIsScored() async throws {
        let job = try TestJob()
        let test = try job.channel("test", Self.queries, [0, 1, 1, 1, 1, 1, 0, 0])
        _ = try await job.train(Self.settings(), [job.channel("train", Self.rows, Self.labels), test])
        #expect(job.log.contains { $0.hasSuffix("#test_score (algo-1) : ('accuracy', 0.875)") })
        #expect(job.log.contains { $0.hasSuffix("#quality_metric: host=algo-1, test accuracy <score>=0.875") })
        // Label 0: twice 2 of 2 and 3; label 1: twice 5 of 6 and 5.
        let expected = (2 * 2.0 / 5 + 2 * 5.0 / 11) / 2
        #expect(abs(NeighborTraining.macroF([0, 1, 1, 1, 1, 1, 0, 1], [0, 1, 1, 1, 1, 1, 0, 0]) - expected) < 1e-12)
        _ = try await job.train(
            Self.settings(["predictor_type": "regressor"]), [job.channel("train", Self.rows, Self.labels), test])
        #expect(job.log.contains { $0.contains("#quality_metric: host=algo-1, test mse <loss>=") })
    }

    @Test func aSampleIsDrawnBySeed() async throws {
        func sample(seed: UInt64) async throws -> NeighborModel {
            let job = try TestJob()
            _ = try await job.train(
                Self.settings(["sample_size": "20"]), [job.channel("train", Self.rows, Self.labels)], seed: seed)
            return try NeighborModel(directory: job.directory + "/model")
        }
        let model = try await sample(seed: 1)
        #expect(model.labels.count == 20)
        for (index, label) in model.labels.enumerated() {
            let row = Array(model.rows[index * Self.width..<(index + 1) * Self.width])
            let place = try #require(Self.rows.firstIndex(of: row))
            #expect(Self.labels[place] == label)
        }
        #expect(try await sample(seed: 1) == model)
        #expect(try await sample(seed: 2) != model)
    }

    @Test(arguments: [NeighborProjection.Kind.sign, .fjlt])
    func reducedDistancesAreRoughlyAsTheyWere(kind: NeighborProjection.Kind) throws {
        var random = Random(seed: 5)
        let (count, width, target) = (40, 300, 200)
        let rows = (0..<count * width).map { _ in random.normal() }
        let projection = NeighborProjection(kind, featureCount: width, targetCount: target, random: &random)
        let reduced = projection.projected(rows, rowCount: count)
        func distance(_ values: [Float], _ width: Int, _ a: Int, _ b: Int) -> Float {
            (0..<width).reduce(0) {
                $0 + (values[a * width + $1] - values[b * width + $1]) * (values[a * width + $1] - values[b * width + $1])
            }
        }
        var sum: Float = 0
        for row in 1..<count {
            let ratio = distance(reduced, target, 0, row) / distance(rows, width, 0, row)
            #expect((0.6...1.5).contains(ratio))
            sum += ratio
        }
        #expect((0.9...1.1).contains(sum / Float(count - 1)))
    }

    @Test(arguments: ["sign", "fjlt"])
    func aReducedModelTakesWholeRows(kind: String) async throws {
        let job = try TestJob()
        let predictor = try await job.train(
            Self.settings(["dimension_reduction_type": kind, "dimension_reduction_target": "3", "k": "1"]),
            [job.channel("train", Self.rows, Self.labels)])
        #expect(predictor.featureCount == 5)
        // A row is its own nearest, however few dimensions there are.
        #expect(try Self.numbers(Self.answer(predictor, Self.rows)) == Self.labels)
    }

    @Test(arguments: [
        (["k": "61"], "'k'"), (["dimension_reduction_type": "sign"], "'dimension_reduction_target'"),
        (["dimension_reduction_type": "fjlt", "dimension_reduction_target": "5"], "'dimension_reduction_target'"),
        (["index_type": "faiss.IVFPQ", "index_metric": "COSINE"], "'index_metric'"),
    ])
    func hyperparametersThatDoNotFitAreNamed(changes: [String: String], name: String) throws {
        let error = #expect(throws: UserError.self) { try KNN.hyperparameterValues(from: Self.settings(changes)) }
        #expect(try #require(error).description.contains(name))
    }
}
