// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

extension RegistrySetting {
    /// Rules for images of other registries: kept.
    static let cacheRuleRows = [
        row("CreatePullThroughCacheRule") { input, call in
            let prefix = input["ecrRepositoryPrefix"]?.stringValue ?? ""
            var document = input
            document["registryId"] = .string(call.account)
            document["createdAt"] = .timestamp(call.now)
            let new = record(cacheRule, named: prefix, document, call)
            guard try call.world.store.write({ try $0.insertKept(new, in: call.scope) }) else {
                throw ECRError.error(
                    "PullThroughCacheRuleAlreadyExists",
                    "The pull through cache rule with prefix '\(prefix)' already exists in the registry with id '\(call.account)'")
            }
            return document
        },
        row("UpdatePullThroughCacheRule") { input, call in
            var found = try cacheRule(input, call)
            for name in ["credentialArn", "customRoleArn"] where input[name] != nil { found.document[name] = input[name] }
            found.document["updatedAt"] = .timestamp(call.now)
            try put(found, call)
            return found.document
        },
        row("DeletePullThroughCacheRule") { input, call in
            let found = try cacheRule(input, call)
            try delete(found, call)
            return found.document
        },
        row("DescribePullThroughCacheRules") { input, call in
            let all = try call.world.store.read { try $0.keptRecords(cacheRule, in: call.scope) }
            let prefixes = input["ecrRepositoryPrefixes"]?.listValue?.compactMap(\.stringValue)
            let rules = try prefixes.map { try $0.map { try cacheRule(["ecrRepositoryPrefix": .string($0)], call) } } ?? all
            return try page(rules, input, member: "pullThroughCacheRules")
        },
    ]

    private static func cacheRule(_ input: Value, _ call: Call) throws -> KeptRecord {
        let prefix = input["ecrRepositoryPrefix"]?.stringValue ?? ""
        guard let found = try find(cacheRule, named: prefix, call) else {
            throw ECRError.error(
                "PullThroughCacheRuleNotFound",
                "Some pull through cache rule with prefix '\(prefix)' does not exist in the registry with id '\(call.account)'")
        }
        return found
    }

    private static func page(_ records: [KeptRecord], _ input: Value, member: String) throws -> Value {
        let page = try ListPage(
            of: records, token: input["nextToken"]?.stringValue, limit: input["maxResults"]?.integerValue ?? 100, list: member,
            invalid: ECRError.invalid("nextToken", "Invalid token"))
        var output: Value = [:]
        output[member] = .list(page.elements.map(\.document))
        output["nextToken"] = page.nextToken.map(Value.string)
        return output
    }

    /// Templates for repositories that a push or replication makes: kept.
    static let templateRows = [
        row("CreateRepositoryCreationTemplate") { input, call in
            let prefix = input["prefix"]?.stringValue ?? ""
            var document = input
            document["imageTagMutability"] = input["imageTagMutability"] ?? "MUTABLE"
            document["encryptionConfiguration"] = input["encryptionConfiguration"] ?? ["encryptionType": "AES256"]
            document["createdAt"] = .timestamp(call.now)
            document["updatedAt"] = .timestamp(call.now)
            let new = record(template, named: prefix, document, call)
            guard try call.world.store.write({ try $0.insertKept(new, in: call.scope) }) else {
                throw ECRError.error(
                    "TemplateAlreadyExists", "The repository creation template with prefix '\(prefix)' already exists")
            }
            return ["registryId": .string(call.account), "repositoryCreationTemplate": document]
        },
        row("UpdateRepositoryCreationTemplate") { input, call in
            var found = try template(input, call)
            for (name, value) in input.objectValue ?? [:] where name != "prefix" { found.document[name] = value }
            found.document["updatedAt"] = .timestamp(call.now)
            try put(found, call)
            return ["registryId": .string(call.account), "repositoryCreationTemplate": found.document]
        },
        row("DeleteRepositoryCreationTemplate") { input, call in
            let found = try template(input, call)
            try delete(found, call)
            return ["registryId": .string(call.account), "repositoryCreationTemplate": found.document]
        },
        row("DescribeRepositoryCreationTemplates") { input, call in
            let all = try call.world.store.read { try $0.keptRecords(template, in: call.scope) }
            let prefixes = input["prefixes"]?.listValue?.compactMap(\.stringValue)
            let chosen = all.filter { prefixes?.contains($0.name) ?? true }
            var output = try page(chosen, input, member: "repositoryCreationTemplates")
            output["registryId"] = .string(call.account)
            return output
        },
    ]

    private static func template(_ input: Value, _ call: Call) throws -> KeptRecord {
        let prefix = input["prefix"]?.stringValue ?? ""
        guard let found = try find(template, named: prefix, call) else {
            throw ECRError.error("TemplateNotFound", "The repository creation template with prefix '\(prefix)' does not exist")
        }
        return found
    }

    /// What a repository's rules would let go.
    static let previewRows = [
        row("StartLifecyclePolicyPreview", ECRAuthorization.repository("StartLifecyclePolicyPreview")) { input, call in
            let name = RepositoryInput(
                registryId: input["registryId"]?.stringValue, repositoryName: input["repositoryName"]?.stringValue ?? "")
            let (repository, scope) = try call.world.store.read { try call.repository(name, $0) }
            guard let text = input["lifecyclePolicyText"]?.stringValue ?? repository.lifecyclePolicy else {
                throw ECRError.noLifecyclePolicy(repository.name, scope.account)
            }
            _ = try LifecycleRules(text)
            let preview = record(lifecyclePreview, named: repository.name, ["lifecyclePolicyText": .string(text)], call)
            try call.world.store.write { try $0.putKept(preview, in: scope) }
            return [
                "registryId": .string(scope.account), "repositoryName": .string(repository.name),
                "lifecyclePolicyText": .string(text), "status": "IN_PROGRESS",
            ]
        },
        row("GetLifecyclePolicyPreview", ECRAuthorization.repository("GetLifecyclePolicyPreview")) { input, call in
            let name = RepositoryInput(
                registryId: input["registryId"]?.stringValue, repositoryName: input["repositoryName"]?.stringValue ?? "")
            return try call.world.store.read { database in
                let (repository, scope) = try call.repository(name, database)
                guard let found = try database.keptRecord(lifecyclePreview, named: repository.name, in: scope),
                    let text = found.document["lifecyclePolicyText"]?.stringValue
                else {
                    throw ECRError.error(
                        "LifecyclePolicyPreviewNotFound",
                        "Lifecycle policy preview does not exist for the repository with name '\(repository.name)' in the registry with "
                            + "id '\(scope.account)'")
                }
                let images = try database.images(of: repository, in: scope)
                let expired = try LifecycleRules(text).expired(among: images, now: call.now)
                var output = try previewPage(expired, input)
                output["registryId"] = .string(scope.account)
                output["repositoryName"] = .string(repository.name)
                output["lifecyclePolicyText"] = .string(text)
                output["status"] = "COMPLETE"
                return output
            }
        },
    ]

    private static func previewPage(
        _ expired: [(image: ContainerImageRecord, priority: Int)], _ input: Value
    ) throws -> Value {
        let results = expired.map { image, priority -> Value in
            [
                "imageTags": .list(image.tags.map(Value.string)), "imageDigest": .string(image.digest),
                "imagePushedAt": .timestamp(image.creationTime), "action": ["type": "EXPIRE"],
                "appliedRulePriority": .integer(priority),
            ]
        }
        let page = try ListPage(
            of: results, token: input["nextToken"]?.stringValue, limit: input["maxResults"]?.integerValue ?? 100, list: "preview",
            invalid: ECRError.invalid("nextToken", "Invalid token"))
        var output: Value = ["previewResults": .list(page.elements)]
        output["nextToken"] = page.nextToken.map(Value.string)
        output["summary"] = ["expiringImageTotalCount": .integer(expired.count)]
        return output
    }
}
