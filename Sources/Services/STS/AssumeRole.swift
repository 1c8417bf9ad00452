// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Makes a session of a role for somebody whom the role trusts.
enum AssumeRole: Operation {
    struct Input: Decodable, Sendable {
        var roleArn: String
        var roleSessionName: String
        var policyArns: [Value]?
        var policy: String?
        var durationSeconds: Int?
        var tags: [Tag]?
        var transitiveTagKeys: [String]?
        var externalId: String?
        var sourceIdentity: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        if call.principal.kind == .root { throw IAMError.accessDenied("Roles may not be assumed by root accounts.") }
        guard let arn = ARN(input.roleArn), arn.service == "iam", arn.resourceType == "role" else {
            throw IAMError.validation("\(input.roleArn) is invalid")
        }
        let tags = input.tags ?? []
        try IAMCheck.tags(tags)
        return try call.world.store.write { database in
            let role = try database.resource(RoleRecord.self, arn: input.roleArn)
            try authorize(input, role: role, account: arn.account, call, in: database)
            guard var role else { return .emptyObject }
            let seconds = try duration(input, role: role, call)
            let policies = try SessionPolicies(
                document: input.policy, arns: input.policyArns, tags: tags, account: arn.account, in: database)
            let key = try TemporaryCredentials.create(
                for: .role(name: role.name, session: input.roleSessionName), account: arn.account, seconds: seconds,
                policies: policies.documents, tags: tags, in: database)
            role.lastUsedTime = call.now
            role.lastUsedRegion = call.region
            try database.updateResource(role, in: Scope(account: arn.account, region: ""))
            return .members([
                ("Credentials", TemporaryCredentials.value(key)),
                (
                    "AssumedRoleUser",
                    [
                        "AssumedRoleId": .string("\(role.id):\(input.roleSessionName)"),
                        "Arn": .string("arn:aws:sts::\(arn.account):assumed-role/\(role.name)/\(input.roleSessionName)"),
                    ]
                ),
                policies.packedSizeMember, ("SourceIdentity", input.sourceIdentity.map { .string($0) }),
            ])
        }
    }

    /// Asks the trust policy and the caller's policies.
    ///
    /// Of a role that isn't there STS says no more than of one that trusts nobody.
    private static func authorize(
        _ input: Input, role: RoleRecord?, account: String, _ call: Call, in database: Database
    ) throws {
        // Text that is no trust policy gets past the relaxed checks only, and trusts everybody there.
        if call.dispatcher.environment.isRelaxed, let role, role.trust == nil { return }
        var actions = ["sts:AssumeRole"]
        if !(input.tags ?? []).isEmpty { actions.append("sts:TagSession") }
        if input.sourceIdentity != nil { actions.append("sts:SetSourceIdentity") }
        var policies = try IdentityPolicies.load(for: call.principal, in: database)
        policies.resourceIsRoleTrust = true
        policies.resource = role?.trust
        for action in actions {
            let request = AuthorizationRequest(
                action: action, resource: input.roleArn, resourceAccount: account, principal: call.principal,
                context: try context(of: input, role: role, call, in: database))
            let decision = PolicyEvaluator.evaluate(request, policies)
            if decision.isAllowed, role != nil { continue }
            var error: ServiceError
            switch decision.outcome {
            case .explicitlyDenied, .implicitlyDenied(missing: .identityBased), .implicitlyDenied(missing: .permissionsBoundary),
                .implicitlyDenied(missing: .session):
                error = Authorizer.denial(of: request, decision, service: "sts")
            default:
                error = IAMError.accessDenied(
                    "User: \(call.principal.arn) is not authorized to perform: \(action) on resource: \(input.roleArn)")
            }
            error.explanation = PolicyExplanation(request, policies, decision).text
            throw error
        }
    }

    private static func context(
        of input: Input, role: RoleRecord?, _ call: Call, in database: Database
    ) throws -> RequestContext {
        var context = RequestContext()
        context.setEnvironment(
            time: Date().timeIntervalSince1970, sourceAddress: call.sourceAddress, region: call.region, userAgent: call.userAgent,
            isSecure: true)
        context["sts:RoleSessionName"] = [input.roleSessionName]
        if let externalID = input.externalId { context["sts:ExternalId"] = [externalID] }
        if let identity = input.sourceIdentity { context["sts:SourceIdentity"] = [identity] }
        for tag in input.tags ?? [] { context["aws:RequestTag/" + tag.Key] = [tag.Value] }
        context["aws:TagKeys"] = (input.tags ?? []).map(\.Key)
        context["sts:TransitiveTagKeys"] = input.transitiveTagKeys ?? []
        for tag in try role.map({ try database.tags(of: $0.arn) }) ?? [] {
            context["aws:ResourceTag/" + tag.Key] = [tag.Value]
            context["iam:ResourceTag/" + tag.Key] = [tag.Value]
        }
        return context
    }

    private static func duration(_ input: Input, role: RoleRecord, _ call: Call) throws -> Int {
        guard let seconds = input.durationSeconds else { return 3600 }
        if case .assumedRole = call.principal.kind, seconds > 3600 {
            throw IAMError.validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
        }
        if seconds > role.maximumSessionSeconds {
            throw IAMError.validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        }
        return seconds
    }
}

/// Makes temporary credentials for the calling user or root, with the same permissions.
enum GetSessionToken: Operation {
    struct Input: Decodable, Sendable { var durationSeconds: Int? }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let owner: AccessKey.Owner
        var seconds = input.durationSeconds ?? 43_200
        switch call.principal.kind {
        case .user(let name) where call.principal.tokenIssueTime == nil: owner = .user(name: name)
        case .root where call.principal.tokenIssueTime == nil:
            owner = .root
            seconds = min(seconds, 3600)
        default: throw IAMError.accessDenied("Cannot call GetSessionToken with session credentials")
        }
        let key = try call.world.store.write { [seconds] database in
            try TemporaryCredentials.create(for: owner, account: call.account, seconds: seconds, in: database)
        }
        return ["Credentials": TemporaryCredentials.value(key)]
    }
}

/// Makes a session under a free name that may do what both its policies and the calling user's allow.
enum GetFederationToken: Operation {
    struct Input: Decodable, Sendable {
        var name: String
        var policy: String?
        var policyArns: [Value]?
        var durationSeconds: Int?
        var tags: [Tag]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        guard call.principal.tokenIssueTime == nil, case .user = call.principal.kind else {
            throw IAMError.accessDenied("Cannot call GetFederationToken with session credentials")
        }
        let tags = input.tags ?? []
        try IAMCheck.tags(tags)
        return try call.world.store.write { database in
            let policies = try SessionPolicies(
                document: input.policy, arns: input.policyArns, tags: tags, account: call.account, in: database)
            let key = try TemporaryCredentials.create(
                for: .federatedUser(name: input.name), account: call.account, seconds: input.durationSeconds ?? 43_200,
                policies: policies.documents, tags: tags + [Tag(Key: IAMIdentity.issuerTag, Value: call.principal.arn)],
                in: database)
            return .members([
                ("Credentials", TemporaryCredentials.value(key)),
                (
                    "FederatedUser",
                    [
                        "FederatedUserId": .string("\(call.account):\(input.name)"),
                        "Arn": .string("arn:aws:sts::\(call.account):federated-user/\(input.name)"),
                    ]
                ),
                policies.packedSizeMember,
            ])
        }
    }
}
