// SPDX-License-Identifier: Apache-2.0

/// How closely a `Principal` entry names the caller.
enum PrincipalStrength: Int, Comparable {
    /// The caller's account, which decides further.
    case account
    /// The role of a session, or the user behind a federated session.
    case entity
    /// The caller itself: a user, a session, a service, everybody.
    case direct

    static func < (left: PrincipalStrength, right: PrincipalStrength) -> Bool { left.rawValue < right.rawValue }
}

/// Compares one request with statements.
struct StatementMatcher {
    enum Result {
        case applies(PrincipalStrength)
        case differs(StatementFinding.Mismatch)
    }

    private let request: AuthorizationRequest
    private let action: [Unicode.Scalar]
    private let resource: [Unicode.Scalar]
    /// Whether the caller has a permissions boundary.
    private let hasBoundary: Bool

    init(_ request: AuthorizationRequest, hasBoundary: Bool) {
        self.request = request
        self.hasBoundary = hasBoundary
        action = Array(request.action.lowercased().unicodeScalars)
        resource = Array(request.resource.unicodeScalars)
    }

    func match(_ statement: PolicyStatement, checksPrincipal: Bool) -> Result {
        guard statement.actions.patterns.contains(where: { $0.matches(action) }) != statement.actions.isNegated else {
            return .differs(.action)
        }
        var strength = PrincipalStrength.direct
        if checksPrincipal {
            guard let found = principalStrength(statement) else { return .differs(.principal) }
            strength = found
        }
        if let resources = statement.resources, let mismatch = mismatch(in: resources) { return .differs(mismatch) }
        for condition in statement.conditions {
            do {
                guard try condition.isSatisfied(in: request.context) else {
                    return .differs(.condition(operator: condition.operatorText, key: condition.key))
                }
            } catch {
                return .differs(.unresolvedVariable(key: error.key))
            }
        }
        return .applies(strength)
    }

    private func mismatch(in selection: PolicyStatement.Selection) -> StatementFinding.Mismatch? {
        var unresolvedKey: String?
        var isListed = false
        for pattern in selection.patterns where !isListed {
            do {
                isListed = try pattern.resolved(in: request.context).matches(resource)
            } catch {
                unresolvedKey = error.key
            }
        }
        if isListed { return selection.isNegated ? .resource : nil }
        // What a variable without a value would have listed is unknown, so the statement says nothing.
        if let unresolvedKey { return .unresolvedVariable(key: unresolvedKey) }
        return selection.isNegated ? nil : .resource
    }

    private func principalStrength(_ statement: PolicyStatement) -> PrincipalStrength? {
        guard let principals = statement.principals else { return nil }
        if principals.isNegated, statement.effect == .deny { return isSpared(by: principals.entries) ? nil : .direct }
        let strongest = principals.entries.compactMap(strength).max()
        if principals.isNegated { return strongest == nil ? .direct : nil }
        return strongest
    }

    /// Whether a Deny for everybody but those listed leaves the caller alone.
    ///
    /// The IAM user guide, "AWS JSON policy elements: NotPrincipal": everything that the caller is has to be listed, the account as
    /// well as the user in it, or the account, the role and the session; and nobody with a permissions boundary is ever spared.
    private func isSpared(by entries: [PolicyPrincipal]) -> Bool {
        let principal = request.principal
        if entries.contains(where: { $0.type == .aws && $0.value == "*" }) { return true }
        if hasBoundary { return false }
        let listed = Set(entries.filter { $0.type == .aws }.map(\.value))
        let isAccountListed =
            listed.contains(principal.account) || listed.contains("arn:aws:iam::\(principal.account):root")
            || entries.contains { $0.type == .canonicalUser && $0.value == request.canonicalUserID }
        let isCallerListed = listed.contains(principal.arn) || listed.contains(principal.userID)
        switch principal.kind {
        case .root: return isAccountListed
        case .user: return isAccountListed && isCallerListed
        case .assumedRole, .federatedUser:
            let isIssuerListed =
                principal.issuerARN.map { listed.contains($0) } ?? false
                || listed.contains(String(principal.userID.prefix { $0 != ":" }))
            return isAccountListed && isCallerListed && isIssuerListed
        case .service, .federatedIdentity, .anonymous: return entries.contains { strength($0) != nil }
        }
    }

    private func strength(_ entry: PolicyPrincipal) -> PrincipalStrength? {
        let principal = request.principal
        switch entry.type {
        case .aws:
            if entry.value == "*" { return .direct }
            if principal.account.isEmpty { return nil }
            if entry.value == principal.account || entry.value == "arn:aws:iam::\(principal.account):root" {
                return principal.kind == .root ? .direct : .account
            }
            if entry.value == principal.arn || entry.value == principal.userID { return .direct }
            if let issuer = principal.issuerARN, entry.value == issuer { return .entity }
            // The unique id of a session is that of its role with the session's name.
            let roleID = principal.userID.prefix { $0 != ":" }
            return principal.userID.contains(":") && entry.value == roleID ? .entity : nil
        case .service:
            guard case .service(let name) = principal.kind else { return nil }
            return entry.value == name || entry.value == "*" ? .direct : nil
        case .canonicalUser:
            return entry.value == request.canonicalUserID ? .account : nil
        case .federated:
            guard case .federatedIdentity(let provider) = principal.kind else { return nil }
            return entry.value == provider || entry.value == "*" ? .direct : nil
        }
    }
}
