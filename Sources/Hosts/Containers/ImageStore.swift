// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import OrderedCollections
import Wire
import World

/// What is known of an image besides its files.
public struct ImageConfiguration: Sendable, Hashable {
    /// `NAME=VALUE`, as `ENV` left them.
    public var environment: OrderedDictionary<String, String> = [:]
    /// `ENTRYPOINT`.
    public var entryPoint: [String]?
    /// `CMD`.
    public var command: [String]?
    /// Where programs start.
    public var directory = "/"
    /// The names of the layers, the lowest first.
    public var layers: [String] = []
    /// The instructions that made it.
    public var history: [String] = []
    /// The files of all layers, in bytes.
    public var sizeInBytes = 0

    /// Makes an empty one.
    public init() {}

    /// The configuration's document, much as an image of Docker's has it.
    public var document: String {
        var settings: Value = [
            "Env": .list(environment.map { .string("\($0.key)=\($0.value)") }), "WorkingDir": .string(directory),
        ]
        settings["Entrypoint"] = entryPoint.map { .list($0.map(Value.string)) }
        settings["Cmd"] = command.map { .list($0.map(Value.string)) }
        return JSON.serialize([
            "architecture": .string(Self.architecture), "os": "linux", "config": settings,
            "rootfs": ["type": "layers", "diff_ids": .list(layers.map { .string(Self.digest(of: $0)) })],
            "history": .list(history.map { ["created_by": .string($0)] }), "size": .integer(sizeInBytes),
            "layers": .list(layers.map(Value.string)),
        ])
    }

    /// Reads a document; nil where it is none of ours.
    init?(document: [UInt8]) {
        guard let value = try? JSON.parse(document), let layers = value["layers"]?.listValue?.compactMap(\.stringValue),
            let settings = value["config"]
        else { return nil }
        for setting in settings["Env"]?.listValue?.compactMap(\.stringValue) ?? [] {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        entryPoint = settings["Entrypoint"]?.listValue?.compactMap(\.stringValue)
        command = settings["Cmd"]?.listValue?.compactMap(\.stringValue)
        directory = settings["WorkingDir"]?.stringValue ?? "/"
        history = value["history"]?.listValue?.compactMap { $0["created_by"]?.stringValue } ?? []
        sizeInBytes = value["size"]?.integerValue ?? 0
        self.layers = layers
    }

    /// `sha256:…` of the document: the image's identifier.
    public var digest: String { Self.digest(of: document) }

    /// `sha256:…` of a text.
    public static func digest(of text: String) -> String {
        "sha256:" + SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }

    /// The words that a container executes.
    ///
    /// - Parameter arguments: what stands in for the image's command; empty: the command.
    public func words(_ arguments: [String]) -> [String] { (entryPoint ?? []) + (arguments.isEmpty ? command ?? [] : arguments) }
}

/// A fault in images: text for people.
public struct ImageError: Error, CustomStringConvertible, Hashable {
    /// What, where, and what would be right.
    public let description: String

    /// Makes one.
    public init(_ description: String) { self.description = description }
}

/// The images of a world's machine, which builds put there: folder trees in layers, configurations, and names.
public struct ImageStore: Sendable {
    /// The folder; it is made when something is put there.
    public let path: String

    /// The store of a world.
    public init(world: World) { path = world.path + "/images" }

    var layersPath: String { path + "/layers" }
    private var configurationsPath: String { path + "/configurations" }
    private var namesPath: String { path + "/names.json" }

    func layerPath(_ name: String) -> String { layersPath + "/" + name }

    /// The files of a layer, in bytes; counted once.
    ///
    /// - Throws: what the file system says.
    public func size(ofLayer layer: String) throws -> Int {
        let record = layerPath(layer) + "/size"
        if let text = try? String(contentsOfFile: record, encoding: .utf8), let size = Int(text) { return size }
        var size = 0
        let root = layerPath(layer) + "/root"
        for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            var status = stat()
            if lstat(root + "/" + path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { size += Int(status.st_size) }
        }
        try Data(String(size).utf8).write(to: URL(fileURLWithPath: record))
        return size
    }

    /// What stands for a layer in a manifest.
    public func digest(ofLayer layer: String) -> String { ImageConfiguration.digest(of: layer) }

    /// Keeps builds apart.
    ///
    /// - Throws: `ImageError` where one is running.
    func lock() throws -> Lease {
        try FileManager.default.createDirectory(atPath: layersPath, withIntermediateDirectories: true)
        guard let lease = Lease.acquire(path: path + "/.lock") else {
            throw ImageError("Another command is changing this world's images: try again when it has ended.")
        }
        return lease
    }

    /// `NAME:TAG` of `NAME` or `NAME:TAG`.
    ///
    /// - Throws: `ImageError` for a name that no image can have.
    public static func fullName(_ name: String) throws -> String {
        let slash = name.lastIndex(of: "/") ?? name.startIndex
        let colon = name[slash...].firstIndex(of: ":")
        let repository = name[..<(colon ?? name.endIndex)]
        let tag = colon.map { name[name.index(after: $0)...] } ?? "latest"
        func consists(_ text: Substring, of others: String, orCapitals: Bool) -> Bool {
            text.allSatisfy {
                $0.isASCII && ($0.isNumber || ($0.isLetter && (orCapitals || $0.isLowercase)) || others.contains($0))
            }
        }
        guard let first = repository.first, first.isLetter || first.isNumber, !tag.isEmpty, !repository.hasSuffix("/"),
            consists(repository, of: "._-/:", orCapitals: false), consists(tag, of: "._-", orCapitals: true)
        else {
            throw ImageError("\"\(name)\" can't name an image: lower-case letters, digits and . _ - /, then perhaps : and a tag.")
        }
        return "\(repository):\(tag)"
    }

    /// The names and what they stand for, in order.
    public func names() -> [(name: String, digest: String)] {
        guard let data = FileManager.default.contents(atPath: namesPath), let value = try? JSON.parse([UInt8](data)) else {
            return []
        }
        return (value.objectValue ?? [:]).compactMap { name, digest in digest.stringValue.map { (name, $0) } }.sorted {
            $0.0 < $1.0
        }
    }

    /// The image with that name or digest; nil where there is none.
    public func image(_ name: String) -> ImageConfiguration? {
        if name.hasPrefix("sha256:") { return configuration(name) }
        guard let full = try? Self.fullName(name) else { return nil }
        return names().first { $0.name == full }.flatMap { configuration($0.digest) }
    }

    private func configurationPath(_ digest: String) -> String {
        configurationsPath + "/" + digest.filter { $0.isHexDigit || $0.isLetter } + ".json"
    }

    private func configuration(_ digest: String) -> ImageConfiguration? {
        FileManager.default.contents(atPath: configurationPath(digest)).flatMap { ImageConfiguration(document: [UInt8]($0)) }
    }

    /// Keeps an image, under a name where one is given.
    ///
    /// - Throws: what the file system says; `ImageError`.
    public func keep(_ image: ImageConfiguration, as name: String?) throws {
        try FileManager.default.createDirectory(atPath: configurationsPath, withIntermediateDirectories: true)
        try Data(image.document.utf8).write(to: URL(fileURLWithPath: configurationPath(image.digest)), options: .atomic)
        guard let name else { return }
        let full = try Self.fullName(name)
        try write(names().filter { $0.name != full } + [(full, image.digest)])
    }

    /// Takes a name away, and with the last one the image and the layers that no other needs.
    ///
    /// - Parameter isKept: whether an image is needed by others than the names: a registry's.
    /// - Throws: `ImageError` where there is no such name.
    public func remove(_ name: String, isKept: (_ digest: String) -> Bool) throws {
        let lease = try lock()
        defer { lease.release() }
        let full = try Self.fullName(name)
        guard let digest = names().first(where: { $0.name == full })?.digest else { throw ImageError("There is no image \(full).") }
        let rest = names().filter { $0.name != full }
        try write(rest)
        guard !rest.contains(where: { $0.digest == digest }), !isKept(digest) else { return }
        try FileManager.default.removeItem(atPath: configurationPath(digest))
        let files = (try? FileManager.default.contentsOfDirectory(atPath: configurationsPath)) ?? []
        let needed = Set(
            files.flatMap { file in
                FileManager.default.contents(atPath: configurationsPath + "/" + file)
                    .flatMap { ImageConfiguration(document: [UInt8]($0)) }?.layers ?? []
            })
        for layer in (try? FileManager.default.contentsOfDirectory(atPath: layersPath)) ?? [] where !needed.contains(layer) {
            try? FileManager.default.removeItem(atPath: layerPath(layer))
        }
    }

    private func write(_ names: [(name: String, digest: String)]) throws {
        let value = names.reduce(into: Value.emptyObject) { $0[$1.name] = .string($1.digest) }
        try Data(JSON.serialize(value).utf8).write(to: URL(fileURLWithPath: namesPath), options: .atomic)
    }
}
