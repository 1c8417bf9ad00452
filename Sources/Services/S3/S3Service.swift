// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// Simple Storage Service: buckets and objects.
public enum S3Service {
    /// Its operations with the permissions that they need.
    public static let table = ServiceTable(
        service: "s3", prefix: "s3", isGlobal: true, settle: { try LifecycleRun.settle($0) },
        bucketRows + objectRows + listRows + multipartRows + settingRows + configurationRows)

    private static let bucketRows: [OperationRow] = [
        OperationRow(ListBuckets.self, .action("s3:ListAllMyBuckets", template: "arn:aws:s3:::*")),
        OperationRow(CreateBucket.self, .custom(mayCreate)),
        OperationRow(HeadBucket.self, S3Access.head(S3Access.bucket("ListBucket"))),
        OperationRow(DeleteBucket.self, S3Access.bucket("DeleteBucket")),
        OperationRow(GetBucketLocation.self, S3Access.bucket("GetBucketLocation")),
    ]

    private static let objectRows: [OperationRow] = [
        OperationRow(PutObject.self, S3Access.write()),
        OperationRow(GetObject.self, S3Access.object("GetObject", version: "GetObjectVersion")),
        OperationRow(HeadObject.self, S3Access.head(S3Access.object("GetObject", version: "GetObjectVersion"))),
        OperationRow(GetObjectAttributes.self, .custom(mayGetAttributes)),
        OperationRow(DeleteObject.self, S3Access.object("DeleteObject", version: "DeleteObjectVersion")),
        // Each key is asked for by itself.
        OperationRow(
            DeleteObjects.self,
            .custom { input, call in
                if input["Delete"]?["Objects"]?.listValue?.isEmpty == true { throw S3Error.malformedXML }
                _ = try S3Access.bucket(of: input, call: call)
                return []
            }),
        OperationRow(CopyObject.self, S3Access.write(copiesSource: true)),
        OperationRow(GetObjectTagging.self, S3Access.object("GetObjectTagging", version: "GetObjectVersionTagging")),
        OperationRow(PutObjectTagging.self, S3Access.object("PutObjectTagging", version: "PutObjectVersionTagging")),
        OperationRow(DeleteObjectTagging.self, S3Access.object("DeleteObjectTagging", version: "DeleteObjectVersionTagging")),
        OperationRow(GetObjectAcl.self, S3Access.object("GetObjectAcl", version: "GetObjectVersionAcl")),
        OperationRow(PutObjectAcl.self, S3Access.object("PutObjectAcl", version: "PutObjectVersionAcl")),
        OperationRow(GetObjectRetention.self, S3Access.object("GetObjectRetention")),
        OperationRow(PutObjectRetention.self, S3Access.object("PutObjectRetention")),
        OperationRow(GetObjectLegalHold.self, S3Access.object("GetObjectLegalHold")),
        OperationRow(PutObjectLegalHold.self, S3Access.object("PutObjectLegalHold")),
        OperationRow(RestoreObject.self, S3Access.object("RestoreObject")),
    ]

    private static let listRows: [OperationRow] = [
        OperationRow(ListObjects.self, S3Access.bucket("ListBucket")),
        OperationRow(ListObjectsV2.self, S3Access.bucket("ListBucket")),
        OperationRow(ListObjectVersions.self, S3Access.bucket("ListBucketVersions")),
        OperationRow(ListMultipartUploads.self, S3Access.bucket("ListBucketMultipartUploads")),
        OperationRow(ListParts.self, S3Access.object("ListMultipartUploadParts")),
    ]

    private static let multipartRows: [OperationRow] = [
        OperationRow(CreateMultipartUpload.self, S3Access.write()),
        OperationRow(UploadPart.self, S3Access.object("PutObject")),
        OperationRow(UploadPartCopy.self, S3Access.write(copiesSource: true)),
        OperationRow(CompleteMultipartUpload.self, S3Access.object("PutObject")),
        OperationRow(AbortMultipartUpload.self, S3Access.object("AbortMultipartUpload")),
    ]

    private static let settingRows: [OperationRow] = [
        OperationRow(GetBucketVersioning.self, S3Access.bucket("GetBucketVersioning")),
        OperationRow(PutBucketVersioning.self, S3Access.bucket("PutBucketVersioning")),
        OperationRow(GetBucketEncryption.self, S3Access.bucket("GetEncryptionConfiguration")),
        OperationRow(PutBucketEncryption.self, S3Access.bucket("PutEncryptionConfiguration")),
        OperationRow(DeleteBucketEncryption.self, S3Access.bucket("PutEncryptionConfiguration")),
        OperationRow(GetPublicAccessBlock.self, S3Access.bucket("GetBucketPublicAccessBlock")),
        OperationRow(PutPublicAccessBlock.self, S3Access.bucket("PutBucketPublicAccessBlock")),
        OperationRow(DeletePublicAccessBlock.self, S3Access.bucket("PutBucketPublicAccessBlock")),
        OperationRow(GetBucketOwnershipControls.self, S3Access.bucket("GetBucketOwnershipControls")),
        OperationRow(PutBucketOwnershipControls.self, S3Access.bucket("PutBucketOwnershipControls")),
        OperationRow(DeleteBucketOwnershipControls.self, S3Access.bucket("PutBucketOwnershipControls")),
        OperationRow(GetBucketPolicy.self, S3Access.bucket("GetBucketPolicy")),
        OperationRow(PutBucketPolicy.self, S3Access.bucket("PutBucketPolicy")),
        OperationRow(DeleteBucketPolicy.self, S3Access.bucket("DeleteBucketPolicy")),
        OperationRow(GetBucketPolicyStatus.self, S3Access.bucket("GetBucketPolicyStatus")),
        OperationRow(GetBucketTagging.self, S3Access.bucket("GetBucketTagging")),
        OperationRow(PutBucketTagging.self, S3Access.bucket("PutBucketTagging")),
        OperationRow(DeleteBucketTagging.self, S3Access.bucket("PutBucketTagging")),
        OperationRow(GetBucketAcl.self, S3Access.bucket("GetBucketAcl")),
        OperationRow(PutBucketAcl.self, S3Access.bucket("PutBucketAcl")),
        OperationRow(GetObjectLockConfiguration.self, S3Access.bucket("GetBucketObjectLockConfiguration")),
        OperationRow(PutObjectLockConfiguration.self, S3Access.bucket("PutBucketObjectLockConfiguration")),
        OperationRow(GetBucketLifecycle.self, S3Access.bucket("GetLifecycleConfiguration")),
        OperationRow(PutBucketLifecycle.self, S3Access.bucket("PutLifecycleConfiguration")),
        OperationRow(GetBucketNotification.self, S3Access.bucket("GetBucketNotification")),
        OperationRow(PutBucketNotification.self, S3Access.bucket("PutBucketNotification")),
    ]

    private static let configurationRows: [OperationRow] =
        rows(BucketConfigurations.CrossOrigin.self, get: "GetBucketCORS", put: "PutBucketCORS")
        + rows(BucketConfigurations.Lifecycle.self, get: "GetLifecycleConfiguration", put: "PutLifecycleConfiguration")
        + rows(BucketConfigurations.Website.self, get: "GetBucketWebsite", put: "PutBucketWebsite", delete: "DeleteBucketWebsite")
        + rows(BucketConfigurations.Notification.self, get: "GetBucketNotification", put: "PutBucketNotification")
        + rows(BucketConfigurations.Logging.self, get: "GetBucketLogging", put: "PutBucketLogging")
        + rows(BucketConfigurations.Acceleration.self, get: "GetAccelerateConfiguration", put: "PutAccelerateConfiguration")
        + rows(BucketConfigurations.RequestPayment.self, get: "GetBucketRequestPayment", put: "PutBucketRequestPayment")
        + rows(BucketConfigurations.Replication.self, get: "GetReplicationConfiguration", put: "PutReplicationConfiguration")
        + named(NamedConfigurations.Inventory.self, get: "GetInventoryConfiguration", put: "PutInventoryConfiguration")
        + named(NamedConfigurations.Analytics.self, get: "GetAnalyticsConfiguration", put: "PutAnalyticsConfiguration")
        + named(NamedConfigurations.Metrics.self, get: "GetMetricsConfiguration", put: "PutMetricsConfiguration")
        + named(
            NamedConfigurations.IntelligentTiering.self, get: "GetIntelligentTieringConfiguration",
            put: "PutIntelligentTieringConfiguration")

    private static func named<Kind: NamedConfiguration>(
        _ type: Kind.Type, get: String, put: String
    ) -> [OperationRow] {
        [
            OperationRow(GetNamedConfiguration<Kind>.self, S3Access.bucket(get)),
            OperationRow(PutNamedConfiguration<Kind>.self, S3Access.bucket(put)),
            OperationRow(DeleteNamedConfiguration<Kind>.self, S3Access.bucket(put)),
            OperationRow(ListNamedConfigurations<Kind>.self, S3Access.bucket(get)),
        ]
    }

    private static func rows<Configuration: BucketConfiguration>(
        _ type: Configuration.Type, get: String, put: String, delete: String? = nil
    ) -> [OperationRow] {
        var rows = [
            OperationRow(GetConfiguration<Configuration>.self, S3Access.bucket(get)),
            OperationRow(PutConfiguration<Configuration>.self, S3Access.bucket(put)),
        ]
        if !Configuration.deleteName.isEmpty {
            rows.append(OperationRow(DeleteConfiguration<Configuration>.self, S3Access.bucket(delete ?? put)))
        }
        return rows
    }

    @Sendable private static func mayCreate(_ input: Value, _ call: Call) -> [AuthorizationQuestion] {
        guard let name = input["Bucket"]?.stringValue else { return [] }
        var question = AuthorizationQuestion(action: "s3:CreateBucket", resource: "arn:aws:s3:::" + name)
        if let constraint = input["CreateBucketConfiguration"]?["LocationConstraint"]?.stringValue {
            question.context["s3:LocationConstraint"] = [constraint]
        }
        if let list = input["ACL"]?.stringValue { question.context["s3:x-amz-acl"] = [list] }
        var questions = [question]
        if input["CreateBucketConfiguration"]?["Tags"]?.listValue?.isEmpty == false {
            question.action = "s3:TagResource"
            questions.append(question)
        }
        if input["ObjectOwnership"] != nil {
            question.action = "s3:PutBucketOwnershipControls"
            questions.append(question)
        }
        return questions
    }

    @Sendable private static func mayGetAttributes(_ input: Value, _ call: Call) throws -> [AuthorizationQuestion] {
        guard let bucket = try S3Access.bucket(of: input, call: call), let key = input["Key"]?.stringValue else { return [] }
        let version = input["VersionId"]?.stringValue
        let suffix = version == nil ? "" : "Version"
        return try ["s3:GetObject\(suffix)", "s3:GetObject\(suffix)Attributes"].map {
            try S3Access.question($0, on: bucket, key: key, version: version, call: call)
        }
    }
}
