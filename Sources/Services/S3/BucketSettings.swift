// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// The input of operations that name only a bucket.
struct BucketInput: Decodable, Sendable {
    var bucket: String
}

extension S3Service {
    /// Changes a bucket's settings in one transaction.
    private static func change(_ name: String, _ call: Call, _ body: @Sendable (inout Bucket) throws -> Void) throws {
        try call.world.store.write { database in
            var bucket = try database.requiredBucket(name)
            try body(&bucket)
            try database.updateBucket(bucket)
        }
    }

    /// A bucket's policy is its owner's affair, whatever it allows others.
    private static func checkIsOwner(of bucket: Bucket, _ call: Call, method: String) throws {
        guard call.account != bucket.account else { return }
        throw S3Error.methodNotAllowed(method: method, resourceType: "BUCKETPOLICY")
    }

    private static func missing(_ code: String, _ message: String, _ bucket: Bucket) -> ServiceError {
        ServiceError(code, message, status: 404, details: [.init("BucketName", .string(bucket.name))])
    }

    enum GetBucketVersioning: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Value {
            guard let versioning = try call.bucket(input.bucket).versioning else { return .emptyObject }
            return ["Status": .string(versioning.rawValue)]
        }
    }

    enum PutBucketVersioning: Operation {
        struct Input: Decodable {
            struct Configuration: Decodable {
                var status: String?
                var mFADelete: String?
            }

            var bucket: String
            var versioningConfiguration: Configuration
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            guard let versioning = Bucket.Versioning(rawValue: input.versioningConfiguration.status ?? "") else {
                throw ServiceError(
                    "IllegalVersioningConfigurationException", "The Versioning element must be specified", status: 400)
            }
            let bucket = try call.bucket(input.bucket)
            if versioning == .suspended, try call.world.store.read({ try ObjectLock.configuration(of: bucket, in: $0) }) != nil {
                throw ServiceError(
                    "InvalidBucketState",
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
                    status: 409)
            }
            try change(input.bucket, call) { $0.versioning = versioning }
            return Empty()
        }
    }

    enum GetBucketEncryption: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Value {
            let standard: Value = [
                "Rules": [["ApplyServerSideEncryptionByDefault": ["SSEAlgorithm": "AES256"], "BucketKeyEnabled": false]]
            ]
            var document = try call.bucket(input.bucket).encryption.map(StoredDocument.value) ?? standard
            if var rule = document["Rules"]?[0], rule["BucketKeyEnabled"] == nil {
                rule["BucketKeyEnabled"] = false
                document["Rules"] = .list([rule])
            }
            return ["ServerSideEncryptionConfiguration": document]
        }
    }

    enum PutBucketEncryption: Operation {
        struct Input: Decodable {
            var bucket: String
            var serverSideEncryptionConfiguration: Value
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            let document = input.serverSideEncryptionConfiguration
            guard document["Rules"]?.listValue?.count == 1,
                let algorithm = document["Rules"]?[0]?["ApplyServerSideEncryptionByDefault"]?["SSEAlgorithm"]?.stringValue,
                ["AES256", "aws:kms", "aws:kms:dsse"].contains(algorithm)
            else { throw S3Error.malformedXML }
            try change(input.bucket, call) { $0.encryption = StoredDocument.text(document) }
            return Empty()
        }
    }

    enum DeleteBucketEncryption: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Empty {
            try change(input.bucket, call) { $0.encryption = nil }
            return Empty()
        }
    }

    enum GetPublicAccessBlock: Operation {
        struct Output: Encodable {
            var publicAccessBlockConfiguration: PublicAccessSwitches
        }

        static func handle(_ input: BucketInput, _ call: Call) async throws -> Output {
            let bucket = try call.bucket(input.bucket)
            guard let block = bucket.publicAccessBlock else {
                throw missing("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", bucket)
            }
            return Output(publicAccessBlockConfiguration: PublicAccessSwitches(block))
        }
    }

    enum PutPublicAccessBlock: Operation {
        struct Input: Decodable {
            var bucket: String
            var publicAccessBlockConfiguration: PublicAccessSwitches
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            let given = input.publicAccessBlockConfiguration
            let switches = [given.blockPublicAcls, given.ignorePublicAcls, given.blockPublicPolicy, given.restrictPublicBuckets]
            if switches.allSatisfy({ $0 == nil }) { throw S3Error.invalidRequest("Must specify at least one configuration.") }
            try change(input.bucket, call) { $0.publicAccessBlock = input.publicAccessBlockConfiguration.block }
            return Empty()
        }
    }

    enum DeletePublicAccessBlock: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Empty {
            try change(input.bucket, call) { $0.publicAccessBlock = nil }
            return Empty()
        }
    }

    /// The four switches as requests and answers have them.
    struct PublicAccessSwitches: Codable, Sendable {
        var blockPublicAcls: Bool?
        var ignorePublicAcls: Bool?
        var blockPublicPolicy: Bool?
        var restrictPublicBuckets: Bool?

        init(_ block: PublicAccessBlock) {
            blockPublicAcls = block.contains(.blockPublicLists)
            ignorePublicAcls = block.contains(.ignorePublicLists)
            blockPublicPolicy = block.contains(.blockPublicPolicy)
            restrictPublicBuckets = block.contains(.restrictPublicBuckets)
        }

        var block: PublicAccessBlock {
            var block: PublicAccessBlock = []
            if blockPublicAcls == true { block.insert(.blockPublicLists) }
            if ignorePublicAcls == true { block.insert(.ignorePublicLists) }
            if blockPublicPolicy == true { block.insert(.blockPublicPolicy) }
            if restrictPublicBuckets == true { block.insert(.restrictPublicBuckets) }
            return block
        }
    }

    enum GetBucketOwnershipControls: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Value {
            let bucket = try call.bucket(input.bucket)
            guard let ownership = bucket.ownership else {
                throw missing("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", bucket)
            }
            return ["OwnershipControls": ["Rules": [["ObjectOwnership": .string(ownership.rawValue)]]]]
        }
    }

    enum PutBucketOwnershipControls: Operation {
        struct Input: Decodable {
            struct Rule: Decodable {
                var objectOwnership: String
            }

            struct Controls: Decodable {
                var rules: [Rule]
            }

            var bucket: String
            var ownershipControls: Controls
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Empty {
            guard input.ownershipControls.rules.count == 1,
                let ownership = Bucket.Ownership(rawValue: input.ownershipControls.rules[0].objectOwnership)
            else { throw S3Error.malformedXML }
            let grants = try call.grants(of: try call.bucket(input.bucket))
            try change(input.bucket, call) { bucket in
                if ownership == .ownerEnforced, grants.count > 1 {
                    throw ServiceError(
                        "InvalidBucketAclWithObjectOwnership",
                        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting", status: 400)
                }
                bucket.ownership = ownership
            }
            return Empty()
        }
    }

    enum DeleteBucketOwnershipControls: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Empty {
            try change(input.bucket, call) { $0.ownership = nil }
            return Empty()
        }
    }

    enum GetBucketPolicy: Operation {
        struct Output: Encodable {
            var policy: String
        }

        static func handle(_ input: BucketInput, _ call: Call) async throws -> Output {
            let bucket = try call.bucket(input.bucket)
            try checkIsOwner(of: bucket, call, method: "GET")
            guard let policy = bucket.policy else {
                throw missing("NoSuchBucketPolicy", "The bucket policy does not exist", bucket)
            }
            return Output(policy: policy)
        }
    }

    enum PutBucketPolicy: StreamingOperation {
        struct Input: Decodable {
            var bucket: String
            var policy: String
        }

        static func handle(_ input: Input, _ call: Call) async throws -> Streamed<Empty> {
            if input.policy.utf8.count > 20_480 {
                throw ServiceError("PolicyTooLarge", "Your policy exceeds the maximum allowed size", status: 400)
            }
            do {
                let document = try PolicyDocument(parsing: input.policy, kind: .resource)
                try checkResources(of: document, bucket: input.bucket)
            } catch let error as PolicyDocumentError {
                throw ServiceError("MalformedPolicy", error.bucketMessage, status: 400)
            }
            try change(input.bucket, call) { bucket in
                try checkIsOwner(of: bucket, call, method: "PUT")
                if bucket.publicAccessBlock?.contains(.blockPublicPolicy) == true, PublicPolicy.isPublic(input.policy) {
                    throw ServiceError(
                        "AccessDenied",
                        "User: \(call.principal.arn) is not authorized to perform: s3:PutBucketPolicy on resource: "
                            + "\"\(bucket.arn)\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                        status: 403)
                }
                bucket.policy = input.policy
            }
            return Streamed(Empty(), status: 204)
        }

        /// A bucket's policy speaks of the bucket and what is in it, of nothing else.
        private static func checkResources(of document: PolicyDocument, bucket: String) throws {
            for resource in document.statements.flatMap(\.resourceTexts) {
                let own = "arn:aws:s3:::" + bucket
                guard resource == own || resource.hasPrefix(own + "/") || (resource.contains("*") && covers(resource, own)) else {
                    throw PolicyDocumentError.foreignResource(resource)
                }
            }
        }

        private static func covers(_ pattern: String, _ arn: String) -> Bool {
            let fixed = pattern.prefix { $0 != "*" && $0 != "?" }
            return arn.hasPrefix(fixed) || fixed.hasPrefix(arn + "/")
        }
    }

    enum DeleteBucketPolicy: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Empty {
            try change(input.bucket, call) { bucket in
                try checkIsOwner(of: bucket, call, method: "DELETE")
                bucket.policy = nil
            }
            return Empty()
        }
    }

    enum GetBucketPolicyStatus: Operation {
        static func handle(_ input: BucketInput, _ call: Call) async throws -> Value {
            let bucket = try call.bucket(input.bucket)
            guard let policy = bucket.policy else {
                throw missing("NoSuchBucketPolicy", "The bucket policy does not exist", bucket)
            }
            return ["PolicyStatus": ["IsPublic": .boolean(PublicPolicy.isPublic(policy))]]
        }
    }
}
