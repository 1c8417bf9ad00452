// SPDX-License-Identifier: Apache-2.0

import Foundation
import Services
import Testing
import Wire
import World

/// A world of its own for one test, with the initial account and a second one.
final class IAMTestWorld: Sendable {
    static let account = Account.initialID
    static let otherAccount = "210987654321"
    static let trustSageMaker =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#

    let world: World
    let dispatcher: Dispatcher
    private let path: String

    init() throws {
        path = NSTemporaryDirectory() + "sagebrush-iam-" + UUID().uuidString
        world = try World.open(at: path) { database, now in
            for id in [IAMTestWorld.account, IAMTestWorld.otherAccount] {
                try Account(id: id, creationTime: now).insert(in: database)
                try IAMBootstrap.create(account: id, in: database, now: now)
            }
        }
        let environment = ServiceEnvironment(algorithms: [], launcher: HostLauncher(executable: "/bin/false"))
        dispatcher = Dispatcher(world: world, environment: environment)
    }

    deinit {
        try? world.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    static let student = Credentials(accessKeyID: IAMBootstrap.exampleKey.id, secretAccessKey: IAMBootstrap.exampleKey.secret)

    /// The administrator of the other account.
    func outsider() throws -> Credentials {
        let key = try world.store.read { try AccessKey.all(of: .user(name: "student"), account: IAMTestWorld.otherAccount, in: $0) }
        return Credentials(accessKeyID: try #require(key.first).id, secretAccessKey: try #require(key.first).secret)
    }

    @discardableResult
    func iam(_ operation: String, _ input: Value = .emptyObject, as credentials: Credentials? = student) async throws -> Value {
        try await send("iam", operation, input, as: credentials)
    }

    @discardableResult
    func sts(_ operation: String, _ input: Value = .emptyObject, as credentials: Credentials? = student) async throws -> Value {
        try await send("sts", operation, input, as: credentials)
    }

    func send(_ service: String, _ operation: String, _ input: Value, as credentials: Credentials?) async throws -> Value {
        try await dispatcher.send(
            ServiceRequest(service: service, operation: operation, input: input, credentials: credentials, region: "us-east-1")
        ).output
    }

    /// `Code: message` of the error that the operation answers with; nil where it answers with none.
    func error(
        _ operation: String, _ input: Value = .emptyObject, service: String = "iam", as credentials: Credentials? = student
    ) async throws -> String? {
        do {
            _ = try await send(service, operation, input, as: credentials)
            return nil
        } catch let error as ServiceError {
            return "\(error.code): \(error.message)"
        }
    }

    /// Makes a user with one inline policy and returns its key.
    func user(_ name: String, policy statement: String? = nil) async throws -> Credentials {
        try await iam("CreateUser", ["UserName": .string(name)])
        if let statement {
            try await iam(
                "PutUserPolicy",
                ["UserName": .string(name), "PolicyName": "p", "PolicyDocument": .string(Self.document(statement))])
        }
        let key = try await iam("CreateAccessKey", ["UserName": .string(name)])["AccessKey"]
        return Credentials(
            accessKeyID: try #require(key?["AccessKeyId"]?.stringValue),
            secretAccessKey: try #require(key?["SecretAccessKey"]?.stringValue))
    }

    /// Makes a role that trusts `principal` and has one inline policy.
    func role(_ name: String, trusting principal: String, policy statement: String? = nil, condition: String = "{}") async throws {
        let trust = Self.document(
            #"{"Effect":"Allow","Principal":\#(principal),"Action":["sts:AssumeRole","sts:TagSession"],"Condition":\#(condition)}"#)
        try await iam("CreateRole", ["RoleName": .string(name), "AssumeRolePolicyDocument": .string(trust)])
        if let statement {
            try await iam(
                "PutRolePolicy",
                ["RoleName": .string(name), "PolicyName": "p", "PolicyDocument": .string(Self.document(statement))])
        }
    }

    static func document(_ statement: String) -> String {
        #"{"Version":"2012-10-17","Statement":[\#(statement)]}"#
    }

    static func credentials(_ output: Value) throws -> Credentials {
        let value = try #require(output["Credentials"])
        return Credentials(
            accessKeyID: try #require(value["AccessKeyId"]?.stringValue),
            secretAccessKey: try #require(value["SecretAccessKey"]?.stringValue), sessionToken: value["SessionToken"]?.stringValue)
    }
}
