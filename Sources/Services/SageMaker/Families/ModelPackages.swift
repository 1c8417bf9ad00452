// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Model packages: versions in a group, or packages with a name of their own.
enum ModelPackageRules {
    private static let kind = "sagemaker:model-package"
    private static let policyKind = "sagemaker:model-package-group-policy"

    /// Lists and names are those of any other family; creation and changes are not.
    private static let family = ResourceFamily(
        "ModelPackage", type: "model-package", status: "ModelPackageStatus",
        states: .init(initial: "Pending", next: ["Pending": "Completed"], seconds: 5))

    static let rows: [OperationRow] = [
        row("CreateModelPackage", "*") { try create($0, $1) },
        row("DescribeModelPackage", "model-package/{ModelPackageName}") { input, call in
            try call.world.store.read { facts(try record(input["ModelPackageName"], call, $0)) }
        },
        row("ListModelPackages", "*") { try list($0, $1) },
        row("UpdateModelPackage", "{ModelPackageArn}") { try update($0, $1) },
        row("DeleteModelPackage", "model-package/{ModelPackageName}") { input, call in
            try call.world.store.write { database in
                try database.deleteKept(try record(input["ModelPackageName"], call, database), in: call.scope)
                return .emptyObject
            }
        },
        row("BatchDescribeModelPackage", "*") { try describeBatch($0, $1) },
        row("PutModelPackageGroupPolicy", groupTemplate) { input, call in
            let group = try group(input, call)
            let record = KeptRecord(
                kind: policyKind, name: group.name, arn: group.arn, now: call.now,
                document: ["ResourcePolicy": input["ResourcePolicy"] ?? ""])
            try call.world.store.write { try $0.putKept(record, in: call.scope) }
            return ["ModelPackageGroupArn": .string(group.arn)]
        },
        row("GetModelPackageGroupPolicy", groupTemplate) { try policy($0, $1).document },
        row("DeleteModelPackageGroupPolicy", groupTemplate) { input, call in
            let found = try policy(input, call)
            try call.world.store.write {
                try $0.execute(
                    sql: "DELETE FROM resource WHERE kind = ? AND arn = ?", arguments: [found.kind, found.arn])
            }
            return .emptyObject
        },
    ]

    private static let groupTemplate = "model-package-group/{ModelPackageGroupName}"

    private static func row(
        _ name: String, _ template: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("sagemaker", name, .template(template), depth: .kept, value: { try handle($0, $1) })
    }

    // MARK: Groups

    private static func group(_ input: Value, _ call: Call) throws -> KeptRecord {
        try call.world.store.read { try ResourceFamilies.named("ModelPackageGroup").record(input, call, $0) }
    }

    private static func policy(_ input: Value, _ call: Call) throws -> KeptRecord {
        let group = try group(input, call)
        guard let found = try call.world.store.read({ try $0.keptRecord(policyKind, named: group.name, in: call.scope) }) else {
            throw SageMakerError.validation("Cannot find Model Package Group Policy for: \(group.arn)")
        }
        return found
    }

    static func checkDelete(group: KeptRecord, _ call: Call, _ database: Database) throws {
        guard try versions(of: group.name, call, database).isEmpty else {
            throw ServiceError(
                "ConflictException", "Model Package Group \(group.name) is not empty: delete its model packages first.", status: 400
            )
        }
    }

    private static func versions(of group: String, _ call: Call, _ database: Database) throws -> [KeptRecord] {
        try database.keptRecords(kind, in: call.scope).filter { $0.document["ModelPackageGroupName"]?.stringValue == group }
    }

    // MARK: Packages

    /// Everything that is known of all packages.
    static func all(_ call: Call, _ database: Database) throws -> [Value] {
        try database.keptRecords(kind, in: call.scope).map(facts)
    }

    private static func facts(_ record: KeptRecord) -> Value {
        var facts = family.facts(record)
        facts["ModelPackageName"] = .string(record.document["ModelPackageName"]?.stringValue ?? record.name)
        facts["ModelPackageStatusDetails"] = ["ValidationStatuses": [], "ImageScanStatuses": []]
        return facts
    }

    /// - Parameter identifier: the name of a package without group, or the ARN of any.
    private static func record(_ identifier: Value?, _ call: Call, _ database: Database) throws -> KeptRecord {
        let text = identifier?.stringValue ?? ""
        if let record = try database.keptRecord(kind, named: text, in: call.scope) { return record }
        if let record = try database.keptRecord(kind, arn: text), Scope(ofARN: text) == call.scope { return record }
        let arn = ARN(text) == nil ? call.familyARN("model-package", text) : text
        throw SageMakerError.validation("ModelPackage \(arn) does not exist.")
    }

    private static func create(_ input: Value, _ call: Call) throws -> Value {
        var document = input
        document["Tags"] = nil
        document["CreatedBy"] = call.userContext
        let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
        try call.checkTags(tags)
        let given = document
        return try call.world.store.write { database in
            var document = given
            let name: String
            if let group = input["ModelPackageGroupName"]?.stringValue.map(ResourceFamily.nameOfARN) {
                guard input["ModelPackageName"] == nil else {
                    throw SageMakerError.validation(
                        "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to use."
                    )
                }
                guard try database.keptRecord("sagemaker:model-package-group", named: group, in: call.scope) != nil else {
                    throw SageMakerError.validation("Model Package Group does not exist.")
                }
                let last = try versions(of: group, call, database).compactMap { $0.document["ModelPackageVersion"]?.integerValue }
                    .max()
                let version = (last ?? 0) + 1
                document["ModelPackageGroupName"] = .string(group)
                document["ModelPackageVersion"] = .integer(version)
                document["ModelApprovalStatus"] = input["ModelApprovalStatus"] ?? "PendingManualApproval"
                name = "\(group)/\(version)"
            } else if let given = input["ModelPackageName"]?.stringValue {
                name = given
            } else {
                throw SageMakerError.validation("Either ModelPackageName or ModelPackageGroupName must be given.")
            }
            let record = KeptRecord(
                kind: kind, name: name, arn: call.familyARN("model-package", name), status: "Completed", now: call.now,
                document: document)
            guard try database.insertKept(record, in: call.scope) else {
                throw SageMakerError.validation("Model package \(name) already exists (\(record.arn)).")
            }
            try database.setTags(tags, of: record.arn)
            return ["ModelPackageArn": .string(record.arn)]
        }
    }

    private static func update(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            var record = try record(input["ModelPackageArn"], call, database)
            for (member, value) in input.objectValue ?? [:] where member != "ModelPackageArn" {
                switch member {
                case "CustomerMetadataPropertiesToRemove":
                    var properties = record.document["CustomerMetadataProperties"]?.objectValue ?? [:]
                    for key in value.listValue?.compactMap(\.stringValue) ?? [] { properties[key] = nil }
                    record.document["CustomerMetadataProperties"] = .object(properties)
                case "AdditionalInferenceSpecificationsToAdd":
                    let present = record.document["AdditionalInferenceSpecifications"]?.listValue ?? []
                    record.document["AdditionalInferenceSpecifications"] = .list(present + (value.listValue ?? []))
                case "CustomerMetadataProperties":
                    let present = record.document[member]?.objectValue ?? [:]
                    record.document[member] = .object(present.merging(value.objectValue ?? [:]) { _, new in new })
                default: record.document[member] = value
                }
            }
            record.document["LastModifiedBy"] = call.userContext
            record.lastModifiedTime = call.now
            try database.updateKept(record, in: call.scope)
            return ["ModelPackageArn": .string(record.arn)]
        }
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        var filters = input
        filters["ModelPackageGroupName"] = nil
        filters["ModelPackageType"] = nil
        let group = input["ModelPackageGroupName"]?.stringValue.map(ResourceFamily.nameOfARN)
        let type = input["ModelPackageType"]?.stringValue ?? (group == nil ? "Unversioned" : "Versioned")
        return try family.list(filters, call) { record, _ in
            let own = record.document["ModelPackageGroupName"]?.stringValue
            guard group.map({ $0 == own }) ?? true else { return false }
            return type == "Both" || (own == nil) == (type == "Unversioned")
        }
    }

    private static func describeBatch(_ input: Value, _ call: Call) throws -> Value {
        var summaries: Value = .emptyObject
        var errors: Value = .emptyObject
        for arn in input["ModelPackageArnList"]?.listValue?.compactMap(\.stringValue) ?? [] {
            do {
                summaries[arn] = try call.world.store.read { facts(try record(.string(arn), call, $0)) }
            } catch let error as ServiceError {
                errors[arn] = ["ErrorCode": .string(error.code), "ErrorResponse": .string(error.message)]
            }
        }
        return ["ModelPackageSummaries": summaries, "BatchDescribeModelPackageErrorMap": errors]
    }
}
