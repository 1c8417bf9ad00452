// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation

/// Where a program of an image runs.
///
/// The image's files are below, what the program writes is in a folder of its own above them (overlayfs), and processes, names and network
/// are apart (bubblewrap). Of the machine's own files it sees none.
struct ImageSandbox: Sendable {
    /// Which network the program has.
    enum Network: Sendable {
        /// The machine's: only while an image is built.
        case machine
        /// A loopback interface of its own.
        case loopback
        /// That of the process which starts it.
        case inherited
    }

    /// A folder or file of the machine's that is seen inside.
    struct Mount: Sendable {
        var source: String
        var target: String
        var isWritable = false
    }

    /// The folder of the layers, and their names, the lowest first.
    var layersPath: String
    var layers: [String]
    /// Where what the program writes is kept: in `root` below it.
    var writable: String
    var network: Network
    var hostName = "localhost"
    var mounts: [Mount] = []

    /// What the program has written.
    var writtenPath: String { writable + "/root" }

    /// Mounts, then becomes bubblewrap.
    private static let script = #"cd "$1" && /usr/bin/mount -t overlay overlay -o "$2" "$3" || exit 125; shift 3; exec "$@""#

    /// The program that runs `words` inside.
    ///
    /// - Parameters:
    ///   - words: the program's name, sought on the image's PATH, and its arguments.
    ///   - environment: all of its environment.
    ///   - directory: where it starts, as seen inside.
    /// - Throws: `UserError` where bubblewrap is not installed; what the file system says.
    func program(_ words: [String], environment: [String: String], directory: String) throws -> UserProgram {
        guard let launcher = Sandbox.launcherPath() else { throw Sandbox.noLauncher }
        let merged = writable + "/merged"
        for folder in [writtenPath, writable + "/work", merged] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        var options = [
            "--die-with-parent", "--new-session", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--hostname", hostName,
        ]
        if network == .loopback { options.append("--unshare-net") }
        if geteuid() == 0 { options += Sandbox.capabilityOptions }
        options += ["--bind", merged, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run"]
        options += mounts.flatMap { [$0.isWritable ? "--bind" : "--ro-bind", $0.source, $0.target] }
        options += ["--clearenv"] + environment.sorted { $0.key < $1.key }.flatMap { ["--setenv", $0.key, $0.value] }
        options += ["--chdir", directory, "--"] + words
        let lower = layers.reversed().map { $0 + "/root" }.joined(separator: ":")
        let isRoot = geteuid() == 0
        let overlay =
            "lowerdir=\(lower),upperdir=\(Self.escaped(writtenPath)),workdir=\(Self.escaped(writable + "/work"))"
            + (isRoot ? "" : ",userxattr")
        let space = ["--mount"] + (isRoot ? [] : ["--user", "--map-root-user"])
        return UserProgram(
            executable: "/usr/bin/unshare",
            arguments: space + ["--", "/bin/sh", "-c", Self.script, "sh", layersPath, overlay, merged, launcher] + options,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: "/")
    }

    /// Commas part the options of a mount.
    private static func escaped(_ path: String) -> String {
        path.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: ",", with: "\\,").replacingOccurrences(
            of: ":", with: "\\:")
    }

    /// Removes what mounting leaves, so that the folder can be kept or removed.
    func clear() {
        // The kernel makes it for nobody to read.
        chmod(writable + "/work/work", 0o700)
        for name in ["work", "merged"] { try? FileManager.default.removeItem(atPath: writable + "/" + name) }
    }
}
