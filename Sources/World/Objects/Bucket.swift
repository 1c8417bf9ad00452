// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The four switches of S3 Block Public Access.
public struct PublicAccessBlock: OptionSet, Sendable, Hashable {
    /// The sum of the switches.
    public let rawValue: Int

    /// Makes one from its parts.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Requests that would give public access by a list are refused.
    public static let blockPublicLists = PublicAccessBlock(rawValue: 1)
    /// Lists that give public access have no effect.
    public static let ignorePublicLists = PublicAccessBlock(rawValue: 2)
    /// Policies that give public access are refused.
    public static let blockPublicPolicy = PublicAccessBlock(rawValue: 4)
    /// A policy that gives public access does so for the owner's account only.
    public static let restrictPublicBuckets = PublicAccessBlock(rawValue: 8)
    /// What a new bucket has.
    public static let all: PublicAccessBlock = [
        .blockPublicLists, .ignorePublicLists, .blockPublicPolicy, .restrictPublicBuckets,
    ]
}

/// A bucket, with those of its settings that most requests look at.
public struct Bucket: Sendable, Hashable {
    /// Whether old versions are kept.
    public enum Versioning: String, Sendable, Hashable {
        case enabled = "Enabled"
        case suspended = "Suspended"
    }

    /// Who owns objects, and whether access control lists count.
    public enum Ownership: String, Sendable, Hashable {
        case ownerEnforced = "BucketOwnerEnforced"
        case ownerPreferred = "BucketOwnerPreferred"
        case objectWriter = "ObjectWriter"
    }

    /// Unique in the world for all time; 0 before it is inserted.
    public var id: Int64
    /// The name that requests use.
    public var name: String
    /// The owner.
    public var account: String
    /// The region that it is in.
    public var region: String
    /// World time.
    public var creationTime: Double
    /// Nil where versioning has never been switched on.
    public var versioning: Versioning?
    /// The bucket policy.
    public var policy: String?
    /// Nil where the ownership controls have been deleted, which means `objectWriter`.
    public var ownership: Ownership?
    /// Nil where the configuration has been deleted.
    public var publicAccessBlock: PublicAccessBlock?
    /// The default encryption, as the JSON of ServerSideEncryptionConfiguration.
    public var encryption: String?

    /// A bucket as CreateBucket makes it: private, lists switched off, public access blocked.
    public init(name: String, account: String, region: String, creationTime: Double) {
        id = 0
        self.name = name
        self.account = account
        self.region = region
        self.creationTime = creationTime
        ownership = .ownerEnforced
        publicAccessBlock = .all
    }

    init(_ row: Row) {
        id = row["id"]
        name = row["name"]
        account = row["account"]
        region = row["region"]
        creationTime = row["created_at"]
        versioning = (row["versioning"] as String?).flatMap(Versioning.init(rawValue:))
        policy = row["policy"]
        ownership = (row["ownership"] as String?).flatMap(Ownership.init(rawValue:))
        publicAccessBlock = (row["public_access_block"] as Int?).map(PublicAccessBlock.init(rawValue:))
        encryption = row["encryption"]
    }

    /// `arn:aws:s3:::name`.
    public var arn: String { "arn:aws:s3:::" + name }

    /// Whether access control lists can be set and count.
    public var usesLists: Bool { ownership != .ownerEnforced }
}

extension Database {
    /// The bucket of that name, whoever owns it; nil where there is none.
    public func bucket(named name: String) throws -> Bucket? {
        let statement = try cachedStatement(sql: "SELECT * FROM bucket WHERE name = ?")
        return try Row.fetchOne(statement, arguments: [name]).map(Bucket.init)
    }

    /// The buckets of an account by name: those after `name`, with the prefix, in the region, at most `limit`.
    public func buckets(
        of account: String, after name: String? = nil, prefix: String = "", region: String? = nil, limit: Int? = nil
    ) throws -> [Bucket] {
        var sql = "SELECT * FROM bucket WHERE account = ? AND name > ? AND substr(name, 1, length(?)) = ?"
        var arguments: StatementArguments = [account, name ?? "", prefix, prefix]
        if let region {
            sql += " AND region = ?"
            arguments += [region]
        }
        return try Row.fetchAll(self, sql: sql + " ORDER BY name LIMIT ?", arguments: arguments + [limit ?? -1]).map(Bucket.init)
    }

    /// How many buckets an account has.
    public func bucketCount(of account: String) throws -> Int {
        try Int.fetchOne(self, sql: "SELECT count(*) FROM bucket WHERE account = ?", arguments: [account]) ?? 0
    }

    /// Adds the bucket.
    ///
    /// - Returns: the bucket with its id; nil, having changed nothing, where the name is taken.
    public func insertBucket(_ bucket: Bucket) throws -> Bucket? {
        try execute(
            sql: """
                INSERT OR IGNORE INTO bucket
                    (name, account, region, created_at, versioning, policy, ownership, public_access_block, encryption)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                bucket.name, bucket.account, bucket.region, bucket.creationTime, bucket.versioning?.rawValue, bucket.policy,
                bucket.ownership?.rawValue, bucket.publicAccessBlock?.rawValue, bucket.encryption,
            ])
        guard changesCount == 1 else { return nil }
        var inserted = bucket
        inserted.id = lastInsertedRowID
        return inserted
    }

    /// Writes the bucket's settings back.
    public func updateBucket(_ bucket: Bucket) throws {
        try execute(
            sql: """
                UPDATE bucket SET versioning = ?, policy = ?, ownership = ?, public_access_block = ?, encryption = ? WHERE id = ?
                """,
            arguments: [
                bucket.versioning?.rawValue, bucket.policy, bucket.ownership?.rawValue, bucket.publicAccessBlock?.rawValue,
                bucket.encryption, bucket.id,
            ])
    }

    /// Removes the bucket and all that belongs to it.
    public func deleteBucket(_ bucket: Bucket) throws {
        try removeAllTags(of: bucket.arn)
        try execute(sql: "DELETE FROM bucket WHERE id = ?", arguments: [bucket.id])
    }

    /// Whether the bucket has neither objects nor versions nor delete markers.
    public func isEmpty(_ bucket: Bucket) throws -> Bool {
        try !(Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM object WHERE bucket = ?)", arguments: [bucket.id]) ?? false)
    }

    /// A configuration of the bucket as JSON (`cors`, `lifecycle` …); nil where it has none.
    public func configuration(_ kind: String, of bucket: Bucket) throws -> String? {
        try String.fetchOne(
            try cachedStatement(sql: "SELECT document FROM bucket_configuration WHERE bucket = ? AND kind = ?"),
            arguments: [bucket.id, kind])
    }

    /// Sets a configuration, or removes it with nil.
    public func setConfiguration(_ kind: String, of bucket: Bucket, to document: String?) throws {
        if let document {
            try execute(
                sql: """
                    INSERT INTO bucket_configuration (bucket, kind, document) VALUES (?, ?, ?)
                    ON CONFLICT (bucket, kind) DO UPDATE SET document = excluded.document
                    """,
                arguments: [bucket.id, kind, document])
        } else {
            try execute(sql: "DELETE FROM bucket_configuration WHERE bucket = ? AND kind = ?", arguments: [bucket.id, kind])
        }
    }
}
