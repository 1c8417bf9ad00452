// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Lessons
import World

/// `workshop`: the front page.
struct WorkshopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workshop", abstract: "The workshop's front page: its lessons, where you are, what comes next.")

    @OptionGroup var options: ProgramOptions

    @Option(help: "Your name, which goes into the names of your bucket and notebook: \"Ada Lovelace\".")
    var name: String?

    func run() async throws {
        var desk = try LessonDesk(try Session.open(options.effective))
        if let name {
            let slug = LessonDesk.slug(name)
            guard !slug.isEmpty else {
                throw UsageError("\"\(name)\" has no letter that a bucket's name can hold: take letters a to z, or digits.")
            }
            desk.progress.student = slug
            try await desk.save()
        }
        print(LessonPage(desk).front, terminator: "")
    }
}

/// `lesson …`.
struct LessonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lesson", abstract: "Takes a lesson of the workshop, step by step.",
        subcommands: [
            LessonShow.self, LessonList.self, LessonStart.self, LessonCheckCommand.self, LessonAnswer.self, LessonHint.self,
            LessonRun.self, LessonSolution.self, LessonSkip.self, LessonBack.self, LessonReset.self, LessonQuit.self,
            LessonVerify.self,
        ], defaultSubcommand: LessonShow.self)
}

/// A command for whoever takes a lesson.
protocol LessonSubcommand: AsyncParsableCommand {
    var options: ProgramOptions { get }
}

extension LessonSubcommand {
    /// The student's desk.
    func desk() throws -> LessonDesk { try LessonDesk(try Session.open(options.effective)) }

    /// The desk and the lesson that is being taken.
    ///
    /// - Throws: `UsageError` where there is none.
    func deskInLesson() throws -> (LessonDesk, Lesson) {
        let desk = try desk()
        guard let lesson = desk.current else {
            let next = desk.progress.next(in: desk.lessons)
            throw UsageError(
                "You are not in a lesson: `workshop` shows them all"
                    + (next.map { ", and `lesson start \($0.number)` begins the next." } ?? "."))
        }
        return (desk, lesson)
    }

    /// The same with the step that is to be done.
    ///
    /// - Throws: `UsageError` where the lesson is over.
    func deskAtStep() throws -> (LessonDesk, Lesson, LessonStep) {
        let (desk, lesson) = try deskInLesson()
        let place = desk.progress.place(in: lesson)
        guard place < lesson.steps.count else {
            throw UsageError("Lesson \(lesson.number) is over: `workshop` shows what comes next.")
        }
        return (desk, lesson, lesson.steps[place])
    }
}

/// `lesson`: where am I.
struct LessonShow: LessonSubcommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows the step that you are at.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        let desk = try desk()
        guard let lesson = desk.current else {
            print(LessonPage(desk).front, terminator: "")
            return
        }
        print(LessonPage(desk).step(of: lesson), terminator: "")
    }
}

/// `lesson list`.
struct LessonList: LessonSubcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the lessons and how far you are.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        print(LessonPage(try desk()).table, terminator: "")
    }
}

/// `lesson check`.
struct LessonCheckCommand: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Says whether the step is done, and what it found where not.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        var (desk, lesson, step) = try deskAtStep()
        guard step.question == nil else {
            print(LessonPage(desk).text.paragraphs("This step is a question: answer it with `lesson answer N`."), terminator: "")
            throw ExitStatus(code: 1)
        }
        if let failure = try await desk.failure(of: step) {
            print(LessonPage(desk).failure(failure), terminator: "")
            throw ExitStatus(code: 1)
        }
        let done = try await desk.advance()
        print(LessonPage(desk).news(of: done, in: lesson), terminator: "")
    }
}

/// `lesson answer N`.
struct LessonAnswer: LessonSubcommand {
    static let configuration = CommandConfiguration(commandName: "answer", abstract: "Answers a step's question.")

    @OptionGroup var options: ProgramOptions

    @Argument(help: "The answer's number.")
    var answer: String

    func run() async throws {
        var (desk, lesson, step) = try deskAtStep()
        guard let question = step.question else { throw UsageError("This step is no question: `lesson` shows what is to be done.") }
        guard let number = Int(answer), question.choices.indices.contains(number - 1) else {
            throw UsageError("There are \(question.choices.count) answers: say a number from 1 to \(question.choices.count).")
        }
        guard number == question.answer else {
            print(LessonPage(desk).text.paragraphs("No. Read it again, or ask for a hint: `lesson hint`."), terminator: "")
            throw ExitStatus(code: 1)
        }
        desk.progress.advance(lesson, now: try desk.now())
        try await desk.save()
        print(LessonPage(desk).news(of: [step], in: lesson), terminator: "")
    }
}

/// `lesson hint`.
struct LessonHint: LessonSubcommand {
    static let configuration = CommandConfiguration(commandName: "hint", abstract: "Helps a little; again, a little more.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        var (desk, _, step) = try deskAtStep()
        let text = LessonPage(desk).text
        guard !step.hints.isEmpty else {
            print(
                text.paragraphs("This step has no hint: `lesson` shows it again, `lesson solution` how it is done."), terminator: ""
            )
            return
        }
        let count = min(desk.progress.hintCount + 1, step.hints.count)
        for hint in step.hints.prefix(count) { print(text.hint(hint), terminator: "") }
        if count == step.hints.count, step.question == nil {
            print(text.paragraphs("No more hints: `lesson solution` shows how it is done."), terminator: "")
        }
        desk.progress.hintCount = count
        try await desk.save()
    }
}

/// `lesson run`.
struct LessonRun: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the commands that the step shows, and checks it.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        let (desk, lesson, step) = try deskAtStep()
        let commands = step.blocks.compactMap { if case .commands(let text) = $0 { text } else { nil } }
        guard !commands.isEmpty else {
            throw UsageError("This step leaves its commands to you: `lesson hint` helps, `lesson solution` shows them.")
        }
        try await LessonRun.run(commands.joined(separator: "\n"), desk, lesson)
    }

    /// Runs commands and says how the step stands then.
    static func run(_ commands: String, _ desk: LessonDesk, _ lesson: Lesson) async throws {
        var desk = desk
        let text = LessonPage(desk).text
        let status = try LessonScript(session: desk.session).runShown(
            LessonVariables.fill(commands, with: desk.values), usesColor: text.usesColor)
        let done = try await desk.advance()
        if !done.isEmpty { print(LessonPage(desk).news(of: done, in: lesson), terminator: "") }
        if status != 0 { throw ExitStatus(code: status) }
    }
}

/// `lesson solution`.
struct LessonSolution: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "solution", abstract: "Shows commands that do the step; with --run, runs them.")

    @OptionGroup var options: ProgramOptions

    @Flag(help: "Runs them.")
    var run = false

    func run() async throws {
        let (desk, lesson, step) = try deskAtStep()
        guard let solution = step.solution else {
            throw UsageError("A question is answered with `lesson answer N`; `lesson skip` passes over it.")
        }
        guard run else {
            print(LessonPage(desk).text.commands(solution), terminator: "")
            return
        }
        try await LessonRun.run(solution, desk, lesson)
    }
}

/// `lesson skip`.
struct LessonSkip: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Passes over the step; later steps may build on it.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        var (desk, lesson, _) = try deskAtStep()
        desk.progress.skip(lesson, now: try desk.now())
        try await desk.save()
        print(LessonPage(desk).step(of: lesson), terminator: "")
    }
}

/// `lesson back`.
struct LessonBack: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "back", abstract: "Goes to the step before; what is there stays as it is.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        var (desk, lesson) = try deskInLesson()
        guard desk.progress.goBack(in: lesson) else { throw UsageError("This is the first step of lesson \(lesson.number).") }
        try await desk.save()
        print(LessonPage(desk).step(of: lesson), terminator: "")
    }
}

/// `lesson quit`.
struct LessonQuit: LessonSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "quit", abstract: "Leaves the lesson; it goes on where it was with `lesson start`.")

    @OptionGroup var options: ProgramOptions

    func run() async throws {
        var (desk, lesson) = try deskInLesson()
        desk.progress.current = nil
        try await desk.save()
        print("Left lesson \(lesson.number). It goes on where you were with: lesson start \(lesson.number)")
    }
}
