// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

@Suite struct ECRTests {
    private static let repository: Value = ["repositoryName": "lab/trees"]

    private func makeTest() async throws -> SageMakerTestWorld {
        let test = try await SageMakerTestWorld()
        try await test.send("ecr", "CreateRepository", Self.repository)
        return test
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        "sha256:" + SHA256.hash(data: Data(bytes)).map { String(format: "%02x", $0) }.joined()
    }

    private static func input(_ members: Value) -> Value {
        (members.objectValue ?? [:]).reduce(into: repository) { $0[$1.key] = $1.value }
    }

    /// Uploads a layer in one part.
    private func upload(_ bytes: [UInt8], _ test: SageMakerTestWorld) async throws {
        let id = try #require(try await test.send("ecr", "InitiateLayerUpload", Self.repository)["uploadId"])
        let part: Value = [
            "uploadId": id, "partFirstByte": 0, "partLastByte": .integer(bytes.count - 1), "layerPartBlob": .blob(bytes),
        ]
        try await test.send("ecr", "UploadLayerPart", Self.input(part))
        let done: Value = ["uploadId": id, "layerDigests": [.string(Self.digest(bytes))]]
        try await test.send("ecr", "CompleteLayerUpload", Self.input(done))
    }

    /// Pushes an image of one layer and gives its manifest.
    private func push(_ text: String, tag: String, _ test: SageMakerTestWorld) async throws -> String {
        let layer = Array("layer \(text)".utf8)
        let config = Array("config \(text)".utf8)
        for blob in [layer, config] { try await upload(blob, test) }
        let manifest = JSON.serialize([
            "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": ["digest": .string(Self.digest(config)), "size": .integer(config.count)],
            "layers": [["digest": .string(Self.digest(layer)), "size": .integer(layer.count)]],
        ])
        try await test.send("ecr", "PutImage", Self.input(["imageManifest": .string(manifest), "imageTag": .string(tag)]))
        return manifest
    }

    @Test func anImageNeedsItsLayers() async throws {
        let test = try await makeTest()
        let manifest =
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:aa","size":1},"layers":[]}"#
        let error = try await test.failure("ecr", "PutImage", Self.input(["imageManifest": .string(manifest)]))
        #expect(error.code == "LayersNotFoundException" && error.message.contains("sha256:aa"))
        let pushed = try await push("one", tag: "latest", test)
        let images = try await test.send("ecr", "BatchGetImage", Self.input(["imageIds": [["imageTag": "latest"], [:]]]))
        #expect(images["images"]?[0]?["imageManifest"] == .string(pushed))
        #expect(images["failures"]?[0]?["failureCode"] == "MissingDigestAndTag")
        let layers = try await test.send(
            "ecr", "BatchCheckLayerAvailability",
            Self.input(["layerDigests": [.string(Self.digest(Array("layer one".utf8))), "sha256:aa"]]))
        #expect(layers["layers"]?.listValue?.map { $0["layerAvailability"] } == ["AVAILABLE", "UNAVAILABLE"])
    }

    @Test func layersComeInOrderAndAreChecked() async throws {
        let test = try await makeTest()
        let id = try #require(try await test.send("ecr", "InitiateLayerUpload", Self.repository)["uploadId"])
        let late: Value = ["uploadId": id, "partFirstByte": 7, "partLastByte": 8, "layerPartBlob": .blob([1, 2])]
        #expect(try await test.failure("ecr", "UploadLayerPart", Self.input(late)).code == "InvalidLayerPartException")
        let done: Value = ["uploadId": id, "layerDigests": ["sha256:aa"]]
        #expect(try await test.failure("ecr", "CompleteLayerUpload", Self.input(done)).code == "EmptyUploadException")
        let part: Value = ["uploadId": id, "partFirstByte": 0, "partLastByte": 1, "layerPartBlob": .blob([1, 2])]
        try await test.send("ecr", "UploadLayerPart", Self.input(part))
        #expect(try await test.failure("ecr", "CompleteLayerUpload", Self.input(done)).code == "InvalidLayerException")
        let large = [UInt8](repeating: 7, count: 10_000)
        try await upload(large, test)
        let url = try await test.send("ecr", "GetDownloadUrlForLayer", Self.input(["layerDigest": .string(Self.digest(large))]))
        let path = try #require(URL(string: url["downloadUrl"]?.stringValue ?? ""))
        #expect(try [UInt8](Data(contentsOf: path)) == large)
    }

    @Test func tagsMoveUnlessTheyAreImmutable() async throws {
        let test = try await makeTest()
        let first = try await push("one", tag: "latest", test)
        let again = try await test.failure("ecr", "PutImage", Self.input(["imageManifest": .string(first), "imageTag": "latest"]))
        #expect(again.code == "ImageAlreadyExistsException")
        _ = try await push("two", tag: "latest", test)
        let untagged = try await test.send("ecr", "ListImages", Self.input(["filter": ["tagStatus": "UNTAGGED"]]))
        #expect(untagged["imageIds"] == [["imageDigest": .string(Self.digest(Array(first.utf8)))]])
        try await test.send("ecr", "PutImageTagMutability", Self.input(["imageTagMutability": "IMMUTABLE"]))
        let refused = try await test.failure(
            "ecr", "PutImage", Self.input(["imageManifest": .string(first), "imageTag": "latest"]))
        #expect(refused.code == "ImageTagAlreadyExistsException")
        let full = try await test.failure("ecr", "DeleteRepository", Self.repository)
        #expect(full.code == "RepositoryNotEmptyException")
        try await test.send("ecr", "BatchDeleteImage", Self.input(["imageIds": [["imageTag": "latest"]]]))
        #expect(try await test.send("ecr", "DescribeImages", Self.repository)["imageDetails"]?.listValue?.count == 1)
        try await test.send("ecr", "DeleteRepository", Self.input(["force": true]))
        #expect(try await test.send("ecr", "DescribeRepositories")["repositories"] == [])
    }

    @Test func lifecycleRulesLetImagesGo() async throws {
        let test = try await makeTest()
        for name in ["one", "two", "three"] { _ = try await push(name, tag: name, test) }
        let policy =
            #"{"rules":[{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["t"],"countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}]}"#
        try await test.send("ecr", "StartLifecyclePolicyPreview", Self.input(["lifecyclePolicyText": .string(policy)]))
        let preview = try await test.send("ecr", "GetLifecyclePolicyPreview", Self.repository)
        #expect(preview["previewResults"]?.listValue?.map { $0["imageTags"] } == [["two"]])
        let wrong = policy.replacing("\"expire\"", with: "\"keep\"").padding(toLength: 200, withPad: " ", startingAt: 0)
        let error = try await test.failure("ecr", "PutLifecyclePolicy", Self.input(["lifecyclePolicyText": .string(wrong)]))
        #expect(error.message.contains("/rules/0/action/type"))
    }

    @Test func passwordsAreForTheRegistry() async throws {
        let test = try await makeTest()
        let data = try await test.send("ecr", "GetAuthorizationToken")["authorizationData"]?[0]
        let token = try #require(Base64.decode(data?["authorizationToken"]?.stringValue ?? ""))
        #expect(String(decoding: token, as: UTF8.self).hasPrefix("AWS:"))
        #expect(data?["proxyEndpoint"] == "https://123456789012.dkr.ecr.us-east-1.amazonaws.com")
        let policy = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:GetDownloadUrlForLayer"}]}"#
        let error = try await test.failure("ecr", "SetRepositoryPolicy", Self.input(["policyText": .string(policy)]))
        #expect(error.code == "InvalidParameterException")
        let missing = try await test.failure("ecr", "GetRepositoryPolicy", Self.repository)
        #expect(missing.code == "RepositoryPolicyNotFoundException")
    }
}
