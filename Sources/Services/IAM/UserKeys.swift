// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// What the operations on signing certificates and SSH keys take.
struct UserKeyInput: Decodable, Sendable {
    var userName: String?
    var certificateBody: String?
    var certificateId: String?
    var sSHPublicKeyBody: String?
    var sSHPublicKeyId: String?
    var status: String?
    var marker: String?
    var maxItems: Int?
}

// MARK: Signing certificates

private enum SigningCertificates {
    static func value(_ certificate: UserCredentials.UploadedKey, of user: String) -> Value {
        [
            "UserName": .string(user), "CertificateId": .string(certificate.id), "CertificateBody": .string(certificate.body),
            "Status": certificate.status, "UploadDate": .date(certificate.uploadTime),
        ]
    }

    static func index(_ id: String?, in credentials: UserCredentials) throws -> Int {
        guard let index = credentials.certificates.firstIndex(where: { $0.id == id }) else {
            throw IAMError.noSuchEntity("The Certificate with id \(id ?? "") cannot be found.")
        }
        return index
    }
}

/// Keeps a user's X.509 certificate; there can be two.
enum UploadSigningCertificate: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Value {
        let body = input.certificateBody ?? ""
        guard PEMText.certificate(in: body) != nil else {
            throw ServiceError("MalformedCertificate", "Certificate body is invalid", status: 400)
        }
        return try call.changeCredentials(of: input.userName) { credentials, user, _ in
            if credentials.certificates.contains(where: { $0.body == body }) {
                throw ServiceError("DuplicateCertificate", "The certificate already exists.", status: 409)
            }
            if credentials.certificates.count >= 2 { throw IAMError.quota("CertificatesPerUser", 2) }
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
            let id = String((0..<32).map { _ in alphabet[Int.random(in: 0..<32)] })
            let certificate = UserCredentials.UploadedKey(id: id, body: body, isActive: true, uploadTime: call.now)
            credentials.certificates.append(certificate)
            return ["Certificate": SigningCertificates.value(certificate, of: user.name)]
        }
    }
}

/// Lists a user's certificates.
enum ListSigningCertificates: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        let page = try IAMPage(of: credentials.certificates, marker: input.marker, maximumCount: input.maxItems)
        let values = page.elements.map { SigningCertificates.value($0, of: user) }
        return .members([("Certificates", .list(values))] + page.endMembers)
    }
}

/// Switches a certificate on or off.
enum UpdateSigningCertificate: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, _ in
            credentials.certificates[try SigningCertificates.index(input.certificateId, in: credentials)].isActive =
                input.status == "Active"
        }
        return Empty()
    }
}

/// Removes a certificate.
enum DeleteSigningCertificate: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, _ in
            _ = credentials.certificates.remove(at: try SigningCertificates.index(input.certificateId, in: credentials))
        }
        return Empty()
    }
}

// MARK: SSH keys

private enum SSHKeys {
    static func value(_ key: UserCredentials.UploadedKey, of user: String) -> Value {
        // The fingerprint is the MD5 of the key's own bytes (RFC 4716, 4).
        let parts = key.body.split(separator: " ")
        let bytes = parts.count > 1 ? Base64.decode(String(parts[1])) ?? Array(key.body.utf8) : Array(key.body.utf8)
        let fingerprint = Digest.md5(bytes).map { Hexadecimal.encode([$0]) }.joined(separator: ":")
        return [
            "SSHPublicKey": [
                "UserName": .string(user), "SSHPublicKeyId": .string(key.id), "Fingerprint": .string(fingerprint),
                "SSHPublicKeyBody": .string(key.body), "Status": key.status, "UploadDate": .date(key.uploadTime),
            ]
        ]
    }

    static func index(_ id: String?, in credentials: UserCredentials) throws -> Int {
        guard let index = credentials.sshKeys.firstIndex(where: { $0.id == id }) else {
            throw IAMError.noSuchEntity("The Public Key with id \(id ?? "") cannot be found.")
        }
        return index
    }
}

/// Keeps a user's SSH public key; there can be five.
enum UploadSSHPublicKey: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Value {
        let body = input.sSHPublicKeyBody ?? ""
        guard body.hasPrefix("ssh-rsa ") || body.hasPrefix("-----BEGIN ") else {
            throw ServiceError("UnrecognizedPublicKeyEncoding", "The public key encoding format is unsupported.", status: 400)
        }
        return try call.changeCredentials(of: input.userName) { credentials, user, _ in
            if credentials.sshKeys.contains(where: { $0.body == body }) {
                throw ServiceError("DuplicateSSHPublicKey", "The SSH public key already exists.", status: 400)
            }
            if credentials.sshKeys.count >= 5 { throw IAMError.quota("SSHPublicKeysPerUser", 5) }
            let id = IAMIdentifier.make(.sshPublicKey, account: call.account)
            let key = UserCredentials.UploadedKey(id: id, body: body, isActive: true, uploadTime: call.now)
            credentials.sshKeys.append(key)
            return SSHKeys.value(key, of: user.name)
        }
    }
}

/// Shows an SSH key with its body.
enum GetSSHPublicKey: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        return SSHKeys.value(credentials.sshKeys[try SSHKeys.index(input.sSHPublicKeyId, in: credentials)], of: user)
    }
}

/// Lists a user's SSH keys without their bodies.
enum ListSSHPublicKeys: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        let page = try IAMPage(of: credentials.sshKeys, marker: input.marker, maximumCount: input.maxItems)
        let values: [Value] = page.elements.map { key in
            [
                "UserName": .string(user), "SSHPublicKeyId": .string(key.id), "Status": key.status,
                "UploadDate": .date(key.uploadTime),
            ]
        }
        return .members([("SSHPublicKeys", .list(values))] + page.endMembers)
    }
}

/// Switches an SSH key on or off.
enum UpdateSSHPublicKey: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, _ in
            credentials.sshKeys[try SSHKeys.index(input.sSHPublicKeyId, in: credentials)].isActive = input.status == "Active"
        }
        return Empty()
    }
}

/// Removes an SSH key.
enum DeleteSSHPublicKey: Operation {
    static func handle(_ input: UserKeyInput, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, _, _ in
            _ = credentials.sshKeys.remove(at: try SSHKeys.index(input.sSHPublicKeyId, in: credentials))
        }
        return Empty()
    }
}

/// PEM's frame around DER (RFC 7468), and the little that is asked of a certificate.
enum PEMText {
    /// The DER of the first certificate; nil where there is none.
    static func certificate(in text: String) -> [UInt8]? {
        guard let begin = text.range(of: "-----BEGIN CERTIFICATE-----"),
            let end = text.range(of: "-----END CERTIFICATE-----", range: begin.upperBound..<text.endIndex)
        else { return nil }
        let content = text[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
        guard let bytes = Base64.decode(String(content)), bytes.first == 0x30 else { return nil }
        return bytes
    }

    /// When the first certificate ends, seconds since 1970: the later of its two times (RFC 5280, 4.1.2.5).
    static func expirationTime(ofCertificateIn text: String) -> Double? {
        guard let bytes = certificate(in: text) else { return nil }
        var times: [Double] = []
        for index in bytes.indices.dropLast(15) where times.count < 2 {
            // UTCTime is 23 with 13 characters, GeneralizedTime 24 with 15.
            let length =
                bytes[index] == 0x17 && bytes[index + 1] == 13 ? 13 : bytes[index] == 0x18 && bytes[index + 1] == 15 ? 15 : 0
            guard length > 0, index + 2 + length <= bytes.count else { continue }
            let digits = String(decoding: bytes[(index + 2)..<(index + 2 + length)], as: UTF8.self)
            guard digits.hasSuffix("Z"), digits.dropLast().allSatisfy(\.isNumber) else { continue }
            let year = length == 15 ? "" : (Int(digits.prefix(2)) ?? 0) >= 50 ? "19" : "20"
            let whole = year + digits
            if let time = Timestamp.parseBasic("\(whole.prefix(8))T\(whole.dropFirst(8))") { times.append(time) }
        }
        return times.count == 2 ? times[1] : nil
    }
}
