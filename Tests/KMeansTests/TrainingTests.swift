// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Testing

@testable import KMeans

@Suite struct TrainingTests {
    private static let four = ["k": "4", "feature_dim": "6"]
    private let rows = corners(400, seed: 1)

    @Test func groupsAreFoundStoredAndAnswered() async throws {
        let job = try TestJob()
        let others = corners(100, seed: 2)
        try await job.train(Self.four, [job.channel("train", recordIO(rows)), job.channel("test", recordIO(others))])
        let array = try #require(try NDArrayList.decode(job.modelBytes).first)
        #expect(array.name.isEmpty && array.array.shape == [4, 6])
        let found = try job.predictions(others)
        #expect(purity(found.clusters, (0..<100).map { $0 % 4 }) == 1)
        #expect(Set(found.clusters) == [0, 1, 2, 3])
        let model = try job.model()
        for (row, (cluster, distance)) in zip(others, zip(found.clusters, found.distances)) {
            let centre = model.centres[cluster * 6..<cluster * 6 + 6]
            let exact = zip(row, centre).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            #expect(abs(distance - exact) < 1e-4 * exact)
        }
        let told = try #require(job.quality("test", "msd"))
        #expect(abs(told / Double(found.distances.reduce(0) { $0 + $1 * $1 } / 100) - 1) < 1e-5)
        #expect(job.quality("test", "ssd") == nil)
    }

    @Test func allFormsOfTheDataGiveTheSameModel() async throws {
        let rows = corners(150, seed: 3, whole: true)
        let labels = rows.map { _ in Float(1) }
        var sparse = RecordIOEncoder()
        for row in rows {
            let keys = row.indices.filter { row[$0] != 0 }
            sparse.append(
                features: [RecordTensor(values: keys.map { row[$0] }, keys: keys.map { UInt64($0) }, shape: [6])], labels: [])
        }
        let unlabelled = ContentType(mediaType: "text/csv", parameters: ["label_size": "0"])
        let forms: [([UInt8], ContentType?)] = [
            (recordIO(rows), nil), (recordIO(rows, labels: labels), .recordIOProtobuf), (sparse.bytes, nil),
            (csv(rows), unlabelled), (csv(zip(labels, rows).map { [$0] + $1 }), .csv),
        ]
        var models: [[UInt8]] = []
        for (bytes, contentType) in forms {
            let job = try TestJob()
            try await job.train(
                Self.four.merging(["mini_batch_size": "40"]) { $1 }, [job.channel("train", bytes, contentType: contentType)])
            models.append(job.modelBytes)
        }
        #expect(!models[0].isEmpty)
        #expect(models.allSatisfy { $0 == models[0] })
    }

    @Test(arguments: ["random", "kmeans++"], ["random", "kmeans++"])
    func everySeedingTrains(first: String, local: String) async throws {
        let job = try TestJob()
        try await job.train(
            Self.four.merging([
                "init_method": first, "local_lloyd_init_method": local, "epochs": "2", "mini_batch_size": "64",
                "extra_center_factor": "5", "local_lloyd_num_trials": "6", "eval_metrics": "[\"msd\", \"ssd\"]",
            ]) { $1 }, [job.channel("train", recordIO(rows))])
        #expect(purity(try job.predictions(rows).clusters, rows.indices.map { $0 % 4 }) == 1)
        #expect(job.log.contains { $0.hasSuffix("shrinking 20 centers into 4") })
        #expect(job.log.filter { $0.contains("local kmeans attempt #") }.count == 6)
        #expect(job.log.filter { $0.contains("#progress_metric") }.map { $0.split(separator: " ")[7] } == ["50", "100"])
        let (msd, ssd) = (try #require(job.quality("train", "msd")), try #require(job.quality("train", "ssd")))
        #expect(abs(ssd / msd - 800) < 1)
        #expect(job.log.contains { $0.hasSuffix("Test data is not provided.") })
    }

    @Test func seedsDifferAndThreadsDoNot() async throws {
        // Rows without groups: where there are clear ones, every seed finds them.
        var random = Random(seed: 5)
        let rows = (0..<400).map { _ in (0..<6).map { _ in random.uniform() } }
        var models: [[UInt8]] = []
        for (seed, threadCount) in [(1, 1), (1, 3), (2, 1)] as [(UInt64, Int)] {
            let job = try TestJob()
            try await job.train(Self.four, [job.channel("train", recordIO(rows))], seed: seed, threadCount: threadCount)
            models.append(job.modelBytes)
        }
        #expect(models[0] == models[1] && models[0] != models[2])
    }

    @Test func aHalfLifeFollowsTheLatestRows() async throws {
        // Everything moves by 30 half way through.
        let moving = corners(4000, groups: 2, seed: 4).enumerated().map { index, row in row.map { index < 2000 ? $0 : $0 + 30 } }
        var means: [Float] = []
        for halfLife in ["0", "100"] {
            let job = try TestJob()
            try await job.train(
                [
                    "k": "2", "feature_dim": "6", "mini_batch_size": "100", "extra_center_factor": "1",
                    "half_life_time_size": halfLife, "init_method": "kmeans++",
                ], [job.channel("train", recordIO(moving))])
            means.append(try job.model().centres.reduce(0, +) / 12)
        }
        #expect(means[1] > means[0] + 10)
    }

    @Test func aSmallFirstBatchIsTold() async throws {
        let job = try TestJob()
        try await job.train(Self.four, [job.channel("train", recordIO(Array(rows.prefix(30))))])
        #expect(
            job.log.contains {
                $0.contains(
                    "WARNING")
                    && $0.hasSuffix(
                        "Batch size 5000 is bigger than the first batch data. Effective batch size used to initialize is 30")
            })
        #expect(job.log.contains { $0.hasSuffix("processed a total of 30 examples") })
        #expect(job.log.contains { $0.hasSuffix("shrinking 30 centers into 4") })
    }

    @Test func aStopKeepsTheModelSoFar() async throws {
        let job = try TestJob()
        let flag = StopFlag()
        flag.set()
        try await job.train(
            Self.four.merging(["mini_batch_size": "50", "epochs": "9"]) { $1 }, [job.channel("train", recordIO(rows))],
            stopFlag: flag)
        #expect(try job.model().centres.count == 24)
        #expect(job.log.filter { $0.contains("#progress_metric") }.count == 1)
    }
}
