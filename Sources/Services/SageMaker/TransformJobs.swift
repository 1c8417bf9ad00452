// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Batch transform jobs: each has a host of its own that loads the model and asks it.
enum TransformJobs {
    /// What is shown and listed is the table's; jobs are made and stopped here, and moved on by their hosts.
    static let family = ResourceFamily(
        "TransformJob", type: "transform-job", status: "TransformJobStatus", states: .init(initial: "InProgress"),
        title: "Transform job", exceptions: ["CreateTransformJob", "StopTransformJob"])

    static let rows: [OperationRow] =
        (ResourceFamilies.model.map { family.rows(of: $0, depth: .real) } ?? []) + [
            OperationRow("sagemaker", "CreateTransformJob", template, value: { try create($0, $1) }),
            OperationRow("sagemaker", "StopTransformJob", template, value: { try stop($0, $1) }),
        ]

    private static let template = Authorization.template("transform-job/{TransformJobName}")

    private static func create(_ input: Value, _ call: Call) throws -> Value {
        let name = input["TransformJobName"]?.stringValue ?? ""
        let arn = call.familyARN("transform-job", name)
        let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
        try call.authorizeTags(tags, on: arn)
        let modelName = input["ModelName"]?.stringValue ?? ""
        let found = try call.world.store.read { try $0.resource(ModelRecord.self, named: modelName, in: call.scope) }
        guard let model = found, let container = model.primaryContainer else {
            throw SageMakerError.missing("model", arn: call.sageMakerARN("model", modelName))
        }
        for (place, uri) in [
            ("TransformInput", input["TransformInput"]?["DataSource"]?["S3DataSource"]?["S3Uri"]?.stringValue),
            ("TransformOutput", input["TransformOutput"]?["S3OutputPath"]?.stringValue),
        ] {
            guard let uri, Call.s3Location(uri) != nil else {
                throw SageMakerError.validation("\(place) has no s3:// URI: \(uri ?? "none").")
            }
        }
        var document = input
        document["Tags"] = nil
        // The model may be changed or deleted while the job runs.
        document["Container"] = try ValueEncoder().encode(container)
        document["ExecutionRoleArn"] = model.request.executionRoleArn.map(Value.string)
        let record = KeptRecord(
            kind: family.kind, name: name, arn: arn, status: "InProgress", now: call.now, dueTime: call.now, document: document)
        try call.world.store.write { database in
            try checkQuota(input, call, database)
            guard try database.insertKept(record, in: call.scope) else {
                throw ServiceError(
                    "ResourceInUse",
                    "Job name must be unique within an AWS account and region, and a job with this name already exists (\(arn))",
                    status: 400)
            }
            try database.setTags(tags, of: arn)
        }
        do {
            _ = try call.dispatcher.environment.launcher.launch(
                .transform, ownerARN: arn, name: "algo-1", in: call.world, now: call.now)
        } catch let error as WorldError {
            try end(record, "Failed", reason: "InternalServerError: \(error)", in: call.scope, call)
        }
        return ["TransformJobArn": .string(arn)]
    }

    private static func checkQuota(_ input: Value, _ call: Call, _ database: Database) throws {
        let type = input["TransformResources"]?["InstanceType"]?.stringValue ?? ""
        let count = input["TransformResources"]?["InstanceCount"]?.integerValue ?? 1
        let present = try database.keptRecords(family.kind, in: call.scope).filter { $0.status == "InProgress" }.map { job in
            let resources = job.document["TransformResources"]
            return (type: resources?["InstanceType"]?.stringValue, count: resources?["InstanceCount"]?.integerValue ?? 1)
        }
        let used = present.filter { $0.type == type }.reduce(0) { $0 + $1.count }
        try Quota.instances(of: type, for: "transform job usage")?.check(used: used, requested: count, in: call.scope, database)
        try Quota.named("Number of instances across all transform jobs")?
            .check(used: present.reduce(0) { $0 + $1.count }, requested: count, in: call.scope, database)
    }

    private static func stop(_ input: Value, _ call: Call) throws -> Value {
        let hosts = try call.world.store.write { database -> [HostProcess] in
            var record = try family.record(input, call, database)
            guard record.status == "InProgress" else {
                throw SageMakerError.validation(
                    "The request was rejected because the transform job is in status \(record.status).")
            }
            record.status = "Stopping"
            record.lastModifiedTime = call.now
            try database.updateKept(record, in: call.scope)
            return try HostProcess.all(of: record.arn, in: database)
        }
        for host in hosts { host.terminate() }
        return .emptyObject
    }

    // MARK: Settling

    /// How long a host may take from its job's commit to its own row, in seconds outside.
    private static let launchSeconds = 10.0

    /// A job whose host has ended without a word is over.
    static func settle(_ scope: Scope, _ job: KeptRecord, _ call: Call) throws {
        let hosts = try call.world.store.read { try HostProcess.all(of: job.arn, in: $0) }
        if hosts.isEmpty, call.clock.outsideSeconds(call.now - job.creationTime) < launchSeconds { return }
        if !hosts.isEmpty, hosts.allSatisfy(\.isAlive) { return }
        let reason = hosts.first { !$0.isAlive }.map(HostDeath.reason) ?? "InternalServerError: The job's host was never started."
        try end(job, job.status == "Stopping" ? "Stopped" : "Failed", reason: reason, in: scope, call)
    }

    private static func end(_ job: KeptRecord, _ status: String, reason: String, in scope: Scope, _ call: Call) throws {
        try call.world.store.write { database in
            guard var record = try database.keptRecord(job.kind, named: job.name, in: scope),
                ["InProgress", "Stopping"].contains(record.status)
            else { return }
            record.status = status
            record.dueTime = nil
            record.lastModifiedTime = call.now
            record.document["TransformEndTime"] = .timestamp(call.now)
            if status == "Failed" { record.document["FailureReason"] = .string(reason) }
            try database.updateKept(record, in: scope)
        }
    }
}
