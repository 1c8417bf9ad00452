// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// Students who get accounts.
public enum ClassroomEnrolment {
    /// Somebody who is to have an account.
    public struct Newcomer: Sendable, Hashable {
        /// `Ada Lovelace`.
        public var name: String
        /// How to reach him; nil where nobody said.
        public var email: String?
        /// The account's name: `ada-lovelace`.
        public var alias: String

        /// Makes one from its parts.
        public init(name: String, email: String?, alias: String) {
            self.name = name
            self.email = email
            self.alias = alias
        }
    }

    /// A student with his account.
    public struct Enrolled: Sendable {
        /// The student.
        public var student: Classroom.Student
        /// The account's name.
        public var alias: String
        /// The administrator's key.
        public var key: AccessKey
    }

    /// Gives everybody of a list an account with a key, in one transaction: all of them have one afterwards, or nothing has changed.
    ///
    /// Whoever has an account of his name keeps it, and its key.
    ///
    /// - Returns: the students in the list's order, and how many of them are new.
    /// - Throws: `ServiceError` where a present account's administrator is gone, or can have no further key.
    public static func enrol(_ newcomers: [Newcomer], in world: World) throws -> (enrolled: [Enrolled], newCount: Int) {
        try world.store.write { database in
            let now = try database.clock().now()
            let accounts = try Account.all(in: database)
            var ids = Set(accounts.map(\.id))
            let known = Dictionary(accounts.compactMap { account in account.alias.map { ($0, account.id) } }) { first, _ in first }
            var classroom = try database.classroom()
            var enrolled: [Enrolled] = []
            var newCount = 0
            for newcomer in newcomers {
                let key: AccessKey
                if let id = known[newcomer.alias] {
                    key = try presentKey(of: id, newcomer, database, now: now)
                } else {
                    let account = Account.makeID(besides: ids)
                    ids.insert(account)
                    try Account(id: account, alias: newcomer.alias, creationTime: now).insert(in: database)
                    key = try IAMBootstrap.create(account: account, in: database, now: now)
                    newCount += 1
                }
                let student = Classroom.Student(name: newcomer.name, email: newcomer.email, account: key.account)
                if let index = classroom.students.firstIndex(where: { $0.account == key.account }) {
                    classroom.students[index] = student
                } else {
                    classroom.students.append(student)
                }
                enrolled.append(Enrolled(student: student, alias: newcomer.alias, key: key))
            }
            try database.setClassroom(classroom)
            return (enrolled, newCount)
        }
    }

    /// The first key that works: students may have made others.
    private static func presentKey(
        of account: String, _ newcomer: Newcomer, _ database: Database, now: Double
    ) throws -> AccessKey {
        let keys = try AccessKey.all(of: .user(name: IAMBootstrap.administrator), account: account, in: database)
        if let key = keys.first(where: { $0.isActive && $0.expirationTime == nil }) { return key }
        do {
            return try IAMBootstrap.privateKey(account: account, in: database, now: now)
        } catch let error as ServiceError {
            throw ServiceError(
                error.code,
                "The user \(IAMBootstrap.administrator) of the account \(account), \"\(newcomer.name)\", can't be given a key: "
                    + "\(error.message) Nothing was changed.", status: error.status)
        }
    }
}
