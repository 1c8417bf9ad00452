// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation

/// Writes a cohort as the files that the lab needs.
public struct CohortExport: Sendable {
    /// How rows are written.
    public enum Format: String, Sendable, CaseIterable {
        case recordio
        case csv

        var suffix: String { self == .recordio ? "pbr" : "csv" }
    }

    /// A file that was written.
    public struct File: Sendable, Equatable {
        /// The name below the folder.
        public let name: String
        /// The number of bytes.
        public let byteCount: Int
        /// The number of people in it; nil where it holds none.
        public let rowCount: Int?
    }

    /// How rows are written.
    public var format: Format
    /// The number of files that the people to train with are divided into, one for each host.
    public var shardCount: Int
    /// The share of people who are held out.
    public var testFraction: Double
    /// What chooses them.
    public var seed: UInt64
    /// Where the matrices will be in S3, such as `s3://bucket/train/`: what the manifest says; nil: no manifest.
    public var prefix: String?

    /// Makes one from its parts.
    public init(
        format: Format = .recordio, shardCount: Int = 2, testFraction: Double = 0.2, seed: UInt64 = 1, prefix: String? = nil
    ) {
        self.format = format
        self.shardCount = shardCount
        self.testFraction = testFraction
        self.seed = seed
        self.prefix = prefix
    }

    /// Writes into a folder, which is made if need be: `matrix_0.pbr` … with the people to train with, `.amazon.manifest` that lists them,
    /// `test.pbr` with those held out, `train.panel` and `test.panel` with who the rows are, `variants.txt` with what the columns are.
    ///
    /// The people of matrices are consecutive in `train.panel`. Throws ``UserError`` and ``PlatformError``.
    public func write(_ cohort: Cohort, to directory: String) throws -> [File] {
        guard testFraction >= 0, testFraction < 1 else {
            throw UserError("the share of people held out cannot be \(testFraction); it is from 0 to below 1")
        }
        let (train, test) = cohort.split(testFraction: testFraction, seed: seed)
        guard (1...max(1, train.people.count)).contains(shardCount), !train.people.isEmpty else {
            throw UserError(
                "\(train.people.count) people cannot be divided into \(shardCount) files; each has at least one of them")
        }
        if let prefix, !prefix.hasPrefix("s3://") || !prefix.hasSuffix("/") {
            throw UserError("the place of the matrices cannot be '\(prefix)'; it is like s3://BUCKET/FOLDER/")
        }
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw PlatformError("could not make the folder \(directory): \(error.localizedDescription)")
        }
        var files: [File] = []
        func write(_ name: String, _ bytes: [UInt8], rowCount: Int? = nil) throws {
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/\(name)"), options: .atomic)
            } catch {
                throw PlatformError("could not write \(directory)/\(name): \(error.localizedDescription)")
            }
            files.append(File(name: name, byteCount: bytes.count, rowCount: rowCount))
        }
        func encode(_ part: Cohort) -> [UInt8] { format == .recordio ? part.recordIO() : part.csv() }
        var names: [String] = []
        for shard in 0..<shardCount {
            let bounds = [shard, shard + 1].map { train.people.count * $0 / shardCount }
            let part = train.people(at: Array(bounds[0]..<bounds[1]))
            names.append("matrix_\(shard).\(format.suffix)")
            try write(names[shard], encode(part), rowCount: part.people.count)
        }
        if let prefix { try write(".amazon.manifest", try manifest(prefix, names)) }
        if !test.people.isEmpty { try write("test.\(format.suffix)", encode(test), rowCount: test.people.count) }
        try write("train.panel", train.panelText(), rowCount: train.people.count)
        if !test.people.isEmpty { try write("test.panel", test.panelText(), rowCount: test.people.count) }
        try write("variants.txt", Array(cohort.variants.map { $0.name + "\n" }.joined().utf8))
        return files
    }

    /// The list that a channel of the kind ManifestFile takes: where the keys are, then the keys.
    private func manifest(_ prefix: String, _ names: [String]) throws -> [UInt8] {
        let entries = [try JSONEncoder.plain.encode(["prefix": prefix])] + (try names.map { try JSONEncoder.plain.encode($0) })
        return Array("[".utf8) + entries.joined(separator: Array(", ".utf8)) + Array("]\n".utf8)
    }
}

extension JSONEncoder {
    /// Slashes stay as they are.
    fileprivate static var plain: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }
}
