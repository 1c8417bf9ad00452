// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

extension S3Service {
    /// A list as answers have it.
    struct AccessListOutput: Encodable, Sendable {
        struct Grantee: Encodable, Sendable {
            var iD: String?
            var type: String
            var uRI: String?
        }

        struct Grant: Encodable, Sendable {
            var grantee: Grantee
            var permission: String
        }

        var owner: ObjectOwner
        var grants: [Grant]

        init(owner: String, grants: [AccessGrant]) {
            self.owner = ObjectOwner(account: owner)
            self.grants = grants.map { grant in
                Grant(
                    grantee: Grantee(
                        iD: grant.userID, type: grant.userID == nil ? "Group" : "CanonicalUser", uRI: grant.groupURI),
                    permission: grant.permission)
            }
        }
    }

    /// A list as requests give it: canned, by headers, or whole.
    struct AccessListInput: Decodable, Sendable {
        var canned: String?
        var headers: [(permission: String, text: String?)] = []
        var document: Value?

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: MemberName.self)
            canned = try members.text("ACL")
            for (name, permission) in [
                ("GrantFullControl", "FULL_CONTROL"), ("GrantRead", "READ"), ("GrantReadACP", "READ_ACP"), ("GrantWrite", "WRITE"),
                ("GrantWriteACP", "WRITE_ACP"),
            ] {
                headers.append((permission, try members.text(MemberName(stringValue: name))))
            }
            document = try members.decodeIfPresent(Value.self, forKey: "AccessControlPolicy")
        }

        func grants(owner: String, bucket: Bucket) throws -> [AccessGrant] {
            let named = try AccessLists.grants(canned: canned, headers: headers, owner: owner, bucketOwner: bucket.account)
            let grants = try named ?? document.map(AccessLists.grants(document:))
            guard let grants else {
                throw ServiceError(
                    "MissingSecurityHeader", "Your request was missing a required header", status: 400,
                    details: [.init("MissingHeaderName", "x-amz-acl")])
            }
            try AccessLists.check(grants, canned: canned, in: bucket)
            return grants
        }
    }

    enum GetBucketAcl: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> AccessListOutput {
            let bucket = try call.bucket(input.bucket)
            return AccessListOutput(owner: bucket.account, grants: try call.grants(of: bucket))
        }
    }

    enum PutBucketAcl: Operation {
        struct Input: Decodable {
            var bucket: String
            var list: AccessListInput

            init(from decoder: any Decoder) throws {
                bucket = try decoder.container(keyedBy: MemberName.self).decode(String.self, forKey: "Bucket")
                list = try AccessListInput(from: decoder)
            }
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                let grants = try input.list.grants(owner: bucket.account, bucket: bucket)
                guard bucket.usesLists else { return }
                try database.setConfiguration(
                    "acl", of: bucket, to: String(decoding: try JSONEncoder().encode(grants), as: UTF8.self))
            }
            return Empty()
        }
    }

    enum GetObjectAcl: Operation {
        static func handle(_ input: ObjectInput, _ call: Call) async throws -> AccessListOutput {
            let bucket = try call.bucket(input.bucket)
            let object = try await ObjectReading.object(input.key, version: input.versionId, in: bucket, call: call)
            let owner = AccessGrant(userID: Account.canonicalUserID(of: object.summary.owner), permission: "FULL_CONTROL")
            let grants = bucket.usesLists ? object.details.grants ?? [owner] : [owner]
            return AccessListOutput(owner: object.summary.owner, grants: grants)
        }
    }

    enum PutObjectAcl: Operation {
        struct Input: Decodable {
            var object: ObjectInput
            var list: AccessListInput

            init(from decoder: any Decoder) throws {
                object = try ObjectInput(from: decoder)
                list = try AccessListInput(from: decoder)
            }
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            let bucket = try call.bucket(input.object.bucket)
            let found = try await ObjectReading.object(input.object.key, version: input.object.versionId, in: bucket, call: call)
            let owner = found.summary.owner
            _ = try await change(input.object, call) { details, bucket, _ in
                let grants = try input.list.grants(owner: owner, bucket: bucket)
                if bucket.usesLists { details.grants = grants }
            }
            return Empty()
        }
    }
}
