// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import World

/// One long-lived bash beside the prompt, which runs every line that is not a plain command: what one line sets is there on the next.
///
/// It is an interactive bash whose commands come through a pipe while the programs that it runs have the terminal: job control,
/// Ctrl-C and Ctrl-Z are bash's own. The terminal belongs to it while a line runs, and to the prompt otherwise. After each line it
/// writes to a FIFO how it stands.
final class BashSession {
    /// How the shell stands after a line.
    struct Report: Sendable {
        /// `$?`.
        var status: Int32
        /// The working directory.
        var directory: String
        /// Names of functions and aliases.
        var names: Set<String>
        /// The exported variables.
        var environment: [String: String]
    }

    /// What a line came to.
    enum Outcome: Sendable {
        case report(Report)
        /// The shell has ended, by `exit` or otherwise.
        case ended(status: Int32)
    }

    private let pid: pid_t
    private let commands: Int32
    private let reports: Int32
    /// What commands read from.
    private let terminal: String
    /// `set -x` is off between lines, so that it does not show how lines are run.
    private var isTracing = false
    private var hasEnded = false

    /// Starts the shell; the prompt has the terminal again afterwards.
    ///
    /// - Parameters:
    ///   - environment: the variables that it has, `SAGEBRUSH_SESSION` among them, which names `folder`.
    ///   - script: the path of `SessionScript.common`.
    ///   - folder: a folder of this prompt's own.
    /// - Returns: the shell and how it stands.
    /// - Throws: `WorldError.cannotLaunch`.
    static func start(environment: [String: String], script: String, folder: String) throws -> (BashSession, Outcome) {
        let fifo = folder + "/report"
        unlink(fifo)
        guard mkfifo(fifo, 0o600) == 0 else { throw failure(errno) }
        // Open for writing too, so that it never ends.
        let reports = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        var ends: [Int32] = [-1, -1]
        guard reports >= 0, pipe(&ends) == 0 else { throw failure(errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pid = try ShellBridge.spawn(["--noediting", "--norc", "-i"], environment: environment, standardInput: ends[0])
        close(ends[0])
        let terminal = ttyname(STDIN_FILENO).map { String(cString: $0) } ?? "/dev/tty"
        let session = BashSession(pid: pid, commands: ends[1], reports: reports, terminal: terminal)
        return (
            session, session.send("\\. \(Tokenizer.quoted(script))\n" + SessionScript.interactive + reportCommand, isStarting: true)
        )
    }

    private static func failure(_ number: Int32) -> WorldError {
        .cannotLaunch(program: ShellBridge.bash, reason: String(cString: strerror(number)))
    }

    private static let reportCommand = "{ __sagebrush_report; \\set +x; } 2>/dev/null\n"

    private init(pid: pid_t, commands: Int32, reports: Int32, terminal: String) {
        self.pid = pid
        self.commands = commands
        self.reports = reports
        self.terminal = terminal
    }

    /// Runs a line, or several, in the shell.
    ///
    /// - Parameters:
    ///   - line: the text as it was typed.
    ///   - status: what `$?` is at its beginning.
    ///   - change: variables that have changed outside since the last line.
    func run(_ line: String, status: Int32, change: ContextChange = ContextChange()) -> Outcome {
        let text = (isTracing ? "set -x\n" : "") + line
        // The empty line after the text: a syntax error in it leaves the parser in the middle of something.
        return send(
            change.shellText + "__sagebrush_status \(status)\n\\eval \(Tokenizer.quoted(text)) <\(Tokenizer.quoted(terminal))\n\n"
                + BashSession.reportCommand)
    }

    /// - Parameter isStarting: bash takes the terminal by itself when it starts, and must find it with those that started it.
    private func send(_ text: String, isStarting: Bool = false) -> Outcome {
        guard !hasEnded else { return .ended(status: 1) }
        if !isStarting { tcsetpgrp(STDIN_FILENO, pid) }
        defer { tcsetpgrp(STDIN_FILENO, getpgrp()) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(commands, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes = bytes.dropFirst(count)
        }
        return receive()
    }

    private func receive() -> Outcome {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            var descriptor = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, 50) > 0 {
                let count = read(reports, &piece, piece.count)
                if count > 0 { bytes += piece[..<count] }
                if let report = report(bytes) { return .report(report) }
                continue
            }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { continue }
            hasEnded = true
            return .ended(status: ShellBridge.exitStatus(status))
        }
    }

    /// Fields that end with a zero byte; an empty one after the variables is the end.
    private func report(_ bytes: [UInt8]) -> Report? {
        guard bytes.count > 1, bytes[bytes.count - 1] == 0, bytes[bytes.count - 2] == 0 else { return nil }
        let fields = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.count >= 5, fields.last == "" else { return nil }
        isTracing = fields[1] == "x"
        var environment: [String: String] = [:]
        for field in fields[4...] {
            guard let equals = field.firstIndex(of: "=") else { continue }
            environment[String(field[..<equals])] = String(field[field.index(after: equals)...])
        }
        let names = fields[3].split(separator: "\n").map(String.init).filter { !$0.hasPrefix("__sagebrush_") }
        return Report(status: Int32(fields[0]) ?? 1, directory: fields[2], names: Set(names), environment: environment)
    }

    /// Ends the shell; what runs in its background goes on.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        let text = Array("exec 2>/dev/null\n\\exit\n\\exit\n".utf8)
        _ = text.withUnsafeBytes { write(commands, $0.baseAddress, $0.count) }
        close(commands)
        for _ in 0..<100 {
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) != 0 { break }
            usleep(2_000)
        }
        close(reports)
    }
}
