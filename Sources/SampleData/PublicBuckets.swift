// SPDX-License-Identifier: Apache-2.0

import Algorithm

/// An object of a public bucket, made when it is first read.
public struct PublicObject: Sendable {
    /// The object's key.
    public let key: String
    /// Its media type.
    public let contentType: String
    /// Its size where it is known without making it.
    public let byteCount: Int?
    /// Makes its bytes, always the same ones; throws ``PlatformError`` without libarchive.
    public let bytes: @Sendable () throws -> [UInt8]
}

/// A bucket that anyone may read.
public struct PublicBucket: Sendable {
    /// The bucket's name.
    public let name: String
    /// Where it is.
    public let region: String
    /// Its objects, sorted by key.
    public let objects: [PublicObject]
}

/// The public buckets that the workshop reads, filled with the data in the box.
public enum PublicBuckets {
    /// SageMaker's samples, one bucket in each region.
    public static func sampleData(region: String) -> PublicBucket {
        PublicBucket(name: "sagemaker-sample-data-\(region)", region: region, objects: sampleObjects)
    }

    /// The 1000 Genomes Project's bucket: its keys are the project's, the contents are the subset in the box.
    public static let genomes = PublicBucket(
        name: "1000genomes", region: "us-east-1",
        objects: sorted(
            [1, 6].flatMap { chromosome in
                ["", ".tbi"].compactMap { suffix in
                    object(
                        "release/20130502/ALL.chr\(chromosome).phase3_shapeit2_mvncall_integrated_v5a.20130502.genotypes.vcf.gz\(suffix)",
                        file: "1000genomes/chr\(chromosome).exome-sites.2504.vcf.gz\(suffix)")
                }
            }
                + [
                    object(
                        "release/20130502/integrated_call_samples_v3.20130502.ALL.panel",
                        file: "1000genomes/integrated_call_samples_v3.20130502.ALL.panel"),
                    object("release/20130502/NOTICE", file: "1000genomes/NOTICE"),
                ].compactMap { $0 }))

    /// Every bucket of a world that has these regions.
    public static func all(regions: [String]) -> [PublicBucket] {
        regions.map(sampleData(region:)) + [genomes]
    }

    private static let sampleObjects: [PublicObject] = sorted(
        SampleCatalog.files.compactMap { object($0.path, file: $0.path) } + mnistObjects)

    /// MNIST in the formats of the built-in algorithms: the digit as label, pixels over 256.
    private static let mnistObjects: [PublicObject] = MNIST.Split.allCases.flatMap { split in
        [
            PublicObject(
                key: "mnist/recordio-protobuf/\(split.rawValue)/recordio-pb-data",
                contentType: ContentType.recordIOProtobuf.mediaType, byteCount: nil
            ) { try MNIST.images(split).recordIO(labels: .identity, scale: .over256) },
            PublicObject(key: "mnist/csv/\(split.rawValue).csv", contentType: ContentType.csv.mediaType, byteCount: nil) {
                try MNIST.images(split).csv(labels: .identity, scale: .over256)
            },
        ]
    }

    private static func object(_ key: String, file path: String) -> PublicObject? {
        guard let file = try? SampleCatalog.file(path) else { return nil }
        let contentType: String
        if path.hasSuffix(".gz") {
            contentType = "application/x-gzip"
        } else {
            contentType = path.hasSuffix(".tbi") ? "binary/octet-stream" : "text/plain"
        }
        return PublicObject(key: key, contentType: contentType, byteCount: file.byteCount) { file.bytes }
    }

    private static func sorted(_ objects: [PublicObject]) -> [PublicObject] {
        objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}
