// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Removes objects the way versioning says.
enum ObjectDeletion {
    struct Outcome: Sendable {
        /// The version that was removed, or of the delete marker that was made.
        var versionID: String?
        var isDeleteMarker = false
    }

    /// What must hold of an object before it is removed.
    struct Conditions: Sendable {
        var eTag: String?
        var lastModifiedTime: Double?
        var size: Int?

        func check(_ object: StoredObject?, key: String) throws {
            guard eTag != nil || lastModifiedTime != nil || size != nil else { return }
            guard let object, !object.summary.isDeleteMarker else { throw S3Error.noSuchKey(key) }
            if let eTag, !S3Text.eTagList(eTag, has: object.summary.eTag) { throw S3Error.preconditionFailed("If-Match") }
            if let lastModifiedTime, object.summary.lastModifiedTime.rounded(.down) != lastModifiedTime.rounded(.down) {
                throw S3Error.preconditionFailed("x-amz-if-match-last-modified-time")
            }
            if let size, object.summary.size != size { throw S3Error.preconditionFailed("x-amz-if-match-size") }
        }
    }

    /// Removes a version, or hides a key behind a delete marker, or removes it where there is no versioning.
    static func delete(
        _ key: String, version: String?, conditions: Conditions, bypassesGovernance: Bool = false, in bucket: Bucket, call: Call,
        database: Database
    ) throws -> Outcome {
        if let version {
            guard let object = try database.object(key, version: version, in: bucket) else {
                try ObjectReading.check(versionID: version)
                return Outcome(versionID: version)
            }
            try conditions.check(object, key: key)
            try ObjectLock.checkDeletion(of: object, bypassesGovernance: bypassesGovernance, now: call.now)
            try database.deleteObjectVersion(object, in: bucket)
            return Outcome(
                versionID: bucket.versioning == nil ? nil : version, isDeleteMarker: object.summary.isDeleteMarker)
        }
        let latest = try database.latestObject(key, in: bucket)
        try conditions.check(latest, key: key)
        guard bucket.versioning != nil else {
            if let latest { try database.deleteObjectVersion(latest, in: bucket) }
            return Outcome()
        }
        var summary = ObjectSummary(key: key, size: 0, eTag: "", lastModifiedTime: call.now, owner: bucket.account)
        summary.isDeleteMarker = true
        let marker = try database.insertObject(
            StoredObject(summary: summary, details: ObjectDetails(), body: .absent), in: bucket)
        return Outcome(versionID: marker.summary.versionID, isDeleteMarker: true)
    }
}

extension S3Service {
    /// Removes one object; that it wasn't there is no error.
    enum DeleteObject: Operation {
        struct Input: Decodable {
            var bucket: String
            var key: String
            var versionId: String?
            var bypassGovernanceRetention: Bool?
            var ifMatch: String?
            var ifMatchLastModifiedTime: Date?
            var ifMatchSize: Int?
        }

        struct Output: Encodable {
            var deleteMarker: Bool?
            var versionId: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            let conditions = ObjectDeletion.Conditions(
                eTag: input.ifMatch, lastModifiedTime: input.ifMatchLastModifiedTime?.timeIntervalSince1970, size: input.ifMatchSize
            )
            let bypasses = try ObjectLock.bypassesGovernance(
                input.bypassGovernanceRetention, key: input.key, version: input.versionId, in: try call.bucket(input.bucket),
                call: call)
            let outcome = try call.world.store.write { database in
                try ObjectDeletion.delete(
                    input.key, version: input.versionId, conditions: conditions, bypassesGovernance: bypasses,
                    in: try database.requiredBucket(input.bucket), call: call, database: database)
            }
            try ObjectStorage.tidy(call.world)
            return Output(deleteMarker: outcome.isDeleteMarker ? true : nil, versionId: outcome.versionID)
        }
    }

    /// Removes up to 1,000 objects; each has an answer of its own.
    enum DeleteObjects: Operation {
        struct Input: Decodable {
            struct Identifier: Decodable {
                var key: String
                var versionId: String?
                var eTag: String?
                var lastModifiedTime: Date?
                var size: Int?
            }

            struct Deletion: Decodable {
                var objects: [Identifier]
                var quiet: Bool?
            }

            var bucket: String
            var delete: Deletion
            var bypassGovernanceRetention: Bool?
        }

        struct Output: Encodable {
            struct Deleted: Encodable {
                var key: String
                var versionId: String?
                var deleteMarker: Bool?
                var deleteMarkerVersionId: String?
            }

            struct Failure: Encodable {
                var key: String
                var versionId: String?
                var code: String
                var message: String
            }

            var deleted: [Deleted]?
            var errors: [Failure]?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            guard (1...1000).contains(input.delete.objects.count) else { throw S3Error.malformedXML }
            let bucket = try call.bucket(input.bucket)
            var failures: [Output.Failure] = []
            var allowed: [Input.Identifier] = []
            for object in input.delete.objects {
                do {
                    let action = object.versionId == nil ? "s3:DeleteObject" : "s3:DeleteObjectVersion"
                    try call.authorize(
                        try S3Access.question(action, on: bucket, key: object.key, version: object.versionId, call: call))
                    _ = try ObjectLock.bypassesGovernance(
                        input.bypassGovernanceRetention, key: object.key, version: object.versionId, in: bucket, call: call)
                    allowed.append(object)
                } catch let error as ServiceError {
                    failures.append(failure(object, error))
                }
            }
            let permitted = allowed
            let (deleted, refused) = try call.world.store.write { database in
                try delete(
                    permitted, bypassesGovernance: input.bypassGovernanceRetention == true,
                    in: try database.requiredBucket(input.bucket), call: call, database: database)
            }
            try ObjectStorage.tidy(call.world)
            failures += refused
            let shown = input.delete.quiet == true ? [] : deleted
            return Output(deleted: shown.isEmpty ? nil : shown, errors: failures.isEmpty ? nil : failures)
        }

        private static func delete(
            _ objects: [Input.Identifier], bypassesGovernance: Bool, in bucket: Bucket, call: Call, database: Database
        ) throws -> ([Output.Deleted], [Output.Failure]) {
            var deleted: [Output.Deleted] = []
            var failures: [Output.Failure] = []
            for object in objects {
                do {
                    let conditions = ObjectDeletion.Conditions(
                        eTag: object.eTag, lastModifiedTime: object.lastModifiedTime?.timeIntervalSince1970, size: object.size)
                    let outcome = try ObjectDeletion.delete(
                        object.key, version: object.versionId, conditions: conditions, bypassesGovernance: bypassesGovernance,
                        in: bucket, call: call, database: database)
                    deleted.append(
                        .init(
                            key: object.key, versionId: object.versionId, deleteMarker: outcome.isDeleteMarker ? true : nil,
                            deleteMarkerVersionId: outcome.isDeleteMarker ? outcome.versionID : nil))
                } catch let error as ServiceError {
                    failures.append(failure(object, error))
                }
            }
            return (deleted, failures)
        }

        private static func failure(_ object: Input.Identifier, _ error: ServiceError) -> Output.Failure {
            Output.Failure(key: object.key, versionId: object.versionId, code: error.code, message: error.message)
        }
    }
}
