// SPDX-License-Identifier: Apache-2.0

import CommandLine
import OrderedCollections
import ServiceModel
import Wire
import World

/// What has to go so that an account costs nothing any more, in the order in which it must go.
struct CleanupPlan {
    /// One step, which one or several commands do.
    struct Step {
        var thing: Leftover
        /// The commands of the real CLI that do it.
        var commands: [String]
        var action: Action
    }

    enum Action {
        case call(service: String, operation: String, input: Value)
        /// Stops where it runs, waits for that, and deletes.
        case deleteNotebook(isRunning: Bool)
        case removeBucket
    }

    /// How things of a kind go.
    private struct Rule {
        var kind: String
        var service = "sagemaker"
        var operation: String
        var member: String
        /// The statuses in which there is something to do; nil for all but those of things on their way out.
        var statuses: Set<String>?
        /// Further members of the input.
        var more: Value = .emptyObject
    }

    private static let running: Set<String> = ["InProgress", "Starting"]

    /// In order: what would make more things first, then what serves, then what it was made of, then the data.
    private static let rules = [
        Rule(
            kind: "sagemaker:hyper-parameter-tuning-job", operation: "StopHyperParameterTuningJob",
            member: "HyperParameterTuningJobName", statuses: running),
        Rule(kind: "sagemaker:training-job", operation: "StopTrainingJob", member: "TrainingJobName", statuses: running),
        Rule(kind: "sagemaker:transform-job", operation: "StopTransformJob", member: "TransformJobName", statuses: running),
        Rule(kind: "sagemaker:processing-job", operation: "StopProcessingJob", member: "ProcessingJobName", statuses: running),
        Rule(kind: "sagemaker:endpoint", operation: "DeleteEndpoint", member: "EndpointName"),
        Rule(kind: "sagemaker:endpoint-config", operation: "DeleteEndpointConfig", member: "EndpointConfigName"),
        Rule(kind: "sagemaker:model", operation: "DeleteModel", member: "ModelName"),
        Rule(kind: "sagemaker:notebook-instance", operation: "DeleteNotebookInstance", member: "NotebookInstanceName"),
        Rule(
            kind: "sagemaker:notebook-instance-lifecycle-config", operation: "DeleteNotebookInstanceLifecycleConfig",
            member: "NotebookInstanceLifecycleConfigName"),
        Rule(kind: "s3:bucket", service: "s3", operation: "DeleteBucket", member: "Bucket"),
        Rule(
            kind: "ecr:repository", service: "ecr", operation: "DeleteRepository", member: "repositoryName",
            more: ["force": true]),
        Rule(kind: "logs:log-group", service: "logs", operation: "DeleteLogGroup", member: "logGroupName"),
    ]

    var steps: [Step]

    /// - Parameter region: the region for which commands need no option.
    init(account: String, region: String, in database: Store) throws {
        let leftovers = try database.read { try $0.leftovers(of: account, kinds: Self.rules.map(\.kind)) }
        steps = leftovers.compactMap { thing in
            guard let rule = Self.rules.first(where: { $0.kind == thing.kind }) else { return nil }
            if let statuses = rule.statuses, !statuses.contains(thing.status) { return nil }
            if thing.status == "Deleting" { return nil }
            return Self.step(thing, rule, place: thing.region == region ? "" : " --region \(thing.region)")
        }
    }

    /// All commands, in order.
    var commands: [String] { steps.flatMap(\.commands) }

    private static func step(_ thing: Leftover, _ rule: Rule, place: String) -> Step {
        let name = Tokenizer.quoted(thing.name)
        switch thing.kind {
        case "s3:bucket": return Step(thing: thing, commands: bucketCommands(thing, name), action: .removeBucket)
        case "sagemaker:notebook-instance":
            let option = "--notebook-instance-name \(name)\(place)"
            let isRunning = !["Stopped", "Failed"].contains(thing.status)
            let stop = [
                "sagemaker stop-notebook-instance \(option)", "sagemaker wait notebook-instance-stopped \(option)",
            ]
            return Step(
                thing: thing, commands: (isRunning ? stop : []) + ["sagemaker delete-notebook-instance \(option)"],
                action: .deleteNotebook(isRunning: isRunning))
        default:
            var input = rule.more
            input[rule.member] = .string(thing.name)
            let words = [rule.service, commandName(rule.operation), "--" + commandName(rule.member), name]
            let more = rule.more.objectValue.map { $0.keys.map { "--" + commandName($0) } } ?? []
            return Step(
                thing: thing, commands: [(words + more).joined(separator: " ") + place],
                action: .call(service: rule.service, operation: rule.operation, input: input))
        }
    }

    /// Old versions and delete markers keep a bucket from being deleted, and `rb --force` leaves them.
    private static func bucketCommands(_ bucket: Leftover, _ name: String) -> [String] {
        guard !bucket.status.isEmpty else { return ["s3 rb s3://\(bucket.name) --force"] }
        let query = "{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}}"
        return [
            "s3api delete-objects --bucket \(name) --delete "
                + "\"$(aws s3api list-object-versions --bucket \(name) --max-items 1000 --query '\(query)')\"    # every old version",
            "s3 rb s3://\(bucket.name) --force",
        ]
    }
}
