// SPDX-License-Identifier: Apache-2.0

import CManagedPolicies
import Foundation
import GRDB
import Synchronization
import Wire
import World

/// A managed policy, the customer's or AWS's.
struct ManagedPolicy: Sendable {
    var name: String
    var path: String
    var id: String
    var arn: String
    var description: String?
    /// Oldest first; of AWS's policies only the default version is known.
    var versions: [PolicyRecord.Version]
    var defaultVersionID: String
    var creationTime: Double
    var updateTime: Double
    var isAWSManaged: Bool

    /// The document of the default version.
    var defaultDocument: String {
        versions.first { $0.id == defaultVersionID }?.document ?? ""
    }

    init(_ record: PolicyRecord) {
        name = record.name
        path = record.path
        id = record.id
        arn = record.arn
        description = record.description
        versions = record.versions
        defaultVersionID = record.defaultVersionID
        creationTime = record.creationTime
        updateTime = record.lastModifiedTime
        isAWSManaged = false
    }

    /// The policy with that ARN; nil where there is none.
    static func find(_ arn: String, in database: Database) throws -> ManagedPolicy? {
        if arn.hasPrefix(AWSManagedPolicies.arnPrefix) { return AWSManagedPolicies.find(arn) }
        return try database.resource(PolicyRecord.self, arn: arn).map { ManagedPolicy($0) }
    }

    /// The output shape `Policy`.
    ///
    /// - Parameter usage: how often it is attached, and how often it is a boundary.
    func value(usage: PolicyUsage, tags: [Tag]? = nil, showsDescription: Bool = true) -> Value {
        .members([
            ("PolicyName", .string(name)), ("PolicyId", .string(id)), ("Arn", .string(arn)), ("Path", .string(path)),
            ("DefaultVersionId", .string(defaultVersionID)), ("AttachmentCount", .integer(usage.attachments[arn] ?? 0)),
            ("PermissionsBoundaryUsageCount", .integer(usage.boundaries[arn] ?? 0)), ("IsAttachable", true),
            ("Description", showsDescription ? description.map { .string($0) } : nil), ("CreateDate", .date(creationTime)),
            ("UpdateDate", .date(updateTime)), ("Tags", .tags(tags)),
        ])
    }

    /// The output shape `PolicyVersion`.
    func value(of version: PolicyRecord.Version, showsDocument: Bool) -> Value {
        .members([
            ("Document", showsDocument ? .encodedPolicy(version.document) : nil), ("VersionId", .string(version.id)),
            ("IsDefaultVersion", .boolean(version.id == defaultVersionID)), ("CreateDate", .date(version.creationTime)),
        ])
    }
}

extension ManagedPolicy {
    /// From a line of the table; nil where it is damaged.
    fileprivate init?(line: UnsafeRawBufferPointer) {
        let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 5, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 6, let creation = PolicyDate.seconds(parts[3]), let update = PolicyDate.seconds(parts[4])
        else { return nil }
        name = parts[0]
        path = parts[1]
        id = IAMIdentifier.ofAWSPolicy(named: parts[0])
        arn = AWSManagedPolicies.arnPrefix + parts[1] + parts[0]
        description = nil
        creationTime = creation
        updateTime = update
        defaultVersionID = parts[2]
        versions = [PolicyRecord.Version(id: parts[2], document: parts[5], creationTime: update)]
        isAWSManaged = true
    }
}

/// AWS's own policies.
///
/// Documents, versions and dates are AWS's (see scripts/extract-managed-policies.py); ids are not.
enum AWSManagedPolicies {
    static let arnPrefix = "arn:aws:iam::aws:policy"

    /// All of them, by name.
    static func all() -> [ManagedPolicy] {
        var result: [ManagedPolicy] = []
        forEachLine { line in
            if let policy = ManagedPolicy(line: line) { result.append(policy) }
            return true
        }
        return result
    }

    /// The one with that ARN; nil where there is none.
    static func find(_ arn: String) -> ManagedPolicy? {
        let start = Array((arn.split(separator: "/").last.map(String.init) ?? arn).utf8) + [UInt8(ascii: "\t")]
        var result: ManagedPolicy?
        forEachLine { line in
            guard line.starts(with: start) else { return true }
            result = ManagedPolicy(line: line)
            return false
        }
        return result.flatMap { $0.arn == arn ? $0 : nil }
    }

    /// Hands over line after line until `body` says no.
    ///
    /// The table is 175 KB: a look-up reads no more of it than it must.
    private static func forEachLine(_ body: (UnsafeRawBufferPointer) -> Bool) {
        var length = 0
        guard let bytes = sagebrush_managed_policies(&length) else { return }
        let table = UnsafeRawBufferPointer(start: bytes, count: length)
        var start = 0
        while start < length, let base = table.baseAddress {
            let end = memchr(base + start, 0x0A, length - start).map { UnsafeRawPointer($0) - base } ?? length
            guard body(UnsafeRawBufferPointer(rebasing: table[start..<end])) else { return }
            start = end + 1
        }
    }
}

/// How often managed policies are in use in an account.
struct PolicyUsage: Sendable {
    var attachments: [String: Int] = [:]
    var boundaries: [String: Int] = [:]

    init(account: String, in database: Database) throws {
        try count(RoleRecord.self, account, database)
        try count(UserRecord.self, account, database)
        try count(GroupRecord.self, account, database)
    }

    private mutating func count<Holder: PolicyHolder>(_ type: Holder.Type, _ account: String, _ database: Database) throws {
        for holder in try database.resources(type, in: Scope(account: account, region: "")).records {
            for arn in holder.attachedPolicies { attachments[arn, default: 0] += 1 }
            if let boundary = holder.boundary { boundaries[boundary, default: 0] += 1 }
        }
    }
}

/// Parsed documents, by text: policies are asked far more often than they change.
enum PolicyCache {
    private static let documents = Mutex<[String: PolicyDocument]>([:])

    static func document(_ text: String, kind: PolicyDocument.Kind) throws -> PolicyDocument {
        if let known = documents.withLock({ $0[text] }) { return known }
        let parsed = try PolicyDocument(parsing: text, kind: kind)
        documents.withLock { cache in
            if cache.count >= 512 { cache.removeAll() }
            cache[text] = parsed
        }
        return parsed
    }
}
