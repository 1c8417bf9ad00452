// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// What the operations on login profiles share.
enum LoginProfiles {
    struct Input: Decodable, Sendable {
        var userName: String?
        var password: String?
        var passwordResetRequired: Bool?
    }

    static func value(_ profile: UserCredentials.LoginProfile, of user: String) -> Value {
        [
            "LoginProfile": [
                "UserName": .string(user), "CreateDate": .date(profile.creationTime),
                "PasswordResetRequired": .boolean(profile.needsReset),
            ]
        ]
    }

    static func missing(_ user: String) -> ServiceError {
        IAMError.noSuchEntity("Login Profile for User \(user) cannot be found.")
    }
}

/// Gives a user a password for the console.
enum CreateLoginProfile: Operation {
    static func handle(_ input: LoginProfiles.Input, _ call: Call) async throws -> Value {
        let password = input.password ?? ""
        let stored = StoredPassword(password)
        return try call.changeCredentials(of: input.userName) { credentials, user, database in
            if credentials.loginProfile != nil {
                throw IAMError.alreadyExists("Login Profile for user \(user.name) already exists.")
            }
            try PasswordPolicyRecord.check(password, call, in: database)
            let profile = UserCredentials.LoginProfile(
                creationTime: call.now, changeTime: call.now, needsReset: input.passwordResetRequired ?? false, password: stored)
            credentials.loginProfile = profile
            return LoginProfiles.value(profile, of: user.name)
        }
    }
}

/// Says whether a user has a password, and since when.
enum GetLoginProfile: Operation {
    static func handle(_ input: LoginProfiles.Input, _ call: Call) async throws -> Value {
        let (user, credentials) = try call.credentials(of: input.userName)
        guard let profile = credentials.loginProfile else { throw LoginProfiles.missing(user) }
        return LoginProfiles.value(profile, of: user)
    }
}

/// Changes a user's password, or whether it must be changed at the next sign-in.
enum UpdateLoginProfile: Operation {
    static func handle(_ input: LoginProfiles.Input, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, user, database in
            guard credentials.loginProfile != nil else { throw LoginProfiles.missing(user.name) }
            if let password = input.password {
                try PasswordPolicyRecord.check(password, call, in: database)
                credentials.loginProfile?.password = StoredPassword(password)
                credentials.loginProfile?.changeTime = call.now
            }
            if let needsReset = input.passwordResetRequired { credentials.loginProfile?.needsReset = needsReset }
        }
        return Empty()
    }
}

/// Takes a user's password away.
enum DeleteLoginProfile: Operation {
    static func handle(_ input: LoginProfiles.Input, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: input.userName) { credentials, user, _ in
            guard credentials.loginProfile != nil else { throw LoginProfiles.missing(user.name) }
            credentials.loginProfile = nil
        }
        return Empty()
    }
}

/// Changes the caller's own password.
enum ChangePassword: Operation {
    struct Input: Decodable, Sendable {
        var oldPassword: String
        var newPassword: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.changeCredentials(of: nil) { credentials, user, database in
            guard let profile = credentials.loginProfile else { throw LoginProfiles.missing(user.name) }
            guard profile.password.matches(input.oldPassword) else {
                throw IAMError.accessDenied("The old password was incorrect.")
            }
            try PasswordPolicyRecord.check(input.newPassword, call, in: database)
            credentials.loginProfile?.password = StoredPassword(input.newPassword)
            credentials.loginProfile?.changeTime = call.now
            credentials.loginProfile?.needsReset = false
        }
        return Empty()
    }
}
