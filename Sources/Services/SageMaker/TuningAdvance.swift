// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

extension TuningJobs {
    /// Starts the next training jobs of a tuning job where some may run, and ends it where it is done.
    ///
    /// - Returns: whether there will be more to do.
    static func advance(_ arn: String, _ dispatcher: Dispatcher) async throws -> Bool {
        let scope = Scope(ofARN: arn)
        let world = dispatcher.world
        // Looking at the jobs moves on those whose hosts have died.
        try await dispatcher.settleTraining(in: scope)
        guard let job = try world.store.read({ try $0.keptRecord(family.kind, arn: arn) }),
            ["InProgress", "Stopping"].contains(job.status)
        else { return false }
        let plan = try TuningPlan(job.document)
        let jobs = try world.store.read { try trainingJobs(job, $0) }
        let running = jobs.filter { !$0.jobStatus.isFinal }
        if job.status == "Stopping" || hasReachedTarget(plan, jobs) {
            for training in running where !training.isStopRequested { try stop(training, world) }
            guard running.isEmpty else { return true }
            try end(job, job.status == "Stopping" ? "Stopped" : "Completed", nil, world)
            return false
        }
        let started = job.document["TrainingJobs"]?.listValue?.count ?? 0
        if started >= plan.maximumJobs {
            guard running.isEmpty else { return true }
            let hasResult = plan.best(among: jobs) != nil
            try end(
                job, hasResult ? "Completed" : "Failed",
                hasResult ? nil : "ClientError: None of the training jobs gave the objective metric \(plan.metricName).", world)
            return false
        }
        var free = min(plan.maximumParallelJobs - running.count, plan.maximumJobs - started)
        var index = started
        while free > 0 {
            guard try await launch(index, of: job, plan, seen: jobs, dispatcher) else { return false }
            index += 1
            free -= 1
        }
        return true
    }

    private static func hasReachedTarget(_ plan: TuningPlan, _ jobs: [TrainingJobRecord]) -> Bool {
        guard let target = plan.target, let best = plan.best(among: jobs), let value = plan.objective(of: best) else {
            return false
        }
        return plan.isMaximized ? value >= target : value <= target
    }

    private static func stop(_ training: TrainingJobRecord, _ world: World) throws {
        let hosts = try world.store.write { database -> [HostProcess] in
            guard var record = try database.resource(TrainingJobRecord.self, arn: training.arn), !record.jobStatus.isFinal else {
                return []
            }
            try record.requestStop(at: try database.clock().now())
            try database.updateResource(record, in: record.scope)
            return try HostProcess.all(of: record.arn, in: database)
        }
        for host in hosts { host.terminate() }
    }

    private static func end(_ job: KeptRecord, _ status: String, _ reason: String?, _ world: World) throws {
        let now = try world.store.read { try $0.clock().now() }
        try change(job.arn, world) { record in
            record.status = status
            record.dueTime = nil
            record.document["HyperParameterTuningEndTime"] = .timestamp(now)
            record.document["FailureReason"] = reason.map(Value.string)
        }
    }

    /// Starts one training job.
    ///
    /// - Returns: false where the tuning job has failed for it.
    private static func launch(
        _ index: Int, of job: KeptRecord, _ plan: TuningPlan, seen jobs: [TrainingJobRecord], _ dispatcher: Dispatcher
    ) async throws -> Bool {
        let entries = job.document["TrainingJobs"]?.listValue ?? []
        let losses = entries.compactMap { entry -> (places: [Double], loss: Double)? in
            guard let training = jobs.first(where: { $0.name == entry["Name"]?.stringValue }),
                let value = plan.objective(of: training),
                let places = entry["Places"]?.listValue?.compactMap(\.doubleValue), training.jobStatus.isFinal
            else { return nil }
            return (places, plan.isMaximized ? -value : value)
        }
        let places = plan.places(ofJob: index, seen: losses)
        let number = String(1000 + index + 1).dropFirst()
        let name = "\(job.name.prefix(32))-\(number)-\(ResourceID.random(8))"
        let request = trainingRequest(named: name, values: plan.values(at: places), job)
        // The job is noted first: one that was started and not noted would never be counted.
        try change(job.arn, dispatcher.world) { record in
            let entry: Value = ["Name": .string(name), "Places": .list(places.map(Value.double))]
            record.document["TrainingJobs"] = .list((record.document["TrainingJobs"]?.listValue ?? []) + [entry])
        }
        do {
            _ = try await dispatcher.send(request, as: try caller(of: job))
            return true
        } catch let error as ServiceError {
            try end(job, "Failed", "ClientError: \(error.code): \(error.message)", dispatcher.world)
            return false
        }
    }

    /// The service itself, in the job's account: what the caller may was checked when the job was made.
    private static func caller(of job: KeptRecord) throws -> Principal {
        let account = Scope(ofARN: job.arn).account
        return Principal(kind: .root, account: account, arn: "arn:aws:iam::\(account):root", userID: account)
    }

    private static func trainingRequest(named name: String, values: [String: String], _ job: KeptRecord) -> ServiceRequest {
        let definition = job.document["TrainingJobDefinition"] ?? .emptyObject
        var input = definition.picking(
            "AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "VpcConfig",
            "StoppingCondition", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining",
            "CheckpointConfig", "Environment", "RetryStrategy")
        if let resources = TuningPlan.resources(of: definition) { input["ResourceConfig"] = resources }
        input["TrainingJobName"] = .string(name)
        let fixed = definition["StaticHyperParameters"]?.objectValue ?? [:]
        let tuned = values.mapValues(Value.string)
        input["HyperParameters"] = .object(
            OrderedDictionary(
                uniqueKeysWithValues: fixed.merging(tuned) { _, tuned in tuned }.sorted { $0.key < $1.key }.map {
                    ($0.key, $0.value)
                }))
        return ServiceRequest(
            service: "sagemaker", operation: "CreateTrainingJob", input: input, credentials: nil,
            region: Scope(ofARN: job.arn).region)
    }
}

extension Dispatcher {
    /// Moves a job on that other jobs do the work of.
    ///
    /// - Returns: whether there will be more to do.
    public func advance(jobWithARN arn: String) async throws -> Bool {
        try await TuningJobs.advance(arn, self)
    }

    /// Ends the training jobs whose hosts have died, as a request of anybody's would.
    func settleTraining(in scope: Scope) async throws {
        let principal = Principal(
            kind: .root, account: scope.account, arn: "arn:aws:iam::\(scope.account):root", userID: scope.account)
        _ = try await send(
            ServiceRequest(
                service: "sagemaker", operation: "ListTrainingJobs", input: ["MaxResults": 1], credentials: nil,
                region: scope.region),
            as: principal)
    }
}
