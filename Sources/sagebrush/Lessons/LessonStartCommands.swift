// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Lessons
import World

/// `lesson start NAME`.
struct LessonStart: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Begins a lesson, or goes on with it.",
        discussion: "What the account has at the beginning is kept, so that `lesson reset` can bring it back.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The lesson's number or name: see `lesson list`.")
    var name: String

    @Flag(help: "Begins it anew; what it has made stays until `lesson reset`.")
    var again = false

    @Flag(help: "First does what the lessons that it builds on would have left, in your account.")
    var prepare = false

    func run() async throws {
        var desk = try desk()
        guard let lesson = LessonCatalog.find(name, in: desk.lessons) else {
            throw UsageError(
                "There is no lesson \"\(name)\", or more than one: take a number or name of `lesson list`, as in `lesson start 01`."
            )
        }
        if again { desk.progress.forget(lesson) }
        guard !desk.progress.isOver(lesson) else {
            throw UsageError("Lesson \(lesson.number) is done. `lesson start \(lesson.number) --again` begins it anew.")
        }
        if desk.progress.region == nil || options.effective.region != nil { desk.progress.region = desk.session.context.region }
        try await lookAtFoundations(of: lesson, &desk)
        if desk.endpoint == nil {
            let snapshot = desk.snapshot(of: lesson)
            if desk.progress.place(in: lesson) == 0 && !again || !snapshot.exists { try snapshot.take(in: desk.session.world) }
        }
        if desk.progress.current != lesson.name { desk.progress.hintCount = 0 }
        desk.progress.current = lesson.name
        try await desk.save()
        print(LessonPage(desk).step(of: lesson), terminator: "")
    }

    /// Says which lessons should have come first, or does them.
    private func lookAtFoundations(of lesson: Lesson, _ desk: inout LessonDesk) async throws {
        let open = LessonCatalog.foundations(of: lesson, in: desk.lessons).filter { !desk.progress.isOver($0) }
        guard !open.isEmpty else { return }
        let text = LessonPage(desk).text
        guard prepare else {
            let names = open.map { "\($0.number) \($0.title)" }.joined(separator: ", ")
            print(
                text.paragraphs(
                    "> This lesson builds on what is still to be done: \(names). Take that first, or say "
                        + "`lesson start \(lesson.number) --prepare`, which does it for you."))
            return
        }
        for foundation in open {
            print("Preparing \(foundation.number) \(foundation.title)")
            for step in foundation.steps where step.question == nil {
                guard try await desk.failure(of: step) != nil, let solution = step.solution else { continue }
                let status = try LessonScript(session: desk.session).runShown(
                    LessonVariables.fill(solution, with: desk.values), usesColor: text.usesColor, stopsAtFailure: true)
                guard status == 0 else {
                    throw UsageError("The step \"\(step.title)\" of lesson \(foundation.number) could not be done: see above.")
                }
            }
        }
        print()
    }
}

/// `lesson reset [--all]`.
struct LessonReset: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Puts your account back to where it was when the lesson began; no other account changes.")

    @OptionGroup var options: ProgramOptions

    @Flag(help: "Back to the beginning of the first lesson, and forgets how far you are in all of them.")
    var all = false

    @Flag(help: "Ends jobs that run.")
    var force = false

    @Flag(help: "Do it; without this, only says what would be lost.")
    var yes = false

    func run() async throws {
        var desk = try desk()
        if let endpoint = desk.endpoint {
            throw UsageError(
                "Your account is at \(endpoint), and only a world on this machine can be put back: delete what the lesson made, then "
                    + "begin it anew with `lesson start NUMBER --again`.")
        }
        let lesson = try all ? firstStarted(desk) : deskInLesson().1
        guard let lesson else { throw UsageError("No lesson has been started yet: there is nothing to put back.") }
        let snapshot = desk.snapshot(of: lesson)
        guard snapshot.exists else { throw WorldError.noSnapshot(account: desk.account) }
        let world = desk.session.world
        let jobs = try world.livingProcesses(of: desk.account).filter { $0.kind != .model && $0.kind != .notebook }
        guard jobs.isEmpty || force else {
            let names = Set(jobs.map { ARN($0.ownerARN)?.resourceName ?? $0.name }).sorted().joined(separator: ", ")
            throw UsageError("Work is going on in the account: \(names). Wait for it or stop it, or end it with --force.")
        }
        guard yes else {
            print(
                "This puts the account \(desk.account) back to where it was when lesson \(lesson.number) began: what was made since is"
            )
            print("deleted, what was deleted since comes back. Other accounts, and files outside the world, stay as they are.")
            print("To do it: lesson reset \(all ? "--all " : "")\(force ? "--force " : "")--yes")
            throw ExitStatus(code: 1)
        }
        try await world.endProcesses(of: desk.account)
        try snapshot.restore(in: world)
        UndoJournal.current(desk.session.variables)?.clear()
        if all {
            for lesson in desk.lessons {
                desk.progress.forget(lesson)
                desk.snapshot(of: lesson).remove()
            }
            desk.progress.current = nil
        } else {
            desk.progress.forget(lesson)
        }
        try await desk.save()
        print("The account \(desk.account) is as it was when lesson \(lesson.number) began.")
    }

    private func firstStarted(_ desk: LessonDesk) -> Lesson? {
        func age(_ lesson: Lesson) -> Date {
            let attributes = try? FileManager.default.attributesOfItem(atPath: desk.snapshot(of: lesson).folder + "/rows.sqlite")
            return attributes?[.modificationDate] as? Date ?? .distantFuture
        }
        return desk.lessons.filter { desk.snapshot(of: $0).exists }.min { age($0) < age($1) }
    }
}

/// `lesson verify`.
struct LessonVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Takes lessons in worlds of their own: each check must fail before its step and pass after its solution.")

    @Argument(help: "Numbers or names of lessons; all without them.")
    var names: [String] = []

    func run() async throws {
        let lessons = try LessonCatalog.all()
        let chosen = try names.map { name in
            guard let lesson = LessonCatalog.find(name, in: lessons) else { throw UsageError("There is no lesson \"\(name)\".") }
            return lesson
        }
        let verification = LessonVerification(lessons: lessons) { line in
            print(line)
            fflush(nil)
        }
        guard try await verification.run(chosen.isEmpty ? lessons : chosen) else { throw ExitStatus(code: 1) }
    }
}
