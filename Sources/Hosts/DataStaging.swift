// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Wire
import World

/// Brings a channel's objects into a folder, as the service does before training, with the permissions of the job's role.
struct DataStaging {
    /// Sends requests as the role.
    var client: any ServiceClient
    var region: String
    /// Whether objects that lie in files may be linked rather than copied: not where a user's program could write to them.
    var mayLink = true

    /// What could not be brought, in the words of a FailureReason.
    struct Failure: Error {
        var reason: String
    }

    /// One object to bring, and the name of its file below the channel's folder.
    struct Item: Hashable {
        var location: S3Location
        var fileName: String
    }

    /// The objects below a prefix, in the order of their keys.
    func objects(below prefix: S3Location) async throws -> [Item] {
        var keys: [String] = []
        var token: String?
        repeat {
            var input: Value = ["Bucket": .string(prefix.bucket), "Prefix": .string(prefix.key)]
            if let token { input["ContinuationToken"] = .string(token) }
            let page = try await send("ListObjectsV2", input, at: prefix).output
            keys += (page["Contents"]?.listValue ?? []).compactMap { $0["Key"]?.stringValue }
            token = page["NextContinuationToken"]?.stringValue
        } while token != nil
        return keys.filter { !$0.hasSuffix("/") }.map {
            Item(location: S3Location(bucket: prefix.bucket, key: $0), fileName: Self.fileName(of: $0, below: prefix.key))
        }
    }

    /// What of a key is the file's name: what follows the prefix where that is a folder, with or without its slash, else what follows the
    /// prefix's last slash.
    static func fileName(of key: String, below prefix: String) -> String {
        if !prefix.isEmpty, !prefix.hasSuffix("/"), key.hasPrefix(prefix + "/") { return String(key.dropFirst(prefix.count + 1)) }
        let folder = prefix.lastIndex(of: "/").map { prefix[...$0] } ?? ""
        return String(key.dropFirst(folder.count))
    }

    /// The objects that a manifest lists: `[{"prefix": "s3://b/p/"}, "a", "b"]`.
    func objects(inManifest location: S3Location) async throws -> [Item] {
        let response = try await send(
            "GetObject", ["Bucket": .string(location.bucket), "Key": .string(location.key)], at: location)
        let bytes = try await response.body?.collect() ?? []
        guard let entries = try? JSON.parse(bytes).listValue, let prefix = entries.first?["prefix"]?.stringValue else {
            throw Failure(
                reason:
                    "ClientError: Data download failed:The manifest \(location) is not a list that begins with {\"prefix\": \"s3://…\"}."
            )
        }
        return try entries.dropFirst().map { entry in
            guard let name = entry.stringValue, let item = S3Location(prefix + name) else {
                throw Failure(reason: "ClientError: Data download failed:The manifest \(location) has an entry that is not a key.")
            }
            return Item(location: item, fileName: name)
        }
    }

    /// Every `count`-th item from `rank` on: this host's share of data that is sharded by key.
    static func shard(_ items: [Item], rank: Int, count: Int) -> [Item] {
        items.enumerated().filter { $0.offset % count == rank }.map(\.element)
    }

    /// Writes each item's object below `folder`; objects that lie in files are linked, not copied, where that may be.
    ///
    /// - Returns: the paths, in the items' order.
    func download(_ items: [Item], to folder: String) async throws -> [String] {
        var paths: [String] = []
        for item in items {
            // A key may hold `..`; a file name may not lead out of the folder.
            let parts = item.fileName.split(separator: "/").filter { $0 != "." && $0 != ".." }
            let path = ([folder] + parts.map(String.init)).joined(separator: "/")
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try await fetch(item.location, to: path)
            paths.append(path)
        }
        return paths
    }

    /// Writes one object to a file.
    func fetch(_ location: S3Location, to path: String) async throws {
        let response = try await send(
            "GetObject", ["Bucket": .string(location.bucket), "Key": .string(location.key)], at: location)
        guard let body = response.body else {
            try Data().write(to: URL(fileURLWithPath: path))
            return
        }
        if mayLink, case .file(let source, 0, let length) = body.source,
            (try? FileManager.default.attributesOfItem(atPath: source)[.size] as? Int) == length, link(source, path) == 0
        {
            return
        }
        try Data().write(to: URL(fileURLWithPath: path))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        try await body.forEachPiece { try handle.write(contentsOf: Data($0)) }
    }

    private func send(_ operation: String, _ input: Value, at location: S3Location) async throws -> ServiceResponse {
        do {
            return try await client.send(
                ServiceRequest(service: "s3", operation: operation, input: input, credentials: nil, region: region))
        } catch let error as ServiceError {
            throw Failure(
                reason: "ClientError: Data download failed:\(error.code) (\(error.status ?? 400)): \(error.message) (\(location))")
        }
    }
}
