// SPDX-License-Identifier: Apache-2.0

import Wire

/// A policy document: who may, or may not, do what to which resources under which conditions.
///
/// The grammar is the one of the IAM policy language, versions 2008-10-17 and 2012-10-17.
public struct PolicyDocument: Sendable, Hashable {
    /// What a document is attached to, which decides what it must and must not have.
    public enum Kind: Sendable, Hashable {
        /// A managed or inline policy, or a permissions boundary.
        case identity
        /// A policy given to assume-role.
        case session
        /// A role's trust policy.
        case trust
        /// A policy of a resource, for instance of a bucket.
        case resource
    }

    /// The version of the language.
    public enum Version: String, Sendable, Hashable {
        case version2008 = "2008-10-17"
        case version2012 = "2012-10-17"
    }

    /// The language's version: 2008-10-17 where the document names none.
    public let version: Version
    /// The document's own Id, where it has one.
    public let id: String?
    /// At least one.
    public let statements: [PolicyStatement]

    /// The condition keys that the document's conditions and variables ask for, in the order in which they first occur.
    public var conditionKeys: [String] {
        var keys: [String] = []
        func add(_ key: String) {
            if !keys.contains(where: { $0.lowercased() == key.lowercased() }) { keys.append(key) }
        }
        for statement in statements {
            for condition in statement.conditions { add(condition.key) }
            let patterns = (statement.resources?.patterns ?? []) + statement.conditions.flatMap(\.values)
            for case .variable(let key, _) in patterns.flatMap(\.pieces) { add(key) }
        }
        return keys
    }

    /// Reads a document.
    ///
    /// - Throws: the first problem found, in the order in which IAM looks.
    public init(parsing text: String, kind: Kind) throws(PolicyDocumentError) {
        self = try PolicyParser.parse(text, kind: kind)
    }

    init(version: Version, id: String?, statements: [PolicyStatement]) {
        self.version = version
        self.id = id
        self.statements = statements
    }
}

/// What a statement does to the requests that it matches.
public enum PolicyEffect: String, Sendable, Hashable {
    case allow = "Allow"
    case deny = "Deny"
}

/// One statement of a policy document.
public struct PolicyStatement: Sendable, Hashable {
    /// `Action` and `NotAction`, `Resource` and `NotResource`: what is listed, or everything but that.
    struct Selection: Sendable, Hashable {
        var patterns: [PolicyPattern]
        var isNegated: Bool
    }

    /// `Principal` or `NotPrincipal`.
    struct Principals: Sendable, Hashable {
        var entries: [PolicyPrincipal]
        var isNegated: Bool
    }

    /// The statement's Sid, where it has one.
    public let sid: String?
    /// Whether it allows or denies.
    public let effect: PolicyEffect
    let actions: Selection
    /// Nil in trust policies.
    let resources: Selection?
    /// Nil in identity policies.
    let principals: Principals?
    let conditions: [PolicyCondition]

    /// The actions as written.
    public var actionTexts: [String] { actions.patterns.map(\.text) }
    /// The resources as written.
    public var resourceTexts: [String] { resources?.patterns.map(\.text) ?? [] }
    /// The principals as written, with their types: `AWS`, `Service`, `Federated`, `CanonicalUser`.
    public var principalTexts: [(type: String, value: String)] { principals?.entries.map { ($0.type.rawValue, $0.value) } ?? [] }
}

/// One entry of `Principal`.
struct PolicyPrincipal: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        case aws = "AWS"
        case service = "Service"
        case federated = "Federated"
        case canonicalUser = "CanonicalUser"
    }

    var type: Kind
    var value: String
}

/// One operator with one key and its values.
struct PolicyCondition: Sendable, Hashable {
    /// For keys that have several values in the request.
    enum SetOperator: Sendable, Hashable {
        case forAllValues
        case forAnyValue
    }

    /// The operator as written: `ForAnyValue:StringLikeIfExists`.
    var operatorText: String
    var setOperator: SetOperator?
    var comparison: ConditionComparison
    var isIfExists: Bool
    var key: String
    var values: [PolicyPattern]
}
