// SPDX-License-Identifier: Apache-2.0

import Testing
import World

/// Principals, documents and questions for the tests of policies.
enum PolicyCase {
    static let account = "111122223333"
    static let otherAccount = "444455556666"

    static func user(_ name: String = "alice", account: String = account, tags: [String: String] = [:]) -> Principal {
        Principal(
            kind: .user(name: name), account: account, arn: "arn:aws:iam::\(account):user/\(name)",
            userID: "AIDAEXAMPLE\(name.uppercased())",
            tags: tags)
    }

    static func session(role: String = "reader", name: String = "work", account: String = account) -> Principal {
        Principal(
            kind: .assumedRole(role: role, session: name), account: account,
            arn: "arn:aws:sts::\(account):assumed-role/\(role)/\(name)", userID: "AROAEXAMPLEREADER0000:\(name)",
            issuerARN: "arn:aws:iam::\(account):role/path/\(role)")
    }

    static func federated(_ name: String = "fred") -> Principal {
        Principal(
            kind: .federatedUser(name: name), account: account, arn: "arn:aws:sts::\(account):federated-user/\(name)",
            userID: "\(account):\(name)", issuerARN: "arn:aws:iam::\(account):user/alice")
    }

    static let root = Principal(kind: .root, account: account, arn: "arn:aws:iam::\(account):root", userID: account)

    static func service(_ name: String = "sagemaker.amazonaws.com") -> Principal {
        Principal(kind: .service(name: name), account: "", arn: name, userID: "")
    }

    /// A document of one or several statements in JSON.
    static func policy(
        _ statements: String..., kind: PolicyDocument.Kind = .identity, version: String = "2012-10-17"
    ) throws -> NamedPolicy {
        let text = "{\"Version\": \"\(version)\", \"Statement\": [\(statements.joined(separator: ", "))]}"
        return NamedPolicy(name: "test", document: try PolicyDocument(parsing: text, kind: kind))
    }

    static func allows(
        _ action: String, _ resource: String = "*", by policies: PolicySet, as principal: Principal = user(),
        context: [String: [String]] = [:]
    ) -> Bool {
        decide(action, resource, by: policies, as: principal, context: context).isAllowed
    }

    static func decide(
        _ action: String, _ resource: String = "*", by policies: PolicySet, as principal: Principal = user(),
        resourceAccount: String? = nil, context: [String: [String]] = [:]
    ) -> Decision {
        PolicyEvaluator.evaluate(
            AuthorizationRequest(
                action: action, resource: resource, resourceAccount: resourceAccount, principal: principal,
                context: RequestContext(context)),
            policies)
    }
}
