// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// The identities of a new account.
public enum IAMBootstrap {
    /// The user of every account that may do everything.
    public static let administrator = "student"

    /// The account that an access key's id tells; nil where it is no id of the usual form.
    public static func account(ofAccessKey id: String) -> String? { IAMIdentifier.account(ofAccessKey: id) }

    /// The key pair that AWS's own documentation uses as its example: it is the initial account's administrator's.
    public static let exampleKey = (id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    /// Makes the administrator, with AdministratorAccess and an access key; the account itself must be there.
    ///
    /// - Returns: the key. In the initial account it is the example pair, elsewhere a new one.
    @discardableResult
    public static func create(account: String, in database: Database, now: Double) throws -> AccessKey {
        let user = UserRecord(
            name: administrator, path: "/", id: IAMIdentifier.make(.user, account: account),
            arn: "arn:aws:iam::\(account):user/\(administrator)",
            creationTime: now, lastModifiedTime: now, attachedPolicies: [AWSManagedPolicies.arnPrefix + "/AdministratorAccess"])
        _ = try database.insertResource(user, in: Scope(account: account, region: ""))
        let isInitial = account == Account.initialID
        let key = AccessKey(
            id: isInitial ? exampleKey.id : IAMIdentifier.make(.accessKey, account: account),
            secret: isInitial ? exampleKey.secret : IAMIdentifier.secret(), account: account, owner: .user(name: administrator),
            creationTime: now)
        try key.save(in: database)
        return key
    }

    /// A key of the user `student` that only this world knows; made where there is none.
    ///
    /// - Throws: `ServiceError` NoSuchEntity where the user has been deleted, LimitExceeded where it has two other keys.
    public static func privateKey(account: String, in database: Database, now: Double) throws -> AccessKey {
        let scope = Scope(account: account, region: "")
        let user = try database.holder(UserRecord.self, named: administrator, in: scope)
        let keys = try AccessKey.all(of: .user(name: user.name), account: account, in: database).filter { $0.expirationTime == nil }
        if let present = keys.last(where: { $0.id != exampleKey.id && $0.isActive }) { return present }
        if keys.count >= 2 { throw IAMError.quota("AccessKeysPerUser", 2) }
        let key = AccessKey(
            id: IAMIdentifier.make(.accessKey, account: account), secret: IAMIdentifier.secret(), account: account,
            owner: .user(name: user.name), creationTime: now)
        try key.save(in: database)
        return key
    }
}
