// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A label that a user puts on a resource.
public struct Tag: Codable, Sendable, Hashable {
    /// What it is called; unique on its resource.
    public var Key: String
    /// What it says.
    public var Value: String

    /// Makes one from its parts.
    public init(Key: String, Value: String) {
        self.Key = Key
        self.Value = Value
    }
}

extension Database {
    /// The tags of a resource, in the order in which their keys were first set.
    public func tags(of arn: String) throws -> [Tag] {
        try Row.fetchAll(
            try cachedStatement(sql: "SELECT key, value FROM tag WHERE arn = ? ORDER BY position, key"), arguments: [arn]
        )
        .map { Tag(Key: $0[0], Value: $0[1]) }
    }

    /// Sets the given tags, leaving those with other keys alone.
    public func setTags(_ tags: [Tag], of arn: String) throws {
        var position =
            try Int.fetchOne(self, sql: "SELECT coalesce(max(position), 0) FROM tag WHERE arn = ?", arguments: [arn]) ?? 0
        for tag in tags {
            position += 1
            try execute(
                sql: """
                    INSERT INTO tag (arn, key, value, position) VALUES (?, ?, ?, ?)
                    ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value
                    """,
                arguments: [arn, tag.Key, tag.Value, position])
        }
    }

    /// Removes the tags with the given keys; absent keys are ignored.
    public func removeTags(withKeys keys: [String], of arn: String) throws {
        for key in keys { try execute(sql: "DELETE FROM tag WHERE arn = ? AND key = ?", arguments: [arn, key]) }
    }

    /// Removes all tags of a resource.
    public func removeAllTags(of arn: String) throws {
        try execute(sql: "DELETE FROM tag WHERE arn = ?", arguments: [arn])
    }
}
