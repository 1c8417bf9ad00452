// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Says at the prompt when something that takes time has come to an end: a job is over, an endpoint or a notebook instance is there.
struct JobNotices: Sendable {
    /// A kind of thing that takes time.
    private struct Kind: Sendable {
        var noun: String
        var list: String
        var items: String
        var describe: String
        var name: String
        var status: String
    }

    private static let kinds = [
        Kind(
            noun: "training job", list: "ListTrainingJobs", items: "TrainingJobSummaries", describe: "DescribeTrainingJob",
            name: "TrainingJobName", status: "TrainingJobStatus"),
        Kind(
            noun: "tuning job", list: "ListHyperParameterTuningJobs", items: "HyperParameterTuningJobSummaries",
            describe: "DescribeHyperParameterTuningJob", name: "HyperParameterTuningJobName",
            status: "HyperParameterTuningJobStatus"),
        Kind(
            noun: "transform job", list: "ListTransformJobs", items: "TransformJobSummaries", describe: "DescribeTransformJob",
            name: "TransformJobName", status: "TransformJobStatus"),
        Kind(
            noun: "processing job", list: "ListProcessingJobs", items: "ProcessingJobSummaries", describe: "DescribeProcessingJob",
            name: "ProcessingJobName", status: "ProcessingJobStatus"),
        Kind(
            noun: "endpoint", list: "ListEndpoints", items: "Endpoints", describe: "DescribeEndpoint", name: "EndpointName",
            status: "EndpointStatus"),
        Kind(
            noun: "notebook instance", list: "ListNotebookInstances", items: "NotebookInstances",
            describe: "DescribeNotebookInstance",
            name: "NotebookInstanceName", status: "NotebookInstanceStatus"),
    ]

    let client: any ServiceClient
    let credentials: Credentials?
    let region: String
    /// Another text once the world has changed.
    let changeMark: @Sendable () -> String
    let post: @Sendable (String) -> Void

    /// Since when what happens is news, in seconds of the world's clock.
    let since: Double

    /// How a thing is.
    private struct State {
        var status: String
        /// In seconds of the world's clock.
        var creationTime: Double
    }

    /// Looks until the task is cancelled: when the world has changed, and from time to time while something is under way, because a
    /// process that was killed changes nothing by itself.
    func watch() async {
        var known: [String: State]?
        var mark = ""
        var quietRounds = 0
        while !Task.isCancelled {
            // First of all the prompt is there.
            try? await Task.sleep(for: .milliseconds(250))
            let now = changeMark()
            let isUnderWay = known?.values.contains { !JobNotices.isSettled($0.status) } ?? false
            if now != mark || (isUnderWay && quietRounds >= 4) {
                mark = now
                quietRounds = 0
                let found = await look()
                await report(found, known ?? found.filter { $0.value.creationTime < since })
                known = found
            } else {
                quietRounds += 1
            }
        }
    }

    private static func isSettled(_ status: String) -> Bool {
        !["InProgress", "Stopping", "Creating", "Updating", "Deleting", "Pending", "RollingBack", "SystemUpdating"].contains(status)
    }

    /// The states of the newest things of each kind.
    private func look() async -> [String: State] {
        var found: [String: State] = [:]
        for kind in JobNotices.kinds {
            let input: Value = ["MaxResults": 50, "SortBy": "CreationTime", "SortOrder": "Descending"]
            guard let items = await send(kind.list, input)?[kind.items]?.listValue else { continue }
            for item in items {
                guard let name = item[kind.name]?.stringValue, let status = item[kind.status]?.stringValue else { continue }
                var creationTime = 0.0
                if case .timestamp(let time) = item["CreationTime"] { creationTime = time }
                found["\(kind.noun) \(name)"] = State(status: status, creationTime: creationTime)
            }
        }
        return found
    }

    private func report(_ found: [String: State], _ known: [String: State]) async {
        for (thing, state) in found.sorted(by: { $0.key < $1.key }) where JobNotices.isSettled(state.status) {
            // What was over before and is still over is no news; what has come and gone between two looks is.
            if let before = known[thing], JobNotices.isSettled(before.status) { continue }
            let status = state.status
            let reason = status == "Failed" ? await failureReason(of: thing) : nil
            post("\(thing) is \(status)" + (reason.map { ": \($0)" } ?? "."))
        }
    }

    private func failureReason(of thing: String) async -> String? {
        guard let kind = JobNotices.kinds.first(where: { thing.hasPrefix($0.noun + " ") }) else { return nil }
        let name = String(thing.dropFirst(kind.noun.count + 1))
        return await send(kind.describe, [kind.name: .string(name)])?["FailureReason"]?.stringValue
    }

    private func send(_ operation: String, _ input: Value) async -> Value? {
        // Whoever may not list them gets no notices.
        try? await client.send(
            ServiceRequest(service: "sagemaker", operation: operation, input: input, credentials: credentials, region: region)
        ).output
    }
}
