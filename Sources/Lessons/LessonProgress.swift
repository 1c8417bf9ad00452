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

extension LessonProgress {
    /// The key of the tag that tells on an account's administrator how far somebody is who keeps his progress on another machine.
    public static let tagKey = "sagebrush:workshop"

    /// A tag's value: `at 02 00:5 01:7 02:3`, the lesson that is being taken and the places of all that were begun.
    public func tagValue(in lessons: [Lesson]) -> String {
        let present = lessons.first { $0.name == current }.map { ["at", $0.number] } ?? []
        let places = lessons.compactMap { lesson in self.places[lesson.name].map { "\(lesson.number):\($0)" } }
        return (present + places).joined(separator: " ")
    }

    /// What a tag's value tells; what is in no lesson counts for nothing.
    public init(tagValue: String, in lessons: [Lesson]) {
        let words = tagValue.split(separator: " ")
        if words.count > 1, words[0] == "at" { current = lessons.first { $0.number == words[1] }?.name }
        for word in words {
            let parts = word.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let place = Int(parts[1]), let lesson = lessons.first(where: { $0.number == parts[0] }) else {
                continue
            }
            places[lesson.name] = max(0, place)
        }
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

    /// How far everybody has come who has begun, by owner.
    ///
    /// - Throws: `WorldError.damagedSetting`.
    public func allLessonProgress() throws -> [String: LessonProgress] {
        let prefix = LessonProgress.settingName("")
        let names = try String.fetchAll(
            self, sql: "SELECT name FROM setting WHERE substr(name, 1, ?) = ?", arguments: [prefix.count, prefix])
        let owners = names.map { String($0.dropFirst(prefix.count)) }
        return Dictionary(try owners.map { ($0, try lessonProgress(of: $0)) }) { first, _ in first }
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
