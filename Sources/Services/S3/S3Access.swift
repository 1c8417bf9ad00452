// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// Which permission each request needs: the actions of the Service Authorization Reference, on the bucket's or the object's ARN, with
/// the bucket's owner, policy and lists.
enum S3Access {
    /// One action on the bucket that the input names.
    static func bucket(_ action: String) -> Authorization {
        .custom { input, call in
            guard let bucket = try bucket(of: input, call: call) else { return [] }
            return [question("s3:" + action, on: bucket, call: call, context: listContext(input))]
        }
    }

    /// One action on the object that the input names; another where it names a version.
    static func object(_ action: String, version versionAction: String? = nil) -> Authorization {
        .custom { input, call in
            guard let bucket = try bucket(of: input, call: call), let key = input["Key"]?.stringValue else { return [] }
            let version = input["VersionId"]?.stringValue
            let name = version == nil ? action : versionAction ?? action
            return [try question("s3:" + name, on: bucket, key: key, version: version, call: call)]
        }
    }

    /// Writing an object with what its headers need beside: tags and lists.
    static func write(copiesSource: Bool = false) -> Authorization {
        .custom { input, call in
            guard let bucket = try bucket(of: input, call: call), let key = input["Key"]?.stringValue else { return [] }
            var questions: [AuthorizationQuestion] = []
            if copiesSource, let text = input["CopySource"]?.stringValue {
                let source = try CopySource(text)
                let from = try call.bucket(source.bucket, expectedOwner: input["ExpectedSourceBucketOwner"]?.stringValue)
                let action = source.versionID == nil ? "s3:GetObject" : "s3:GetObjectVersion"
                questions.append(try question(action, on: from, key: source.key, version: source.versionID, call: call))
            }
            var put = try question("s3:PutObject", on: bucket, key: key, version: nil, call: call, looksAtObject: false)
            put.context.merge(writeContext(input)) { _, new in new }
            questions.append(put)
            if input["Tagging"]?.stringValue?.isEmpty == false {
                put.action = "s3:PutObjectTagging"
                questions.append(put)
            }
            if ["ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"].contains(where: { input[$0] != nil }) {
                put.action = "s3:PutObjectAcl"
                questions.append(put)
            }
            return questions
        }
    }

    /// A HEAD request: the same permission, but the answer to a refusal has no body.
    static func head(_ authorization: Authorization) -> Authorization {
        .custom { input, call in
            guard case .custom(let questions) = authorization else { return [] }
            do {
                for question in try await questions(input, call) { try call.authorize(question) }
            } catch let error as ServiceError {
                throw S3Error.withoutBody(error)
            }
            return []
        }
    }

    /// The bucket that the input names; nil where it names none, which validation will say.
    static func bucket(of input: Value, call: Call) throws -> Bucket? {
        guard let name = input["Bucket"]?.stringValue else { return nil }
        return try call.bucket(name, expectedOwner: input["ExpectedBucketOwner"]?.stringValue)
    }

    private static let policyActions: Set = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]

    /// A question about a bucket.
    static func question(
        _ action: String, on bucket: Bucket, call: Call, context: [String: [String]] = [:]
    ) -> AuthorizationQuestion {
        var question = AuthorizationQuestion(
            action: action, resource: bucket.arn, resourceAccount: bucket.account,
            resourcePolicy: effectivePolicy(of: bucket, call: call),
            context: context)
        question.context["s3:ResourceAccount"] = [bucket.account]
        // Nobody locks himself out of his bucket for good: whatever its policy says, the account's root may mend that policy.
        if call.principal.kind == .root, call.account == bucket.account, policyActions.contains(action) {
            question.resourcePolicy = nil
        }
        if bucket.usesLists, let permission = AccessLists.permission(forBucketAction: action) {
            question.isPublicRead =
                (try? AccessLists.allows(permission, grants: call.grants(of: bucket), bucket: bucket, call: call)) ?? false
        }
        return question
    }

    /// A question about an object.
    ///
    /// - Parameter looksAtObject: whether the object's own list and tags matter.
    static func question(
        _ action: String, on bucket: Bucket, key: String, version: String?, call: Call, looksAtObject: Bool = true
    ) throws -> AuthorizationQuestion {
        var question = AuthorizationQuestion(
            action: action, resource: "\(bucket.arn)/\(key)", resourceAccount: bucket.account,
            resourcePolicy: effectivePolicy(of: bucket, call: call))
        question.context["s3:ResourceAccount"] = [bucket.account]
        if let version { question.context["s3:VersionId"] = [version] }
        let readsTags = bucket.policy?.contains("ExistingObjectTag") == true || call.account == bucket.account
        guard looksAtObject, bucket.usesLists || readsTags else {
            if bucket.usesLists, let permission = AccessLists.permission(forBucketAction: action) {
                question.isPublicRead = AccessLists.allows(
                    permission, grants: try call.grants(of: bucket), bucket: bucket, call: call)
            }
            return question
        }
        let object = try call.world.store.read { database in
            try version.map { try database.object(key, version: $0, in: bucket) } ?? database.latestObject(key, in: bucket)
        }
        for tag in object?.details.tags ?? [] { question.context["s3:ExistingObjectTag/" + tag.Key] = [tag.Value] }
        if bucket.usesLists, let permission = AccessLists.permission(forObjectAction: action) {
            question.isPublicRead = AccessLists.allows(permission, grants: object?.details.grants, bucket: bucket, call: call)
        } else if bucket.usesLists, let permission = AccessLists.permission(forBucketAction: action) {
            question.isPublicRead = AccessLists.allows(permission, grants: try call.grants(of: bucket), bucket: bucket, call: call)
        }
        return question
    }

    /// Whether the caller may know that a key is absent.
    ///
    /// S3 says so only to those who may list the bucket.
    ///
    /// - Throws: AccessDenied where he may not.
    static func authorizeKnowingAbsence(in bucket: Bucket, call: Call) throws {
        try call.authorize(question("s3:ListBucket", on: bucket, call: call))
    }

    /// The bucket policy as it counts for this caller: with RestrictPublicBuckets a public one counts for the owner's account only.
    private static func effectivePolicy(of bucket: Bucket, call: Call) -> String? {
        guard let policy = bucket.policy, bucket.publicAccessBlock?.contains(.restrictPublicBuckets) == true,
            call.account != bucket.account, PublicPolicy.isPublic(policy)
        else { return bucket.policy }
        if case .service = call.principal.kind { return policy }
        return nil
    }

    private static func listContext(_ input: Value) -> [String: [String]] {
        var context: [String: [String]] = [:]
        if let prefix = input["Prefix"]?.stringValue { context["s3:prefix"] = [prefix] }
        if let delimiter = input["Delimiter"]?.stringValue { context["s3:delimiter"] = [delimiter] }
        if let limit = input["MaxKeys"]?.integerValue { context["s3:max-keys"] = [String(limit)] }
        return context
    }

    private static func writeContext(_ input: Value) -> [String: [String]] {
        var context: [String: [String]] = [:]
        for (member, key) in [
            ("ACL", "s3:x-amz-acl"), ("ServerSideEncryption", "s3:x-amz-server-side-encryption"),
            ("SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"), ("StorageClass", "s3:x-amz-storage-class"),
            ("CopySource", "s3:x-amz-copy-source"), ("MetadataDirective", "s3:x-amz-metadata-directive"),
            ("GrantRead", "s3:x-amz-grant-read"), ("GrantFullControl", "s3:x-amz-grant-full-control"),
            ("IfNoneMatch", "s3:if-none-match"), ("IfMatch", "s3:if-match"),
        ] {
            if let text = input[member]?.stringValue { context[key] = [text] }
        }
        if let header = input["Tagging"]?.stringValue {
            let items = QueryItem.parse(header, plusIsSpace: true)
            for item in items { context["s3:RequestObjectTag/" + item.name] = [item.value ?? ""] }
            if !items.isEmpty { context["s3:RequestObjectTagKeys"] = items.map(\.name) }
        }
        return context
    }
}
