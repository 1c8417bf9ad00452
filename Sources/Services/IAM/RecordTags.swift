// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// What has tags and is no user, role or policy: providers, certificates, devices, instance profiles.
protocol TaggedRecord: ResourceRecord {
    /// The noun in operations' names: `SAMLProvider`.
    static var title: String { get }
    /// The member that names it in inputs: `SAMLProviderArn`.
    static var identifierMember: String { get }
    /// - Throws: NoSuchEntity in the words for this kind.
    static func find(_ identifier: String, _ call: Call, in database: Database) throws -> Self
}

/// The input of the operations on tags.
struct RecordTagInput<Record: TaggedRecord>: Decodable, Sendable {
    private struct Member: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var identifier: String
    var tags: [Tag]
    var tagKeys: [String]
    var marker: String?
    var maxItems: Int?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Member.self)
        identifier = try container.decode(String.self, forKey: Member(Record.identifierMember))
        tags = try container.decodeIfPresent([Tag].self, forKey: Member("Tags")) ?? []
        tagKeys = try container.decodeIfPresent([String].self, forKey: Member("TagKeys")) ?? []
        marker = try container.decodeIfPresent(String.self, forKey: Member("Marker"))
        maxItems = try container.decodeIfPresent(Int.self, forKey: Member("MaxItems"))
    }
}

/// `TagSAMLProvider` and its like.
enum TagRecord<Record: TaggedRecord>: Operation {
    static var name: String { "Tag\(Record.title)" }

    static func handle(_ input: RecordTagInput<Record>, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            let record = try Record.find(input.identifier, call, in: database)
            try IAMCheck.tags(input.tags, addedTo: try database.tags(of: record.arn))
            try database.setTags(input.tags, of: record.arn)
        }
        return Empty()
    }
}

/// `UntagSAMLProvider` and its like; keys that are not there are ignored.
enum UntagRecord<Record: TaggedRecord>: Operation {
    static var name: String { "Untag\(Record.title)" }

    static func handle(_ input: RecordTagInput<Record>, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            try database.removeTags(withKeys: input.tagKeys, of: try Record.find(input.identifier, call, in: database).arn)
        }
        return Empty()
    }
}

/// `ListSAMLProviderTags` and its like.
enum ListRecordTags<Record: TaggedRecord>: Operation {
    static var name: String { "List\(Record.title)Tags" }

    static func handle(_ input: RecordTagInput<Record>, _ call: Call) async throws -> Value {
        let tags = try call.world.store.read { try $0.tags(of: try Record.find(input.identifier, call, in: $0).arn) }
        let page = try IAMPage(of: tags, marker: input.marker, maximumCount: input.maxItems)
        return .members([("Tags", .tagList(page.elements))] + page.endMembers)
    }
}

extension InstanceProfileRecord: TaggedRecord {
    static let title = "InstanceProfile"
    static let identifierMember = "InstanceProfileName"

    static func find(_ name: String, _ call: Call, in database: Database) throws -> InstanceProfileRecord {
        try InstanceProfiles.find(name, call, in: database)
    }
}
