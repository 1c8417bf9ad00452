// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Testing

@testable import KMeans

/// The workshop's lab on genomes: people of three populations by their common single-base variants on chromosome 1.
@Suite struct GenotypeTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/CSampleData/data/1000genomes").path

    /// 0, 1 or 2 copies of the other base for each person (row) and variant of a frequency above .30, and each person's population.
    private func genotypes(_ populations: [String]) throws -> (rows: [[Float]], groups: [Int]) {
        let panel = try String(contentsOfFile: Self.folder + "/integrated_call_samples_v3.20130502.ALL.panel", encoding: .utf8)
        var populationOf: [Substring: Substring] = [:]
        for line in panel.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t")
            populationOf[fields[0]] = fields[1]
        }
        let compressed = try #require(FileManager.default.contents(atPath: Self.folder + "/chr1.exome-sites.2504.vcf.gz"))
        let text = try Gzip.decompress(Array(compressed), name: "chr1")
        var rows: [[Float]] = []
        var groups: [Int] = []
        var places: [Int] = []
        for line in text.split(separator: UInt8(ascii: "\n")) where !line.starts(with: Array("##".utf8)) {
            if line.first == UInt8(ascii: "#") {
                let samples = String(decoding: line, as: UTF8.self).split(separator: "\t").dropFirst(9)
                for (place, sample) in samples.enumerated() {
                    guard let group = populationOf[sample].flatMap({ populations.firstIndex(of: String($0)) }) else { continue }
                    places.append(place)
                    groups.append(group)
                }
                rows = places.map { _ in [] }
                continue
            }
            let fields = line.split(separator: UInt8(ascii: "\t"), maxSplits: 9)
            let information = String(decoding: fields[7], as: UTF8.self).split(separator: ";")
            let frequency = information.first { $0.hasPrefix("AF=") }.flatMap { Double($0.dropFirst(3)) } ?? 0
            guard fields[3].count == 1, fields[4].count == 1, frequency > 0.3 else { continue }
            // Every genotype is three characters and a tab.
            let start = fields[9].startIndex
            for (row, place) in places.enumerated() {
                let alleles = [line[start + 4 * place], line[start + 4 * place + 2]]
                rows[row].append(Float(alleles.filter { $0 == UInt8(ascii: "1") }.count))
            }
        }
        return (rows, groups)
    }

    @Test func populationsAreToldApartOnHeldOutPeople() async throws {
        let (rows, groups) = try genotypes(["GBR", "ASW", "CHB"])
        #expect(rows.count == 255 && rows.allSatisfy { $0.count == 377 })
        var purities: [Double] = []
        for seed in 0..<20 as Range<UInt64> {
            var random = Random(seed: seed, stream: 99)
            let order = random.permutation(rows.count).map { Int($0) }
            let (train, test) = (order.prefix(204), order.suffix(51))
            let job = try TestJob()
            try await job.train(
                ["k": "3", "feature_dim": "377", "force_dense": "True"], [job.channel("train", recordIO(train.map { rows[$0] }))],
                seed: seed)
            let found = try job.predictions(test.map { rows[$0] })
            purities.append(purity(found.clusters, test.map { groups[$0] }))
        }
        #expect(purities.reduce(0, +) / 20 >= 0.97, "\(purities)")
    }
}
