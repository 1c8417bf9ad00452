// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Lessons
import World

/// Takes lessons as a student would who always finds the solution: every step's check must fail before it and pass after it.
///
/// Each lesson has a world of its own, in which only the lessons that it needs have been taken before.
struct LessonVerification {
    /// All lessons there are.
    let lessons: [Lesson]
    /// Says how it goes, a line at a time.
    let report: @Sendable (String) -> Void

    /// What is wrong with a lesson.
    private struct Problem: Error {
        var text: String
    }

    /// Takes the lessons.
    ///
    /// - Returns: true where nothing was wrong.
    func run(_ chosen: [Lesson]) async throws -> Bool {
        var isGood = true
        for lesson in chosen {
            let start = ContinuousClock.now
            do {
                let skipped = try await take(lesson)
                let seconds = String(format: "%.1f", (ContinuousClock.now - start) / .seconds(1))
                report(
                    "ok    \(lesson.number)  \(lesson.title): \(lesson.steps.count - skipped.count) steps, \(seconds) s"
                        + skipped.map { "\n      \($0)" }.joined())
            } catch let problem as Problem {
                isGood = false
                report("WRONG \(lesson.number)  \(lesson.title): \(problem.text)")
            }
        }
        return isGood
    }

    /// - Returns: what was left out, and why.
    private func take(_ lesson: Lesson) async throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sagebrush-lesson-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/files", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let session = try Self.session(world: folder + "/world", folder: folder)
        var desk = try LessonDesk(session)
        desk.progress.student = "ada-lovelace"
        var skipped: [String] = []
        do {
            for foundation in LessonCatalog.foundations(of: lesson, in: lessons) {
                for step in foundation.steps where missing(step).isEmpty {
                    try solve(step, of: foundation, desk, folder: folder)
                }
            }
            for (index, step) in lesson.steps.enumerated() {
                if let requirement = missing(step).first {
                    skipped.append("step \(index + 1) was left out: it needs \(requirement.program): \(requirement.reason)")
                } else {
                    try await take(step, number: index + 1, of: lesson, desk, folder: folder)
                }
            }
        } catch {
            try await session.world.endAllProcesses()
            throw error
        }
        try await session.world.endAllProcesses()
        return skipped
    }

    private func missing(_ step: LessonStep) -> [LessonRequirement] {
        step.requirements.filter { !LessonScript.isPresent($0.program) }
    }

    private func take(_ step: LessonStep, number: Int, of lesson: Lesson, _ desk: LessonDesk, folder: String) async throws {
        guard step.question == nil else { return }
        if try await desk.failure(of: step) == nil {
            throw Problem(text: "step \(number), \(step.title), is done before anybody has done anything for it.")
        }
        try solve(step, of: lesson, desk, folder: folder)
        if let failure = try await desk.failure(of: step) {
            throw Problem(
                text: "step \(number), \(step.title), is not done by its solution: \(failure.check.expectationText):\n"
                    + "  \(failure.check.command)\n  \(failure.shown)")
        }
    }

    private func solve(_ step: LessonStep, of lesson: Lesson, _ desk: LessonDesk, folder: String) throws {
        guard let solution = step.solution else { return }
        let log = folder + "/log"
        let status = try LessonScript(session: desk.session).runQuietly(
            LessonVariables.fill(solution, with: desk.values), folder: folder + "/files", logPath: log)
        guard status != 0 else { return }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw Problem(
            text: "the solution of \(lesson.number), \(step.title), ends with status \(status):\n"
                + text.split(separator: "\n").suffix(20).joined(separator: "\n"))
    }

    /// Somebody in a new world who brings nothing along.
    private static func session(world: String, folder: String) throws -> Session {
        let environment = ProcessInfo.processInfo.environment
        var variables = environment.filter {
            !$0.key.hasPrefix("AWS_") && !$0.key.hasPrefix("SAGEBRUSH_") && $0.key != "BASH_ENV"
        }
        variables["HOME"] = folder
        variables["NO_COLOR"] = "1"
        var options = ProgramSettings()
        options.worldPath = world
        return try Session.open(options, variables: variables)
    }
}
