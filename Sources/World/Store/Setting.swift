// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Database {
    /// A setting of the world: the clock's, a student's progress …; nil where it was never set.
    public func setting(_ name: String) throws -> String? {
        try String.fetchOne(try cachedStatement(sql: "SELECT value FROM setting WHERE name = ?"), arguments: [name])
    }

    /// Sets a setting of the world.
    public func setSetting(_ name: String, to value: String) throws {
        try execute(
            sql: "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            arguments: [name, value])
    }
}
