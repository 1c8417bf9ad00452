// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Wire
import World

/// Brings the hosts of an endpoint to what its record wants, one careful step at a time.
///
/// Any number of processes may do this at once: a lease for each endpoint makes sure that one host is started once.
struct EndpointDeployment {
    var world: World
    var launcher: HostLauncher
    var now: Double

    /// How long an ended host may take to be gone before it is killed, in seconds.
    static let graceSeconds = 2.0

    /// Starts those of the endpoint's hosts that are wanted and not there.
    ///
    /// - Parameter names: `EndpointRecord.hostName`s.
    /// - Returns: false where another process is doing it.
    /// - Throws: `WorldError.cannotLaunch`.
    @discardableResult
    func start(_ names: [String], of arn: String) throws -> Bool {
        guard let lease = Lease.acquire(path: leasePath(arn)) else { return false }
        defer { lease.release() }
        let hosts = try world.store.read { try HostProcess.all(of: arn, in: $0) }
        for name in names {
            let previous = hosts.filter { $0.name == name }
            if previous.contains(where: \.isAlive) { continue }
            try world.store.write { database in
                for host in previous { try host.remove(in: database) }
            }
            _ = try launcher.launch(.model, ownerARN: arn, name: name, in: world, now: now)
        }
        return true
    }

    private func leasePath(_ arn: String) -> String {
        let digest = SHA256.hash(data: Data(arn.utf8)).prefix(12).map { String(format: "%02x", $0) }.joined()
        return "\(world.hostsPath)/launch-\(digest)"
    }

    /// Ends the endpoint's hosts that `isUnwanted` names, and forgets them.
    func end(of arn: String, where isUnwanted: (String) -> Bool) async throws {
        let hosts = try world.store.read { try HostProcess.all(of: arn, in: $0) }.filter { isUnwanted($0.name) }
        for host in hosts { host.terminate() }
        for host in hosts { try await host.end(graceSeconds: Self.graceSeconds) }
        try world.store.write { database in
            for host in hosts { try host.remove(in: database) }
        }
    }

    /// What has become of the hosts that a moving endpoint is waiting for.
    private enum Progress {
        case waiting
        case absent
        case ready
        case failed(reason: String)
    }

    private func progress(_ endpoint: EndpointRecord) throws -> Progress {
        let hosts = try world.store.read { try HostProcess.all(of: endpoint.arn, in: $0) }
        var isWaiting = false
        var isAbsent = false
        for name in endpoint.desiredHostNames {
            guard let host = hosts.last(where: { $0.name == name }) else {
                isAbsent = true
                continue
            }
            switch host.state {
            case .failed(let reason): return .failed(reason: reason)
            case .ready where host.isAlive: continue
            case .starting where host.isAlive: isWaiting = true
            case .starting, .ready:
                // It may have written its reason between the look at the row and the look at the lease.
                if case .failed(let reason) = try world.store.read({ try HostProcess.find(host.id, in: $0)?.state }) {
                    return .failed(reason: reason)
                }
                return .failed(reason: HostDeath.reason(host))
            }
        }
        return isAbsent ? .absent : isWaiting ? .waiting : .ready
    }

    /// Looks at an endpoint that is being created, updated or deleted, and moves it on.
    func settle(_ endpoint: EndpointRecord) async throws {
        if endpoint.endpointStatus == .deleting { return try await delete(endpoint) }
        switch try progress(endpoint) {
        case .waiting: return
        case .absent:
            do {
                try start(endpoint.desiredHostNames, of: endpoint.arn)
            } catch let error as WorldError {
                try await fail(endpoint, reason: "InternalServerError: \(error)")
            }
        case .ready: try await finish(endpoint)
        case .failed(let reason): try await fail(endpoint, reason: reason)
        }
    }

    private func finish(_ endpoint: EndpointRecord) async throws {
        let settled = try change(endpoint) { record in
            if let pending = record.pending {
                record.variants = pending.variants
                record.endpointConfigName = pending.endpointConfigName
                record.generation += 1
                record.pending = nil
            }
            for index in record.variants.indices {
                record.variants[index].currentInstanceCount = record.variants[index].desiredInstanceCount
                record.variants[index].currentWeight = record.variants[index].desiredWeight
            }
            record.endpointStatus = .inService
            record.failureReason = nil
        }
        guard let settled else { return }
        let wanted = Set(settled.desiredHostNames)
        try await end(of: endpoint.arn) { !wanted.contains($0) }
    }

    private func fail(_ endpoint: EndpointRecord, reason: String) async throws {
        let settled = try change(endpoint) { record in
            record.failureReason = reason
            guard record.endpointStatus == .updating else {
                record.endpointStatus = .failed
                return
            }
            // What was there before goes on serving.
            record.endpointStatus = .inService
            record.pending = nil
            for index in record.variants.indices {
                record.variants[index].desiredInstanceCount = record.variants[index].currentInstanceCount
                record.variants[index].desiredWeight = record.variants[index].currentWeight
            }
        }
        guard let settled else { return }
        let wanted = settled.endpointStatus == .failed ? [] : Set(settled.desiredHostNames)
        try await end(of: endpoint.arn) { !wanted.contains($0) }
    }

    /// Changes the record, unless it has moved on since it was read.
    private func change(_ seen: EndpointRecord, _ body: @Sendable (inout EndpointRecord) -> Void) throws -> EndpointRecord? {
        let now = now
        return try world.store.write { database in
            guard var record = try database.resource(EndpointRecord.self, arn: seen.arn), record == seen else { return nil }
            body(&record)
            record.lastModifiedTime = now
            try database.updateResource(record, in: record.scope)
            return record
        }
    }

    /// Ends all hosts of an endpoint and removes it.
    func delete(_ endpoint: EndpointRecord) async throws {
        try await end(of: endpoint.arn) { _ in true }
        try world.store.write { database in
            guard let record = try database.resource(EndpointRecord.self, arn: endpoint.arn), record.endpointStatus == .deleting
            else { return }
            try database.deleteResource(record, in: record.scope)
            try database.execute(sql: "DELETE FROM invocation_count WHERE arn = ?", arguments: [record.arn])
        }
        try? FileManager.default.removeItem(atPath: leasePath(endpoint.arn))
    }
}

/// Why a host is gone that said nothing itself.
enum HostDeath {
    /// `InternalServerError: …`, with the last line that the process printed.
    static func reason(_ host: HostProcess) -> String {
        var text = "InternalServerError: The host \(host.name) (process \(host.pid)) ended unexpectedly: it was killed or crashed."
        if let data = FileManager.default.contents(atPath: host.logPath) {
            let lines = String(decoding: data.suffix(4096), as: UTF8.self).split(whereSeparator: \.isNewline)
            if let last = lines.last { text += " Its last words: \(last)" }
        }
        return String(text.prefix(1024))
    }
}
