// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire

/// Where changes are looked at and taken back: a client, on whose behalf, in which region, and the bodies that were kept.
struct UndoScene: Sendable {
    let client: any ServiceClient
    let credentials: Credentials?
    let region: String
    let bodies: KeptBodies

    /// Sends `SERVICE OPERATION`.
    func send(_ name: String, _ input: Value, body: Body? = nil) async throws -> ServiceResponse {
        let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
        return try await client.send(
            ServiceRequest(
                service: parts[0], operation: parts.count > 1 ? parts[1] : "", input: input, body: body, credentials: credentials,
                region: region))
    }

    /// What an operation that looks at something answers; nil where there is no such thing.
    func look(_ name: String, _ input: Value) async throws -> Value? {
        do {
            return try await send(name, input).output
        } catch let error as ServiceError where UndoScene.meansAbsent(error) {
            return nil
        }
    }

    static func meansAbsent(_ error: ServiceError) -> Bool {
        error.code.hasPrefix("NoSuch") || error.code.contains("NotFound") || error.status == 404 || error.code == "404"
            || error.message.contains("Could not find") || error.message.contains("RecordNotFound")
    }

    /// The elements of a list in an answer, none where there is no such thing.
    func list(_ name: String, _ input: Value, _ member: String) async throws -> [Value] {
        try await look(name, input)?[member]?.listValue ?? []
    }
}

/// Why a change is not taken back.
struct UndoRefusal: Error, Equatable {
    var reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// One call that takes something back.
struct UndoStep: Sendable {
    /// `iam DeleteRole`.
    var name: String
    var input: Value
    /// The name of a kept body to send.
    var body: String?
    /// What it does, for people.
    var text: String
    /// After the call, looks until this is so.
    var wait: Wait?

    /// A state to wait for.
    struct Wait: Sendable {
        var name: String
        var input: Value
        var member: String
        var value: String
    }
}

/// How one operation is taken back: one row of the table.
struct UndoRule: Sendable {
    /// `iam CreateRole`.
    var name: String
    /// Looks at what is there before the call.
    var before: @Sendable (_ scene: UndoScene, _ input: Value) async throws -> Value? = { _, _ in nil }
    /// Looks at what is there after it.
    var after: @Sendable (_ scene: UndoScene, _ input: Value, _ output: Value) async throws -> Value? = { _, _, _ in nil }
    /// Whether the call has changed anything, given what was there before and after.
    var hasChanged: @Sendable (_ before: Value?, _ after: Value?) -> Bool = { _, _ in true }
    /// The calls that take it back.
    ///
    /// Throws `UndoRefusal` where others have built on it, or it has been changed since.
    var plan: @Sendable (_ scene: UndoScene, _ entry: UndoEntry) async throws -> [UndoStep]
    /// What an earlier change left, where taking a later one back has made it anew; nil where the two have nothing to do with each other.
    var renewal: @Sendable (_ scene: UndoScene, _ undone: UndoEntry, _ earlier: UndoEntry) async throws -> Value? = { _, _, _ in nil
    }
}

extension Value {
    /// The members of those names.
    func picking(_ names: [String]) -> Value {
        var picked = Value.emptyObject
        for name in names { picked[name] = self[name] }
        return picked
    }

    /// These members, and those of another object.
    func merging(_ other: Value) -> Value {
        var merged = self
        for (name, member) in other.objectValue ?? [:] { merged[name] = member }
        return merged
    }

    /// Whether two values are the same but for the order of members: the journal keeps JSON, which has none, and no timestamps.
    static func isSame(_ left: Value?, _ right: Value?) -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(left ?? .null)) == (try? encoder.encode(right ?? .null))
    }

    /// Names and values of members that are texts, for people: `RoleName lab`.
    var shownNames: String { (objectValue ?? [:]).values.compactMap(\.stringValue).joined(separator: " ") }
}
