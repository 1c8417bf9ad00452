// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Testing

@testable import SampleData

@Suite struct SampleDataTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "sample-data-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    @Test func everyFileIsDescribedAndBelongsToADataSet() throws {
        #expect(SampleCatalog.files.count == 15)
        for file in SampleCatalog.files {
            #expect(!file.description.isEmpty, "\(file.path)")
            #expect(SampleCatalog.datasets.contains { $0.name == file.datasetName })
            #expect(file.bytes.count == file.byteCount)
        }
        for dataset in SampleCatalog.datasets { #expect(!dataset.notice.isEmpty) }
        #expect(throws: UserError.self) { try SampleCatalog.file("mnist/none") }
        #expect(throws: UserError.self) { try SampleCatalog.dataset("none") }
        #expect(DatasetCommand.list().contains("mnist/train-images-idx3-ubyte.gz"))
    }

    @Test func mnistIsWhatItIsKnownToBe() throws {
        let train = try MNIST.images(.train)
        let test = try MNIST.images(.test)
        #expect(train.count == 5000)
        #expect(test.count == 1000)
        #expect(train.pixelCount == 784)
        #expect(Array(train.labels.prefix(10)) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
        #expect(Array(test.labels.prefix(10)) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
        #expect(test.labels.filter { $0 == 0 }.count == 85)
        #expect(train.rows(1..<3).labels == [0, 4])
        #expect(train.rows(4999..<9000).count == 1)
    }

    @Test func otherDataSetsAreReadable() throws {
        let digits = String(decoding: try SampleCatalog.file("optdigits/digits.csv.gz").content(), as: UTF8.self)
        #expect(digits.split(separator: "\n").count == 1797)
        let genotypes = try SampleCatalog.file("1000genomes/chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz").content()
        let text = String(decoding: genotypes, as: UTF8.self)
        #expect(text.hasPrefix("##fileformat=VCF"))
        #expect(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.count == 1546)
        let panel = try SampleCatalog.file("1000genomes/integrated_call_samples_v3.20130502.ALL.panel").content()
        #expect(String(decoding: panel, as: UTF8.self).split(separator: "\n").count == 2505)
    }

    @Test func idxRoundTripsAndRefusesWhatItIsNot() throws {
        let array = IDXArray(dimensions: [2, 3], values: [1, 2, 3, 4, 5, 6])
        let encoded = array.encoded()
        #expect(encoded == [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
        #expect(try IDXArray(decoding: encoded) == array)
        for length in 0..<encoded.count {
            #expect(throws: DataError.self) { try IDXArray(decoding: Array(encoded[..<length])) }
        }
        #expect(throws: DataError.self) { try IDXArray(decoding: encoded + [0]) }
        #expect(throws: DataError.self) { try IDXArray(decoding: [0, 0, 9] + encoded.dropFirst(3)) }
        #expect(throws: DataError.self) { try IDXArray(decoding: [0, 0, 8, 255] + [UInt8](repeating: 255, count: 2000)) }
    }

    @Test func labelMapsAreReadAndApplied() throws {
        #expect(try LabelMap(parsing: "is:3") == .isDigit(3))
        #expect(try LabelMap(parsing: "identity")(7) == 7)
        #expect(try LabelMap(parsing: "0=1,*=0") == .isDigit(0))
        #expect(LabelMap.isDigit(0)(0) == 1)
        #expect(LabelMap.isDigit(0)(5) == 0)
        #expect(try LabelMap(parsing: "3=-1")(3) == -1)
        #expect(try LabelMap(parsing: "3=-1")(4) == 4)
        for text in ["", "is:", "is:x", "0", "0=", "=1", "300=1", "0=1,,", "0=99999999999"] {
            #expect(throws: UserError.self) { try LabelMap(parsing: text) }
        }
    }

    @Test func theLabsExportIsWhatItNeeds() throws {
        try withFolder { folder in
            let options = DatasetCommand.ExportOptions(labelMap: .isDigit(0), testRows: 0..<250)
            let files = try DatasetCommand.export("mnist-subset", to: folder + "/data", options: options)
            #expect(
                files.map(\.name)
                    == ["recordio-pb-data", "test-00.csv", "test-01.csv", "test-02.csv", "test-labels.txt", "NOTICE"])
            #expect(files.map(\.rowCount) == [5000, 100, 100, 50, 250, nil])
            #expect(files.first?.byteCount == 5000 * 3184)
            let channel = InputChannel(name: "train", directory: folder + "/data", files: [folder + "/data/recordio-pb-data"])
            let examples = try channel.readExamples(ReadOptions(featureCount: 784))
            let train = try MNIST.images(.train)
            #expect(examples.labels == train.labels.map { $0 == 0 ? 1 : 0 })
            #expect(examples.features == .dense(train.pixels.map { Float($0) / 256 }))
            let request = InferenceRequest(body: try bytes(folder + "/data/test-02.csv"), contentType: "text/csv")
            let batch = try InferenceDecoder.examples(of: request, featureCount: 784)
            let test = try MNIST.images(.test).rows(200..<250)
            #expect(batch.features == .dense(test.pixels.map { Float($0) / 256 }))
            let labels = String(decoding: try bytes(folder + "/data/test-labels.txt"), as: UTF8.self)
            #expect(labels.hasPrefix("0\n0\n0\n1\n"))
            #expect(labels.split(separator: "\n").count == 250)
        }
    }

    @Test(arguments: PixelScale.allCases)
    func csvAndRecordIOHoldTheSameNumbers(scale: PixelScale) throws {
        try withFolder { folder in
            let options = DatasetCommand.ExportOptions(format: .csv, scale: scale, trainRows: 10..<40, testRows: 0..<5)
            let files = try DatasetCommand.export("mnist", to: folder, options: options)
            #expect(files.map(\.name) == ["train.csv", "test-00.csv", "test-labels.txt", "NOTICE"])
            let channel = InputChannel(
                name: "train", directory: folder, files: [folder + "/train.csv"], contentType: .csv)
            let train = try MNIST.images(.train).rows(10..<40)
            try Data(train.recordIO(labels: .identity, scale: scale)).write(to: URL(fileURLWithPath: folder + "/rec"))
            let records = try InputChannel(name: "train", directory: folder, files: [folder + "/rec"]).readExamples()
            #expect(try channel.readExamples() == records)
            #expect(records.labels == train.labels.map(Float.init))
        }
    }

    @Test func idxExportsAreAFullFolderAgain() throws {
        try withFolder { folder in
            let options = DatasetCommand.ExportOptions(format: .idx, trainRows: 0..<20, testRows: 5..<15)
            _ = try DatasetCommand.export("mnist", to: folder + "/mnist", options: options)
            #expect(try MNIST.images(.train, fullDirectory: folder) == MNIST.images(.train).rows(0..<20))
            #expect(try MNIST.images(.test, fullDirectory: folder + "/mnist") == MNIST.images(.test).rows(5..<15))
            #expect(throws: UserError.self) { try MNIST.images(.test, fullDirectory: folder + "/none") }
            #expect(throws: UserError.self) {
                try DatasetCommand.export("mnist", to: folder, options: .init(trainRows: 4990..<5001))
            }
            #expect(throws: UserError.self) { try DatasetCommand.export("mnist", to: folder, options: .init(batchRowCount: 0)) }
            #expect(try DatasetCommand.export("optdigits", to: folder).map(\.name) == ["digits.csv.gz", "NOTICE"])
        }
    }

    @Test func digitsAreDrawn() throws {
        let plain = try DatasetCommand.draw(3, labelMap: .isDigit(0), color: false)
        let lines = plain.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 16)
        #expect(lines[14] == "test 3: 0, mapped to 1")
        #expect(plain.contains("█"))
        #expect(lines.allSatisfy { $0.count <= 28 })
        #expect(try DatasetCommand.draw(3, color: true).contains("\u{1b}[38;5;"))
        #expect(throws: UserError.self) { try DatasetCommand.draw(1000, color: false) }
        #expect(throws: UserError.self) { try DatasetCommand.draw(-1, color: false) }
    }

    @Test func publicBucketsHoldWhatTheWorkshopReads() throws {
        let buckets = PublicBuckets.all(regions: ["us-east-1", "eu-west-1"])
        #expect(buckets.map(\.name) == ["sagemaker-sample-data-us-east-1", "sagemaker-sample-data-eu-west-1", "1000genomes"])
        for bucket in buckets {
            #expect(bucket.objects.map(\.key) == bucket.objects.map(\.key).sorted())
            #expect(Set(bucket.objects.map(\.key)).count == bucket.objects.count)
        }
        let genomes = PublicBuckets.genomes.objects
        #expect(genomes.contains { $0.key == "release/20130502/integrated_call_samples_v3.20130502.ALL.panel" })
        #expect(genomes.count == 6)
        for object in PublicBuckets.sampleData(region: "us-east-1").objects {
            let count = try object.bytes().count
            #expect(count > 0)
            if let known = object.byteCount { #expect(known == count) }
        }
    }
}
