// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// The identities of a new account.
public enum IAMBootstrap {
    /// The key pair that AWS's own documentation uses as its example: it is the initial account's administrator's.
    public static let exampleKey = (id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    /// Makes the user `student` with AdministratorAccess and an access key; the account itself must be there.
    ///
    /// - Returns: the key. In the initial account it is the example pair, elsewhere a new one.
    @discardableResult
    public static func create(account: String, in database: Database, now: Double) throws -> AccessKey {
        let user = UserRecord(
            name: "student", path: "/", id: IAMIdentifier.make(.user, account: account),
            arn: "arn:aws:iam::\(account):user/student",
            creationTime: now, lastModifiedTime: now, attachedPolicies: [AWSManagedPolicies.arnPrefix + "/AdministratorAccess"])
        _ = try database.insertResource(user, in: Scope(account: account, region: ""))
        let isInitial = account == Account.initialID
        let key = AccessKey(
            id: isInitial ? exampleKey.id : IAMIdentifier.make(.accessKey, account: account),
            secret: isInitial ? exampleKey.secret : IAMIdentifier.secret(), account: account, owner: .user(name: "student"),
            creationTime: now)
        try key.save(in: database)
        return key
    }
}
