// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Hyperparameter tuning jobs: real training jobs, one set of hyperparameters each, chosen by the job's strategy.
///
/// A process of its own moves a job on (`advance`), so that it goes on while nobody looks.
enum TuningJobs {
    static let family = ResourceFamily(
        "HyperParameterTuningJob", type: "hyper-parameter-tuning-job", status: "HyperParameterTuningJobStatus",
        states: .init(initial: "InProgress"), title: "Hyper parameter tuning job",
        exceptions: [
            "CreateHyperParameterTuningJob", "StopHyperParameterTuningJob", "DescribeHyperParameterTuningJob",
            "ListHyperParameterTuningJobs",
        ])

    static let rows: [OperationRow] =
        (ResourceFamilies.model.map { family.rows(of: $0, depth: .real) } ?? []) + [
            row("CreateHyperParameterTuningJob") { try await create($0, $1) },
            row("StopHyperParameterTuningJob") { try stop($0, $1) },
            row("DescribeHyperParameterTuningJob") { input, call in
                try call.world.store.read { try facts(try family.record(input, call, $0), $0) }
            },
            row("ListTrainingJobsForHyperParameterTuningJob") { try listJobs($0, $1) },
            OperationRow("sagemaker", "ListHyperParameterTuningJobs", .template("*"), value: { try list($0, $1) }),
        ]

    private static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) async throws -> Value) -> OperationRow {
        OperationRow(
            "sagemaker", name, .template("hyper-parameter-tuning-job/{HyperParameterTuningJobName}"), value: handle)
    }

    // MARK: Making

    private static func create(_ input: Value, _ call: Call) async throws -> Value {
        let name = input["HyperParameterTuningJobName"]?.stringValue ?? ""
        let arn = call.familyARN("hyper-parameter-tuning-job", name)
        let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
        try call.authorizeTags(tags, on: arn)
        guard let definition = input["TrainingJobDefinition"] else {
            throw SageMakerError.validation(
                input["TrainingJobDefinitions"] == nil
                    ? "A TrainingJobDefinition is required."
                    : "Several TrainingJobDefinitions in one job are not simulated: give one TrainingJobDefinition.")
        }
        if input["WarmStartConfig"] != nil {
            throw SageMakerError.validation("WarmStartConfig is not simulated: start without it.")
        }
        if let role = definition["RoleArn"]?.stringValue { try call.authorizePassing(role: role) }
        let plan = try TuningPlan(input)
        try plan.check(
            with: await call.program(
                ofImage: definition["AlgorithmSpecification"]?["TrainingImage"]?.stringValue ?? "",
                role: definition["RoleArn"]?.stringValue ?? "",
                runsScript: definition["StaticHyperParameters"]?["sagemaker_program"] != nil
            ).algorithm)
        var document = input
        document["Tags"] = nil
        document["Caller"] = .string(call.principal.arn)
        let record = KeptRecord(
            kind: family.kind, name: name, arn: arn, status: "InProgress", now: call.now, dueTime: call.now, document: document)
        try call.world.store.write { database in
            guard try database.insertKept(record, in: call.scope) else {
                throw ServiceError(
                    "ResourceInUse",
                    "Tuning job names must be unique within an AWS account and region, and a tuning job with this name already exists "
                        + "(\(arn))", status: 400)
            }
            try database.setTags(tags, of: arn)
        }
        try start(record, call)
        return ["HyperParameterTuningJobArn": .string(arn)]
    }

    /// Starts the process that moves the job on.
    static func start(_ job: KeptRecord, _ call: Call) throws {
        do {
            _ = try call.dispatcher.environment.launcher.launch(
                .tuning, ownerARN: job.arn, name: "tuner", in: call.world, now: call.now)
        } catch let error as WorldError {
            try change(job.arn, call.world) { record in
                record.status = "Failed"
                record.dueTime = nil
                record.document["FailureReason"] = .string("InternalServerError: \(error)")
            }
        }
    }

    static func change(_ arn: String, _ world: World, _ body: @Sendable (inout KeptRecord) throws -> Void) throws {
        try world.store.write { database in
            guard var record = try database.keptRecord(family.kind, arn: arn) else { return }
            try body(&record)
            record.lastModifiedTime = try database.clock().now()
            try database.updateKept(record, in: Scope(ofARN: arn))
        }
    }

    private static func stop(_ input: Value, _ call: Call) throws -> Value {
        let record = try call.world.store.read { try family.record(input, call, $0) }
        guard record.status == "InProgress" else {
            throw SageMakerError.validation("The request was rejected because the tuning job is in status \(record.status).")
        }
        try change(record.arn, call.world) { $0.status = "Stopping" }
        return .emptyObject
    }

    /// A process that has ended before its job is started again.
    static func settle(_ job: KeptRecord, _ call: Call) throws {
        let hosts = try call.world.store.read { try HostProcess.all(of: job.arn, in: $0) }
        guard !hosts.contains(where: \.isAlive), hosts.count < 5 else { return }
        if hosts.isEmpty, call.clock.outsideSeconds(call.now - job.creationTime) < 10 { return }
        try start(job, call)
    }

    // MARK: Showing

    /// The jobs that a tuning job has started, in order.
    static func trainingJobs(_ job: KeptRecord, _ database: Database) throws -> [TrainingJobRecord] {
        let scope = Scope(ofARN: job.arn)
        return try (job.document["TrainingJobs"]?.listValue ?? []).compactMap { entry in
            try database.resource(TrainingJobRecord.self, named: entry["Name"]?.stringValue ?? "", in: scope)
        }
    }

    private static func facts(_ record: KeptRecord, _ database: Database) throws -> Value {
        var facts = family.facts(record)
        let jobs = try trainingJobs(record, database)
        let plan = try TuningPlan(record.document)
        let count = { (status: TrainingJobRecord.Status) in Value.integer(jobs.filter { $0.jobStatus == status }.count) }
        let running = jobs.filter { !$0.jobStatus.isFinal }.count
        facts["TrainingJobStatusCounters"] = [
            "Completed": count(.completed), "InProgress": .integer(running), "RetryableError": 0,
            "NonRetryableError": count(.failed),
            "Stopped": count(.stopped),
        ]
        let valued = jobs.filter { plan.objective(of: $0) != nil }
        facts["ObjectiveStatusCounters"] = [
            "Succeeded": .integer(valued.filter(\.jobStatus.isFinal).count), "Pending": .integer(running),
            "Failed": .integer(jobs.filter { $0.jobStatus.isFinal && plan.objective(of: $0) == nil }.count),
        ]
        if let best = plan.best(among: jobs) { facts["BestTrainingJob"] = summary(best, plan, record) }
        facts["Strategy"] = record.document["HyperParameterTuningJobConfig"]?["Strategy"]
        facts["ResourceLimits"] = record.document["HyperParameterTuningJobConfig"]?["ResourceLimits"]
        return facts
    }

    private static func summary(_ job: TrainingJobRecord, _ plan: TuningPlan, _ tuning: KeptRecord) -> Value {
        let tuned = plan.parameters.compactMap { parameter in
            job.request.hyperParameters?[parameter.name].map { (parameter.name, Value.string($0)) }
        }
        var summary: Value = [
            "TrainingJobName": .string(job.name), "TrainingJobArn": .string(job.arn), "CreationTime": .timestamp(job.creationTime),
            "TrainingJobStatus": .string(job.status), "TuningJobName": .string(tuning.name),
            "TunedHyperParameters": .object(OrderedDictionary(tuned, uniquingKeysWith: { first, _ in first })),
        ]
        summary["TrainingJobDefinitionName"] = tuning.document["TrainingJobDefinition"]?["DefinitionName"]
        summary["TrainingStartTime"] = job.trainingStartTime.map(Value.timestamp)
        summary["TrainingEndTime"] = job.trainingEndTime.map(Value.timestamp)
        summary["FailureReason"] = job.failureReason.map(Value.string)
        if let value = plan.objective(of: job), job.jobStatus.isFinal {
            summary["FinalHyperParameterTuningJobObjectiveMetric"] = [
                "Type": .string(plan.isMaximized ? "Maximize" : "Minimize"), "MetricName": .string(plan.metricName),
                "Value": .double(value),
            ]
        }
        summary["ObjectiveStatus"] =
            !job.jobStatus.isFinal ? "Pending" : plan.objective(of: job) == nil ? "Failed" : "Succeeded"
        return summary
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        var output = try family.list(input, call)
        let names = output["HyperParameterTuningJobSummaries"]?.listValue ?? []
        output["HyperParameterTuningJobSummaries"] = .list(
            try call.world.store.read { database in
                try names.map { try facts(try family.record($0, call, database), database) }
            })
        return output
    }

    private static func listJobs(_ input: Value, _ call: Call) throws -> Value {
        let summaries = try call.world.store.read { database -> [Value] in
            let record = try family.record(input, call, database)
            let plan = try TuningPlan(record.document)
            var jobs = try trainingJobs(record, database)
            if let status = input["StatusEquals"]?.stringValue { jobs = jobs.filter { $0.status == status } }
            let isAscending = input["SortOrder"]?.stringValue != "Descending"
            jobs.sort { left, right in
                let (first, second) = isAscending ? (left, right) : (right, left)
                switch input["SortBy"]?.stringValue {
                case "FinalObjectiveMetricValue":
                    return (plan.objective(of: first) ?? .infinity) < (plan.objective(of: second) ?? .infinity)
                case "CreationTime": return first.creationTime < second.creationTime
                case "Status": return (first.status, first.name) < (second.status, second.name)
                default: return first.name < second.name
                }
            }
            return jobs.map { summary($0, plan, record) }
        }
        let page = try ListPage(
            of: summaries, token: input["NextToken"]?.stringValue, limit: input["MaxResults"]?.integerValue ?? 10, list: "tuned",
            invalid: SageMakerError.validation("Invalid pagination token."))
        var output: Value = ["TrainingJobSummaries": .list(page.elements)]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }
}
