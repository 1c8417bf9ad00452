// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A pseudo-terminal with the program in it: keys go in, what it draws comes out.
final class Terminal {
    private let master: Int32
    private let pid: pid_t
    /// The world goes with its runner.
    private let runner: ProgramRunner
    /// What has come since the last `wait(for:)`, as it came.
    private(set) var screen = ""
    /// All that has come, as it came.
    private(set) var everything = ""
    /// The screen as a person sees it.
    private(set) var display: Screen

    enum Failure: Error {
        case noTerminal
        case notSeen(String, screen: String)
    }

    init(
        _ runner: ProgramRunner, arguments: [String] = [], columnCount: Int = 120, environment: [String: String] = [:]
    ) throws {
        self.runner = runner
        display = Screen(rowCount: 40, columnCount: columnCount)
        var size = winsize(ws_row: 40, ws_col: UInt16(columnCount), ws_xpixel: 0, ws_ypixel: 0)
        var descriptors: (master: Int32, slave: Int32) = (-1, -1)
        guard openpty(&descriptors.master, &descriptors.slave, nil, nil, &size) == 0, let name = ttyname(descriptors.slave) else {
            throw Failure.noTerminal
        }
        master = descriptors.master
        defer { close(descriptors.slave) }
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptors.slave, F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Opened first in a new session, the terminal becomes the session's own.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // As from a terminal: whoever runs the tests may ignore what keys send.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([ProgramRunner.executable] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            runner.variables.merging(environment) { $1 }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
        var pid: pid_t = 0
        guard posix_spawn(&pid, ProgramRunner.executable, &actions, &attributes, &words, &variables) == 0 else {
            throw Failure.noTerminal
        }
        self.pid = pid
    }

    deinit {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        close(master)
    }

    /// Presses keys.
    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    /// Reads until `text` has come since the last call.
    ///
    /// - Throws: `Failure.notSeen` after `seconds` without it.
    func wait(for text: String, seconds: Double = 60) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while !screen.contains(text) {
            guard Date() < deadline, readSome() else { throw Failure.notSeen(text, screen: screen) }
        }
        if let range = screen.range(of: text) { screen = String(screen[range.upperBound...]) }
    }

    /// Reads until the screen is as it should be.
    ///
    /// - Throws: `Failure.notSeen`, with what is to be seen instead, after `seconds`.
    func see(_ what: String, seconds: Double = 60, _ isAsWanted: (Screen) -> Bool) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while !isAsWanted(display) {
            guard Date() < deadline, readSome() else { throw Failure.notSeen(what, screen: display.text) }
        }
    }

    /// Reads until a text is to be seen.
    func see(_ text: String) throws { try see(text) { $0.text.contains(text) } }

    /// Waits for an empty prompt.
    func seePrompt() throws { try see("an empty prompt") { $0.cursorLine.hasSuffix("sagebrush>") } }

    /// Waits until a program has the terminal, so that keys such as Ctrl-C are for it.
    ///
    /// - Throws: `Failure.notSeen` after a minute.
    func waitForForeground(_ program: String) throws {
        let deadline = Date().addingTimeInterval(60)
        while (try? String(contentsOfFile: "/proc/\(tcgetpgrp(master))/comm", encoding: .utf8)) != program + "\n" {
            guard Date() < deadline else { throw Failure.notSeen("\(program) in the foreground", screen: display.text) }
            poll(nil, 0, 5)
        }
    }

    /// Makes the terminal narrower or wider.
    func resize(columnCount: Int) {
        display.resize(columnCount: columnCount)
        var size = winsize(ws_row: 40, ws_col: UInt16(columnCount), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Waits for the program's end and gives its status.
    func waitForExit() -> Int32 {
        while readSome(untilEnd: true) {}
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return (status >> 8) & 0xff
    }

    private func readSome(untilEnd: Bool = false) -> Bool {
        var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 1000) >= 0 else { return false }
        guard descriptor.revents & Int16(POLLIN) != 0 else { return descriptor.revents & Int16(POLLHUP | POLLERR) == 0 }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &bytes, bytes.count)
        guard count > 0 else { return false }
        screen += String(decoding: bytes[..<count], as: UTF8.self)
        everything += String(decoding: bytes[..<count], as: UTF8.self)
        display.feed(bytes[..<count])
        return true
    }
}
