// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Testing

@testable import LinearLearner

@Suite struct TrainingTests {
    private static let binary = ["predictor_type": "binary_classifier", "mini_batch_size": "50"]

    @Test func aBinaryModelIsTrainedStoredLoadedAndRight() async throws {
        let job = try TestJob()
        let test = Rows.binary(500, seed: 2)
        try await job.train(
            Self.binary, [job.channel("train", Rows.binary(1500, seed: 1).recordIO), job.channel("test", test.recordIO)])
        let predictions = try job.predictor().predict(test.examples)
        #expect(predictions.columns.map(\.name) == ["score", "predicted_label"])
        let labels = predictions.columns[1].values
        let right = zip(labels, test.labels).filter { $0 == $1 }.count
        #expect(right >= 475)
        #expect(predictions.columns[0].values.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(job.quality("test", "binary_classification_accuracy") == Double(right) / 500)
    }

    @Test func theModelDependsOnTheSeedAndNotOnTheNumberOfThreads() async throws {
        let data = Rows.binary(700, seed: 3)
        var models: [[UInt8]] = []
        for (seed, threadCount) in [(1, 1), (1, 3), (2, 1)] as [(UInt64, Int)] {
            let job = try TestJob()
            try await job.train(
                Self.binary.merging(["epochs": "3"]) { $1 }, [job.channel("train", data.recordIO)], seed: seed,
                threadCount: threadCount)
            models.append(job.model)
        }
        #expect(!models[0].isEmpty)
        #expect(models[0] == models[1])
        #expect(models[0] != models[2])
    }

    @Test func csvAndRecordIOGiveTheSameModel() async throws {
        let data = Rows.binary(400, seed: 4)
        let first = try TestJob()
        try await first.train(Self.binary, [first.channel("train", data.recordIO)])
        let second = try TestJob()
        try await second.train(Self.binary, [second.channel("train", data.csv, contentType: .csv)])
        #expect(first.model == second.model)
    }

    @Test func sparseRecordsTrainAsDenseOnes() async throws {
        var random = Random(seed: 5)
        var data = Rows(features: [], labels: [])
        for _ in 0..<800 {
            let row = (0..<40).map { _ in random.uniform() < 0.15 ? random.uniform() : Float(0) }
            data.features.append(row)
            data.labels.append(row[0] + row[1] + row[2] > 0.4 ? 1 : 0)
        }
        var scores: [[Float]] = []
        for bytes in [data.recordIO, data.sparseRecordIO] {
            let job = try TestJob()
            try await job.train(Self.binary.merging(["num_models": "1"]) { $1 }, [job.channel("train", bytes)])
            scores.append(try job.predictor().predict(data.examples).columns[0].values)
        }
        for (dense, sparse) in zip(scores[0], scores[1]) { #expect(abs(dense - sparse) < 0.01) }
    }

    @Test(arguments: [
        "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss", "quantile_loss",
        "huber_loss",
    ])
    func aRegressorFindsTheLine(loss: String) async throws {
        let job = try TestJob()
        let make = { (count: Int, seed: UInt64) in
            Rows.linear(count, seed: seed) { score, random in 50 + 10 * score + 0.1 * random.normal() }
        }
        let test = make(300, 7)
        try await job.train(
            ["predictor_type": "regressor", "mini_batch_size": "20", "loss": loss, "epochs": "30"],
            [job.channel("train", make(2000, 6).recordIO), job.channel("test", test.recordIO)])
        let predictions = try job.predictor().predict(test.examples)
        #expect(predictions.columns.map(\.name) == ["score"])
        let errors = zip(predictions.columns[0].values, test.labels).map { abs($0 - $1) }
        #expect(errors.reduce(0, +) / 300 < 0.5)
        let told = try #require(job.quality("test", "absolute_loss"))
        #expect(abs(told - Double(errors.reduce(0, +) / 300)) < 0.01)
    }

    @Test func aQuantileLiesWhereItShould() async throws {
        let job = try TestJob()
        let data = Rows.linear(4000, seed: 8) { score, random in score + random.normal() }
        try await job.train(
            ["predictor_type": "regressor", "mini_batch_size": "100", "loss": "quantile_loss", "quantile": "0.9"],
            [job.channel("train", data.recordIO)])
        let scores = try job.predictor().predict(data.examples).columns[0].values
        let below = zip(data.labels, scores).filter { $0 < $1 }.count
        #expect(abs(Double(below) / 4000 - 0.9) < 0.02)
    }

    @Test(arguments: ["false", "true"])
    func manyClassesAreToldApart(balanced: String) async throws {
        let job = try TestJob()
        let make = { (count: Int, seed: UInt64) in
            Rows.linear(count, seed: seed) { score, _ in score < -1.5 ? 0 : score < 1.5 ? 1 : 2 }
        }
        let test = make(500, 10)
        try await job.train(
            [
                "predictor_type": "multiclass_classifier", "num_classes": "4", "mini_batch_size": "50", "accuracy_top_k": "2",
                "balance_multiclass_weights": balanced, "epochs": "25",
            ], [job.channel("train", make(2000, 9).recordIO), job.channel("validation", test.recordIO)])
        let predictions = try job.predictor().predict(test.examples)
        #expect(predictions.columns[0].width == 4)
        for row in 0..<500 {
            let sum = predictions.columns[0].values[row * 4..<row * 4 + 4].reduce(0, +)
            #expect(abs(sum - 1) < 1e-5)
        }
        let right = zip(predictions.columns[1].values, test.labels).filter { $0 == $1 }.count
        #expect(right >= 450)
        #expect(job.quality("validation", "multiclass_accuracy") == Double(right) / 500)
        let topTwo = try #require(job.quality("validation", "multiclass_top_k_accuracy_2"))
        #expect(topTwo >= Double(right) / 500)
        for name in ["dcg", "macro_recall", "macro_precision", "macro_f_1.000"] {
            #expect(try #require(job.quality("validation", name)) > 0.8)
        }
    }

    @Test func thresholdsMeetTheirTarget() async throws {
        let train = Rows.linear(2000, seed: 11) { score, random in score + 2 * random.normal() > 1 ? 1 : 0 }
        let other = Rows.linear(1000, seed: 12) { score, random in score + 2 * random.normal() > 1 ? 1 : 0 }
        var recalls: [String: Double] = [:]
        for (criterion, target) in [
            ("precision_at_target_recall", "target_recall"), ("recall_at_target_precision", "target_precision"),
        ] {
            let job = try TestJob()
            try await job.train(
                Self.binary.merging(["binary_classifier_model_selection_criteria": criterion, target: "0.95"]) { $1 },
                [job.channel("train", train.recordIO), job.channel("validation", other.recordIO)])
            let (recall, precision) = (job.quality("validation", "recall"), job.quality("validation", "precision"))
            #expect(try #require(target == "target_recall" ? recall : precision) >= 0.95)
            recalls[criterion] = recall
        }
        #expect(recalls["precision_at_target_recall", default: 0] > recalls["recall_at_target_precision", default: 1])
    }

    @Test(arguments: ["sgd", "adam", "rmsprop"])
    func everyOptimizerLearns(optimizer: String) async throws {
        let job = try TestJob()
        try await job.train(
            Self.binary.merging(["optimizer": optimizer, "loss": "hinge_loss", "positive_example_weight_mult": "balanced"]) { $1 },
            [job.channel("train", Rows.binary(1000, seed: 13).recordIO)])
        #expect(try #require(job.quality("train", "binary_classification_accuracy")) > 0.9)
    }

    @Test func aStopKeepsTheModelSoFar() async throws {
        let job = try TestJob()
        let flag = StopFlag()
        flag.set()
        try await job.train(Self.binary, [job.channel("train", Rows.binary(300, seed: 14).recordIO)], stopFlag: flag)
        #expect(!job.model.isEmpty)
        #expect(job.log.filter { $0.contains("#progress_metric") }.count == 1)
    }

    @Test func trainingStopsEarlyWhenNothingGetsBetter() async throws {
        let job = try TestJob()
        let data = Rows.binary(500, seed: 15)
        try await job.train(
            Self.binary.merging(["epochs": "200", "early_stopping_patience": "2", "early_stopping_tolerance": "0.05"]) { $1 },
            [job.channel("train", data.recordIO), job.channel("validation", Rows.binary(300, seed: 16).recordIO)])
        let epochs = job.log.filter { $0.contains("#progress_metric") }.count
        #expect(epochs > 2 && epochs < 100)
    }

    @Test func divergenceIsAnError() async throws {
        let job = try TestJob()
        let data = Rows.linear(300, seed: 17) { score, _ in score }
        await #expect(throws: AlgorithmError.self) {
            try await job.train(
                [
                    "predictor_type": "regressor", "mini_batch_size": "10", "optimizer": "sgd", "learning_rate": "1000",
                    "momentum": "0.9",
                ], [job.channel("train", data.recordIO)])
        }
    }
}
