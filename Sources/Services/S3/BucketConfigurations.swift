// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// A configuration of a bucket that is kept as it is given and returned as it is kept.
protocol BucketConfiguration: Sendable {
    /// Under which it is stored: `cors`.
    static var kind: String { get }
    /// The member of the Put operation's input that holds it: `CORSConfiguration`.
    static var inputMember: String { get }
    /// The member of the Get operation's output around it; nil where the output's members are its own.
    static var outputMember: String? { get }
    static var getName: String { get }
    static var putName: String { get }
    static var deleteName: String { get }
    /// What Get answers for a bucket without it; throws where that is an error.
    static func absent(in bucket: Bucket) throws -> Value
    /// Checks what is put.
    static func check(_ document: Value, in bucket: Bucket) throws
}

extension BucketConfiguration {
    static var outputMember: String? { nil }
    static var deleteName: String { "" }
    static func check(_ document: Value, in bucket: Bucket) throws {}
}

/// The input of an operation on a bucket's configuration.
struct BucketConfigurationInput: Decodable, Sendable {
    var bucket: String
    var members: Value

    init(from decoder: any Decoder) throws {
        bucket = try decoder.container(keyedBy: MemberName.self).decode(String.self, forKey: "Bucket")
        members = try Value(from: decoder)
    }
}

enum GetConfiguration<Configuration: BucketConfiguration>: Operation {
    static var name: String { Configuration.getName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Value {
        let bucket = try call.bucket(input.bucket)
        guard let text = try call.world.store.read({ try $0.configuration(Configuration.kind, of: bucket) }) else {
            return try Configuration.absent(in: bucket)
        }
        let document = StoredDocument.value(text)
        guard let member = Configuration.outputMember else { return document }
        return .object([member: document])
    }
}

enum PutConfiguration<Configuration: BucketConfiguration>: Operation {
    static var name: String { Configuration.putName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Empty {
        guard let document = input.members[Configuration.inputMember] else { throw S3Error.malformedXML }
        try call.world.store.write { database in
            let bucket = try database.requiredBucket(input.bucket)
            try Configuration.check(document, in: bucket)
            try database.setConfiguration(Configuration.kind, of: bucket, to: StoredDocument.text(document))
        }
        return Empty()
    }
}

enum DeleteConfiguration<Configuration: BucketConfiguration>: Operation {
    static var name: String { Configuration.deleteName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            try database.setConfiguration(Configuration.kind, of: try database.requiredBucket(input.bucket), to: nil)
        }
        return Empty()
    }
}

/// Documents as JSON in the database.
///
/// Times are kept apart from numbers.
enum StoredDocument {
    private static let timeMark = "\u{1}time "

    static func text(_ value: Value) -> String {
        JSON.serialize(marked(value))
    }

    static func value(_ text: String) -> Value {
        (try? JSON.parse(text)).map(unmarked) ?? .emptyObject
    }

    private static func marked(_ value: Value) -> Value {
        switch value {
        case .timestamp(let seconds): .string(timeMark + String(seconds))
        case .list(let elements): .list(elements.map(marked))
        case .object(let members): .object(members.mapValues(marked))
        default: value
        }
    }

    private static func unmarked(_ value: Value) -> Value {
        switch value {
        case .string(let text) where text.hasPrefix(timeMark): .timestamp(Double(text.dropFirst(timeMark.count)) ?? 0)
        case .list(let elements): .list(elements.map(unmarked))
        case .object(let members): .object(members.mapValues(unmarked))
        default: value
        }
    }
}

/// The configurations that are kept and returned.
enum BucketConfigurations {
    private static func missing(_ code: String, _ message: String, _ bucket: Bucket) -> ServiceError {
        ServiceError(code, message, status: 404, details: [.init("BucketName", .string(bucket.name))])
    }

    enum CrossOrigin: BucketConfiguration {
        static let kind = "cors"
        static let inputMember = "CORSConfiguration"
        static let getName = "GetBucketCors"
        static let putName = "PutBucketCors"
        static let deleteName = "DeleteBucketCors"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("NoSuchCORSConfiguration", "The CORS configuration does not exist", bucket)
        }
        static func check(_ document: Value, in bucket: Bucket) throws {
            guard let rules = document["CORSRules"]?.listValue, (1...100).contains(rules.count) else { throw S3Error.malformedXML }
            for method in rules.flatMap({ $0["AllowedMethods"]?.listValue ?? [] }).compactMap(\.stringValue)
            where !["GET", "PUT", "POST", "DELETE", "HEAD"].contains(method) {
                throw S3Error.invalidRequest("Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
            }
        }
    }

    enum Lifecycle: BucketConfiguration {
        static let kind = "lifecycle"
        static let inputMember = "LifecycleConfiguration"
        static let getName = "GetBucketLifecycleConfiguration"
        static let putName = "PutBucketLifecycleConfiguration"
        static let deleteName = "DeleteBucketLifecycle"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", bucket)
        }
        static func check(_ document: Value, in bucket: Bucket) throws {
            guard let rules = document["Rules"]?.listValue, !rules.isEmpty else { throw S3Error.malformedXML }
            let names = rules.compactMap { $0["ID"]?.stringValue }
            if Set(names).count < names.count {
                throw S3Error.invalidArgument("Rule ID must be unique. Found same ID for more than one rule", name: "ID", value: "")
            }
        }
    }

    enum Website: BucketConfiguration {
        static let kind = "website"
        static let inputMember = "WebsiteConfiguration"
        static let getName = "GetBucketWebsite"
        static let putName = "PutBucketWebsite"
        static let deleteName = "DeleteBucketWebsite"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration", bucket)
        }
    }

    enum Notification: BucketConfiguration {
        static let kind = "notification"
        static let inputMember = "NotificationConfiguration"
        static let getName = "GetBucketNotificationConfiguration"
        static let putName = "PutBucketNotificationConfiguration"
        static func absent(in bucket: Bucket) throws -> Value { .emptyObject }
    }

    enum Logging: BucketConfiguration {
        static let kind = "logging"
        static let inputMember = "BucketLoggingStatus"
        static let getName = "GetBucketLogging"
        static let putName = "PutBucketLogging"
        static func absent(in bucket: Bucket) throws -> Value { .emptyObject }
    }

    enum Acceleration: BucketConfiguration {
        static let kind = "accelerate"
        static let inputMember = "AccelerateConfiguration"
        static let getName = "GetBucketAccelerateConfiguration"
        static let putName = "PutBucketAccelerateConfiguration"
        static func absent(in bucket: Bucket) throws -> Value { .emptyObject }
    }

    enum RequestPayment: BucketConfiguration {
        static let kind = "requestPayment"
        static let inputMember = "RequestPaymentConfiguration"
        static let getName = "GetBucketRequestPayment"
        static let putName = "PutBucketRequestPayment"
        static func absent(in bucket: Bucket) throws -> Value { ["Payer": "BucketOwner"] }
    }

    enum Replication: BucketConfiguration {
        static let kind = "replication"
        static let inputMember = "ReplicationConfiguration"
        static let outputMember: String? = "ReplicationConfiguration"
        static let getName = "GetBucketReplication"
        static let putName = "PutBucketReplication"
        static let deleteName = "DeleteBucketReplication"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found", bucket)
        }
        static func check(_ document: Value, in bucket: Bucket) throws {
            guard bucket.versioning == .enabled else {
                throw S3Error.invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
            }
        }
    }
}
