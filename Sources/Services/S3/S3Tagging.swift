// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

extension S3Service {
    /// A set of tags as requests have it.
    struct TagSetInput: Decodable, Sendable {
        var tagSet: [Tag]
    }

    /// A set of tags as answers have it.
    struct TagSetOutput: Encodable, Sendable {
        var versionId: String?
        var tagSet: [Tag]
    }

    enum GetBucketTagging: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> TagSetOutput {
            let bucket = try call.bucket(input.bucket)
            let tags = try call.world.store.read { try $0.tags(of: bucket.arn) }
            if tags.isEmpty {
                throw ServiceError(
                    "NoSuchTagSet", "The TagSet does not exist", status: 404, details: [.init("BucketName", .string(bucket.name))])
            }
            return TagSetOutput(tagSet: tags)
        }
    }

    enum PutBucketTagging: StreamingOperation {
        struct Input: Decodable {
            var bucket: String
            var tagging: TagSetInput
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Streamed<Empty> {
            let tags = input.tagging.tagSet
            if tags.count > 50 { throw ServiceError("BadRequest", "Bucket tag count cannot be greater than 50", status: 400) }
            try S3Text.check(tags)
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                try database.removeAllTags(of: bucket.arn)
                try database.setTags(tags, of: bucket.arn)
            }
            return Streamed(Empty(), status: 204)
        }
    }

    enum DeleteBucketTagging: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Empty {
            try call.world.store.write { try $0.removeAllTags(of: try $0.requiredBucket(input.bucket).arn) }
            return Empty()
        }
    }

    /// The object that an operation on its tags or list means.
    struct ObjectInput: Decodable, Sendable {
        var bucket: String
        var key: String
        var versionId: String?
    }

    /// Changes an object's details in one transaction.
    ///
    /// - Returns: the version, where the bucket has versions.
    static func change(
        _ input: ObjectInput, _ call: Call, _ body: @Sendable (inout ObjectDetails, Bucket, Database) throws -> Void
    ) async throws -> String? {
        let bucket = try call.bucket(input.bucket)
        let found = try await ObjectReading.object(input.key, version: input.versionId, in: bucket, call: call)
        return try call.world.store.write { database in
            guard var object = try database.object(id: found.summary.id) else { throw S3Error.noSuchKey(input.key) }
            let bucket = try database.requiredBucket(input.bucket)
            try body(&object.details, bucket, database)
            try database.updateObject(object)
            return bucket.versioning == nil ? nil : object.summary.versionID
        }
    }

    struct VersionOutput: Encodable, Sendable {
        var versionId: String?
    }

    enum GetObjectTagging: Operation {
        static func handle(_ input: ObjectInput, _ call: Call) async throws -> TagSetOutput {
            let bucket = try call.bucket(input.bucket)
            let object = try await ObjectReading.object(input.key, version: input.versionId, in: bucket, call: call)
            return TagSetOutput(
                versionId: bucket.versioning == nil ? nil : object.summary.versionID, tagSet: object.details.tags ?? [])
        }
    }

    enum PutObjectTagging: Operation {
        struct Input: Decodable {
            var object: ObjectInput
            var tagging: TagSetInput

            init(from decoder: any Decoder) throws {
                object = try ObjectInput(from: decoder)
                tagging = try decoder.container(keyedBy: MemberName.self).decode(TagSetInput.self, forKey: "Tagging")
            }
        }

        static func handle(_ input: Input, _ call: Call) async throws -> VersionOutput {
            try S3Text.check(objectTags: input.tagging.tagSet)
            return VersionOutput(
                versionId: try await change(input.object, call) { details, _, _ in details.tags = input.tagging.tagSet })
        }
    }

    enum DeleteObjectTagging: Operation {
        static func handle(_ input: ObjectInput, _ call: Call) async throws -> VersionOutput {
            VersionOutput(versionId: try await change(input, call) { details, _, _ in details.tags = nil })
        }
    }
}
