// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Lessons

/// Runs the commands of lessons in a bash of the session.
struct LessonScript {
    let session: Session

    /// Whether a program is on PATH.
    static func isPresent(_ program: String) -> Bool {
        ProgramIndex.isPresent(program, in: ProgramIndex.folders(ProcessInfo.processInfo.environment["PATH"]))
    }

    /// Runs commands one by one as if they had been typed, each shown before its output.
    ///
    /// - Parameter stopsAtFailure: whether the first that fails ends it; in lessons some shall fail.
    /// - Returns: the exit status of the last command.
    func runShown(_ text: String, usesColor: Bool, stopsAtFailure: Bool = false) throws -> Int32 {
        let (begin, end) = usesColor ? ("\u{1b}[32m", "\u{1b}[0m") : ("", "")
        let script = LineContinuation.commands(in: text).map { command in
            "printf '%s\\n' \(Tokenizer.quoted(begin + "> " + command + end)) >&2\n\(command)\n"
        }
        // What was printed before comes before.
        fflush(nil)
        return try ShellBridge(session: session).run(
            (stopsAtFailure ? ["-e"] : []) + ["-c", script.joined()], hasOwnCommands: true)
    }

    /// Runs commands in a folder, with what they write in a file; the first that fails ends it.
    ///
    /// - Returns: the exit status of the last command.
    func runQuietly(_ text: String, folder: String, logPath: String) throws -> Int32 {
        let script = "exec </dev/null >\(Tokenizer.quoted(logPath)) 2>&1\ncd \(Tokenizer.quoted(folder))\n\(text)\n"
        return try ShellBridge(session: session).run(["-e", "-c", script], hasOwnCommands: true)
    }
}
