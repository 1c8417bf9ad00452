// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Which artifacts, actions and contexts came of which others.
enum Lineage {
    private static let kind = "sagemaker:association"

    static let rows: [OperationRow] = [
        row("AddAssociation", "{SourceArn}") { input, call in
            let (name, source, destination) = key(input)
            guard source != destination else {
                throw SageMakerError.validation("A resource can't be associated with itself: \(source)")
            }
            var document = input
            document["AssociationType"] = input["AssociationType"] ?? "ContributedTo"
            document["CreatedBy"] = call.userContext
            let record = KeptRecord(kind: kind, name: name, arn: "\(source)|\(destination)", now: call.now, document: document)
            try call.world.store.write { database in
                for arn in [source, destination] { try TaggableResource.require(arn, call, database) }
                guard try database.insertKept(record, in: call.scope) else {
                    throw SageMakerError.validation("The association from \(source) to \(destination) already exists.")
                }
            }
            return ["SourceArn": .string(source), "DestinationArn": .string(destination)]
        },
        row("DeleteAssociation", "{SourceArn}") { input, call in
            let (name, source, destination) = key(input)
            guard let record = try call.kept(kind, named: name) else {
                throw ServiceError(
                    "ResourceNotFound", "The association from \(source) to \(destination) does not exist.", status: 400)
            }
            try call.deleteKept(record)
            return ["SourceArn": .string(source), "DestinationArn": .string(destination)]
        },
        row("ListAssociations", "*") { try list($0, $1) },
    ]

    private static func row(
        _ name: String, _ template: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("sagemaker", name, .template(template), depth: .kept, value: { try handle($0, $1) })
    }

    private static func key(_ input: Value) -> (name: String, source: String, destination: String) {
        let source = input["SourceArn"]?.stringValue ?? ""
        let destination = input["DestinationArn"]?.stringValue ?? ""
        return ("\(source)|\(destination)", source, destination)
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        let after = input["CreatedAfter"]?.doubleValue ?? -.infinity
        let before = input["CreatedBefore"]?.doubleValue ?? .infinity
        var records = try call.allKept(kind).filter { record in
            ["SourceArn", "DestinationArn", "AssociationType"].allSatisfy { input[$0] == nil || record.document[$0] == input[$0] }
                && record.creationTime >= after && record.creationTime <= before
        }
        let isAscending = input["SortOrder"]?.stringValue == "Ascending"
        records.sort { isAscending ? $0.creationTime < $1.creationTime : $0.creationTime > $1.creationTime }
        let page = try ListPage(
            of: records, token: input["NextToken"]?.stringValue, limit: input["MaxResults"]?.integerValue ?? 10,
            list: "associations",
            invalid: SageMakerError.validation("Invalid pagination token."))
        let chosen = page.elements
        let summaries = try call.world.store.read { database in
            try chosen.map { try summary($0, call, database) }
        }
        var output: Value = ["AssociationSummaries": .list(summaries)]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }

    private static func summary(_ record: KeptRecord, _ call: Call, _ database: Database) throws -> Value {
        var summary = record.document
        summary["CreationTime"] = .timestamp(record.creationTime)
        for end in ["Source", "Destination"] {
            let arn = record.document[end + "Arn"]?.stringValue ?? ""
            let type = ARN(arn)?.resourceType ?? ""
            let found = try database.keptRecord("sagemaker:\(type)", arn: arn)?.document
            summary[end + "Type"] =
                ["ArtifactType", "ActionType", "ContextType"].lazy.compactMap { found?[$0] }.first ?? .string(type)
            summary[end + "Name"] =
                ["ArtifactName", "ActionName", "ContextName", "TrialComponentName"].lazy
                .compactMap { found?[$0] }.first ?? .string(ResourceFamily.nameOfARN(arn))
        }
        return summary
    }
}
