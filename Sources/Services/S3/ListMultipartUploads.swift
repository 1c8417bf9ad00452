// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

extension S3Service {
    /// The uploads of a bucket that are neither completed nor aborted.
    enum ListMultipartUploads: Operation {
        struct Input: Decodable {
            var bucket: String
            var delimiter: String?
            var encodingType: String?
            var keyMarker: String?
            var maxUploads: Int?
            var prefix: String?
            var uploadIdMarker: String?
        }

        struct Output: Encodable {
            var bucket: String
            var keyMarker: String
            var uploadIdMarker: String?
            var nextKeyMarker: String?
            var prefix: String?
            var delimiter: String?
            var nextUploadIdMarker: String?
            var maxUploads: Int
            var isTruncated: Bool
            var uploads: [Upload]?
            var commonPrefixes: [ListedPrefix]?
            var encodingType: String?
        }

        struct Upload: Encodable {
            var uploadId: String
            var key: String
            var initiated: Date
            var storageClass: String
            var owner: ObjectOwner
            var initiator: Initiator
            var checksumAlgorithm: String?
            var checksumType: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            try S3Text.check(encodingType: input.encodingType)
            let limit = try S3Text.limit(input.maxUploads, name: "max-uploads")
            let prefix = input.prefix ?? ""
            let uploads = try call.world.store.read { database in
                try database.uploads(in: try database.requiredBucket(input.bucket), prefix: prefix)
            }
            var output = Output(
                bucket: input.bucket, keyMarker: input.keyMarker ?? "", uploadIdMarker: input.uploadIdMarker, prefix: input.prefix,
                delimiter: input.delimiter, maxUploads: limit, isTruncated: false, encodingType: input.encodingType)
            var listed: [Upload] = []
            var prefixes: [String] = []
            for upload in after(input, uploads) {
                let rolledUp = commonPrefix(of: upload.key, prefix: prefix, delimiter: input.delimiter)
                if let rolledUp, prefixes.last == rolledUp || input.keyMarker?.hasPrefix(rolledUp) == true { continue }
                if listed.count + prefixes.count == limit {
                    output.isTruncated = limit > 0
                    break
                }
                if let rolledUp {
                    prefixes.append(rolledUp)
                    (output.nextKeyMarker, output.nextUploadIdMarker) = (rolledUp, nil)
                } else {
                    listed.append(entry(upload, encoding: input.encodingType))
                    (output.nextKeyMarker, output.nextUploadIdMarker) = (S3Text.encoded(upload.key, input.encodingType), upload.id)
                }
            }
            output.uploads = listed.isEmpty ? nil : listed
            output.commonPrefixes = prefixes.isEmpty ? nil : prefixes.map { ListedPrefix($0, encoding: input.encodingType) }
            if !output.isTruncated { (output.nextKeyMarker, output.nextUploadIdMarker) = (nil, nil) }
            return output
        }

        private static func after(_ input: Input, _ uploads: [MultipartUpload]) -> [MultipartUpload] {
            guard let marker = input.keyMarker, !marker.isEmpty else { return uploads }
            let sequence = uploads.first { $0.id == input.uploadIdMarker && $0.key == marker }?.sequence
            return uploads.filter { upload in
                if let sequence, upload.key == marker { return upload.sequence > sequence }
                return marker.utf8.lexicographicallyPrecedes(upload.key.utf8)
            }
        }

        private static func commonPrefix(of key: String, prefix: String, delimiter: String?) -> String? {
            guard let delimiter, !delimiter.isEmpty else { return nil }
            let rest = key.dropFirst(prefix.count)
            return rest.range(of: delimiter).map { prefix + rest[..<$0.upperBound] }
        }

        private static func entry(_ upload: MultipartUpload, encoding: String?) -> Upload {
            Upload(
                uploadId: upload.id, key: S3Text.encoded(upload.key, encoding),
                initiated: Date(timeIntervalSince1970: upload.initiationTime),
                storageClass: upload.storageClass, owner: ObjectOwner(account: upload.owner), initiator: Initiator(upload),
                checksumAlgorithm: upload.checksumAlgorithm, checksumType: upload.checksumType)
        }
    }

    /// Who began an upload.
    struct Initiator: Encodable {
        var iD: String
        var displayName: String

        init(_ upload: MultipartUpload) {
            iD = upload.initiator
            displayName = upload.initiator.split(separator: "/").last.map(String.init) ?? upload.initiator
        }
    }

    /// The parts of an upload so far.
    enum ListParts: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var uploadId: String
            var maxParts: Int?
            var partNumberMarker: Int?
        }

        struct Output: Encodable {
            struct Part: Encodable, ChecksumCarrier {
                var partNumber: Int
                var lastModified: Date
                var eTag: String
                var size: Int
                var checksumCRC32: String?
                var checksumCRC32C: String?
                var checksumCRC64NVME: String?
                var checksumSHA1: String?
                var checksumSHA256: String?
            }

            var bucket: String
            var key: String
            var uploadId: String
            var partNumberMarker: Int
            var nextPartNumberMarker: Int?
            var maxParts: Int
            var isTruncated: Bool
            var parts: [Part]?
            var initiator: Initiator
            var owner: ObjectOwner
            var storageClass: String
            var checksumAlgorithm: String?
            var checksumType: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let limit = try S3Text.limit(input.maxParts, name: "max-parts")
            let marker = input.partNumberMarker ?? 0
            try S3Text.check(marker, name: "part-number-marker")
            let (upload, found) = try call.world.store.read { database in
                let bucket = try database.requiredBucket(input.bucket)
                let upload = try database.requiredUpload(input.uploadId, key: input.key, in: bucket)
                return (upload, try database.parts(of: upload, after: marker, limit: limit + 1))
            }
            let parts = found.prefix(limit).map { part in
                var listed = Output.Part(
                    partNumber: part.number, lastModified: Date(timeIntervalSince1970: part.lastModifiedTime),
                    eTag: S3Text.quoted(part.eTag), size: part.size)
                listed.setChecksums(upload.checksumAlgorithm.map { name in part.checksums.filter { $0.key == name } })
                return listed
            }
            return Output(
                bucket: input.bucket, key: input.key, uploadId: input.uploadId, partNumberMarker: marker,
                nextPartNumberMarker: parts.last?.partNumber ?? 0, maxParts: limit, isTruncated: found.count > limit && limit > 0,
                parts: parts.isEmpty ? nil : parts, initiator: Initiator(upload), owner: ObjectOwner(account: upload.owner),
                storageClass: upload.storageClass, checksumAlgorithm: upload.checksumAlgorithm, checksumType: upload.checksumType)
        }
    }
}
