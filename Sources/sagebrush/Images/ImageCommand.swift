// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Hosts
import Wire
import World

/// `sagebrush image …`: users' own containers.
struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Makes, names, pushes and runs images of users' own programs.",
        discussion:
            "An image is a folder tree that a Dockerfile describes; its programs run in a sandbox (bubblewrap), without Docker. "
            + "`docker build`, `tag`, `push`, `login`, `images`, `rmi` and `run` do the same in their own words.",
        subcommands: [
            ImageBuildCommand.self, ImageList.self, ImageTag.self, ImagePushCommand.self, ImageRun.self, ImageRemove.self,
        ],
        defaultSubcommand: ImageList.self)
}

/// What image commands do, whatever they are called.
struct ImageDesk {
    let session: Session
    var store: ImageStore { ImageStore(world: session.world) }

    private var pushing: ImagePush {
        ImagePush(session: session, client: session.dispatcher, credentials: session.effectiveCredentials)
    }

    /// Makes an image.
    ///
    /// - Parameter pushes: whether it goes to the registry at once where that has a repository of its name.
    func build(
        _ folder: String, file: String?, name: String?, arguments: [String: String], usesCache: Bool, pushes: Bool
    ) async throws {
        let build = try ImageBuild(
            store: store, contextPath: folder, file: file, arguments: arguments, usesCache: usesCache
        ) { line in print(line) }
        let image = try await build.run(name: name)
        print("Successfully built \(image.digest.dropFirst(7).prefix(12))")
        guard let name else { return }
        print("Successfully tagged \(try ImageStore.fullName(name))")
        guard pushes else { return }
        let pushing = pushing
        let target = try ImagePush.Target(name, session: session)
        if try pushing.hasRepository(target) { return try await push(name, as: target, pushing) }
        print(
            "There is no repository \(target.repository) in \(target.region) yet. For SageMaker:\n"
                + "  ecr create-repository --repository-name \(target.repository)\n  image push \(name)")
    }

    /// Puts an image into a registry.
    func push(_ name: String) async throws {
        try await push(name, as: try ImagePush.Target(name, session: session), pushing)
    }

    private func push(_ name: String, as target: ImagePush.Target, _ pushing: ImagePush) async throws {
        guard let image = store.image(name) else { throw ImageError("There is no image \(try ImageStore.fullName(name)).") }
        print("The push refers to repository [\(target.path.prefix { $0 != ":" })]")
        let digest = try await pushing.push(image, to: target)
        print("\(target.tag): digest: \(digest) size: \(image.document.utf8.count)")
        print("\(target.path)")
    }

    /// Shows the images.
    func list() {
        let rows = store.names().map { name, digest -> [String] in
            let colon = name.lastIndex(of: ":") ?? name.endIndex
            let size = store.image(digest)?.sizeInBytes ?? 0
            return [
                String(name[..<colon]), String(name[name.index(after: colon)...]), String(digest.dropFirst(7).prefix(12)),
                Self.text(ofByteCount: size),
            ]
        }
        let table = [["REPOSITORY", "TAG", "IMAGE ID", "SIZE"]] + rows
        let widths = (0..<4).map { column in table.map { $0[column].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).map { $0.padding(toLength: $1 + 3, withPad: " ", startingAt: 0) }
            print(cells.joined().trimmingCharacters(in: .whitespaces))
        }
    }

    private static func text(ofByteCount count: Int) -> String {
        count < 1_000_000
            ? "\(count / 1000)kB" : count < 1_000_000_000 ? "\(count / 1_000_000)MB" : String(format: "%.2fGB", Double(count) / 1e9)
    }

    /// Gives an image another name.
    func tag(_ name: String, _ other: String) throws {
        guard let image = store.image(name) else { throw ImageError("There is no image \(try ImageStore.fullName(name)).") }
        try store.keep(image, as: other)
    }

    /// Takes a name away.
    func remove(_ name: String) throws {
        let manifests = try session.world.store.read { try $0.manifestsOfAllRegistries() }
        try store.remove(name) { digest in manifests.contains { $0.contains(digest) } }
        print("Untagged: \(try ImageStore.fullName(name))")
    }

    /// Runs a program of an image's.
    ///
    /// - Returns: its exit code.
    func run(
        _ name: String, _ words: [String], volumes: [String], variables: [String: String]
    ) async throws -> Int32 {
        guard let image = store.image(name) else { throw ImageError("There is no image \(try ImageStore.fullName(name)).") }
        let mounts = try volumes.map { volume -> ContainerRun.Volume in
            let parts = volume.split(separator: ":").map(String.init)
            guard parts.count == 2 || (parts.count == 3 && ["ro", "rw"].contains(parts[2])), parts[0].hasPrefix("/") else {
                throw ImageError("\"\(volume)\" names no volume: FOLDER:PLACE, the folder from / on, and perhaps :ro.")
            }
            return .init(source: parts[0], target: parts[1], isWritable: parts.count == 2 || parts[2] == "rw")
        }
        return try await ContainerRun(store: store, image: image, volumes: mounts, variables: variables).run(words) { print($0) }
    }
}

/// `sagebrush image build`.
struct ImageBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Makes an image of a folder with a Dockerfile.",
        discussion:
            "Images begin with debian, ubuntu or python, for which Debian 12 stands, or with one made before. Where the account's registry has a "
            + "repository of the image's name, the image is pushed to it.")

    @OptionGroup var options: ProgramOptions
    @Argument(help: "The folder that COPY takes files from.", completion: .directory)
    var folder: String
    @Option(name: [.customLong("tag"), .customShort("t")], help: "The image's name, and perhaps : and a tag.")
    var tag: String
    @Option(name: [.customLong("file"), .customShort("f")], help: "The Dockerfile; else the folder's.")
    var file: String?
    @Option(name: .customLong("build-arg"), help: "NAME=VALUE for an ARG.")
    var arguments: [String] = []
    @Flag(help: "Do every instruction anew.")
    var noCache = false

    func run() async throws {
        let desk = ImageDesk(session: try Session.open(options.effective))
        try await desk.build(
            folder, file: file, name: tag, arguments: DockerWords.variables(arguments), usesCache: !noCache, pushes: true)
    }
}

/// `sagebrush image list`.
struct ImageList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the images.")
    @OptionGroup var options: ProgramOptions

    func run() async throws { ImageDesk(session: try Session.open(options.effective)).list() }
}

/// `sagebrush image tag`.
struct ImageTag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tag", abstract: "Gives an image another name.")
    @OptionGroup var options: ProgramOptions
    @Argument(help: "The image.") var name: String
    @Argument(help: "The other name.") var other: String

    func run() async throws { try ImageDesk(session: try Session.open(options.effective)).tag(name, other) }
}

/// `sagebrush image push`.
struct ImagePushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Puts an image into a registry.",
        discussion: "The name is an image's path, ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG, or a repository's alone.")
    @OptionGroup var options: ProgramOptions
    @Argument(help: "The image.") var name: String

    func run() async throws { try await ImageDesk(session: try Session.open(options.effective)).push(name) }
}

/// `sagebrush image run`.
struct ImageRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a program of an image's in its sandbox.",
        discussion: "It sees the image's files and the volumes, and no network but a loopback interface.")
    @OptionGroup var options: ProgramOptions
    @Option(name: [.customLong("volume"), .customShort("v")], help: "FOLDER:PLACE: a folder that is seen at a place inside.")
    var volumes: [String] = []
    @Option(name: [.customLong("env"), .customShort("e")], help: "NAME=VALUE for the program's environment.")
    var variables: [String] = []
    @Argument(help: "The image.") var name: String
    @Argument(parsing: .captureForPassthrough, help: "The program and its arguments; else the image's own.")
    var words: [String] = []

    func run() async throws {
        let desk = ImageDesk(session: try Session.open(options.effective))
        throw ExitStatus(
            code: try await desk.run(name, words, volumes: volumes, variables: DockerWords.variables(variables)))
    }
}

/// `sagebrush image remove`.
struct ImageRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes an image's name away, and with the last one its files.")
    @OptionGroup var options: ProgramOptions
    @Argument(help: "The image.") var name: String

    func run() async throws { try ImageDesk(session: try Session.open(options.effective)).remove(name) }
}
