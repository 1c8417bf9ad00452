// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Synchronization
import Wire
import World

/// What S3's operations share: finding buckets and objects, taking bodies in, giving them out.
enum ObjectStorage {
    /// A body that has come in, in its place but not yet named by the database.
    struct Received {
        var writer: BodyWriter
        var body: StoredBody
        var size: Int
        var md5: [UInt8]
        var checksums: [ChecksumAlgorithm: [UInt8]]

        var eTag: String { Hexadecimal.encode(md5) }
        /// As records and answers have them.
        var checksumTexts: [String: String] {
            Dictionary(uniqueKeysWithValues: checksums.map { ($0.rawValue, Base64.encode($1)) })
        }
    }

    /// Bodies written one after another.
    struct Joined {
        var writer: BodyWriter
        var body: StoredBody
    }

    /// Writes a body, computing its digests on the way.
    static func receive(_ body: Body, algorithms: Set<ChecksumAlgorithm>, into store: BodyStore) async throws -> Received {
        let writer = store.makeWriter()
        var md5 = MD5Digest()
        var checksums = algorithms.map(Checksum.init)
        try await body.forEachPiece { piece in
            let bytes = copy piece
            md5.update(bytes)
            for index in checksums.indices { checksums[index].update(bytes) }
            try writer.write(bytes)
        }
        return Received(
            writer: writer, body: try writer.finish(), size: writer.byteCount, md5: md5.digest,
            checksums: Dictionary(uniqueKeysWithValues: checksums.map { ($0.algorithm, $0.digest) }))
    }

    /// The bytes `range` of an object.
    static func body(of stored: StoredBody, range: Range<Int>, in world: World) -> Body {
        switch stored {
        case .inline(let bytes): Body(bytes: Array(bytes[range.clamped(to: bytes.indices)]))
        case .file(let id): Body(path: world.bodies.path(of: id), offset: range.lowerBound, length: range.count)
        case .source, .absent: Body(bytes: [])
        }
    }

    /// A whole body.
    static func body(of stored: StoredBody, size: Int, in world: World) -> Body {
        body(of: stored, range: 0..<size, in: world)
    }

    /// Makes the body of public data that nobody has read before.
    ///
    /// Other objects are returned as they are.
    static func materialize(_ object: StoredObject, call: Call) async throws -> StoredObject {
        guard case .source(let name) = object.body else { return object }
        guard let make = call.dispatcher.environment.publicData(name) else {
            throw ServiceError(
                "InternalError", "The box has no data named \(name) for the object \(object.summary.key).", status: 500)
        }
        let received = try await receive(Body(bytes: try make()), algorithms: [.crc64nvme], into: call.world.bodies)
        var made = object
        made.body = received.body
        made.summary.size = received.size
        made.summary.eTag = received.eTag
        made.summary.checksumAlgorithm = ChecksumAlgorithm.crc64nvme.rawValue
        made.summary.checksumType = "FULL_OBJECT"
        made.details.checksums = received.checksumTexts
        let result = made
        let isNamed = try call.world.store.write { database in
            guard try database.setBody(of: result, to: result.body) else { return false }
            try database.updateObject(result)
            return true
        }
        if isNamed {
            received.writer.keep()
            return result
        }
        // Somebody else has made it meanwhile, or it is gone.
        let again = try call.world.store.read { try $0.object(id: object.summary.id) }
        guard let again else { throw S3Error.noSuchKey(object.summary.key) }
        return again
    }

    private static let lastTidyTimes = Mutex<[String: Double]>([:])

    /// Frees the disk of what is no longer named, once in a while also of what killed processes have left.
    static func tidy(_ world: World) throws {
        let now = Date().timeIntervalSince1970
        // Once a second is often enough: what is freed waits for a minute anyway.
        let isDue = lastTidyTimes.withLock { times in
            guard now - (times[world.path] ?? 0) >= 1 else { return false }
            times[world.path] = now
            return true
        }
        guard isDue else { return }
        try world.bodies.removeFreedBodies(in: world.store)
        let last = try world.store.read { try $0.setting("last_body_sweep") }.flatMap(Double.init) ?? 0
        guard now - last > 3600 else { return }
        try world.store.write { try $0.setSetting("last_body_sweep", to: String(now)) }
        if last > 0 { try world.bodies.sweep(in: world.store) }
    }
}

extension Call {
    /// The bucket that a request names.
    ///
    /// - Throws: NoSuchBucket; AccessDenied where it isn't the expected owner's.
    func bucket(_ name: String, expectedOwner: String? = nil) throws -> Bucket {
        try world.store.read { try $0.requiredBucket(name, expectedOwner: expectedOwner) }
    }
}

extension Database {
    /// The bucket of that name.
    ///
    /// - Throws: NoSuchBucket; AccessDenied where it isn't the expected owner's.
    func requiredBucket(_ name: String, expectedOwner: String? = nil) throws -> Bucket {
        guard let bucket = try bucket(named: name) else { throw S3Error.noSuchBucket(name) }
        if let expectedOwner, expectedOwner != bucket.account { throw S3Error.accessDenied }
        return bucket
    }

    /// The upload of that key.
    ///
    /// - Throws: NoSuchUpload.
    func requiredUpload(_ id: String, key: String, in bucket: Bucket) throws -> MultipartUpload {
        guard let upload = try upload(id, key: key, in: bucket) else { throw S3Error.noSuchUpload(id) }
        return upload
    }
}

/// A member that is named by its text, for structures that several operations share.
struct MemberName: CodingKey, ExpressibleByStringLiteral {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringLiteral value: String) { stringValue = value }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer where Key == MemberName {
    func text(_ name: MemberName) throws -> String? { try decodeIfPresent(String.self, forKey: name) }
    func date(_ name: MemberName) throws -> Double? { try decodeIfPresent(Date.self, forKey: name)?.timeIntervalSince1970 }
    func flag(_ name: MemberName) throws -> Bool? { try decodeIfPresent(Bool.self, forKey: name) }
    func number(_ name: MemberName) throws -> Int? { try decodeIfPresent(Int.self, forKey: name) }
}

/// Who owns something, as lists show it.
struct ObjectOwner: Codable, Sendable {
    var iD: String

    init(account: String) { iD = Account.canonicalUserID(of: account) }
}
