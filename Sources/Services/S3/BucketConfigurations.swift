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
    /// What is kept of what is put.
    ///
    /// - Throws: the documented errors of what is not as it must be.
    static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value
}

extension BucketConfiguration {
    static var outputMember: String? { nil }
    static var deleteName: String { "" }
    static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value { document }
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
            let kept = try Configuration.checked(document, in: bucket, database: database)
            try database.setConfiguration(Configuration.kind, of: bucket, to: StoredDocument.text(kept))
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

extension S3Service {
    /// A configuration of a bucket as the members of its shape, for those who act on it outside the services: `cors`, `website`.
    ///
    /// Nil where the bucket has none, or there is no such bucket.
    public static func configuration(_ kind: String, ofBucket name: String, in world: World) throws -> Value? {
        try world.store.read { database in
            guard let bucket = try database.bucket(named: name) else { return nil }
            return try database.configuration(kind, of: bucket).map(StoredDocument.value)
        }
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
