// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// An image of a registry's, as an instance gets it: by the registry's manifest, asked for as the role that was passed.
struct PulledImage: Sendable {
    let configuration: ImageConfiguration
    let store: ImageStore

    /// Gets the image.
    ///
    /// - Throws: `UserProgram.Failure` where the registry does not have it, or its files are not in this world.
    init(_ image: String, client: any ServiceClient, world: World) async throws {
        guard let reference = ImageReference(image) else {
            throw UserProgram.Failure(reason: "ClientError: \(image) names no image.")
        }
        let name = reference.suffix.isEmpty ? "latest" : String(reference.suffix.dropFirst())
        let identifier: Value = reference.suffix.hasPrefix("@") ? ["imageDigest": .string(name)] : ["imageTag": .string(name)]
        let answer: Value
        do {
            answer = try await client.send(
                ServiceRequest(
                    service: "ecr", operation: "BatchGetImage",
                    input: [
                        "registryId": .string(reference.account), "repositoryName": .string(reference.repository),
                        "imageIds": [identifier],
                    ], credentials: nil, region: reference.region)
            ).output
        } catch let error as ServiceError {
            throw UserProgram.Failure(
                reason: "ClientError: The image \(image) could not be pulled: \(error.code): \(error.message)")
        }
        guard let text = answer["images"]?.listValue?.first?["imageManifest"]?.stringValue,
            let manifest = try? JSON.parse(Array(text.utf8)), let digest = manifest["config"]?["digest"]?.stringValue
        else {
            throw UserProgram.Failure(
                reason: "ClientError: The image \(image) is not in the registry: push it, or check its tag.")
        }
        store = ImageStore(world: world)
        guard let found = store.image(digest) else {
            throw UserProgram.Failure(
                reason:
                    "ClientError: The files of the image \(image) are not in this world: make them with `image build`, and push it."
            )
        }
        configuration = found
    }

    /// The sandbox that runs it.
    ///
    /// - Parameter folder: what it sees at `/opt/ml`.
    func sandbox(folder: ContainerFolder, hostName: String, hosts: [String], network: ImageSandbox.Network) throws -> ImageSandbox {
        let names = folder.path + "/../hosts"
        let lines = ["127.0.0.1 localhost \(hostName)"] + hosts.filter { $0 != hostName }.map { "127.0.0.1 \($0)" }
        try Data(lines.joined(separator: "\n").appending("\n").utf8).write(to: URL(fileURLWithPath: names))
        return ImageSandbox(
            layersPath: store.layersPath, layers: configuration.layers, writable: folder.path + "/../container", network: network,
            hostName: hostName,
            mounts: [
                .init(source: folder.path, target: "/opt/ml", isWritable: true), .init(source: names, target: "/etc/hosts"),
            ])
    }

    /// The environment of its programs: the image's, then what the service sets.
    func variables(_ own: [String: String]) -> [String: String] {
        ["HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
            .merging(configuration.environment.map { ($0.key, $0.value) }) { $1 }.merging(own) { $1 }
    }
}
