// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import LineEditor
import World

/// The interactive shell: reads a line, runs it, until the end of input.
///
/// Plain commands run in this process; a line that needs a shell (variables, pipes, loops …) goes to the bash beside it.
struct Prompt {
    var session: Session
    private let folder: SessionFolder
    private var assistant = PromptAssistant()
    private var shell: BashSession?
    /// Functions and aliases of the shell: a line that begins with one of them is the shell's.
    private var shellNames: Set<String> = []
    /// What commands in this process have changed since the shell's last line.
    private var change = ContextChange()
    private var status: Int32 = 0
    private var lessons = LessonWatch()
    /// Set when the shell has ended by itself.
    private var isOver = false

    init(session: Session) throws {
        folder = try SessionFolder.make(in: session.world)
        self.session = session
        self.session.variables["SAGEBRUSH_SESSION"] = folder.path
    }

    /// Runs until `exit` or Ctrl-D; gives the last command's status.
    mutating func run() async -> Int32 {
        defer { folder.remove() }
        guard
            let editor = LineEditor(program: "sagebrush", historyPath: HistoryCommand.path(variables: session.variables))
        else {
            return Program.report(UsageError("This terminal can't be used for line editing: set TERM."))
        }
        // A shell is not stopped from its own terminal, and hands the terminal over and takes it back.
        for number in [SIGTSTP, SIGTTOU, SIGQUIT] { signal(number, SIG_IGN) }
        print("Sagebrush \(Program.version) — a cloud in a box. Nothing here costs anything.")
        print("Type an AWS command (the word aws is optional), help, or exit. New here? Type workshop.\n")
        while !isOver {
            assistant.attach(session, to: editor)
            switch await editor.readLine(prompt: PromptText.make(session)) {
            case .endOfInput:
                print()
                isOver = true
            case .interrupted: status = 130
            case .line(let text):
                if text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { continue }
                editor.remember(text)
                // A pasted block is run command by command.
                for command in LineContinuation.commands(in: text) where !isOver {
                    await execute(command)
                    if status == 130 || Interrupts.shared.haveCancelled { break }
                    if status == 0, !isOver, let news = await lessons.news(session, after: command) { print(news, terminator: "") }
                }
            }
        }
        shell?.end()
        return status
    }

    private mutating func execute(_ line: String) async {
        do {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.hasPrefix("!"), let next = text.dropFirst().first, !next.isWhitespace, next != "=" {
                return try runInShell(String(text.dropFirst()))
            }
            guard let words = ShellLine.plainWords(text), let first = words.first, !shellNames.contains(first) else {
                return try runInShell(line)
            }
            try await execute(words, line: line)
        } catch {
            status = Program.report(error)
        }
    }

    private mutating func execute(_ words: [String], line: String) async throws {
        let first = words[0]
        switch first {
        case "exit", "quit":
            guard words.count <= 2, let code = words.count == 1 ? status : Int32(words[1]) else {
                throw UsageError("exit takes a status: a number from 0 to 255.")
            }
            status = code & 0xff
            isOver = true
        case "help" where words.count == 1:
            print(OwnCommand.help, terminator: "")
            status = 0
        case "help" where OwnCommand.programNames.contains(words[1]): await runOwn([words[1], "--help"])
        case "help" where ShellBridge.serviceNames.contains(words[1]): await runAWS(words.dropFirst() + ["help"], line: line)
        case "aws": await runAWS(Array(words.dropFirst()), line: line)
        case _ where ShellBridge.serviceNames.contains(first): await runAWS(words, line: line)
        case _ where OwnCommand.programNames.contains(first): await runOwn(words)
        case "sagebrush": await runOwn(Array(words.dropFirst()))
        default:
            guard !isProgram(first) else { return try runInShell(line) }
            let answer = await Interrupts.shared.cancelling { Result { try UnprefixedCommand.complete(words) } }
            guard let completed = try answer.get() else { return try runInShell(line) }
            if completed.first == "" { status = 130 } else { await runAWS(completed, line: line) }
        }
    }

    private func isProgram(_ name: String) -> Bool {
        name.contains("/") || ProgramIndex.isPresent(name, in: ProgramIndex.folders(session.variables["PATH"]))
    }

    private mutating func runAWS(_ words: [String], line: String) async {
        let session = session
        let recorder = ErrorRecorder()
        let streams = recorder.streams
        status = await Interrupts.shared.cancelling { await session.runAWS(words, streams: streams) }
        guard status != 0, status != 130, !Interrupts.shared.haveCancelled, isatty(STDERR_FILENO) == 1 else { return }
        let notesRefusal = ["(AccessDenied", "(403) when"].contains { recorder.text.contains($0) }
        if notesRefusal { FileHandle.standardError.write(Data("iam explain shows how that was decided.\n".utf8)) }
        let guide = assistant.guide
        let advice = ErrorAdvice(error: recorder.text, line: line) { text in
            guide?.completions(text, cursor: text.unicodeScalars.count).completions.map(\.text) ?? []
        }
        guard let advice else { return }
        let text = advice.text(usesColor: session.variables["NO_COLOR"] == nil)
        FileHandle.standardError.write(Data(text.utf8))
    }

    private mutating func runOwn(_ words: [String]) async {
        let session = session
        let collector = ContextSink.Collector()
        status = await Interrupts.shared.cancelling {
            await ContextSink.$collector.withValue(collector) {
                await Session.$ambient.withValue(session) { await Program.run(["sagebrush"] + words) }
            }
        }
        for change in collector.all {
            for assignment in change.assignments { self.change.set(assignment.name, assignment.value) }
            var variables = session.variables
            change.apply(to: &variables)
            adopt(variables)
        }
    }

    // MARK: The shell

    private mutating func runInShell(_ line: String) throws {
        if shell == nil { try startShell() }
        guard let shell else { return }
        settle(shell.run(line, status: status, change: change))
        change = ContextChange()
    }

    private mutating func startShell() throws {
        let bridge = ShellBridge(session: session)
        var environment = try bridge.environment()
        // An interactive bash shows its prompts, which are ours to show.
        for name in ["PS1", "PS2"] { environment[name] = "" }
        let (shell, outcome) = try BashSession.start(
            environment: environment, script: try bridge.scriptPath(), folder: folder.path)
        self.shell = shell
        let status = status
        settle(outcome)
        if case .report = outcome { self.status = status }
        change = ContextChange()
    }

    private mutating func settle(_ outcome: BashSession.Outcome) {
        switch outcome {
        case .ended(let code):
            status = code
            isOver = true
        case .report(let report):
            status = report.status
            shellNames = report.names.subtracting(OwnCommand.all.map(\.name)).subtracting(["command_not_found_handle"])
            if report.directory != FileManager.default.currentDirectoryPath {
                _ = FileManager.default.changeCurrentDirectoryPath(report.directory)
            }
            if report.environment != session.variables { adopt(report.environment) }
        }
    }

    /// Takes over variables, and goes to another world where they name one.
    private mutating func adopt(_ variables: [String: String]) {
        guard let path = variables["SAGEBRUSH_WORLD"], path != session.world.path else {
            session = session.adopting(variables)
            return
        }
        do {
            session = try session.moved(toWorld: path, variables: variables)
        } catch {
            _ = Program.report(error)
        }
        // What the shell has to hear: all that goes with a world.
        for name in Session.worldVariables where session.variables[name] != variables[name] {
            change.set(name, session.variables[name])
        }
    }
}
