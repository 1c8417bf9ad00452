// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// The source of CopyObject and UploadPartCopy with its conditions.
struct CopySourceRequest: Decodable, Sendable {
    var text: String
    var conditions: ReadConditions
    var customerKey: CustomerKey?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        text = try members.decode(String.self, forKey: "CopySource")
        conditions = ReadConditions(
            ifMatch: try members.text("CopySourceIfMatch"), ifNoneMatch: try members.text("CopySourceIfNoneMatch"),
            ifModifiedSince: try members.date("CopySourceIfModifiedSince"),
            ifUnmodifiedSince: try members.date("CopySourceIfUnmodifiedSince"))
        customerKey = try CustomerKey(from: decoder, prefix: "CopySource")
    }

    /// The object that is copied.
    func find(call: Call) async throws -> (source: CopySource, bucket: Bucket, object: StoredObject) {
        let source = try CopySource(text)
        let bucket = try call.bucket(source.bucket)
        let object = try await ObjectReading.object(source.key, version: source.versionID, in: bucket, call: call)
        try conditions.checkCopySource(object.summary)
        try CustomerKey.check(customerKey, for: object)
        guard ArchivedObject.isReadable(object, now: call.now) else {
            throw ServiceError(
                "ObjectNotInActiveTierError", "The source object of the COPY operation is not in the active tier", status: 403,
                details: [.init("Key", .string(source.key))])
        }
        return (source, bucket, object)
    }
}

extension S3Service {
    /// Copies an object within the world.
    ///
    /// The bytes are not copied: the file gets a second name.
    enum CopyObject: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var source: CopySourceRequest
            var metadataDirective: String?
            var taggingDirective: String?
            var checksumAlgorithm: String?
            var ifMatch: String?
            var ifNoneMatch: String?
            var headers: ObjectHeaders

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: MemberName.self)
                bucket = try members.decode(String.self, forKey: "Bucket")
                key = try members.decode(String.self, forKey: "Key")
                source = try CopySourceRequest(from: decoder)
                metadataDirective = try members.text("MetadataDirective")
                taggingDirective = try members.text("TaggingDirective")
                checksumAlgorithm = try members.text("ChecksumAlgorithm")
                ifMatch = try members.text("IfMatch")
                ifNoneMatch = try members.text("IfNoneMatch")
                headers = try ObjectHeaders(from: decoder)
            }
        }

        struct Output: Encodable {
            struct Result: Encodable, ChecksumCarrier {
                var eTag: String
                var lastModified: Date
                var checksumType: String?
                var checksumCRC32: String?
                var checksumCRC32C: String?
                var checksumCRC64NVME: String?
                var checksumSHA1: String?
                var checksumSHA256: String?
            }

            var copyObjectResult: Result
            var copySourceVersionId: String?
            var versionId: String?
            var serverSideEncryption: String?
            var sSEKMSKeyId: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            try S3Text.check(key: input.key)
            let bucket = try call.bucket(input.bucket)
            let (source, sourceBucket, original) = try await input.source.find(call: call)
            let owner = ObjectHeaders.owner(of: bucket, writer: call, cannedList: input.headers.cannedList)
            let details = try details(input, original: original, bucket: bucket, owner: owner)
            if source.bucket == input.bucket, source.key == input.key, source.versionID == nil, bucket.encryption == nil,
                changesNothing(input)
            {
                throw S3Error.invalidRequest(
                    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, "
                        + "storage class, website redirect location or encryption attributes.")
            }
            var object = try await body(input, original: original, details: details, call: call)
            object.0.summary.owner = owner
            object.0.summary.storageClass = input.headers.storageClass ?? "STANDARD"
            let (copy, writer) = object
            let (stored, versioning) = try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                var copy = copy
                try ObjectLock.apply(input.headers.lock, to: &copy.details, bucket: bucket, now: call.now, in: database)
                try WriteConditions(ifMatch: input.ifMatch, ifNoneMatch: input.ifNoneMatch)
                    .check(key: input.key, in: bucket, database: database)
                return (try database.insertObject(copy, in: bucket), bucket.versioning)
            }
            writer?.keep()
            try ObjectStorage.tidy(call.world)
            var result = Output.Result(
                eTag: S3Text.quoted(stored.summary.eTag), lastModified: Date(timeIntervalSince1970: call.now.rounded(.down)))
            result.setChecksums(stored.details.checksums)
            result.checksumType = stored.details.checksums == nil ? nil : stored.summary.checksumType
            return Output(
                copyObjectResult: result, copySourceVersionId: sourceBucket.versioning == nil ? nil : original.summary.versionID,
                versionId: versioning == nil ? nil : stored.summary.versionID,
                serverSideEncryption: stored.details.serverSideEncryption,
                sSEKMSKeyId: stored.details.encryptionKeyID)
        }

        private static func changesNothing(_ input: Input) -> Bool {
            input.metadataDirective != "REPLACE" && input.headers.storageClass == nil && input.headers.serverSideEncryption == nil
                && input.headers.websiteRedirectLocation == nil && input.headers.customerKey == nil
                && input.taggingDirective != "REPLACE"
        }

        /// What the copy is to have: the original's own headers and tags unless a directive says REPLACE.
        private static func details(
            _ input: Input, original: StoredObject, bucket: Bucket, owner: String
        ) throws -> ObjectDetails {
            for (name, directive) in [
                ("x-amz-metadata-directive", input.metadataDirective), ("x-amz-tagging-directive", input.taggingDirective),
            ] {
                if let directive, directive != "COPY", directive != "REPLACE" {
                    throw S3Error.invalidArgument(
                        "Unknown \(name == "x-amz-metadata-directive" ? "metadata" : "tagging") directive.", name: name,
                        value: directive)
                }
            }
            var details = try input.headers.details(in: bucket, owner: owner)
            if input.metadataDirective != "REPLACE" {
                details.cacheControl = original.details.cacheControl
                details.contentDisposition = original.details.contentDisposition
                details.contentEncoding = original.details.contentEncoding
                details.contentLanguage = original.details.contentLanguage
                details.contentType = original.details.contentType
                details.expires = original.details.expires
                details.metadata = original.details.metadata
            }
            if input.taggingDirective != "REPLACE" { details.tags = original.details.tags }
            return details
        }

        /// The copy with its body: the same file where its digests are what is wanted, else written anew.
        private static func body(
            _ input: Input, original: StoredObject, details: ObjectDetails, call: Call
        ) async throws -> (StoredObject, BodyWriter?) {
            var copy = original
            copy.details = details
            copy.summary.key = input.key
            copy.summary.lastModifiedTime = call.now
            let algorithm = try ChecksumRequest.algorithm(named: input.checksumAlgorithm)
            // A copy is one piece, whose digest is the MD5 of the whole.
            let isOnePiece = original.details.parts == nil && original.details.checksums != nil
            if isOnePiece, algorithm == nil || algorithm?.rawValue == original.summary.checksumAlgorithm {
                copy.details.checksums = original.details.checksums
                if case .file(let id) = original.body { copy.body = .file(id: try call.world.bodies.link(id)) }
                return (copy, nil)
            }
            let wanted = algorithm ?? original.summary.checksumAlgorithm.flatMap(ChecksumAlgorithm.init(rawValue:)) ?? .crc64nvme
            let received = try await ObjectStorage.receive(
                ObjectStorage.body(of: original.body, size: original.summary.size, in: call.world), algorithms: [wanted],
                into: call.world.bodies)
            copy.body = received.body
            copy.summary.eTag = received.eTag
            copy.summary.checksumAlgorithm = wanted.rawValue
            copy.summary.checksumType = "FULL_OBJECT"
            copy.details.checksums = received.checksumTexts
            return (copy, received.writer)
        }
    }
}
