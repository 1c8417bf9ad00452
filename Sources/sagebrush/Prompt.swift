// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import LineEditor
import World

/// The interactive shell: reads a line, runs it, until the end of input.
///
/// Plain commands run in this process; a line that needs a shell (variables, pipes, loops …) goes to bash with the shims on PATH.
struct Prompt {
    var session: Session

    init(session: Session) {
        self.session = session
    }

    /// Runs until `exit` or Ctrl-D; gives the last command's status.
    mutating func run() async -> Int32 {
        guard let editor = LineEditor(program: "sagebrush", historyPath: historyPath) else {
            return Program.report(UsageError("This terminal can't be used for line editing: set TERM."))
        }
        print("Sagebrush \(Program.version) — a cloud in a box. Nothing here costs anything.")
        print("Type an AWS command (the word aws is optional), help, or exit.\n")
        var status: Int32 = 0
        var assistant = PromptAssistant()
        while true {
            assistant.attach(session, to: editor)
            switch await editor.readLine(prompt: promptText) {
            case .endOfInput:
                print()
                return status
            case .interrupted:
                status = 130
            case .line(let line):
                let text = line.trimmingCharacters(in: .whitespaces)
                if text.isEmpty { continue }
                editor.remember(line)
                // A pasted block is run command by command.
                for command in LineContinuation.commands(in: text) {
                    if command == "exit" || command == "quit" { return status }
                    status = await execute(command)
                    if status == 130 { break }
                }
            }
        }
    }

    private var historyPath: String {
        (World.defaultPath(environment: session.variables.filter { $0.key != "SAGEBRUSH_WORLD" }) as NSString)
            .deletingLastPathComponent + "/history"
    }

    private var promptText: String {
        let context = "[\(session.account) \(session.region)]"
        if session.variables["NO_COLOR"] != nil { return "\(context) sagebrush> " }
        return "\u{1}\u{1b}[2m\u{1}\(context)\u{1}\u{1b}[22m\u{1} \u{1}\u{1b}[1;32m\u{1}sagebrush>\u{1}\u{1b}[0m\u{1} "
    }

    private mutating func execute(_ line: String) async -> Int32 {
        do {
            guard let words = ShellLine.plainWords(line), let first = words.first else {
                return try ShellBridge(session: session).run(["-c", line])
            }
            switch first {
            case "region": return try showOrSetRegion(words.dropFirst().first)
            case "account":
                print(session.account)
                return 0
            case "help" where words.count == 1:
                print(PromptHelp.text)
                return 0
            case "aws": return await runAWS(Array(words.dropFirst()))
            case "sagebrush": return await Program.run(words)
            case _ where ShellBridge.serviceNames.contains(first): return await runAWS(words)
            case _ where ShellBridge.metaCommandNames.contains(first):
                return await Program.run(["sagebrush", "--world", session.world.path] + words)
            default: return try ShellBridge(session: session).run(["-c", line])
            }
        } catch {
            return Program.report(error)
        }
    }

    private func runAWS(_ words: [String]) async -> Int32 {
        let session = session
        return await Interrupts.shared.cancelling { await session.runAWS(words) }
    }

    private mutating func showOrSetRegion(_ name: String?) throws -> Int32 {
        if let name {
            session = try session.moved(to: name)
        } else {
            for region in Region.all {
                let marks = (region.name == session.region ? "*" : " ") + (Region.recommended.contains(region.name) ? "+" : " ")
                print("\(marks) \(region.name.padding(toLength: 16, withPad: " ", startingAt: 0))\(region.title)")
            }
            print("* here   + recommended by the workshop")
        }
        return 0
    }
}

/// What `help` alone says at the prompt.
enum PromptHelp {
    static let text = """
        AWS commands      s3, s3api, iam, sts, sagemaker, sagemaker-runtime, logs, cloudwatch …   (as of the aws CLI; `aws` is optional)
        SERVICE help      the operations of a service;  SERVICE OPERATION help  its options
        region [NAME]     shows the regions, or goes to one
        account           shows the account
        dataset …         lists, draws, converts and exports the data in the box
        world …           new, list, info, reset
        clock [MODE]      instant, realtime or xN
        exit              ends the shell; what is running goes on

        Everything else is bash: variables, pipes, loops, files.
        """
}
