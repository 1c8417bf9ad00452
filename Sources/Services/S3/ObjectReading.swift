// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// What GetObject and HeadObject ask for.
struct ReadRequest: Decodable, Sendable {
    var bucket: String
    var key: String
    var versionID: String?
    var range: String?
    var partNumber: Int?
    var conditions: ReadConditions
    var responseCacheControl: String?
    var responseContentDisposition: String?
    var responseContentEncoding: String?
    var responseContentLanguage: String?
    var responseContentType: String?
    var responseExpires: Double?
    var showsChecksum: Bool
    var customerKey: CustomerKey?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        bucket = try members.decode(String.self, forKey: "Bucket")
        key = try members.decode(String.self, forKey: "Key")
        versionID = try members.text("VersionId")
        range = try members.text("Range")
        partNumber = try members.number("PartNumber")
        conditions = ReadConditions(
            ifMatch: try members.text("IfMatch"), ifNoneMatch: try members.text("IfNoneMatch"),
            ifModifiedSince: try members.date("IfModifiedSince"), ifUnmodifiedSince: try members.date("IfUnmodifiedSince"))
        responseCacheControl = try members.text("ResponseCacheControl")
        responseContentDisposition = try members.text("ResponseContentDisposition")
        responseContentEncoding = try members.text("ResponseContentEncoding")
        responseContentLanguage = try members.text("ResponseContentLanguage")
        responseContentType = try members.text("ResponseContentType")
        responseExpires = try members.date("ResponseExpires")
        showsChecksum = try members.text("ChecksumMode")?.uppercased() == "ENABLED"
        customerKey = try CustomerKey(from: decoder)
    }

    var overridesResponse: Bool {
        [
            responseCacheControl, responseContentDisposition, responseContentEncoding, responseContentLanguage, responseContentType,
        ].contains { $0 != nil } || responseExpires != nil
    }
}

/// Under which conditions an object is given out (RFC 9110, 13), for reading and for the source of a copy.
struct ReadConditions: Sendable {
    var ifMatch: String?
    var ifNoneMatch: String?
    /// Seconds since 1970.
    var ifModifiedSince: Double?
    var ifUnmodifiedSince: Double?

    enum Outcome { case proceed, notModified, failed(condition: String) }

    /// `If-Match` overrules `If-Unmodified-Since`, `If-None-Match` overrules `If-Modified-Since`.
    func outcome(for object: ObjectSummary) -> Outcome {
        // Headers carry whole seconds.
        let modified = object.lastModifiedTime.rounded(.down)
        if let ifMatch {
            if !S3Text.eTagList(ifMatch, has: object.eTag) { return .failed(condition: "If-Match") }
        } else if let ifUnmodifiedSince, modified > ifUnmodifiedSince {
            return .failed(condition: "If-Unmodified-Since")
        }
        if let ifNoneMatch {
            if S3Text.eTagList(ifNoneMatch, has: object.eTag) { return .notModified }
        } else if let ifModifiedSince, modified <= ifModifiedSince {
            return .notModified
        }
        return .proceed
    }

    /// For the source of a copy every unmet condition is an error.
    func checkCopySource(_ object: ObjectSummary) throws {
        switch outcome(for: object) {
        case .proceed: return
        case .notModified:
            throw S3Error.preconditionFailed(
                ifNoneMatch == nil ? "x-amz-copy-source-If-Modified-Since" : "x-amz-copy-source-If-None-Match")
        case .failed(let condition): throw S3Error.preconditionFailed("x-amz-copy-source-" + condition)
        }
    }
}

/// What GetObject and HeadObject answer.
struct ReadOutput: Encodable, Sendable, ChecksumCarrier {
    var deleteMarker: Bool?
    var acceptRanges = "bytes"
    var lastModified: Date
    var contentLength: Int
    var eTag: String
    var checksumCRC32: String?
    var checksumCRC32C: String?
    var checksumCRC64NVME: String?
    var checksumSHA1: String?
    var checksumSHA256: String?
    var checksumType: String?
    var versionId: String?
    var cacheControl: String?
    var contentDisposition: String?
    var contentEncoding: String?
    var contentLanguage: String?
    var contentRange: String?
    var contentType: String?
    var expires: Date?
    var websiteRedirectLocation: String?
    var serverSideEncryption: String?
    var metadata: [String: String]
    var sSECustomerAlgorithm: String?
    var sSECustomerKeyMD5: String?
    var sSEKMSKeyId: String?
    var bucketKeyEnabled: Bool?
    var storageClass: String?
    var partsCount: Int?
    var tagCount: Int?
    var restore: String?
    var expiration: String?
    var objectLockMode: String?
    var objectLockRetainUntilDate: Date?
    var objectLockLegalHoldStatus: String?

    init(_ found: ObjectReading.Found, request: ReadRequest, now: Double) {
        let (object, bucket, range, isPartial) = (found.object, found.bucket, found.range, found.isPartial)
        let (summary, details) = (object.summary, object.details)
        lastModified = Date(timeIntervalSince1970: summary.lastModifiedTime.rounded(.down))
        contentLength = range.count
        eTag = S3Text.quoted(summary.eTag)
        versionId = bucket.versioning == nil ? nil : summary.versionID
        cacheControl = request.responseCacheControl ?? details.cacheControl
        contentDisposition = request.responseContentDisposition ?? details.contentDisposition
        contentEncoding = request.responseContentEncoding ?? details.contentEncoding
        contentLanguage = request.responseContentLanguage ?? details.contentLanguage
        contentRange = isPartial ? "bytes \(range.lowerBound)-\(max(range.upperBound - 1, 0))/\(summary.size)" : nil
        contentType = request.responseContentType ?? details.contentType
        expires = (request.responseExpires ?? details.expires).map(Date.init(timeIntervalSince1970:))
        websiteRedirectLocation = details.websiteRedirectLocation
        serverSideEncryption = details.serverSideEncryption
        metadata = details.metadata ?? [:]
        sSECustomerAlgorithm = details.customerKeyMD5.map { _ in "AES256" }
        sSECustomerKeyMD5 = details.customerKeyMD5
        sSEKMSKeyId = details.encryptionKeyID
        bucketKeyEnabled = details.isBucketKeyEnabled
        storageClass = summary.storageClass == "STANDARD" ? nil : summary.storageClass
        tagCount = details.tags.flatMap { $0.isEmpty ? nil : $0.count }
        restore = ArchivedObject.header(details, now: now)
        expiration = found.expiration
        objectLockMode = details.lockMode
        objectLockRetainUntilDate = details.retainUntilTime.map(Date.init(timeIntervalSince1970:))
        objectLockLegalHoldStatus = details.isLegallyHeld.map { $0 ? "ON" : "OFF" }
        if request.showsChecksum, range.count == summary.size {
            setChecksums(details.checksums)
            checksumType = details.checksums == nil ? nil : summary.checksumType
        }
        if let number = request.partNumber, let parts = details.parts {
            partsCount = parts.count
            if request.showsChecksum, parts.indices.contains(number - 1) {
                setChecksums(parts[number - 1].checksums)
                checksumType = summary.checksumType
            }
        }
    }
}

/// Finds the object that a request reads and the bytes of it that are meant.
enum ObjectReading {
    struct Found {
        var bucket: Bucket
        var object: StoredObject
        var range: Range<Int>
        var isPartial: Bool
        /// The `x-amz-expiration` header; nil where no lifecycle rule ends the object.
        var expiration: String?
    }

    static func find(_ request: ReadRequest, call: Call) async throws -> Found {
        let bucket = try call.bucket(request.bucket)
        let object = try await object(request.key, version: request.versionID, in: bucket, call: call)
        switch request.conditions.outcome(for: object.summary) {
        case .proceed: break
        case .notModified:
            var error = S3Error.notModified
            error.headers["ETag"] = S3Text.quoted(object.summary.eTag)
            error.headers["Last-Modified"] = Timestamp.rfc822(object.summary.lastModifiedTime)
            throw error
        case .failed(let condition): throw S3Error.preconditionFailed(condition)
        }
        try CustomerKey.check(request.customerKey, for: object)
        if request.overridesResponse, call.principal.kind == .anonymous {
            throw S3Error.invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
        }
        let (range, isPartial) = try range(of: request, object: object)
        let expiration = try call.world.store.read { try Lifecycle.expirationHeader(of: object, in: bucket, database: $0) }
        return Found(bucket: bucket, object: object, range: range, isPartial: isPartial, expiration: expiration)
    }

    /// The object, or the version of it, with its body made where it is public data that nobody has read before.
    ///
    /// - Throws: NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker; AccessDenied for those who may not know.
    static func object(_ key: String, version: String?, in bucket: Bucket, call: Call) async throws -> StoredObject {
        let found = try call.world.store.read { database in
            try version.map { try database.object(key, version: $0, in: bucket) } ?? database.latestObject(key, in: bucket)
        }
        guard let found else {
            try S3Access.authorizeKnowingAbsence(in: bucket, call: call)
            if let version {
                try check(versionID: version)
                throw S3Error.noSuchVersion(key, version)
            }
            throw S3Error.noSuchKey(key)
        }
        if found.summary.isDeleteMarker {
            let methods = ["Put": "PUT", "Del": "DELETE", "Hea": "HEAD"]
            var error = S3Error.methodNotAllowed(
                method: methods[String(call.operation.prefix(3))] ?? "GET", resourceType: "DeleteMarker")
            if version == nil {
                try S3Access.authorizeKnowingAbsence(in: bucket, call: call)
                error = S3Error.noSuchKey(key)
            } else {
                error.headers["Allow"] = "DELETE"
                error.headers["Last-Modified"] = Timestamp.rfc822(found.summary.lastModifiedTime)
            }
            error.headers["x-amz-delete-marker"] = "true"
            error.headers["x-amz-version-id"] = found.summary.versionID
            throw error
        }
        return try await ObjectStorage.materialize(found, call: call)
    }

    /// Checks the form of a version id.
    static func check(versionID: String) throws {
        guard versionID != StoredObject.nullVersionID, versionID.utf8.count != 32 else { return }
        throw S3Error.invalidArgument("Invalid version id specified", name: "versionId", value: versionID)
    }

    private static func range(of request: ReadRequest, object: StoredObject) throws -> (Range<Int>, Bool) {
        let size = object.summary.size
        if let number = request.partNumber {
            if request.range != nil {
                throw S3Error.invalidRequest("Cannot specify both Range header and partNumber query parameter")
            }
            let parts = object.details.parts ?? [ObjectPartRecord(number: 1, size: size, checksums: [:])]
            guard (1...10_000).contains(number) else {
                throw S3Error.invalidArgument(
                    "Part number must be an integer between 1 and 10000, inclusive", name: "partNumber", value: String(number))
            }
            guard number <= parts.count else {
                throw ServiceError(
                    "InvalidPartNumber", "The requested partnumber is not satisfiable", status: 416,
                    details: [
                        .init("ActualPartCount", .string(String(parts.count))),
                        .init("PartNumberRequested", .string(String(number))),
                    ])
            }
            let start = parts[..<(number - 1)].reduce(0) { $0 + $1.size }
            return (start..<start + parts[number - 1].size, true)
        }
        if let header = request.range, let range = try ByteRange.resolve(header, size: size) { return (range, true) }
        return (0..<size, false)
    }
}

extension S3Service {
    /// An object's bytes, or a range of them.
    enum GetObject: StreamingOperation {
        static func handle(_ input: ReadRequest, _ call: Call) async throws -> Streamed<ReadOutput> {
            let found = try await ObjectReading.find(input, call: call)
            guard ArchivedObject.isReadable(found.object, now: call.now) else { throw ArchivedObject.invalidState(found.object) }
            return Streamed(
                ReadOutput(found, request: input, now: call.now),
                body: ObjectStorage.body(of: found.object.body, range: found.range, in: call.world),
                status: found.isPartial ? 206 : nil)
        }
    }

    /// What GetObject would answer, without the bytes.
    enum HeadObject: StreamingOperation {
        static func handle(_ input: ReadRequest, _ call: Call) async throws -> Streamed<ReadOutput> {
            do {
                let found = try await ObjectReading.find(input, call: call)
                return Streamed(
                    ReadOutput(found, request: input, now: call.now),
                    status: found.isPartial ? 206 : nil)
            } catch let error as ServiceError {
                throw S3Error.withoutBody(error)
            }
        }
    }

    /// An object's checksum, parts and size without its bytes or headers.
    enum GetObjectAttributes: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var versionId: String?
            var maxParts: Int?
            var partNumberMarker: Int?
            var objectAttributes: [String]
        }

        struct Output: Encodable {
            struct Sums: Encodable, ChecksumCarrier {
                var checksumCRC32: String?
                var checksumCRC32C: String?
                var checksumCRC64NVME: String?
                var checksumSHA1: String?
                var checksumSHA256: String?
                var checksumType: String?
            }

            struct Part: Encodable, ChecksumCarrier {
                var partNumber: Int
                var size: Int
                var checksumCRC32: String?
                var checksumCRC32C: String?
                var checksumCRC64NVME: String?
                var checksumSHA1: String?
                var checksumSHA256: String?
            }

            struct Parts: Encodable {
                var totalPartsCount: Int
                var partNumberMarker: Int?
                var nextPartNumberMarker: Int?
                var maxParts: Int?
                var isTruncated: Bool?
                var parts: [Part]?
            }

            var lastModified: Date
            var versionId: String?
            var eTag: String?
            var checksum: Sums?
            var objectParts: Parts?
            var storageClass: String?
            var objectSize: Int?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let bucket = try call.bucket(input.bucket)
            let object = try await ObjectReading.object(input.key, version: input.versionId, in: bucket, call: call)
            let asked = Set(
                input.objectAttributes.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } })
            if let odd = asked.subtracting(["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]).first {
                throw S3Error.invalidArgument("Invalid attribute name specified.", name: "x-amz-object-attributes", value: odd)
            }
            var output = Output(lastModified: Date(timeIntervalSince1970: object.summary.lastModifiedTime.rounded(.down)))
            output.versionId = bucket.versioning == nil ? nil : object.summary.versionID
            if asked.contains("ETag") { output.eTag = object.summary.eTag }
            if asked.contains("Checksum"), let checksums = object.details.checksums {
                var sums = Output.Sums(checksumType: object.summary.checksumType)
                // The number of parts stands among the parts here.
                sums.setChecksums(checksums.mapValues { String($0.prefix { $0 != "-" }) })
                output.checksum = sums
            }
            if asked.contains("ObjectParts"), let parts = object.details.parts {
                output.objectParts = self.parts(
                    parts, marker: input.partNumberMarker ?? 0, limit: min(input.maxParts ?? 1000, 1000))
            }
            if asked.contains("StorageClass") { output.storageClass = object.summary.storageClass }
            if asked.contains("ObjectSize") { output.objectSize = object.summary.size }
            return output
        }

        /// S3 lists single parts only where they have checksums that were asked for at the upload.
        private static func parts(_ parts: [ObjectPartRecord], marker: Int, limit: Int) -> Output.Parts {
            guard parts.allSatisfy({ !$0.checksums.isEmpty }) else { return Output.Parts(totalPartsCount: parts.count) }
            let page = parts.enumerated().filter { $0.offset + 1 > marker }.prefix(limit)
            let last = page.last.map { $0.offset + 1 } ?? marker
            return Output.Parts(
                totalPartsCount: parts.count, partNumberMarker: marker, nextPartNumberMarker: last, maxParts: limit,
                isTruncated: last < parts.count,
                parts: page.map { entry in
                    var part = Output.Part(partNumber: entry.offset + 1, size: entry.element.size)
                    part.setChecksums(entry.element.checksums)
                    return part
                })
        }
    }
}
