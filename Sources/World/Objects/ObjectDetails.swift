// SPDX-License-Identifier: Apache-2.0

/// Who may do what to an object or bucket beside its owner: one entry of an access control list.
public struct AccessGrant: Codable, Sendable, Hashable {
    /// A canonical user id; nil for a group.
    public var userID: String?
    /// A group's URI; nil for a user.
    public var groupURI: String?
    /// `FULL_CONTROL`, `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`.
    public var permission: String

    public init(userID: String? = nil, groupURI: String? = nil, permission: String) {
        self.userID = userID
        self.groupURI = groupURI
        self.permission = permission
    }
}

/// One part of an object that was uploaded in parts.
public struct ObjectPartRecord: Codable, Sendable, Hashable {
    public var number: Int
    public var size: Int
    /// By algorithm (`CRC64NVME`), in base64.
    public var checksums: [String: String]

    public init(number: Int, size: Int, checksums: [String: String]) {
        self.number = number
        self.size = size
        self.checksums = checksums
    }
}

/// What is known about an object beyond what lists show.
public struct ObjectDetails: Codable, Sendable, Hashable {
    public var cacheControl: String?
    public var contentDisposition: String?
    public var contentEncoding: String?
    public var contentLanguage: String?
    public var contentType: String?
    /// Seconds since 1970.
    public var expires: Double?
    public var websiteRedirectLocation: String?
    /// The user's own metadata.
    public var metadata: [String: String]?
    public var tags: [Tag]?
    /// By algorithm (`CRC64NVME`), in base64; composite ones end in `-N`.
    public var checksums: [String: String]?
    /// Nil where the object was uploaded in one piece.
    public var parts: [ObjectPartRecord]?
    /// `AES256`, `aws:kms`, `aws:kms:dsse`.
    public var serverSideEncryption: String?
    public var encryptionKeyID: String?
    public var isBucketKeyEnabled: Bool?
    /// The digest of the key that the customer encrypted with, in base64.
    public var customerKeyMD5: String?
    /// Nil for the owner's full control alone.
    public var grants: [AccessGrant]?

    public init() {}
}
