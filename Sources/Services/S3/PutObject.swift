// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

extension S3Service {
    /// Stores an object in one piece.
    enum PutObject: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var contentMD5: String?
            var contentLength: Int?
            var ifMatch: String?
            var ifNoneMatch: String?
            var headers: ObjectHeaders
            var checksum: ChecksumRequest

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: MemberName.self)
                bucket = try members.decode(String.self, forKey: "Bucket")
                key = try members.decode(String.self, forKey: "Key")
                contentMD5 = try members.text("ContentMD5")
                contentLength = try members.number("ContentLength")
                ifMatch = try members.text("IfMatch")
                ifNoneMatch = try members.text("IfNoneMatch")
                headers = try ObjectHeaders(from: decoder)
                checksum = try ChecksumRequest(from: decoder)
            }
        }

        struct Output: Encodable, ChecksumCarrier {
            var eTag: String
            var checksumCRC32: String?
            var checksumCRC32C: String?
            var checksumCRC64NVME: String?
            var checksumSHA1: String?
            var checksumSHA256: String?
            var checksumType: String?
            var serverSideEncryption: String?
            var versionId: String?
            var sSECustomerAlgorithm: String?
            var sSECustomerKeyMD5: String?
            var sSEKMSKeyId: String?
            var bucketKeyEnabled: Bool?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            try S3Text.check(key: input.key)
            let bucket = try call.bucket(input.bucket)
            let owner = ObjectHeaders.owner(of: bucket, writer: call, cannedList: input.headers.cannedList)
            var details = try input.headers.details(in: bucket, owner: owner)
            let algorithm = input.checksum.effective
            let received = try await ObjectStorage.receive(
                call.body ?? Body(bytes: []), algorithms: [algorithm], into: call.world.bodies)
            if let length = input.contentLength, length != received.size {
                throw ServiceError(
                    "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header",
                    status: 400)
            }
            try input.checksum.verify(received, contentMD5: input.contentMD5)
            details.checksums = received.checksumTexts
            var summary = ObjectSummary(
                key: input.key, size: received.size, eTag: received.eTag, lastModifiedTime: call.now, owner: owner)
            summary.storageClass = input.headers.storageClass ?? "STANDARD"
            summary.checksumAlgorithm = algorithm.rawValue
            summary.checksumType = "FULL_OBJECT"
            let object = StoredObject(summary: summary, details: details, body: received.body)
            let (stored, versioning) = try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                var object = object
                try ObjectLock.apply(input.headers.lock, to: &object.details, bucket: bucket, now: call.now, in: database)
                try WriteConditions(ifMatch: input.ifMatch, ifNoneMatch: input.ifNoneMatch)
                    .check(key: input.key, in: bucket, database: database)
                return (try database.insertObject(object, in: bucket), bucket.versioning)
            }
            received.writer.keep()
            try ObjectStorage.tidy(call.world)
            var output = Output(eTag: S3Text.quoted(stored.summary.eTag))
            output.setChecksums(stored.details.checksums)
            output.checksumType = stored.summary.checksumType
            output.serverSideEncryption = stored.details.serverSideEncryption
            output.versionId = versioning == nil ? nil : stored.summary.versionID
            output.sSECustomerAlgorithm = stored.details.customerKeyMD5.map { _ in "AES256" }
            output.sSECustomerKeyMD5 = stored.details.customerKeyMD5
            output.sSEKMSKeyId = stored.details.encryptionKeyID
            output.bucketKeyEnabled = stored.details.isBucketKeyEnabled
            return output
        }
    }
}

/// What must hold of the present object before another one takes its place.
struct WriteConditions: Sendable {
    var ifMatch: String?
    var ifNoneMatch: String?

    /// Checks the conditions, in the transaction that writes.
    func check(key: String, in bucket: Bucket, database: Database) throws {
        guard ifMatch != nil || ifNoneMatch != nil else { return }
        let latest = try database.latestObject(key, in: bucket)
        let current = latest?.summary.isDeleteMarker == true ? nil : latest
        if let ifNoneMatch {
            guard ifNoneMatch == "*" else {
                throw ServiceError(
                    "NotImplemented", "A header you provided implies functionality that is not implemented", status: 501,
                    details: [.init("Header", "If-None-Match")])
            }
            if current != nil { throw S3Error.preconditionFailed("If-None-Match") }
        }
        if let ifMatch {
            guard let current else { throw S3Error.noSuchKey(key) }
            guard S3Text.eTagList(ifMatch, has: current.summary.eTag) else { throw S3Error.preconditionFailed("If-Match") }
        }
    }
}
