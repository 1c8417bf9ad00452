// SPDX-License-Identifier: Apache-2.0

import Wire

extension Account {
    /// The 64 hexadecimal digits under which S3 knows the account with that ID.
    ///
    /// Made from the ID, so that it is the same everywhere.
    public static func canonicalUserID(of id: String) -> String {
        Digest.sha256Hexadecimal(Array("canonical user of account \(id)".utf8))
    }
}
