// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Machines that cost money by the hour in the real service: those of an endpoint's variant, a training job, a notebook instance.
public struct RunningMachines: Sendable, Hashable {
    /// What they belong to.
    public enum Purpose: String, Sendable, CaseIterable {
        case endpoint
        case trainingJob = "training job"
        case notebook
    }

    /// What they belong to.
    public var purpose: Purpose
    /// The endpoint's, job's or instance's name.
    public var name: String
    /// The variant of an endpoint; nil for others.
    public var variant: String?
    /// The region's code.
    public var region: String
    /// `ml.m4.xlarge`; nil where the machines are on demand and cost by the request.
    public var instanceType: String?
    /// How many there are.
    public var count: Int
    /// World time since when.
    public var startTime: Double

    /// What all of them cost in an hour; nil where no table knows.
    public var hourlyPrice: Price? {
        guard let instanceType, let price = Price.hour(of: instanceType, in: region) else { return nil }
        return Price(price.dollars * Double(count), isEstimated: price.isEstimated)
    }
}

extension Database {
    /// The machines of an account that run now, in all regions: endpoints first, then jobs, then notebook instances.
    ///
    /// Reads only what may be running, however many jobs have ended.
    public func runningMachines(of account: String) throws -> [RunningMachines] {
        let endpoints: [EndpointRecord] = try records(of: account, condition: "status <> 'Failed' AND status <> 'Deleting'")
        // A job that is over has nothing due, and only what is due is in that index.
        let jobs: [TrainingJobRecord] = try records(of: account, index: "INDEXED BY resource_due", condition: "due_at IS NOT NULL")
        let notebooks: [NotebookInstanceRecord] = try records(
            of: account, condition: "status IN ('Pending', 'InService', 'Updating')")
        return endpoints.flatMap(machines) + jobs.map(machines) + notebooks.map(machines)
    }

    private func records<Record: ResourceRecord>(of account: String, index: String = "", condition: String) throws -> [Record] {
        try String.fetchAll(
            self,
            sql: "SELECT document FROM resource \(index) WHERE kind = ? AND account = ? AND \(condition) ORDER BY region, name",
            arguments: [Record.kind, account]
        ).map { try decodeRecord($0) }
    }

    private func machines(_ endpoint: EndpointRecord) -> [RunningMachines] {
        endpoint.variants.map { variant in
            RunningMachines(
                purpose: .endpoint, name: endpoint.name, variant: variant.name, region: endpoint.scope.region,
                instanceType: variant.configuration.instanceType,
                count: max(variant.currentInstanceCount, endpoint.isMoving ? variant.desiredInstanceCount : 0),
                startTime: endpoint.creationTime)
        }
    }

    private func machines(_ job: TrainingJobRecord) -> RunningMachines {
        RunningMachines(
            purpose: .trainingJob, name: job.name, region: job.scope.region,
            instanceType: job.request.resourceConfig?.instanceType, count: job.request.resourceConfig?.instanceCount ?? 1,
            startTime: job.creationTime)
    }

    private func machines(_ notebook: NotebookInstanceRecord) -> RunningMachines {
        RunningMachines(
            purpose: .notebook, name: notebook.name, region: notebook.scope.region, instanceType: notebook.request.instanceType,
            count: 1, startTime: notebook.lastModifiedTime)
    }
}
