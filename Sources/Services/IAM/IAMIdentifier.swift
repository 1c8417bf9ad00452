// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Unique ids as IAM makes them: a prefix that says of what, eight characters in which the account is encoded, a random rest.
///
/// That access key ids tell their account is what sts get-access-key-info lives on.
enum IAMIdentifier {
    /// What an id is of.
    enum Prefix: String {
        case user = "AIDA"
        case role = "AROA"
        case group = "AGPA"
        case managedPolicy = "ANPA"
        case instanceProfile = "AIPA"
        case accessKey = "AKIA"
        case temporaryAccessKey = "ASIA"
        case sshPublicKey = "APKA"
        case serverCertificate = "ASCA"
        case serviceCredential = "ACCA"
    }

    /// Base 32, RFC 4648.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    /// Added to half the account's number: the first of the eight characters is then Q or later.
    private static let accountOffset = 549_755_813_888

    /// A new id: 20 characters for access keys, 21 for the others.
    static func make(_ prefix: Prefix, account: String) -> String {
        let length = [.accessKey, .temporaryAccessKey, .sshPublicKey].contains(prefix) ? 20 : 21
        let number = Int(account) ?? 0
        var result = prefix.rawValue + encoded(number / 2 + accountOffset)
        // The ninth character's half of the alphabet is the account number's last bit.
        result.append(number % 2 == 1 ? alphabet[Int.random(in: 16..<32)] : alphabet[Int.random(in: 0..<16)])
        while result.count < length { result.append(alphabet[Int.random(in: 0..<32)]) }
        return result
    }

    /// The account that an access key's id tells; nil where it is no id of this form.
    static func account(ofAccessKey id: String) -> String? {
        let characters = Array(id)
        guard characters.count >= 13 else { return nil }
        var number = 0
        for character in characters[4..<12] {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            number = number << 5 | digit
        }
        guard let last = alphabet.firstIndex(of: characters[12]), number >= accountOffset else { return nil }
        let account = (number - accountOffset) * 2 + (last >= 16 ? 1 : 0)
        guard account < 1_000_000_000_000 else { return nil }
        let digits = String(account)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }

    private static func encoded(_ number: Int) -> String {
        String((0..<8).reversed().map { alphabet[(number >> ($0 * 5)) & 31] })
    }

    /// The id of one of AWS's own policies: always the same for the same name.
    ///
    /// The real ids are in no source at hand: these only have their form.
    static func ofAWSPolicy(named name: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, 64 bits, as RFC 9923
        var result = Prefix.managedPolicy.rawValue
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        while result.count < 21 {
            result.append(alphabet[Int(hash >> 59)])
            hash = hash &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
        }
        return result
    }

    /// A secret access key: 40 characters of base 64.
    static func secret() -> String {
        Data((0..<30).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
    }

    /// A session token.
    ///
    /// Like the real ones it says nothing; those begin like this.
    static func sessionToken() -> String {
        "IQoJb3JpZ2luX2Vj" + Data((0..<252).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
    }
}
