// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// A password for the registry, good for twelve hours.
enum GetAuthorizationToken: Operation {
    struct Input: Decodable, Sendable {
        var registryIds: [String]?
    }

    struct AuthorizationData: Encodable, Sendable {
        var authorizationToken: String
        var expiresAt: Date
        var proxyEndpoint: String
    }

    struct Output: Encodable, Sendable {
        var authorizationData: [AuthorizationData]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        // Sessions and passwords are judged by the machine's clock, not by the world's.
        let expiration = (Date().timeIntervalSince1970 + 43_200).rounded(.down)
        return Output(
            authorizationData: (input.registryIds ?? [call.account]).map { registry in
                let payload: Value = [
                    "payload": .string(Base64.encode((0..<384).map { _ in UInt8.random(in: 0...255) })),
                    "version": "2", "type": "DATA_KEY", "expiration": .integer(Int(expiration)),
                ]
                let password = Base64.encode(Array(JSON.serialize(payload).utf8))
                return AuthorizationData(
                    authorizationToken: Base64.encode(Array("AWS:\(password)".utf8)),
                    expiresAt: Date(timeIntervalSince1970: expiration),
                    proxyEndpoint: "https://\(registry).dkr.ecr.\(call.region).amazonaws.com")
            })
    }
}

/// What holds for a whole registry: one kept record a setting.
enum RegistrySetting {
    static let replication = "ecr:registry-replication"
    static let policy = "ecr:registry-policy"
    static let scanning = "ecr:registry-scanning"
    static let account = "ecr:account-setting"
    static let cacheRule = "ecr:pull-through-cache-rule"
    static let template = "ecr:repository-creation-template"
    static let lifecyclePreview = "ecr:lifecycle-policy-preview"

    static func record(_ kind: String, named name: String = "registry", _ document: Value, _ call: Call) -> KeptRecord {
        KeptRecord(
            kind: kind, name: name, arn: call.arn("ecr", "\(kind.dropFirst(4))/\(name)"), now: call.now, document: document)
    }

    static func find(_ kind: String, named name: String = "registry", _ call: Call) throws -> KeptRecord? {
        try call.world.store.read { try $0.keptRecord(kind, named: name, in: call.scope) }
    }

    static func put(_ record: KeptRecord, _ call: Call) throws {
        try call.world.store.write { try $0.putKept(record, in: call.scope) }
    }

    static func delete(_ record: KeptRecord, _ call: Call) throws {
        _ = try call.world.store.write { try $0.deleteKept(record, in: call.scope) }
    }

    static func row(
        _ name: String, _ authorization: Authorization = .template("*"),
        _ handle: @escaping @Sendable (Value, Call) async throws -> Value
    ) -> OperationRow {
        OperationRow("ecr", name, authorization, depth: name.hasSuffix("Preview") ? .real : .kept, value: handle)
    }

    static let rows: [OperationRow] = settingRows + cacheRuleRows + templateRows

    private static let settingRows = [
        row("DescribeRegistry") { _, call in
            let configuration = try find(replication, call)?.document ?? ["rules": []]
            return ["registryId": .string(call.account), "replicationConfiguration": configuration]
        },
        row("PutReplicationConfiguration") { input, call in
            let configuration = input["replicationConfiguration"] ?? ["rules": []]
            let destinations = (configuration["rules"]?.listValue ?? []).flatMap { $0["destinations"]?.listValue ?? [] }
            for destination in destinations
            where destination["region"]?.stringValue == call.region && destination["registryId"]?.stringValue == call.account {
                throw ECRError.invalid(
                    "replicationConfiguration", "Replication destination cannot be the same as the source registry")
            }
            try put(record(replication, configuration, call), call)
            return ["replicationConfiguration": configuration]
        },
        row("PutRegistryPolicy") { input, call in
            let text = input["policyText"]?.stringValue ?? ""
            let actions: Set = ["ecr:ReplicateImage", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"]
            guard RepositoryPolicy.isValid(text, actions: actions) else {
                throw ECRError.invalid("PolicyText", "Invalid registry policy provided")
            }
            try put(record(policy, ["policyText": .string(text)], call), call)
            return ["registryId": .string(call.account), "policyText": .string(text)]
        },
        row("GetRegistryPolicy") { _, call in
            guard let found = try find(policy, call) else { throw ECRError.noRegistryPolicy(call.account) }
            return ["registryId": .string(call.account), "policyText": found.document["policyText"] ?? ""]
        },
        row("DeleteRegistryPolicy") { _, call in
            guard let found = try find(policy, call) else { throw ECRError.noRegistryPolicy(call.account) }
            try delete(found, call)
            return ["registryId": .string(call.account), "policyText": found.document["policyText"] ?? ""]
        },
        row("GetRegistryScanningConfiguration") { _, call in
            ["registryId": .string(call.account), "scanningConfiguration": try scanningConfiguration(call)]
        },
        row("PutRegistryScanningConfiguration") { input, call in
            let configuration: Value = ["scanType": input["scanType"] ?? "BASIC", "rules": input["rules"] ?? []]
            try put(record(scanning, configuration, call), call)
            return ["registryScanningConfiguration": configuration]
        },
        row("BatchGetRepositoryScanningConfiguration", ECRAuthorization.repositories("BatchGetRepositoryScanningConfiguration")) {
            try repositoryScanning($0, $1)
        },
        row("GetAccountSetting") { input, call in
            let name = input["name"]?.stringValue ?? ""
            let value = try find(account, named: name, call)?.document["value"] ?? accountDefaults[name].map(Value.string)
            guard let value else { throw ECRError.invalid("name", "There is no account setting of that name") }
            return ["name": .string(name), "value": value]
        },
        row("PutAccountSetting") { input, call in
            let name = input["name"]?.stringValue ?? ""
            guard accountDefaults[name] != nil, let value = input["value"] else {
                throw ECRError.invalid("name", "There is no account setting of that name")
            }
            try put(record(account, named: name, ["value": value], call), call)
            return ["name": .string(name), "value": value]
        },
    ]

    private static let accountDefaults = [
        "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE", "REGISTRY_POLICY_SCOPE": "V1", "BLOB_MOUNTING": "DISABLED",
    ]

    private static func scanningConfiguration(_ call: Call) throws -> Value {
        try find(scanning, call)?.document ?? ["scanType": "BASIC", "rules": []]
    }

    private static func repositoryScanning(_ input: Value, _ call: Call) throws -> Value {
        let rules = try scanningConfiguration(call)["rules"]?.listValue ?? []
        var found: [Value] = []
        var failures: [Value] = []
        for name in input["repositoryNames"]?.listValue?.compactMap(\.stringValue) ?? [] {
            let record = try call.world.store.read { try $0.resource(ImageRepositoryRecord.self, named: name, in: call.scope) }
            guard let record else {
                failures.append([
                    "repositoryName": .string(name), "failureCode": "REPOSITORY_NOT_FOUND", "failureReason": "REPOSITORY_NOT_FOUND",
                ])
                continue
            }
            let rule = rules.first { rule in
                (rule["repositoryFilters"]?.listValue ?? []).contains {
                    Wildcard.matches(name, pattern: $0["filter"]?.stringValue ?? "")
                }
            }
            let frequency = rule?["scanFrequency"]?.stringValue ?? (record.scansOnPush ? "SCAN_ON_PUSH" : "MANUAL")
            let filters = (rule?["repositoryFilters"]?.listValue ?? []).filter {
                Wildcard.matches(name, pattern: $0["filter"]?.stringValue ?? "")
            }
            found.append([
                "repositoryArn": .string(record.arn), "repositoryName": .string(name),
                "scanOnPush": .boolean(record.scansOnPush), "scanFrequency": .string(frequency),
                "appliedScanFilters": .list(filters),
            ])
        }
        return ["scanningConfigurations": .list(found), "failures": .list(failures)]
    }
}
