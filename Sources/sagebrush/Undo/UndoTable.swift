// SPDX-License-Identifier: Apache-2.0

import Wire

/// How each operation is taken back: the one table.
enum UndoTable {
    static let rules: [String: UndoRule] = {
        let rows =
            [
                bucket, role, user, group, policy, instanceProfile, accessKey, model, endpointConfig, endpoint, notebook,
                lifecycleConfig,
            ]
            .flatMap(\.rules) + switches.flatMap(\.rules) + settings.flatMap(\.rules) + tags.flatMap(\.rules) + UndoObjects.rules
            + UndoNotebooks.rules
        return Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// Why operations without a row can't be taken back.
    static let reasons: [String: String] = [
        "sagemaker CreateTrainingJob":
            "a training job that has been started has run: it can't be untrained. Its artifact can be deleted",
        "sagemaker StopTrainingJob": "a job that has been stopped does not go on",
        "sagemaker DeleteTrainingJob": "the job's record is gone, and training it again would be another job",
        "logs DeleteLogGroup": "the events in it are gone",
        "logs DeleteLogStream": "the events in it are gone",
        "logs PutLogEvents": "events are never deleted one by one",
        "cloudwatch PutMetricData": "measurements are never deleted",
    ]

    private static let readingPrefixes = [
        "List", "Get", "Describe", "Head", "Search", "BatchGet", "BatchDescribe", "BatchCheck", "Simulate", "Invoke", "Assume",
        "Filter", "Generate", "Select", "RenderUi", "CreatePresigned", "UploadPart", "CreateMultipartUpload",
        "AbortMultipartUpload", "StartQuery", "StopQuery", "Initiate", "UploadLayer", "Decode", "Test", "Query",
    ]

    /// Whether an operation changes something that outlives it.
    static func isChange(_ operation: String) -> Bool {
        !readingPrefixes.contains { operation.hasPrefix($0) }
    }

    // MARK: S3

    private static let bucket = UndoThing(
        service: "s3", noun: "bucket", create: "CreateBucket", delete: "DeleteBucket", look: "GetBucketLocation", keys: ["Bucket"],
        identity: "LocationConstraint",
        extra: { scene, key, _ in key.merging(["Tags": .list(try await scene.list("s3 GetBucketTagging", key, "TagSet"))]) },
        rebuild: { found in
            let input = found.picking(["Bucket"])
            guard let region = found["LocationConstraint"]?.stringValue, !region.isEmpty else { return input }
            return input.merging(["CreateBucketConfiguration": ["LocationConstraint": .string(region)]])
        },
        dependents: { scene, key in
            let versions = try await scene.look("s3 ListObjectVersions", key.merging(["MaxKeys": 1]))
            let isEmpty = ["Versions", "DeleteMarkers"].allSatisfy { versions?[$0]?.listValue?.isEmpty ?? true }
            return isEmpty ? nil : "the bucket \(key.shownNames) is no longer empty: what is in it would be lost"
        }, note: "empty, with the settings of a new one")

    /// A setting of a bucket: the member of `get`'s answer goes into the member of `put`'s input.
    private static func bucketSetting(
        _ noun: String, put: String, get: String, remove: String?, from: String?, to: String
    ) -> UndoSetting {
        UndoSetting(
            service: "s3", noun: noun, put: put, remove: remove, get: get, keys: ["Bucket"],
            value: { answer in (from.map { answer[$0] } ?? answer).map { [to: $0] } })
    }

    private static let bucketSettings = [
        bucketSetting(
            "policy", put: "PutBucketPolicy", get: "GetBucketPolicy", remove: "DeleteBucketPolicy", from: "Policy", to: "Policy"),
        bucketSetting(
            "tags", put: "PutBucketTagging", get: "GetBucketTagging", remove: "DeleteBucketTagging", from: nil, to: "Tagging"),
        bucketSetting(
            "CORS rules", put: "PutBucketCors", get: "GetBucketCors", remove: "DeleteBucketCors", from: nil, to: "CORSConfiguration"
        ),
        bucketSetting(
            "lifecycle", put: "PutBucketLifecycleConfiguration", get: "GetBucketLifecycleConfiguration",
            remove: "DeleteBucketLifecycle", from: nil, to: "LifecycleConfiguration"),
        bucketSetting(
            "website", put: "PutBucketWebsite", get: "GetBucketWebsite", remove: "DeleteBucketWebsite", from: nil,
            to: "WebsiteConfiguration"),
        bucketSetting(
            "block of public access", put: "PutPublicAccessBlock", get: "GetPublicAccessBlock", remove: "DeletePublicAccessBlock",
            from: "PublicAccessBlockConfiguration", to: "PublicAccessBlockConfiguration"),
        bucketSetting(
            "ownership of objects", put: "PutBucketOwnershipControls", get: "GetBucketOwnershipControls",
            remove: "DeleteBucketOwnershipControls", from: "OwnershipControls", to: "OwnershipControls"),
        bucketSetting(
            "encryption", put: "PutBucketEncryption", get: "GetBucketEncryption", remove: "DeleteBucketEncryption",
            from: "ServerSideEncryptionConfiguration", to: "ServerSideEncryptionConfiguration"),
        UndoSetting(
            service: "s3", noun: "versioning", put: "PutBucketVersioning", get: "GetBucketVersioning", keys: ["Bucket"],
            // Once on, versioning can only be suspended.
            value: { ["VersioningConfiguration": ["Status": $0["Status"] ?? "Suspended"]] }),
        UndoSetting(
            service: "s3", noun: "tags", put: "PutObjectTagging", remove: "DeleteObjectTagging", get: "GetObjectTagging",
            keys: ["Bucket", "Key", "VersionId"],
            value: { answer in
                guard let tags = answer["TagSet"]?.listValue, !tags.isEmpty else { return nil }
                return ["Tagging": ["TagSet": .list(tags)]]
            }),
    ]

    // MARK: IAM

    static let tags = [
        UndoTags(service: "iam", add: "TagRole", remove: "UntagRole", list: "ListRoleTags", key: "RoleName"),
        UndoTags(service: "iam", add: "TagUser", remove: "UntagUser", list: "ListUserTags", key: "UserName"),
        UndoTags(service: "iam", add: "TagPolicy", remove: "UntagPolicy", list: "ListPolicyTags", key: "PolicyArn"),
        UndoTags(service: "sagemaker", add: "AddTags", remove: "DeleteTags", list: "ListTags", key: "ResourceArn"),
    ]

    static let switches = ["Role", "User", "Group"].map(attachment) + [membership, profileRole]

    private static func attachment(_ holder: String) -> UndoSwitch {
        let name = holder + "Name"
        @Sendable func text(_ verb: String, _ preposition: String, _ input: Value) -> String {
            let policy = input["PolicyArn"]?.stringValue ?? ""
            return "\(verb) \(policy) \(preposition) the \(holder.lowercased()) \(input[name]?.stringValue ?? "")"
        }
        return UndoSwitch(
            service: "iam", on: "Attach\(holder)Policy", off: "Detach\(holder)Policy", keys: [name, "PolicyArn"],
            onText: { text("attaches", "to", $0) }, offText: { text("detaches", "from", $0) },
            isOn: { scene, input in
                let policies = try await scene.list(
                    "iam ListAttached\(holder)Policies", input.picking([name]).merging(["MaxItems": 1000]), "AttachedPolicies")
                return policies.contains { $0["PolicyArn"] == input["PolicyArn"] }
            })
    }

    private static let membership = UndoSwitch(
        service: "iam", on: "AddUserToGroup", off: "RemoveUserFromGroup", keys: ["GroupName", "UserName"],
        onText: { "adds the user \($0["UserName"]?.stringValue ?? "") to the group \($0["GroupName"]?.stringValue ?? "")" },
        offText: { "takes the user \($0["UserName"]?.stringValue ?? "") out of the group \($0["GroupName"]?.stringValue ?? "")" },
        isOn: { scene, input in
            try await scene.list("iam GetGroup", input.picking(["GroupName"]), "Users").contains {
                $0["UserName"] == input["UserName"]
            }
        })

    private static let profileRole = UndoSwitch(
        service: "iam", on: "AddRoleToInstanceProfile", off: "RemoveRoleFromInstanceProfile",
        keys: ["InstanceProfileName", "RoleName"],
        onText: { "adds the role \($0["RoleName"]?.stringValue ?? "") to the instance profile" },
        offText: { "takes the role \($0["RoleName"]?.stringValue ?? "") out of the instance profile" },
        isOn: { scene, input in
            let profile = try await scene.look("iam GetInstanceProfile", input.picking(["InstanceProfileName"]))
            return profile?["InstanceProfile"]?["Roles"]?.listValue?.contains { $0["RoleName"] == input["RoleName"] } ?? false
        })

    static let settings =
        bucketSettings + ["Role", "User", "Group"].map(inlinePolicy)
        + [
            UndoSetting(
                service: "iam", noun: "trust policy", put: "UpdateAssumeRolePolicy", get: "GetRole", keys: ["RoleName"],
                value: { $0["Role"]?["AssumeRolePolicyDocument"].map { ["PolicyDocument": UndoPolicies.document($0)] } }),
            UndoSetting(
                service: "iam", noun: "description and session", put: "UpdateRole", get: "GetRole", keys: ["RoleName"],
                value: { $0["Role"]?.picking(["Description", "MaxSessionDuration"]) }),
            UndoSetting(
                service: "sagemaker", noun: "configuration", put: "UpdateEndpoint", get: "DescribeEndpoint", keys: ["EndpointName"],
                value: { $0.picking(["EndpointConfigName"]) }),
            UndoSetting(
                service: "sagemaker", noun: "settings", put: "UpdateNotebookInstance", get: "DescribeNotebookInstance",
                keys: ["NotebookInstanceName"],
                value: { $0.picking(["InstanceType", "RoleArn", "VolumeSizeInGB", "DefaultCodeRepository", "RootAccess"]) }),
        ]

    private static func inlinePolicy(_ holder: String) -> UndoSetting {
        UndoSetting(
            service: "iam", noun: "inline policy", put: "Put\(holder)Policy", remove: "Delete\(holder)Policy",
            get: "Get\(holder)Policy", keys: [holder + "Name", "PolicyName"],
            value: { $0["PolicyDocument"].map { ["PolicyDocument": UndoPolicies.document($0)] } })
    }
}
