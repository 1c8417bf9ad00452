// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// A policy that belongs to one user, group or role.
struct InlinePolicy: Codable, Sendable {
    var name: String
    var document: String
}

/// What policies are attached to: users, groups and roles.
protocol PolicyHolder: ResourceRecord {
    /// The noun in operations' names: `Role`.
    static var title: String { get }
    /// How many characters, white space not counted, all inline policies may have together.
    static var inlinePolicySizeLimit: Int { get }

    var path: String { get set }
    var id: String { get }
    /// Sorted by name.
    var inlinePolicies: [InlinePolicy] { get set }
    /// ARNs in the order of attachment.
    var attachedPolicies: [String] { get set }
    /// The ARN of the permissions boundary; always nil for groups.
    var boundary: String? { get }
    var lastModifiedTime: Double { get set }
}

extension PolicyHolder {
    /// The member that names it in inputs: `RoleName`.
    static var nameMember: String { title + "Name" }

    /// The documents of its policies, inline ones first.
    func policies(in database: Database) throws -> [NamedPolicy] {
        var result = try inlinePolicies.map {
            NamedPolicy(name: $0.name, document: try PolicyCache.document($0.document, kind: .session))
        }
        for arn in attachedPolicies {
            guard let policy = try ManagedPolicy.find(arn, in: database) else { continue }
            result.append(
                NamedPolicy(name: policy.name, arn: arn, document: try PolicyCache.document(policy.defaultDocument, kind: .session))
            )
        }
        return result
    }
}

/// What can have a permissions boundary: users and roles.
protocol BoundaryHolder: PolicyHolder {
    var boundary: String? { get set }
}

/// A role.
struct RoleRecord: BoundaryHolder {
    static let kind = "iam:role"
    static let title = "Role"
    static let inlinePolicySizeLimit = 10_240

    var name: String
    var path: String
    var id: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var trustPolicy: String
    var description: String?
    var maximumSessionSeconds: Int
    var boundary: String?
    var inlinePolicies: [InlinePolicy] = []
    var attachedPolicies: [String] = []
    var lastUsedTime: Double?
    var lastUsedRegion: String?

    /// The trust policy, ready to be asked; nil where its text is none, which trusts nobody.
    var trust: NamedPolicy? {
        (try? PolicyCache.document(trustPolicy, kind: .trust)).map { NamedPolicy(name: name, document: $0) }
    }

    /// The output shape `Role`.
    func value(tags: [Tag]? = nil, isFull: Bool = true) -> Value {
        .members([
            ("Path", .string(path)), ("RoleName", .string(name)), ("RoleId", .string(id)), ("Arn", .string(arn)),
            ("CreateDate", .date(creationTime)), ("AssumeRolePolicyDocument", .encodedPolicy(trustPolicy)),
            ("Description", description.map { .string($0) }),
            ("MaxSessionDuration", isFull ? .integer(maximumSessionSeconds) : nil),
            ("PermissionsBoundary", .boundary(boundary)), ("Tags", .tags(tags)), ("RoleLastUsed", isFull ? lastUsed : nil),
        ])
    }

    private var lastUsed: Value {
        .members([("LastUsedDate", lastUsedTime.map { .date($0) }), ("Region", lastUsedRegion.map { .string($0) })])
    }
}

/// A user.
struct UserRecord: BoundaryHolder {
    static let kind = "iam:user"
    static let title = "User"
    static let inlinePolicySizeLimit = 2048

    var name: String
    var path: String
    var id: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var boundary: String?
    var inlinePolicies: [InlinePolicy] = []
    var attachedPolicies: [String] = []
    /// Names of groups, in the order of joining.
    var groups: [String] = []
    /// Nil where there is nothing but access keys.
    var credentials: UserCredentials?

    /// The output shape `User`.
    func value(tags: [Tag]? = nil, showsBoundary: Bool = true) -> Value {
        .members([
            ("Path", .string(path)), ("UserName", .string(name)), ("UserId", .string(id)), ("Arn", .string(arn)),
            ("CreateDate", .date(creationTime)), ("PermissionsBoundary", showsBoundary ? .boundary(boundary) : nil),
            ("Tags", .tags(tags)),
        ])
    }
}

/// A group of users.
struct GroupRecord: PolicyHolder {
    static let kind = "iam:group"
    static let title = "Group"
    static let inlinePolicySizeLimit = 5120

    var name: String
    var path: String
    var id: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var inlinePolicies: [InlinePolicy] = []
    var attachedPolicies: [String] = []

    var boundary: String? { nil }

    /// The output shape `Group`.
    var value: Value {
        .members([
            ("Path", .string(path)), ("GroupName", .string(name)), ("GroupId", .string(id)), ("Arn", .string(arn)),
            ("CreateDate", .date(creationTime)),
        ])
    }
}

/// A customer's managed policy.
struct PolicyRecord: ResourceRecord {
    /// One version of its document.
    struct Version: Codable, Sendable {
        /// `v1`, `v2` and so on; numbers are not used again.
        var id: String
        var document: String
        var creationTime: Double
    }

    static let kind = "iam:policy"

    var name: String
    var path: String
    var id: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var description: String?
    /// Oldest first.
    var versions: [Version]
    var defaultVersionID: String
    var latestVersionNumber = 1
}

/// An instance profile: the envelope in which a role goes to a virtual machine.
struct InstanceProfileRecord: ResourceRecord {
    static let kind = "iam:instance-profile"

    var name: String
    var path: String
    var id: String
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    /// At most one role's name.
    var roles: [String] = []

    /// The output shape `InstanceProfile`.
    func value(tags: [Tag]? = nil, in database: Database, account: String) throws -> Value {
        let scope = Scope(account: account, region: "")
        let roleValues = try roles.compactMap { try database.resource(RoleRecord.self, named: $0, in: scope)?.value(isFull: false) }
        return .members([
            ("Path", .string(path)), ("InstanceProfileName", .string(name)), ("InstanceProfileId", .string(id)),
            ("Arn", .string(arn)), ("CreateDate", .date(creationTime)), ("Roles", .list(roleValues)), ("Tags", .tags(tags)),
        ])
    }
}
