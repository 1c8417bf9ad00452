// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// What PutObject, CopyObject and CreateMultipartUpload say about the object to be.
struct ObjectHeaders: Decodable, Sendable {
    var cannedList: String?
    var grantHeaders: [GrantHeader] = []
    var cacheControl: String?
    var contentDisposition: String?
    var contentEncoding: String?
    var contentLanguage: String?
    var contentType: String?
    var expires: Double?
    var metadata: [String: String]?
    var serverSideEncryption: String?
    var encryptionKeyID: String?
    var isBucketKeyEnabled: Bool?
    var customerKey: CustomerKey?
    var storageClass: String?
    var websiteRedirectLocation: String?
    var tagging: String?
    var lock: Lock

    /// What the headers say about Object Lock.
    struct Lock: Sendable {
        var mode: String?
        /// World time.
        var retainUntil: Double?
        var legalHold: String?

        var isEmpty: Bool { mode == nil && retainUntil == nil && legalHold == nil }
    }

    /// One of the `x-amz-grant-…` headers.
    struct GrantHeader: Sendable {
        var permission: String
        var text: String
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        cannedList = try members.text("ACL")
        for (name, permission) in [
            ("GrantFullControl", "FULL_CONTROL"), ("GrantRead", "READ"), ("GrantReadACP", "READ_ACP"),
            ("GrantWriteACP", "WRITE_ACP"),
        ] {
            if let text = try members.text(MemberName(stringValue: name)) {
                grantHeaders.append(GrantHeader(permission: permission, text: text))
            }
        }
        cacheControl = try members.text("CacheControl")
        contentDisposition = try members.text("ContentDisposition")
        contentEncoding = try members.text("ContentEncoding")
        contentLanguage = try members.text("ContentLanguage")
        contentType = try members.text("ContentType")
        expires = try members.date("Expires")
        metadata = try members.decodeIfPresent([String: String].self, forKey: "Metadata")
        serverSideEncryption = try members.text("ServerSideEncryption")
        encryptionKeyID = try members.text("SSEKMSKeyId")
        isBucketKeyEnabled = try members.flag("BucketKeyEnabled")
        customerKey = try CustomerKey(from: decoder)
        storageClass = try members.text("StorageClass")
        websiteRedirectLocation = try members.text("WebsiteRedirectLocation")
        tagging = try members.text("Tagging")
        lock = Lock(
            mode: try members.text("ObjectLockMode"), retainUntil: try members.date("ObjectLockRetainUntilDate"),
            legalHold: try members.text("ObjectLockLegalHoldStatus"))
    }

    /// The details that an object in `bucket` gets from these headers.
    ///
    /// - Throws: the documented errors of bad headers.
    func details(in bucket: Bucket, owner: String) throws -> ObjectDetails {
        var details = ObjectDetails()
        details.cacheControl = cacheControl
        details.contentDisposition = contentDisposition
        // What the transport added for itself is not kept.
        details.contentEncoding = contentEncoding.flatMap { $0 == "aws-chunked" ? nil : $0 }
        details.contentLanguage = contentLanguage
        details.contentType = contentType ?? "binary/octet-stream"
        details.expires = expires
        details.websiteRedirectLocation = websiteRedirectLocation
        try setMetadata(of: &details)
        try setEncryption(of: &details, bucket: bucket)
        if let tagging, !tagging.isEmpty { details.tags = try S3Text.tags(fromHeader: tagging) }
        details.grants = try grants(in: bucket, owner: owner)
        if let storageClass, !S3Text.storageClasses.contains(storageClass) {
            throw ServiceError(
                "InvalidStorageClass", "The storage class you specified is not valid", status: 400,
                details: [.init("StorageClassRequested", .string(storageClass))])
        }
        return details
    }

    private func setMetadata(of details: inout ObjectDetails) throws {
        guard let metadata, !metadata.isEmpty else { return }
        let size = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= 2048 else {
            throw ServiceError(
                "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", status: 400,
                details: [.init("Size", .string(String(size))), .init("MaxSizeAllowed", .string("2048"))])
        }
        details.metadata = Dictionary(metadata.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $0 + "," + $1 })
    }

    private func setEncryption(of details: inout ObjectDetails, bucket: Bucket) throws {
        if let customerKey {
            try customerKey.check()
            details.customerKeyMD5 = customerKey.md5
            return
        }
        let standard = BucketEncryption(bucket)
        if let serverSideEncryption {
            guard ["AES256", "aws:kms", "aws:kms:dsse"].contains(serverSideEncryption) else {
                throw ServiceError(
                    "InvalidEncryptionAlgorithmError",
                    "The encryption request that you specified is not valid. The valid value is AES256.",
                    status: 400)
            }
            details.serverSideEncryption = serverSideEncryption
        } else {
            details.serverSideEncryption = standard.algorithm
        }
        if details.serverSideEncryption != "AES256" {
            details.encryptionKeyID =
                encryptionKeyID ?? standard.keyID ?? "arn:aws:kms:\(bucket.region):\(bucket.account):alias/aws/s3"
            details.isBucketKeyEnabled = (isBucketKeyEnabled ?? standard.isBucketKeyEnabled) ? true : nil
        }
    }

    private func grants(in bucket: Bucket, owner: String) throws -> [AccessGrant]? {
        let grants = try AccessLists.grants(
            canned: cannedList, headers: grantHeaders.map { ($0.permission, $0.text) }, owner: owner, bucketOwner: bucket.account)
        guard let grants else { return nil }
        try AccessLists.check(grants, canned: cannedList, in: bucket)
        return bucket.usesLists ? grants : nil
    }

    /// The account that owns what somebody writes into a bucket.
    static func owner(of bucket: Bucket, writer: Call, cannedList: String?) -> String {
        switch bucket.ownership {
        case .ownerEnforced: bucket.account
        case .ownerPreferred where cannedList == "bucket-owner-full-control": bucket.account
        case .ownerPreferred, .objectWriter, nil: writer.account.isEmpty ? bucket.account : writer.account
        }
    }
}

/// A key that the customer encrypts with and that is shown with each request (SSE-C).
///
/// Only its digest is kept.
struct CustomerKey: Sendable {
    var algorithm: String
    var key: String
    var md5: String?

    /// The key that a request shows; nil where it shows none.
    ///
    /// - Parameter prefix: `CopySource` where the source of a copy is meant.
    init?(from decoder: any Decoder, prefix: String = "") throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        func text(_ name: String) throws -> String? { try members.text(MemberName(stringValue: prefix + name)) }
        let key = try text("SSECustomerKey")
        guard let algorithm = try text("SSECustomerAlgorithm") else {
            if key == nil { return nil }
            throw S3Error.invalidArgument(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
                name: "x-amz-server-side-encryption-customer-algorithm", value: "null")
        }
        self.algorithm = algorithm
        self.key = key ?? ""
        md5 = try text("SSECustomerKeyMD5")
    }

    func check() throws {
        guard algorithm == "AES256" else {
            throw ServiceError(
                "InvalidEncryptionAlgorithmError",
                "The encryption request that you specified is not valid. The valid value is AES256.",
                status: 400)
        }
        guard md5 != nil else {
            throw S3Error.invalidArgument(
                "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the "
                    + "secret key.", name: "x-amz-server-side-encryption-customer-key-MD5", value: "null")
        }
        guard let bytes = Base64.decode(key), bytes.count == 32 else {
            throw S3Error.invalidArgument(
                "The secret key was invalid for the specified algorithm.", name: "x-amz-server-side-encryption-customer-key",
                value: "null")
        }
        guard Base64.encode(Digest.md5(bytes)) == md5 else {
            throw S3Error.invalidArgument(
                "The calculated MD5 hash of the key did not match the hash that was provided.",
                name: "x-amz-server-side-encryption-customer-key-MD5", value: md5 ?? "null")
        }
    }

    /// Checks that what a request shows fits what an object was written with.
    static func check(_ shown: CustomerKey?, for object: StoredObject) throws {
        switch (shown, object.details.customerKeyMD5) {
        case (nil, nil): return
        case (nil, _?):
            throw S3Error.invalidRequest(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
            )
        case (_?, nil):
            throw S3Error.invalidRequest(
                "The encryption parameters are not applicable to this object.")
        case (let shown?, let kept?):
            try shown.check()
            guard shown.md5 == kept else { throw S3Error.accessDenied }
        }
    }
}

/// How a bucket encrypts what comes without saying how.
struct BucketEncryption {
    var algorithm = "AES256"
    var keyID: String?
    var isBucketKeyEnabled = false

    init(_ bucket: Bucket) {
        guard let text = bucket.encryption, let rule = (try? JSON.parse(text))?["Rules"]?[0] else { return }
        let standard = rule["ApplyServerSideEncryptionByDefault"]
        algorithm = standard?["SSEAlgorithm"]?.stringValue ?? algorithm
        keyID = standard?["KMSMasterKeyID"]?.stringValue
        isBucketKeyEnabled = rule["BucketKeyEnabled"]?.booleanValue ?? false
    }
}

/// The checksums that a request names or asks for.
struct ChecksumRequest: Decodable, Sendable {
    /// By algorithm, in base64.
    var values: [ChecksumAlgorithm: String] = [:]
    var algorithm: ChecksumAlgorithm?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        for algorithm in ChecksumAlgorithm.allCases {
            if let value = try members.text(MemberName(stringValue: algorithm.memberName)) { values[algorithm] = value }
        }
        algorithm = try ChecksumRequest.algorithm(named: members.text("ChecksumAlgorithm"))
        if values.count > 1 {
            throw S3Error.invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
        }
    }

    static func algorithm(named name: String?) throws -> ChecksumAlgorithm? {
        guard let name, !name.isEmpty else { return nil }
        guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw S3Error.invalidRequest(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                    + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
        }
        return algorithm
    }

    /// What is computed: what the request names, else S3's own default.
    var effective: ChecksumAlgorithm { values.keys.first ?? algorithm ?? .crc64nvme }

    /// Compares what came with what was announced.
    ///
    /// - Throws: BadDigest, InvalidRequest, InvalidDigest.
    func verify(_ received: ObjectStorage.Received, contentMD5: String?) throws {
        if let contentMD5 {
            guard let expected = Base64.decode(contentMD5), expected.count == 16 else {
                throw ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", status: 400)
            }
            guard expected == received.md5 else {
                throw ServiceError(
                    "BadDigest", "The Content-MD5 you specified did not match what we received.", status: 400,
                    details: [
                        .init("ExpectedDigest", .string(contentMD5)),
                        .init("CalculatedDigest", .string(Base64.encode(received.md5))),
                    ])
            }
        }
        for (algorithm, text) in values {
            guard let expected = Base64.decode(text), expected.count == algorithm.byteCount else {
                throw S3Error.invalidRequest("Value for \(algorithm.headerName) header is invalid.")
            }
            guard expected == received.checksums[algorithm] else { throw S3Error.badDigest(algorithm.rawValue) }
        }
    }
}

/// An output with the members for checksums.
protocol ChecksumCarrier {
    var checksumCRC32: String? { get set }
    var checksumCRC32C: String? { get set }
    var checksumCRC64NVME: String? { get set }
    var checksumSHA1: String? { get set }
    var checksumSHA256: String? { get set }
}

extension ChecksumCarrier {
    /// Sets the members from a record's checksums.
    mutating func setChecksums(_ checksums: [String: String]?) {
        checksumCRC32 = checksums?["CRC32"]
        checksumCRC32C = checksums?["CRC32C"]
        checksumCRC64NVME = checksums?["CRC64NVME"]
        checksumSHA1 = checksums?["SHA1"]
        checksumSHA256 = checksums?["SHA256"]
    }

    /// A record's checksums from the members.
    var checksums: [String: String] {
        var all: [String: String] = [:]
        all["CRC32"] = checksumCRC32
        all["CRC32C"] = checksumCRC32C
        all["CRC64NVME"] = checksumCRC64NVME
        all["SHA1"] = checksumSHA1
        all["SHA256"] = checksumSHA256
        return all
    }
}
