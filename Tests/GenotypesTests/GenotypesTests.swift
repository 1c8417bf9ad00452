// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import SampleData
import Testing

@testable import Genotypes

@Suite struct GenotypesTests {
    /// A folder with the files in the box, gone when the test is over.
    private final class Folder: Sendable {
        let path = NSTemporaryDirectory() + "genotypes-tests-" + UUID().uuidString

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func file(_ name: String, _ bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
            return "\(path)/\(name)"
        }

        func text(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

        func sample(_ name: String, withIndex: Bool = true) throws -> String {
            if withIndex { _ = try file(name + ".tbi", SampleCatalog.file("1000genomes/\(name).tbi").bytes) }
            return try file(name, SampleCatalog.file("1000genomes/\(name)").bytes)
        }
    }

    private static let chromosome1 = "chr1.exome-sites.2504.vcf.gz"
    private static let head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\tC\n"

    private func panel() throws -> Panel {
        let file = try SampleCatalog.file("1000genomes/integrated_call_samples_v3.20130502.ALL.panel")
        return try Panel(parsing: file.bytes, name: file.name)
    }

    @Test func commonVariantsOfChromosomeOne() throws {
        let folder = try Folder()
        let table = try GenotypeTable.read(path: folder.sample(Self.chromosome1), threadCount: 2)
        #expect(table.samples.count == 2504)
        #expect(table.lineCount == 2368)
        #expect(table.variants.count == 377)
        #expect(table.variants.first?.name == "1-909238-G-C")
        // The first people at that place: 0/0 1/1 1/1 1/1 0/0 0/1.
        #expect(table.dosages.prefix(6) == [0, 2, 2, 2, 0, 1])
        // The file says how often the other base is there.
        #expect(table.dosages.prefix(2504).reduce(0) { $0 + Int($1) } == 3889)
        #expect(try table == GenotypeTable.read(path: folder.sample(Self.chromosome1), threadCount: 1))
    }

    @Test(arguments: ["1:900000-1000000", "1:1", "1", "1:248,000,000", "1:909238-909238", "1:2-3"])
    func aRegionIsTheSameWithAndWithoutIndex(region: String) throws {
        let folder = try Folder()
        let filter = VariantFilter(region: try GenomeRegion(parsing: region), minimumFrequency: 0)
        let path = try folder.sample(Self.chromosome1)
        let indexed = try GenotypeTable.read(path: path, filter: filter, threadCount: 2)
        #expect(indexed.usesIndex)
        try FileManager.default.removeItem(atPath: path + ".tbi")
        let scanned = try GenotypeTable.read(path: path, filter: filter, threadCount: 2)
        #expect(!scanned.usesIndex)
        #expect(indexed.variants == scanned.variants)
        #expect(indexed.dosages == scanned.dosages)
        #expect(indexed.lineCount <= scanned.lineCount)
        let all = try GenotypeTable.read(path: path, filter: VariantFilter(minimumFrequency: 0))
        #expect(scanned.variants == all.variants.filter { filter.region?.contains($0.position) == true })
    }

    @Test func anIndexIsReadOnlyWhereItHelps() throws {
        let folder = try Folder()
        let path = try folder.sample(Self.chromosome1)
        let filter = VariantFilter(region: try GenomeRegion(parsing: "1:909238-909309"), minimumFrequency: 0)
        let table = try GenotypeTable.read(path: path, filter: filter)
        #expect(table.variants.map(\.position) == [909238, 909242, 909309])
        #expect(table.lineCount < 1000)
        let other = VariantFilter(region: try GenomeRegion(parsing: "6:1-2"))
        #expect(throws: UserError.self) { try GenotypeTable.read(path: path, filter: other) }
    }

    @Test func regionsAreReadOrRefused() throws {
        #expect(try GenomeRegion(parsing: "6:1,000,000-1,250,000").description == "6:1000000-1250000")
        #expect(try GenomeRegion(parsing: "X").positions == nil)
        for text in ["", ":1-2", "6:", "6:0-5", "6:5-4", "6:a-b", "6:1-2-3", "6:1-99999999999999999999"] {
            #expect(throws: UserError.self) { try GenomeRegion(parsing: text) }
        }
    }

    @Test func onlySingleBasesWithOneAlternativeAreKept() throws {
        let folder = try Folder()
        let lines = [
            "6\t10\t.\tA\tG\t.\t.\tAF=0.31\tGT\t0|1\t1|1\t0|0", "6\t11\t.\tAT\tA\t.\t.\tAF=0.5\tGT\t0|1\t1|1\t0|0",
            "6\t12\t.\tA\tG,T\t.\t.\tAF=0.5,0.1\tGT\t0|1\t1|2\t0|0", "6\t13\t.\tA\t*\t.\t.\tAF=0.5\tGT\t0|1\t1|1\t0|0",
            "6\t14\t.\tA\tC\t.\t.\tAC=9;AF=0.3;AN=30\tGT\t0|1\t1|1\t0|0", "6\t15\t.\tC\tT\t.\t.\tNS=3\tGT:DP\t0/1:3\t./.\t1\r",
            "", "6\t16\t.\tC\tT\t.\t.\tXAF=0.9\tGT\t0|0\t0|0\t0|1",
        ]
        let table = try GenotypeTable.read(path: folder.text("small.vcf", Self.head + lines.joined(separator: "\n")))
        #expect(table.variants.map(\.name) == ["6-10-A-G", "6-15-C-T"])
        #expect(table.dosages == [1, 2, 0, 1, GenotypeText.missing, 1])
        let panel = try Panel(parsing: Array("sample\tpop\tsuper_pop\tgender\t\t\nC\tX\tY\tmale\nB\tX\tY\tmale\n".utf8), name: "p")
        let cohort = try Cohort(table, panel: panel)
        #expect(cohort.people.map(\.sample) == ["B", "C"])
        #expect(cohort.missingCount == 1)
        // What is not known becomes the mean of the people who are taken.
        #expect(cohort.values == [2, 1, 0, 1])
        #expect(throws: UserError.self) { try Cohort(table, panel: panel, populations: ["GBR"]) }
    }

    @Test(arguments: [
        ("6\t10\t.\tA\tG\t.\t.\tAF=0.4\tGT\t0|1\tx\t0|0", "line 3, column 11: 'x' is not a genotype"),
        ("6\t10\t.\tA\tG\t.\t.\tAF=0.4\tGT\t0|1\t0|0", "line 3: the line has 2 genotypes; the header names 3 samples"),
        ("6\t10\t.\tA\tG\t.\t.\tAF=0.4\tGT\t0|1\t0|0\t0|0\t1|1", "line 3: the line has 4 genotypes"),
        ("6\t10\t.\tA\tG\t.\t.\tAF=0.4\tDP\t1\t2\t3", "FORMAT is 'DP'"),
        ("6\tten\t.\tA\tG\t.\t.\tAF=0.4\tGT\t0|1\t0|0\t0|0", "line 3, column 2: 'ten' is not a number"),
        ("6 10 . A G", "the line has 1 columns"),
    ])
    func whatIsNoGenotypeIsNamed(line: String, message: String) throws {
        let folder = try Folder()
        let path = try folder.text("bad.vcf", Self.head + line + "\n")
        let error = #expect(throws: DataError.self) { try GenotypeTable.read(path: path) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix(path) == true)
    }

    @Test func damagedFilesAreRefused() throws {
        let folder = try Folder()
        let whole = try SampleCatalog.file("1000genomes/\(Self.chromosome1)").bytes
        let index = try SampleCatalog.file("1000genomes/\(Self.chromosome1).tbi").bytes
        for cut in [10, 17, 300, whole.count / 2, whole.count - 40] {
            let path = try folder.file("cut.vcf.gz", Array(whole[..<cut]))
            #expect(throws: (any Error).self) { try GenotypeTable.read(path: path, threadCount: 2) }
        }
        for text in ["", "hello\n", "##fileformat=VCFv4.2\n#CHROM\tPOS\n", "##fileformat=VCFv4.2\n"] {
            let path = try folder.text("no.vcf", text)
            #expect(throws: (any Error).self) { try GenotypeTable.read(path: path) }
        }
        #expect(throws: PlatformError.self) { try GenotypeTable.read(path: folder.path + "/none.vcf") }
        let content = try Gzip.decompress(index)
        for count in stride(from: 0, to: content.count, by: 997) {
            #expect(throws: DataError.self) { try TabixIndex(decoding: Array(content[..<count]), file: "index") }
        }
        var random = Random(seed: 5)
        for _ in 0..<200 {
            var damaged = content
            damaged[random.below(content.count)] = UInt8(truncatingIfNeeded: random.next())
            guard let index = try? TabixIndex(decoding: damaged, file: "index") else { continue }
            _ = index.stretches(of: try GenomeRegion(parsing: "1:5000000-9000000"))
        }
    }

    @Test func anExportIsWhatTheJobReads() throws {
        let folder = try Folder()
        let table = try GenotypeTable.read(path: folder.sample("chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz"))
        let cohort = try Cohort(table, panel: panel(), populations: ["GBR", "ASW", "CHB"])
        #expect(cohort.people.count == 255)
        let export = CohortExport(shardCount: 3, prefix: "s3://lab/train/")
        let files = try export.write(cohort, to: folder.path + "/data")
        #expect(
            files.map(\.name) == [
                "matrix_0.pbr", "matrix_1.pbr", "matrix_2.pbr", ".amazon.manifest", "test.pbr", "train.panel", "test.panel",
                "variants.txt",
            ])
        #expect(files.map(\.rowCount) == [68, 68, 68, nil, 51, 204, 51, nil])
        #expect(
            try String(contentsOfFile: folder.path + "/data/.amazon.manifest", encoding: .utf8)
                == "[{\"prefix\":\"s3://lab/train/\"}, \"matrix_0.pbr\", \"matrix_1.pbr\", \"matrix_2.pbr\"]\n")
        let channel = InputChannel(
            name: "train", directory: folder.path, files: (0..<3).map { "\(folder.path)/data/matrix_\($0).pbr" })
        let (train, test) = cohort.split(testFraction: 0.2, seed: 1)
        let examples = try channel.readExamples(ReadOptions(labels: .optional))
        #expect(examples.features == .dense(train.values))
        #expect(examples.labels.isEmpty)
        #expect(try Panel(path: folder.path + "/data/test.panel").people == test.people)
        #expect(Set((train.people + test.people).map(\.sample)).count == 255)
        _ = try CohortExport(format: .csv, shardCount: 1, testFraction: 0).write(cohort, to: folder.path + "/csv")
        let csv = InputChannel(
            name: "train", directory: folder.path, files: [folder.path + "/csv/matrix_0.csv"],
            contentType: ContentType("text/csv;label_size=0"))
        #expect(try csv.readExamples(ReadOptions(labels: .ignored)).count == 255)
        for wrong in [
            CohortExport(shardCount: 0), CohortExport(shardCount: 205), CohortExport(testFraction: 1), CohortExport(prefix: "lab"),
        ] {
            #expect(throws: UserError.self) { try wrong.write(cohort, to: folder.path) }
        }
    }

    @Test func answersOfAllFormatsAreCounted() throws {
        var encoder = RecordIOEncoder()
        for cluster in [2, 0, 2] as [Float] {
            encoder.append(
                features: [], labels: [.init(name: "closest_cluster", values: [cluster]), .init(name: "other", values: [1])])
        }
        let texts = [
            "2.0,3.5\n0.0,1\n2,8\n", "{\"closest_cluster\": 2.0}\n{\"closest_cluster\": 0}\n\n{\"closest_cluster\": 2}",
            "{\"predictions\":[{\"distance_to_cluster\":1,\"closest_cluster\":2},{\"closest_cluster\":0.0},{\"closest_cluster\":2}]}",
        ]
        for bytes in [encoder.bytes] + texts.map({ Array($0.utf8) }) {
            #expect(try ClusterAnswers.read(bytes, name: "answer") == [2, 0, 2])
        }
        for text in ["a,b", "{\"score\": 1}", "-1", "1.5"] {
            #expect(throws: DataError.self) { try ClusterAnswers.read(Array(text.utf8), name: "answer") }
        }
        let table = try CrossTable(groups: ["GBR", "ASW", "GBR"], clusters: [2, 0, 0])
        #expect(table.text == "pop     0     2\nASW     1     0\nGBR     1     1\n")
        #expect(table.purity == 2.0 / 3)
        #expect(throws: UserError.self) { try CrossTable(groups: ["GBR"], clusters: []) }
    }

    @Test func thePlaneIsThatOfTheEigenvectors() throws {
        let folder = try Folder()
        let table = try GenotypeTable.read(
            path: folder.sample("chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz"), filter: .init(minimumFrequency: 0.4))
        let cohort = try Cohort(table, panel: panel())
        let (rows, columns) = (cohort.people.count, cohort.variants.count)
        let means = (0..<columns).map { column in
            (0..<rows).reduce(0.0) { $0 + Double(cohort.values[$1 * columns + column]) } / Double(rows)
        }
        let centred = (0..<rows * columns).map { Double(cohort.values[$0]) - means[$0 % columns] }
        var covariance = [Double](repeating: 0, count: columns * columns)
        for row in 0..<rows {
            for i in 0..<columns {
                for j in 0..<columns { covariance[i * columns + j] += centred[row * columns + i] * centred[row * columns + j] }
            }
        }
        let system = try #require(SymmetricEigensystem(covariance, size: columns))
        let plane = try PrincipalPlane(cohort, threadCount: 2)
        for component in 0..<2 {
            let place = columns - 1 - component
            #expect(abs(plane.shares[component] - system.values[place] / system.values.reduce(0, +)) < 1e-5)
            let scores = (0..<rows).map { row in
                (0..<columns).reduce(0.0) { $0 + centred[row * columns + $1] * system.vectors[place * columns + $1] }
            }
            let found = plane.points.map { component == 0 ? $0.x : $0.y }
            #expect(zip(found, scores).allSatisfy { abs($0 - $1) < 2e-3 * system.values[place].squareRoot() })
        }
    }
}
