// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Objects in an archive: they can be read only where somebody has asked for a copy.
enum ArchivedObject {
    static let storageClasses: Set<String> = ["GLACIER", "DEEP_ARCHIVE"]

    /// Whether the bytes can be read at world time `now`.
    static func isReadable(_ object: StoredObject, now: Double) -> Bool {
        guard storageClasses.contains(object.summary.storageClass) else { return true }
        guard let ready = object.details.restoreReadyTime, let end = object.details.restoreEndTime else { return false }
        return ready <= now && now < end
    }

    /// The `x-amz-restore` header; nil where nobody has asked for a copy or it is gone.
    static func header(_ details: ObjectDetails, now: Double) -> String? {
        guard let ready = details.restoreReadyTime, let end = details.restoreEndTime, now < end else { return nil }
        if now < ready { return "ongoing-request=\"true\"" }
        return "ongoing-request=\"false\", expiry-date=\"\(Timestamp.rfc822(end))\""
    }

    static func invalidState(_ object: StoredObject) -> ServiceError {
        ServiceError(
            "InvalidObjectState", "The operation is not valid for the object's storage class", status: 403,
            details: [.init("StorageClass", .string(object.summary.storageClass))])
    }

    /// How long the service takes to bring a copy (S3 User Guide, "Understanding archive retrieval options").
    static func retrievalSeconds(tier: String, storageClass: String) throws -> Double {
        switch (tier, storageClass) {
        case ("Expedited", "GLACIER"): 5 * 60
        case ("Standard", "GLACIER"): 5 * 3600
        case ("Bulk", "GLACIER"), ("Standard", "DEEP_ARCHIVE"): 12 * 3600
        case ("Bulk", "DEEP_ARCHIVE"): 48 * 3600
        default:
            throw ServiceError(
                "InvalidArgument", "Retrieval option is not supported by this storage class: \(tier)", status: 400)
        }
    }

    /// The next midnight of UTC at or after `time`.
    static func midnight(after time: Double) -> Double { (time / 86_400).rounded(.up) * 86_400 }
}

extension S3Service {
    /// Brings a copy of an archived object for some days, or keeps it for longer.
    enum RestoreObject: StreamingOperation {
        struct Input: Decodable {
            struct Request: Decodable {
                struct Parameters: Decodable { var tier: String }

                var days: Int?
                var glacierJobParameters: Parameters?
                var tier: String?
                var type: String?
            }

            var bucket: String
            var key: String
            var versionId: String?
            var restoreRequest: Request?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Streamed<Empty> {
            let bucket = try call.bucket(input.bucket)
            let found = try await ObjectReading.object(input.key, version: input.versionId, in: bucket, call: call)
            guard ArchivedObject.storageClasses.contains(found.summary.storageClass) else {
                throw ArchivedObject.invalidState(found)
            }
            guard let days = input.restoreRequest?.days, days > 0 else { throw S3Error.malformedXML }
            let tier = input.restoreRequest?.glacierJobParameters?.tier ?? input.restoreRequest?.tier ?? "Standard"
            let seconds = call.clock.wait(try ArchivedObject.retrievalSeconds(tier: tier, storageClass: found.summary.storageClass))
            let wasReadable = try call.world.store.write { database in
                guard var object = try database.object(id: found.summary.id) else { throw S3Error.noSuchKey(input.key) }
                let isReadable = ArchivedObject.isReadable(object, now: call.now)
                if let ready = object.details.restoreReadyTime, ready > call.now {
                    throw ServiceError("RestoreAlreadyInProgress", "Object restore is already in progress", status: 409)
                }
                let ready = isReadable ? object.details.restoreReadyTime ?? call.now : call.now + seconds
                object.details.restoreReadyTime = ready
                object.details.restoreEndTime = ArchivedObject.midnight(after: max(ready, call.now) + Double(days) * 86_400)
                try database.updateObject(object)
                return isReadable
            }
            return Streamed(Empty(), status: wasReadable ? 200 : 202)
        }
    }
}
