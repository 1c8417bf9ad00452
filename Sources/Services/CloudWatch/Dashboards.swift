// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Dashboards, insight rules and anomaly detectors: kept.
///
/// Dashboards belong to the account, not to a region.
enum Dashboards {
    private static let kind = "cloudwatch:dashboard"

    static let rows: [OperationRow] = [
        row("PutDashboard") { try put($0, $1) },
        row("GetDashboard") { input, call in
            let name = input["DashboardName"]?.stringValue ?? ""
            guard let found = try find(name, call) else { throw missing([name]) }
            var output = found.document
            output["DashboardArn"] = .string(found.arn)
            return output
        },
        row("ListDashboards", "*") { try list($0, $1) },
        row("DeleteDashboards", "*") { input, call in
            let names = input["DashboardNames"]?.listValue?.compactMap(\.stringValue) ?? []
            guard !names.isEmpty else { throw CloudWatchError.invalidValue("The parameter DashboardNames must not be empty.") }
            try call.world.store.write { database in
                let found = try names.map { ($0, try database.keptRecord(kind, named: $0, in: call.globalScope)) }
                let absent = found.filter { $0.1 == nil }.map(\.0)
                // All of them, or none.
                guard absent.isEmpty else { throw missing(absent) }
                for case (_, let record?) in found { try database.deleteKept(record, in: call.globalScope) }
            }
            return .emptyObject
        },
    ]

    private static func row(
        _ name: String, _ template: String = "arn:aws:cloudwatch::{account}:dashboard/{DashboardName}",
        _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("cloudwatch", name, .template(template), depth: .kept, value: { try handle($0, $1) })
    }

    private static func missing(_ names: [String]) -> ServiceError {
        ServiceError("ResourceNotFound", "Dashboard \(names.joined(separator: ", ")) does not exist", status: 404)
    }

    private static func find(_ name: String, _ call: Call) throws -> KeptRecord? {
        try call.world.store.read { try $0.keptRecord(kind, named: name, in: call.globalScope) }
    }

    private static func put(_ input: Value, _ call: Call) throws -> Value {
        let body = input["DashboardBody"]?.stringValue ?? ""
        guard let parsed = try? JSON.parse(Array(body.utf8)), parsed.objectValue != nil else {
            throw ServiceError(
                "InvalidParameterInput", "The field DashboardBody must be a valid JSON object", status: 400,
                details: [
                    .init(
                        "dashboardValidationMessages",
                        [["DataPath": "/", "Message": "The field DashboardBody must be a valid JSON object"]])
                ])
        }
        let name = input["DashboardName"]?.stringValue ?? ""
        let record = KeptRecord(
            kind: kind, name: name, arn: "arn:aws:cloudwatch::\(call.account):dashboard/\(name)", now: call.now,
            document: input.picking("DashboardName", "DashboardBody"))
        try call.world.store.write { try $0.putKept(record, in: call.globalScope) }
        return ["DashboardValidationMessages": []]
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        let prefix = input["DashboardNamePrefix"]?.stringValue ?? ""
        let all = try call.world.store.read { try $0.keptRecords(kind, in: call.globalScope) }
        let entries = all.filter { $0.name.hasPrefix(prefix) }.map { record -> Value in
            [
                "DashboardName": .string(record.name), "DashboardArn": .string(record.arn),
                "LastModified": .timestamp(record.lastModifiedTime),
                "Size": .integer(record.document["DashboardBody"]?.stringValue?.utf8.count ?? 0),
            ]
        }
        let page = try ListPage(
            of: entries, token: input["NextToken"]?.stringValue, limit: 1000, list: "dashboards",
            invalid: CloudWatchError.invalidValue("Request parameter NextToken is invalid"))
        var output: Value = ["DashboardEntries": .list(page.elements)]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }
}

/// Contributor Insights rules: kept.
enum InsightRules {
    static let kind = "cloudwatch:insight-rule"

    static let rows: [OperationRow] = [
        row("PutInsightRule") { try put($0, $1) },
        row("DescribeInsightRules") { input, call in
            let page = try ListPage(
                of: try call.allKept(kind).map(\.document), token: input["NextToken"]?.stringValue,
                limit: input["MaxResults"]?.integerValue ?? 500, list: "insight-rules",
                invalid: ServiceError("InvalidNextToken", "The next token specified is invalid.", status: 400))
            var output: Value = ["InsightRules": .list(page.elements)]
            output["NextToken"] = page.nextToken.map(Value.string)
            return output
        },
        row("DeleteInsightRules") { input, call in try change(input, call) { try $1.deleteKept($0, in: call.scope) } },
        row("EnableInsightRules") { try setState("ENABLED", $0, $1) },
        row("DisableInsightRules") { try setState("DISABLED", $0, $1) },
    ]

    private static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value) -> OperationRow {
        OperationRow("cloudwatch", name, .template("insight-rule/{RuleName}"), depth: .kept, value: { try handle($0, $1) })
    }

    private static func put(_ input: Value, _ call: Call) throws -> Value {
        let definition = input["RuleDefinition"]?.stringValue ?? ""
        guard let rule = try? JSON.parse(Array(definition.utf8)), let schema = rule["Schema"] else {
            throw CloudWatchError.invalidValue("The value of parameter RuleDefinition is not a rule in JSON with a Schema.")
        }
        let name = input["RuleName"]?.stringValue ?? ""
        let arn = call.arn("cloudwatch", "insight-rule/\(name)")
        let title = schema["Name"]?.stringValue ?? schema.stringValue ?? "CloudWatchLogRule"
        let version = schema["Version"]?.integerValue ?? 1
        let document: Value = [
            "Name": .string(name), "State": input["RuleState"] ?? "ENABLED",
            "Schema": .string("{\"Name\" : \"\(title)\", \"Version\" : \(version)}"), "Definition": .string(definition),
            "ManagedRule": false,
        ]
        let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
        let record = KeptRecord(kind: kind, name: name, arn: arn, now: call.now, document: document)
        try call.world.store.write { database in
            let isNew = try database.keptRecord(kind, named: name, in: call.scope) == nil
            try database.putKept(record, in: call.scope)
            if isNew { try database.setTags(tags, of: arn) }
        }
        return .emptyObject
    }

    private static func setState(_ state: String, _ input: Value, _ call: Call) throws -> Value {
        try change(input, call) { record, database in
            var record = record
            record.document["State"] = .string(state)
            try database.updateKept(record, in: call.scope)
        }
    }

    private static func change(
        _ input: Value, _ call: Call, _ body: @Sendable (KeptRecord, Database) throws -> Void
    ) throws -> Value {
        try call.world.store.write { database in
            var failures: [Value] = []
            for name in input["RuleNames"]?.listValue?.compactMap(\.stringValue) ?? [] {
                if let record = try database.keptRecord(kind, named: name, in: call.scope) {
                    try body(record, database)
                } else {
                    failures.append([
                        "FailureResource": .string(name), "ExceptionType": "ResourceNotFoundException", "FailureCode": "404",
                        "FailureDescription": "The insight rule does not exist.",
                    ])
                }
            }
            return ["Failures": .list(failures)]
        }
    }
}

/// Labels of alarms and insight rules.
enum CloudWatchTags {
    static let rows: [OperationRow] = [
        row("ListTagsForResource") { input, call in
            let arn = input["ResourceARN"]?.stringValue ?? ""
            let tags = try call.world.store.read { try $0.tags(of: arn) }
            return ["Tags": .list(tags.map { ["Key": .string($0.Key), "Value": .string($0.Value)] })]
        },
        row("TagResource") { input, call in
            let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
            return try change(input, call) { try $0.setTags(tags, of: $1) }
        },
        row("UntagResource") { input, call in
            let keys = input["TagKeys"]?.listValue?.compactMap(\.stringValue) ?? []
            return try change(input, call) { try $0.removeTags(withKeys: keys, of: $1) }
        },
    ]

    private static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value) -> OperationRow {
        OperationRow("cloudwatch", name, .template("{ResourceARN}"), value: { try handle($0, $1) })
    }

    private static func change(_ input: Value, _ call: Call, _ body: @Sendable (Database, String) throws -> Void) throws -> Value {
        let arn = input["ResourceARN"]?.stringValue ?? ""
        try call.world.store.write { database in
            let exists = try [Alarms.metricKind, Alarms.compositeKind, InsightRules.kind].contains {
                try database.keptRecord($0, arn: arn) != nil
            }
            guard exists, Scope(ofARN: arn).account == call.account else {
                throw ServiceError("ResourceNotFoundException", "Unknown", status: 404)
            }
            try body(database, arn)
        }
        return .emptyObject
    }
}
