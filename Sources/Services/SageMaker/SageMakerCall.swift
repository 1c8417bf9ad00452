// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Crypto
import Foundation
import GRDB
import Wire
import World

extension Call {
    /// The ARN of a SageMaker resource of the caller's; ARNs carry names in lower case.
    func sageMakerARN(_ type: String, _ name: String) -> String {
        arn("sagemaker", "\(type)/\(name.lowercased())")
    }

    /// Checks that the caller may hand `role` to SageMaker and that SageMaker may act as it.
    ///
    /// - Throws: `ServiceError` AccessDeniedException or ValidationException.
    func authorizePassing(role: String) throws {
        if try dispatcher.environment.isRelaxed && roleSession(role) == nil { return }
        guard let parsed = ARN(role), parsed.service == "iam", parsed.resourceType == "role" else {
            throw SageMakerError.roleNotAssumable(role)
        }
        guard parsed.account == account else {
            throw ServiceError("AccessDeniedException", "Cross-account pass role is not allowed.", status: 400)
        }
        try authorize(
            AuthorizationQuestion(
                action: "iam:PassRole", resource: role, context: ["iam:PassedToService": ["sagemaker.amazonaws.com"]]))
        guard try roleSession(role) != nil else { throw SageMakerError.roleNotAssumable(role) }
    }

    /// A session of `role` as SageMaker has it; nil where there is no such role or it does not trust SageMaker.
    func roleSession(_ role: String) throws -> Principal? {
        try world.store.read {
            try IAMIdentity.session(ofRole: role, named: "SageMaker", assumedBy: "sagemaker.amazonaws.com", in: $0)
        }
    }

    /// Checks the tags that a resource is created with, and that the caller may set them.
    ///
    /// - Throws: `ServiceError`.
    func authorizeTags(_ tags: [Tag]?, on arn: String) throws {
        guard let tags, !tags.isEmpty else { return }
        try checkTags(tags)
        try authorize(
            AuthorizationQuestion(
                action: "sagemaker:AddTags", resource: arn,
                context: Dictionary(tags.map { ("aws:RequestTag/" + $0.Key, [$0.Value]) }, uniquingKeysWith: { first, _ in first })
                    .merging(["aws:TagKeys": tags.map(\.Key)]) { first, _ in first }))
    }

    /// Checks tags by themselves.
    ///
    /// - Throws: `ServiceError` ValidationException.
    func checkTags(_ tags: [Tag]) throws {
        var keys = Set<String>()
        for tag in tags {
            guard keys.insert(tag.Key).inserted else {
                throw SageMakerError.validation("Duplicate tag keys are not allowed: \(tag.Key)")
            }
            if tag.Key.lowercased().hasPrefix("aws:") {
                throw SageMakerError.validation("Tag keys that begin with aws: are reserved: \(tag.Key)")
            }
        }
    }

    /// What an image holds.
    ///
    /// - Parameter runsScript: whether the request brings a script, which an image may hold a framework for besides an algorithm.
    /// - Throws: `ServiceError` ValidationException where the path or the repository is none.
    func program(ofImage image: String, role: String, runsScript: Bool = false) async throws -> ImageProgram {
        guard let reference = ImageReference(image) else { throw SageMakerError.notAnImage(image) }
        guard reference.region == region else { throw SageMakerError.noRepository(reference, role: role) }
        if reference.isBuiltIn(in: region), !runsScript,
            let algorithm = dispatcher.environment.algorithm(named: reference.repository)
        {
            return .algorithm(algorithm)
        }
        if try world.store.read({ try $0.hasRepository(of: reference) }) {
            try await checkPulling(reference, role: role)
            return .container(image: image)
        }
        if FrameworkImage.named(reference.repository) != nil { return .framework(repository: reference.repository) }
        throw SageMakerError.noRepository(reference, role: role)
    }

    /// Checks that a role may get an image, as the service does before it makes anything of it.
    private func checkPulling(_ image: ImageReference, role: String) async throws {
        guard let principal = try roleSession(role) else { throw SageMakerError.roleNotAssumable(role) }
        let name = image.suffix.isEmpty ? "latest" : String(image.suffix.dropFirst())
        let identifier: Value = image.suffix.hasPrefix("@") ? ["imageDigest": .string(name)] : ["imageTag": .string(name)]
        let request = ServiceRequest(
            service: "ecr", operation: "BatchGetImage",
            input: [
                "registryId": .string(image.account), "repositoryName": .string(image.repository), "imageIds": [identifier],
            ], credentials: nil, region: image.region)
        let answer: Value
        do { answer = try await dispatcher.send(request, as: principal).output } catch is ServiceError {
            throw SageMakerError.noRepository(image, role: role)
        }
        guard answer["images"]?.listValue?.isEmpty == false else {
            throw SageMakerError.validation(
                "Requested image \(image.account).dkr.ecr.\(image.region).amazonaws.com/\(image.repository)\(image.suffix) not found."
            )
        }
    }

    /// Checks that a role may read an artifact, as the service does before it makes a model of it.
    ///
    /// - Throws: `ServiceError` ValidationException.
    func checkModelData(_ uri: String, role: String) async throws {
        guard let (bucket, key) = Self.s3Location(uri), !key.isEmpty else { throw SageMakerError.noModelData(uri) }
        guard let principal = try roleSession(role) else {
            if dispatcher.environment.isRelaxed { return }
            throw SageMakerError.roleNotAssumable(role)
        }
        let head = ServiceRequest(
            service: "s3", operation: "HeadObject", input: ["Bucket": .string(bucket), "Key": .string(key)], credentials: nil,
            region: region)
        do {
            _ = try await dispatcher.send(head, as: principal)
        } catch let error as ServiceError {
            let isMissing = ["404", "NotFound", "NoSuchKey", "NoSuchBucket"].contains(error.code)
            throw isMissing
                ? SageMakerError.noModelData(uri) : SageMakerError.unreachableModelData(uri, role: role, region: region)
        }
    }

    /// Bucket and key of `s3://bucket/key`; nil for anything else.
    static func s3Location(_ uri: String) -> (bucket: String, key: String)? {
        guard uri.lowercased().hasPrefix("s3://") else { return nil }
        let parts = uri.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bucket = parts.first, !bucket.isEmpty else { return nil }
        return (String(bucket), parts.count > 1 ? String(parts[1]) : "")
    }
}

/// What is in an image.
enum ImageProgram {
    case algorithm(any Algorithm.Type)
    /// A framework for the user's script.
    case framework(repository: String)
    /// The user's own program.
    case container(image: String)

    /// The name that a job's record keeps of it.
    var name: String {
        switch self {
        case .algorithm(let algorithm): algorithm.name
        case .framework(let repository): repository
        case .container(let image): image
        }
    }

    /// The algorithm, where it is one of ours.
    var algorithm: (any Algorithm.Type)? {
        if case .algorithm(let algorithm) = self { algorithm } else { nil }
    }
}

extension ImageReference {
    /// The image by digest, as endpoints show it.
    ///
    /// Nothing is stored under it: it only has to stay the same.
    var resolved: String {
        let name = "\(account).dkr.ecr.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/\(repository)"
        if suffix.hasPrefix("@") { return name + suffix }
        let digest = SHA256.hash(data: Data((name + suffix).utf8)).map { String(format: "%02x", $0) }.joined()
        return "\(name)@sha256:\(digest)"
    }
}

extension Date {
    /// World time as an output's timestamp: services give milliseconds.
    init(world seconds: Double) { self.init(timeIntervalSince1970: (seconds * 1000).rounded() / 1000) }
}
