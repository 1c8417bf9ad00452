// SPDX-License-Identifier: Apache-2.0

import GRDB
import World

/// How far a student is, and what there is of his.
public struct ClassroomStanding: Sendable {
    /// As the list of students has it, or what else is known.
    public var name: String
    /// The account's ID.
    public var account: String
    /// `04 Lab 1: …`; empty before the first lesson and behind the last.
    public var lesson = ""
    /// `3 of 7`.
    public var step = ""
    /// How many lessons are over.
    public var doneCount = 0
    /// What runs now.
    public var machines: [RunningMachines]
    /// What the account costs in an hour from now on, in the real service's prices.
    public var hourlyDollars: Double
    /// What it has cost since it was made.
    public var dollars: Double
    /// Whether parts of the two are in no public table.
    public var isEstimated: (hourly: Bool, total: Bool)

    /// The students of a world in the order of their list, then whoever else has begun a lesson.
    ///
    /// Accounts that several students share have a row for each of them; what runs and costs is the account's.
    public static func all(lessons: [Lesson], in database: Database) throws -> [ClassroomStanding] {
        let now = try database.clock().now()
        let accounts = try Account.all(in: database)
        let students = try database.classroom().students
        let progress = try database.allLessonProgress()
        let enrolled = Set(students.map(\.account))
        var owners = students.map { (owner: $0.account, name: $0.name) }
        for owner in progress.keys.sorted() where !enrolled.contains(owner) {
            let parts = owner.split(separator: "/", maxSplits: 1).map(String.init)
            let alias = accounts.first { $0.id == parts.first }?.alias
            owners.append((owner, parts.count > 1 ? parts[1] : alias ?? owner))
        }
        var bills: [String: Bill] = [:]
        return try owners.compactMap { owner, name in
            let id = String(owner.prefix { $0 != "/" })
            guard let account = accounts.first(where: { $0.id == id }) else { return nil }
            let bill = try bills[id] ?? database.presentBill(of: account, now: now)
            bills[id] = bill
            var row = ClassroomStanding(
                name: name, account: id, machines: try database.runningMachines(of: id), hourlyDollars: bill.hourlyDollars,
                dollars: bill.dollars, isEstimated: (bill.isHourlyEstimated, bill.isEstimated))
            // Whoever takes lessons on a machine of his own tells it by a tag.
            let tag = try database.tags(of: "arn:aws:iam::\(id):user/student").first { $0.Key == LessonProgress.tagKey }
            row.show(progress[owner] ?? tag.map { LessonProgress(tagValue: $0.Value, in: lessons) } ?? LessonProgress(), lessons)
            return row
        }
    }

    private mutating func show(_ progress: LessonProgress, _ lessons: [Lesson]) {
        doneCount = lessons.filter(progress.isOver).count
        let current = lessons.first { $0.name == progress.current && !progress.isOver($0) }
        // Between lessons, the one that was begun and left stands for where somebody is.
        guard let lesson = current ?? lessons.first(where: { progress.place(in: $0) > 0 && !progress.isOver($0) }) else { return }
        self.lesson = "\(lesson.number) \(lesson.title)"
        step = "\(progress.place(in: lesson) + 1) of \(lesson.steps.count)"
    }
}

extension Database {
    /// What an account has cost since it was made.
    fileprivate func presentBill(of account: Account, now: Double) throws -> Bill {
        try resumeUsage(of: account.id)
        return try Bill(of: account.id, from: min(account.creationTime, now), to: now, in: self)
    }
}
