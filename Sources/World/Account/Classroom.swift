// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The students of a world: who works in which account.
public struct Classroom: Codable, Sendable, Hashable {
    /// Somebody with an account of his own.
    public struct Student: Codable, Sendable, Hashable {
        /// As the list of students has it: `Ada Lovelace`.
        public var name: String
        /// What the list of students says of how to reach him; nil where it says nothing.
        public var email: String?
        /// The account's ID.
        public var account: String

        /// Makes one from its parts.
        public init(name: String, email: String? = nil, account: String) {
            self.name = name
            self.email = email
            self.account = account
        }
    }

    /// In the order in which they came.
    public var students: [Student] = []

    /// Nobody yet.
    public init() {}
}

extension Database {
    private static let classroomSetting = "classroom"

    /// The students of the world.
    ///
    /// - Throws: `WorldError.damagedSetting`.
    public func classroom() throws -> Classroom {
        guard let text = try setting(Database.classroomSetting) else { return Classroom() }
        do {
            return try JSONDecoder().decode(Classroom.self, from: Data(text.utf8))
        } catch {
            throw WorldError.damagedSetting(name: Database.classroomSetting, value: text)
        }
    }

    /// Keeps who the students are.
    public func setClassroom(_ classroom: Classroom) throws {
        try setSetting(Database.classroomSetting, to: String(decoding: try JSONEncoder().encode(classroom), as: UTF8.self))
    }
}
