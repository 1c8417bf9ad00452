// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Wire
import World

/// The shape `Image`.
struct ImageShape: Encodable, Sendable {
    var registryId: String
    var repositoryName: String
    var imageId: ImageIdentifier
    var imageManifest: String
    var imageManifestMediaType: String
}

/// What a manifest says that the registry goes by.
struct ImageManifest: Sendable {
    var mediaType: String?
    /// The configuration and the layers, by digest.
    var blobs: [String]
    /// The manifests that a list names, by digest; nil where this is no list.
    var manifests: [String]?
    /// Nil for a list of manifests.
    var sizeInBytes: Int?
    var artifactMediaType: String?

    /// - Throws: `ServiceError` where the text is no manifest.
    init(_ text: String) throws {
        guard let document = try? JSON.parse(Array(text.utf8)), document.objectValue != nil else {
            throw ECRError.invalid("ImageManifest", "Invalid JSON syntax")
        }
        mediaType = document["mediaType"]?.stringValue
        let config = document["config"]
        let layers = document["layers"]?.listValue ?? []
        artifactMediaType = document["artifactType"]?.stringValue ?? config?["mediaType"]?.stringValue
        let parts = [config].compactMap(\.self) + layers
        blobs = parts.compactMap { $0["digest"]?.stringValue }
        manifests = document["manifests"]?.listValue?.compactMap { $0["digest"]?.stringValue }
        guard manifests != nil || config != nil || !layers.isEmpty else {
            throw ECRError.invalid("ImageManifest", "Invalid image manifest: it has neither layers nor manifests")
        }
        if manifests == nil { sizeInBytes = layers.reduce(0) { $0 + max($1["size"]?.integerValue ?? 0, 0) } }
    }
}

/// Adds an image, or a tag to one that is there.
enum PutImage: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageManifest: String
        var imageManifestMediaType: String?
        var imageTag: String?
        var imageDigest: String?
    }

    struct Output: Encodable, Sendable {
        var image: ImageShape
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let manifest = try ImageManifest(input.imageManifest)
        guard let mediaType = input.imageManifestMediaType ?? manifest.mediaType else {
            throw ECRError.error("InvalidParameter", "image manifest mediatype not provided in manifest or parameter")
        }
        let digest = "sha256:" + SHA256.hash(data: Data(input.imageManifest.utf8)).map { String(format: "%02x", $0) }.joined()
        let isRelaxed = call.dispatcher.environment.isRelaxed
        if let expected = input.imageDigest, expected != digest, !isRelaxed {
            throw ECRError.error(
                "ImageDigestDoesNotMatch",
                "The specified image digest '\(expected)' does not match the digest that was calculated for the image, '\(digest)'")
        }
        return try call.world.store.write { database in
            let (repository, scope) = try call.repository(input, database)
            if !isRelaxed { try checkReferences(manifest, of: repository, in: scope, database) }
            let images = try database.images(of: repository, in: scope)
            let present = images.first { $0.digest == digest }
            if let present, input.imageTag.map(present.tags.contains) ?? true {
                throw ECRError.imageExists(digest: digest, tag: input.imageTag, repository.name, scope.account)
            }
            if let tag = input.imageTag, var holder = images.first(where: { $0.tags.contains(tag) }) {
                guard !repository.isImmutable(tag) else { throw ECRError.tagExists(tag, repository.name) }
                holder.tags.removeAll { $0 == tag }
                try database.updateResource(holder, in: scope)
            }
            var image =
                present
                ?? ContainerImageRecord(
                    repository: repository, digest: digest, manifest: input.imageManifest, mediaType: mediaType,
                    sizeInBytes: manifest.sizeInBytes, artifactMediaType: manifest.artifactMediaType, now: call.now)
            if let tag = input.imageTag { image.tags.append(tag) }
            if try !database.insertResource(image, in: scope) { try database.updateResource(image, in: scope) }
            return Output(
                image: ImageShape(
                    registryId: scope.account, repositoryName: repository.name,
                    imageId: ImageIdentifier(imageDigest: digest, imageTag: input.imageTag), imageManifest: image.manifest,
                    imageManifestMediaType: image.mediaType))
        }
    }

    /// What a manifest names has to be there.
    private static func checkReferences(
        _ manifest: ImageManifest, of repository: ImageRepositoryRecord, in scope: Scope, _ database: Database
    ) throws {
        let missingLayers = try manifest.blobs.filter {
            try database.imageLayer($0, repository: repository.name, in: scope) == nil
        }
        guard missingLayers.isEmpty else { throw ECRError.noLayers(missingLayers, repository.name, scope.account) }
        let missingImages = try (manifest.manifests ?? []).filter {
            try database.resource(ContainerImageRecord.self, named: "\(repository.name)@\($0)", in: scope) == nil
        }
        guard missingImages.isEmpty else { throw ECRError.noReferencedImages(missingImages, repository.name, scope.account) }
    }
}

extension ImageRepositoryRecord {
    /// Whether a tag, once given, stays where it is.
    func isImmutable(_ tag: String) -> Bool {
        let filters = exclusionFilters?.listValue?.compactMap { $0["filter"]?.stringValue } ?? []
        let isExcluded = filters.contains { Wildcard.matches(tag, pattern: $0) }
        return tagMutability.hasPrefix("IMMUTABLE") != isExcluded
    }
}

extension ContainerImageRecord {
    func isNamed(by id: ImageIdentifier) -> Bool {
        (id.imageDigest.map { $0 == digest } ?? true) && (id.imageTag.map(tags.contains) ?? true)
    }
}

/// Shows manifests.
enum BatchGetImage: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageIds: [ImageIdentifier]
        var acceptedMediaTypes: [String]?
    }

    struct Output: Encodable, Sendable {
        var images: [ImageShape]
        var failures: [ImageFailure]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        try call.world.store.write { database in
            let (repository, scope) = try call.repository(input, database)
            let images = try database.images(of: repository, in: scope)
            var output = Output(images: [], failures: [])
            for id in input.imageIds {
                if let failure = ImageFailure(ofBadIdentifier: id) {
                    output.failures.append(failure)
                } else if var image = images.first(where: { $0.isNamed(by: id) }) {
                    image.pullTime = call.now
                    try database.updateResource(image, in: scope)
                    let named = ImageIdentifier(imageDigest: image.digest, imageTag: id.imageTag)
                    output.images.append(
                        ImageShape(
                            registryId: scope.account, repositoryName: repository.name, imageId: named,
                            imageManifest: image.manifest, imageManifestMediaType: image.mediaType))
                } else {
                    output.failures.append(.notFound(id))
                }
            }
            return output
        }
    }
}

/// The shape `ImageFailure`.
struct ImageFailure: Encodable, Sendable {
    var imageId: ImageIdentifier
    var failureCode: String
    var failureReason: String

    static func notFound(_ id: ImageIdentifier) -> ImageFailure {
        ImageFailure(imageId: id, failureCode: "ImageNotFound", failureReason: "Requested image not found")
    }
}

extension ImageFailure {
    /// Nil where the identifier is in order.
    init?(ofBadIdentifier id: ImageIdentifier) {
        switch (id.imageDigest, id.imageTag) {
        case (nil, nil):
            self.init(
                imageId: id, failureCode: "MissingDigestAndTag",
                failureReason: "Invalid request parameters: both tag and digest cannot be null")
        case (let digest?, _) where !LayerDigest.isWellFormed(digest):
            self.init(
                imageId: id, failureCode: "InvalidImageDigest",
                failureReason: "Invalid request parameters: image digest should satisfy the regex '\(LayerDigest.pattern)'")
        default: return nil
        }
    }
}

/// Removes images, or one tag of each.
enum BatchDeleteImage: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageIds: [ImageIdentifier]
    }

    struct Output: Encodable, Sendable {
        var imageIds: [ImageIdentifier]
        var failures: [ImageFailure]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        try call.world.store.write { database in
            let (repository, scope) = try call.repository(input, database)
            var output = Output(imageIds: [], failures: [])
            for id in input.imageIds {
                let images = try database.images(of: repository, in: scope)
                if let failure = ImageFailure(ofBadIdentifier: id) {
                    output.failures.append(failure)
                } else if let image = images.first(where: { $0.isNamed(by: id) }) {
                    let lists = images.filter { $0.sizeInBytes == nil && $0.digest != image.digest }
                    let isWhole = id.imageDigest != nil || image.tags.count <= 1
                    if isWhole, let list = lists.first(where: { $0.manifest.contains(image.digest) }) {
                        output.failures.append(.referenced(id, by: list.digest))
                    } else {
                        output.imageIds += try delete(id, of: image, isWhole: isWhole, in: scope, database)
                    }
                } else {
                    output.failures.append(.notFound(id))
                }
            }
            return output
        }
    }

    /// - Returns: what is gone.
    private static func delete(
        _ id: ImageIdentifier, of image: ContainerImageRecord, isWhole: Bool, in scope: Scope, _ database: Database
    ) throws -> [ImageIdentifier] {
        guard !isWhole else {
            try database.deleteResource(image, in: scope)
            let tags = image.tags.map { ImageIdentifier(imageDigest: image.digest, imageTag: $0) }
            return tags.isEmpty ? [ImageIdentifier(imageDigest: image.digest)] : tags
        }
        var image = image
        image.tags.removeAll { $0 == id.imageTag }
        try database.updateResource(image, in: scope)
        return [ImageIdentifier(imageDigest: image.digest, imageTag: id.imageTag)]
    }
}

extension ImageFailure {
    static func referenced(_ id: ImageIdentifier, by digest: String) -> ImageFailure {
        ImageFailure(
            imageId: id, failureCode: "ImageReferencedByManifestList",
            failureReason: "Requested image referenced by manifest list: [\(digest)]")
    }
}
