// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import World

/// The hosts of a training job with several instances: one process each, started by Open MPI's `mpirun` and watched over by the job's
/// own process.
///
/// On this machine alone they talk through shared memory. The file that `SAGEBRUSH_HOSTFILE` names (Open MPI's hostfile), or an allocation of
/// Slurm's, spreads them over machines that share the world's folder; then they use TCP too.
struct HostGroup {
    let count: Int
    let process: HostProcess
    let world: World

    /// The hosts' names, `algo-1` and on, sorted as strings.
    static func names(count: Int) -> [String] { (0..<count).map { name(rank: $0) }.sorted() }
    /// The name of the host with that number.
    static func name(rank: Int) -> String { "algo-\(rank + 1)" }
    /// The kind of host in a host's command line.
    static let kind = "training-rank"

    /// How a group ended that did not come to its end, for a job's FailureReason.
    struct Failure: Error {
        var reason: String
    }

    /// Starts the hosts and waits until all have ended.
    ///
    /// - Throws: ``Failure``; ``UserError`` where Open MPI is not installed.
    func run() async throws {
        guard let launcher = Self.launcherPath() else {
            throw UserError(
                "A job on \(count) instances needs Open MPI, which is not installed on this machine: apt-get install openmpi-bin")
        }
        let errorPath = process.folder + "/mpirun.log"
        _ = FileManager.default.createFile(atPath: errorPath, contents: nil, attributes: [.posixPermissions: 0o600])
        guard let errors = FileHandle(forWritingAtPath: errorPath) else {
            throw PlatformError("\(errorPath) can't be written")
        }
        defer { try? errors.close() }
        // A process group of its own: what stops the job's process must not end the hosts; they see in the job's record that they are to stop.
        let mpirun = Process()
        mpirun.executableURL = URL(fileURLWithPath: launcher)
        mpirun.arguments =
            Self.options(count: count, environment: ProcessInfo.processInfo.environment)
            + [HostLauncher.ownExecutable(), "host", Self.kind, "--world", world.path, "--id", process.id]
        mpirun.environment = ProcessInfo.processInfo.environment.merging([
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        ]) { $1 }
        mpirun.standardInput = FileHandle.nullDevice
        mpirun.standardError = errors
        do {
            try mpirun.run()
        } catch {
            throw PlatformError("\(launcher) can't be started: \(error.localizedDescription)")
        }
        while mpirun.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
        guard mpirun.terminationReason != .exit || mpirun.terminationStatus != 0 else { return }
        let text = FileManager.default.contents(atPath: errorPath).map { String(decoding: $0.suffix(65_536), as: UTF8.self) } ?? ""
        let signal = mpirun.terminationReason == .uncaughtSignal ? mpirun.terminationStatus : nil
        let machines = (0..<count).map { Machine.names(in: Machine.path(rank: $0, process)) }
        throw Failure(reason: Self.reason(text, launcherSignal: signal, machines: machines))
    }

    /// `mpirun` in the folders of PATH.
    static func launcherPath(path: String? = ProcessInfo.processInfo.environment["PATH"]) -> String? {
        (path ?? "/usr/bin").split(separator: ":").map { "\($0)/mpirun" }.first { access($0, X_OK) == 0 }
    }

    /// What `mpirun` is told.
    ///
    /// Hosts that wait give their core away, since there may be more of them than cores, and are bound to none, since other jobs bind to
    /// the same. Shared memory is copied, not read from another process, which containers forbid. A machine that falls silent is given up
    /// after half a minute.
    static func options(count: Int, environment: [String: String]) -> [String] {
        let hostFile = environment["SAGEBRUSH_HOSTFILE"]
        let isSpread = hostFile != nil || environment["SLURM_JOB_ID"] != nil
        let settings = [
            ("pml", "ob1"), ("btl", isSpread ? "self,vader,tcp" : "self,vader"), ("btl_vader_single_copy_mechanism", "none"),
            ("mpi_yield_when_idle", "1"),
        ]
        return ["-n", String(count), "--oversubscribe", "--bind-to", "none"]
            + (hostFile.map { ["--hostfile", $0] } ?? [])
            + (settings + (isSpread ? silence : [("oob_tcp_if_include", "lo")])).flatMap { ["--mca", $0, $1] }
    }

    /// Seconds of silence before a machine is asked whether it is there, between questions, and the number of questions.
    private static let silence = [
        ("oob_tcp_keepalive_time", "10"), ("oob_tcp_keepalive_intvl", "5"), ("oob_tcp_keepalive_probes", "4"),
    ]

    /// Reads in `mpirun`'s words which host ended first, and how; `machines` are the names and addresses of each host's machine.
    static func reason(_ text: String, launcherSignal: Int32?, machines: [[String]] = []) -> String {
        if let signal = launcherSignal {
            return "InternalServerError: mpirun, which keeps the job's hosts together, was killed by signal \(signal)."
        }
        // "mpirun noticed that process rank 1 with PID 4711 on node here exited on signal 9 (Killed)."
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let match = words.firstMatch(
            of: #/process rank ([0-9]+) with PID ([0-9]+) on node (\S+) exited on signal ([0-9]+)(?: \(([^)]*)\))?/#),
            let rank = Int(match.1)
        {
            let name = match.5.map { " (\($0))" } ?? ""
            return
                "InternalServerError: Host \(Self.name(rank: rank)) was ended by signal \(match.4)\(name); the other hosts were stopped."
        }
        // "ORTE has lost communication with a remote daemon. HNP daemon : [[1,0],0] on node a Remote daemon: [[1,0],1] on node b …"
        if let match = words.firstMatch(of: #/lost communication with a remote daemon.* Remote daemon: \S+ on node (\S+)/#) {
            let node = String(match.1)
            let hosts = machines.indices.filter { machines[$0].contains(node) }.map { Self.name(rank: $0) }
            let who = hosts.isEmpty ? "A host" : "Host " + hosts.joined(separator: ", ")
            return "InternalServerError: \(who) was cut off: its machine \(node) no longer answers; the other hosts were stopped."
        }
        return String("InternalServerError: The job's hosts ended unexpectedly: \(words)".prefix(1024))
    }
}

/// One host's place in a ``HostGroup``.
struct HostGroupMember {
    let collectives: MessagePassing
    let name: String
    let names: [String]
    var isPrimary: Bool { collectives.rank == 0 }

    /// Joins the group; from then on this process ends with the group's, however that ends.
    init(process: HostProcess) throws {
        let leasePath = process.leasePath
        let pid = getpid()
        Thread.detachNewThread {
            Lease.waitUntilFree(path: leasePath)
            kill(pid, SIGKILL)
        }
        collectives = try MessagePassing()
        name = HostGroup.name(rank: collectives.rank)
        try Machine.ownNames().joined(separator: "\n")
            .write(toFile: Machine.path(rank: collectives.rank, process), atomically: true, encoding: .utf8)
        names = HostGroup.names(count: collectives.count)
    }

    /// The threads for this host: its share of the machine's cores.
    var threadCount: Int {
        let local = ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? collectives.count
        return max(1, ProcessInfo.processInfo.activeProcessorCount / max(1, local))
    }
}
