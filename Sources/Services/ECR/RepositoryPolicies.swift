// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// A repository's policy, as outputs have it.
struct RepositoryPolicyOutput: Encodable, Sendable {
    var registryId: String
    var repositoryName: String
    var policyText: String?
}

/// Sets who beside the account itself may use a repository.
enum SetRepositoryPolicy: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var policyText: String
        /// Whether a policy that locks the caller out is taken all the same.
        var force: Bool?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> RepositoryPolicyOutput {
        let changed = try call.changeRepository(input) { record, _ in
            guard RepositoryPolicy.isValid(input.policyText) else {
                throw ECRError.invalid("PolicyText", "Invalid repository policy provided")
            }
            record.policy = input.policyText
        }
        return .init(registryId: changed.registry, repositoryName: changed.record.name, policyText: changed.record.policy)
    }
}

/// Shows a repository's policy.
enum GetRepositoryPolicy: Operation {
    static func handle(_ input: RepositoryInput, _ call: Call) async throws -> RepositoryPolicyOutput {
        let (record, scope) = try call.world.store.read { try call.repository(input, $0) }
        guard let policy = record.policy else { throw ECRError.noPolicy(record.name, scope.account) }
        return .init(registryId: scope.account, repositoryName: record.name, policyText: policy)
    }
}

/// Removes a repository's policy.
enum DeleteRepositoryPolicy: Operation {
    static func handle(_ input: RepositoryInput, _ call: Call) async throws -> RepositoryPolicyOutput {
        let output = try await GetRepositoryPolicy.handle(input, call)
        _ = try call.changeRepository(input) { record, _ in record.policy = nil }
        return output
    }
}

/// A repository's rules of letting images go, as outputs have them.
struct LifecyclePolicyOutput: Encodable, Sendable {
    var registryId: String
    var repositoryName: String
    var lifecyclePolicyText: String?
    var lastEvaluatedAt: Date?
}

/// Sets the rules by which a repository lets images go.
enum PutLifecyclePolicy: Operation {
    struct Input: Decodable, Sendable, RepositoryNaming {
        var registryId: String?
        var repositoryName: String
        var lifecyclePolicyText: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> LifecyclePolicyOutput {
        let changed = try call.changeRepository(input) { record, _ in
            _ = try LifecycleRules(input.lifecyclePolicyText)
            record.lifecyclePolicy = input.lifecyclePolicyText
            record.lifecycleEvaluationTime = call.now
        }
        return .init(
            registryId: changed.registry, repositoryName: changed.record.name, lifecyclePolicyText: changed.record.lifecyclePolicy)
    }
}

/// Shows the rules by which a repository lets images go.
enum GetLifecyclePolicy: Operation {
    static func handle(_ input: RepositoryInput, _ call: Call) async throws -> LifecyclePolicyOutput {
        let (record, scope) = try call.world.store.read { try call.repository(input, $0) }
        guard let policy = record.lifecyclePolicy else { throw ECRError.noLifecyclePolicy(record.name, scope.account) }
        return .init(
            registryId: scope.account, repositoryName: record.name, lifecyclePolicyText: policy,
            lastEvaluatedAt: record.lifecycleEvaluationTime.map(Date.init(world:)))
    }
}

/// Removes the rules by which a repository lets images go.
enum DeleteLifecyclePolicy: Operation {
    static func handle(_ input: RepositoryInput, _ call: Call) async throws -> LifecyclePolicyOutput {
        let output = try await GetLifecyclePolicy.handle(input, call)
        _ = try call.changeRepository(input) { record, _ in
            record.lifecyclePolicy = nil
            record.lifecycleEvaluationTime = nil
        }
        return output
    }
}

/// The rules by which a repository lets images go: read, checked, and applied.
///
/// The format is that of the user guide's "Lifecycle policy parameters".
struct LifecycleRules: Sendable {
    struct Rule: Sendable {
        var priority: Int
        var tagStatus: String
        var prefixes: [String]
        var patterns: [String]
        var countType: String
        var countNumber: Int
    }

    var rules: [Rule]

    /// - Throws: `ServiceError` InvalidParameterException that says what is wrong where.
    init(_ text: String) throws {
        guard let document = try? JSON.parse(Array(text.utf8)) else { throw Self.error("it is not JSON") }
        guard let list = document["rules"]?.listValue, !list.isEmpty else {
            throw Self.error("object has missing required properties ([\"rules\"])")
        }
        rules = try list.enumerated().map { try Self.rule($1, at: "/rules/\($0)") }
        guard Set(rules.map(\.priority)).count == rules.count else { throw Self.error("rulePriority must be unique") }
        rules.sort { $0.priority < $1.priority }
    }

    private static func error(_ problem: String) -> ServiceError {
        ECRError.invalid("LifecyclePolicyText", "Lifecycle policy validation failure: \(problem)")
    }

    private static func rule(_ value: Value, at place: String) throws -> Rule {
        guard let priority = value["rulePriority"]?.integerValue, priority > 0 else {
            throw error("\(place)/rulePriority must be a whole number from 1 on")
        }
        guard let selection = value["selection"] else { throw error("\(place)/selection is missing") }
        guard let status = selection["tagStatus"]?.stringValue, ["tagged", "untagged", "any"].contains(status) else {
            throw error("\(place)/selection/tagStatus must be one of tagged, untagged, any")
        }
        guard let type = selection["countType"]?.stringValue, ["imageCountMoreThan", "sinceImagePushed"].contains(type) else {
            throw error("\(place)/selection/countType must be one of imageCountMoreThan, sinceImagePushed")
        }
        guard let number = selection["countNumber"]?.integerValue, number > 0 else {
            throw error("\(place)/selection/countNumber must be a whole number from 1 on")
        }
        let unit = selection["countUnit"]?.stringValue
        guard type == "sinceImagePushed" ? unit == "days" : unit == nil else {
            throw error("\(place)/selection/countUnit must be days with sinceImagePushed, and absent otherwise")
        }
        let prefixes = selection["tagPrefixList"]?.listValue?.compactMap(\.stringValue) ?? []
        let patterns = selection["tagPatternList"]?.listValue?.compactMap(\.stringValue) ?? []
        guard status == "tagged" ? prefixes.isEmpty != patterns.isEmpty : prefixes.isEmpty && patterns.isEmpty else {
            throw error("\(place)/selection must have either tagPrefixList or tagPatternList with tagged, and neither otherwise")
        }
        guard value["action"]?["type"]?.stringValue == "expire" else { throw error("\(place)/action/type must be expire") }
        return Rule(
            priority: priority, tagStatus: status, prefixes: prefixes, patterns: patterns, countType: type, countNumber: number)
    }

    /// The images that the rules let go, each with the priority of the rule that does.
    ///
    /// An image is looked at by one rule at most; it counts for the rules before all the same.
    func expired(among images: [ContainerImageRecord], now: Double) -> [(image: ContainerImageRecord, priority: Int)] {
        var claimed = Set<String>()
        var expired: [(ContainerImageRecord, Int)] = []
        for rule in rules {
            let chosen = images.filter { !claimed.contains($0.name) && rule.selects($0) }
                .sorted { ($0.creationTime, $0.name) > ($1.creationTime, $1.name) }
            claimed.formUnion(chosen.map(\.name))
            let leaving =
                rule.countType == "imageCountMoreThan"
                ? Array(chosen.dropFirst(rule.countNumber))
                : chosen.filter { $0.creationTime <= now - Double(rule.countNumber) * 86_400 }
            expired += leaving.map { ($0, rule.priority) }
        }
        return expired
    }
}

extension LifecycleRules.Rule {
    fileprivate func selects(_ image: ContainerImageRecord) -> Bool {
        switch tagStatus {
        case "any": return true
        case "untagged": return image.tags.isEmpty
        default:
            let asksForAll = prefixes.map { prefix in image.tags.contains { $0.hasPrefix(prefix) } }
            let asksForPatterns = patterns.map { pattern in image.tags.contains { Wildcard.matches($0, pattern: pattern) } }
            return (asksForAll + asksForPatterns).allSatisfy(\.self)
        }
    }
}

/// Patterns in which `*` stands for any text.
enum Wildcard {
    static func matches(_ text: String, pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last else { return text.isEmpty }
        if parts.count == 1 { return text == pattern }
        guard text.hasPrefix(first), text.hasSuffix(last), text.count >= first.count + last.count else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
