// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// Elastic Container Registry's errors and their texts.
enum ECRError {
    static func invalid(_ parameter: String, _ constraint: String) -> ServiceError {
        error("InvalidParameter", "Invalid parameter at '\(parameter)' failed to satisfy constraint: '\(constraint)'")
    }

    static func noRepository(_ name: String, _ registry: String) -> ServiceError {
        error("RepositoryNotFound", "The repository with name '\(name)' does not exist in the registry with id '\(registry)'")
    }

    static func repositoryExists(_ name: String, _ registry: String) -> ServiceError {
        error("RepositoryAlreadyExists", "The repository with name '\(name)' already exists in the registry with id '\(registry)'")
    }

    static func notEmpty(_ name: String, _ registry: String) -> ServiceError {
        error(
            "RepositoryNotEmpty",
            "The repository with name '\(name)' in registry with id '\(registry)' cannot be deleted because it still contains images"
        )
    }

    static func noPolicy(_ name: String, _ registry: String) -> ServiceError {
        error(
            "RepositoryPolicyNotFound",
            "Repository policy does not exist for the repository with name '\(name)' in the registry with id '\(registry)'")
    }

    static func noLifecyclePolicy(_ name: String, _ registry: String) -> ServiceError {
        error(
            "LifecyclePolicyNotFound",
            "Lifecycle policy does not exist for the repository with name '\(name)' in the registry with id '\(registry)'")
    }

    static func noRegistryPolicy(_ registry: String) -> ServiceError {
        error("RegistryPolicyNotFound", "Registry policy does not exist in the registry with id '\(registry)'")
    }

    static func noImage(_ id: ImageIdentifier, _ repository: String, _ registry: String) -> ServiceError {
        error(
            "ImageNotFound",
            "The image with imageId \(id) does not exist within the repository with name '\(repository)' in the registry with id "
                + "'\(registry)'")
    }

    static func noScan(_ id: ImageIdentifier, _ repository: String, _ registry: String) -> ServiceError {
        error(
            "ScanNotFound",
            "Image scan does not exist for the image with '\(id)' in the repository with name '\(repository)' in the registry with id "
                + "'\(registry)'")
    }

    static func imageExists(digest: String, tag: String?, _ repository: String, _ registry: String) -> ServiceError {
        error(
            "ImageAlreadyExists",
            "Image with digest '\(digest)' and tag '\(tag ?? "null")' already exists in the repository with name '\(repository)' in "
                + "registry with id '\(registry)'")
    }

    static func tagExists(_ tag: String, _ repository: String) -> ServiceError {
        error(
            "ImageTagAlreadyExists",
            "The image tag '\(tag)' already exists in the '\(repository)' repository and cannot be overwritten because the tag is "
                + "immutable.")
    }

    static func noLayers(_ digests: [String], _ repository: String, _ registry: String) -> ServiceError {
        error(
            "LayersNotFound",
            "Layers with digests '[\(digests.joined(separator: ", "))]' required for pushing image into repository with name "
                + "'\(repository)' in the registry with id '\(registry)' do not exist")
    }

    static func noReferencedImages(_ digests: [String], _ repository: String, _ registry: String) -> ServiceError {
        error(
            "ReferencedImagesNotFound",
            "Images with digests '[\(digests.joined(separator: ", "))]' required for pushing image into repository with name "
                + "'\(repository)' in the registry with id '\(registry)' do not exist")
    }

    static func noUpload(_ id: String, _ repository: String, _ registry: String) -> ServiceError {
        error(
            "UploadNotFound",
            "An upload with id '\(id)' could not be found in the repository with name '\(repository)' in the registry with id "
                + "'\(registry)'")
    }

    static func layerExists(_ digest: String, _ repository: String, _ registry: String) -> ServiceError {
        error(
            "LayerAlreadyExists",
            "Layer with digest '\(digest)' already exists in the repository with name '\(repository)' in the registry with id "
                + "'\(registry)'")
    }

    /// - Parameter name: the code, without `Exception`.
    static func error(_ name: String, _ message: String, details: [ServiceError.Detail] = []) -> ServiceError {
        ServiceError(name + "Exception", message, status: 400, details: details)
    }
}

/// How requests name an image: by digest, by tag, or by both.
struct ImageIdentifier: Codable, Sendable, Hashable, CustomStringConvertible {
    var imageDigest: String?
    var imageTag: String?

    /// As errors show it.
    var description: String { "{imageDigest:'\(imageDigest ?? "null")', imageTag:'\(imageTag ?? "null")'}" }
}
