// SPDX-License-Identifier: Apache-2.0

import Algorithm
import CSampleData

/// A file of the data in the box; its bytes are part of the executable and are copied when they are asked for.
public struct SampleFile: Sendable {
    /// The path below the data's folder, such as `mnist/train-images-idx3-ubyte.gz`.
    public let path: String
    /// What it holds.
    public let description: String
    /// The data set that it belongs to.
    public let datasetName: String
    private let index: Int

    init(path: String, description: String, datasetName: String, index: Int) {
        self.path = path
        self.description = description
        self.datasetName = datasetName
        self.index = index
    }

    /// The last part of the path.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The number of bytes.
    public var byteCount: Int { sagebrush_sample_file_at(index).length }

    /// The bytes, as they lie in the box.
    public var bytes: [UInt8] {
        let file = sagebrush_sample_file_at(index)
        return [UInt8](UnsafeBufferPointer(start: file.bytes, count: file.length))
    }

    /// The bytes, decompressed where the name ends in `.gz`; throws ``PlatformError`` without libarchive.
    public func content() throws -> [UInt8] {
        path.hasSuffix(".gz") ? try Gzip.decompress(bytes, name: path) : bytes
    }
}

/// A data set in the box.
public struct Dataset: Sendable {
    /// The name that commands take, such as `mnist`.
    public let name: String
    /// One line for a person.
    public let title: String
    /// Who made it and where it came from.
    public let source: String
    /// The terms of use.
    public let licence: String
    /// Its files, the notice among them.
    public var files: [SampleFile] { SampleCatalog.files.filter { $0.datasetName == name } }
    /// The notice that goes with every copy.
    public var notice: [UInt8] { files.first { $0.name == "NOTICE" }?.bytes ?? [] }
}

/// What is in the box: a few megabytes of real data, found wherever the executable is copied.
public enum SampleCatalog {
    /// The data sets.
    public static let datasets = [
        Dataset(
            name: "mnist", title: "handwritten digits, 28 x 28 pixels: 5,000 to train, 1,000 to test (a subset of MNIST)",
            source: "Yann LeCun, Corinna Cortes", licence: "CC BY-SA 3.0"),
        Dataset(
            name: "optdigits", title: "handwritten digits, 8 x 8 pixels: 1,797 rows",
            source: "E. Alpaydin, C. Kaynak; UCI Machine Learning Repository", licence: "CC BY 4.0"),
        Dataset(
            name: "1000genomes", title: "genotypes of 2,504 people from 26 populations, on chromosomes 1 and 6 (exons)",
            source: "The 1000 Genomes Project Consortium, Nature 526:68 (2015)", licence: "open data, please cite"),
    ]

    private static let descriptions = [
        "mnist/train-images-idx3-ubyte.gz": "5,000 images to train, IDX",
        "mnist/train-labels-idx1-ubyte.gz": "their digits, IDX",
        "mnist/t10k-images-idx3-ubyte.gz": "1,000 images to test, IDX",
        "mnist/t10k-labels-idx1-ubyte.gz": "their digits, IDX",
        "optdigits/digits.csv.gz": "64 pixels of 0 to 16 and the digit, CSV",
        "1000genomes/chr1.exome-sites.2504.vcf.gz": "2,368 variants of chromosome 1, VCF",
        "1000genomes/chr6.exome-sites.2504.vcf.gz": "1,546 variants of chromosome 6, VCF",
        "1000genomes/chr6.exome-sites.GBR-ASW-CHB.255.vcf.gz": "the same of 255 people of three populations, VCF",
        "1000genomes/integrated_call_samples_v3.20130502.ALL.panel": "each person's population, tab-separated",
    ]

    /// All files, sorted by path.
    public static let files: [SampleFile] = (0..<sagebrush_sample_file_count()).map { index in
        let path = String(cString: sagebrush_sample_file_at(index).path)
        let dataset = path.split(separator: "/").first.map(String.init) ?? ""
        let description: String
        if path.hasSuffix("/NOTICE") {
            description = "authors and terms"
        } else if path.hasSuffix(".tbi") {
            description = "its index by position"
        } else {
            description = descriptions[path] ?? ""
        }
        return SampleFile(path: path, description: description, datasetName: dataset, index: index)
    }

    /// The file of that path; throws ``UserError``.
    public static func file(_ path: String) throws -> SampleFile {
        guard let file = files.first(where: { $0.path == path }) else {
            throw UserError("there is no sample file '\(path)'; there are \(files.map(\.path).joined(separator: ", "))")
        }
        return file
    }

    /// The data set of that name (`mnist-subset` is `mnist`); throws ``UserError``.
    public static func dataset(_ name: String) throws -> Dataset {
        let name = name == "mnist-subset" ? "mnist" : name
        guard let dataset = datasets.first(where: { $0.name == name }) else {
            throw UserError("there is no data set '\(name)'; there are \(datasets.map(\.name).joined(separator: ", "))")
        }
        return dataset
    }
}
