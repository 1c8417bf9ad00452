// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names a repository, perhaps in another account's registry.
protocol RepositoryNaming {
    var registryId: String? { get }
    var repositoryName: String { get }
}

/// An input that has nothing but a repository's name.
struct RepositoryInput: Decodable, Sendable, RepositoryNaming {
    var registryId: String?
    var repositoryName: String
}

extension Call {
    /// The registry that an input names: the caller's own where it names none.
    func registry(_ id: String?) -> Scope { Scope(account: id ?? account, region: region) }

    /// - Throws: `ServiceError` where there is no such repository.
    func repository(_ input: some RepositoryNaming, _ database: Database) throws -> (ImageRepositoryRecord, Scope) {
        let scope = registry(input.registryId)
        guard let record = try database.resource(ImageRepositoryRecord.self, named: input.repositoryName, in: scope) else {
            throw ECRError.noRepository(input.repositoryName, scope.account)
        }
        return (record, scope)
    }

    /// Changes a repository in one transaction.
    ///
    /// - Throws: `ServiceError` where there is no such repository; what `body` throws.
    func changeRepository(
        _ input: some RepositoryNaming & Sendable, _ body: @Sendable (inout ImageRepositoryRecord, Scope) throws -> Void
    ) throws -> (record: ImageRepositoryRecord, registry: String) {
        try world.store.write { database in
            var (record, scope) = try repository(input, database)
            try body(&record, scope)
            record.lastModifiedTime = now
            try database.updateResource(record, in: scope)
            return (record, scope.account)
        }
    }
}

/// What may be done with a repository: the caller's policies, and the repository's own.
enum ECRAuthorization {
    /// The operation's action on the repository that the input names.
    static func repository(_ operation: String) -> Authorization {
        .custom { input, call in
            let name = input["repositoryName"]?.stringValue ?? "*"
            let registry = input["registryId"]?.stringValue ?? call.account
            let arn = "arn:aws:ecr:\(call.region):\(registry):repository/\(name)"
            return [try question(operation, arn: arn, name: name, registry: registry, call)]
        }
    }

    /// The operation's action on every repository that the input names, or on all.
    static func repositories(_ operation: String) -> Authorization {
        .custom { input, call in
            let registry = input["registryId"]?.stringValue ?? call.account
            let names = input["repositoryNames"]?.listValue?.compactMap(\.stringValue) ?? ["*"]
            return try names.map { name in
                let arn = "arn:aws:ecr:\(call.region):\(registry):repository/\(name)"
                return try question(operation, arn: arn, name: name, registry: registry, call)
            }
        }
    }

    private static func question(
        _ operation: String, arn: String, name: String, registry: String, _ call: Call
    ) throws -> AuthorizationQuestion {
        let scope = Scope(account: registry, region: call.region)
        let record = try call.world.store.read { try $0.resource(ImageRepositoryRecord.self, named: name, in: scope) }
        // A repository that isn't there has no owner: the operation itself says so.
        let resource = record == nil ? call.arn("ecr", "repository/\(name)") : arn
        return AuthorizationQuestion(
            action: "ecr:\(operation)", resource: resource, resourceAccount: record == nil ? nil : registry,
            resourcePolicy: record?.policy.flatMap { RepositoryPolicy.document($0, for: arn) })
    }
}

/// The policies of repositories, which name no resource: they speak of their own repository.
enum RepositoryPolicy {
    /// The policy as a document that says its resource; nil where the text is none.
    static func document(_ text: String, for arn: String) -> String? {
        guard var policy = try? JSON.parse(Array(text.utf8)), let statements = statements(of: policy) else { return nil }
        policy["Statement"] = .list(
            statements.map { statement in
                var statement = statement
                statement["Resource"] = .string(arn)
                // These may occur more than once here.
                statement["Sid"] = nil
                return statement
            })
        return JSON.serialize(policy)
    }

    /// Whether the text is a policy whose statements say who may do what with the registry's actions.
    ///
    /// - Parameter actions: the only actions that may occur; nil for all of the registry's.
    static func isValid(_ text: String, actions: Set<String>? = nil) -> Bool {
        guard let policy = try? JSON.parse(Array(text.utf8)), let statements = statements(of: policy), !statements.isEmpty,
            policy["Version"].map({ ["2012-10-17", "2008-10-17"].contains($0.stringValue) }) ?? true
        else { return false }
        return statements.allSatisfy { statement in
            guard let effect = statement["Effect"]?.stringValue, ["Allow", "Deny"].contains(effect),
                statement["Principal"] != nil || statement["NotPrincipal"] != nil
            else { return false }
            let names = strings(statement["Action"] ?? statement["NotAction"])
            return !names.isEmpty
                && names.allSatisfy { name in actions.map { $0.contains(name) } ?? (name == "*" || name.hasPrefix("ecr:")) }
        }
    }

    private static func statements(of policy: Value) -> [Value]? {
        switch policy["Statement"] {
        case .list(let statements): statements
        case .object(let members): [.object(members)]
        default: nil
        }
    }

    private static func strings(_ value: Value?) -> [String] {
        switch value {
        case .string(let text): [text]
        case .list(let elements): elements.compactMap(\.stringValue)
        default: []
        }
    }
}
