// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Synchronization
import World

/// A program that is not ours, run as a container's program is: its lines go to a log, a stop is SIGTERM and later SIGKILL, and it ends
/// with the host that started it.
struct UserProgram: Sendable {
    /// The path of the executable.
    var executable: String
    /// What follows its name.
    var arguments: [String]
    /// All of its environment.
    var environment: [String: String]
    /// Where it starts.
    var directory: String

    /// How long a program may take to end after SIGTERM, in seconds.
    static let graceSeconds = 120.0

    /// How a program ended.
    enum Ending: Sendable, Hashable {
        case exited(status: Int32)
        case killed(signal: Int32)

        /// The exit status as a shell and the service count it: 128 and the signal's number for one that was killed.
        var exitCode: Int32 {
            switch self {
            case .exited(let status): status
            case .killed(let signal): 128 + signal
            }
        }
    }

    /// Why a job with such a program failed, in the words of a FailureReason.
    struct Failure: Error {
        var reason: String
    }

    /// Starts the program; `write` gets each line of its output and errors, on one thread.
    ///
    /// - Throws: `UserError` where there is no such program.
    func start(write: @escaping @Sendable (String) -> Void) throws -> RunningProgram {
        guard access(executable, X_OK) == 0 else { throw UserError("\(executable) is no program that can be run.") }
        return try RunningProgram(self, write: write)
    }

    /// Runs the program to its end; once the flag is up it is stopped.
    ///
    /// - Throws: `UserError` where there is no such program; `CancellationError`, after the program was killed.
    func run(
        stopFlag: StopFlag, graceSeconds: Double = UserProgram.graceSeconds, write: @escaping @Sendable (String) -> Void
    ) async throws -> Ending {
        let program = try start(write: write)
        let stopping = Task {
            while !stopFlag.isSet { try await Task.sleep(for: .milliseconds(50)) }
            await program.stop(graceSeconds: graceSeconds)
        }
        defer { stopping.cancel() }
        return try await withTaskCancellationHandler {
            let ending = await program.ending
            try Task.checkCancellation()
            return ending
        } onCancel: {
            program.kill()
        }
    }

    /// What is really started.
    ///
    /// coreutils' `env` goes to the folder; util-linux' `setpriv` asks the kernel to end the program with its host, which bubblewrap
    /// does itself. Both become the program.
    fileprivate var command: [String] {
        let folder = ["/usr/bin/env", "-C", directory]
        let guardian = "/usr/bin/setpriv"
        guard !executable.hasSuffix("/bwrap"), access(guardian, X_OK) == 0 else { return folder + [executable] + arguments }
        return folder + [guardian, "--pdeathsig", "KILL", "--", executable] + arguments
    }
}

/// A program on its way.
final class RunningProgram: Sendable {
    private struct State {
        var pid: pid_t = 0
        var ending: UserProgram.Ending?
        var waiters: [CheckedContinuation<UserProgram.Ending, Never>] = []
    }

    private let state = Mutex(State())
    private let hasEnded = StopFlag()

    /// - Throws: `PlatformError` where the system can't start it.
    fileprivate init(_ program: UserProgram, write: @escaping @Sendable (String) -> Void) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw PlatformError("No pipe can be had: \(String(cString: strerror(errno)))") }
        HostLauncher.closeInheritedDescriptorsOnExec()
        let (source, sink) = (ends[0], ends[1])
        let started = DispatchSemaphore(value: 0)
        let startStatus = Mutex<Int32>(0)
        // What ends with its parent ends with the thread that started it: that thread stays until the program has ended.
        Thread.detachNewThread { [self] in
            var pid: pid_t = 0
            let status = Self.spawn(program, output: sink, pid: &pid)
            close(sink)
            startStatus.withLock { $0 = status }
            state.withLock { $0.pid = pid }
            started.signal()
            guard status == 0 else { return }
            let ending = Self.wait(for: pid)
            hasEnded.set()
            reading.wait()
            finish(ending)
        }
        started.wait()
        let status = startStatus.withLock { $0 }
        guard status == 0 else {
            close(source)
            throw PlatformError("\(program.executable) can't be started: \(String(cString: strerror(status)))")
        }
        Thread.detachNewThread { [self] in
            LineReader(descriptor: source).forEachLine(until: hasEnded, write)
            close(source)
            reading.signal()
        }
    }

    private let reading = DispatchSemaphore(value: 0)

    /// How the program ended, once it has and all its lines are read.
    var ending: UserProgram.Ending {
        get async {
            await withCheckedContinuation { continuation in
                let ending = state.withLock { state in
                    if state.ending == nil { state.waiters.append(continuation) }
                    return state.ending
                }
                if let ending { continuation.resume(returning: ending) }
            }
        }
    }

    /// Whether the program still runs.
    var isRunning: Bool { !hasEnded.isSet }

    /// Asks the program to end, and kills it where it has not within the time.
    @discardableResult
    func stop(graceSeconds: Double) async -> UserProgram.Ending {
        send(SIGTERM)
        let killing = Task {
            try await Task.sleep(for: .seconds(graceSeconds))
            kill()
        }
        defer { killing.cancel() }
        return await ending
    }

    /// Ends the program and all that it started.
    func kill() {
        state.withLock { state in
            if state.ending == nil, state.pid > 1 { _ = Glibc.kill(-state.pid, SIGKILL) }
        }
    }

    /// Sends a signal to the program itself, which may be inside a sandbox.
    func send(_ signal: Int32) {
        state.withLock { state in
            if state.ending == nil, state.pid > 1 { _ = Glibc.kill(Self.innermost(state.pid), signal) }
        }
    }

    /// The first process below bubblewrap's own.
    private static func innermost(_ pid: pid_t) -> pid_t {
        var pid = pid
        while let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8), name == "bwrap\n",
            let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8),
            let child = children.split(separator: " ").first.flatMap({ pid_t($0) })
        {
            pid = child
        }
        return pid
    }

    private func finish(_ ending: UserProgram.Ending) {
        let waiters = state.withLock { state in
            state.ending = ending
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: ending) }
    }

    /// Waits until the program has ended, and ends what it left behind, while its number can't be another's yet.
    private static func wait(for pid: pid_t) -> UserProgram.Ending {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        Glibc.kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
    }

    private static func spawn(_ program: UserProgram, output: Int32, pid: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // A session of its own, so that all it starts can be ended together.
        posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let command = program.command
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = program.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        return posix_spawn(&pid, command[0], &actions, &attributes, &words, &variables)
    }
}

/// Cuts what comes out of a pipe into lines.
struct LineReader {
    var descriptor: Int32

    /// The longest line; a log keeps no more of one.
    static let maximumByteCount = 262_144

    /// Hands on each line until the pipe's end, or until nothing comes any more and the flag is up: a process that fled may keep the
    /// pipe open.
    func forEachLine(until isOver: StopFlag, _ body: (String) -> Void) {
        var line: [UInt8] = []
        func flush() {
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            body(String(decoding: line, as: UTF8.self))
            line.removeAll(keepingCapacity: true)
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let isLastLook = isOver.isSet
            let ready = poll(&event, 1, 100)
            if ready == 0, isLastLook { break }
            guard ready > 0 else { continue }
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") {
                    flush()
                } else {
                    line.append(byte)
                    if line.count == Self.maximumByteCount { flush() }
                }
            }
        }
        if !line.isEmpty { flush() }
    }
}
