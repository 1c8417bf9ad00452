// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

extension BucketConfigurations {
    /// Who is told of what happens to objects.
    ///
    /// It is kept and checked; nobody is told.
    enum Notification: BucketConfiguration {
        static let kind = "notification"
        static let inputMember = "NotificationConfiguration"
        static let getName = "GetBucketNotificationConfiguration"
        static let putName = "PutBucketNotificationConfiguration"

        private static let targets = [
            (list: "TopicConfigurations", arn: "TopicArn", service: "sns"),
            (list: "QueueConfigurations", arn: "QueueArn", service: "sqs"),
            (list: "LambdaFunctionConfigurations", arn: "LambdaFunctionArn", service: "lambda"),
        ]

        static let events: Set<String> = [
            "s3:IntelligentTiering", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete",
            "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:LifecycleTransition", "s3:ObjectAcl:Put", "s3:ObjectCreated:*",
            "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:Copy", "s3:ObjectCreated:Post", "s3:ObjectCreated:Put",
            "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRestore:*",
            "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete", "s3:ObjectRestore:Post", "s3:ObjectTagging:*",
            "s3:ObjectTagging:Delete", "s3:ObjectTagging:Put", "s3:ReducedRedundancyLostObject", "s3:Replication:*",
            "s3:Replication:OperationFailedReplication", "s3:Replication:OperationMissedThreshold",
            "s3:Replication:OperationNotTracked", "s3:Replication:OperationReplicatedAfterThreshold",
        ]

        static func absent(in bucket: Bucket) throws -> Value { .emptyObject }

        static func checked(_ document: Value, in bucket: Bucket, database: Database) throws -> Value {
            var result: Value = .emptyObject
            for target in targets {
                guard var entries = document[target.list]?.listValue, !entries.isEmpty else { continue }
                for index in entries.indices {
                    try check(entries[index], arnMember: target.arn, service: target.service, in: bucket)
                    if entries[index]["Id"]?.stringValue?.isEmpty ?? true {
                        entries[index]["Id"] = .string(UUID().uuidString.lowercased())
                    }
                }
                result[target.list] = .list(entries)
            }
            if let bus = document["EventBridgeConfiguration"] { result["EventBridgeConfiguration"] = bus }
            return result
        }

        private static func check(_ entry: Value, arnMember: String, service: String, in bucket: Bucket) throws {
            let text = entry[arnMember]?.stringValue ?? ""
            guard let arn = ARN(text), arn.service == service, Account.isAccountID(arn.account) else {
                throw S3Error.invalidArgument("The ARN is not well formed", name: arnMember, value: text)
            }
            guard arn.region == bucket.region else {
                throw S3Error.invalidArgument(
                    "The notification destination service region is not valid for the bucket location constraint", name: arnMember,
                    value: text)
            }
            for event in (entry["Events"]?.listValue ?? []).compactMap(\.stringValue) where !events.contains(event) {
                throw S3Error.invalidArgument(
                    "The event '\(event)' is not supported for notifications. Supported events are as follows: "
                        + "[\(events.sorted().map { "'\($0)'" }.joined(separator: ", "))]", name: "Event", value: event)
            }
            for rule in entry["Filter"]?["Key"]?["FilterRules"]?.listValue ?? []
            where !["prefix", "suffix"].contains((rule["Name"]?.stringValue ?? "").lowercased()) {
                throw S3Error.invalidArgument(
                    "filter rule name must be either prefix or suffix", name: "FilterRule.Name",
                    value: rule["Name"]?.stringValue ?? "")
            }
        }
    }
}
