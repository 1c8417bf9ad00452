// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Destinations and resource policies: kept.
enum LogsDestinations {
    private static let destination = "logs:destination"
    private static let policy = "logs:resource-policy"
    private static let definition = "logs:query-definition"
    /// How many resource policies an account may have in a region.
    private static let maximumPolicies = 10

    static let rows: [OperationRow] = destinationRows + policyRows + definitionRows

    private static func row(
        _ name: String, _ template: String = "*", _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("logs", name, .template(template), depth: .kept, value: { try handle($0, $1) })
    }

    private static let destinationRows = [
        row("PutDestination", "destination:{destinationName}") { input, call in
            let name = input["destinationName"]?.stringValue ?? ""
            let arn = call.arn("logs", "destination:\(name)")
            var document = input
            document["tags"] = nil
            document["arn"] = .string(arn)
            let earlier = try call.kept(destination, named: name)?.document
            document["creationTime"] = earlier?["creationTime"] ?? .integer(Int(call.now * 1000))
            document["accessPolicy"] = earlier?["accessPolicy"]
            let record = KeptRecord(kind: destination, name: name, arn: arn, now: call.now, document: document)
            try call.world.store.write { database in
                try database.putKept(record, in: call.scope)
                try database.setTags(LogsTags.tags(input["tags"]), of: arn)
            }
            return ["destination": document]
        },
        row("PutDestinationPolicy", "destination:{destinationName}") { input, call in
            var record = try found(destination, input["destinationName"], "The specified destination does not exist.", call)
            record.document["accessPolicy"] = input["accessPolicy"]
            try call.putKept(record)
            return .emptyObject
        },
        row("DeleteDestination", "destination:{destinationName}") { input, call in
            try call.deleteKept(try found(destination, input["destinationName"], "The specified destination does not exist.", call))
            return .emptyObject
        },
        row("DescribeDestinations") { input, call in
            let prefix = input["DestinationNamePrefix"]?.stringValue ?? ""
            let all = try call.allKept(destination).filter { $0.name.hasPrefix(prefix) }
            return try LogsPage.output(all.map(\.document), input, member: "destinations")
        },
    ]

    private static func found(_ kind: String, _ name: Value?, _ missing: String, _ call: Call) throws -> KeptRecord {
        guard let record = try call.kept(kind, named: name?.stringValue ?? "") else { throw LogsError.missing(missing) }
        return record
    }

    private static let policyRows = [
        row("PutResourcePolicy") { input, call in
            let name = input["policyName"]?.stringValue ?? ""
            let exists = try call.kept(policy, named: name) != nil
            guard try exists || call.allKept(policy).count < maximumPolicies else {
                throw ServiceError("LimitExceededException", "Resource limit exceeded.", status: 400)
            }
            var document = input
            document["lastUpdatedTime"] = .integer(Int(call.now * 1000))
            try call.putKept(
                KeptRecord(
                    kind: policy, name: name, arn: call.arn("logs", "resource-policy:\(name)"), now: call.now, document: document))
            return ["resourcePolicy": document]
        },
        row("DeleteResourcePolicy") { input, call in
            let name = input["policyName"]?.stringValue ?? ""
            let missing = "Policy with name [\(name)] does not exist"
            try call.deleteKept(try found(policy, input["policyName"], missing, call))
            return .emptyObject
        },
        row("DescribeResourcePolicies") { input, call in
            try LogsPage.output(try call.allKept(policy).map(\.document), input, member: "resourcePolicies")
        },
    ]

    private static let definitionRows = [
        row("PutQueryDefinition") { input, call in
            let id = input["queryDefinitionId"]?.stringValue ?? UUID().uuidString.lowercased()
            var document = input
            document["queryDefinitionId"] = .string(id)
            document["lastModified"] = .integer(Int(call.now * 1000))
            try call.putKept(
                KeptRecord(
                    kind: definition, name: id, arn: call.arn("logs", "query-definition:\(id)"), now: call.now, document: document))
            return ["queryDefinitionId": .string(id)]
        },
        row("DeleteQueryDefinition") { input, call in
            try call.deleteKept(
                try found(definition, input["queryDefinitionId"], "The specified query definition does not exist.", call))
            return ["success": true]
        },
        row("DescribeQueryDefinitions") { input, call in
            let prefix = input["queryDefinitionNamePrefix"]?.stringValue ?? ""
            let all = try call.allKept(definition).map(\.document).filter { ($0["name"]?.stringValue ?? "").hasPrefix(prefix) }
            return try LogsPage.output(all, input, member: "queryDefinitions")
        },
    ]
}
