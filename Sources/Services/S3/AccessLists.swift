// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire
import World

/// Access control lists: canned ones spelled out, and what a list allows.
enum AccessLists {
    static let allUsers = "http://acs.amazonaws.com/groups/global/AllUsers"
    static let authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    static let logDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery"
    private static let permissions: Set<String> = ["FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"]

    /// The grants of a canned list.
    ///
    /// - Throws: InvalidArgument for an unknown one.
    static func grants(canned name: String, owner: String, bucketOwner: String) throws -> [AccessGrant] {
        let full = AccessGrant(userID: Account.canonicalUserID(of: owner), permission: "FULL_CONTROL")
        let other = Account.canonicalUserID(of: bucketOwner)
        return switch name {
        case "private": [full]
        case "public-read": [full, AccessGrant(groupURI: allUsers, permission: "READ")]
        case "public-read-write":
            [full, AccessGrant(groupURI: allUsers, permission: "READ"), AccessGrant(groupURI: allUsers, permission: "WRITE")]
        case "authenticated-read": [full, AccessGrant(groupURI: authenticatedUsers, permission: "READ")]
        case "aws-exec-read": [full]
        case "bucket-owner-read": owner == bucketOwner ? [full] : [full, AccessGrant(userID: other, permission: "READ")]
        case "bucket-owner-full-control":
            owner == bucketOwner ? [full] : [full, AccessGrant(userID: other, permission: "FULL_CONTROL")]
        case "log-delivery-write":
            [
                full, AccessGrant(groupURI: logDelivery, permission: "WRITE"),
                AccessGrant(groupURI: logDelivery, permission: "READ_ACP"),
            ]
        default: throw S3Error.invalidArgument("The canned ACL you provided is not valid", name: "x-amz-acl", value: name)
        }
    }

    /// The grants that a request asks for by `x-amz-acl` and `x-amz-grant-…`; nil where it asks for none.
    static func grants(
        canned: String?, headers: [(permission: String, text: String?)], owner: String, bucketOwner: String
    ) throws -> [AccessGrant]? {
        let named = try headers.flatMap { header in
            try (header.text ?? "").split(separator: ",").map { try grant(header: String($0), permission: header.permission) }
        }
        if let canned {
            guard named.isEmpty else {
                throw S3Error.invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
            }
            return try grants(canned: canned, owner: owner, bucketOwner: bucketOwner)
        }
        return named.isEmpty ? nil : named
    }

    private static func grant(header: String, permission: String) throws -> AccessGrant {
        let parts = header.split(separator: "=", maxSplits: 1).map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: " \""))
        }
        switch (parts.first, parts.count) {
        case ("id", 2): return AccessGrant(userID: try checked(id: parts[1]), permission: permission)
        case ("uri", 2): return AccessGrant(groupURI: parts[1], permission: permission)
        default: throw S3Error.invalidArgument("Argument format not recognized", name: "x-amz-grant", value: header)
        }
    }

    private static func checked(id: String) throws -> String {
        guard id.utf8.count == 64, id.allSatisfy(\.isHexDigit) else {
            throw S3Error.invalidArgument("Invalid id", name: "CanonicalUser/ID", value: id)
        }
        return id
    }

    /// The grants of an AccessControlPolicy document.
    static func grants(document: Value) throws -> [AccessGrant] {
        guard document["Owner"]?["ID"]?.stringValue != nil else {
            throw ServiceError("MalformedACLError", S3Error.malformedXML.message, status: 400)
        }
        return try (document["Grants"]?.listValue ?? []).map { grant in
            guard let permission = grant["Permission"]?.stringValue, permissions.contains(permission),
                let grantee = grant["Grantee"]
            else { throw ServiceError("MalformedACLError", S3Error.malformedXML.message, status: 400) }
            if let uri = grantee["URI"]?.stringValue { return AccessGrant(groupURI: uri, permission: permission) }
            guard let id = grantee["ID"]?.stringValue else {
                throw ServiceError("MalformedACLError", S3Error.malformedXML.message, status: 400)
            }
            return AccessGrant(userID: try checked(id: id), permission: permission)
        }
    }

    /// Which permission of an object's list an action needs; nil where lists have no say.
    static func permission(forObjectAction action: String) -> String? {
        switch action {
        case "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes": "READ"
        case "s3:GetObjectAcl", "s3:GetObjectVersionAcl": "READ_ACP"
        case "s3:PutObjectAcl", "s3:PutObjectVersionAcl": "WRITE_ACP"
        default: nil
        }
    }

    /// Which permission of a bucket's list an action needs; nil where lists have no say.
    static func permission(forBucketAction action: String) -> String? {
        switch action {
        case "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads": "READ"
        case "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion": "WRITE"
        case "s3:GetBucketAcl": "READ_ACP"
        case "s3:PutBucketAcl": "WRITE_ACP"
        default: nil
        }
    }

    /// Whether a list gives the caller, who is not in the owner's account, a permission.
    static func allows(_ permission: String, grants: [AccessGrant]?, bucket: Bucket, call: Call) -> Bool {
        guard let grants, call.account != bucket.account else { return false }
        let ignoresPublic = bucket.publicAccessBlock?.contains(.ignorePublicLists) == true
        let user = call.account.isEmpty ? nil : Account.canonicalUserID(of: call.account)
        return grants.contains { grant in
            guard grant.permission == permission || grant.permission == "FULL_CONTROL" else { return false }
            if let id = grant.userID { return id == user }
            if ignoresPublic { return false }
            return grant.groupURI == allUsers || (grant.groupURI == authenticatedUsers && user != nil)
        }
    }

    /// Whether a list gives anything to everybody.
    static func isPublic(_ grants: [AccessGrant]) -> Bool {
        grants.contains { $0.groupURI == allUsers || $0.groupURI == authenticatedUsers }
    }

    /// Checks that lists may be set on a bucket or an object in it.
    static func check(_ grants: [AccessGrant], canned: String?, in bucket: Bucket) throws {
        guard bucket.usesLists else {
            if canned == "bucket-owner-full-control" { return }
            throw S3Error.listsNotSupported
        }
        if isPublic(grants), bucket.publicAccessBlock?.contains(.blockPublicLists) == true { throw S3Error.accessDenied }
    }
}

extension Call {
    /// The access control list of a bucket.
    func grants(of bucket: Bucket) throws -> [AccessGrant] {
        let owner = AccessGrant(userID: Account.canonicalUserID(of: bucket.account), permission: "FULL_CONTROL")
        guard bucket.usesLists, let text = try world.store.read({ try $0.configuration("acl", of: bucket) }) else { return [owner] }
        return try JSONDecoder().decode([AccessGrant].self, from: Data(text.utf8))
    }
}

/// Whether a bucket policy gives access to everybody, by the rules of Block Public Access: an Allow for all principals that no
/// condition narrows to known callers, addresses or networks.
enum PublicPolicy {
    private static let narrowingKeys: Set<String> = [
        "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceaccount", "aws:sourceip", "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceorgpaths", "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount",
        "aws:userid",
        "s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ]

    static func isPublic(_ document: String) -> Bool {
        guard let policy = try? JSON.parse(document) else { return false }
        let statements = policy["Statement"]?.listValue ?? policy["Statement"].map { [$0] } ?? []
        return statements.contains { statement in
            statement["Effect"]?.stringValue == "Allow" && (statement["NotPrincipal"] != nil || isEverybody(statement["Principal"]))
                && !isNarrowed(statement["Condition"])
        }
    }

    private static func isEverybody(_ principal: Value?) -> Bool {
        switch principal {
        case .string(let text): text == "*"
        case .object(let members): texts(members["AWS"]).contains("*")
        default: false
        }
    }

    private static func isNarrowed(_ condition: Value?) -> Bool {
        for (_, keys) in condition?.objectValue ?? [:] {
            for (key, values) in keys.objectValue ?? [:] where narrowingKeys.contains(key.lowercased()) {
                if texts(values).allSatisfy({ !$0.contains("*") && $0 != "0.0.0.0/0" && $0 != "::/0" }) { return true }
            }
        }
        return false
    }

    private static func texts(_ value: Value?) -> [String] {
        value?.stringValue.map { [$0] } ?? value?.listValue?.compactMap(\.stringValue) ?? []
    }
}
