// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// A kind of configuration of which a bucket can have many, each with an id.
protocol NamedConfiguration: Sendable {
    /// `inventory`.
    static var kind: String { get }
    /// The noun in operations' names: `Inventory`.
    static var title: String { get }
}

extension NamedConfiguration {
    static var member: String { title + "Configuration" }
    static var getName: String { "GetBucket\(title)Configuration" }
    static var putName: String { "PutBucket\(title)Configuration" }
    static var deleteName: String { "DeleteBucket\(title)Configuration" }
    static var listName: String { "ListBucket\(title)Configurations" }

    /// All of a bucket, by id.
    static func all(of bucket: Bucket, in database: Database) throws -> OrderedDictionary<String, Value> {
        try database.configuration(kind, of: bucket).map(StoredDocument.value)?.objectValue ?? [:]
    }

    static func save(_ all: OrderedDictionary<String, Value>, of bucket: Bucket, in database: Database) throws {
        var all = all
        all.sort { $0.key < $1.key }
        try database.setConfiguration(kind, of: bucket, to: all.isEmpty ? nil : StoredDocument.text(.object(all)))
    }

    static func missing() -> ServiceError {
        ServiceError("NoSuchConfiguration", "The specified configuration does not exist.", status: 404)
    }
}

enum NamedConfigurations {
    enum Inventory: NamedConfiguration {
        static let kind = "inventory"
        static let title = "Inventory"
    }

    enum Analytics: NamedConfiguration {
        static let kind = "analytics"
        static let title = "Analytics"
    }

    enum Metrics: NamedConfiguration {
        static let kind = "metrics"
        static let title = "Metrics"
    }

    enum IntelligentTiering: NamedConfiguration {
        static let kind = "intelligentTiering"
        static let title = "IntelligentTiering"
    }
}

enum PutNamedConfiguration<Kind: NamedConfiguration>: Operation {
    static var name: String { Kind.putName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Empty {
        guard let document = input.members[Kind.member], let id = document["Id"]?.stringValue else { throw S3Error.malformedXML }
        try call.world.store.write { database in
            let bucket = try database.requiredBucket(input.bucket)
            var all = try Kind.all(of: bucket, in: database)
            if all[id] == nil, all.count >= 1000 {
                throw ServiceError(
                    "TooManyConfigurations",
                    "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.",
                    status: 400)
            }
            all[id] = document
            try Kind.save(all, of: bucket, in: database)
        }
        return Empty()
    }
}

enum GetNamedConfiguration<Kind: NamedConfiguration>: Operation {
    static var name: String { Kind.getName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Value {
        let all = try call.world.store.read { try Kind.all(of: try $0.requiredBucket(input.bucket), in: $0) }
        guard let document = all[input.members["Id"]?.stringValue ?? ""] else { throw Kind.missing() }
        return .object([Kind.member: document])
    }
}

enum DeleteNamedConfiguration<Kind: NamedConfiguration>: Operation {
    static var name: String { Kind.deleteName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let bucket = try database.requiredBucket(input.bucket)
            var all = try Kind.all(of: bucket, in: database)
            guard all.removeValue(forKey: input.members["Id"]?.stringValue ?? "") != nil else { throw Kind.missing() }
            try Kind.save(all, of: bucket, in: database)
        }
        return Empty()
    }
}

/// Lists them in pages of a hundred.
enum ListNamedConfigurations<Kind: NamedConfiguration>: Operation {
    static var name: String { Kind.listName }

    static func handle(_ input: BucketConfigurationInput, _ call: Call) async throws -> Value {
        let all = try call.world.store.read { try Kind.all(of: try $0.requiredBucket(input.bucket), in: $0) }
        let token = input.members["ContinuationToken"]?.stringValue
        let rest = all.filter { token == nil || $0.key > token ?? "" }
        let page = rest.elements.prefix(100)
        var output: Value = ["IsTruncated": .boolean(rest.count > page.count)]
        // The elements stand in the answer without one around them, so that none leave no trace.
        if !page.isEmpty { output[Kind.member + "List"] = .list(page.map(\.value)) }
        if let token { output["ContinuationToken"] = .string(token) }
        if rest.count > page.count, let last = page.last { output["NextContinuationToken"] = .string(last.key) }
        return output
    }
}
