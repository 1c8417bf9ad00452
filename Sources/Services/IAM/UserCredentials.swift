// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// What a user has to sign in with beside access keys.
struct UserCredentials: Codable, Sendable {
    /// A password for the console; the password itself is not kept.
    struct LoginProfile: Codable, Sendable {
        var creationTime: Double
        var changeTime: Double
        var needsReset: Bool
        var password: StoredPassword
    }

    /// A device that makes codes, by the serial number or the ARN of a virtual one.
    struct Device: Codable, Sendable {
        var serialNumber: String
        var enableTime: Double
    }

    /// An X.509 certificate or an SSH key.
    struct UploadedKey: Codable, Sendable {
        var id: String
        var body: String
        var isActive: Bool
        var uploadTime: Double

        var status: Value { isActive ? "Active" : "Inactive" }
    }

    /// A name and password for one service.
    struct ServiceCredential: Codable, Sendable {
        var id: String
        var serviceName: String
        var serviceUserName: String
        var creationTime: Double
        var isActive: Bool
    }

    var loginProfile: LoginProfile?
    var devices: [Device] = []
    var certificates: [UploadedKey] = []
    var sshKeys: [UploadedKey] = []
    var serviceCredentials: [ServiceCredential] = []

    /// Why the user can't be deleted; nil where nothing is in the way.
    var deleteConflict: String? {
        if loginProfile != nil { return "Cannot delete entity, must delete login profile first." }
        if !devices.isEmpty { return "Cannot delete entity, must delete MFA device first." }
        if !certificates.isEmpty { return "Cannot delete entity, must delete signing certificates first." }
        if !sshKeys.isEmpty { return "Cannot delete entity, must delete SSH public keys first." }
        if !serviceCredentials.isEmpty { return "Cannot delete entity, must delete service specific credentials first." }
        return nil
    }
}

/// A password as it is kept: PBKDF2 with HMAC-SHA-256, one block (RFC 8018, 5.2).
struct StoredPassword: Codable, Sendable {
    private static let iterationCount = 1000

    var salt: String
    var hash: String

    init(_ password: String) {
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255) }
        self.salt = Base64.encode(salt)
        hash = StoredPassword.derive(password, salt: salt)
    }

    func matches(_ password: String) -> Bool {
        hash == StoredPassword.derive(password, salt: Base64.decode(salt) ?? [])
    }

    private static func derive(_ password: String, salt: [UInt8]) -> String {
        let key = Array(password.utf8)
        var block = Digest.hmacSHA256(key: key, salt + [0, 0, 0, 1])
        var result = block
        for _ in 1..<iterationCount {
            block = Digest.hmacSHA256(key: key, block)
            for index in result.indices { result[index] ^= block[index] }
        }
        return Base64.encode(result)
    }
}

extension Call {
    /// The user that an operation on credentials means, without a name the caller.
    func credentialOwner(_ name: String?, in database: Database) throws -> UserRecord {
        try database.holder(UserRecord.self, named: try name ?? ownUserName(), in: globalScope)
    }

    /// Changes a user's credentials in one transaction.
    func changeCredentials<Result: Sendable>(
        of name: String?, _ body: @Sendable (inout UserCredentials, UserRecord, Database) throws -> Result
    ) throws -> Result {
        try world.store.write { database in
            var user = try credentialOwner(name, in: database)
            var credentials = user.credentials ?? UserCredentials()
            let result = try body(&credentials, user, database)
            user.credentials = credentials
            try database.updateResource(user, in: globalScope)
            return result
        }
    }

    /// A user's name and credentials.
    func credentials(of name: String?) throws -> (name: String, credentials: UserCredentials) {
        let user = try world.store.read { try credentialOwner(name, in: $0) }
        return (user.name, user.credentials ?? UserCredentials())
    }
}
