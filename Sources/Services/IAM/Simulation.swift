// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Says what given policies would decide.
enum SimulateCustomPolicy: Operation {
    static func handle(_ input: PolicySimulation.Input, _ call: Call) async throws -> Value {
        var policies = PolicySet(identity: try PolicySimulation.policies(input.policyInputList, named: "PolicyInputList"))
        policies.boundary = try PolicySimulation.boundary(input)
        return try PolicySimulation.run(input, policies, as: try PolicySimulation.caller(input.callerArn, call), call)
    }
}

/// Says what the policies of a user, group or role, and further ones, would decide.
enum SimulatePrincipalPolicy: Operation {
    static func handle(_ input: PolicySimulation.Input, _ call: Call) async throws -> Value {
        let source = input.policySourceArn ?? ""
        var policies = try call.world.store.read { try PolicySimulation.policies(of: source, call, in: $0) }
        policies.identity += try PolicySimulation.policies(input.policyInputList ?? [], named: "PolicyInputList")
        if let boundary = try PolicySimulation.boundary(input) { policies.boundary = boundary }
        return try PolicySimulation.run(input, policies, as: try PolicySimulation.caller(input.callerArn ?? source, call), call)
    }
}

/// What the two have in common.
enum PolicySimulation {
    struct ContextEntry: Decodable, Sendable {
        var contextKeyName: String?
        var contextKeyValues: [String]?
    }

    struct Input: Decodable, Sendable {
        var policySourceArn: String?
        var policyInputList: [String]?
        var permissionsBoundaryPolicyInputList: [String]?
        var actionNames: [String]
        var resourceArns: [String]?
        var resourcePolicy: String?
        var resourceOwner: String?
        var callerArn: String?
        var contextEntries: [ContextEntry]?
        var maxItems: Int?
        var marker: String?
    }

    /// The policies that go with a user, group or role.
    ///
    /// - Throws: NoSuchEntity.
    static func policies(of source: String, _ call: Call, in database: Database) throws -> PolicySet {
        if let user = try database.resource(UserRecord.self, arn: source) {
            let principal = Principal(kind: .user(name: user.name), account: call.account, arn: user.arn, userID: user.id)
            return try IdentityPolicies.load(for: principal, in: database)
        }
        if let group = try database.resource(GroupRecord.self, arn: source) {
            return PolicySet(identity: try group.policies(in: database))
        }
        guard let role = try database.resource(RoleRecord.self, arn: source) else {
            throw IAMError.noSuchEntity("The entity \(source) cannot be found.")
        }
        let session = try IAMIdentity.session(of: role, named: "simulation", sessionPolicies: [], in: database)
        return try IdentityPolicies.load(for: session, in: database)
    }

    static func policies(_ documents: [String]?, named name: String) throws -> [NamedPolicy] {
        var result: [NamedPolicy] = []
        for (index, text) in (documents ?? []).enumerated() {
            result.append(NamedPolicy(name: "\(name).\(index + 1)", document: try document(text, kind: .session)))
        }
        return result
    }

    private static func document(_ text: String, kind: PolicyDocument.Kind) throws -> PolicyDocument {
        do {
            return try PolicyDocument(parsing: text, kind: kind)
        } catch {
            throw IAMError.invalidInput("Invalid Entity: \(error.message)")
        }
    }

    static func boundary(_ input: Input) throws -> NamedPolicy? {
        try policies(input.permissionsBoundaryPolicyInputList, named: "PermissionsBoundaryPolicyInputList").first
    }

    /// The caller to simulate; without an ARN, whoever calls.
    static func caller(_ arn: String?, _ call: Call) throws -> Principal {
        guard let arn else { return call.principal }
        guard let parsed = ARN(arn) else { throw IAMError.invalidInput("Invalid Entity Arn: \(arn)") }
        let name = parsed.resource.split(separator: "/").last.map(String.init) ?? parsed.resource
        let principal: Principal? = try call.world.store.read { database in
            if let user = try database.resource(UserRecord.self, arn: arn) {
                let tags = try database.tags(of: arn).map { ($0.Key, $0.Value) }
                return Principal(
                    kind: .user(name: user.name), account: parsed.account, arn: arn, userID: user.id,
                    tags: Dictionary(tags, uniquingKeysWith: { _, last in last }))
            }
            guard let role = try database.resource(RoleRecord.self, arn: arn) else { return nil }
            return try IAMIdentity.session(of: role, named: "simulation", sessionPolicies: [], in: database)
        }
        return principal ?? Principal(kind: .user(name: name), account: parsed.account, arn: arn, userID: name)
    }

    static func run(_ input: Input, _ policies: PolicySet, as principal: Principal, _ call: Call) throws -> Value {
        var policies = policies
        if let text = input.resourcePolicy {
            policies.resource = NamedPolicy(name: "ResourcePolicy", document: try document(text, kind: .resource))
        }
        var context = RequestContext()
        for entry in input.contextEntries ?? [] { context[entry.contextKeyName ?? ""] = entry.contextKeyValues ?? [] }
        let documents = policies.identity + [policies.boundary, policies.resource].compactMap { $0 }
        var results: [Value] = []
        for action in input.actionNames {
            for resource in input.resourceArns ?? ["*"] {
                let request = AuthorizationRequest(
                    action: action, resource: resource, resourceAccount: input.resourceOwner.flatMap { ARN($0)?.account },
                    principal: principal, context: context)
                let missing = Set(documents.flatMap(\.document.conditionKeys).filter { !request.context.has($0) }).sorted()
                results.append(result(request, policies, missing: missing))
            }
        }
        let page = try IAMPage(of: results, marker: input.marker, maximumCount: input.maxItems)
        return .members([("EvaluationResults", .list(page.elements))] + page.endMembers)
    }

    private static func result(_ request: AuthorizationRequest, _ policies: PolicySet, missing: [String]) -> Value {
        let decision = PolicyEvaluator.evaluate(request, policies)
        let effect: PolicyEffect?
        let word: String
        switch decision.outcome {
        case .allowed: (word, effect) = ("allowed", .allow)
        case .explicitlyDenied: (word, effect) = ("explicitDeny", .deny)
        case .implicitlyDenied: (word, effect) = ("implicitDeny", nil)
        }
        let matched = PolicyEvaluator.findings(request, policies).filter { $0.mismatch == nil && $0.effect == effect }
        var members: [(String, Value?)] = [
            ("EvalActionName", .string(request.action)), ("EvalResourceName", .string(request.resource)),
            ("EvalDecision", .string(word)),
            (
                "MatchedStatements",
                .list(
                    matched.map {
                        ["SourcePolicyId": .string($0.statement.policyName), "SourcePolicyType": .string(sourceType($0.statement))]
                    })
            ),
            ("MissingContextValues", .list(missing.map { .string($0) })),
        ]
        if policies.boundary != nil {
            var isBlocked = false
            if case .implicitlyDenied(.permissionsBoundary) = decision.outcome { isBlocked = true }
            members.append(("PermissionsBoundaryDecisionDetail", ["AllowedByPermissionsBoundary": .boolean(!isBlocked)]))
        }
        return .members(members)
    }

    private static func sourceType(_ statement: StatementReference) -> String {
        switch statement.policyType {
        case .resourceBased, .roleTrust: "Resource Policy"
        case .permissionsBoundary: "Permissions Boundary Policy"
        case .identityBased, .session: "IAM Policy"
        }
    }
}
