// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Testing

@testable import KMeans

@Suite struct FailureTests {
    private let rows = corners(40, seed: 1)

    /// The failure reason of a job, or nil where it ends well.
    private func reason(_ changes: [String: String], _ channels: (TestJob) throws -> [InputChannel]) async throws -> String? {
        let job = try TestJob()
        do {
            try await job.train(["k": "4", "feature_dim": "6"].merging(changes) { $1 }, channels(job))
            return nil
        } catch let error as any ClassifiedError {
            #expect(job.modelBytes.isEmpty)
            #expect(error.failureClass == .client)
            return error.description
        }
    }

    @Test(arguments: [
        ("k", "0"), ("k", "four"), ("feature_dim", "auto"), ("init_method", "farthest"), ("extra_center_factor", "0"),
        ("local_lloyd_tol", "1.5"), ("eval_metrics", "[\"mse\"]"), ("eval_metrics", "[]"), ("half_life_time_size", "-1"),
        ("mini_batch_size", "0"), ("local_lloyd_num_trials", "few"), ("force_dense", "perhaps"),
    ])
    func badHyperparametersAreNamed(name: String, value: String) async throws {
        let reason = try await reason([name: value]) { [try $0.channel("train", recordIO(rows))] }
        #expect(try #require(reason).contains("'\(name)' cannot be '\(value)'"))
    }

    @Test func asManyRowsAsClustersAreNeeded() async throws {
        let many = try #require(try await reason(["k": "41"]) { [try $0.channel("train", recordIO(rows))] })
        #expect(many.contains("'k' is 41") && many.contains("40 rows"))
        let batch = try #require(
            try await reason(["k": "30", "mini_batch_size": "20"]) { [try $0.channel("train", recordIO(rows))] })
        #expect(batch.contains("mini_batch_size is 20") && batch.contains("'k' is 30"))
        #expect(try await reason(["k": "40"]) { [try $0.channel("train", recordIO(rows))] } == nil)
    }

    @Test func widthsMustAgree() async throws {
        let wrong = try #require(try await reason(["feature_dim": "7"]) { [try $0.channel("train", recordIO(rows))] })
        #expect(wrong.contains("'train' has 6 features") && wrong.contains("'feature_dim' is 7"))
        let test = try #require(
            try await reason([:]) {
                [try $0.channel("train", recordIO(rows)), try $0.channel("test", recordIO(rows.map { Array($0.dropLast()) }))]
            })
        #expect(test.contains("'test'") && test.contains("5") && test.contains("6"))
        let labelled = try #require(try await reason([:]) { [try $0.channel("train", csv(rows), contentType: .csv)] })
        #expect(labelled.contains("5") && labelled.contains("6"))
    }

    @Test func modelsOfOthersAreRefused() throws {
        let job = try TestJob()
        for bytes in [
            Array("nonsense".utf8), NDArrayList.encode([("", NDArray(shape: [6], values: [1, 2, 3, 4, 5, 6]))]),
            NDArrayList.encode([("", NDArray(shape: [1, 2], values: [1, .nan]))]), NDArrayList.encode([]),
        ] {
            try Data(bytes).write(to: URL(fileURLWithPath: job.directory + "/model/model_algo-1"))
            #expect(throws: (any Error).self) { try KMeans.load(from: job.directory + "/model") }
        }
    }

    @Test func thereAreSixMetrics() {
        #expect(
            Set(KMeans.metrics.map(\.name)) == [
                "train:progress", "train:throughput", "train:msd", "train:ssd", "test:msd", "test:ssd",
            ])
        #expect(KMeans.metrics.filter { $0.objective == .minimize }.map(\.name) == ["test:msd", "test:ssd"])
    }
}
