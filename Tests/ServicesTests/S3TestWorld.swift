// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Testing
import Wire
import World

@testable import Services

/// A world of its own in a temporary folder with two accounts; gone when the test is over.
final class S3TestWorld: Sendable {
    let world: World
    let dispatcher: Dispatcher
    static let region = "us-east-1"
    static let otherAccount = "210987654321"
    private let folder: String

    init(
        publicData: [PublicDataBucket] = [], producers: [String: @Sendable () throws -> [UInt8]] = [:],
        durability: Store.Durability = .process
    ) throws {
        folder = FileManager.default.temporaryDirectory.path + "/s3-" + UUID().uuidString
        world = try World.open(at: folder, durability: durability, bootstrap: WorldBootstrap.make(publicData: { publicData }))
        dispatcher = Dispatcher(
            world: world,
            environment: ServiceEnvironment(
                algorithms: [], launcher: HostLauncher(executable: "/bin/true"), publicData: { producers[$0] }))
        try world.store.write { try Account(id: Self.otherAccount, creationTime: 2).insert(in: $0) }
    }

    deinit {
        try? world.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The root of an account.
    static func root(of account: String) -> Principal {
        Principal(kind: .root, account: account, arn: "arn:aws:iam::\(account):root", userID: account)
    }

    static let owner = root(of: Account.initialID)
    static let stranger = root(of: otherAccount)

    /// A user with no permissions, or with one inline policy.
    func user(_ name: String, policy: String? = nil) async throws -> Principal {
        _ = try await dispatcher.send(
            ServiceRequest(
                service: "iam", operation: "CreateUser", input: ["UserName": .string(name)], credentials: nil, region: Self.region),
            as: Self.owner)
        if let policy {
            _ = try await dispatcher.send(
                ServiceRequest(
                    service: "iam", operation: "PutUserPolicy",
                    input: ["UserName": .string(name), "PolicyName": "p", "PolicyDocument": .string(policy)], credentials: nil,
                    region: Self.region), as: Self.owner)
        }
        return Principal(
            kind: .user(name: name), account: Account.initialID, arn: "arn:aws:iam::\(Account.initialID):user/\(name)",
            userID: "AIDA")
    }

    func response(
        _ operation: String, _ input: Value = .emptyObject, body: [UInt8]? = nil, region: String = region,
        as principal: Principal = owner
    ) async throws -> ServiceResponse {
        try await dispatcher.send(
            ServiceRequest(
                service: "s3", operation: operation, input: input, body: body.map { Body(bytes: $0) }, credentials: nil,
                region: region),
            as: principal)
    }

    @discardableResult
    func send(
        _ operation: String, _ input: Value = .emptyObject, body: [UInt8]? = nil, region: String = region,
        as principal: Principal = owner
    ) async throws -> Value {
        try await response(operation, input, body: body, region: region, as: principal).output
    }

    /// The error that a request ends with.
    func failure(
        _ operation: String, _ input: Value = .emptyObject, body: [UInt8]? = nil, region: String = region,
        as principal: Principal = owner, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ServiceError {
        do {
            let output = try await send(operation, input, body: body, region: region, as: principal)
            Issue.record("\(operation) went well: \(output)", sourceLocation: sourceLocation)
            return ServiceError("", "")
        } catch let error as ServiceError {
            return error
        }
    }

    /// Makes the bucket `b`, in which most tests work.
    func makeBucket(_ name: String = "bucket") async throws { try await send("CreateBucket", ["Bucket": .string(name)]) }

    /// Puts an object with text in it.
    @discardableResult
    func put(_ key: String, _ text: String = "text", bucket: String = "bucket") async throws -> Value {
        try await send("PutObject", ["Bucket": .string(bucket), "Key": .string(key)], body: Array(text.utf8))
    }

    /// An object's bytes.
    func bytes(_ key: String, bucket: String = "bucket", version: String? = nil, as principal: Principal = owner) async throws
        -> [UInt8]
    {
        var input: Value = ["Bucket": .string(bucket), "Key": .string(key)]
        if let version { input["VersionId"] = .string(version) }
        return try await response("GetObject", input, as: principal).body?.collect() ?? []
    }

    /// The keys of a list.
    static func keys(_ list: Value, _ member: String = "Contents") -> [String] {
        (list[member]?.listValue ?? []).compactMap { $0["Key"]?.stringValue }
    }

    static func prefixes(_ list: Value) -> [String] {
        (list["CommonPrefixes"]?.listValue ?? []).compactMap { $0["Prefix"]?.stringValue }
    }

    /// The files below objects/, without folders.
    func bodyFiles() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: world.objectsPath).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: world.objectsPath + "/" + path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    /// Bytes that don't repeat soon.
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
