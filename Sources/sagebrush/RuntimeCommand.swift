// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import Hosts
import Synchronization
import World

/// `sagebrush runtime …`: what users' own programs need.
struct RuntimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime", abstract: "Lists, installs and removes what users' own code runs with.",
        discussion:
            "A runtime is a virtual environment of Python in the world's folder. Packages come from the index that pip is set up for.",
        subcommands: [RuntimeList.self, RuntimeInstall.self, RuntimeRemove.self], defaultSubcommand: RuntimeList.self)

    /// The runtime that a word names.
    ///
    /// - Throws: `ValidationError` that lists what there is.
    static func runtime(_ name: String) throws -> PythonRuntime {
        if let runtime = PythonRuntime.named(name) { return runtime }
        throw ValidationError(
            "There is no runtime \"\(name)\"; there is: \(PythonRuntime.all.map(\.name).joined(separator: ", ")).")
    }
}

/// `sagebrush runtime list`.
struct RuntimeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the runtimes and what is installed.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        let session = try Session.open(options.effective)
        for runtime in PythonRuntime.all {
            let state = runtime.installed(in: session.world).map { "installed, Python \($0.pythonVersion)" } ?? "not installed"
            print(
                runtime.name.padding(toLength: 14, withPad: " ", startingAt: 0)
                    + state.padding(toLength: 28, withPad: " ", startingAt: 0) + "for " + runtime.purpose)
        }
    }
}

/// `sagebrush runtime install NAME [REQUIREMENT…]`.
struct RuntimeInstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Installs a runtime, or installs it anew.",
        discussion: "Further words are requirements for pip, such as torch==2.5.1, which choose versions or add packages.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The runtime: see `runtime list`.")
    var name: String

    @Argument(help: "What pip is asked for besides.")
    var requirements: [String] = []

    func validate() throws {
        _ = try RuntimeCommand.runtime(name)
        if let option = requirements.first(where: { $0.hasPrefix("-") }) {
            throw ValidationError("\(option) is no requirement: name packages, such as numpy or torch==2.5.1.")
        }
    }

    func run() async throws {
        let session = try Session.open(options.effective)
        let runtime = try RuntimeCommand.runtime(name)
        let display = TerminalProgress.standard(variables: ProcessInfo.processInfo.environment)
        let start = ContinuousClock.now
        let state = Mutex("")
        let drawing = Task {
            while let display, !Task.isCancelled {
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                display.showWaiting(WaitingProgress(name: runtime.name, state: state.withLock { $0 }, seconds: seconds))
                try await Task.sleep(for: .milliseconds(80))
            }
        }
        let isQuiet = display != nil
        defer { display?.clear() }
        do {
            try await runtime.install(in: session.world, requirements: requirements) { text in
                state.withLock { $0 = text }
                if !isQuiet { FileHandle.standardError.write(Data("\(runtime.name): \(text)\n".utf8)) }
            }
        } catch {
            drawing.cancel()
            throw error
        }
        drawing.cancel()
        _ = await drawing.result
        display?.clear()
        let version = runtime.installed(in: session.world)?.pythonVersion ?? ""
        print("Installed \(runtime.name) with Python \(version) in \(runtime.path(in: session.world)).")
    }
}

/// `sagebrush runtime remove NAME`.
struct RuntimeRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Removes a runtime from the world.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The runtime: see `runtime list`.")
    var name: String

    func validate() throws { _ = try RuntimeCommand.runtime(name) }

    func run() async throws {
        let session = try Session.open(options.effective)
        try RuntimeCommand.runtime(name).remove(from: session.world)
        print("Removed \(name).")
    }
}
