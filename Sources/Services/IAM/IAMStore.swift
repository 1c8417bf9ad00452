// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

extension Call {
    /// The ARN of something in IAM in the caller's account: `role/path/name`.
    func iamARN(_ type: String, path: String, name: String) -> String {
        "arn:aws:iam::\(account):\(type)\(path)\(name)"
    }
}

extension Database {
    /// The user, group or role of that name.
    ///
    /// - Throws: NoSuchEntity.
    func holder<Holder: PolicyHolder>(_ type: Holder.Type, named name: String, in scope: Scope) throws -> Holder {
        guard let holder = try resource(type, named: name, in: scope) else {
            throw IAMError.notFound(type.title.lowercased(), name)
        }
        return holder
    }

    /// Writes a changed user, group or role back.
    func save(_ holder: some PolicyHolder, in scope: Scope, at now: Double) throws {
        var holder = holder
        holder.lastModifiedTime = now
        try updateResource(holder, in: scope)
    }

    /// Whether something of that kind has the name already; in IAM, names that differ in case only are the same.
    func isNameTaken<Record: ResourceRecord>(_ type: Record.Type, _ name: String, in scope: Scope) throws -> Bool {
        try Bool.fetchOne(
            self,
            sql: "SELECT EXISTS (SELECT 1 FROM resource WHERE kind = ? AND account = ? AND region = '' AND lower(name) = lower(?))",
            arguments: [Record.kind, scope.account, name]) ?? false
    }

    /// All records of that kind whose path begins with `prefix`, by name.
    func records<Record: ResourceRecord>(
        _ type: Record.Type, in scope: Scope, pathPrefix prefix: String?, path: (Record) -> String
    ) throws -> [Record] {
        let all = try resources(type, in: scope).records
        guard let prefix else { return all }
        return all.filter { path($0).hasPrefix(prefix) }
    }
}

/// Checks that several operations share.
enum IAMCheck {
    /// - Throws: MalformedPolicyDocument in IAM's words.
    static func policy(_ document: String, kind: PolicyDocument.Kind) throws {
        do {
            _ = try PolicyDocument(parsing: document, kind: kind)
        } catch {
            throw IAMError.malformedPolicy(error)
        }
    }

    /// That the account may have one more.
    ///
    /// - Parameters:
    ///   - quota: its name in Service Quotas.
    ///   - error: what IAM's own messages call it.
    /// - Throws: `ServiceError` LimitExceeded.
    static func room<Record: ResourceRecord>(
        for type: Record.Type, _ quota: String, error: String, in scope: Scope, _ database: Database
    ) throws {
        guard let limit = try database.quotaValue(quota, service: "iam", in: scope) else { return }
        if try database.resourceCount(type, in: scope) >= limit { throw IAMError.quota(error, limit) }
    }

    /// A trust policy, and that the users and roles of this world that it names exist.
    static func trustPolicy(_ text: String, in scope: Scope, _ database: Database) throws {
        let document: PolicyDocument
        do {
            document = try PolicyDocument(parsing: text, kind: .trust)
        } catch {
            throw IAMError.malformedPolicy(error)
        }
        let limit = try database.quotaValue("Role trust policy length", service: "iam", in: scope) ?? 2048
        if policySize(text) > limit { throw IAMError.quota("ACLSizePerRole", limit) }
        for (type, value) in document.statements.flatMap(\.principalTexts) where type == "AWS" {
            guard let arn = ARN(value), arn.service == "iam", try Account.exists(arn.account, in: database) else { continue }
            let exists =
                switch arn.resourceType {
                case "user": try database.resource(UserRecord.self, arn: value) != nil
                case "role": try database.resource(RoleRecord.self, arn: value) != nil
                default: true
                }
            if !exists { throw IAMError.malformedPolicy(.invalidPrincipal(type: type, value: value)) }
        }
    }

    /// The size that quotas count: characters without white space.
    static func policySize(_ document: String) -> Int {
        document.unicodeScalars.count { !$0.properties.isWhitespace }
    }

    /// A managed policy that can be attached or be a boundary.
    ///
    /// - Throws: InvalidInput where `arn` is none, NoSuchEntity where there is no such policy.
    static func attachablePolicy(_ arn: String, in database: Database) throws -> ManagedPolicy {
        guard arn.hasPrefix("arn:") else { throw IAMError.invalidInput("ARN \(arn) is not valid.") }
        guard let policy = try ManagedPolicy.find(arn, in: database) else {
            throw IAMError.noSuchEntity("Policy \(arn) does not exist or is not attachable.")
        }
        return policy
    }

    /// A permissions boundary.
    static func boundary(_ arn: String?, in database: Database) throws {
        guard let arn else { return }
        guard try ManagedPolicy.find(arn, in: database) != nil else {
            throw IAMError.noSuchEntity("Scope ARN: \(arn) does not exist or is not attachable.")
        }
    }

    /// The tags of a resource to be, or those to be added to one that has `present`.
    static func tags(_ tags: [Tag], addedTo present: [Tag] = []) throws {
        var keys: Set<String> = []
        for tag in tags {
            guard keys.insert(tag.Key.lowercased()).inserted else {
                throw IAMError.invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
            }
            if tag.Key.lowercased().hasPrefix("aws:") {
                throw IAMError.invalidInput("System tags cannot be added or modified by users: \(tag.Key)")
            }
        }
        let all = keys.union(present.map { $0.Key.lowercased() })
        if all.count > 50 { throw IAMError.limitExceeded("The number of tags has reached the maximum limit: 50") }
    }
}
