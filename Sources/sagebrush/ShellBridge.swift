// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceModel
import World

/// The system's bash with the shims first on PATH: links to this program called `aws`, and like every service and command of our own,
/// so that every construct of the shell works and `aws` inside is us.
struct ShellBridge {
    let session: Session

    /// The names of services as commands, `s3` and `s3api` among them.
    static let serviceNames: Set<String> = Set(ServiceCatalog.services.map(\.commandName) + ["s3", "configure"])
    /// Our own commands that make sense inside scripts.
    static let metaCommandNames: Set<String> = ["world", "dataset", "clock"]

    /// Runs bash with `arguments` and gives its exit status.
    ///
    /// What the user presses goes to bash.
    func run(_ arguments: [String]) throws -> Int32 {
        let bash = "/bin/bash"
        let environment = try environment()
        var words: [UnsafeMutablePointer<CChar>?] = ([bash] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words { free(word) }
            for variable in variables { free(variable) }
        }
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
        let started = posix_spawn(&pid, bash, nil, &attributes, &words, &variables)
        guard started == 0 else { throw WorldError.cannotLaunch(program: bash, reason: String(cString: strerror(started))) }
        // As sh does: what stops the command is not for the one who waits for it.
        let previousInterrupt = signal(SIGINT, SIG_IGN)
        defer { signal(SIGINT, previousInterrupt) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let stopSignal = status & 0x7f
        return stopSignal == 0 ? (status >> 8) & 0xff : 128 + stopSignal
    }

    /// The variables that carry the session into the commands of a script.
    func environment() throws -> [String: String] {
        var variables = session.variables
        let shims = try shimFolder()
        variables["PATH"] = shims + ":" + (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        return variables
    }

    /// The folder of links, in the world; made anew where the program has moved.
    private func shimFolder() throws -> String {
        let folder = session.world.path + "/bin"
        let program = HostLauncher.ownExecutable()
        let manager = FileManager.default
        if (try? manager.destinationOfSymbolicLink(atPath: folder + "/aws")) == program { return folder }
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in ShellBridge.serviceNames.union(ShellBridge.metaCommandNames).union(["aws", "sagebrush"]) {
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
