// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Hosts
import OrderedCollections
import Wire
import World

/// Puts an image of the world's machine into a registry, as whoever has the credentials: `docker push`.
struct ImagePush {
    let session: Session
    let client: any ServiceClient
    let credentials: Credentials?

    /// Where an image goes.
    struct Target: Hashable {
        var account: String
        var region: String
        var repository: String
        var tag: String

        /// The image's path: what a `TrainingImage` says.
        var path: String {
            "\(account).dkr.ecr.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/\(repository):\(tag)"
        }

        /// - Parameter name: an image's path, or a repository's name in the session's own registry.
        /// - Throws: `ImageError`.
        init(_ name: String, session: Session) throws {
            let full = try ImageStore.fullName(name)
            if let reference = ImageReference(full) {
                (account, region, repository) = (reference.account, reference.region, reference.repository)
                tag = String(reference.suffix.dropFirst())
            } else {
                let colon = full.lastIndex(of: ":") ?? full.endIndex
                (account, region) = (session.account, session.region)
                repository = String(full[..<colon])
                tag = String(full[full.index(after: colon)...])
            }
        }
    }

    /// Whether the registry has the repository.
    func hasRepository(_ target: Target) throws -> Bool {
        try session.world.store.read {
            try $0.resource(
                ImageRepositoryRecord.self, named: target.repository, in: Scope(account: target.account, region: target.region))
                != nil
        }
    }

    /// Pushes.
    ///
    /// The configuration goes the way that every layer goes. The files stay where they are in the world: of the layers the registry gets
    /// digests and sizes.
    ///
    /// - Returns: the digest of the manifest.
    /// - Throws: `ServiceError` of the registry's.
    func push(_ image: ImageConfiguration, to target: Target) async throws -> String {
        let document = Array(image.document.utf8)
        try await upload(document, digest: image.digest, to: target)
        let store = ImageStore(world: session.world)
        let layers = try image.layers.map {
            ImageLayer(digest: store.digest(ofLayer: $0), size: try store.size(ofLayer: $0), body: .absent)
        }
        try session.world.store.write { database in
            let scope = Scope(account: target.account, region: target.region)
            for layer in layers where try database.imageLayer(layer.digest, repository: target.repository, in: scope) == nil {
                try database.insertImageLayer(layer, repository: target.repository, in: scope)
            }
        }
        let manifest: Value = [
            "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": [
                "mediaType": "application/vnd.docker.container.image.v1+json", "size": .integer(document.count),
                "digest": .string(image.digest),
            ],
            "layers": .list(
                layers.map {
                    [
                        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": .integer($0.size),
                        "digest": .string($0.digest),
                    ]
                }),
        ]
        let text = JSON.serialize(manifest)
        do {
            let answer = try await send("PutImage", ["imageManifest": .string(text), "imageTag": .string(target.tag)], target)
            return answer["image"]?["imageId"]?["imageDigest"]?.stringValue ?? ""
        } catch let error as ServiceError where error.code.hasPrefix("ImageAlreadyExists") {
            return ImageConfiguration.digest(of: text)
        }
    }

    private func upload(_ bytes: [UInt8], digest: String, to target: Target) async throws {
        let available = try await send("BatchCheckLayerAvailability", ["layerDigests": [.string(digest)]], target)
        if available["layers"]?.listValue?.first?["layerAvailability"]?.stringValue == "AVAILABLE" { return }
        let id = try await send("InitiateLayerUpload", [:], target)["uploadId"] ?? ""
        _ = try await send(
            "UploadLayerPart",
            [
                "uploadId": id, "partFirstByte": 0, "partLastByte": .integer(bytes.count - 1),
                "layerPartBlob": .blob(bytes),
            ], target)
        _ = try await send("CompleteLayerUpload", ["uploadId": id, "layerDigests": [.string(digest)]], target)
    }

    private func send(_ operation: String, _ members: OrderedDictionary<String, Value>, _ target: Target) async throws -> Value {
        var input: Value = ["registryId": .string(target.account), "repositoryName": .string(target.repository)]
        for (name, value) in members { input[name] = value }
        return try await client.send(
            ServiceRequest(service: "ecr", operation: operation, input: input, credentials: credentials, region: target.region)
        ).output
    }
}
