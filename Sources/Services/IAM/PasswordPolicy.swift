// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// What the account asks of its users' passwords.
struct PasswordPolicyRecord: ResourceRecord {
    static let kind = "iam:password-policy"

    var name = "PasswordPolicy"
    var arn: String
    var creationTime: Double
    var lastModifiedTime: Double
    var minimumLength: Int
    var requiresSymbols: Bool
    var requiresNumbers: Bool
    var requiresUppercase: Bool
    var requiresLowercase: Bool
    var allowsChange: Bool
    var maximumAgeDays: Int?
    var reusePrevention: Int?
    var expiresHard: Bool

    static func find(_ call: Call, in database: Database) throws -> PasswordPolicyRecord? {
        try database.resource(PasswordPolicyRecord.self, named: "PasswordPolicy", in: call.globalScope)
    }

    /// Checks a new password.
    ///
    /// - Throws: PasswordPolicyViolation.
    static func check(_ password: String, _ call: Call, in database: Database) throws {
        guard let policy = try find(call, in: database) else { return }
        func fail(_ problem: String) throws -> Never {
            throw ServiceError(
                "PasswordPolicyViolation", "Password does not conform to the account password policy. \(problem)", status: 400)
        }
        if password.unicodeScalars.count < policy.minimumLength {
            try fail("It must have at least \(policy.minimumLength) characters.")
        }
        let symbols = Set("!@#$%^&*()_+-=[]{}|'")
        if policy.requiresSymbols, !password.contains(where: symbols.contains) { try fail("It must have a symbol.") }
        if policy.requiresNumbers, !password.contains(where: \.isNumber) { try fail("It must have a number.") }
        if policy.requiresUppercase, !password.contains(where: \.isUppercase) { try fail("It must have an uppercase letter.") }
        if policy.requiresLowercase, !password.contains(where: \.isLowercase) { try fail("It must have a lowercase letter.") }
    }
}

/// Sets the password policy; what is left out gets its default.
enum UpdateAccountPasswordPolicy: Operation {
    struct Input: Decodable, Sendable {
        var minimumPasswordLength: Int?
        var requireSymbols: Bool?
        var requireNumbers: Bool?
        var requireUppercaseCharacters: Bool?
        var requireLowercaseCharacters: Bool?
        var allowUsersToChangePassword: Bool?
        var maxPasswordAge: Int?
        var passwordReusePrevention: Int?
        var hardExpiry: Bool?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let record = PasswordPolicyRecord(
            arn: "arn:aws:iam::\(call.account):account-password-policy", creationTime: call.now, lastModifiedTime: call.now,
            minimumLength: input.minimumPasswordLength ?? 6, requiresSymbols: input.requireSymbols ?? false,
            requiresNumbers: input.requireNumbers ?? false, requiresUppercase: input.requireUppercaseCharacters ?? false,
            requiresLowercase: input.requireLowercaseCharacters ?? false, allowsChange: input.allowUsersToChangePassword ?? false,
            maximumAgeDays: input.maxPasswordAge, reusePrevention: input.passwordReusePrevention,
            expiresHard: input.hardExpiry ?? false)
        try call.world.store.write { database in
            try database.deleteResource(record, in: call.globalScope)
            _ = try database.insertResource(record, in: call.globalScope)
        }
        return Empty()
    }
}

/// Shows the password policy.
enum GetAccountPasswordPolicy: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Value {
        guard let policy = try call.world.store.read({ try PasswordPolicyRecord.find(call, in: $0) }) else {
            throw IAMError.noSuchEntity("The Password Policy with domain name \(call.account) cannot be found.")
        }
        return [
            "PasswordPolicy": .members([
                ("MinimumPasswordLength", .integer(policy.minimumLength)), ("RequireSymbols", .boolean(policy.requiresSymbols)),
                ("RequireNumbers", .boolean(policy.requiresNumbers)),
                ("RequireUppercaseCharacters", .boolean(policy.requiresUppercase)),
                ("RequireLowercaseCharacters", .boolean(policy.requiresLowercase)),
                ("AllowUsersToChangePassword", .boolean(policy.allowsChange)),
                ("ExpirePasswords", .boolean((policy.maximumAgeDays ?? 0) > 0)),
                ("MaxPasswordAge", .integer(policy.maximumAgeDays ?? 0)),
                ("PasswordReusePrevention", policy.reusePrevention.map { .integer($0) }),
                ("HardExpiry", .boolean(policy.expiresHard)),
            ])
        ]
    }
}

/// Goes back to no password policy.
enum DeleteAccountPasswordPolicy: Operation {
    static func handle(_ input: Empty, _ call: Call) async throws -> Empty {
        try call.world.store.write { database in
            guard let policy = try PasswordPolicyRecord.find(call, in: database) else {
                throw IAMError.noSuchEntity("The account policy with name PasswordPolicy cannot be found.")
            }
            try database.deleteResource(policy, in: call.globalScope)
        }
        return Empty()
    }
}
