// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// One version of an object as lists show it.
public struct ObjectSummary: Sendable, Hashable {
    /// Orders the versions of a key: the newest has the greatest.
    ///
    /// 0 before it is inserted.
    public var id: Int64
    /// The key.
    public var key: String
    /// `null` where it was written without versioning.
    public var versionID: String
    /// Whether it is the newest of its key.
    public var isLatest: Bool
    /// Whether it hides the key instead of having a body.
    public var isDeleteMarker: Bool
    /// In bytes; negative where public data has not been made yet and its size isn't known.
    public var size: Int
    /// Without quotation marks.
    public var eTag: String
    /// World time.
    public var lastModifiedTime: Double
    /// `STANDARD`, `GLACIER` and so on.
    public var storageClass: String
    /// The account that owns it.
    public var owner: String
    /// `CRC64NVME`, `SHA256` and so on.
    public var checksumAlgorithm: String?
    /// `FULL_OBJECT` or `COMPOSITE`.
    public var checksumType: String?

    static let columns = """
        id, key, version_id, is_latest, is_delete_marker, size, etag, modified_at, storage_class, owner, checksum_algorithm, \
        checksum_type
        """

    init(_ row: Row) {
        id = row[0]
        key = row[1]
        versionID = row[2]
        isLatest = row[3]
        isDeleteMarker = row[4]
        size = row[5]
        eTag = row[6]
        lastModifiedTime = row[7]
        storageClass = row[8]
        owner = row[9]
        checksumAlgorithm = row[10]
        checksumType = row[11]
    }

    /// Makes one from its parts.
    public init(key: String, size: Int, eTag: String, lastModifiedTime: Double, owner: String) {
        id = 0
        self.key = key
        versionID = StoredObject.nullVersionID
        isLatest = true
        isDeleteMarker = false
        self.size = size
        self.eTag = eTag
        self.lastModifiedTime = lastModifiedTime
        storageClass = "STANDARD"
        self.owner = owner
    }
}

/// One version of an object, whole but for the bytes of a body in a file.
public struct StoredObject: Sendable, Hashable {
    /// What lists show of it.
    public var summary: ObjectSummary
    /// What else is known about it.
    public var details: ObjectDetails
    /// Where its bytes are.
    public var body: StoredBody

    /// The version of what is written without versioning.
    public static let nullVersionID = "null"

    /// Makes one from its parts.
    public init(summary: ObjectSummary, details: ObjectDetails, body: StoredBody) {
        self.summary = summary
        self.details = details
        self.body = body
    }

    static let columns = ObjectSummary.columns + ", body_id, source, details, bytes"

    init(_ row: Row) throws {
        summary = ObjectSummary(row)
        let details: String = row[14]
        self.details = try JSONDecoder().decode(ObjectDetails.self, from: Data(details.utf8))
        if let id = row[12] as String? {
            body = .file(id: id)
        } else if let name = row[13] as String? {
            body = .source(name: name)
        } else if summary.isDeleteMarker {
            body = .absent
        } else {
            body = .inline([UInt8]((row[15] as Data?) ?? Data()))
        }
    }
}

extension StoredBody {
    /// The columns body_id, source and bytes.
    var columns: (id: String?, source: String?, bytes: Data?) {
        switch self {
        case .inline(let bytes): (nil, nil, Data(bytes))
        case .file(let id): (id, nil, nil)
        case .source(let name): (nil, name, nil)
        case .absent: (nil, nil, nil)
        }
    }
}

extension Database {
    /// The newest version of a key, delete markers included; nil where there is none.
    public func latestObject(_ key: String, in bucket: Bucket) throws -> StoredObject? {
        let statement = try cachedStatement(
            sql: "SELECT \(StoredObject.columns) FROM object WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1")
        return try Row.fetchOne(statement, arguments: [bucket.id, key]).map(StoredObject.init)
    }

    /// The given version of a key; nil where there is none.
    public func object(_ key: String, version: String, in bucket: Bucket) throws -> StoredObject? {
        try Row.fetchOne(
            self,
            sql:
                "SELECT \(StoredObject.columns) FROM object WHERE bucket = ? AND key = ? AND version_id = ? ORDER BY id DESC LIMIT 1",
            arguments: [bucket.id, key, version]
        ).map(StoredObject.init)
    }

    /// The version that was made of the upload with that id, where it is among the newest of its key; nil where it is not.
    public func object(_ key: String, ofUpload id: String, in bucket: Bucket) throws -> StoredObject? {
        try Row.fetchAll(
            self, sql: "SELECT \(StoredObject.columns) FROM object WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 10",
            arguments: [bucket.id, key]
        ).map(StoredObject.init).first { $0.details.uploadID == id }
    }

    /// The version with that row id; nil where it is gone.
    public func object(id: Int64) throws -> StoredObject? {
        try Row.fetchOne(self, sql: "SELECT \(StoredObject.columns) FROM object WHERE id = ?", arguments: [id]).map(
            StoredObject.init)
    }

    /// Adds an object, or a delete marker, as the newest version: beside the others where versioning is on, in place of the null
    /// version where it is not.
    ///
    /// - Returns: the object with its id and version.
    public func insertObject(_ object: StoredObject, in bucket: Bucket) throws -> StoredObject {
        var object = object
        object.summary.isLatest = true
        object.summary.versionID = bucket.versioning == .enabled ? Self.makeVersionID() : StoredObject.nullVersionID
        if bucket.versioning != .enabled {
            try cachedStatement(sql: "DELETE FROM object WHERE bucket = ? AND key = ? AND version_id = 'null'")
                .execute(arguments: [bucket.id, object.summary.key])
        }
        if bucket.versioning != nil {
            try cachedStatement(sql: "UPDATE object SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest")
                .execute(arguments: [bucket.id, object.summary.key])
        }
        let summary = object.summary
        let (bodyID, source, bytes) = object.body.columns
        try cachedStatement(
            sql: """
                INSERT INTO object (bucket, key, version_id, is_latest, is_delete_marker, size, etag, modified_at, storage_class, owner,
                    checksum_algorithm, checksum_type, body_id, source, details, bytes)
                VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            bucket.id, summary.key, summary.versionID, summary.isDeleteMarker, summary.size, summary.eTag, summary.lastModifiedTime,
            summary.storageClass, summary.owner, summary.checksumAlgorithm, summary.checksumType, bodyID, source,
            try object.details.json(), bytes,
        ])
        object.summary.id = lastInsertedRowID
        return object
    }

    /// Removes one version; where it was the newest, the one before it takes its place.
    public func deleteObjectVersion(_ object: StoredObject, in bucket: Bucket) throws {
        try cachedStatement(sql: "DELETE FROM object WHERE id = ?").execute(arguments: [object.summary.id])
        guard object.summary.isLatest, bucket.versioning != nil else { return }
        try execute(
            sql: """
                UPDATE object SET is_latest = 1
                WHERE id = (SELECT id FROM object WHERE bucket = ? AND key = ? ORDER BY id DESC LIMIT 1)
                """,
            arguments: [bucket.id, object.summary.key])
    }

    /// Writes an object's details and list columns back; its body and place among the versions stay.
    public func updateObject(_ object: StoredObject) throws {
        let summary = object.summary
        try execute(
            sql: """
                UPDATE object SET size = ?, etag = ?, storage_class = ?, checksum_algorithm = ?, checksum_type = ?, details = ?
                WHERE id = ?
                """,
            arguments: [
                summary.size, summary.eTag, summary.storageClass, summary.checksumAlgorithm, summary.checksumType,
                try object.details.json(), summary.id,
            ])
    }

    /// Gives an object whose body had yet to be made its body.
    ///
    /// - Returns: false where it has been given one meanwhile.
    public func setBody(of object: StoredObject, to body: StoredBody) throws -> Bool {
        let (bodyID, source, bytes) = body.columns
        try execute(
            sql: "UPDATE object SET body_id = ?, source = ?, bytes = ? WHERE id = ? AND source IS NOT NULL",
            arguments: [bodyID, source, bytes, object.summary.id])
        return changesCount == 1
    }

    /// An id in the manner of S3's: 32 letters, digits, dots and underscores.
    private static func makeVersionID() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
        return String((0..<32).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }
}

extension ObjectDetails {
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
