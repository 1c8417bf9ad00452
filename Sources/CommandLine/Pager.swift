// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Where the text of an answer goes: through the user's pager on a terminal, else straight to standard output.
///
/// The pager is `AWS_PAGER`, else the setting `cli_pager`, else `PAGER`, else `less` that ends by itself where all fits on the
/// screen; an empty one means none. It starts with the first text, and its input is that text. A `less` that would end by itself
/// is not even started: what fits on the screen is written at once.
public final class Pager {
    private let context: CommandContext
    private let command: [String]?
    private let isDefault: Bool
    /// Text that may still fit on the screen, where the pager shows only what does not; nil once it is clear.
    private var held: String?
    private var process: pid_t?
    private var input: Int32 = -1
    /// What Ctrl-C did before the pager took it.
    private var interrupt: (@convention(c) (Int32) -> Void)?

    /// A pager as a command's settings say.
    public init(_ context: CommandContext) {
        self.context = context
        let variables = context.environment.variables
        let chosen =
            variables["AWS_PAGER"] ?? context.configuration.profiles[context.configuration.profileName]?["cli_pager"]
            ?? variables["PAGER"]
        isDefault = chosen == nil
        let isUsed = context.options.usesPager && context.environment.streams.isOutputTerminal
        let words = (try? Tokenizer.words(chosen ?? "less").map(\.text)) ?? []
        command = isUsed && !words.isEmpty ? words : nil
        let endsByItself =
            (variables["LESS"] ?? "F").contains("F") && words.count == 1 && words[0].split(separator: "/").last == "less"
        held = command != nil && endsByItself ? "" : nil
    }

    deinit { finish() }

    /// Shows more text; nothing is shown any more once the user has left the pager.
    ///
    /// - Throws: `CommandFailure` of status 253 where the pager does not start.
    public func write(_ text: String) throws(CommandFailure) {
        if text.isEmpty { return }
        var text = text
        if let before = held {
            text = before + text
            guard !Self.fits(text) else { return held = text }
            held = nil
        }
        if let command, process == nil { try start(command) }
        guard process != nil else { return context.write(text) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Waits until the user has seen enough.
    public func finish() {
        if let held, !held.isEmpty { context.write(held) }
        held = nil
        if input >= 0 { close(input) }
        input = -1
        guard let process else { return }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        self.process = nil
        signal(SIGINT, interrupt)
    }

    /// Whether a text fits on the screen, with a line left for the prompt.
    ///
    /// Takes the widest that a character may be, so that a text
    /// in doubt goes to the pager.
    private static func fits(_ text: String) -> Bool {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 1 else { return false }
        var rows = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(text.hasSuffix("\n") ? 1 : 0) {
            let columns = line.unicodeScalars.reduce(0) { $0 + ($1.value < 0x300 ? 1 : 2) }
            rows += max(1, (columns + Int(size.ws_col) - 1) / Int(size.ws_col))
            if rows >= Int(size.ws_row) { return false }
        }
        return true
    }

    private func start(_ command: [String]) throws(CommandFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        if ends[0] != STDIN_FILENO { posix_spawn_file_actions_addclose(&actions, ends[0]) }
        // What this program ignores, a broken pipe, is not for the pager to ignore.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var variables = context.environment.variables
        if variables["LESS"] == nil { variables["LESS"] = "FRX" }
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words { free(word) }
            for setting in settings { free(setting) }
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var started: pid_t = 0
        let failure = posix_spawnp(&started, command[0], &actions, &attributes, &words, &settings)
        close(ends[0])
        if failure == 0 {
            _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
            process = started
            input = ends[1]
            interrupt = signal(SIGINT, SIG_IGN)
            return
        }
        close(ends[1])
        // A system without `less` shows answers all the same where nobody asked for a pager.
        if isDefault { return }
        throw CommandFailure(
            .configuration(code: "Pager"),
            "Unable to redirect output to pager. Received the following error when opening pager:\n"
                + FileReading.Failure(number: failure).pythonText(command[0])
                + "\n\nLearn more about configuring the output pager by running \"aws help config-vars\".")
    }
}
