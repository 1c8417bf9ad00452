// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import World

/// Where a program that is not ours runs: a file system, processes and a host name of its own, through bubblewrap.
///
/// It sees the system's programs and libraries, `/opt/ml`, and what it is given besides; of users' files, and of the world's, nothing.
struct Sandbox: Sendable {
    /// What it sees at `/opt/ml`.
    var folder: ContainerFolder
    /// Folders that it sees, unchangeable, where they are.
    var readable: [String] = []
    /// The name of its host.
    var hostName: String
    /// The names that lead to this machine, each to an address of its own on the loopback interface.
    var hosts: [String]
    /// Whether there is no network, not even this world's endpoint: `EnableNetworkIsolation`.
    var isIsolated = false

    /// Where bubblewrap is; nil where it isn't installed.
    static func launcherPath(path: String? = ProcessInfo.processInfo.environment["PATH"]) -> String? {
        (["/usr/bin"] + (path ?? "").split(separator: ":").map(String.init)).map { $0 + "/bwrap" }.first { access($0, X_OK) == 0 }
    }

    static var noLauncher: UserError {
        UserError(
            "Your own code runs in a sandbox, and bubblewrap, which makes it, is not installed on this machine: apt-get install bubblewrap"
        )
    }

    /// bubblewrap's options for what root may do inside.
    static var capabilityOptions: [String] { ["--cap-drop", "ALL"] + capabilities.flatMap { ["--cap-add", $0] } }

    /// What a container of Docker's may do with its superuser; nobody else has anything to lose.
    private static let capabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",
        "CAP_SETGID",
        "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ]

    /// Files of `/etc` without which programs do not start, find names, or trust certificates.
    private static let settings = [
        "alternatives", "ca-certificates", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types",
        "nsswitch.conf", "passwd", "pip.conf", "pki", "resolv.conf", "ssl",
    ]

    /// The program that runs `executable` inside.
    ///
    /// - Parameters:
    ///   - environment: all of its environment.
    ///   - directory: where it starts, as seen inside.
    /// - Throws: `UserError` where bubblewrap is not installed; what the file system says.
    func program(_ executable: String, _ arguments: [String], environment: [String: String], directory: String) throws
        -> UserProgram
    {
        guard let launcher = Self.launcherPath() else { throw Self.noLauncher }
        let names = folder.path + "/../hosts"
        let lines = ["127.0.0.1 localhost"] + hosts.enumerated().map { "127.0.0.\($0.offset + 1) \($0.element)" }
        try Data(lines.joined(separator: "\n").appending("\n").utf8).write(to: URL(fileURLWithPath: names))
        var options = [
            "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--hostname", hostName,
        ]
        if isIsolated { options.append("--unshare-net") }
        if geteuid() == 0 { options += Self.capabilityOptions }
        options += systemFiles + ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--dir", "/root"]
        options += ["--ro-bind", names, "/etc/hosts", "--bind", folder.path, "/opt/ml"]
        options += readable.flatMap { ["--ro-bind", $0, $0] } + ["--chdir", directory, "--", executable]
        return UserProgram(executable: launcher, arguments: options + arguments, environment: environment, directory: "/")
    }

    /// The system's own programs and libraries.
    private var systemFiles: [String] {
        let links = ["/bin", "/sbin", "/lib", "/lib64", "/lib32"].flatMap { path in
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) { return ["--symlink", target, path] }
            return ["--ro-bind-try", path, path]
        }
        return ["--ro-bind", "/usr", "/usr"] + links + Self.settings.flatMap { ["--ro-bind-try", "/etc/\($0)", "/etc/\($0)"] }
    }
}
