// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import World

/// Brings a model's artifact and loads it.
struct ModelLoader {
    var environment: HostEnvironment
    /// The host's own folder.
    var folder: String
    /// Reads as the model's role.
    var staging: DataStaging

    /// - Throws: `DataStaging.Failure`, `UserError`, and what the algorithm says of the artifact.
    func load(_ container: ContainerDefinition, modelName: String) async throws -> any Predictor {
        let image = container.image ?? ""
        guard let algorithm = environment.algorithm(forImage: image) else {
            throw UserError(
                "The image '\(image)' is none of the algorithms here: \(environment.algorithms.map { $0.name }.joined(separator: ", "))."
            )
        }
        try await unpack(container, modelName: modelName)
        return try algorithm.load(from: modelPath)
    }

    /// Where the model's files are.
    var modelPath: String { folder + "/opt/ml/model" }

    /// Brings the artifact and unpacks it.
    ///
    /// - Throws: `DataStaging.Failure`, `UserError`, `DataError`.
    func unpack(_ container: ContainerDefinition, modelName: String) async throws {
        guard let uri = container.artifactURI, let location = S3Location(uri) else {
            throw UserError("Model '\(modelName)' has no ModelDataUrl with an s3:// URI.")
        }
        try FileManager.default.createDirectory(atPath: modelPath, withIntermediateDirectories: true)
        let artifact = folder + "/model.tar.gz"
        try await staging.fetch(location, to: artifact)
        try Archive.extract(artifact, into: modelPath)
    }
}
