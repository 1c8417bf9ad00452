// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import World

/// The system's bash with the shims first on PATH: links to this program called `aws`, and like every service and command of our own,
/// so that every construct of the shell works and `aws` inside is us.
struct ShellBridge {
    let session: Session

    static let bash = "/bin/bash"
    /// The names of services as commands, `s3` and `s3api` among them.
    static let serviceNames: Set<String> = Set(ServiceCatalog.services.map(\.commandName) + ["s3", "configure"])
    /// Our own commands that make sense inside scripts.
    static let metaCommandNames: Set<String> = ["world", "dataset", "clock", "vcf", "runtime", "image", "docker"]

    /// Runs bash with `arguments` and gives its exit status.
    ///
    /// What the user presses goes to bash.
    ///
    /// - Parameter hasOwnCommands: whether `region`, `use`, `undo` and so on are there as at the prompt. A script for the real CLI
    ///   finds what it would find elsewhere.
    func run(_ arguments: [String], hasOwnCommands: Bool) throws -> Int32 {
        var environment = try environment()
        if hasOwnCommands { environment["BASH_ENV"] = try scriptPath() }
        let pid = try ShellBridge.spawn(arguments, environment: environment)
        // As sh does: what stops the command is not for the one who waits for it.
        let previousInterrupt = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, previousInterrupt) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return ShellBridge.exitStatus(status)
    }

    /// What a shell shows for the status that `waitpid` gave.
    static func exitStatus(_ status: Int32) -> Int32 {
        let stopSignal = status & 0x7f
        return stopSignal == 0 ? (status >> 8) & 0xff : 128 + stopSignal
    }

    /// Starts bash.
    ///
    /// - Parameter standardInput: a descriptor to read from; nil for this process's own.
    /// - Throws: `WorldError.cannotLaunch`.
    static func spawn(_ arguments: [String], environment: [String: String], standardInput: Int32? = nil) throws -> pid_t {
        var words: [UnsafeMutablePointer<CChar>?] = ([bash] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let standardInput { posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO) }
        // A shell starts as from a terminal: nothing blocked, nothing ignored.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let started = posix_spawn(&pid, bash, &actions, &attributes, &words, &variables)
        guard started == 0 else { throw WorldError.cannotLaunch(program: bash, reason: String(cString: strerror(started))) }
        return pid
    }

    /// The variables that carry the session into the commands of a script.
    func environment() throws -> [String: String] {
        var variables = session.variables
        let shims = try shimFolder()
        let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        variables["PATH"] = path.split(separator: ":").first == shims[...] ? path : shims + ":" + path
        return variables
    }

    /// The path of `SessionScript.common`, written anew where the program has changed.
    func scriptPath() throws -> String {
        let path = try shimFolder() + "/.session.bash"
        let text = Data(SessionScript.common.utf8)
        if FileManager.default.contents(atPath: path) != text {
            try text.write(to: URL(fileURLWithPath: path), options: .atomic)
        }
        return path
    }

    /// The folder of links, in the world; made anew where the program has moved.
    private func shimFolder() throws -> String {
        let folder = session.world.path + "/bin"
        let program = HostLauncher.ownExecutable()
        let manager = FileManager.default
        let names = ShellBridge.serviceNames.union(ShellBridge.metaCommandNames).union(["aws", "sagebrush"])
        if names.allSatisfy({ (try? manager.destinationOfSymbolicLink(atPath: folder + "/" + $0)) == program }) { return folder }
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in names {
                // A link of that name is replaced in one step: another shell may be using it.
                let temporary = folder + "/.\(name).\(getpid())"
                try? manager.removeItem(atPath: temporary)
                try manager.createSymbolicLink(atPath: temporary, withDestinationPath: program)
                guard rename(temporary, folder + "/" + name) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            }
        } catch {
            throw WorldError.cannotCreateFolder(path: folder, reason: error.localizedDescription)
        }
        return folder
    }
}
