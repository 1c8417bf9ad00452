// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// An upload in parts that is neither completed nor aborted.
public struct MultipartUpload: Sendable, Hashable {
    /// Orders uploads of one key by their beginning; 0 before it is inserted.
    public var sequence: Int64
    /// The upload id that the service gives out.
    public var id: String
    /// The key.
    public var key: String
    /// World time.
    public var initiationTime: Double
    /// The account that will own the object.
    public var owner: String
    /// The ARN of who began it.
    public var initiator: String
    /// `STANDARD`, `GLACIER` and so on.
    public var storageClass: String
    /// `CRC64NVME`, `SHA256` and so on.
    public var checksumAlgorithm: String?
    /// `FULL_OBJECT` or `COMPOSITE`.
    public var checksumType: String?
    /// What the object will have.
    public var details: ObjectDetails

    /// Makes one from its parts.
    public init(
        id: String, key: String, initiationTime: Double, owner: String, initiator: String, storageClass: String,
        checksumAlgorithm: String?, checksumType: String?, details: ObjectDetails
    ) {
        sequence = 0
        self.id = id
        self.key = key
        self.initiationTime = initiationTime
        self.owner = owner
        self.initiator = initiator
        self.storageClass = storageClass
        self.checksumAlgorithm = checksumAlgorithm
        self.checksumType = checksumType
        self.details = details
    }

    init(_ row: Row) throws {
        sequence = row["sequence"]
        id = row["id"]
        key = row["key"]
        initiationTime = row["initiated_at"]
        owner = row["owner"]
        initiator = row["initiator"]
        storageClass = row["storage_class"]
        checksumAlgorithm = row["checksum_algorithm"]
        checksumType = row["checksum_type"]
        let details: String = row["details"]
        self.details = try JSONDecoder().decode(ObjectDetails.self, from: Data(details.utf8))
    }
}

/// A part that has been uploaded.
public struct UploadedPart: Sendable, Hashable {
    /// From 1 to 10,000.
    public var number: Int
    /// In bytes.
    public var size: Int
    /// The MD5 in hexadecimal digits, without quotation marks.
    public var eTag: String
    /// World time.
    public var lastModifiedTime: Double
    /// By algorithm, in base64.
    public var checksums: [String: String]
    /// Where its bytes are.
    public var body: StoredBody

    /// Makes one from its parts.
    public init(
        number: Int, size: Int, eTag: String, lastModifiedTime: Double, checksums: [String: String], body: StoredBody
    ) {
        self.number = number
        self.size = size
        self.eTag = eTag
        self.lastModifiedTime = lastModifiedTime
        self.checksums = checksums
        self.body = body
    }

    init(_ row: Row) throws {
        number = row["number"]
        size = row["size"]
        eTag = row["etag"]
        lastModifiedTime = row["modified_at"]
        let checksums: String = row["checksums"]
        self.checksums = try JSONDecoder().decode([String: String].self, from: Data(checksums.utf8))
        if let id = row["body_id"] as String? {
            body = .file(id: id)
        } else {
            body = .inline([UInt8]((row["bytes"] as Data?) ?? Data()))
        }
    }
}

extension Database {
    /// Adds an upload.
    public func insertUpload(_ upload: MultipartUpload, in bucket: Bucket) throws {
        try execute(
            sql: """
                INSERT INTO multipart_upload (id, bucket, key, initiated_at, owner, initiator, storage_class, checksum_algorithm,
                    checksum_type, details)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                upload.id, bucket.id, upload.key, upload.initiationTime, upload.owner, upload.initiator, upload.storageClass,
                upload.checksumAlgorithm, upload.checksumType, try upload.details.json(),
            ])
    }

    /// The upload of that key with that id; nil where there is none.
    public func upload(_ id: String, key: String, in bucket: Bucket) throws -> MultipartUpload? {
        try Row.fetchOne(
            self, sql: "SELECT * FROM multipart_upload WHERE id = ? AND bucket = ? AND key = ?", arguments: [id, bucket.id, key]
        ).map(MultipartUpload.init)
    }

    /// Removes an upload and its parts; the bodies of the parts are freed, but for those in `keeping`.
    public func deleteUpload(_ upload: MultipartUpload, keeping bodyIDs: [String] = []) throws {
        try execute(sql: "DELETE FROM multipart_upload WHERE sequence = ?", arguments: [upload.sequence])
        for id in bodyIDs { try execute(sql: "DELETE FROM freed_body WHERE id = ?", arguments: [id]) }
    }

    /// Adds a part, or replaces the one with its number.
    public func savePart(_ part: UploadedPart, of upload: MultipartUpload) throws {
        let (bodyID, _, bytes) = part.body.columns
        try execute(
            sql: "DELETE FROM upload_part WHERE upload = ? AND number = ?", arguments: [upload.sequence, part.number])
        try execute(
            sql: """
                INSERT INTO upload_part (upload, number, size, etag, modified_at, checksums, body_id, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                upload.sequence, part.number, part.size, part.eTag, part.lastModifiedTime,
                String(decoding: try JSONEncoder().encode(part.checksums), as: UTF8.self), bodyID, bytes,
            ])
    }

    /// The parts of an upload by number: those after `number`, at most `limit`.
    public func parts(of upload: MultipartUpload, after number: Int = 0, limit: Int? = nil) throws -> [UploadedPart] {
        try Row.fetchAll(
            self, sql: "SELECT * FROM upload_part WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
            arguments: [upload.sequence, number, limit ?? -1]
        ).map(UploadedPart.init)
    }

    /// The uploads of a bucket whose keys have the prefix, by key and beginning.
    public func uploads(in bucket: Bucket, prefix: String = "") throws -> [MultipartUpload] {
        try Row.fetchAll(
            self,
            sql: """
                SELECT * FROM multipart_upload WHERE bucket = ? AND substr(key, 1, length(?)) = ? ORDER BY key, sequence
                """,
            arguments: [bucket.id, prefix, prefix]
        ).map(MultipartUpload.init)
    }
}
