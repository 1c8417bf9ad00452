// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import World

/// How far somebody has come: kept in the world, for each account, so that it travels with it.
public struct LessonProgress: Codable, Sendable, Hashable {
    /// The lesson that is being taken.
    public var current: String?
    /// The step at which each lesson stands, from 0; the number of its steps where it is over.
    public var places: [String: Int] = [:]
    /// Steps that were passed over, by lesson.
    public var skipped: [String: Set<Int>] = [:]
    /// World time at which lessons were over.
    public var endTimes: [String: Double] = [:]
    /// How many hints of the current step have been shown.
    public var hintCount = 0
    /// The student's name as it goes into names: `ada-lovelace`.
    public var student: String?
    /// The region that lessons are taken in.
    public var region: String?

    /// Nothing done yet.
    public init() {}

    /// The step at which a lesson stands.
    public func place(in lesson: Lesson) -> Int { min(places[lesson.name] ?? 0, lesson.steps.count) }

    /// Whether every step of a lesson is done or passed over.
    public func isOver(_ lesson: Lesson) -> Bool { place(in: lesson) == lesson.steps.count }

    /// The lesson to take next: the first that is not over.
    public func next(in lessons: [Lesson]) -> Lesson? { lessons.first { !isOver($0) } }

    /// Goes to the step behind the one at which the lesson stands.
    public mutating func advance(_ lesson: Lesson, now: Double) {
        let place = place(in: lesson)
        guard place < lesson.steps.count else { return }
        places[lesson.name] = place + 1
        hintCount = 0
        if isOver(lesson) { endTimes[lesson.name] = now }
    }

    /// Goes to the step before the one at which the lesson stands.
    ///
    /// - Returns: false at the first step.
    public mutating func goBack(in lesson: Lesson) -> Bool {
        let place = place(in: lesson)
        guard place > 0 else { return false }
        places[lesson.name] = place - 1
        skipped[lesson.name]?.remove(place - 1)
        endTimes[lesson.name] = nil
        hintCount = 0
        return true
    }

    /// Passes over the step at which the lesson stands.
    public mutating func skip(_ lesson: Lesson, now: Double) {
        skipped[lesson.name, default: []].insert(place(in: lesson))
        advance(lesson, now: now)
    }

    /// Begins a lesson anew.
    public mutating func forget(_ lesson: Lesson) {
        places[lesson.name] = nil
        skipped[lesson.name] = nil
        endTimes[lesson.name] = nil
        hintCount = 0
    }

    /// The student's name where nobody has said one.
    public static let unknownStudent = "first-last"

    /// The values of lessons' variables.
    ///
    /// - Parameters:
    ///   - account: the account's ID.
    ///   - alias: its name.
    ///   - region: the region where the lessons' own is not known yet.
    ///   - imageAccount: which account has the images of SageMaker's own algorithms in a region.
    public func values(
        account: String, alias: String?, region: String, imageAccount: (_ region: String) -> String
    ) -> [String: String] {
        let student = student ?? alias ?? (account == Account.initialID ? Self.unknownStudent : account)
        let name = self.region ?? region
        return [
            "account": account, "region": name, "student": student, "bucket": "smworkshop-\(student)",
            "notebook": "smworkshop-\(student)", "images": imageAccount(name),
        ]
    }
}

extension Database {
    /// How far a student has come.
    ///
    /// - Parameter owner: the account's ID, and behind a slash the student's name where several share it.
    /// - Throws: `WorldError.damagedSetting`.
    public func lessonProgress(of owner: String) throws -> LessonProgress {
        let name = LessonProgress.settingName(owner)
        guard let text = try setting(name) else { return LessonProgress() }
        do {
            return try JSONDecoder().decode(LessonProgress.self, from: Data(text.utf8))
        } catch {
            throw WorldError.damagedSetting(name: name, value: text)
        }
    }

    /// Keeps how far a student has come.
    public func setLessonProgress(_ progress: LessonProgress, of owner: String) throws {
        let text = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
        try setSetting(LessonProgress.settingName(owner), to: text)
    }
}

extension LessonProgress {
    fileprivate static func settingName(_ owner: String) -> String { "lessons/\(owner)" }
}
