// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Makes the keys of sessions.
enum TemporaryCredentials {
    /// Stores a new key that ends `seconds` from now by the machine's clock.
    static func create(
        for owner: AccessKey.Owner, account: String, seconds: Int, policies: [String] = [], tags: [Tag] = [], in database: Database
    ) throws -> AccessKey {
        let now = Date().timeIntervalSince1970.rounded(.down)
        try purge(before: now - 86_400, in: database)
        let key = AccessKey(
            id: IAMIdentifier.make(.temporaryAccessKey, account: account), secret: IAMIdentifier.secret(), account: account,
            owner: owner, creationTime: now, sessionToken: IAMIdentifier.sessionToken(), sessionPolicies: policies,
            expirationTime: now + Double(seconds))
        try key.save(in: database)
        try database.setTags(tags, of: key.id)
        return key
    }

    /// The output shape `Credentials`.
    static func value(_ key: AccessKey) -> Value {
        .members([
            ("AccessKeyId", .string(key.id)), ("SecretAccessKey", .string(key.secret)),
            ("SessionToken", key.sessionToken.map { .string($0) }), ("Expiration", key.expirationTime.map { .date($0) }),
        ])
    }

    /// Forgets keys that ended long ago.
    ///
    /// Those that ended lately are kept, so that they are told from unknown ones.
    private static func purge(before time: Double, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM tag WHERE arn IN (SELECT id FROM access_key WHERE expires_at < ?)", arguments: [time])
        try database.execute(sql: "DELETE FROM access_key WHERE expires_at < ?", arguments: [time])
    }
}

/// The policies that a caller gives to a session.
struct SessionPolicies: Sendable {
    /// A packed size of 100 percent.
    ///
    /// AWS does not publish how it packs; this counts characters.
    private static let sizeLimit = 2048

    var documents: [String]
    /// Percent of what is allowed; nil where no policies and tags were given.
    var packedSizePercent: Int?

    /// - Parameter arns: structures with the member `arn`.
    init(document: String?, arns: [Value]?, tags: [Tag], account: String, in database: Database) throws {
        documents = []
        let arns = (arns ?? []).compactMap { $0["arn"]?.stringValue }
        if arns.count > 10 { throw IAMError.validation("The number of policy ARNs must not be larger than 10.") }
        if let document {
            do {
                _ = try PolicyDocument(parsing: document, kind: .session)
            } catch {
                throw IAMError.malformedPolicy(error)
            }
            documents.append(document)
        }
        for arn in arns {
            guard let policy = try ManagedPolicy.find(arn, in: database), policy.isAWSManaged || ARN(arn)?.account == account else {
                throw IAMError.validation("Specified PolicyArn \(arn) is invalid or does not exist.")
            }
            documents.append(policy.defaultDocument)
        }
        let size =
            (document.map(IAMCheck.policySize) ?? 0) + arns.reduce(0) { $0 + $1.count }
            + tags.reduce(0) { $0 + $1.Key.count + $1.Value.count }
        if size == 0 { return }
        let percent = max(1, (size * 100 + SessionPolicies.sizeLimit - 1) / SessionPolicies.sizeLimit)
        if percent > 100 {
            throw ServiceError(
                "PackedPolicyTooLarge", "Serialized token too large for session; packed size is \(percent)% of the allowed size.",
                status: 400)
        }
        packedSizePercent = percent
    }

    var packedSizeMember: (String, Value?) { ("PackedPolicySize", packedSizePercent.map { .integer($0) }) }
}
