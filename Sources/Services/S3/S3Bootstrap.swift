// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An object of a public bucket.
///
/// Its bytes are made when somebody first reads it.
public struct PublicObject: Sendable, Hashable {
    /// Its key.
    public var key: String
    /// In bytes; nil where that is known only when it has been made, which the first list then does.
    public var size: Int?
    /// The MD5 of its bytes in hexadecimal digits; nil as for `size`.
    public var md5: String?
    /// Its media type.
    public var contentType: String
    /// The name under which `ServiceEnvironment.publicData` makes its bytes.
    public var source: String

    /// An object whose bytes the producer named `source` makes.
    public init(key: String, size: Int? = nil, md5: String? = nil, contentType: String, source: String) {
        self.key = key
        self.size = size
        self.md5 = md5
        self.contentType = contentType
        self.source = source
    }
}

/// What S3 puts into a new world.
public enum S3Bootstrap {
    /// Makes a bucket that everybody may list and read, by its policy, with objects whose bytes are made on first use.
    public static func createPublicBucket(
        named name: String, region: String, owner account: String, objects: [PublicObject], now: Double, in database: Database
    ) throws {
        var bucket = Bucket(name: name, account: account, region: region, creationTime: now)
        bucket.publicAccessBlock = nil
        bucket.policy = """
            {"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*",\
            "Action":["s3:GetObject","s3:ListBucket","s3:GetBucketLocation"],\
            "Resource":["arn:aws:s3:::\(name)","arn:aws:s3:::\(name)/*"]}]}
            """
        guard let made = try database.insertBucket(bucket) else { return }
        for object in objects {
            let isKnown = object.size != nil && object.md5 != nil
            let summary = ObjectSummary(
                key: object.key, size: isKnown ? object.size ?? -1 : -1, eTag: object.md5 ?? "", lastModifiedTime: now,
                owner: account)
            var details = ObjectDetails()
            details.contentType = object.contentType
            details.serverSideEncryption = "AES256"
            _ = try database.insertObject(
                StoredObject(summary: summary, details: details, body: .source(name: object.source)), in: made)
        }
    }
}
