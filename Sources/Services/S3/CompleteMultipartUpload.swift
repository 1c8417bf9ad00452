// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

extension S3Service {
    /// Makes one object of the parts.
    enum CompleteMultipartUpload: Operation {
        struct Part: Decodable, Sendable, ChecksumCarrier {
            var eTag: String?
            var checksumCRC32: String?
            var checksumCRC32C: String?
            var checksumCRC64NVME: String?
            var checksumSHA1: String?
            var checksumSHA256: String?
            var partNumber: Int?
        }

        struct Input: Decodable {
            struct Upload: Decodable {
                var parts: [Part]?
            }

            var bucket: String
            var key: String
            var uploadId: String
            var multipartUpload: Upload?
            var checksumCRC32: String?
            var checksumCRC32C: String?
            var checksumCRC64NVME: String?
            var checksumSHA1: String?
            var checksumSHA256: String?
            var checksumType: String?
            var mpuObjectSize: Int?
            var ifMatch: String?
            var ifNoneMatch: String?
        }

        struct Output: Encodable, ChecksumCarrier {
            var location: String
            var bucket: String
            var key: String
            var eTag: String
            var checksumCRC32: String?
            var checksumCRC32C: String?
            var checksumCRC64NVME: String?
            var checksumSHA1: String?
            var checksumSHA256: String?
            var checksumType: String?
            var serverSideEncryption: String?
            var versionId: String?
            var sSEKMSKeyId: String?
            var bucketKeyEnabled: Bool?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            if let (done, versioning) = try completed(input, call) { return output(input, done, versioning, call) }
            let (upload, parts) = try call.world.store.read { database in
                let bucket = try database.requiredBucket(input.bucket)
                let upload = try database.requiredUpload(input.uploadId, key: input.key, in: bucket)
                return (upload, try chosen(input, of: database.parts(of: upload), upload: upload))
            }
            let size = parts.reduce(0) { $0 + $1.size }
            if let expected = input.mpuObjectSize, expected != size {
                throw S3Error.invalidRequest(
                    "The provided 'x-amz-mp-object-size' header value \(expected) does not match what was computed: \(size)")
            }
            var object = object(of: parts, size: size, upload: upload, call: call)
            try checkWholeChecksum(input, object: object)
            // A single part is the object; several are written one after another.
            var writer: BodyWriter?
            if parts.count == 1 {
                object.body = parts[0].body
            } else {
                let joined = try await join(parts, size: size, call: call)
                object.body = joined.body
                writer = joined.writer
            }
            let (stored, versioning) = try commit(input, object: object, parts: parts, call: call)
            writer?.keep()
            try ObjectStorage.tidy(call.world)
            return output(input, stored, versioning, call)
        }

        /// What an earlier request with the same upload has made: whoever did not hear the answer asks again.
        private static func completed(_ input: Input, _ call: Call) throws -> (StoredObject, Bucket.Versioning?)? {
            try call.world.store.read { database in
                let bucket = try database.requiredBucket(input.bucket)
                guard try database.upload(input.uploadId, key: input.key, in: bucket) == nil,
                    let object = try database.object(input.key, ofUpload: input.uploadId, in: bucket),
                    object.details.parts?.map(\.number) == input.multipartUpload?.parts?.compactMap(\.partNumber)
                else { return nil }
                return (object, bucket.versioning)
            }
        }

        private static func output(
            _ input: Input, _ stored: StoredObject, _ versioning: Bucket.Versioning?, _ call: Call
        ) -> Output {
            var output = Output(
                location: "https://\(input.bucket).s3.\(call.region).amazonaws.com/"
                    + PercentEncoding.encode(input.key), bucket: input.bucket, key: input.key,
                eTag: S3Text.quoted(stored.summary.eTag))
            output.setChecksums(stored.details.checksums)
            output.checksumType = stored.summary.checksumType
            output.serverSideEncryption = stored.details.serverSideEncryption
            output.versionId = versioning == nil ? nil : stored.summary.versionID
            output.sSEKMSKeyId = stored.details.encryptionKeyID
            output.bucketKeyEnabled = stored.details.isBucketKeyEnabled
            return output
        }

        /// The parts that the request lists, in its order.
        private static func chosen(_ input: Input, of uploaded: [UploadedPart], upload: MultipartUpload) throws -> [UploadedPart] {
            guard let listed = input.multipartUpload?.parts, !listed.isEmpty else { throw S3Error.malformedXML }
            let byNumber = Dictionary(uploaded.map { ($0.number, $0) }, uniquingKeysWith: { $1 })
            var chosen: [UploadedPart] = []
            for entry in listed {
                guard let number = entry.partNumber else { throw S3Error.malformedXML }
                if let last = chosen.last, last.number >= number {
                    throw ServiceError(
                        "InvalidPartOrder",
                        "The list of parts was not in ascending order. Parts must be ordered by part number.", status: 400,
                        details: [.init("UploadId", .string(upload.id))])
                }
                let eTag = S3Text.unquoted(entry.eTag ?? "")
                guard let part = byNumber[number], part.eTag == eTag,
                    entry.checksums.allSatisfy({ part.checksums[$0] == nil || part.checksums[$0] == $1 })
                else {
                    throw ServiceError(
                        "InvalidPart",
                        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
                            + "entity tag may not match the part's entity tag.", status: 400,
                        details: [
                            .init("UploadId", .string(upload.id)), .init("PartNumber", .string(String(number))),
                            .init("ETag", .string(eTag)),
                        ])
                }
                chosen.append(part)
            }
            for part in chosen.dropLast() where part.size < 5 << 20 {
                throw ServiceError(
                    "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", status: 400,
                    details: [
                        .init("ProposedSize", .string(String(part.size))), .init("MinSizeAllowed", .string(String(5 << 20))),
                        .init("PartNumber", .string(String(part.number))), .init("ETag", .string(part.eTag)),
                    ])
            }
            return chosen
        }

        /// The object without its body: its entity tag is the digest of the parts' digests, with their number.
        private static func object(of parts: [UploadedPart], size: Int, upload: MultipartUpload, call: Call) -> StoredObject {
            let digests = parts.flatMap { Hexadecimal.decode($0.eTag) ?? [] }
            var summary = ObjectSummary(
                key: upload.key, size: size, eTag: "\(Hexadecimal.encode(Digest.md5(digests)))-\(parts.count)",
                lastModifiedTime: call.now, owner: upload.owner)
            summary.storageClass = upload.storageClass
            let algorithm = upload.checksumAlgorithm.flatMap(ChecksumAlgorithm.init(rawValue:)) ?? .crc64nvme
            let isWhole = upload.checksumType != "COMPOSITE"
            summary.checksumAlgorithm = algorithm.rawValue
            summary.checksumType = isWhole ? "FULL_OBJECT" : "COMPOSITE"
            var details = upload.details
            details.uploadID = upload.id
            let sums = parts.map { Base64.decode($0.checksums[algorithm.rawValue] ?? "") ?? [] }
            if isWhole {
                var whole = sums.first
                for (sum, part) in zip(sums, parts).dropFirst() {
                    whole = whole.flatMap { Checksum.combine(algorithm, $0, sum, secondByteCount: part.size) }
                }
                details.checksums = whole.map { [algorithm.rawValue: Base64.encode($0)] }
            } else {
                let digest = Checksum.digest(algorithm, of: sums.flatMap { $0 })
                details.checksums = [algorithm.rawValue: "\(Base64.encode(digest))-\(parts.count)"]
            }
            details.parts = parts.map { part in
                ObjectPartRecord(
                    number: part.number, size: part.size,
                    checksums: upload.checksumAlgorithm == nil ? [:] : part.checksums.filter { $0.key == algorithm.rawValue })
            }
            return StoredObject(summary: summary, details: details, body: .absent)
        }

        private static func checkWholeChecksum(_ input: Input, object: StoredObject) throws {
            let given = [
                "CRC32": input.checksumCRC32, "CRC32C": input.checksumCRC32C, "CRC64NVME": input.checksumCRC64NVME,
                "SHA1": input.checksumSHA1, "SHA256": input.checksumSHA256,
            ].compactMapValues { $0 }
            for (algorithm, value) in given {
                guard let computed = object.details.checksums?[algorithm] else { continue }
                let isEqual = computed == value || computed.split(separator: "-").first.map(String.init) == value
                guard isEqual else { throw S3Error.badDigest(algorithm) }
            }
        }

        private static func join(_ parts: [UploadedPart], size: Int, call: Call) async throws -> ObjectStorage.Joined {
            let writer = call.world.bodies.makeWriter()
            for part in parts {
                try await ObjectStorage.body(of: part.body, size: part.size, in: call.world).forEachPiece { try writer.write($0) }
            }
            return ObjectStorage.Joined(writer: writer, body: try writer.finish())
        }

        /// Names the object and lets the upload go, at once.
        private static func commit(
            _ input: Input, object: StoredObject, parts: [UploadedPart], call: Call
        ) throws -> (StoredObject, Bucket.Versioning?) {
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                let upload = try database.requiredUpload(input.uploadId, key: input.key, in: bucket)
                // A part that has been replaced meanwhile is another part.
                let present = try chosen(input, of: database.parts(of: upload), upload: upload)
                guard present.map(\.body) == parts.map(\.body) else {
                    throw ServiceError(
                        "ConditionalRequestConflict", "A part was uploaded anew while the upload was being completed.", status: 409)
                }
                try WriteConditions(ifMatch: input.ifMatch, ifNoneMatch: input.ifNoneMatch)
                    .check(key: input.key, in: bucket, database: database)
                var kept: [String] = []
                if case .file(let id) = object.body { kept = [id] }
                var object = object
                if object.details.lockMode == nil {
                    let hold = object.details.isLegallyHeld.map { $0 ? "ON" : "OFF" }
                    try ObjectLock.apply(
                        .init(legalHold: hold), to: &object.details, bucket: bucket, now: call.now, in: database)
                }
                try database.deleteUpload(upload, keeping: kept)
                return (try database.insertObject(object, in: bucket), bucket.versioning)
            }
        }
    }
}
