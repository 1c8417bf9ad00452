// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Lessons
import Services
import World

/// A student's place in the workshop: whose account, which lessons, how far, and what it takes to check a step.
struct LessonDesk {
    let session: Session
    let lessons: [Lesson]
    /// Whose progress it is: the account, and behind a slash the student where several share it.
    let owner: String
    let account: String
    /// Where the account is when it is not in a world of this machine: a class's `serve`.
    let endpoint: String?
    private let alias: String?
    var progress: LessonProgress

    /// Where several students share an account, this variable tells them apart.
    static let studentVariable = "SAGEBRUSH_STUDENT"

    /// The desk of whoever a session's commands go out as.
    ///
    /// - Throws: `LessonError`, `WorldError`.
    init(_ session: Session) throws {
        self.session = session
        lessons = try LessonCatalog.all()
        let endpoint = session.remoteEndpoint
        let account = session.context.account
        let student = session.variables[Self.studentVariable].flatMap { $0.isEmpty ? nil : $0 }
        self.account = account
        self.endpoint = endpoint
        (alias, owner, progress) = try session.world.store.read { database in
            let alias = try Account.all(in: database).first { $0.id == account }?.alias
            // In an account of his own nobody has to be told apart.
            let slug = student.map { LessonDesk.slug($0) }.flatMap { $0 == alias ? nil : $0 }
            let owner = account + (slug.map { "/" + $0 } ?? "")
            return (alias, owner, try database.lessonProgress(of: owner))
        }
        if progress.student == nil, let student { progress.student = LessonDesk.slug(student) }
    }

    /// A name as it may stand in the name of a bucket: `Ada Lovelace` is `ada-lovelace`, `Jürgen` is `jurgen`.
    static func slug(_ name: String) -> String {
        let latin = name.applyingTransform(.toLatin, reverse: false) ?? name
        let plain = latin.applyingTransform(.init("Latin-ASCII"), reverse: false) ?? latin
        let letters = plain.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        return String(String(letters).split(separator: "-").joined(separator: "-").prefix(40))
    }

    /// Keeps how far the student has come; where his account is elsewhere, a tag on its administrator tells the teacher.
    func save() async throws {
        let (owner, progress) = (owner, progress)
        try session.world.store.write { try $0.setLessonProgress(progress, of: owner) }
        guard endpoint != nil else { return }
        let tag = "Key=\(LessonProgress.tagKey),Value=\(progress.tagValue(in: lessons))"
        // Whoever may not say it is as far as he is.
        _ = try await inspector().runAWS(
            ["iam", "tag-user", "--user-name", Session.administrator, "--tags", tag], streams: OutputRecorder().streams,
            showsProgress: false)
    }

    /// The lesson that is being taken.
    var current: Lesson? { progress.current.flatMap { name in lessons.first { $0.name == name } } }

    /// What stands for the lessons' variables.
    var values: [String: String] {
        progress.values(
            account: account, alias: alias, region: session.context.region, imageAccount: BuiltInImages.account(in:))
    }

    /// The region that lessons are taken in.
    var region: String { progress.region ?? session.context.region }

    /// Where the account's state at a lesson's beginning is kept.
    func snapshot(of lesson: Lesson) -> AccountSnapshot {
        AccountSnapshot(of: account, in: "\(session.world.lessonsPath)/\(owner)/\(lesson.name)")
    }

    func now() throws -> Double { try session.world.store.read { try $0.clock().now() } }

    // MARK: Checking

    /// A check that does not hold.
    struct Failure {
        var check: LessonCheck
        /// What the command wrote: to standard output, or to standard error where it failed.
        var shown: String
    }

    /// The first check of a step that does not hold; nil where all do.
    ///
    /// - Throws: `UsageError` where the account has no administrator who could look.
    func failure(of step: LessonStep) async throws -> Failure? {
        let inspector = try inspector()
        for check in step.checks.map({ $0.filled(with: values) }) {
            let recorder = OutputRecorder()
            let words = try Tokenizer.words(check.command).dropFirst().map(\.text)
            let status = await inspector.runAWS(words, streams: recorder.streams, showsProgress: false)
            let (output, errors) = recorder.texts
            if !check.isSatisfied(status: status, output: output) {
                return Failure(check: check, shown: status == 0 ? output : errors)
            }
        }
        return nil
    }

    /// The account's administrator in the lessons' region: whoever the student goes out as just now, checks see everything.
    ///
    /// In an account that is elsewhere that is the student himself.
    private func inspector() throws -> Session {
        if endpoint != nil {
            var variables = session.variables.filter { $0.key != "SAGEBRUSH_SESSION" }
            variables["AWS_REGION"] = region
            variables["AWS_PAGER"] = ""
            return session.adopting(variables)
        }
        guard let key = try session.administratorKey(of: account) else {
            throw UsageError(
                "The account \(account) has no user \(Session.administrator) with a key any more: steps can't be checked. "
                    + "`lesson reset` puts the account back.")
        }
        var variables = session.variables.filter { !$0.key.hasPrefix("AWS_") && $0.key != "SAGEBRUSH_SESSION" }
        for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] { variables[name] = session.variables[name] }
        variables["SAGEBRUSH_ACCOUNT"] = account
        variables["AWS_ACCESS_KEY_ID"] = key.id
        variables["AWS_SECRET_ACCESS_KEY"] = key.secret
        variables["AWS_REGION"] = region
        variables["AWS_PAGER"] = ""
        return session.adopting(variables)
    }

    /// Goes on past the steps that are done, as far as what is there shows it.
    ///
    /// - Returns: the steps that turned green; empty where the current one is not done.
    mutating func advance() async throws -> [LessonStep] {
        guard let lesson = current else { return [] }
        var done: [LessonStep] = []
        while progress.place(in: lesson) < lesson.steps.count {
            let step = lesson.steps[progress.place(in: lesson)]
            guard step.question == nil, try await failure(of: step) == nil else { break }
            progress.advance(lesson, now: try now())
            done.append(step)
        }
        if !done.isEmpty { try await save() }
        return done
    }
}

/// Takes what a command writes.
final class OutputRecorder: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var output: [UInt8] = []
    nonisolated(unsafe) private var errors: [UInt8] = []

    /// Streams that end here.
    var streams: CommandStreams {
        CommandStreams(
            writeOutput: { bytes in self.lock.withLock { self.output += bytes } },
            writeError: { bytes in self.lock.withLock { self.errors += bytes } })
    }

    /// What has come so far: to standard output and to standard error.
    var texts: (output: String, errors: String) {
        lock.withLock { (String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self)) }
    }
}
