// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Labels of groups, destinations and what else has an ARN here.
enum LogsTags {
    static let rows: [OperationRow] = [
        row("TagLogGroup") { input, call in try put(input["tags"], on: try groupARN(input, call), call) },
        row("UntagLogGroup") { input, call in try remove(input["tags"], from: try groupARN(input, call), call) },
        row("ListTagsLogGroup") { input, call in try list(try groupARN(input, call), call) },
        row("TagResource") { input, call in try put(input["tags"], on: try resourceARN(input, call), call) },
        row("UntagResource") { input, call in try remove(input["tagKeys"], from: try resourceARN(input, call), call) },
        row("ListTagsForResource") { input, call in try list(try resourceARN(input, call), call) },
    ]

    private static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value) -> OperationRow {
        let authorization: Authorization =
            name.hasSuffix("Group") ? LogsResource.authorization(name) : .template("{resourceArn}")
        return OperationRow("logs", name, authorization, value: { try handle($0, $1) })
    }

    private static func groupARN(_ input: Value, _ call: Call) throws -> String {
        let name = input["logGroupName"]?.stringValue ?? ""
        _ = try call.world.store.read { try call.logGroup(name, $0) }
        return LogsResource.groupARN(name, call)
    }

    /// - Throws: `ServiceError` where there is nothing with that ARN.
    private static func resourceARN(_ input: Value, _ call: Call) throws -> String {
        var text = input["resourceArn"]?.stringValue ?? ""
        if text.hasSuffix(":*") { text = String(text.dropLast(2)) }
        let arn = text
        let exists = try call.world.store.read { database in
            if let parsed = ARN(arn), parsed.resource.hasPrefix("log-group:") {
                return try database.logGroup(LogsResource.groupName(ofIdentifier: arn), in: call.scope) != nil
            }
            return try Int.fetchOne(
                database, sql: "SELECT 1 FROM resource WHERE arn = ? AND account = ?", arguments: [arn, call.account]) != nil
        }
        guard exists else { throw LogsError.missing("The specified resource does not exist.") }
        return arn
    }

    static func tags(_ value: Value?) -> [Tag] {
        (value?.objectValue ?? [:]).map { Tag(Key: $0.key, Value: $0.value.stringValue ?? "") }
    }

    private static func put(_ value: Value?, on arn: String, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            try database.setTags(tags(value), of: arn)
            guard try database.tags(of: arn).count <= 50 else {
                throw ServiceError("TooManyTagsException", "A resource can have no more than 50 tags.", status: 400)
            }
        }
        return .emptyObject
    }

    private static func remove(_ value: Value?, from arn: String, _ call: Call) throws -> Value {
        let keys = value?.listValue?.compactMap(\.stringValue) ?? []
        try call.world.store.write { try $0.removeTags(withKeys: keys, of: arn) }
        return .emptyObject
    }

    private static func list(_ arn: String, _ call: Call) throws -> Value {
        let tags = try call.world.store.read { try $0.tags(of: arn) }
        return ["tags": tags.sorted { $0.Key < $1.Key }.reduce(into: .emptyObject) { $0[$1.Key] = .string($1.Value) }]
    }
}
