// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

extension S3Service {
    /// The buckets of the caller's account.
    enum ListBuckets: Operation {
        struct Input: Decodable {
            var maxBuckets: Int?
            var continuationToken: String?
            var prefix: String?
            var bucketRegion: String?
        }

        struct Output: Encodable {
            struct Entry: Encodable {
                var name: String
                var creationDate: Date
                var bucketRegion: String?
            }

            var buckets: [Entry]
            var owner: ObjectOwner
            var continuationToken: String?
            var prefix: String?
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            if let limit = input.maxBuckets, !(1...10_000).contains(limit) {
                throw S3Error.invalidArgument(
                    "Argument max-buckets must be an integer between 1 and 10000", name: "max-buckets", value: String(limit))
            }
            let after = try input.continuationToken.map { token in
                guard let bytes = Base64.decode(token) else {
                    throw S3Error.invalidArgument(
                        "The continuation token provided is incorrect", name: "continuation-token", value: token)
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            let limit = input.maxBuckets ?? (input.continuationToken == nil ? nil : 10_000)
            var buckets = try call.world.store.read { database in
                try database.buckets(
                    of: call.account, after: after, prefix: input.prefix ?? "", region: input.bucketRegion,
                    limit: limit.map { $0 + 1 })
            }
            var token: String?
            if let limit, buckets.count > limit {
                buckets.removeLast(buckets.count - limit)
                token = buckets.last.map { Base64.encode(Array($0.name.utf8)) }
            }
            let showsRegion = input.maxBuckets != nil || input.bucketRegion != nil || input.prefix != nil
            return Output(
                buckets: buckets.map {
                    .init(
                        name: $0.name, creationDate: Date(timeIntervalSince1970: $0.creationTime),
                        bucketRegion: showsRegion ? $0.region : nil)
                },
                owner: ObjectOwner(account: call.account), continuationToken: token, prefix: input.prefix)
        }
    }

    /// Makes a bucket.
    ///
    /// Its name is unique over all accounts and regions.
    enum CreateBucket: Operation {
        struct Input: Decodable {
            struct Configuration: Decodable {
                var locationConstraint: String?
                var tags: [Tag]?
            }

            var bucket: String
            var aCL: String?
            var createBucketConfiguration: Configuration?
            var grantFullControl: String?
            var grantRead: String?
            var grantReadACP: String?
            var grantWrite: String?
            var grantWriteACP: String?
            var objectLockEnabledForBucket: Bool?
            var objectOwnership: String?
            var bucketNamespace: String?
        }

        struct Output: Encodable {
            var location: String
            var bucketArn: String
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            guard S3Text.isBucketName(input.bucket) else { throw S3Error.invalidBucketName(input.bucket) }
            let isRelaxed = call.dispatcher.environment.isRelaxed
            let region = try region(
                constraint: input.createBucketConfiguration?.locationConstraint, endpoint: call.region, takesOwnName: isRelaxed)
            try checkNamespace(input.bucketNamespace, name: input.bucket, region: region, account: call.account)
            var bucket = Bucket(name: input.bucket, account: call.account, region: region, creationTime: call.now)
            if isRelaxed { (bucket.ownership, bucket.publicAccessBlock) = (nil, nil) }
            if let text = input.objectOwnership {
                guard let ownership = Bucket.Ownership(rawValue: text) else {
                    throw S3Error.invalidArgument(
                        "Invalid x-amz-object-ownership header: \(text)", name: "x-amz-object-ownership", value: text)
                }
                bucket.ownership = ownership
            }
            if input.objectLockEnabledForBucket == true { bucket.versioning = .enabled }
            let grants = try grants(input, bucket: bucket)
            let tags = input.createBucketConfiguration?.tags ?? []
            try S3Text.check(tags)
            let wanted = bucket
            try call.world.store.write { database in
                guard let made = try database.insertBucket(wanted) else {
                    try refuse(existing: try database.requiredBucket(wanted.name), call: call)
                    return
                }
                // That a name is taken is said first.
                let limit = try database.quotaValue("General purpose buckets", service: "s3", in: call.scope) ?? .max
                guard try call.dispatcher.environment.isRelaxed || database.bucketCount(of: call.account) <= limit else {
                    throw S3Error.tooManyBuckets
                }
                if let grants {
                    let document = String(decoding: try JSONEncoder().encode(grants), as: UTF8.self)
                    try database.setConfiguration("acl", of: made, to: document)
                }
                if input.objectLockEnabledForBucket == true {
                    try database.setConfiguration(ObjectLock.kind, of: made, to: StoredDocument.text(ObjectLock.enabled))
                }
                try database.setTags(tags, of: made.arn)
            }
            return Output(
                location: region == "us-east-1" ? "/" + wanted.name : "http://\(wanted.name).s3.amazonaws.com/",
                bucketArn: wanted.arn)
        }

        /// A bucket in the namespace that an account has in a region ends with their names.
        private static func checkNamespace(_ namespace: String?, name: String, region: String, account: String) throws {
            let hasSuffix = name.hasSuffix("-\(account)-\(region)-an")
            switch namespace {
            case nil, "global":
                if !name.hasSuffix("-an") || !hasSuffix { return }
                throw ServiceError(
                    "MissingNamespaceHeader",
                    "The requested bucket was not created. This bucket name is in your account's regional namespace: name it with "
                        + "x-amz-bucket-namespace.", status: 400)
            case "account-regional" where hasSuffix: return
            default:
                throw ServiceError(
                    "InvalidNamespaceHeader",
                    "The requested bucket was not created. A bucket in the account's regional namespace has a name that ends with "
                        + "-\(account)-\(region)-an.", status: 400)
            }
        }

        /// The region that a bucket goes to: the endpoint's, which outside us-east-1 has to be named.
        ///
        /// - Parameter takesOwnName: Whether an endpoint is believed that its region exists (those of other partitions).
        private static func region(constraint: String?, endpoint: String, takesOwnName: Bool) throws -> String {
            guard let constraint, !constraint.isEmpty else {
                if endpoint == "us-east-1" || endpoint == "aws-global" { return "us-east-1" }
                throw incompatible("unspecified")
            }
            let region = constraint == "EU" ? "eu-west-1" : constraint
            // The endpoint of us-east-1 is the one that takes buckets for every region.
            guard endpoint == region || endpoint == "us-east-1" || endpoint == "aws-global" else { throw incompatible(constraint) }
            let exists = Region.named(region) != nil || takesOwnName && endpoint == region
            guard exists, region != "us-east-1" else {
                throw ServiceError(
                    "InvalidLocationConstraint", "The specified location-constraint is not valid", status: 400,
                    details: [.init("LocationConstraint", .string(constraint))])
            }
            return region
        }

        private static func incompatible(_ constraint: String) -> ServiceError {
            ServiceError(
                "IllegalLocationConstraintException",
                "The \(constraint) location constraint is incompatible for the region specific endpoint this request was sent to.",
                status: 400)
        }

        private static func grants(_ input: Input, bucket: Bucket) throws -> [AccessGrant]? {
            let headers = [
                ("FULL_CONTROL", input.grantFullControl), ("READ", input.grantRead), ("READ_ACP", input.grantReadACP),
                ("WRITE", input.grantWrite), ("WRITE_ACP", input.grantWriteACP),
            ]
            guard
                let grants = try AccessLists.grants(
                    canned: input.aCL, headers: headers, owner: bucket.account, bucketOwner: bucket.account)
            else { return nil }
            if input.aCL == "private" { return grants }
            guard bucket.usesLists else {
                throw ServiceError(
                    "InvalidBucketAclWithObjectOwnership",
                    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting", status: 400)
            }
            if AccessLists.isPublic(grants), bucket.publicAccessBlock != nil { throw S3Error.accessDenied }
            return grants
        }

        /// A name that is taken: in us-east-1, one's own bucket there is simply found again.
        private static func refuse(existing bucket: Bucket, call: Call) throws {
            guard bucket.account == call.account else { throw S3Error.bucketAlreadyExists(bucket.name) }
            guard call.region == "us-east-1", bucket.region == "us-east-1" else {
                throw S3Error.bucketAlreadyOwnedByYou(bucket.name)
            }
        }
    }

    /// Whether a bucket is there and may be listed.
    enum HeadBucket: Operation {
        struct Input: Decodable {
            var bucket: String
        }

        struct Output: Encodable {
            var bucketRegion: String
            var accessPointAlias: Bool
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Output {
            do {
                return Output(bucketRegion: try call.bucket(input.bucket).region, accessPointAlias: false)
            } catch let error as ServiceError {
                throw S3Error.withoutBody(error)
            }
        }
    }

    /// Removes an empty bucket.
    enum DeleteBucket: Operation {
        struct Input: Decodable {
            var bucket: String
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            try call.world.store.write { database in
                let bucket = try database.requiredBucket(input.bucket)
                guard try database.isEmpty(bucket) else { throw S3Error.bucketNotEmpty(input.bucket) }
                try database.deleteBucket(bucket)
            }
            try ObjectStorage.tidy(call.world)
            return Empty()
        }
    }

    /// The region of a bucket, which for us-east-1 is null.
    enum GetBucketLocation: Operation {
        struct Input: Decodable {
            var bucket: String
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Value {
            let region = try call.bucket(input.bucket).region
            return ["LocationConstraint": region == "us-east-1" ? .null : .string(region)]
        }
    }
}
