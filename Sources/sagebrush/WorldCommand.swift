// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import World

/// `sagebrush world …`.
struct WorldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "world", abstract: "Makes, lists, describes, copies and empties worlds.",
        subcommands: [
            WorldNew.self, WorldList.self, WorldInfo.self, WorldReset.self, WorldUse.self, WorldCopy.self, WorldExport.self,
            WorldImport.self,
        ],
        defaultSubcommand: WorldInfo.self)
}

/// `sagebrush world new`.
struct WorldNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "new", abstract: "Makes a new world.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The folder; without it, the one of --world or the default.", completion: .directory)
    var directory: String?

    func run() async throws {
        var effective = options.effective
        effective.worldPath = directory ?? effective.worldPath
        let path = effective.worldPath ?? World.defaultPath(environment: ProcessInfo.processInfo.environment)
        if World.exists(at: path) { throw WorldError.worldExists(path: path) }
        let session = try Session.open(effective)
        print("Made a world at \(session.world.path) with account \(session.account).")
    }
}

/// `sagebrush world list`.
struct WorldList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the worlds below the default folder; * marks the one in use.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let current = URL(fileURLWithPath: options.effective.worldPath ?? World.defaultPath(environment: environment))
            .standardizedFileURL.path
        let folder = (World.defaultPath(environment: environment.filter { $0.key != "SAGEBRUSH_WORLD" }) as NSString)
            .deletingLastPathComponent
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        var paths = names.map { folder + "/" + $0 }.filter { World.exists(at: $0) }
        if World.exists(at: current), !paths.contains(current) { paths.append(current) }
        for path in paths { print((path == current ? "* " : "  ") + path) }
    }
}

/// `world use DIR`.
struct WorldUse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Goes to another world: the prompt, and what it starts, then work in that folder.")

    @Argument(help: "The folder; a world is made in it where there is none.", completion: .directory)
    var directory: String

    func run() async throws {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path
        // It is opened, and made where need be, before anybody goes there.
        var options = ProgramSettings()
        options.worldPath = path
        _ = try Session.open(options, variables: ["HOME": path])
        var change = ContextChange()
        for name in Session.worldVariables { change.set(name, nil) }
        change.set("SAGEBRUSH_WORLD", path)
        ContextSink.send(change)
    }
}

/// `sagebrush world info`.
struct WorldInfo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows what is in the world and which processes work for it.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        let session = try Session.open(options.effective)
        let world = session.world
        let (accounts, clock, processes, counts) = try world.store.read { database in
            (try Account.all(in: database), try database.clock(), try HostProcess.all(in: database), try database.resourceCounts())
        }
        print("world     \(world.path)")
        print("clock     \(clock.mode), \(Date(timeIntervalSince1970: clock.now()).formatted(.iso8601))")
        print("accounts  \(accounts.map(\.id).joined(separator: " "))")
        for (kind, count) in counts { print("          \(count) \(kind)") }
        let alive = processes.filter(\.isAlive)
        print("processes \(alive.isEmpty ? "none" : "")")
        for process in alive {
            let memory = ProcessMemory.residentBytes(of: process.pid).map { "\($0 / 1_048_576) MiB" } ?? "?"
            print(
                "          pid \(process.pid)  \(process.kind.rawValue)  \(process.name)  \(memory)  \(process.address ?? "-")  \(process.ownerARN)"
            )
        }
    }
}

/// `sagebrush world reset --yes`.
struct WorldReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Empties the world: everything in it is deleted, its processes end.")

    @OptionGroup var options: ProgramOptions

    @Flag(help: "Do it; without this, only says what would be lost.")
    var yes = false

    func run() async throws {
        let session = try Session.open(options.effective)
        guard yes else {
            let counts = try session.world.store.read { try $0.resourceCounts() }
            print("This deletes everything in \(session.world.path):")
            for (kind, count) in counts { print("  \(count) \(kind)") }
            print("To do it: sagebrush world reset --yes")
            throw ExitStatus(code: 1)
        }
        try await session.world.endAllProcesses()
        try session.world.reset(bootstrap: Session.bootstrap)
        for file in ["config", "credentials"] { try? FileManager.default.removeItem(atPath: session.world.path + "/aws/" + file) }
        try session.writeConfiguration()
        UndoJournal.current(session.variables)?.clear()
        print("The world at \(session.world.path) is empty.")
    }
}

/// What a process holds in memory.
enum ProcessMemory {
    /// The resident set in bytes, from /proc; nil where the process is gone.
    static func residentBytes(of pid: Int32) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
