// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Wire
import World

extension Call {
    /// The hosts of the world's notebook instances.
    var notebookHosts: NotebookHosts {
        NotebookHosts(world: world, launcher: dispatcher.environment.launcher, clock: clock, now: now)
    }
}

/// Brings notebook instances to the status that they wait for, each with a process of its own while it is started.
struct NotebookHosts {
    var world: World
    var launcher: HostLauncher
    var clock: Clock
    var now: Double

    /// How long a host may take from its instance's commit to its own row, in seconds outside.
    private static let launchSeconds = 10.0
    /// How long a caller waits for a host that was started again for him, in seconds outside.
    private static let restartSeconds = 60.0

    /// Starts the instance's host where none lives.
    ///
    /// - Throws: `WorldError.cannotLaunch`.
    func start(_ arn: String) throws {
        // Any number of processes may do this at once: one host is started once.
        guard let lease = Lease.acquire(path: leasePath(arn)) else { return }
        defer { lease.release() }
        let hosts = try world.store.read { try HostProcess.all(of: arn, in: $0) }
        if hosts.contains(where: \.isAlive) { return }
        for host in hosts { host.killStrays() }
        try world.store.write { database in
            for host in hosts { try host.remove(in: database) }
        }
        _ = try launcher.launch(.notebook, ownerARN: arn, name: "notebook", in: world, now: now)
    }

    /// The same; as in the real service, a machine that can't be had fails the instance, not the request.
    func startOrFail(_ arn: String) throws {
        do {
            try start(arn)
        } catch let error as WorldError {
            try world.store.write { database in
                guard var record = try database.resource(NotebookInstanceRecord.self, arn: arn) else { return }
                record.fail("InternalServerError: \(error)", at: now)
                try database.updateResource(record, in: record.scope)
            }
        }
    }

    /// Ends the instance's processes at once, and forgets them.
    func end(of arn: String) async throws {
        let hosts = try world.store.read { try HostProcess.all(of: arn, in: $0) }
        for host in hosts { try await host.end(graceSeconds: 0) }
        try world.store.write { database in
            for host in hosts { try host.remove(in: database) }
        }
    }

    /// The instance's host, which is started again where it is gone, as the machine's own supervisor would.
    ///
    /// - Throws: `ServiceError` where it does not come up.
    func readyHost(of arn: String) async throws -> HostProcess {
        try start(arn)
        let deadline = ContinuousClock.now + .seconds(Self.restartSeconds)
        while true {
            let host = try world.store.read { try HostProcess.all(of: arn, in: $0) }.last
            switch host?.state {
            case .failed(let reason): throw ServiceError("InternalFailure", reason, status: 500)
            case .ready: if let host, host.isAlive { return host }
            case .starting, nil: break
            }
            guard host?.isAlive != false, ContinuousClock.now < deadline else {
                let reason = host.map(HostDeath.reason) ?? "InternalServerError: The instance's host was not started."
                throw ServiceError("InternalFailure", reason, status: 500)
            }
            try await world.store.waitForChange(atMost: 0.1)
        }
    }

    /// Looks at an instance whose status ends by itself, and moves it on.
    func settle(_ notebook: NotebookInstanceRecord) async throws {
        let hosts = try world.store.read { try HostProcess.all(of: notebook.arn, in: $0) }
        switch notebook.notebookStatus {
        case .pending: try settlePending(notebook, hosts.last)
        case .stopping:
            // A host takes a moment to end what runs in it.
            guard !hosts.contains(where: \.isAlive) else {
                for host in hosts { host.terminate() }
                return
            }
            try await end(of: notebook.arn)
            try change(notebook) { $0.notebookStatus = .stopped }
        case .updating: try change(notebook) { $0.notebookStatus = .stopped }
        case .deleting:
            try await end(of: notebook.arn)
            let isRemoved = try world.store.write { database -> Bool in
                guard let record = try database.resource(NotebookInstanceRecord.self, arn: notebook.arn), record == notebook else {
                    return false
                }
                return try database.deleteResource(record, in: record.scope)
            }
            guard isRemoved else { return }
            try? FileManager.default.removeItem(atPath: "\(world.volumesPath)/\(notebook.volumeFolder)")
            try? FileManager.default.removeItem(atPath: leasePath(notebook.arn))
        case .inService, .stopped, .failed: try change(notebook) { _ in }
        }
    }

    private func settlePending(_ notebook: NotebookInstanceRecord, _ host: HostProcess?) throws {
        guard let host else {
            // Whoever was to start the host may have been killed before he could.
            if clock.outsideSeconds(now - notebook.lastModifiedTime) > Self.launchSeconds { try startOrFail(notebook.arn) }
            return
        }
        let isAlive = host.isAlive
        // It may have written its reason between the look at the row and the look at the lease.
        switch try world.store.read({ try HostProcess.find(host.id, in: $0) })?.state {
        case .failed(let reason): try change(notebook) { $0.fail(reason, at: now) }
        case .ready where isAlive: try change(notebook) { $0.notebookStatus = .inService }
        case .starting where isAlive, nil: return
        case .starting, .ready: try change(notebook) { $0.fail(HostDeath.reason(host), at: now) }
        }
    }

    /// Changes the record, unless it has moved on since it was read.
    private func change(_ seen: NotebookInstanceRecord, _ body: @Sendable (inout NotebookInstanceRecord) -> Void) throws {
        try world.store.write { database in
            guard var record = try database.resource(NotebookInstanceRecord.self, arn: seen.arn), record == seen else { return }
            body(&record)
            record.lastModifiedTime = max(record.statusEndTime ?? now, record.lastModifiedTime)
            record.statusEndTime = nil
            try database.updateResource(record, in: record.scope)
        }
    }

    private func leasePath(_ arn: String) -> String {
        let digest = SHA256.hash(data: Data(arn.utf8)).prefix(12).map { String(format: "%02x", $0) }.joined()
        return "\(world.hostsPath)/launch-\(digest)"
    }
}

extension NotebookInstanceRecord {
    /// The instance could not be brought into service.
    fileprivate mutating func fail(_ reason: String, at time: Double) {
        notebookStatus = .failed
        failureReason = String(reason.prefix(1024))
        statusEndTime = nil
        lastModifiedTime = time
    }
}
