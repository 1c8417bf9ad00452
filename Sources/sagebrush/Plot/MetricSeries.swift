// SPDX-License-Identifier: Apache-2.0

import Foundation
import World

/// Finds the metrics of a session's account and region, and their values.
struct MetricSource {
    static let trainingNamespace = "/aws/sagemaker/TrainingJobs"
    static let endpointNamespaces = ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]

    let store: Store
    let scope: Scope

    init(_ session: Session) {
        store = session.world.store
        scope = Scope(account: session.account, region: session.region)
    }

    /// The training jobs, the newest first.
    func jobs(limit: Int = 100) throws -> [TrainingJobRecord] {
        var query = ResourceQuery()
        query.sortKey = .creationTime
        query.isAscending = false
        query.limit = limit
        let wanted = query
        return try store.read { try $0.resources(TrainingJobRecord.self, in: scope, matching: wanted).records }
    }

    /// - Throws: `UsageError` where there is no such job, naming those that there are.
    func job(named name: String?) throws -> TrainingJobRecord {
        let jobs = try jobs()
        guard let name else {
            guard let newest = jobs.first else { throw UsageError("There is no training job in \(scope.region).") }
            return newest
        }
        if let job = try store.read({ try $0.resource(TrainingJobRecord.self, named: name, in: scope) }) { return job }
        let others = jobs.prefix(10).map(\.name).joined(separator: ", ")
        throw UsageError("There is no training job \"\(name)\" in \(scope.region)\(others.isEmpty ? "" : ": there are \(others)").")
    }

    /// The metrics of a training job, in the order of their names.
    func metrics(ofJob name: String) throws -> [MetricIdentity] {
        try metrics(Self.trainingNamespace, "TrainingJobName", name)
    }

    /// The metrics of an endpoint: `Invocations`, `ModelLatency`; one for each variant.
    func metrics(ofEndpoint name: String) throws -> [MetricIdentity] {
        try Self.endpointNamespaces.flatMap { try metrics($0, "EndpointName", name) }
    }

    /// The names of the endpoints that have metrics, by when they were heard of last.
    func endpoints() throws -> [String] {
        let found = try store.read { database in
            try Self.endpointNamespaces.flatMap { try database.metrics(namespace: $0, name: nil, since: nil, in: scope) }
        }
        let names = found.compactMap { metric in metric.dimensions.first { $0.name == "EndpointName" }?.value }
        return Set(names).sorted()
    }

    /// Every metric that is neither of a job nor of an endpoint.
    func otherMetrics(named name: String) throws -> [MetricIdentity] {
        try store.read { try $0.metrics(namespace: nil, name: name, since: nil, in: scope) }
    }

    /// The values in the order in which they came.
    func samples(_ metric: MetricIdentity) throws -> [MetricSample] {
        try store.read { try $0.metricSamples(metric, in: scope) }
    }

    private func metrics(_ namespace: String, _ dimension: String, _ value: String) throws -> [MetricIdentity] {
        try store.read { try $0.metrics(namespace: namespace, name: nil, since: nil, in: scope) }
            .filter { $0.dimensions.contains(MetricIdentity.Dimension(name: dimension, value: value)) }
    }
}
