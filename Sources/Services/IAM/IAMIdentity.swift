// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Who is behind a key or a role, and which policies go with it.
public enum IAMIdentity {
    /// The caller that a key stands for; nil where its user or role is gone.
    public static func principal(of key: AccessKey, in database: Database) throws -> Principal? {
        var principal: Principal?
        switch key.owner {
        case .root:
            principal = Principal(
                kind: .root, account: key.account, arn: "arn:aws:iam::\(key.account):root", userID: key.account)
        case .user(let name):
            principal = try user(named: name, account: key.account, in: database)
        case .role(let name, let session):
            principal = try role(named: name, account: key.account, in: database).map {
                try self.session(of: $0, named: session, sessionPolicies: key.sessionPolicies, in: database)
            }
        case .federatedUser(let name):
            principal = Principal(
                kind: .federatedUser(name: name), account: key.account,
                arn: "arn:aws:sts::\(key.account):federated-user/\(name)", userID: "\(key.account):\(name)",
                sessionPolicies: key.sessionPolicies)
            principal?.issuerARN = try database.tags(of: key.id).first { $0.Key == issuerTag }?.Value
        }
        guard var principal else { return nil }
        principal.accessKeyID = key.id
        if key.expirationTime != nil {
            principal.tokenIssueTime = key.creationTime
            for tag in try database.tags(of: key.id) where tag.Key != issuerTag { principal.tags[tag.Key] = tag.Value }
        }
        return principal
    }

    /// Under this key the issuer of a federated session is kept beside its tags; no tag of a user may begin like it.
    static let issuerTag = "aws:sagebrush:issuer"

    /// A session of the role with that ARN, as a service has that was handed the role.
    ///
    /// - Parameter service: who assumes it, for instance `sagemaker.amazonaws.com`; the role's trust policy decides. Nil asks nobody.
    /// - Returns: nil where there is no such role or it does not trust the service.
    public static func session(
        ofRole arn: String, named sessionName: String, assumedBy service: String? = nil, in database: Database
    ) throws -> Principal? {
        guard let role = try database.resource(RoleRecord.self, arn: arn) else { return nil }
        if let service {
            let caller = Principal(kind: .service(name: service), account: "", arn: service, userID: "")
            let request = AuthorizationRequest(action: "sts:AssumeRole", resource: arn, principal: caller)
            guard PolicyEvaluator.evaluate(request, PolicySet(resource: role.trust, resourceIsRoleTrust: true)).isAllowed else {
                return nil
            }
        }
        return try session(of: role, named: sessionName, sessionPolicies: [], in: database)
    }

    static func session(
        of role: RoleRecord, named sessionName: String, sessionPolicies: [String], in database: Database
    ) throws -> Principal {
        let account = ARN(role.arn)?.account ?? ""
        return Principal(
            kind: .assumedRole(role: role.name, session: sessionName), account: account,
            arn: "arn:aws:sts::\(account):assumed-role/\(role.name)/\(sessionName)", userID: "\(role.id):\(sessionName)",
            issuerARN: role.arn, sessionPolicies: sessionPolicies, tags: try tags(of: role.arn, in: database))
    }

    private static func user(named name: String, account: String, in database: Database) throws -> Principal? {
        guard let user = try database.resource(UserRecord.self, named: name, in: Scope(account: account, region: "")) else {
            return nil
        }
        return Principal(
            kind: .user(name: name), account: account, arn: user.arn, userID: user.id, tags: try tags(of: user.arn, in: database))
    }

    private static func role(named name: String, account: String, in database: Database) throws -> RoleRecord? {
        try database.resource(RoleRecord.self, named: name, in: Scope(account: account, region: ""))
    }

    private static func tags(of arn: String, in database: Database) throws -> [String: String] {
        Dictionary(try database.tags(of: arn).map { ($0.Key, $0.Value) }, uniquingKeysWith: { _, last in last })
    }
}

/// The policies that a caller brings along.
public enum IdentityPolicies {
    /// Identity policies, boundary and session policies of `principal`; nothing for root, services and the anonymous.
    public static func load(for principal: Principal, in database: Database) throws -> PolicySet {
        var policies = PolicySet()
        let scope = Scope(account: principal.account, region: "")
        switch principal.kind {
        case .root, .service, .federatedIdentity, .anonymous:
            break
        case .user(let name):
            if let user = try database.resource(UserRecord.self, named: name, in: scope) {
                try add(user, to: &policies, scope: scope, in: database)
            }
        case .assumedRole(let name, _):
            if let role = try database.resource(RoleRecord.self, named: name, in: scope) {
                policies.identity = try role.policies(in: database)
                policies.boundary = try boundary(of: role, in: database)
            }
        case .federatedUser:
            if let issuer = principal.issuerARN, let user = try database.resource(UserRecord.self, arn: issuer) {
                try add(user, to: &policies, scope: scope, in: database)
            }
        }
        if !principal.sessionPolicies.isEmpty {
            policies.session = try principal.sessionPolicies.map {
                NamedPolicy(name: "session policy", document: try PolicyCache.document($0, kind: .session))
            }
        }
        return policies
    }

    private static func add(_ user: UserRecord, to policies: inout PolicySet, scope: Scope, in database: Database) throws {
        policies.identity = try user.policies(in: database)
        for name in user.groups {
            if let group = try database.resource(GroupRecord.self, named: name, in: scope) {
                policies.identity += try group.policies(in: database)
            }
        }
        policies.boundary = try boundary(of: user, in: database)
    }

    private static func boundary(of holder: some PolicyHolder, in database: Database) throws -> NamedPolicy? {
        guard let arn = holder.boundary else { return nil }
        guard let policy = try ManagedPolicy.find(arn, in: database) else {
            // A boundary that is gone lets nothing through.
            let nothing = #"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#
            return NamedPolicy(name: arn, arn: arn, document: try PolicyCache.document(nothing, kind: .session))
        }
        return NamedPolicy(name: policy.name, arn: arn, document: try PolicyCache.document(policy.defaultDocument, kind: .session))
    }
}
