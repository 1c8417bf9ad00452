// SPDX-License-Identifier: Apache-2.0

/// Who makes a request.
public struct Principal: Sendable, Hashable {
    /// What somebody can be.
    public enum Kind: Sendable, Hashable {
        case root
        case user(name: String)
        /// A session of a role.
        case assumedRole(role: String, session: String)
        /// A session from get-federation-token.
        case federatedUser(name: String)
        /// Somebody whom an identity provider vouches for, before he has assumed a role; named by the provider's ARN.
        case federatedIdentity(provider: String)
        /// A service acting by itself, for instance `sagemaker.amazonaws.com`.
        case service(name: String)
        case anonymous
    }

    /// What kind it is.
    public var kind: Kind
    /// Empty for an anonymous caller, for services and for whoever comes from an identity provider.
    public var account: String
    /// The ARN as sts get-caller-identity shows it: `arn:aws:sts::A:assumed-role/R/S` for a role's session; `*` for an anonymous caller.
    public var arn: String
    /// The unique id: `AIDA…`, `AROA…:session`; the account for root.
    public var userID: String
    /// What a session was made from: the role's ARN (with its path), or the user's for a federated user; nil for others.
    public var issuerARN: String?
    /// The key that the request came with.
    public var accessKeyID: String?
    /// When the temporary credentials were made, outside seconds since 1970; nil for lasting ones.
    public var tokenIssueTime: Double?
    /// The session policies given to assume-role, as documents.
    public var sessionPolicies: [String]
    /// The tags of the user or role, for `aws:PrincipalTag/…`.
    public var tags: [String: String]

    /// Makes one from its parts.
    public init(
        kind: Kind, account: String, arn: String, userID: String, issuerARN: String? = nil, accessKeyID: String? = nil,
        sessionPolicies: [String] = [],
        tags: [String: String] = [:]
    ) {
        self.kind = kind
        self.account = account
        self.arn = arn
        self.userID = userID
        self.issuerARN = issuerARN
        self.accessKeyID = accessKeyID
        self.sessionPolicies = sessionPolicies
        self.tags = tags
    }

    /// Somebody without credentials.
    public static let anonymous = Principal(kind: .anonymous, account: "", arn: "*", userID: "anonymous")
}
