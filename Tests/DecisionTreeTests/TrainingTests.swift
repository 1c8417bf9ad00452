// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Testing

@testable import DecisionTree

@Suite struct TrainingTests {
    /// Exact search in the plainest way: every threshold of every feature, by gini.
    private func gains(_ rows: CountedRows, _ members: [Int], feature: Int) -> Double? {
        func impurity(_ members: [Int]) -> Double {
            var counts: [Int: Double] = [:]
            for member in members { counts[rows.labels[member], default: 0] += 1 }
            let size = Double(members.count)
            return size * (1 - counts.values.reduce(0) { $0 + $1 * $1 } / (size * size))
        }
        return Set(members.map { rows.values[$0][feature] }).sorted().dropLast().map { value in
            let left = members.filter { rows.values[$0][feature] <= value }
            let right = members.filter { rows.values[$0][feature] > value }
            return impurity(members) - impurity(left) - impurity(right)
        }.max()
    }

    @Test func everySplitGainsAsMuchAsAnyCould() async throws {
        let rows = CountedRows(400, width: 6, seed: 5)
        let job = try TestJob()
        try await job.train([:], [job.channel("training", rows.csv)], threadCount: 2)
        let tree = try job.document().tree
        var stack = [(0, Array(rows.labels.indices))]
        var checked = 0
        while let (index, members) = stack.popLast() {
            let node = tree.nodes[index]
            #expect(node.rowCount == members.count)
            let best = (0..<6).compactMap { gains(rows, members, feature: $0) }.max()
            guard !node.isLeaf else {
                #expect(node.impurity == 0 || best == nil)
                continue
            }
            let left = members.filter { Double(rows.values[$0][Int(node.feature)]) <= node.threshold }
            let right = members.filter { Double(rows.values[$0][Int(node.feature)]) > node.threshold }
            let own = gains(rows, members, feature: Int(node.feature)) ?? -1
            let (l, r) = (tree.nodes[Int(node.left)], tree.nodes[Int(node.right)])
            let gain = node.impurity * node.weight - l.impurity * l.weight - r.impurity * r.weight
            #expect(abs(own - (best ?? 0)) < 1e-9 && abs(gain - own) < 1e-9)
            checked += 1
            stack += [(Int(node.left), left), (Int(node.right), right)]
        }
        #expect(checked > 50)
    }

    @Test func threadsAndFormatsDoNotMatter() async throws {
        let rows = CountedRows(3000, width: 40, seed: 8)
        var documents: [TreeDocument] = []
        for (threadCount, bytes, type) in [
            (1, rows.csv, ContentType.csv), (4, rows.csv, .csv), (2, rows.recordIO, .recordIOProtobuf),
            (2, rows.sparseRecordIO, .recordIOProtobuf),
        ] {
            let job = try TestJob()
            try await job.train([:], [job.channel("training", bytes, contentType: type)], seed: 3, threadCount: threadCount)
            documents.append(try job.document())
        }
        #expect(documents.allSatisfy { $0 == documents[0] })
        #expect(documents[0].classes == ["0", "1", "2", "3", "4"] && documents[0].hasNumericClasses)
        #expect(documents[0].tree.leafCount > 300)
    }

    @Test(arguments: ["gini", "entropy"]) func aWeightOfTwoIsARowTwice(criterion: String) async throws {
        let rows = CountedRows(300, width: 5, seed: 2)
        let lines = String(decoding: rows.csv, as: UTF8.self).split(separator: "\n")
        var weighted = ""
        var doubled = ""
        for (index, line) in lines.enumerated() {
            let parts = line.split(separator: ",", maxSplits: 1)
            let weight = index % 3 == 0 ? 2 : 1
            weighted += "\(parts[0]),\(weight),\(parts[1])\n"
            for _ in 0..<weight { doubled += "\(line)\n" }
        }
        let settings = ["criterion": criterion, "min_weight_fraction_leaf": "0.02"]
        let one = try TestJob()
        try await one.train(settings.merging(["csv_weights": "1"]) { $1 }, [one.channel("training", Array(weighted.utf8))])
        let other = try TestJob()
        try await other.train(settings, [other.channel("training", Array(doubled.utf8))])
        let (a, b) = (try one.document().tree, try other.document().tree)
        #expect(a.nodes.map(\.feature) == b.nodes.map(\.feature))
        #expect(a.nodes.map(\.threshold) == b.nodes.map(\.threshold))
        #expect(a.nodes.count > 20)
        #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func aConstantTableIsOneLeaf() async throws {
        let job = try TestJob()
        try await job.train([:], [job.channel("training", Array("a,1,0\nb,1,0\nb,1,0\n".utf8))])
        #expect(try job.document().tree.nodes.count == 1)
        #expect(try job.answer("5,5\n") == "b\n")
    }

    @Test func labelsAreSortedAsNumbersOrAsText() async throws {
        let job = try TestJob()
        try await job.train([:], [job.channel("training", Array("10,1\n9,2\n9.0,3\n\"-1\",4\n".utf8))])
        #expect(try job.document().classes == ["-1", "9", "10"])
        #expect(try job.answer("4\n1\n", accept: "application/jsonlines").hasPrefix(#"{"predicted_label":-1,"#))
        let text = try TestJob()
        try await text.train([:], [text.channel("training", Array("10,1\n\"b, \"\"c\"\"\",2\n a ,3\n".utf8))])
        #expect(try text.document().classes == ["10", "a", "b, \"c\""])
        #expect(try text.answer("2\n") == "\"b, \"\"c\"\"\"\n")
    }

    @Test func validationTellsTheQualityOfNamesItKnowsAndOfOthers() async throws {
        let job = try TestJob()
        let channels = [
            try job.channel("training", Array("a,1\nb,2\n".utf8)),
            try job.channel("validation", Array("a,1\nb,2\nc,2\nb,1\n".utf8)),
        ]
        try await job.train([:], channels)
        #expect(try job.metric("validation:accuracy") == 0.5)
        let numbers = try TestJob()
        let both = [
            try numbers.channel("training", Array("1,1\n3,2\n".utf8)), try numbers.channel("test", Array("2,1\n3,2\n".utf8)),
        ]
        try await numbers.train(["criterion": "squared_error"], both)
        #expect(try numbers.metric("test:mse") == 0.5)
        #expect(try numbers.answer("2\n", accept: "application/json") == #"{"predictions":[{"score":3.0}]}"#)
    }
}
