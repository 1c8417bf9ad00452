// SPDX-License-Identifier: Apache-2.0

/// Who may do what to an object or bucket beside its owner: one entry of an access control list.
public struct AccessGrant: Codable, Sendable, Hashable {
    /// A canonical user id; nil for a group.
    public var userID: String?
    /// A group's URI; nil for a user.
    public var groupURI: String?
    /// `FULL_CONTROL`, `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`.
    public var permission: String

    /// Makes one from its parts.
    public init(userID: String? = nil, groupURI: String? = nil, permission: String) {
        self.userID = userID
        self.groupURI = groupURI
        self.permission = permission
    }
}

/// One part of an object that was uploaded in parts.
public struct ObjectPartRecord: Codable, Sendable, Hashable {
    /// From 1 to 10,000.
    public var number: Int
    /// In bytes.
    public var size: Int
    /// By algorithm (`CRC64NVME`), in base64.
    public var checksums: [String: String]

    /// Makes one from its parts.
    public init(number: Int, size: Int, checksums: [String: String]) {
        self.number = number
        self.size = size
        self.checksums = checksums
    }
}

/// What is known about an object beyond what lists show.
public struct ObjectDetails: Codable, Sendable, Hashable {
    /// The Cache-Control header.
    public var cacheControl: String?
    /// The Content-Disposition header.
    public var contentDisposition: String?
    /// The Content-Encoding header.
    public var contentEncoding: String?
    /// The Content-Language header.
    public var contentLanguage: String?
    /// The media type.
    public var contentType: String?
    /// Seconds since 1970.
    public var expires: Double?
    /// Where a website sends those who ask for it.
    public var websiteRedirectLocation: String?
    /// The user's own metadata.
    public var metadata: [String: String]?
    /// Nil for none.
    public var tags: [Tag]?
    /// By algorithm (`CRC64NVME`), in base64; composite ones end in `-N`.
    public var checksums: [String: String]?
    /// Nil where the object was uploaded in one piece.
    public var parts: [ObjectPartRecord]?
    /// The upload in parts that it was made of; nil where it was uploaded in one piece.
    public var uploadID: String?
    /// `AES256`, `aws:kms`, `aws:kms:dsse`.
    public var serverSideEncryption: String?
    /// The ARN or id of the KMS key.
    public var encryptionKeyID: String?
    /// Whether the key is one of the bucket.
    public var isBucketKeyEnabled: Bool?
    /// The digest of the key that the customer encrypted with, in base64.
    public var customerKeyMD5: String?
    /// Nil for the owner's full control alone.
    public var grants: [AccessGrant]?
    /// `GOVERNANCE` or `COMPLIANCE`; nil where the version is not retained.
    public var lockMode: String?
    /// World time up to which the version is retained.
    public var retainUntilTime: Double?
    /// Whether somebody wants the version kept whatever its retention; nil where nobody has ever said.
    public var isLegallyHeld: Bool?
    /// World time from which on an archived object's copy can be read; nil where nobody has asked for one.
    public var restoreReadyTime: Double?
    /// World time at which an archived object's copy goes.
    public var restoreEndTime: Double?

    /// Makes one from its parts.
    public init() {}
}
