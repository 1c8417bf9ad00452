// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import OrderedCollections
import World

/// Makes an image of a folder with a Dockerfile, instruction by instruction; what was made before is taken from before.
public struct ImageBuild: Sendable {
    private let store: ImageStore
    private let context: BuildContext
    private let dockerfile: Dockerfile
    private let arguments: [String: String]
    private let usesCache: Bool
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - contextPath: the folder that COPY takes from.
    ///   - file: the Dockerfile; nil: `Dockerfile` in the folder.
    ///   - arguments: values for its ARGs.
    ///   - report: gets lines for a person.
    /// - Throws: `ImageError`, `Dockerfile.Failure`.
    public init(
        store: ImageStore, contextPath: String, file: String? = nil, arguments: [String: String] = [:], usesCache: Bool = true,
        report: @escaping @Sendable (String) -> Void
    ) throws {
        self.store = store
        context = BuildContext(path: contextPath)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: contextPath, isDirectory: &isFolder), isFolder.boolValue else {
            throw ImageError("\(contextPath) is no folder: name the one with the Dockerfile.")
        }
        let path = file ?? contextPath + "/Dockerfile"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ImageError("There is no file \(path) that can be read: an image is made as a Dockerfile says.")
        }
        dockerfile = try Dockerfile(text)
        self.arguments = arguments
        self.usesCache = usesCache
        self.report = report
    }

    /// What has been made so far.
    private struct State {
        var image = ImageConfiguration()
        /// ARGs that have been read.
        var arguments: [String: String] = [:]

        var variables: [String: String] {
            arguments.merging(image.environment.map { ($0.key, $0.value) }) { $1 }
        }
    }

    /// Makes the image; it is kept, under `name` where one is given.
    ///
    /// - Throws: `ImageError`, `Dockerfile.Failure`, `UserError` where bubblewrap is not installed; what the file system says.
    public func run(name: String?) async throws -> ImageConfiguration {
        if let name { _ = try ImageStore.fullName(name) }
        let lease = try store.lock()
        defer { lease.release() }
        var state = State()
        for (index, instruction) in dockerfile.instructions.enumerated() {
            report("Step \(index + 1)/\(dockerfile.instructions.count) : \(instruction.text)")
            do {
                try await perform(instruction, &state)
            } catch let error as ImageError {
                throw ImageError("Dockerfile, line \(instruction.line): \(error)")
            }
            if case .from = instruction.action {} else { state.image.history.append(instruction.text) }
        }
        try store.keep(state.image, as: name)
        return state.image
    }

    private func perform(_ instruction: Dockerfile.Instruction, _ state: inout State) async throws {
        let expand = { [variables = state.variables] (text: String) in DockerfileWords.expand(text, variables) }
        switch instruction.action {
        case .nothing: break
        case .from(let name): try await begin(with: expand(name), &state)
        case .argument(let name, let value):
            if let value = arguments[name] ?? value.map(expand) { state.arguments[name] = value }
        case .environment(let variables):
            for variable in variables { state.image.environment[expand(variable.name)] = expand(variable.value) }
        case .directory(let path):
            let path = expand(path)
            let directory = path.hasPrefix("/") ? path : (state.image.directory == "/" ? "" : state.image.directory) + "/" + path
            try await layer(
                [directory], ["/bin/mkdir", "-p", directory], state: &state, network: .loopback, directory: "/")
            state.image.directory = directory
        case .run(let program):
            try await layer(
                program.words + state.arguments.map { "\($0.key)=\($0.value)" }.sorted(), program.words, state: &state,
                network: .machine, directory: state.image.directory)
        case .copy(let copy): try await self.copy(copy, expand, &state)
        case .entryPoint(let program):
            state.image.entryPoint = program.words
            state.image.command = nil
        case .command(let program): state.image.command = program.words
        }
    }

    private func begin(with name: String, _ state: inout State) async throws {
        if let image = store.image(name) {
            state.image = image
            return
        }
        guard let base = BaseTree.named(name) else {
            throw ImageError(
                "there is no image \(name): images begin with debian, ubuntu or python, or with one of this world's own (image list)."
            )
        }
        if let note = base.note { report(" ---> \(note)") }
        try await BaseTree.prepare(in: store, report: report)
        state.image.layers = [BaseTree.layer]
        state.image.environment = OrderedDictionary(
            uniqueKeysWithValues: base.environment.sorted { $0.key < $1.key }.map { ($0, $1) })
        state.image.command = base.command
        state.image.sizeInBytes = try store.size(ofLayer: BaseTree.layer)
        guard let preparation = base.preparation else { return }
        let words = ["/bin/sh", "-c", preparation]
        try await layer(words, words, state: &state, network: .machine, directory: "/")
    }

    // MARK: Layers

    /// Runs a program above the layers that there are; what it writes is the next layer.
    ///
    /// - Parameter key: with the layers below and the environment, what the layer is known by again.
    private func layer(
        _ key: [String], _ words: [String], state: inout State, network: ImageSandbox.Network, directory: String,
        mounts: [ImageSandbox.Mount] = []
    ) async throws {
        let environment = state.variables
        let identity = [state.image.layers, key, environment.map { "\($0.key)=\($0.value)" }.sorted(), [directory]]
            .map { $0.joined(separator: "\u{1f}") }.joined(separator: "\u{1e}")
        let name = String(ImageConfiguration.digest(of: identity).dropFirst(7).prefix(16))
        if usesCache, FileManager.default.fileExists(atPath: store.layerPath(name)) {
            report(" ---> Using cache")
        } else {
            try await make(name, words, state.image.layers, environment, network, directory, mounts)
        }
        state.image.layers.append(name)
        state.image.sizeInBytes += try store.size(ofLayer: name)
    }

    private func make(
        _ name: String, _ words: [String], _ layers: [String], _ environment: [String: String], _ network: ImageSandbox.Network,
        _ directory: String, _ mounts: [ImageSandbox.Mount]
    ) async throws {
        let unfinished = store.layersPath + "/.unfinished"
        try? FileManager.default.removeItem(atPath: unfinished)
        let sandbox = ImageSandbox(
            layersPath: store.layersPath, layers: layers, writable: unfinished, network: network, hostName: "build",
            mounts: mounts + (network == .machine ? Self.networkFiles : []))
        let outside = network == .machine ? Self.outsideVariables : [:]
        let program = try sandbox.program(
            words, environment: ["HOME": "/root"].merging(outside) { $1 }.merging(environment) { $1 }, directory: directory)
        let ending = try await program.run(stopFlag: StopFlag(), graceSeconds: 5) { [report] in report($0) }
        guard ending.exitCode == 0 else {
            try? FileManager.default.removeItem(atPath: unfinished)
            throw ImageError("the command '\(words.joined(separator: " "))' returned a non-zero code: \(ending.exitCode)")
        }
        sandbox.clear()
        Self.removeMountPoints(mounts + Self.networkFiles, in: sandbox.writtenPath)
        try? FileManager.default.removeItem(atPath: store.layerPath(name))
        try FileManager.default.moveItem(atPath: unfinished, toPath: store.layerPath(name))
    }

    /// How programs find names while an image is built, and whom this machine trusts: it may be reached through a proxy of its own.
    private static let networkFiles =
        [ImageSandbox.Mount(source: "/etc/resolv.conf", target: "/etc/resolv.conf")]
        + (trusted.map { [ImageSandbox.Mount(source: $0, target: trustedInside)] } ?? [])

    private static let trustedInside = "/run/ca-certificates.crt"

    /// The machine's certificates.
    private static let trusted: String? = {
        let named = ProcessInfo.processInfo.environment["SSL_CERT_FILE"] ?? ""
        return [named, "/etc/ssl/certs/ca-certificates.crt"].first { access($0, R_OK) == 0 }
    }()

    /// Empty files and folders that were made to mount on.
    private static func removeMountPoints(_ mounts: [ImageSandbox.Mount], in path: String) {
        for mount in mounts {
            let point = path + mount.target
            let size = (try? FileManager.default.attributesOfItem(atPath: point)[.size] as? NSNumber)?.intValue
            if size == 0 { try? FileManager.default.removeItem(atPath: point) } else { rmdir(point) }
        }
    }

    /// How pip and others are to reach the network, as this machine's user has set it up.
    private static var outsideVariables: [String: String] {
        let names = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT"]
        let own = ProcessInfo.processInfo.environment.filter { names.contains($0.key) || $0.key.lowercased().hasSuffix("_proxy") }
        let readers = trusted == nil ? [] : ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
        return own.merging(readers.map { ($0, trustedInside) }) { $1 }
    }

    // MARK: Files

    private func copy(_ copy: Dockerfile.Copy, _ expand: (String) -> String, _ state: inout State) async throws {
        var target = expand(copy.destination)
        if !target.hasPrefix("/") { target = (state.image.directory == "/" ? "" : state.image.directory) + "/" + target }
        if target.hasSuffix("/.") { target.removeLast() }
        let staging = store.path + "/.copying"
        try? FileManager.default.removeItem(atPath: staging)
        defer { try? FileManager.default.removeItem(atPath: staging) }
        try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
        let inside = "/.files"
        var lines = ["set -e"]
        var digests: [String] = []
        for source in copy.sources.map(expand) {
            let paths = try context.paths(of: source).filter { !context.isIgnored($0) }
            guard !paths.isEmpty else { throw ImageError("there is no \(source) in \(context.path).") }
            for path in paths {
                let number = String(digests.count)
                let name = (path as NSString).lastPathComponent
                digests.append(try context.copy(path, to: "\(staging)/\(number)") + name)
                let file = "\(inside)/\(number)"
                let isFolder = (try? FileManager.default.contentsOfDirectory(atPath: "\(staging)/\(number)")) != nil
                lines += Self.lines(
                    file, name: name, isFolder: isFolder, to: target, copy, isArchive: Self.isArchive("\(staging)/\(number)"))
            }
        }
        if let owner = copy.owner { lines.append("chown -R \(quoted(expand(owner))) \(quoted(target))") }
        let script = ["/bin/sh", "-c", lines.joined(separator: "\n")]
        try await layer(
            script + digests, script, state: &state, network: .loopback, directory: "/",
            mounts: [ImageSandbox.Mount(source: staging, target: inside)])
    }

    /// The lines of sh that bring one file or folder to its place, as COPY does: a folder's files, not the folder.
    private static func lines(
        _ file: String, name: String, isFolder: Bool, to target: String, _ copy: Dockerfile.Copy, isArchive: Bool
    ) -> [String] {
        let copying = "cp -dR --preserve=mode,timestamps"
        let place = quoted(target)
        if copy.unpacks, isArchive { return ["mkdir -p \(place)", "tar -xf \(file) -C \(place)"] }
        // The files are mounted unchangeable: modes are set where they have arrived.
        if isFolder {
            let modes = copy.mode.map { ["chmod -R \(quoted($0)) \(place)"] } ?? []
            return ["mkdir -p \(place)", "\(copying) \(file)/. \(place)/"] + modes
        }
        let inFolder = quoted(target + "/" + name)
        let change = { (path: String) in copy.mode.map { "; chmod \(quoted($0)) \(path)" } ?? "" }
        if target.hasSuffix("/") { return ["mkdir -p \(place)", "\(copying) \(file) \(inFolder)\(change(inFolder))"] }
        return [
            "if [ -d \(place) ]; then \(copying) \(file) \(inFolder)\(change(inFolder)); "
                + "else mkdir -p \"$(dirname \(place))\"; \(copying) \(file) \(place)\(change(place)); fi"
        ]
    }

    /// Whether a file is an archive of tar's, packed or not, by its first bytes.
    private static func isArchive(_ path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: 512), data.count > 6 else { return false }
        let bytes = [UInt8](data)
        let heads: [[UInt8]] = [[0x1F, 0x8B], Array("BZh".utf8), [0xFD] + Array("7zXZ".utf8)]
        if heads.contains(where: bytes.starts) { return true }
        return bytes.count >= 262 && bytes[257..<262].elementsEqual("ustar".utf8)
    }
}

/// A word for sh.
private func quoted(_ text: String) -> String { "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'" }
