// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Testing

@testable import LinearLearner

@Suite struct LogTests {
    private func trained(_ type: String, _ changes: [String: String] = [:]) async throws -> TestJob {
        let job = try TestJob()
        let make = { (seed: UInt64) in
            Rows.linear(300, seed: seed) { score, _ in
                type == "regressor" ? score : type == "binary_classifier" ? (score > 0 ? 1 : 0) : score < -1 ? 0 : score < 1 ? 1 : 2
            }
        }
        try await job.train(
            ["predictor_type": type, "mini_batch_size": "100", "epochs": "2"].merging(changes) { $1 },
            [
                job.channel("train", make(1).recordIO), job.channel("validation", make(2).recordIO),
                job.channel("test", make(3).recordIO),
            ])
        return job
    }

    /// The metrics that some line of the log has, by the definitions.
    private func found(_ job: TestJob) throws -> Set<String> {
        var names = Set<String>()
        for metric in LinearLearner.metrics {
            let expression = try Regex(metric.regularExpression)
            if job.log.contains(where: { $0.firstMatch(of: expression) != nil }) { names.insert(metric.name) }
        }
        return names
    }

    @Test func thereAreThirtySevenMetrics() {
        #expect(LinearLearner.metrics.count == 37)
        #expect(Set(LinearLearner.metrics.map(\.name)).count == 37)
    }

    @Test func binaryJobsEmitTheirMetrics() async throws {
        let names = try found(try await trained("binary_classifier"))
        #expect(names.contains("train:progress") && names.contains("train:throughput"))
        for channel in ["validation", "test"] {
            for name in ["objective_loss", "binary_classification_accuracy", "binary_f_beta", "precision", "recall"] {
                #expect(names.contains("\(channel):\(name)"), "\(channel):\(name)")
            }
        }
        #expect(names.contains("train:objective_loss") && names.contains("validation:objective_loss:final"))
    }

    @Test func otherJobsEmitTheirMetrics() async throws {
        let regression = try found(try await trained("regressor"))
        #expect(regression.isSuperset(of: ["validation:mse", "test:absolute_loss", "test:objective_loss"]))
        let classes = try found(try await trained("multiclass_classifier", ["num_classes": "3"]))
        for name in ["dcg", "macro_f_beta", "macro_precision", "macro_recall", "multiclass_accuracy", "multiclass_top_k_accuracy"] {
            #expect(classes.contains("test:\(name)") && classes.contains("validation:\(name)"))
        }
    }

    @Test func everyEpochTellsOfEveryModel() async throws {
        let job = try await trained("binary_classifier")
        for epoch in 0..<2 {
            let lines = job.log.filter {
                $0.hasPrefix("#metrics {\"Metrics\": {\"train_binary_classification_cross_entropy_objective\"")
                    && $0.contains("\"epoch\": \(epoch)}")
            }
            #expect(lines.count == 32)
        }
        #expect(job.log.contains { $0.hasSuffix("#progress_metric: host=algo-1, completed 50 % of epochs") })
        #expect(job.log.contains { $0.hasSuffix("#progress_metric: host=algo-1, completed 100 % of epochs") })
        for part in [
            "#early_stopping_criteria_metric: host=algo-1, epoch=0, criteria=sampled_accuracy, value=",
            "Final configuration: {u'feature_dim': u'", "u'predictor_type': u'binary_classifier'",
        ] {
            #expect(job.log.contains { $0.contains(part) })
        }
        #expect(job.log.contains { $0.contains("Best model found for hyperparameters: {\"lr_scheduler_step\": 100, \"wd\": ") })
        #expect(job.log.contains { $0.contains("#validation_score (algo-1) : ('binary_classification_accuracy', 0.") })
    }

    @Test func withoutOtherChannelsTheTrainingDataIsJudged() async throws {
        let job = try TestJob()
        try await job.train(
            ["predictor_type": "binary_classifier", "mini_batch_size": "50", "epochs": "2"],
            [job.channel("train", Rows.binary(200, seed: 1).recordIO)])
        let names = try found(job)
        #expect(names.isSuperset(of: ["train:objective_loss:final", "train:binary_classification_accuracy", "train:recall"]))
        #expect(job.log.contains { $0.hasSuffix("Test data is not provided.") })
    }

    @Test func oneModelGetsTheGridsMiddle() throws {
        let values = try LinearLearner.hyperparameterValues(from: ["predictor_type": "binary_classifier", "num_models": "1"])
        let grid = try LearnerSettings(values).grid(featureCount: 10, positiveRatio: 9)
        #expect(grid.map(\.learningRate) == [0.1] && grid.map(\.weightDecay) == [1e-4] && grid.map(\.l1) == [0])
        let all = try LinearLearner.hyperparameterValues(
            from: ["predictor_type": "binary_classifier", "positive_example_weight_mult": "auto", "wd": "0.5"])
        let whole = try LearnerSettings(all).grid(featureCount: 10, positiveRatio: 9)
        #expect(whole.count == 32)
        #expect(whole.allSatisfy { $0.weightDecay == 0.5 })
        #expect(Set(whole.map(\.positiveWeight)) == [1, 3, 9])
    }
}
