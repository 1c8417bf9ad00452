// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import World

/// The program without a subcommand: the prompt, or commands from an argument or standard input.
struct Sagebrush: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sagebrush",
        abstract: "A cloud in a box: AWS SageMaker workshops with no account, no cost and no network.",
        discussion: "Without a command: the prompt on a terminal, else commands are read from standard input as by sh.",
        version: "sagebrush \(Program.version)",
        subcommands: [
            RunCommand.self, AWSCommand.self, ServeCommand.self, WorldCommand.self, DatasetProgram.self, VCFProgram.self,
            ClockCommand.self,
            PlotCommand.self, FollowCommand.self, RuntimeCommand.self, ImageCommand.self, DockerCommand.self,
            RegionCommand.self, AccountCommand.self, ProfileCommand.self, UseCommand.self, HistoryCommand.self,
            StatusCommand.self, CostCommand.self, CleanupCommand.self, RoleCommand.self, UndoCommand.self, WorkshopCommand.self,
            LessonCommand.self, ClassroomCommand.self,
            ListCommands.self, CoverageCommand.self, VersionCommand.self,
        ])

    @OptionGroup var options: ProgramOptions

    @Option(
        name: .customShort("c"),
        help: ArgumentHelp("Runs these commands as sh would, with aws on PATH, and ends.", valueName: "commands"))
    var commands: String?

    func run() async throws {
        let session = try Session.open(options.effective)
        if let commands {
            throw ExitStatus(code: try runShell(session, ["-c", commands]))
        } else if isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
            var prompt = try Prompt(session: session)
            throw ExitStatus(code: await prompt.run())
        } else {
            throw ExitStatus(code: try runShell(session, ["-s"]))
        }
    }

    /// Runs commands as the prompt does, its own among them.
    private func runShell(_ session: Session, _ arguments: [String]) throws -> Int32 {
        var session = session
        let folder = try SessionFolder.make(in: session.world)
        defer { folder.remove() }
        session.variables["SAGEBRUSH_SESSION"] = folder.path
        return try ShellBridge(session: session).run(arguments, hasOwnCommands: true)
    }
}

/// `sagebrush run FILE [ARG…]`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a bash script in which `aws` is Sagebrush.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The script.", completion: .file())
    var file: String

    @Argument(parsing: .captureForPassthrough, help: "The script's arguments.")
    var arguments: [String] = []

    func run() async throws {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw UsageError("The script \(file) can't be read: name a file that exists.")
        }
        let session = try Session.open(options.effective)
        throw ExitStatus(code: try ShellBridge(session: session).run([file] + arguments, hasOwnCommands: false))
    }
}

/// `sagebrush aws …`.
///
/// The words are not this parser's: see `Program`.
struct AWSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aws", abstract: "Runs one command of the AWS CLI: sagebrush aws SERVICE OPERATION …")

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []
}

/// `sagebrush version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Shows the program's version.")

    func run() throws {
        print("sagebrush \(Program.version)")
    }
}
