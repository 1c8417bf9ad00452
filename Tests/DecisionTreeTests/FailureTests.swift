// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Testing

@testable import DecisionTree

@Suite struct FailureTests {
    @Test(arguments: [
        (["min_samples_leaf": "0.5.0"], "min_samples_leaf"), (["min_samples_split": "1"], "at least 2"),
        (["min_samples_split": "1.5"], "share in (0.0, 1.0]"), (["max_features": "all"], "sqrt or log2 or None"),
        (["class_weight": "{setosa: 1}"], "JSON object"),
        (["criterion": "squared_error", "class_weight": "balanced"], "no classes"),
        (["max_dept": "3"], "did you mean 'max_depth'?"), (["splitter": "random"], "one of best"),
    ])
    func refusesHyperparameters(given: [String: String], text: String) {
        #expect {
            _ = try DecisionTree.hyperparameterValues(from: given)
        } throws: { error in
            (error as? UserError)?.message.contains(text) ?? false
        }
    }

    private func failure(_ csv: String, _ hyperparameters: [String: String] = [:]) async throws -> String {
        let job = try TestJob()
        do {
            try await job.train(hyperparameters, [job.channel("training", Array(csv.utf8))])
            return ""
        } catch {
            return FailureReason.text(of: error)
        }
    }

    @Test func dataErrorsSayWhere() async throws {
        #expect(try await failure("a,1,2\nb,1\n").contains("training.data, line 2"))
        #expect(try await failure("a,1,2\nb,x,3\n").contains("line 2, column 2"))
        #expect(try await failure("a,1,2\n,1,3\n").contains("line 2, column 1"))
        #expect(try await failure("1,1\nx,2\n", ["criterion": "squared_error"]).contains("'x' is not a number"))
        #expect(try await failure("a,1\nb,2\n", ["class_weight": #"{"c": 1}"#]).contains("'c'"))
        #expect(try await failure("a,-1,2\nb,1,3\n", ["csv_weights": "1"]).contains("weights are at least 0"))
        #expect(try await failure("a,1\nb,2\n", ["csv_weights": "1"]).contains("takes a weight and a feature"))
    }

    @Test func refusesRequestsThatItCannotRead() async throws {
        let job = try TestJob()
        try await job.train([:], [job.channel("training", Array("a,1,0\nb,2,1\n".utf8))])
        func status(_ body: String, _ type: String, _ accept: String? = nil) -> Int? {
            do {
                _ = try job.answer(body, contentType: type, accept: accept)
                return nil
            } catch {
                return (error as? InferenceError)?.httpStatus
            }
        }
        #expect(status("1,0\n", "image/png") == 415)
        #expect(status("1,0\n", "text/csv", "image/png") == 406)
        #expect(status("1\n", "text/csv") == 400)
        #expect(status("1,x\n", "text/csv") == 400)
        #expect(status(#"{"instances":[{"features":[1,0]}]}"#, "application/json") == nil)
    }

    @Test func damagedModelsAreRefused() async throws {
        let job = try TestJob()
        #expect(throws: AlgorithmError.self) { try DecisionTree.load(from: job.directory + "/model") }
        try await job.train([:], [job.channel("training", Array("a,1,0\nb,2,1\n".utf8))])
        let path = job.directory + "/model/decision-tree.json"
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        for (old, new) in [
            ("\"children_left\":[1", "\"children_left\":[0"), ("\"children_right\":[2", "\"children_right\":[9"),
            ("\"feature\":[", "\"feature\":[7,"), ("\"feature_count\":2", "\"feature_count\":2000000000000"),
            ("decision-tree 1", "decision-tree 2"), ("{", "["),
        ] {
            #expect(whole.contains(old))
            try whole.replacing(old, with: new, maxReplacements: 1).write(toFile: path, atomically: true, encoding: .utf8)
            #expect(throws: AlgorithmError.self) { try DecisionTree.load(from: job.directory + "/model") }
        }
    }
}
