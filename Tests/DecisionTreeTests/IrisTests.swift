// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Testing

@testable import DecisionTree

@Suite struct IrisTests {
    /// Whether the trees have the same shape, features, thresholds, rows and impurities.
    private func isSame(_ tree: Tree, _ node: Int, _ recorded: IrisVectors.RecordedTree, _ other: Int) -> Bool {
        let own = tree.nodes[node]
        // scikit-learn has targets in float64, ours come as float32.
        let tolerance = tree.valueCount == 1 ? 1e-6 : 1e-9
        guard own.rowCount == recorded.samples[other], abs(own.impurity - recorded.impurity[other]) < tolerance,
            abs(own.weight - recorded.weight[other]) < 1e-6,
            zip(tree.values[node * tree.valueCount..<(node + 1) * tree.valueCount], recorded.value[other])
                .allSatisfy({ abs($0 - $1) < tolerance })
        else { return false }
        if own.isLeaf || recorded.left[other] < 0 { return own.isLeaf && recorded.left[other] < 0 }
        return Int(own.feature) == recorded.feature[other] && abs(own.threshold - recorded.threshold[other]) < 1e-6
            && isSame(tree, Int(own.left), recorded, recorded.left[other])
            && isSame(tree, Int(own.right), recorded, recorded.right[other])
    }

    @Test(arguments: 0..<13) func growsATreeThatScikitLearnGrows(number: Int) async throws {
        let vectors = try IrisVectors.load()
        #expect(vectors.cases.count == 13)
        let recorded = vectors.cases[number]
        let isRegression = recorded.settings["criterion"] == "squared_error"
        for seed in 0..<5 as Range<UInt64> {
            let job = try TestJob()
            try await job.train(
                recorded.settings, [job.channel("training", vectors.csv(isRegression: isRegression))], seed: seed, threadCount: 2)
            let document = try job.document()
            let same = recorded.trees.first { isSame(document.tree, 0, $0, 0) }
            let found = try #require(same, "\(recorded.settings), seed \(seed):\n\(document.picture())")
            for (own, theirs) in zip(document.importances, found.importances) {
                #expect(abs(own - theirs) < (isRegression ? 1e-6 : 1e-9))
            }
            #expect(document.picture() == found.text)
        }
    }

    @Test func seedsChooseAmongEqualSplits() async throws {
        let vectors = try IrisVectors.load()
        var roots = Set<Int32>()
        for seed in 0..<20 {
            let job = try TestJob()
            try await job.train(["random_state": "\(seed)"], [job.channel("training", vectors.csv())])
            roots.insert(try job.document().tree.nodes[0].feature)
        }
        #expect(roots == [2, 3])
    }

    @Test func answersTheLabRequestAsTheLabDoes() async throws {
        let vectors = try IrisVectors.load()
        let job = try TestJob()
        try await job.train([:], [job.channel("training", vectors.csv())])
        let rows = [40..<50, 90..<100, 140..<149].flatMap { vectors.rows[$0] }
        let answer = try job.answer(rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined())
        let labels = [("setosa", 10), ("versicolor", 10), ("virginica", 9)].flatMap { Array(repeating: $0.0, count: $0.1) }
        #expect(answer == labels.map { $0 + "\n" }.joined())
        let json = try job.answer("5.1,3.5,1.4,0.2\n", accept: "application/json")
        #expect(json == #"{"predictions":[{"predicted_label":"setosa","probabilities":[1.0,0.0,0.0]}]}"#)
        #expect(job.log.first == "Starting the training." && job.log.last == "Training complete.")
        #expect(try job.metric("train:accuracy") == 1)
        #expect(try job.metric("train:leaves") == 9)
    }

    @Test func featuresThatAreDrawnGrowAnotherTreeOfTheSameQuality() async throws {
        let vectors = try IrisVectors.load()
        var pictures = Set<String>()
        for seed in 0..<6 {
            let job = try TestJob()
            try await job.train(["random_state": "\(seed)", "max_features": "1"], [job.channel("training", vectors.csv())])
            pictures.insert(try job.document().picture())
            #expect(try job.metric("train:accuracy") == 1)
        }
        #expect(pictures.count > 3)
    }
}
