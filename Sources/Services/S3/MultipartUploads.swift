// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

extension S3Service {
    /// Begins an upload in parts.
    enum CreateMultipartUpload: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var checksumAlgorithm: String?
            var checksumType: String?
            var headers: ObjectHeaders

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: MemberName.self)
                bucket = try members.decode(String.self, forKey: "Bucket")
                key = try members.decode(String.self, forKey: "Key")
                checksumAlgorithm = try members.text("ChecksumAlgorithm")
                checksumType = try members.text("ChecksumType")
                headers = try ObjectHeaders(from: decoder)
            }
        }

        struct Output: Encodable {
            var bucket: String
            var key: String
            var uploadId: String
            var serverSideEncryption: String?
            var sSEKMSKeyId: String?
            var bucketKeyEnabled: Bool?
            var checksumAlgorithm: String?
            var checksumType: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            try S3Text.check(key: input.key)
            let bucket = try call.bucket(input.bucket)
            let owner = ObjectHeaders.owner(of: bucket, writer: call, cannedList: input.headers.cannedList)
            let details = try input.headers.details(in: bucket, owner: owner)
            let algorithm = try ChecksumRequest.algorithm(named: input.checksumAlgorithm)
            let type = try checksumType(input.checksumType, algorithm: algorithm)
            let upload = MultipartUpload(
                id: makeID(), key: input.key, initiationTime: call.now, owner: owner, initiator: call.principal.arn,
                storageClass: input.headers.storageClass ?? "STANDARD", checksumAlgorithm: algorithm?.rawValue, checksumType: type,
                details: details)
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                var upload = upload
                // The bucket's default counts from the completion.
                if !input.headers.lock.isEmpty {
                    try ObjectLock.apply(input.headers.lock, to: &upload.details, bucket: bucket, now: call.now, in: database)
                    if input.headers.lock.mode == nil { (upload.details.lockMode, upload.details.retainUntilTime) = (nil, nil) }
                }
                try database.insertUpload(upload, in: bucket)
            }
            return Output(
                bucket: bucket.name, key: input.key, uploadId: upload.id, serverSideEncryption: details.serverSideEncryption,
                sSEKMSKeyId: details.encryptionKeyID, bucketKeyEnabled: details.isBucketKeyEnabled,
                checksumAlgorithm: algorithm?.rawValue, checksumType: type)
        }

        /// Whether the whole object or the list of its parts has the checksum: CRC-64 knows only the former, SHA only the latter.
        private static func checksumType(_ type: String?, algorithm: ChecksumAlgorithm?) throws -> String? {
            guard let algorithm else {
                if let type {
                    throw S3Error.invalidRequest(
                        "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header: \(type)")
                }
                return nil
            }
            let type = type ?? (algorithm == .crc64nvme ? "FULL_OBJECT" : "COMPOSITE")
            let isPossible = type == "FULL_OBJECT" ? algorithm.isLinear : algorithm != .crc64nvme
            guard isPossible, ["FULL_OBJECT", "COMPOSITE"].contains(type) else {
                throw S3Error.invalidRequest(
                    "The \(type) checksum type cannot be used with the \(algorithm.rawValue.lowercased()) checksum algorithm.")
            }
            return type
        }

        /// An id in the manner of S3's.
        private static func makeID() -> String {
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
            return String((0..<64).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
        }
    }

    /// Uploads one part.
    enum UploadPart: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var uploadId: String
            var partNumber: Int
            var contentMD5: String?
            var contentLength: Int?
            var checksum: ChecksumRequest
            var customerKey: CustomerKey?

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: MemberName.self)
                bucket = try members.decode(String.self, forKey: "Bucket")
                key = try members.decode(String.self, forKey: "Key")
                uploadId = try members.decode(String.self, forKey: "UploadId")
                partNumber = try members.decode(Int.self, forKey: "PartNumber")
                contentMD5 = try members.text("ContentMD5")
                contentLength = try members.number("ContentLength")
                checksum = try ChecksumRequest(from: decoder)
                customerKey = try CustomerKey(from: decoder)
            }
        }

        struct Output: Encodable, ChecksumCarrier {
            var serverSideEncryption: String?
            var eTag: String
            var checksumCRC32: String?
            var checksumCRC32C: String?
            var checksumCRC64NVME: String?
            var checksumSHA1: String?
            var checksumSHA256: String?
            var sSECustomerAlgorithm: String?
            var sSECustomerKeyMD5: String?
            var sSEKMSKeyId: String?
            var bucketKeyEnabled: Bool?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let upload = try PartUpload.upload(
                input.uploadId, partNumber: input.partNumber, bucket: input.bucket, key: input.key, call: call)
            try input.customerKey?.check()
            if upload.details.customerKeyMD5 != input.customerKey?.md5 {
                throw S3Error.invalidRequest(
                    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption "
                        + "parameters.")
            }
            if let expected = upload.checksumAlgorithm, let given = input.checksum.values.keys.first, given.rawValue != expected {
                throw S3Error.invalidRequest(
                    "Checksum Type mismatch occurred, expected checksum Type: \(expected.lowercased()), "
                        + "actual checksum Type: \(given.rawValue.lowercased())")
            }
            let part = try await PartUpload.store(
                call.body ?? Body(bytes: []), number: input.partNumber, upload: upload, bucket: input.bucket,
                checksum: input.checksum,
                contentMD5: input.contentMD5, contentLength: input.contentLength, call: call)
            var output = Output(serverSideEncryption: upload.details.serverSideEncryption, eTag: S3Text.quoted(part.eTag))
            output.setChecksums(part.checksums)
            output.sSECustomerAlgorithm = upload.details.customerKeyMD5.map { _ in "AES256" }
            output.sSECustomerKeyMD5 = upload.details.customerKeyMD5
            output.sSEKMSKeyId = upload.details.encryptionKeyID
            output.bucketKeyEnabled = upload.details.isBucketKeyEnabled
            return output
        }
    }

    /// Makes a part of an object that is there, or of a range of it.
    enum UploadPartCopy: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var uploadId: String
            var partNumber: Int
            var source: CopySourceRequest
            var range: String?

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: MemberName.self)
                bucket = try members.decode(String.self, forKey: "Bucket")
                key = try members.decode(String.self, forKey: "Key")
                uploadId = try members.decode(String.self, forKey: "UploadId")
                partNumber = try members.decode(Int.self, forKey: "PartNumber")
                source = try CopySourceRequest(from: decoder)
                range = try members.text("CopySourceRange")
            }
        }

        struct Output: Encodable {
            struct Result: Encodable, ChecksumCarrier {
                var eTag: String
                var lastModified: Date
                var checksumCRC32: String?
                var checksumCRC32C: String?
                var checksumCRC64NVME: String?
                var checksumSHA1: String?
                var checksumSHA256: String?
            }

            var copySourceVersionId: String?
            var copyPartResult: Result
            var serverSideEncryption: String?
            var sSEKMSKeyId: String?
            var bucketKeyEnabled: Bool?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let upload = try PartUpload.upload(
                input.uploadId, partNumber: input.partNumber, bucket: input.bucket, key: input.key, call: call)
            let (_, sourceBucket, original) = try await input.source.find(call: call)
            var range = 0..<original.summary.size
            if let text = input.range { range = try copied(text, size: original.summary.size) }
            let part = try await PartUpload.store(
                ObjectStorage.body(of: original.body, range: range, in: call.world), number: input.partNumber, upload: upload,
                bucket: input.bucket, checksum: nil, contentMD5: nil, contentLength: nil, call: call)
            var result = Output.Result(
                eTag: S3Text.quoted(part.eTag), lastModified: Date(timeIntervalSince1970: part.lastModifiedTime.rounded(.down)))
            result.setChecksums(upload.checksumAlgorithm == nil ? nil : part.checksums)
            return Output(
                copySourceVersionId: sourceBucket.versioning == nil ? nil : original.summary.versionID, copyPartResult: result,
                serverSideEncryption: upload.details.serverSideEncryption, sSEKMSKeyId: upload.details.encryptionKeyID,
                bucketKeyEnabled: upload.details.isBucketKeyEnabled)
        }

        /// The range of a copy, which unlike that of a read must lie within the object.
        private static func copied(_ text: String, size: Int) throws -> Range<Int> {
            let bounds = text.hasPrefix("bytes=") ? text.dropFirst(6).split(separator: "-").map { Int($0) } : []
            guard bounds.count == 2, let first = bounds[0], let last = bounds[1], first <= last else {
                throw S3Error.invalidArgument(
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based "
                        + "offsets of the first and last bytes to copy", name: "x-amz-copy-source-range", value: text)
            }
            guard last < size else {
                throw S3Error.invalidArgument(
                    "Range specified is not valid for source object of size: \(size)", name: "x-amz-copy-source-range", value: text)
            }
            return first..<last + 1
        }
    }

    /// Gives an upload up; its parts are removed.
    enum AbortMultipartUpload: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var uploadId: String
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                try database.deleteUpload(try database.requiredUpload(input.uploadId, key: input.key, in: bucket))
            }
            try ObjectStorage.tidy(call.world)
            return Empty()
        }
    }
}

/// Taking in parts.
enum PartUpload {
    static func upload(_ id: String, partNumber: Int, bucket: String, key: String, call: Call) throws -> MultipartUpload {
        guard (1...10_000).contains(partNumber) else {
            throw S3Error.invalidArgument(
                "Part number must be an integer between 1 and 10000, inclusive", name: "partNumber", value: String(partNumber))
        }
        return try call.world.store.read { database in
            try database.requiredUpload(id, key: key, in: try database.requiredBucket(bucket))
        }
    }

    /// Writes a part and names it, in place of an earlier one with its number.
    static func store(
        _ body: Body, number: Int, upload: MultipartUpload, bucket: String, checksum: ChecksumRequest?, contentMD5: String?,
        contentLength: Int?, call: Call
    ) async throws -> UploadedPart {
        let expected = upload.checksumAlgorithm.flatMap(ChecksumAlgorithm.init(rawValue:))
        let algorithm = expected ?? checksum?.effective ?? .crc64nvme
        // What an object without a wanted checksum gets follows from its parts' CRC-64.
        let algorithms: Set<ChecksumAlgorithm> = expected == nil ? [algorithm, .crc64nvme] : [algorithm]
        let received = try await ObjectStorage.receive(body, algorithms: algorithms, into: call.world.bodies)
        if let contentLength, contentLength != received.size {
            throw ServiceError(
                "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header", status: 400
            )
        }
        try checksum?.verify(received, contentMD5: contentMD5)
        let part = UploadedPart(
            number: number, size: received.size, eTag: received.eTag, lastModifiedTime: call.now, checksums: received.checksumTexts,
            body: received.body)
        try call.world.store.write { database in
            let bucket = try database.requiredBucket(bucket)
            let upload = try database.requiredUpload(upload.id, key: upload.key, in: bucket)
            try database.savePart(part, of: upload)
        }
        received.writer.keep()
        return part
    }
}
