// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import Synchronization

/// A program of an image's, run by hand as `docker run` does.
///
/// What it writes outside its volumes is gone afterwards.
public struct ContainerRun: Sendable {
    /// A folder of the machine's that is seen inside.
    public struct Volume: Sendable {
        var source: String
        var target: String
        var isWritable: Bool

        /// Makes one from its parts.
        public init(source: String, target: String, isWritable: Bool) {
            self.source = source
            self.target = target
            self.isWritable = isWritable
        }
    }

    private let store: ImageStore
    private let image: ImageConfiguration
    private let volumes: [Volume]
    private let variables: [String: String]

    /// Makes one from its parts.
    public init(store: ImageStore, image: ImageConfiguration, volumes: [Volume], variables: [String: String]) {
        self.store = store
        self.image = image
        self.volumes = volumes
        self.variables = variables
    }

    /// Runs it to its end; when the task is cancelled it is killed.
    ///
    /// - Parameters:
    ///   - words: what stands in for the image's command.
    ///   - write: gets the lines of its output.
    /// - Returns: its exit code.
    /// - Throws: `ImageError`, `UserError` where bubblewrap is not installed.
    public func run(_ words: [String], write: @escaping @Sendable (String) -> Void) async throws -> Int32 {
        let words = image.words(words)
        guard !words.isEmpty else { throw ImageError("The image has no program of its own: name one.") }
        if let missing = volumes.first(where: { !FileManager.default.fileExists(atPath: $0.source) }) {
            throw ImageError("There is no folder \(missing.source) for the volume.")
        }
        let folder = store.path + "/runs/" + UUID().uuidString.lowercased()
        let sandbox = ImageSandbox(
            layersPath: store.layersPath, layers: image.layers, writable: folder, network: .loopback, hostName: "container",
            mounts: volumes.map { .init(source: $0.source, target: $0.target, isWritable: $0.isWritable) })
        defer {
            sandbox.clear()
            try? FileManager.default.removeItem(atPath: folder)
        }
        let environment = ["HOME": "/root"].merging(image.environment.map { ($0.key, $0.value) }) { $1 }.merging(variables) { $1 }
        return try await sandbox.program(words, environment: environment, directory: image.directory)
            .run(stopFlag: StopFlag(), write: write).exitCode
    }
}
