// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Pipelines' definitions and executions.
///
/// Executions are kept with their parameters and steps; nothing runs for their steps.
enum Pipelines {
    private static let executionKind = "sagemaker:pipeline-execution"

    private static var family: ResourceFamily { ResourceFamilies.named("Pipeline") }

    /// Executions are listed and changed as other families are; their names are `<pipeline>/execution/<id>`.
    static let executions = ResourceFamily(
        "PipelineExecution", type: "pipeline-execution", keys: ["PipelineExecutionArn"], status: "PipelineExecutionStatus",
        states: .init(
            initial: "Executing", stopping: "Stopping", starting: "Executing",
            next: ["Executing": "Failed", "Stopping": "Stopped"], seconds: 60,
            failureReason: "InternalServerError: Pipelines are kept, but nothing runs for their steps here."),
        title: "PipelineExecution", listsAscending: false)

    static let rows: [OperationRow] = [
        row("CreatePipeline", pipelineTemplate) { input, call in
            try family.create(try await withDefinition(input, isRequired: true, call), call)
        },
        row("UpdatePipeline", pipelineTemplate) { input, call in
            try family.update(try await withDefinition(input, isRequired: false, call), call)
        },
        row("StartPipelineExecution", pipelineTemplate) { try start($0, $1) },
        row("DescribePipelineExecution", executionTemplate) { try facts(try execution($0, $1)) },
        row("DescribePipelineDefinitionForExecution", executionTemplate) { try facts(try execution($0, $1)) },
        row("ListPipelineExecutions", pipelineTemplate) { try list($0, $1) },
        row("ListPipelineParametersForExecution", executionTemplate) { input, call in
            let parameters = try execution(input, call).document["PipelineParameters"]?.listValue ?? []
            return try page(parameters, input, member: "PipelineParameters")
        },
        row("ListPipelineExecutionSteps", executionTemplate) { input, call in
            try page(steps(of: try execution(input, call)), input, member: "PipelineExecutionSteps")
        },
        row("UpdatePipelineExecution", executionTemplate) { try executions.update($0, $1) },
        row("StopPipelineExecution", executionTemplate) { try executions.stop($0, $1) },
        row("RetryPipelineExecution", executionTemplate) { try executions.start($0, $1) },
    ]

    private static let pipelineTemplate = "pipeline/{PipelineName}"
    private static let executionTemplate = "{PipelineExecutionArn}"

    private static func row(
        _ name: String, _ template: String, _ handle: @escaping @Sendable (Value, Call) async throws -> Value
    ) -> OperationRow {
        OperationRow("sagemaker", name, .template(template), depth: .kept, value: handle)
    }

    // MARK: Definitions

    /// The input with the definition in it, wherever it was.
    private static func withDefinition(_ input: Value, isRequired: Bool, _ call: Call) async throws -> Value {
        var document = input
        document["ClientRequestToken"] = nil
        document["PipelineDefinitionS3Location"] = nil
        let location = input["PipelineDefinitionS3Location"]
        switch (input["PipelineDefinition"], location) {
        case (nil, nil) where !isRequired: return document
        case (_?, nil): break
        case (nil, let location?):
            let request = ServiceRequest(
                service: "s3", operation: "GetObject",
                input: ["Bucket": location["Bucket"] ?? "", "Key": location["ObjectKey"] ?? ""], credentials: nil,
                region: call.region)
            let response = try await call.dispatcher.send(request, as: call.principal)
            document["PipelineDefinition"] = .string(String(decoding: try await response.body?.collect() ?? [], as: UTF8.self))
        default:
            throw SageMakerError.validation(
                "Only one value of PipelineDefinition or PipelineDefinitionS3Location must be given.")
        }
        return document
    }

    // MARK: Executions

    private static func start(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            var pipeline = try family.record(input, call, database)
            let name = "\(pipeline.name)/execution/\(ResourceID.random(12))"
            var document = input
            document["PipelineArn"] = .string(pipeline.arn)
            document["PipelineName"] = .string(pipeline.name)
            document["PipelineDefinition"] = pipeline.document["PipelineDefinition"]
            document["PipelineExecutionDisplayName"] =
                input["PipelineExecutionDisplayName"] ?? .string("execution-\(Int(call.now * 1000))")
            document["PipelineExperimentConfig"] = [
                "ExperimentName": .string(pipeline.name), "TrialName": .string(ResourceFamily.nameOfARN(name)),
            ]
            document["CreatedBy"] = call.userContext
            document["LastModifiedBy"] = call.userContext
            let record = KeptRecord(
                kind: executionKind, name: name, arn: pipeline.arn + name.dropFirst(pipeline.name.count),
                status: executions.states.initial, now: call.now, dueTime: executions.due(after: executions.states.initial, call),
                document: document)
            _ = try database.insertKept(record, in: call.scope)
            pipeline.document["LastRunTime"] = .timestamp(call.now)
            pipeline.document["LastExecutionTime"] = .timestamp(call.now)
            try database.updateKept(pipeline, in: call.scope)
            return ["PipelineExecutionArn": .string(record.arn)]
        }
    }

    private static func execution(_ input: Value, _ call: Call) throws -> KeptRecord {
        let arn = input["PipelineExecutionArn"]?.stringValue ?? ""
        let found = try call.world.store.read { try $0.keptRecord(executionKind, arn: arn) }
        guard let found, Scope(ofARN: arn) == call.scope else {
            throw ServiceError("ResourceNotFound", "Pipeline execution '\(arn)' does not exist.", status: 400)
        }
        return found
    }

    private static func facts(_ record: KeptRecord) throws -> Value {
        var facts = executions.facts(record)
        facts["StartTime"] = .timestamp(record.creationTime)
        facts["PipelineExecutionFailureReason"] = record.document["FailureReason"]
        return facts
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        let pipeline = try call.world.store.read { try family.record(input, call, $0) }
        var filters = input
        filters["PipelineName"] = .string(pipeline.name)
        let output = try executions.list(filters, call)
        let summaries = try (output["PipelineExecutionSummaries"]?.listValue ?? []).map { summary in
            try facts(try execution(summary, call))
        }
        var result = output
        result["PipelineExecutionSummaries"] = .list(summaries)
        return result
    }

    /// The steps that an execution's definition names.
    private static func steps(of execution: KeptRecord) -> [Value] {
        let text = execution.document["PipelineDefinition"]?.stringValue ?? ""
        let definition = try? JSON.parse(Array(text.utf8))
        let status = execution.status == "Executing" ? "Starting" : execution.status
        return (definition?["Steps"]?.listValue ?? []).compactMap { step in
            guard let name = step["Name"] else { return nil }
            var entry: Value = [
                "StepName": name, "StartTime": .timestamp(execution.creationTime), "StepStatus": .string(status), "AttemptCount": 1,
            ]
            entry["StepDisplayName"] = step["DisplayName"]
            entry["StepDescription"] = step["Description"]
            entry["FailureReason"] = execution.document["FailureReason"]
            return entry
        }
    }

    private static func page(_ elements: [Value], _ input: Value, member: String) throws -> Value {
        let page = try ListPage(
            of: elements, token: input["NextToken"]?.stringValue, limit: input["MaxResults"]?.integerValue ?? 10, list: member,
            invalid: SageMakerError.validation("Invalid pagination token."))
        var output: Value = .emptyObject
        output[member] = .list(page.elements)
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }
}
