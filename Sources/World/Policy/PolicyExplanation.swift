// SPDX-License-Identifier: Apache-2.0

/// How a request was refused, step by step, for somebody who wants to learn from it.
public struct PolicyExplanation: Sendable {
    private let request: AuthorizationRequest
    private let policies: PolicySet
    private let decision: Decision
    private let matcher: StatementMatcher
    /// Of a long list of patterns only so many are shown.
    private static let shownPatterns = 4

    /// Explains `decision`, which was made of the other two.
    public init(_ request: AuthorizationRequest, _ policies: PolicySet, _ decision: Decision) {
        self.request = request
        self.policies = policies
        self.decision = decision
        matcher = StatementMatcher(request, hasBoundary: policies.boundary != nil)
    }

    /// Lines of plain text: the question, each kind of policy with its statements, the verdict, and what would help.
    public var text: String {
        var lines = ["who       \(request.principal.arn)", "action    \(request.action)", "resource  \(request.resource)"]
        if let owner = request.resourceAccount, owner != request.principal.account {
            lines[2] += "   (of account \(owner): both accounts must allow it)"
        }
        lines.append("")
        lines.append("An explicit Deny anywhere wins. Without one, every kind of policy that applies must have an Allow.")
        lines.append("")
        let identity = policies.identity.isEmpty ? "nothing is attached: nothing is allowed" : nil
        lines += section("identity-based policies", .identityBased, policies.identity, none: identity ?? "")
        lines += section("permissions boundary", .permissionsBoundary, policies.boundary.map { [$0] } ?? [], none: "none: no limit")
        lines += section("session policies", .session, policies.session ?? [], none: "none: no limit")
        let resource = policies.resource.map { [$0] } ?? []
        lines +=
            policies.resourceIsRoleTrust
            ? section("role trust policy", .roleTrust, resource, none: "there is no such role")
            : section("resource-based policy", .resourceBased, resource, none: "none: it neither allows nor denies")
        lines += ["", "verdict   \(verdict)", "", "What would allow it:"] + remedy.map { "  " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: The policies

    private func section(_ title: String, _ type: PolicyType, _ policies: [NamedPolicy], none: String) -> [String] {
        if policies.isEmpty { return ["\(title): \(none)"] }
        return ["\(title):"] + policies.flatMap { self.policy($0, type) }
    }

    private func policy(_ policy: NamedPolicy, _ type: PolicyType) -> [String] {
        var lines: [String] = []
        var otherCount = 0
        for (index, statement) in policy.document.statements.enumerated() {
            let name = "\(policy.name), \(PolicyExplanation.label(statement.sid, index)) (\(statement.effect.rawValue))"
            switch matcher.match(statement, checksPrincipal: type == .resourceBased || type == .roleTrust) {
            case .applies: lines.append("  \(statement.effect == .deny ? "✗" : "✓") \(name): matches")
            case .differs(.action): otherCount += 1
            case .differs(let mismatch): lines.append("  · \(name): \(reason(mismatch, statement))")
            }
        }
        if otherCount > 0 {
            let actions = lines.isEmpty && otherCount == 1 ? (policy.document.statements.first.map(otherActions) ?? "") : ""
            lines.append(
                "  · \(policy.name): \(otherCount == 1 ? "one statement is" : "\(otherCount) statements are") about other actions\(actions)"
            )
        }
        return lines
    }

    private func otherActions(_ statement: PolicyStatement) -> String {
        let list = PolicyExplanation.list(statement.actionTexts)
        return statement.actions.isNegated ? ": all but \(list)" : ": \(list)"
    }

    private static func label(_ sid: String?, _ index: Int) -> String {
        sid.map { "statement \($0)" } ?? "statement \(index + 1)"
    }

    private static func list(_ texts: [String]) -> String {
        let shown = texts.prefix(shownPatterns).joined(separator: ", ")
        return texts.count > shownPatterns ? "\(shown) and \(texts.count - shownPatterns) more" : shown
    }

    private func reason(_ mismatch: StatementFinding.Mismatch, _ statement: PolicyStatement) -> String {
        switch mismatch {
        case .action: return "it is about other actions"
        case .resource:
            let list = PolicyExplanation.list(statement.resourceTexts)
            return statement.resources?.isNegated == true
                ? "the resource is among those that it leaves out: \(list)" : "the resource is not among its own: \(list)"
        case .principal:
            let list = PolicyExplanation.list(statement.principalTexts.map(\.value))
            return statement.principals?.isNegated == true
                ? "the caller is among those that it leaves out: \(list)" : "the caller is not among its principals: \(list)"
        case .condition(let name, let key):
            let wanted = statement.conditions.first { $0.operatorText == name && $0.key == key }?.values.map(\.text) ?? []
            let present = request.context[key]
            let found = request.context.has(key) ? "it is \(PolicyExplanation.list(present))" : "the request has no such key"
            return "its condition does not hold: \(name) \(key) \(PolicyExplanation.list(wanted)), but \(found)"
        case .unresolvedVariable(let key): return "its variable ${\(key)} has no value in this request"
        }
    }

    // MARK: The verdict

    private var verdict: String {
        switch decision.outcome {
        case .allowed: return "allowed"
        case .explicitlyDenied(let statement):
            let label = PolicyExplanation.label(statement.sid, statement.index)
            return "denied by \(label) of the \(statement.policyType.name) \(statement.policyName)"
        case .implicitlyDenied(let type): return "denied because no \(type.name) allows \(request.action)"
        }
    }

    private var remedy: [String] {
        switch decision.outcome {
        case .allowed: return []
        case .explicitlyDenied(let statement):
            return ["no Allow outweighs a Deny: change or take away that statement of \(statement.policyName)"]
        case .implicitlyDenied(.identityBased): return identityRemedy
        case .implicitlyDenied(.permissionsBoundary):
            return ["the boundary \(policies.boundary?.name ?? "") has to allow it as well:", statementText(principal: nil)]
        case .implicitlyDenied(.session):
            return [
                "the session has policies of its own, and they must allow it as well: make it anew with",
                statementText(principal: nil),
            ]
        case .implicitlyDenied(.resourceBased):
            return [
                "a statement in the policy of \(request.resource), made by its owner:", statementText(principal: principalEntry),
            ]
        case .implicitlyDenied(.roleTrust):
            guard policies.resource != nil else { return ["a role of that ARN: there is none"] }
            return ["a statement in the role's trust policy:", statementText(principal: principalEntry, hasResource: false)]
        }
    }

    private var identityRemedy: [String] {
        let document = #"{"Version": "2012-10-17", "Statement": [\#(statementText(principal: nil))]}"#
        switch request.principal.kind {
        case .user(let name):
            return [
                "aws iam put-user-policy --user-name \(name) --policy-name allow-it --policy-document \\", "  '\(document)'",
            ]
        case .assumedRole(let role, _):
            return [
                "aws iam put-role-policy --role-name \(role) --policy-name allow-it --policy-document \\", "  '\(document)'",
            ]
        default: return ["a policy of the caller with the statement", statementText(principal: nil)]
        }
    }

    private var principalEntry: String {
        switch request.principal.kind {
        case .service(let name): #"{"Service": "\#(name)"}"#
        case .federatedIdentity(let provider): #"{"Federated": "\#(provider)"}"#
        case .anonymous: #""*""#
        default: #"{"AWS": "\#(request.principal.issuerARN ?? request.principal.arn)"}"#
        }
    }

    private func statementText(principal: String?, hasResource: Bool = true) -> String {
        let resource = hasResource ? #", "Resource": "\#(request.resource)""# : ""
        let who = principal.map { #""Principal": \#($0), "# } ?? ""
        return #"{"Effect": "Allow", \#(who)"Action": "\#(request.action)"\#(resource)}"#
    }
}
