// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Which images of a repository are listed.
struct ImageFilter: Decodable, Sendable {
    var tagStatus: String?

    func selects(_ image: ContainerImageRecord) -> Bool {
        switch tagStatus {
        case "TAGGED": !image.tags.isEmpty
        case "UNTAGGED": image.tags.isEmpty
        default: true
        }
    }
}

/// Lists the digests and tags of a repository's images.
enum ListImages: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var nextToken: String?
        var maxResults: Int?
        var filter: ImageFilter?
    }

    struct Output: Encodable, Sendable {
        var imageIds: [ImageIdentifier]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let images = try call.world.store.read { database in
            let (repository, scope) = try call.repository(input, database)
            return try database.images(of: repository, in: scope)
        }
        let filter = input.filter ?? ImageFilter()
        let ids = images.filter(filter.selects).flatMap { image -> [ImageIdentifier] in
            image.tags.isEmpty
                ? [ImageIdentifier(imageDigest: image.digest)]
                : image.tags.map { ImageIdentifier(imageDigest: image.digest, imageTag: $0) }
        }
        let page = try ListPage(
            of: ids, token: input.nextToken, limit: input.maxResults ?? 100, list: "images",
            invalid: ECRError.invalid("nextToken", "Invalid token"))
        return Output(imageIds: page.elements, nextToken: page.nextToken)
    }
}

/// Shows images with their sizes and times.
enum DescribeImages: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageIds: [ImageIdentifier]?
        var nextToken: String?
        var maxResults: Int?
        var filter: ImageFilter?
    }

    struct Detail: Encodable, Sendable {
        var registryId: String
        var repositoryName: String
        var imageDigest: String
        var imageTags: [String]?
        var imageSizeInBytes: Int?
        var imagePushedAt: Date
        var imageScanStatus: ImageScan.Status?
        var imageManifestMediaType: String
        var artifactMediaType: String?
        var lastRecordedPullTime: Date?
        var imageStatus: String
    }

    struct Output: Encodable, Sendable {
        var imageDetails: [Detail]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let (all, repository, scope) = try call.world.store.read { database in
            let (repository, scope) = try call.repository(input, database)
            return (try database.images(of: repository, in: scope), repository, scope)
        }
        var images = all
        if let ids = input.imageIds {
            var digests = Set<String>()
            images = try ids.compactMap { id in
                guard let image = all.first(where: { $0.isNamed(by: id) }), id.imageDigest != nil || id.imageTag != nil else {
                    throw ECRError.noImage(id, repository.name, scope.account)
                }
                return digests.insert(image.digest).inserted ? image : nil
            }
        }
        let filter = input.filter ?? ImageFilter()
        let page = try ListPage(
            of: images.filter(filter.selects), token: input.nextToken,
            limit: input.imageIds?.count ?? input.maxResults ?? 100, list: "image-details",
            invalid: ECRError.invalid("nextToken", "Invalid token"))
        return Output(imageDetails: page.elements.map { Detail($0, scope) }, nextToken: page.nextToken)
    }
}

extension DescribeImages.Detail {
    init(_ image: ContainerImageRecord, _ scope: Scope) {
        self.init(
            registryId: scope.account, repositoryName: image.repository, imageDigest: image.digest,
            imageTags: image.tags.isEmpty ? nil : image.tags, imageSizeInBytes: image.sizeInBytes,
            imagePushedAt: Date(world: image.creationTime), imageScanStatus: image.scanTime == nil ? nil : ImageScan.ended,
            imageManifestMediaType: image.mediaType, artifactMediaType: image.artifactMediaType,
            lastRecordedPullTime: image.pullTime.map(Date.init(world:)), imageStatus: "ACTIVE")
    }
}
