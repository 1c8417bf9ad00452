// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Genotypes
import KMeans
import SampleData
import Testing

/// The workshop's lab on genomes: people of three populations by their common single-base variants on chromosome 1.
@Suite struct GenotypeLabTests {
    /// The lab's people, read from the files in the box.
    private func cohort() throws -> Cohort {
        let path = NSTemporaryDirectory() + "genotypes-" + UUID().uuidString + ".vcf.gz"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(SampleCatalog.file("1000genomes/chr1.exome-sites.2504.vcf.gz").bytes).write(to: URL(fileURLWithPath: path))
        let panel = try SampleCatalog.file("1000genomes/integrated_call_samples_v3.20130502.ALL.panel")
        return try Cohort(
            GenotypeTable.read(path: path, threadCount: 2), panel: Panel(parsing: panel.bytes, name: panel.name),
            populations: ["GBR", "ASW", "CHB"])
    }

    /// Trains on two hosts, each with its shard, and gives the cluster of each held-out person.
    private func clusters(train: Cohort, test: Cohort, seed: UInt64) async throws -> [Int] {
        let directory = NSTemporaryDirectory() + "genotype-lab-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory + "/model", withIntermediateDirectories: true)
        let hosts = ThreadHosts(count: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for rank in 0..<2 {
                group.addTask {
                    let count = train.people.count
                    let half = train.people(at: Array((count * rank / 2)..<(count * (rank + 1) / 2)))
                    let file = "\(directory)/matrix_\(rank).pbr"
                    try Data(half.recordIO()).write(to: URL(fileURLWithPath: file))
                    try await KMeans.train(
                        TrainingJob(
                            name: "lab",
                            hyperparameters: KMeans.hyperparameterValues(
                                from: ["k": "3", "feature_dim": "\(train.variants.count)", "force_dense": "True"]),
                            channels: [
                                InputChannel(name: "train", directory: directory, files: [file], distribution: .shardedByS3Key)
                            ],
                            modelDirectory: directory + "/model", outputDirectory: directory, scratchDirectory: directory,
                            topology: HostTopology(currentHost: "algo-\(rank + 1)", hosts: ["algo-1", "algo-2"]),
                            log: JobLog(now: { 1_600_000_000 }, write: { _ in }), seed: seed,
                            collectives: ThreadHosts.Host(hosts: hosts, rank: rank)))
                }
            }
            try await group.waitForAll()
        }
        let type = ContentType.recordIOProtobuf.mediaType
        let answer = try KMeans.load(from: directory + "/model").predict(
            InferenceRequest(body: test.recordIO(), contentType: type, accept: type))
        return try ClusterAnswers.read(answer.body, name: "answer")
    }

    @Test func populationsAreToldApartOnHeldOutPeople() async throws {
        let cohort = try cohort()
        #expect(cohort.people.count == 255)
        #expect(cohort.variants.count == 377)
        var purities: [Double] = []
        for seed in 0..<20 as Range<UInt64> {
            let (train, test) = cohort.split(testFraction: 0.2, seed: seed)
            #expect(train.people.count == 204)
            #expect(test.people.count == 51)
            let found = try await clusters(train: train, test: test, seed: seed)
            purities.append(try CrossTable(groups: test.people.map(\.population), clusters: found).purity)
        }
        #expect(purities.reduce(0, +) / 20 >= 0.97, "\(purities)")
    }
}
