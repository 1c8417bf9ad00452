// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import World

/// The trees that images begin with: Debian 12, made once by mmdebstrap and kept for all worlds.
enum BaseTree {
    /// The layer's name.
    static let layer = "debian-12"

    /// What an image's name begins with: the layer, and what is installed on it before the first instruction.
    struct Base: Sendable, Hashable {
        /// What a person should know of it.
        var note: String?
        /// A line for `/bin/sh -c`, run on the tree; nil: none.
        var preparation: String?
        var environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        var command: [String]?
    }

    /// What stands for an image that is none of the world's own; nil where nothing does.
    ///
    /// Debian 12's Python is 3.11, whatever the tag says. Its pip keeps out of the system's packages unless told otherwise, which the
    /// images named here did not.
    static func named(_ image: String) -> Base? {
        let last = image.split(separator: "/").last ?? ""
        let parts = last.split(separator: ":", maxSplits: 1)
        let tag = parts.count > 1 ? String(parts[1]) : "latest"
        var base = Base()
        switch parts.first {
        case "debian":
            if !["12", "bookworm", "latest"].contains(where: tag.hasPrefix) { base.note = "Debian 12 stands for \(image)." }
            base.command = ["bash"]
        case "ubuntu":
            base.note = "Debian 12 stands for \(image)."
            base.command = ["bash"]
            // There, python3-pip brought no `pip`, and Dockerfiles make the link themselves.
            if ["14.", "16.", "18."].contains(where: tag.hasPrefix) {
                base.preparation = "echo path-exclude=/usr/bin/pip > /etc/dpkg/dpkg.cfg.d/python3-pip"
            }
        case "python":
            base.note = tag.hasPrefix("3.11") ? nil : "Debian 12 with Python 3.11 stands for \(image)."
            base.preparation =
                "apt-get update && apt-get install -y --no-install-recommends python3 python3-pip python3-venv python3-dev && "
                + "rm -rf /var/lib/apt/lists/* && ln -sf /usr/bin/python3 /usr/local/bin/python && "
                + "ln -sf /usr/bin/pip3 /usr/local/bin/pip"
            base.command = ["python3"]
        default: return nil
        }
        base.environment["PIP_BREAK_SYSTEM_PACKAGES"] = "1"
        return base
    }

    /// Sees to it that the tree is there, and that the store has it as a layer.
    ///
    /// - Throws: `ImageError`; what the file system says.
    static func prepare(in store: ImageStore, report: @escaping @Sendable (String) -> Void) async throws {
        let link = store.layerPath(layer)
        if FileManager.default.fileExists(atPath: link + "/root/etc/debian_version") { return }
        let folder = cachePath + "/" + layer
        try FileManager.default.createDirectory(atPath: cachePath, withIntermediateDirectories: true)
        guard let lease = Lease.acquire(path: cachePath + "/.lock") else {
            throw ImageError("Another command is making the tree that images begin with: try again when it has ended.")
        }
        defer { lease.release() }
        if !FileManager.default.fileExists(atPath: folder + "/root/etc/debian_version") { try await make(folder, report) }
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
    }

    /// Kept beside the user's other caches.
    private static var cachePath: String {
        let variables = ProcessInfo.processInfo.environment
        let cache = variables["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() + "/.cache"
        return cache + "/sagebrush/images"
    }

    private static func make(_ folder: String, _ report: @escaping @Sendable (String) -> Void) async throws {
        let program = "/usr/bin/mmdebstrap"
        guard access(program, X_OK) == 0 else {
            throw ImageError(
                "Images begin with a tree of Debian 12, and mmdebstrap, which makes it, is not installed on this machine: "
                    + "apt-get install mmdebstrap")
        }
        report("Making a tree of Debian 12, once for all images …")
        let unfinished = folder + "-unfinished"
        try? FileManager.default.removeItem(atPath: unfinished)
        try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
        let ending = try await UserProgram(
            executable: program,
            arguments: ["--variant=minbase", "--include=ca-certificates", "bookworm", unfinished + "/root"],
            environment: ProcessInfo.processInfo.environment, directory: "/"
        ).run(stopFlag: StopFlag()) { line in
            if line.hasPrefix("I: ") || line.hasPrefix("E: ") { report("  " + line.dropFirst(3)) }
        }
        guard ending.exitCode == 0 else {
            throw ImageError("mmdebstrap could not make the tree: it ended with status \(ending.exitCode).")
        }
        // These are this machine's.
        for name in ["hostname", "resolv.conf"] { try? FileManager.default.removeItem(atPath: unfinished + "/root/etc/" + name) }
        try FileManager.default.moveItem(atPath: unfinished, toPath: folder)
    }
}
