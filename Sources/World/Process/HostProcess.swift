// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A process that is an instance: a training host, a model host, a notebook server.
public struct HostProcess: Sendable, Hashable {
    /// What a process does.
    public enum Kind: String, Sendable {
        case training
        case model
        case notebook
        case transform
        /// Moves a job on that other jobs do the work of.
        case tuning
    }

    /// How far a process has come.
    public enum State: Sendable, Hashable {
        case starting
        case ready
        /// It came up and gave up, with the reason.
        case failed(reason: String)
    }

    /// Its id, which is also its folder's name.
    public var id: String
    /// What kind it is.
    public var kind: Kind
    /// The training job, endpoint or notebook instance that it works for.
    public var ownerARN: String
    /// Among its owner's processes: `algo-1`, or `AllTraffic/0`.
    public var name: String
    /// The process's number; 0 until it is known.
    public var pid: Int32
    /// Its own folder: lease, log, socket, /opt/ml.
    public var folder: String
    /// Where it listens: a path of a socket, or `host:port`.
    public var address: String?
    /// How far it has come, as it said itself.
    public var state: State
    /// World time.
    public var startTime: Double
    /// World time of the last request to it.
    public var lastUseTime: Double

    /// The locked file.
    public var leasePath: String { folder + "/lease" }
    /// Its standard output and error.
    public var logPath: String { folder + "/host.log" }

    /// Whether the process lives.
    ///
    /// Asks the kernel, not the process table: pids are used again.
    public var isAlive: Bool { Lease.isHeld(path: leasePath) }
}

extension HostProcess {
    private init(_ row: Row) {
        id = row["id"]
        kind = Kind(rawValue: row["kind"]) ?? .training
        ownerARN = row["owner_arn"]
        name = row["name"]
        pid = row["pid"]
        folder = row["folder"]
        address = row["address"]
        startTime = row["started_at"]
        lastUseTime = row["last_used_at"]
        state =
            switch row["state"] as String {
            case "ready": .ready
            case "failed": .failed(reason: row["failure"] ?? "")
            default: .starting
            }
    }

    /// The processes of one owner, in the order in which they were started; dead ones included.
    public static func all(of ownerARN: String, in database: Database) throws -> [HostProcess] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM host_process WHERE owner_arn = ? ORDER BY started_at, name", arguments: [ownerARN]
        ).map(HostProcess.init)
    }

    /// All processes of the world; dead ones included.
    public static func all(in database: Database) throws -> [HostProcess] {
        try Row.fetchAll(database, sql: "SELECT * FROM host_process ORDER BY started_at, name").map(HostProcess.init)
    }

    /// The process with that id.
    public static func find(_ id: String, in database: Database) throws -> HostProcess? {
        try Row.fetchOne(database, sql: "SELECT * FROM host_process WHERE id = ?", arguments: [id]).map(HostProcess.init)
    }

    /// Adds the process, or replaces what is known of it.
    public func save(in database: Database) throws {
        let (stateName, failure): (String, String?) =
            switch state {
            case .starting: ("starting", nil)
            case .ready: ("ready", nil)
            case .failed(let reason): ("failed", reason)
            }
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO host_process
                    (id, kind, owner_arn, name, pid, folder, address, state, failure, started_at, last_used_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [id, kind.rawValue, ownerARN, name, pid, folder, address, stateName, failure, startTime, lastUseTime])
    }

    /// Forgets the process and removes its folder.
    ///
    /// Only for processes that have ended.
    public func remove(in database: Database) throws {
        try database.execute(sql: "DELETE FROM host_process WHERE id = ?", arguments: [id])
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Asks the process, and all that it started, to end.
    public func terminate(signal: Int32 = SIGTERM) {
        // A host is the leader of a session and process group of its own. The lease says that the pid is still its.
        if isAlive, pid > 1 { kill(-pid, signal) }
    }

    /// Ends the process: asks, waits for at most `grace_seconds`, then kills.
    public func end(graceSeconds: Double) async throws {
        terminate()
        let deadline = ContinuousClock.now + .seconds(graceSeconds)
        while isAlive, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(2)) }
        while isAlive {
            terminate(signal: SIGKILL)
            try await Task.sleep(for: .milliseconds(2))
        }
        if kind == .notebook { killStrays() }
    }
}
