// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Model cards keep all their versions.
enum ModelCards {
    private static var family: ResourceFamily { ResourceFamilies.named("ModelCard") }

    /// Earlier versions, named `<card>/<version>`.
    private static let versions = ResourceFamily(
        "ModelCardVersion", type: "model-card-version", keys: ["ModelCardName"], arnMember: "ModelCardArn")

    static let rows: [OperationRow] = [
        OperationRow("sagemaker", "UpdateModelCard", template, depth: .kept, value: { try update($0, $1) }),
        OperationRow("sagemaker", "DescribeModelCard", template, depth: .kept, value: { try describe($0, $1) }),
        OperationRow("sagemaker", "ListModelCardVersions", template, depth: .kept, value: { try list($0, $1) }),
    ]

    private static let template = Authorization.template("model-card/{ModelCardName}")

    private static func version(_ record: KeptRecord) -> Int { record.document["ModelCardVersion"]?.integerValue ?? 1 }

    private static func update(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            var card = try family.record(input, call, database)
            // Only a change of the content makes a version.
            if input["Content"] != nil {
                var earlier = card
                earlier.kind = versions.kind
                earlier.name = "\(card.name)/\(version(card))"
                earlier.arn = "\(card.arn)/\(version(card))"
                _ = try database.insertKept(earlier, in: call.scope)
                card.document["ModelCardVersion"] = .integer(version(card) + 1)
            }
            for member in ["Content", "ModelCardStatus"] where input[member] != nil { card.document[member] = input[member] }
            card.document["LastModifiedBy"] = call.userContext
            card.lastModifiedTime = call.now
            try database.updateKept(card, in: call.scope)
            return ["ModelCardArn": .string(card.arn)]
        }
    }

    private static func describe(_ input: Value, _ call: Call) throws -> Value {
        let card = try call.world.store.read { try family.record(input, call, $0) }
        guard let wanted = input["ModelCardVersion"]?.integerValue, wanted != version(card) else { return family.facts(card) }
        let name = "\(card.name)/\(wanted)"
        guard let earlier = try call.world.store.read({ try $0.keptRecord(versions.kind, named: name, in: call.scope) }) else {
            throw ServiceError(
                "ResourceNotFound", "Modelcard with name \(card.name) and version: \(wanted) does not exist", status: 400)
        }
        return facts(earlier, of: card)
    }

    private static func facts(_ record: KeptRecord, of card: KeptRecord) -> Value {
        var facts = versions.facts(record)
        facts["ModelCardArn"] = .string(card.arn)
        return facts
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        let card = try call.world.store.read { try family.record(input, call, $0) }
        let earlier = try call.world.store.read { try $0.keptRecords(versions.kind, in: call.scope) }
            .filter { $0.name.hasPrefix(card.name + "/") }
        let status = input["ModelCardStatus"]?.stringValue
        let after = input["CreationTimeAfter"]?.doubleValue ?? -.infinity
        let before = input["CreationTimeBefore"]?.doubleValue ?? .infinity
        var chosen = (earlier + [card]).filter { record in
            (status.map { $0 == record.document["ModelCardStatus"]?.stringValue } ?? true)
                && record.creationTime >= after && record.creationTime <= before
        }
        let isAscending = input["SortOrder"]?.stringValue != "Descending"
        chosen.sort { isAscending ? version($0) < version($1) : version($0) > version($1) }
        let page = try ListPage(
            of: chosen.map { facts($0, of: card) }, token: input["NextToken"]?.stringValue,
            limit: input["MaxResults"]?.integerValue ?? 10, list: "model-card-versions",
            invalid: SageMakerError.validation("Invalid pagination token."))
        var output: Value = ["ModelCardVersionSummaryList": .list(page.elements)]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }
}
