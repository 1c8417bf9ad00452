// SPDX-License-Identifier: Apache-2.0

import Algorithm
import ArgumentParser
import Foundation
import World

/// `sagebrush world copy DIR`.
struct WorldCopy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Copies the world to another folder; processes stay with the original.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The folder of the copy; it must not exist.", completion: .directory)
    var directory: String

    func run() async throws {
        let session = try Session.open(options.effective)
        let target = URL(fileURLWithPath: directory).standardizedFileURL.path
        try WorldTransfer.making(target) { draft in try session.world.copyContents(to: draft) }
        print("Copied the world at \(session.world.path) to \(target). To go there: world use \(target)")
    }
}

/// `sagebrush world export FILE`.
struct WorldExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes the world to one file (tar.gz), for a student or another machine.",
        discussion: "The accounts' access keys go along, so that whoever gets the file can use the world: hand it out accordingly.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The file; it must not exist.", completion: .file())
    var file: String

    func run() async throws {
        let session = try Session.open(options.effective)
        let target = URL(fileURLWithPath: file).standardizedFileURL.path
        WorldTransfer.note("Packing \(session.world.path) …")
        try WorldTransfer.making(target) { draft in
            // The folder keeps other people out while the file has not its own permissions yet.
            let folder = draft + ".contents"
            try? FileManager.default.removeItem(atPath: folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try session.world.copyContents(to: folder + "/world")
            chmod(folder, 0o700)
            try Archive.pack(directory: folder + "/world", to: folder + "/archive")
            chmod(folder + "/archive", 0o600)
            try FileManager.default.moveItem(atPath: folder + "/archive", toPath: draft)
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: target)[.size] as? Int) ?? 0
        print("Wrote \(target) (\(size) bytes). The accounts' access keys are in it.")
        print("To use it: sagebrush world import \(file) FOLDER")
    }
}

/// `sagebrush world import FILE DIR`.
struct WorldImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Makes a world of a file that `world export` wrote.")

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Argument(help: "The world's folder; it must not exist.", completion: .directory)
    var directory: String

    func run() async throws {
        let target = URL(fileURLWithPath: directory).standardizedFileURL.path
        WorldTransfer.note("Unpacking \(file) …")
        try WorldTransfer.making(target) { draft in
            try FileManager.default.createDirectory(
                atPath: draft, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Archive.extract(file, into: draft)
            try World.adopt(draft)
        }
        print("Made a world at \(target). To go there: world use \(target)")
    }
}

/// What `world copy`, `export` and `import` share.
enum WorldTransfer {
    /// Makes something beside `target` and gives it that name when it is whole, so that nothing half made ever has it.
    static func making(_ target: String, _ make: (_ draft: String) throws -> Void) throws {
        let manager = FileManager.default
        guard !manager.fileExists(atPath: target) else { throw WorldError.pathTaken(path: target) }
        let draft = target + ".partial"
        // What a killed process left.
        try? manager.removeItem(atPath: draft)
        defer { try? manager.removeItem(atPath: draft) }
        try make(draft)
        try manager.moveItem(atPath: draft, toPath: target)
    }

    /// Says on a terminal what takes a while.
    static func note(_ text: String) {
        if isatty(STDERR_FILENO) == 1 { FileHandle.standardError.write(Data((text + "\n").utf8)) }
    }
}
