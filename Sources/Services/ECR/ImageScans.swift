// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Scans for known weaknesses.
///
/// There is no list of weaknesses in the box, so every scan ends as the real service's do for systems that it doesn't know.
enum ImageScan {
    struct Status: Encodable, Sendable {
        var status: String
        var description: String?
    }

    static let ended = Status(
        status: "FAILED",
        description: "UnsupportedImageError: The operating system and/or package manager are not supported.")

    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageId: ImageIdentifier
    }

    struct Output: Encodable, Sendable {
        var registryId: String
        var repositoryName: String
        var imageId: ImageIdentifier
        var imageScanStatus: Status
    }

    /// - Throws: `ServiceError` where there is no such image.
    static func image(_ input: Input, _ call: Call, _ database: Database) throws -> (ContainerImageRecord, Scope) {
        let (repository, scope) = try call.repository(input, database)
        guard input.imageId.imageDigest != nil || input.imageId.imageTag != nil,
            let image = try database.images(of: repository, in: scope).first(where: { $0.isNamed(by: input.imageId) })
        else { throw ECRError.noImage(input.imageId, repository.name, scope.account) }
        return (image, scope)
    }

    static func output(_ input: Input, _ image: ContainerImageRecord, _ scope: Scope, _ status: Status) -> Output {
        Output(
            registryId: scope.account, repositoryName: image.repository,
            imageId: ImageIdentifier(imageDigest: image.digest, imageTag: input.imageId.imageTag), imageScanStatus: status)
    }
}

/// Scans an image; once a day.
enum StartImageScan: Operation {
    static func handle(_ input: ImageScan.Input, _ call: Call) async throws -> ImageScan.Output {
        try call.world.store.write { database in
            var (image, scope) = try ImageScan.image(input, call, database)
            if let time = image.scanTime, time > call.now - 86_400 {
                throw ECRError.error("LimitExceeded", "The scan quota per image has been exceeded. Wait and try again.")
            }
            image.scanTime = call.now
            try database.updateResource(image, in: scope)
            return ImageScan.output(input, image, scope, .init(status: "IN_PROGRESS"))
        }
    }
}

/// Shows what a scan has found.
enum DescribeImageScanFindings: Operation {
    static func handle(_ input: ImageScan.Input, _ call: Call) async throws -> ImageScan.Output {
        let (image, scope) = try call.world.store.read { try ImageScan.image(input, call, $0) }
        guard image.scanTime != nil else { throw ECRError.noScan(input.imageId, image.repository, scope.account) }
        return ImageScan.output(input, image, scope, ImageScan.ended)
    }
}
