// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// The shape `Repository`.
struct RepositoryShape: Encodable, Sendable {
    var repositoryArn: String
    var registryId: String
    var repositoryName: String
    var repositoryUri: String
    var createdAt: Date
    var imageTagMutability: String
    var imageTagMutabilityExclusionFilters: Value?
    var imageScanningConfiguration: ScanningConfiguration
    var encryptionConfiguration: Value

    init(_ record: ImageRepositoryRecord, _ scope: Scope) {
        repositoryArn = record.arn
        registryId = scope.account
        repositoryName = record.name
        repositoryUri = "\(scope.account).dkr.ecr.\(scope.region).amazonaws.com/\(record.name)"
        createdAt = Date(world: record.creationTime)
        imageTagMutability = record.tagMutability
        imageTagMutabilityExclusionFilters = record.exclusionFilters
        imageScanningConfiguration = ScanningConfiguration(scanOnPush: record.scansOnPush)
        encryptionConfiguration = record.encryption
    }
}

/// The shape `ImageScanningConfiguration`.
struct ScanningConfiguration: Codable, Sendable {
    var scanOnPush: Bool?
}

/// An output with a repository.
struct RepositoryOutput: Encodable, Sendable {
    var repository: RepositoryShape
}

/// Makes a repository.
enum CreateRepository: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var tags: [Tag]?
        var imageTagMutability: String?
        var imageTagMutabilityExclusionFilters: Value?
        var imageScanningConfiguration: ScanningConfiguration?
        var encryptionConfiguration: Value?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> RepositoryOutput {
        if let registry = input.registryId, registry != call.account {
            throw ECRError.invalid("registryId", "Repositories can be created in the caller's own registry only")
        }
        let mutability = input.imageTagMutability ?? "MUTABLE"
        try check(mutability, filters: input.imageTagMutabilityExclusionFilters)
        let arn = call.arn("ecr", "repository/\(input.repositoryName)")
        try ECRTags.check(input.tags ?? [])
        if let tags = input.tags, !tags.isEmpty {
            try call.authorize(AuthorizationQuestion(action: "ecr:TagResource", resource: arn))
        }
        var encryption = input.encryptionConfiguration ?? ["encryptionType": "AES256"]
        if encryption["encryptionType"]?.stringValue != "AES256", encryption["kmsKey"] == nil {
            // The key that the service itself keeps for each account and region.
            encryption["kmsKey"] = .string(call.arn("kms", "key/" + UUID().uuidString.lowercased()))
        }
        let record = ImageRepositoryRecord(
            name: input.repositoryName, arn: arn, now: call.now, tagMutability: mutability,
            exclusionFilters: input.imageTagMutabilityExclusionFilters,
            scansOnPush: input.imageScanningConfiguration?.scanOnPush ?? false, encryption: encryption)
        try call.world.store.write { database in
            guard try database.insertResource(record, in: call.scope) else {
                throw ECRError.repositoryExists(record.name, call.account)
            }
            let limit = try database.quotaValue("Registered repositories", service: "ecr", in: call.scope) ?? .max
            guard try database.resourceCount(ImageRepositoryRecord.self, in: call.scope) <= limit else {
                throw ECRError.error(
                    "LimitExceeded",
                    "The operation would exceed the quota 'Registered repositories', which is \(limit) for this account and Region."
                )
            }
            try database.setTags(input.tags ?? [], of: arn)
        }
        return RepositoryOutput(repository: RepositoryShape(record, call.scope))
    }

    /// - Throws: `ServiceError` where filters and the kind of mutability don't go together.
    static func check(_ mutability: String, filters: Value?) throws {
        let hasFilters = !(filters?.listValue ?? []).isEmpty
        guard mutability.hasSuffix("_WITH_EXCLUSION") == hasFilters else {
            throw ECRError.invalid(
                "imageTagMutabilityExclusionFilters",
                hasFilters
                    ? "Filters need an imageTagMutability that ends in _WITH_EXCLUSION"
                    : "At least one filter must be given with \(mutability)")
        }
    }
}

/// Lists repositories by name.
enum DescribeRepositories: Operation {
    struct Input: Decodable, Sendable {
        var registryId: String?
        var repositoryNames: [String]?
        var nextToken: String?
        var maxResults: Int?
    }

    struct Output: Encodable, Sendable {
        var repositories: [RepositoryShape]
        var nextToken: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let scope = call.registry(input.registryId)
        if input.repositoryNames != nil, input.maxResults != nil || input.nextToken != nil {
            throw ECRError.invalid("repositoryNames", "maxResults and nextToken can't be given together with repositoryNames")
        }
        let records = try call.world.store.read { database -> [ImageRepositoryRecord] in
            guard let names = input.repositoryNames else {
                return try database.resources(ImageRepositoryRecord.self, in: scope).records
            }
            return try names.map { name in
                guard let record = try database.resource(ImageRepositoryRecord.self, named: name, in: scope) else {
                    throw ECRError.noRepository(name, scope.account)
                }
                return record
            }
        }
        let page = try ListPage(
            of: records, token: input.nextToken, limit: input.repositoryNames?.count ?? input.maxResults ?? 100,
            list: "repositories", invalid: ECRError.invalid("nextToken", "Invalid token"))
        return Output(repositories: page.elements.map { RepositoryShape($0, scope) }, nextToken: page.nextToken)
    }
}

/// Removes a repository; one with images only where it is forced.
enum DeleteRepository: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var force: Bool?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> RepositoryOutput {
        try call.world.store.write { database in
            let (record, scope) = try call.repository(input, database)
            let images = try database.images(of: record, in: scope)
            guard images.isEmpty || input.force == true else { throw ECRError.notEmpty(record.name, scope.account) }
            for image in images { try database.deleteResource(image, in: scope) }
            try database.deleteImageLayers(repository: record.name, in: scope)
            try database.deleteResource(record, in: scope)
            return RepositoryOutput(repository: RepositoryShape(record, scope))
        }
    }
}

extension Database {
    /// A repository's images, in the order in which they came.
    func images(of repository: ImageRepositoryRecord, in scope: Scope) throws -> [ContainerImageRecord] {
        var query = ResourceQuery()
        query.namePrefix = repository.name + "@"
        query.sortKey = .creationTime
        return try resources(ContainerImageRecord.self, in: scope, matching: query).records
    }
}

/// Says whether tags of images may be given anew.
enum PutImageTagMutability: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageTagMutability: String
        var imageTagMutabilityExclusionFilters: Value?
    }

    struct Output: Encodable, Sendable {
        var registryId: String
        var repositoryName: String
        var imageTagMutability: String
        var imageTagMutabilityExclusionFilters: Value?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let changed = try call.changeRepository(input) { record, _ in
            try CreateRepository.check(input.imageTagMutability, filters: input.imageTagMutabilityExclusionFilters)
            record.tagMutability = input.imageTagMutability
            record.exclusionFilters = input.imageTagMutabilityExclusionFilters
        }
        return Output(
            registryId: changed.registry, repositoryName: changed.record.name, imageTagMutability: changed.record.tagMutability,
            imageTagMutabilityExclusionFilters: changed.record.exclusionFilters)
    }
}

/// Says whether images are scanned when they come.
enum PutImageScanningConfiguration: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var imageScanningConfiguration: ScanningConfiguration
    }

    struct Output: Encodable, Sendable {
        var registryId: String
        var repositoryName: String
        var imageScanningConfiguration: ScanningConfiguration
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let changed = try call.changeRepository(input) { record, _ in
            record.scansOnPush = input.imageScanningConfiguration.scanOnPush ?? false
        }
        return Output(
            registryId: changed.registry, repositoryName: changed.record.name,
            imageScanningConfiguration: ScanningConfiguration(scanOnPush: changed.record.scansOnPush))
    }
}
