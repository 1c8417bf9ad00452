// SPDX-License-Identifier: Apache-2.0

/// Decides requests from policies, as the IAM user guide describes under "Policy evaluation logic".
public enum PolicyEvaluator {
    /// Whether `request` may go on.
    public static func evaluate(_ request: AuthorizationRequest, _ policies: PolicySet) -> Decision {
        let matches = Matches(request, policies)
        if let deny = matches.deny { return Decision(.explicitlyDenied(by: deny)) }
        let account = request.resourceAccount ?? ARN(request.resource).map(\.account) ?? ""
        switch request.principal.kind {
        case .anonymous, .service, .federatedIdentity:
            if let grant = matches.grant { return Decision(.allowed(by: grant.statement)) }
            return Decision(.implicitlyDenied(missing: policies.resourceIsRoleTrust ? .roleTrust : .resourceBased))
        case .root, .user, .assumedRole, .federatedUser:
            return account.isEmpty || account == request.principal.account
                ? evaluateSameAccount(request, policies, matches)
                : evaluateCrossAccount(request, policies, matches)
        }
    }

    private static func evaluateSameAccount(
        _ request: AuthorizationRequest, _ policies: PolicySet, _ matches: Matches
    ) -> Decision {
        if policies.resourceIsRoleTrust, matches.grant == nil { return Decision(.implicitlyDenied(missing: .roleTrust)) }
        switch matches.grant?.strength {
        case .direct:
            return Decision(.allowed(by: matches.grant?.statement))
        case .entity:
            // Granted to the role (or the user behind a federated session): the session's own limits still hold.
            if let missing = matches.missingLimit { return Decision(.implicitlyDenied(missing: missing)) }
            return Decision(.allowed(by: matches.grant?.statement))
        case .account, nil:
            return evaluateIdentity(request, matches)
        }
    }

    private static func evaluateCrossAccount(
        _ request: AuthorizationRequest, _ policies: PolicySet, _ matches: Matches
    ) -> Decision {
        let identity = evaluateIdentity(request, matches)
        guard identity.isAllowed else { return identity }
        guard let grant = matches.grant else {
            return Decision(.implicitlyDenied(missing: policies.resourceIsRoleTrust ? .roleTrust : .resourceBased))
        }
        return Decision(.allowed(by: grant.statement))
    }

    /// The side of the identity: its policies, cut by boundary and session policies.
    private static func evaluateIdentity(_ request: AuthorizationRequest, _ matches: Matches) -> Decision {
        if request.principal.kind == .root, matches.missingLimit == nil { return Decision(.allowed(by: nil)) }
        guard let allow = matches.identityAllow else { return Decision(.implicitlyDenied(missing: .identityBased)) }
        if let missing = matches.missingLimit { return Decision(.implicitlyDenied(missing: missing)) }
        return Decision(.allowed(by: allow))
    }

    /// How every statement of every policy fared, for those who want to know why.
    public static func findings(_ request: AuthorizationRequest, _ policies: PolicySet) -> [StatementFinding] {
        var findings: [StatementFinding] = []
        let matcher = StatementMatcher(request, hasBoundary: policies.boundary != nil)
        for (type, policy) in policies.all {
            for (index, statement) in policy.document.statements.enumerated() {
                let result = matcher.match(statement, checksPrincipal: type == .resourceBased || type == .roleTrust)
                var mismatch: StatementFinding.Mismatch?
                if case .differs(let reason) = result { mismatch = reason }
                findings.append(
                    StatementFinding(
                        statement: StatementReference(policyType: type, policy: policy, index: index),
                        effect: statement.effect, mismatch: mismatch))
            }
        }
        return findings
    }
}

/// How one statement fared with one request.
public struct StatementFinding: Sendable, Hashable {
    /// The first element that did not match.
    public enum Mismatch: Sendable, Hashable {
        case action
        case resource
        case principal
        /// A condition that does not hold: its operator and key.
        case condition(operator: String, key: String)
        /// A policy variable that has no value in this request.
        case unresolvedVariable(key: String)
    }

    /// Which statement.
    public var statement: StatementReference
    /// What it would do to the request.
    public var effect: PolicyEffect
    /// Nil where the statement applies.
    public var mismatch: Mismatch?
}

extension StatementReference {
    init(policyType: PolicyType, policy: NamedPolicy, index: Int) {
        self.init(
            policyType: policyType, policyName: policy.name, policyARN: policy.arn,
            sid: policy.document.statements[index].sid, index: index)
    }
}

extension PolicySet {
    /// All policies with their types, in the order in which a denial is looked for.
    fileprivate var all: [(PolicyType, NamedPolicy)] {
        var list = identity.map { (PolicyType.identityBased, $0) }
        if let boundary { list.append((.permissionsBoundary, boundary)) }
        list += (session ?? []).map { (.session, $0) }
        if let resource { list.append((resourceIsRoleTrust ? .roleTrust : .resourceBased, resource)) }
        return list
    }
}

/// What the statements that apply add up to.
private struct Matches {
    /// What a resource policy gives, and to whom.
    struct Grant {
        var statement: StatementReference
        var strength: PrincipalStrength
    }

    var deny: StatementReference?
    var identityAllow: StatementReference?
    var boundaryAllows = true
    var sessionAllows = true
    /// The strongest grant of the resource policy.
    var grant: Grant?

    init(_ request: AuthorizationRequest, _ policies: PolicySet) {
        let matcher = StatementMatcher(request, hasBoundary: policies.boundary != nil)
        boundaryAllows = policies.boundary == nil
        sessionAllows = policies.session == nil
        // A federated session has what its policies give, and nothing where it has none.
        if case .federatedUser = request.principal.kind, policies.session == nil { sessionAllows = false }
        for (type, policy) in policies.all {
            for (index, statement) in policy.document.statements.enumerated() {
                let checksPrincipal = type == .resourceBased || type == .roleTrust
                guard case .applies(let strength) = matcher.match(statement, checksPrincipal: checksPrincipal) else { continue }
                let reference = StatementReference(policyType: type, policy: policy, index: index)
                if statement.effect == .deny {
                    deny = deny ?? reference
                    continue
                }
                switch type {
                case .identityBased: identityAllow = identityAllow ?? reference
                case .permissionsBoundary: boundaryAllows = true
                case .session: sessionAllows = true
                case .resourceBased, .roleTrust:
                    if strength > (grant?.strength ?? .account) || grant == nil {
                        grant = Grant(statement: reference, strength: strength)
                    }
                }
            }
        }
    }

    /// The limit that does not let the request through; nil where all do.
    var missingLimit: PolicyType? {
        if !boundaryAllows { return .permissionsBoundary }
        return sessionAllows ? nil : .session
    }
}
