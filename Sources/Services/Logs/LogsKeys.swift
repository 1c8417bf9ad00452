// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// The keys that groups are said to be encrypted with: kept.
enum LogsKeys {
    static let kind = "logs:group-key"

    static let rows: [OperationRow] = [
        row("AssociateKmsKey") { input, call, database in
            try set(input["kmsKeyId"]?.stringValue ?? "", on: try group(input, call, database), call, database)
        },
        row("DisassociateKmsKey") { input, call, database in
            try remove(from: try group(input, call, database), call, database)
        },
    ]

    private static func row(
        _ name: String, _ change: @escaping @Sendable (Value, Call, Database) throws -> Void
    ) -> OperationRow {
        OperationRow("logs", name, LogsResource.authorization(name), depth: .kept) { input, call in
            try call.world.store.write { try change(input, call, $0) }
            return .emptyObject
        }
    }

    private static func group(_ input: Value, _ call: Call, _ database: Database) throws -> String {
        let name = (input["logGroupName"] ?? input["resourceIdentifier"])?.stringValue ?? ""
        return try call.logGroup(LogsResource.groupName(ofIdentifier: name), database).name
    }

    static func set(_ key: String, on group: String, _ call: Call, _ database: Database) throws {
        try database.putKept(
            KeptRecord(
                kind: kind, name: group, arn: LogsResource.groupARN(group, call), now: call.now,
                document: ["kmsKeyId": .string(key)]),
            in: call.scope)
    }

    static func remove(from group: String, _ call: Call, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM resource WHERE kind = ? AND account = ? AND region = ? AND name = ?",
            arguments: [kind, call.account, call.region, group])
    }
}
