// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Wire
import World

/// Digests of layers.
enum LayerDigest {
    static let pattern = "[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+"

    static func isWellFormed(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
            && parts[0].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_+.".contains($0)) }
            && parts[1].allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}

/// Begins the upload of a layer.
enum InitiateLayerUpload: Operation {
    struct Output: Encodable, Sendable {
        var uploadId: String
        /// How long the parts should be, in bytes.
        var partSize: Int
    }

    static func handle(_ input: RepositoryInput, _ call: Call) async throws -> Output {
        let id = UUID().uuidString.lowercased()
        try call.world.store.write { database in
            let (repository, scope) = try call.repository(input, database)
            try database.insertLayerUpload(id: id, repository: repository.name, in: scope, now: call.now)
        }
        return Output(uploadId: id, partSize: 10_485_760)
    }
}

/// Takes in a part of a layer; parts come in order.
enum UploadLayerPart: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var uploadId: String
        var partFirstByte: Int
        var partLastByte: Int
        var layerPartBlob: [UInt8]
    }

    struct Output: Encodable, Sendable {
        var registryId: String
        var repositoryName: String
        var uploadId: String
        var lastByteReceived: Int
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let writer = call.world.bodies.makeWriter()
        try writer.write(input.layerPartBlob)
        let body = try writer.finish()
        let output = try call.world.store.write { database -> Output in
            let (repository, scope) = try call.repository(input, database)
            guard try database.layerUploadExists(id: input.uploadId, repository: repository.name, in: scope) else {
                throw ECRError.noUpload(input.uploadId, repository.name, scope.account)
            }
            let present = try database.layerUploadSize(id: input.uploadId)
            let size = input.layerPartBlob.count
            guard input.partFirstByte == present, input.partLastByte == present + size - 1, size > 0 else {
                throw ECRError.error(
                    "InvalidLayerPart",
                    "The layer part does not begin at the byte after the last one received, or its size is not the announced one: "
                        + "expected bytes from \(present) on",
                    details: [
                        .init("registryId", .string(scope.account)), .init("repositoryName", .string(repository.name)),
                        .init("uploadId", .string(input.uploadId)), .init("lastValidByteReceived", .integer(max(present - 1, 0))),
                    ])
            }
            try database.insertLayerPart(LayerPart(firstByte: present, size: size, body: body), upload: input.uploadId)
            return Output(
                registryId: scope.account, repositoryName: repository.name, uploadId: input.uploadId,
                lastByteReceived: input.partLastByte)
        }
        writer.keep()
        return output
    }
}

/// Makes a layer of an upload's parts, having checked its digest.
enum CompleteLayerUpload: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var uploadId: String
        var layerDigests: [String]
    }

    struct Output: Encodable, Sendable {
        var registryId: String
        var repositoryName: String
        var uploadId: String
        var layerDigest: String
    }

    /// All parts but the last have at least so many bytes.
    private static let leastPartByteCount = 5 * 1_048_576

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let (parts, name, scope) = try call.world.store.read { database in
            let (repository, scope) = try call.repository(input, database)
            guard try database.layerUploadExists(id: input.uploadId, repository: repository.name, in: scope) else {
                throw ECRError.noUpload(input.uploadId, repository.name, scope.account)
            }
            return (try database.layerParts(ofUpload: input.uploadId), repository.name, scope)
        }
        guard !parts.isEmpty else {
            throw ECRError.error("EmptyUpload", "The specified layer upload does not contain any layer parts.")
        }
        guard parts.dropLast().allSatisfy({ $0.size >= leastPartByteCount }) else {
            throw ECRError.error("LayerPartTooSmall", "Layer parts must be at least 5 MiB in size.")
        }
        let (writer, digest) = try await join(parts, call.world)
        guard input.layerDigests.contains(digest) else {
            throw ECRError.error(
                "InvalidLayer",
                "The digest of the layer's bytes is \(digest), which is not one of those specified: "
                    + input.layerDigests.joined(separator: ", "))
        }
        let size = writer.byteCount
        let body = try writer.finish()
        try call.world.store.write { database in
            guard try database.imageLayer(digest, repository: name, in: scope) == nil else {
                throw ECRError.layerExists(digest, name, scope.account)
            }
            try database.insertImageLayer(ImageLayer(digest: digest, size: size, body: body), repository: name, in: scope)
            try database.deleteLayerUpload(id: input.uploadId)
        }
        writer.keep()
        return Output(registryId: scope.account, repositoryName: name, uploadId: input.uploadId, layerDigest: digest)
    }

    private static func join(_ parts: [LayerPart], _ world: World) async throws -> (BodyWriter, digest: String) {
        let writer = world.bodies.makeWriter()
        var hash = SHA256()
        for part in parts {
            try await ObjectStorage.body(of: part.body, size: part.size, in: world).forEachPiece { piece in
                let bytes = copy piece
                hash.update(data: bytes)
                try writer.write(bytes)
            }
        }
        return (writer, "sha256:" + hash.finalize().map { String(format: "%02x", $0) }.joined())
    }
}

/// Says which layers a repository has.
enum BatchCheckLayerAvailability: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var layerDigests: [String]
    }

    struct Layer: Encodable, Sendable {
        var layerDigest: String
        var layerAvailability: String
        var layerSize: Int?
        var mediaType: String?
    }

    struct Failure: Encodable, Sendable {
        var layerDigest: String
        var failureCode: String
        var failureReason: String
    }

    struct Output: Encodable, Sendable {
        var layers: [Layer]
        var failures: [Failure]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        try call.world.store.read { database in
            let (repository, scope) = try call.repository(input, database)
            var output = Output(layers: [], failures: [])
            for digest in input.layerDigests {
                guard LayerDigest.isWellFormed(digest) else {
                    output.failures.append(
                        Failure(
                            layerDigest: digest, failureCode: "InvalidLayerDigest",
                            failureReason: "Invalid layer digest: it should satisfy the regex '\(LayerDigest.pattern)'"))
                    continue
                }
                let layer = try database.imageLayer(digest, repository: repository.name, in: scope)
                output.layers.append(
                    Layer(
                        layerDigest: digest, layerAvailability: layer == nil ? "UNAVAILABLE" : "AVAILABLE", layerSize: layer?.size,
                        mediaType: layer == nil ? nil : "application/vnd.docker.image.rootfs.diff.tar.gzip"))
            }
            return output
        }
    }
}

/// Says where a layer's bytes can be read.
enum GetDownloadUrlForLayer: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var layerDigest: String
    }

    struct Output: Encodable, Sendable {
        var downloadUrl: String
        var layerDigest: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        try call.world.store.read { database in
            let (repository, scope) = try call.repository(input, database)
            guard let layer = try database.imageLayer(input.layerDigest, repository: repository.name, in: scope) else {
                throw ECRError.error(
                    "LayersNotFound",
                    "Layer with digest '\(input.layerDigest)' does not exist in the repository with name '\(repository.name)' in the "
                        + "registry with id '\(scope.account)'")
            }
            switch layer.body {
            case .file(let id):
                let url = URL(fileURLWithPath: call.world.bodies.path(of: id)).absoluteString
                return Output(downloadUrl: url, layerDigest: layer.digest)
            case .inline(let bytes):
                let url = "data:application/octet-stream;base64," + Base64.encode(bytes)
                return Output(downloadUrl: url, layerDigest: layer.digest)
            case .source, .absent: return Output(downloadUrl: "data:,", layerDigest: layer.digest)
            }
        }
    }
}
