// SPDX-License-Identifier: Apache-2.0

/// `s3://bucket/key`.
struct S3Location: Sendable, Hashable, CustomStringConvertible {
    var bucket: String
    /// Without a leading slash; empty for the whole bucket.
    var key: String

    init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }

    /// Reads a URI; nil where it is not one of S3's.
    init?(_ uri: String) {
        guard uri.hasPrefix("s3://") else { return nil }
        let parts = uri.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        bucket = String(first)
        key = parts.count > 1 ? String(parts[1]) : ""
    }

    var description: String { "s3://\(bucket)/\(key)" }

    /// The location of `name` below this one.
    func appending(_ name: String) -> S3Location {
        S3Location(bucket: bucket, key: key.isEmpty || key.hasSuffix("/") ? key + name : key + "/" + name)
    }
}
