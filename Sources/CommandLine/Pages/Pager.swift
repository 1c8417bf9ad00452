// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Shows long text a screen at a time, with the program that the settings name.
///
/// As the real CLI: AWS_PAGER, then the profile's `cli_pager`, then PAGER, then `less` with LESS=FRX where LESS is not set. An empty name
/// means none. Only where standard output is the process's own terminal.
struct Pager {
    let context: CommandContext

    /// The command that shows text, for sh; nil where text is just written.
    var command: String? {
        let environment = context.environment
        guard environment.streams.isOutputTerminal, context.options.usesPager else { return nil }
        let variables = environment.variables
        let name = variables["AWS_PAGER"] ?? context.configuration.value("cli_pager") ?? variables["PAGER"] ?? "less"
        return name.trimmingCharacters(in: .whitespaces).isEmpty ? nil : name
    }

    /// Writes the text, through the pager where there is one.
    func show(_ text: String) {
        guard let command, run(command, text) else { return context.write(text) }
    }

    /// False where the pager could not be started.
    private func run(_ command: String, _ text: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        var variables = context.environment.variables
        if variables["LESS"] == nil { variables["LESS"] = "FRX" }
        process.environment = variables
        let pipe = Pipe()
        process.standardInput = pipe
        // Ctrl-C is for the pager; a pager that is left before the end of the text is no failure.
        let interrupt = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, interrupt) }
        do {
            try process.run()
        } catch {
            return false
        }
        try? pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        // 127: sh found no such program.
        return process.terminationStatus != 127
    }
}
