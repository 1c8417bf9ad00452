// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Amazon Elastic Container Registry: repositories, images and their layers.
public enum ECRService {
    /// The operations, a row each.
    public static let table = ServiceTable(
        service: "ecr", prefix: "ecr", settle: { try settle($0) },
        repositoryRows + imageRows + RegistrySetting.rows + RegistrySetting.previewRows + [
            OperationRow(GetAuthorizationToken.self, keyStyle: .asWritten),
            OperationRow(ECRListTagsForResource.self, .template("{resourceArn}"), keyStyle: .asWritten),
            OperationRow(ECRTagResource.self, .template("{resourceArn}"), keyStyle: .asWritten),
            OperationRow(ECRUntagResource.self, .template("{resourceArn}"), keyStyle: .asWritten),
        ])

    private static let repositoryRows = [
        OperationRow(CreateRepository.self, .template("repository/{repositoryName}"), keyStyle: .asWritten),
        OperationRow(DescribeRepositories.self, ECRAuthorization.repositories("DescribeRepositories"), keyStyle: .asWritten),
        row(DeleteRepository.self), row(PutImageTagMutability.self), row(PutImageScanningConfiguration.self),
        row(SetRepositoryPolicy.self), row(GetRepositoryPolicy.self), row(DeleteRepositoryPolicy.self),
        row(PutLifecyclePolicy.self), row(GetLifecyclePolicy.self), row(DeleteLifecyclePolicy.self),
    ]

    private static let imageRows = [
        row(PutImage.self), row(BatchGetImage.self), row(BatchDeleteImage.self), row(ListImages.self), row(DescribeImages.self),
        row(StartImageScan.self), row(DescribeImageScanFindings.self), row(InitiateLayerUpload.self), row(UploadLayerPart.self),
        row(CompleteLayerUpload.self), row(BatchCheckLayerAvailability.self), row(GetDownloadUrlForLayer.self),
    ]

    private static func row<O: Operation>(_ operation: O.Type) -> OperationRow {
        OperationRow(operation, ECRAuthorization.repository(O.name), keyStyle: .asWritten)
    }

    /// Lets the images go that repositories' rules say, once a day.
    private static func settle(_ call: Call) throws {
        let due = try call.world.store.read { try $0.dueResources(ImageRepositoryRecord.self, at: call.now) }
        for (scope, repository) in due {
            try call.world.store.write { database in
                guard var record = try database.resource(ImageRepositoryRecord.self, named: repository.name, in: scope),
                    let text = record.lifecyclePolicy
                else { return }
                let images = try database.images(of: record, in: scope)
                for (image, _) in try LifecycleRules(text).expired(among: images, now: call.now) {
                    try database.deleteResource(image, in: scope)
                }
                record.lifecycleEvaluationTime = call.now
                try database.updateResource(record, in: scope)
            }
        }
    }
}
