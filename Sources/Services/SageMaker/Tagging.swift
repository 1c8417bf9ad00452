// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Resources that can have tags.
enum TaggableResource {
    /// - Throws: `ServiceError` ValidationException where there is no such resource of the caller's.
    static func require(_ arn: String, _ call: Call, _ database: Database) throws {
        let kind = try String.fetchOne(
            database, sql: "SELECT kind FROM resource WHERE arn = ? AND account = ? AND region = ?",
            arguments: [arn, call.account, call.region])
        guard kind?.hasPrefix("sagemaker:") == true else { throw SageMakerError.validation("Could not find resource \"\(arn)\".") }
    }
}

/// Sets tags.
enum AddTags: Operation {
    struct Input: Decodable, Sendable {
        var resourceArn: String
        var tags: [Tag]
    }

    struct Output: Encodable, Sendable {
        var tags: [Tag]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        try call.checkTags(input.tags)
        let tags = try call.world.store.write { database in
            try TaggableResource.require(input.resourceArn, call, database)
            try database.setTags(input.tags, of: input.resourceArn)
            let tags = try database.tags(of: input.resourceArn)
            guard tags.count <= 50 else {
                throw SageMakerError.validation(
                    "A resource can have at most 50 tags; \(input.resourceArn) would have \(tags.count).")
            }
            return tags
        }
        return Output(tags: tags)
    }
}

/// Shows tags.
enum ListTags: Operation {
    struct Input: Decodable, Sendable {
        var resourceArn: String
        var nextToken: String?
        var maxResults: Int?
    }

    struct Output: Encodable, Sendable {
        var tags: [Tag]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let tags = try call.world.store.read { database in
            try TaggableResource.require(input.resourceArn, call, database)
            return try database.tags(of: input.resourceArn)
        }
        let start = min(try input.nextToken.map { try PageToken.offset($0, list: "tag") } ?? 0, tags.count)
        let end = min(start + (input.maxResults ?? 50), tags.count)
        return Output(
            tags: Array(tags[start..<end]), nextToken: end < tags.count ? PageToken.text(offset: end, list: "tag") : nil)
    }
}

/// Removes tags.
enum DeleteTags: Operation {
    struct Input: Decodable, Sendable {
        var resourceArn: String
        var tagKeys: [String]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            try TaggableResource.require(input.resourceArn, call, database)
            try database.removeTags(withKeys: input.tagKeys, of: input.resourceArn)
        }
        return Empty()
    }
}
