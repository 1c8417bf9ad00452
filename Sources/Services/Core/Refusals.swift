// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// The last call of each account that policies refused, kept in the world for `iam explain`: whichever process refused it, whoever
/// asks later.
public enum Refusals {
    /// Keeps how a call was refused, in place of the account's one before.
    ///
    /// What can't be written is not worth a call's answer.
    static func keep(_ error: ServiceError, request: ServiceRequest, account: String, in world: World) {
        guard let explanation = error.explanation, Account.isAccountID(account) else { return }
        let time = Date().formatted(.iso8601)
        let text = "\(time)  \(request.service) \(request.operation) from \(request.sourceAddress) was refused.\n\n\(explanation)"
        try? FileManager.default.createDirectory(
            atPath: world.refusalsPath, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try? Data(text.utf8).write(to: file(account, in: world), options: .atomic)
    }

    /// How the last call of an account was refused, as lines of text; nil where none was.
    public static func last(ofAccount account: String, in world: World) -> String? {
        guard Account.isAccountID(account), let data = try? Data(contentsOf: file(account, in: world)) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    private static func file(_ account: String, in world: World) -> URL {
        URL(fileURLWithPath: world.refusalsPath + "/" + account)
    }
}
