// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Starts the processes that are instances: this same executable with `host …` arguments, in a session of its own, so that it
/// outlives the shell that started it.
public struct HostLauncher: Sendable {
    /// The path of the executable.
    public var executable: String

    /// Makes one from its parts.
    public init(executable: String) {
        self.executable = executable
    }

    /// The path of the running program.
    public static func ownExecutable() -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// Starts `EXECUTABLE host KIND --world PATH --id ID` and records it.
    ///
    /// The process holds its lease from the start.
    ///
    /// - Throws: `WorldError.cannotLaunch`.
    public func launch(
        _ kind: HostProcess.Kind, ownerARN: String, name: String, address: Bool = false, in world: World, now: Double
    ) throws -> HostProcess {
        let id = UUID().uuidString.lowercased()
        let folder = world.hostsPath + "/" + id
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw WorldError.cannotCreateFolder(path: folder, reason: error.localizedDescription)
        }
        var process = HostProcess(
            id: id, kind: kind, ownerARN: ownerARN, name: name, pid: 0, folder: folder, address: nil, state: .starting,
            startTime: now, lastUseTime: now)
        guard let lease = Lease.acquire(path: process.leasePath) else {
            throw WorldError.cannotLaunch(program: executable, reason: "its lease \(process.leasePath) can't be locked")
        }
        // The child has inherited the lock; only the parent's copy is closed.
        defer { lease.release() }
        // The row is there before the process looks for it.
        let starting = process
        try world.store.write { try starting.save(in: $0) }
        do {
            process.pid = try spawn(
                ["host", kind.rawValue, "--world", world.path, "--id", id], logPath: process.logPath, lease: lease)
        } catch {
            try world.store.write { try starting.remove(in: $0) }
            throw error
        }
        let pid = process.pid
        try world.store.write { try $0.execute(sql: "UPDATE host_process SET pid = ? WHERE id = ?", arguments: [pid, id]) }
        return process
    }

    private func spawn(_ arguments: [String], logPath: String, lease: Lease) throws -> Int32 {
        Self.closeInheritedDescriptorsOnExec()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_adddup2(&actions, lease.descriptor, HostLauncher.leaseDescriptor)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, executable, &actions, &attributes, &words, environ)
        guard status == 0 else {
            throw WorldError.cannotLaunch(program: executable, reason: String(cString: strerror(status)))
        }
        Self.reap(pid)
        return pid
    }

    /// Takes a host's exit status when it ends, so that a server or a prompt that lives for days keeps no dead entries in the system's
    /// table of processes.
    ///
    /// Whoever waits must wait for that one process: others of this program are waited for elsewhere.
    private static func reap(_ pid: pid_t) {
        let thread = Thread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        thread.name = "wait for a host"
        thread.stackSize = 64 << 10
        thread.start()
    }

    /// Makes all open descriptors private: pipes of whoever started this process must not stay open for as long as a host lives.
    public static func closeInheritedDescriptorsOnExec() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// The descriptor number under which a host finds its lease; it closes on exec from there on.
    public static let leaseDescriptor: Int32 = 3

    /// Called first in a host: what it starts itself must not keep the lease alive.
    public static func keepLeasePrivate() {
        _ = fcntl(leaseDescriptor, F_SETFD, FD_CLOEXEC)
    }
}
