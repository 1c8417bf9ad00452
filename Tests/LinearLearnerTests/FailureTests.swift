// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Testing

@testable import LinearLearner

@Suite struct FailureTests {
    private static let binary = ["predictor_type": "binary_classifier", "mini_batch_size": "50", "epochs": "1"]

    /// The failure reason of a job, or nil where it ends well.
    private func reason(_ changes: [String: String] = [:], _ channels: (TestJob) throws -> [InputChannel]) async throws -> String? {
        let job = try TestJob()
        do {
            try await job.train(Self.binary.merging(changes) { $1 }, channels(job))
            return nil
        } catch let error as any ClassifiedError {
            #expect(job.model.isEmpty)
            return error.description
        }
    }

    private let good = Rows.binary(60, seed: 1)

    @Test(arguments: [
        (["learning_rates": "0.1"], "learning_rates"), (["epochs": "0"], "epochs"), (["loss": "squared_loss"], "loss"),
        (["predictor_type": "classifier"], "predictor_type"), (["predictor_type": "multiclass_classifier"], "num_classes"),
        (["predictor_type": "multiclass_classifier", "num_classes": "2"], "num_classes"), (["wd": "-1"], "wd"),
        (["feature_dim": "many"], "feature_dim"), (["optimizer": "lbfgs"], "optimizer"),
        (["init_method": "zeros"], "init_method"), (["target_recall": "1.5"], "target_recall"),
    ])
    func badHyperparametersAreNamed(changes: [String: String], name: String) async throws {
        let reason = try await reason(changes) { [try $0.channel("train", good.recordIO)] }
        #expect(try #require(reason).contains("'\(name)'"))
    }

    @Test func labelsMustFitThePredictor() async throws {
        var bad = good
        bad.labels[41] = 2
        let reason = try #require(try await reason { [try $0.channel("train", bad.recordIO)] })
        #expect(reason.hasPrefix("ClientError"))
        #expect(reason.contains("channel 'train', record 42") && reason.contains("2.0") && reason.contains("0 and 1"))
        let classes = try #require(
            try await self.reason(["predictor_type": "multiclass_classifier", "num_classes": "3"]) {
                bad.labels[5] = 7
                return [try $0.channel("train", bad.recordIO)]
            })
        #expect(classes.contains("record 6") && classes.contains("from 0 to 2"))
    }

    @Test func widthsMustAgree() async throws {
        let narrow = try #require(try await reason(["feature_dim": "9"]) { [try $0.channel("train", good.recordIO)] })
        #expect(narrow.contains("9") && narrow.contains("8") && narrow.contains("feature_dim"))
        let other = Rows.linear(20, width: 7, seed: 2) { score, _ in score > 0 ? 1 : 0 }
        let test = try #require(
            try await reason { [try $0.channel("train", good.recordIO), try $0.channel("test", other.recordIO)] })
        #expect(test.contains("'test'") && test.contains("7") && test.contains("8"))
    }

    @Test func damagedDataIsPlaced() async throws {
        let cut = try #require(try await reason { [try $0.channel("train", Array(good.recordIO.dropLast(10)))] })
        #expect(cut.contains("record 60"))
        var nan = good
        nan.features[3][2] = .nan
        let notANumber = try #require(try await reason { [try $0.channel("train", nan.recordIO)] })
        #expect(notANumber.contains("record 4"))
        #expect(try await reason { [try $0.channel("train", [])] } != nil)
        #expect(try await reason { [try $0.channel("test", good.recordIO)] }?.contains("'train'") == true)
    }

    @Test func aDamagedModelIsRefused() async throws {
        let job = try TestJob()
        #expect(throws: (any Error).self) { try LinearLearner.load(from: job.directory) }
        try await job.train(Self.binary, [job.channel("train", good.recordIO)])
        #expect(try LinearLearner.load(from: job.directory + "/model").featureCount == 8)
    }

    @Test(arguments: [1, 2, 3])
    func tinyAndConstantDataTrain(count: Int) async throws {
        var few = good
        few.features = Array(few.features.prefix(count))
        few.labels = Array(repeating: 1, count: count)
        #expect(try await reason { [try $0.channel("train", few.recordIO)] } == nil)
        few.features = few.features.map { _ in [Float](repeating: 3, count: 8) }
        #expect(try await reason { [try $0.channel("train", few.recordIO)] } == nil)
    }

    @Test(arguments: [1e-20, 1e15] as [Float])
    func hugeAndTinyFeaturesTrain(unit: Float) async throws {
        var scaled = Rows.binary(400, seed: 3)
        scaled.features = scaled.features.map { $0.map { $0 * unit } }
        let job = try TestJob()
        try await job.train(
            ["predictor_type": "binary_classifier", "mini_batch_size": "50"], [job.channel("train", scaled.recordIO)])
        #expect(try #require(job.quality("train", "binary_classification_accuracy")) > 0.9)
    }
}
