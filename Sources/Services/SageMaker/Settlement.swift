// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import World

/// Moves SageMaker's resources on before each request: those that only waited for time to pass, and those whose process has ended.
enum Settlement {
    static func run(_ call: Call) async throws {
        let now = call.now
        let due = try call.world.store.read { database in
            (
                jobs: try database.dueResources(TrainingJobRecord.self, at: now).map(\.1),
                endpoints: try database.dueResources(EndpointRecord.self, at: now).map(\.1),
                notebooks: try database.dueResources(NotebookInstanceRecord.self, at: now).map(\.1),
                kept: try database.dueKept(kinds: ResourceFamilies.changingKinds, at: now),
                work: try database.dueKept(kinds: [TransformJobs.family.kind, TuningJobs.family.kind], at: now)
            )
        }
        for job in due.jobs { try settle(job, call) }
        for endpoint in due.endpoints { try await call.deployment.settle(endpoint) }
        for notebook in due.notebooks { try await call.notebookHosts.settle(notebook) }
        for (scope, record) in due.kept { try ResourceFamilies.settle(scope, record, call) }
        for (scope, record) in due.work {
            if record.kind == TuningJobs.family.kind {
                try TuningJobs.settle(record, call)
            } else {
                try TransformJobs.settle(scope, record, call)
            }
        }
    }

    // MARK: Training jobs

    /// How long a host may take from its job's commit to its own row, in seconds outside.
    private static let launchSeconds = 10.0

    private static func settle(_ job: TrainingJobRecord, _ call: Call) throws {
        let hosts = try call.world.store.read { try HostProcess.all(of: job.arn, in: $0) }
        if hosts.isEmpty, call.clock.outsideSeconds(call.now - job.creationTime) < launchSeconds { return }
        if !hosts.isEmpty, hosts.allSatisfy(\.isAlive) { return }
        try call.world.store.write { database in
            // A host lets go of its lease after its last word: what the record says now is final.
            guard var record = try database.resource(TrainingJobRecord.self, arn: job.arn), !record.jobStatus.isFinal else {
                return
            }
            if record.isStopRequested {
                try record.stop(at: call.now)
            } else {
                try record.fail(reason: try reason(hosts, database), at: call.now)
            }
            try database.updateResource(record, in: record.scope)
        }
        for host in hosts { host.terminate() }
    }

    private static func reason(_ hosts: [HostProcess], _ database: Database) throws -> String {
        guard let dead = hosts.first(where: { !$0.isAlive }) else {
            return "InternalServerError: The job's host was never started: the process that created the job ended too early."
        }
        if case .failed(let reason) = try HostProcess.find(dead.id, in: database)?.state { return reason }
        return HostDeath.reason(dead)
    }
}
