// SPDX-License-Identifier: Apache-2.0

import Foundation
import World

/// A folder of one prompt or one `-c` in its world: the shell's reports, the changes that can be taken back, kept bodies.
///
/// It is named after the process that made it and goes with it; what killed processes left goes with the next one.
struct SessionFolder: Sendable {
    let path: String

    static func make(in world: World) throws -> SessionFolder {
        let parent = world.path + "/sessions"
        let manager = FileManager.default
        let folder = SessionFolder(path: "\(parent)/\(getpid())-\(UUID().uuidString.prefix(8).lowercased())")
        do {
            for name in (try? manager.contentsOfDirectory(atPath: parent)) ?? [] {
                guard let pid = name.split(separator: "-").first.flatMap({ Int32($0) }), kill(pid, 0) != 0, errno == ESRCH else {
                    continue
                }
                try? manager.removeItem(atPath: parent + "/" + name)
            }
            try manager.createDirectory(
                atPath: folder.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw WorldError.cannotCreateFolder(path: folder.path, reason: error.localizedDescription)
        }
        return folder
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
