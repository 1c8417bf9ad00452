// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

extension Call {
    /// The caller's record of that kind and name; nil where there is none.
    func kept(_ kind: String, named name: String) throws -> KeptRecord? {
        try world.store.read { try $0.keptRecord(kind, named: name, in: scope) }
    }

    /// The caller's records of a kind, by name.
    func allKept(_ kind: String) throws -> [KeptRecord] {
        try world.store.read { try $0.keptRecords(kind, in: scope) }
    }

    /// Adds a record, or writes it over the one of its name.
    func putKept(_ record: KeptRecord) throws {
        try world.store.write { try $0.putKept(record, in: scope) }
    }

    /// Removes a record and its tags.
    func deleteKept(_ record: KeptRecord) throws {
        _ = try world.store.write { try $0.deleteKept(record, in: scope) }
    }
}

extension Value {
    /// The members of an object that have the given names.
    func picking(_ names: String...) -> Value {
        names.reduce(into: .emptyObject) { $0[$1] = self[$1] }
    }
}

/// Identifiers that services make up.
enum ResourceID {
    /// So many lower-case letters and digits by chance.
    static func random(_ count: Int) -> String {
        String((0..<count).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "a" })
    }
}
