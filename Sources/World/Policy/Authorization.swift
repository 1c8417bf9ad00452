// SPDX-License-Identifier: Apache-2.0

/// A question to the policies, whether this principal may do this to that resource.
public struct AuthorizationRequest: Sendable {
    /// `service:Action`, for instance `s3:GetObject`.
    public var action: String
    /// The resource's ARN; `*` for actions that have none.
    public var resource: String
    /// The account that owns the resource; nil where it is the caller's own.
    public var resourceAccount: String?
    /// Who asks.
    public var principal: Principal
    /// The canonical user id of the caller's account, for bucket policies that name one.
    public var canonicalUserID: String?
    /// All condition keys, those of the principal among them.
    public var context: RequestContext

    /// - Parameter context: the keys beyond those that follow from the principal, the resource's account and its action.
    public init(
        action: String, resource: String, resourceAccount: String? = nil, principal: Principal,
        canonicalUserID: String? = nil, context: RequestContext = RequestContext()
    ) {
        self.action = action
        self.resource = resource
        self.resourceAccount = resourceAccount
        self.principal = principal
        self.canonicalUserID = canonicalUserID
        self.context = RequestContext(principal: principal)
        if let account = resourceAccount ?? ARN(resource).map(\.account), !account.isEmpty {
            self.context["aws:ResourceAccount"] = [account]
        }
        self.context.merge(context)
    }
}

/// A policy with the name under which users know it.
public struct NamedPolicy: Sendable, Hashable {
    /// The name that users gave it; `session policy` or the like where it has none.
    public var name: String
    /// Nil for inline, session and resource policies.
    public var arn: String?
    /// What it says.
    public var document: PolicyDocument

    /// A policy under a name.
    public init(name: String, arn: String? = nil, document: PolicyDocument) {
        self.name = name
        self.arn = arn
        self.document = document
    }
}

/// The kinds of policy that a decision can rest on.
public enum PolicyType: Sendable, Hashable, CaseIterable {
    case identityBased
    case resourceBased
    case permissionsBoundary
    case session
    case roleTrust
}

/// Everything that applies to a request.
public struct PolicySet: Sendable {
    /// Managed and inline policies of the user and its groups, or of the role.
    public var identity: [NamedPolicy]
    /// The permissions boundary of the user or role, where it has one.
    public var boundary: NamedPolicy?
    /// Nil where the caller is no session or its session has no policies of its own.
    public var session: [NamedPolicy]?
    /// The policy of the resource, where it has one.
    public var resource: NamedPolicy?
    /// Whether `resource` is a role's trust policy, without whose consent nobody gets in.
    public var resourceIsRoleTrust: Bool

    /// A set of the given policies; what is left out does not apply.
    public init(
        identity: [NamedPolicy] = [], boundary: NamedPolicy? = nil, session: [NamedPolicy]? = nil, resource: NamedPolicy? = nil,
        resourceIsRoleTrust: Bool = false
    ) {
        self.identity = identity
        self.boundary = boundary
        self.session = session
        self.resource = resource
        self.resourceIsRoleTrust = resourceIsRoleTrust
    }
}

/// One statement of one policy.
public struct StatementReference: Sendable, Hashable {
    /// What kind of policy it stands in.
    public var policyType: PolicyType
    /// The policy's name.
    public var policyName: String
    /// The policy's ARN, where it has one.
    public var policyARN: String?
    /// The statement's Sid, where it has one.
    public var sid: String?
    /// From 0, in the order of the document.
    public var index: Int
}

/// The answer to an `AuthorizationRequest`, with its reason.
public struct Decision: Sendable, Hashable {
    /// Yes or no, and because of what.
    public enum Outcome: Sendable, Hashable {
        /// The statement that allows; nil for the account's root, who needs none.
        case allowed(by: StatementReference?)
        case explicitlyDenied(by: StatementReference)
        /// No statement of this kind of policy allows it.
        case implicitlyDenied(missing: PolicyType)
    }

    /// Yes or no, and because of what.
    public var outcome: Outcome

    /// A decision with that outcome.
    public init(_ outcome: Outcome) { self.outcome = outcome }

    /// Whether the request may go on.
    public var isAllowed: Bool {
        if case .allowed = outcome { true } else { false }
    }

    /// The sentence of the AccessDenied error; nil where the request is allowed.
    ///
    /// - Parameters:
    ///   - resource: how the service names the resource; its ARN where nil.
    ///   - quotesResource: S3 sets the resource in quotation marks.
    ///   - showsWildcard: whether an action without a resource is said to be on resource `*`: ECR and IAM do so, S3 and CloudWatch do not.
    public func message(
        for request: AuthorizationRequest, resource: String? = nil, quotesResource: Bool = false, showsWildcard: Bool = true
    ) -> String? {
        if isAllowed { return nil }
        var sentence = "User: \(request.principal.arn) is not authorized to perform: \(request.action)"
        let resource = resource ?? request.resource
        if resource != "*" || showsWildcard {
            sentence += " on resource: " + (quotesResource ? "\"\(resource)\"" : resource)
        }
        switch outcome {
        case .allowed:
            return nil
        case .explicitlyDenied(let statement):
            sentence += " with an explicit deny in " + statement.policyType.withArticle
        case .implicitlyDenied(let type):
            sentence += " because no \(type.name) allows the \(request.action) action"
        }
        return sentence
    }
}

extension PolicyType {
    /// As in AccessDenied sentences.
    var name: String {
        switch self {
        case .identityBased: "identity-based policy"
        case .resourceBased: "resource-based policy"
        case .permissionsBoundary: "permissions boundary"
        case .session: "session policy"
        case .roleTrust: "role trust policy"
        }
    }

    fileprivate var withArticle: String {
        switch self {
        case .identityBased: "an identity-based policy"
        case .roleTrust: "the role trust policy"
        default: "a \(name)"
        }
    }
}
