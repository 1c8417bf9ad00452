// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Object Lock: versions that nobody can delete before their time.
enum ObjectLock {
    static let kind = "objectLock"
    static let modes: Set<String> = ["GOVERNANCE", "COMPLIANCE"]
    /// What CreateBucket stores for a bucket that shall have it.
    static let enabled: Value = ["ObjectLockEnabled": "Enabled"]

    static let denied = ServiceError("AccessDenied", "Access Denied because object protected by object lock.", status: 403)

    static func configuration(of bucket: Bucket, in database: Database) throws -> Value? {
        // Without versioning there is no lock: most requests need not look.
        guard bucket.versioning == .enabled else { return nil }
        return try database.configuration(kind, of: bucket).map(StoredDocument.value)
    }

    /// Locks a new version as its headers or the bucket's default say.
    static func apply(
        _ headers: ObjectHeaders.Lock, to details: inout ObjectDetails, bucket: Bucket, now: Double, in database: Database
    ) throws {
        let configuration = try configuration(of: bucket, in: database)
        guard let configuration else {
            if headers.isEmpty { return }
            throw S3Error.invalidRequest("Bucket is missing Object Lock Configuration")
        }
        if headers.mode != nil || headers.retainUntil != nil {
            guard let mode = headers.mode, let time = headers.retainUntil else {
                throw S3Error.invalidArgument(
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                    name: "x-amz-object-lock-mode", value: headers.mode ?? "")
            }
            try check(mode: mode, until: time, now: now)
            (details.lockMode, details.retainUntilTime) = (mode, time)
        } else if let standard = configuration["Rule"]?["DefaultRetention"], let mode = standard["Mode"]?.stringValue {
            let days = standard["Days"]?.integerValue ?? (standard["Years"]?.integerValue ?? 0) * 365
            (details.lockMode, details.retainUntilTime) = (mode, now + Double(days) * 86_400)
        }
        if let hold = headers.legalHold { details.isLegallyHeld = try isOn(hold) }
    }

    static func check(mode: String, until time: Double, now: Double) throws {
        guard modes.contains(mode) else {
            throw S3Error.invalidArgument("Unknown wormMode directive.", name: "x-amz-object-lock-mode", value: mode)
        }
        guard time > now else {
            throw S3Error.invalidArgument(
                "The retain until date must be in the future!", name: "x-amz-object-lock-retain-until-date",
                value: Timestamp.iso8601(time))
        }
    }

    static func isOn(_ status: String) throws -> Bool {
        guard ["ON", "OFF"].contains(status) else { throw S3Error.malformedXML }
        return status == "ON"
    }

    /// Checks that a version may go.
    ///
    /// - Parameter bypassesGovernance: whether the caller asks, and may, pass over governance.
    static func checkDeletion(of object: StoredObject, bypassesGovernance: Bool, now: Double) throws {
        if object.details.isLegallyHeld == true { throw denied }
        guard let mode = object.details.lockMode, let time = object.details.retainUntilTime, time > now else { return }
        if mode == "GOVERNANCE", bypassesGovernance { return }
        throw denied
    }

    /// Whether the caller asks to pass over governance, and may.
    static func bypassesGovernance(
        _ isAsked: Bool?, key: String, version: String?, in bucket: Bucket, call: Call
    ) throws -> Bool {
        guard isAsked == true, version != nil else { return false }
        try call.authorize(
            try S3Access.question("s3:BypassGovernanceRetention", on: bucket, key: key, version: version, call: call))
        return true
    }
}

extension S3Service {
    enum PutObjectLockConfiguration: Operation {
        struct Input: Decodable {
            var bucket: String
            var objectLockConfiguration: Value?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            guard let document = input.objectLockConfiguration else {
                throw ServiceError("MissingRequestBodyError", "Request Body is empty", status: 400)
            }
            guard document["ObjectLockEnabled"]?.stringValue == "Enabled" else { throw S3Error.malformedXML }
            if let standard = document["Rule"]?["DefaultRetention"] {
                let days = standard["Days"]?.integerValue
                let years = standard["Years"]?.integerValue
                guard ObjectLock.modes.contains(standard["Mode"]?.stringValue ?? ""), (days == nil) != (years == nil) else {
                    throw S3Error.malformedXML
                }
                if let number = days ?? years, number < 1 || number > (days == nil ? 100 : 36_500) {
                    throw S3Error.invalidArgument(
                        "Default retention period must be a positive integer value", name: days == nil ? "Years" : "Days",
                        value: String(number))
                }
            } else if document["Rule"] != nil {
                throw S3Error.malformedXML
            }
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                guard bucket.versioning == .enabled else {
                    throw ServiceError(
                        "InvalidBucketState",
                        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration", status: 409)
                }
                try database.setConfiguration(ObjectLock.kind, of: bucket, to: StoredDocument.text(document))
            }
            return Empty()
        }
    }

    enum GetObjectLockConfiguration: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Value {
            let found = try call.world.store.read { database in
                try ObjectLock.configuration(of: try database.requiredBucket(input.bucket), in: database)
            }
            guard let found else {
                throw ServiceError(
                    "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket", status: 404,
                    details: [.init("BucketName", .string(input.bucket))])
            }
            return ["ObjectLockConfiguration": found]
        }
    }

    /// Retains a version, or retains it longer.
    enum PutObjectRetention: Operation {
        struct Input: Decodable {
            struct Retention: Decodable {
                var mode: String?
                var retainUntilDate: Date?
            }

            var bucket: String
            var key: String
            var versionId: String?
            var retention: Retention?
            var bypassGovernanceRetention: Bool?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            let object = ObjectInput(bucket: input.bucket, key: input.key, versionId: input.versionId)
            let bucket = try call.bucket(input.bucket)
            if input.bypassGovernanceRetention == true {
                try call.authorize(
                    try S3Access.question(
                        "s3:BypassGovernanceRetention", on: bucket, key: input.key, version: input.versionId, call: call))
            }
            guard let retention = input.retention else { throw S3Error.malformedXML }
            let time = retention.retainUntilDate?.timeIntervalSince1970
            if retention.mode != nil || time != nil {
                guard let mode = retention.mode, let time else { throw S3Error.malformedXML }
                try ObjectLock.check(mode: mode, until: time, now: call.now)
            }
            _ = try await change(object, call) { details, bucket, database in
                guard try ObjectLock.configuration(of: bucket, in: database) != nil else {
                    throw S3Error.invalidRequest("Bucket is missing Object Lock Configuration")
                }
                if let mode = details.lockMode, let end = details.retainUntilTime, end > call.now {
                    let isLonger = (time ?? 0) >= end && (retention.mode == mode || mode == "GOVERNANCE")
                    if !isLonger, mode == "COMPLIANCE" || input.bypassGovernanceRetention != true { throw ObjectLock.denied }
                }
                (details.lockMode, details.retainUntilTime) = (retention.mode, time)
            }
            return Empty()
        }
    }

    enum GetObjectRetention: Operation {
        static func handle(_ input: ObjectInput, _ call: Call) async throws -> Value {
            let details = try await lockedDetails(input, call)
            guard let mode = details.lockMode, let time = details.retainUntilTime else { throw noLock }
            return ["Retention": ["Mode": .string(mode), "RetainUntilDate": .timestamp(time)]]
        }
    }

    /// Holds a version whatever its retention, or lets it go again.
    enum PutObjectLegalHold: Operation {
        struct Input: Decodable {
            struct Hold: Decodable { var status: String? }

            var bucket: String
            var key: String
            var versionId: String?
            var legalHold: Hold?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            let isHeld = try ObjectLock.isOn(input.legalHold?.status ?? "")
            let object = ObjectInput(bucket: input.bucket, key: input.key, versionId: input.versionId)
            _ = try await change(object, call) { details, bucket, database in
                guard try ObjectLock.configuration(of: bucket, in: database) != nil else {
                    throw S3Error.invalidRequest("Bucket is missing Object Lock Configuration")
                }
                details.isLegallyHeld = isHeld
            }
            return Empty()
        }
    }

    enum GetObjectLegalHold: Operation {
        static func handle(_ input: ObjectInput, _ call: Call) async throws -> Value {
            guard let isHeld = try await lockedDetails(input, call).isLegallyHeld else { throw noLock }
            return ["LegalHold": ["Status": isHeld ? "ON" : "OFF"]]
        }
    }

    private static let noLock = ServiceError(
        "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", status: 404)

    private static func lockedDetails(_ input: ObjectInput, _ call: Call) async throws -> ObjectDetails {
        let bucket = try call.bucket(input.bucket)
        guard try call.world.store.read({ try ObjectLock.configuration(of: bucket, in: $0) }) != nil else {
            throw S3Error.invalidRequest("Bucket is missing Object Lock Configuration")
        }
        return try await ObjectReading.object(input.key, version: input.versionId, in: bucket, call: call).details
    }
}
