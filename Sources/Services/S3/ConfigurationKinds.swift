// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// The configurations that are kept and returned.
enum BucketConfigurations {
    private static func missing(_ code: String, _ message: String, _ bucket: Bucket) -> ServiceError {
        ServiceError(code, message, status: 404, details: [.init("BucketName", .string(bucket.name))])
    }

    enum CrossOrigin: BucketConfiguration {
        static let kind = "cors"
        static let inputMember = "CORSConfiguration"
        static let getName = "GetBucketCors"
        static let putName = "PutBucketCors"
        static let deleteName = "DeleteBucketCors"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("NoSuchCORSConfiguration", "The CORS configuration does not exist", bucket)
        }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            guard let rules = document["CORSRules"]?.listValue, (1...100).contains(rules.count) else { throw S3Error.malformedXML }
            for rule in rules {
                for method in (rule["AllowedMethods"]?.listValue ?? []).compactMap(\.stringValue)
                where !["GET", "PUT", "POST", "DELETE", "HEAD"].contains(method) {
                    throw S3Error.invalidRequest("Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
                }
                for origin in (rule["AllowedOrigins"]?.listValue ?? []).compactMap(\.stringValue)
                where origin.count(where: { $0 == "*" }) > 1 {
                    throw S3Error.invalidRequest("AllowedOrigin \"\(origin)\" can not have more than one wildcard.")
                }
            }
            return document
        }
    }

    enum Lifecycle: BucketConfiguration {
        static let kind = Services.Lifecycle.kind
        static let inputMember = "LifecycleConfiguration"
        static let getName = "GetBucketLifecycleConfiguration"
        static let putName = "PutBucketLifecycleConfiguration"
        static let deleteName = "DeleteBucketLifecycle"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", bucket)
        }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            try Services.Lifecycle.checked(document)
        }
    }

    enum Website: BucketConfiguration {
        static let kind = "website"
        static let inputMember = "WebsiteConfiguration"
        static let getName = "GetBucketWebsite"
        static let putName = "PutBucketWebsite"
        static let deleteName = "DeleteBucketWebsite"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration", bucket)
        }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            if document["RedirectAllRequestsTo"] != nil {
                guard document["IndexDocument"] == nil, document["ErrorDocument"] == nil, document["RoutingRules"] == nil else {
                    throw S3Error.malformedXML
                }
                return document
            }
            guard let suffix = document["IndexDocument"]?["Suffix"]?.stringValue else {
                throw S3Error.invalidArgument(
                    "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty", name: "IndexDocument",
                    value: "null")
            }
            guard !suffix.isEmpty, !suffix.contains("/") else {
                throw S3Error.invalidArgument(
                    "The IndexDocument Suffix is not well formed", name: "IndexDocument", value: suffix)
            }
            return document
        }
    }

    enum Acceleration: BucketConfiguration {
        static let kind = "accelerate"
        static let inputMember = "AccelerateConfiguration"
        static let getName = "GetBucketAccelerateConfiguration"
        static let putName = "PutBucketAccelerateConfiguration"
        static func absent(in bucket: Bucket) throws -> Value { .emptyObject }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            guard let status = document["Status"]?.stringValue, ["Enabled", "Suspended"].contains(status) else {
                throw S3Error.malformedXML
            }
            if bucket.name.contains(".") {
                throw S3Error.invalidRequest(
                    "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
            }
            // Suspending what was never on says nothing.
            if status == "Suspended", try database.configuration(kind, of: bucket) == nil { return .emptyObject }
            return document
        }
    }

    enum RequestPayment: BucketConfiguration {
        static let kind = "requestPayment"
        static let inputMember = "RequestPaymentConfiguration"
        static let getName = "GetBucketRequestPayment"
        static let putName = "PutBucketRequestPayment"
        static func absent(in bucket: Bucket) throws -> Value { ["Payer": "BucketOwner"] }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            guard ["BucketOwner", "Requester"].contains(document["Payer"]?.stringValue ?? "") else { throw S3Error.malformedXML }
            return document
        }
    }

    enum Replication: BucketConfiguration {
        static let kind = "replication"
        static let inputMember = "ReplicationConfiguration"
        static let outputMember: String? = "ReplicationConfiguration"
        static let getName = "GetBucketReplication"
        static let putName = "PutBucketReplication"
        static let deleteName = "DeleteBucketReplication"
        static func absent(in bucket: Bucket) throws -> Value {
            throw missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found", bucket)
        }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            guard bucket.versioning == .enabled else {
                throw ServiceError(
                    "InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
                    status: 400,
                    details: [.init("BucketName", .string(bucket.name))])
            }
            guard var rules = document["Rules"]?.listValue, !rules.isEmpty else { throw S3Error.malformedXML }
            for index in rules.indices where rules[index]["ID"]?.stringValue?.isEmpty ?? true {
                rules[index]["ID"] = .string(UUID().uuidString.lowercased())
            }
            var result = document
            result["Rules"] = .list(rules)
            return result
        }
    }

    /// Who gets the access log.
    ///
    /// Requests are not written to it.
    enum Logging: BucketConfiguration {
        static let kind = "logging"
        static let inputMember = "BucketLoggingStatus"
        static let getName = "GetBucketLogging"
        static let putName = "PutBucketLogging"
        static func absent(in bucket: Bucket) throws -> Value { .emptyObject }
        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            guard let status = document["LoggingEnabled"] else { return .emptyObject }
            let name = status["TargetBucket"]?.stringValue ?? ""
            guard let target = try database.bucket(named: name), target.account == bucket.account else {
                throw invalidTarget(name, "The target bucket for logging does not exist")
            }
            if target.region != bucket.region {
                throw ServiceError(
                    "CrossLocationLoggingProhibited", "Cross S3 location logging not allowed. ", status: 403,
                    details: [.init("TargetBucketLocation", .string(target.region))])
            }
            for grant in status["TargetGrants"]?.listValue ?? []
            where !["FULL_CONTROL", "READ", "WRITE"].contains(grant["Permission"]?.stringValue ?? "") {
                throw S3Error.malformedXML
            }
            if !target.usesLists, status["TargetGrants"]?.listValue?.isEmpty == false {
                throw invalidTarget(
                    name, "The target bucket for logging does not allow target grants when bucket owner enforced is set")
            }
            guard
                try mayWriteLogs(
                    to: target, prefix: status["TargetPrefix"]?.stringValue ?? "", from: bucket, in: database)
            else {
                throw invalidTarget(
                    name, "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket")
            }
            return document
        }

        private static func invalidTarget(_ name: String, _ message: String) -> ServiceError {
            ServiceError(
                "InvalidTargetBucketForLogging", message, status: 400, details: [.init("TargetBucket", .string(name))])
        }

        /// By the target's list, or by its policy for the logging service.
        private static func mayWriteLogs(
            to target: Bucket, prefix: String, from source: Bucket, in database: Database
        ) throws -> Bool {
            if target.usesLists, let text = try database.configuration("acl", of: target) {
                let grants = try JSONDecoder().decode([AccessGrant].self, from: Data(text.utf8))
                let given = Set(grants.filter { $0.groupURI == AccessLists.logDelivery }.map(\.permission))
                if given.contains("FULL_CONTROL") || given.isSuperset(of: ["WRITE", "READ_ACP"]) { return true }
            }
            guard let policy = target.policy else { return false }
            let service = "logging.s3.amazonaws.com"
            let principal = Principal(kind: .service(name: service), account: "", arn: service, userID: "")
            let context = RequestContext(["aws:SourceArn": [source.arn], "aws:SourceAccount": [source.account]])
            let request = AuthorizationRequest(
                action: "s3:PutObject", resource: "\(target.arn)/\(prefix)log", resourceAccount: target.account,
                principal: principal,
                context: context)
            let document = NamedPolicy(name: "bucket policy", document: try PolicyCache.document(policy, kind: .resource))
            return PolicyEvaluator.evaluate(request, PolicySet(resource: document)).isAllowed
        }
    }
}
