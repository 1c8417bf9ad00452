// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Labels of repositories.
enum ECRTags {
    struct ListInput: Decodable, Sendable {
        var resourceArn: String
    }

    /// - Throws: `ServiceError` InvalidTagParameterException or TooManyTagsException.
    static func check(_ tags: [Tag]) throws {
        var keys = Set<String>()
        for tag in tags {
            guard keys.insert(tag.Key).inserted, !tag.Key.lowercased().hasPrefix("aws:"), (1...128).contains(tag.Key.count),
                tag.Value.count <= 256
            else {
                throw ECRError.error(
                    "InvalidTagParameter",
                    "The tag '\(tag.Key)' is not valid: keys are unique, of 1 to 128 characters, and "
                        + "don't begin with aws:; values have at most 256 characters.")
            }
        }
        guard tags.count <= 50 else { throw ECRError.error("TooManyTags", "A repository can have at most 50 tags.") }
    }

    /// - Throws: `ServiceError` where the ARN is none of a repository that is there.
    static func require(_ text: String, _ call: Call, _ database: Database) throws {
        guard let arn = ARN(text), arn.service == "ecr", arn.resourceType == "repository" else {
            throw ECRError.invalid("resourceArn", "Invalid ARN")
        }
        guard arn.account == call.account,
            try database.resource(ImageRepositoryRecord.self, named: arn.resourceName, in: Scope(ofARN: text)) != nil
        else { throw ECRError.noRepository(arn.resourceName, arn.account) }
    }
}

/// Shows a repository's tags.
enum ECRListTagsForResource: Operation {
    static let name = "ListTagsForResource"

    struct Output: Encodable, Sendable {
        var tags: [Tag]
    }

    static func handle(_ input: ECRTags.ListInput, _ call: Call) async throws -> Output {
        try call.world.store.read { database in
            try ECRTags.require(input.resourceArn, call, database)
            return Output(tags: try database.tags(of: input.resourceArn))
        }
    }
}

/// Sets tags of a repository.
enum ECRTagResource: Operation {
    static let name = "TagResource"

    struct Input: Decodable, Sendable {
        var resourceArn: String
        var tags: [Tag]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            try ECRTags.require(input.resourceArn, call, database)
            try ECRTags.check(input.tags)
            try database.setTags(input.tags, of: input.resourceArn)
            try ECRTags.check(try database.tags(of: input.resourceArn))
        }
        return Empty()
    }
}

/// Removes tags of a repository.
enum ECRUntagResource: Operation {
    static let name = "UntagResource"

    struct Input: Decodable, Sendable {
        var resourceArn: String
        var tagKeys: [String]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            try ECRTags.require(input.resourceArn, call, database)
            try database.removeTags(withKeys: input.tagKeys, of: input.resourceArn)
        }
        return Empty()
    }
}
