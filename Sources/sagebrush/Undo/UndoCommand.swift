// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Wire
import World

/// `undo`: takes back what the last command changed that changed something.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Takes the last change of this session back, or says why it can't.")

    @OptionGroup var options: ProgramOptions

    @Flag(help: "Lists the commands of this session that changed something, the last one first.")
    var list = false

    @Flag(help: "Leaves the last change as it is; the next undo is about the one before.")
    var skip = false

    @Flag(name: .shortAndLong, help: "Does not ask.")
    var yes = false

    func run() async throws {
        let session = try Session.open(options.effective)
        guard let journal = UndoJournal.current(session.variables) else {
            throw UsageError("undo is for the commands of one prompt, or of one -c or pipe: there is none here.")
        }
        let commands = journal.commands()
        if list {
            for command in commands.reversed() { print(command.first?.line ?? "") }
            return
        }
        guard let last = commands.last, let first = last.first else {
            print("Nothing to take back.")
            throw ExitStatus(code: 1)
        }
        if skip {
            try journal.finish(first.command)
            print("Left as it is: \(first.line)")
            return
        }
        try await takeBack(last, line: first.line, session: session, journal: journal)
        try journal.finish(first.command)
    }

    private func takeBack(_ entries: [UndoEntry], line: String, session: Session, journal: UndoJournal) async throws {
        let undoing = Undoing(session: session, folder: journal.folder)
        let steps: [(UndoScene, UndoStep)]
        do {
            steps = try await undoing.plan(entries)
        } catch let refusal as UndoRefusal {
            print(
                "Can't take back: \(line)\n  \(refusal.reason).\n  (undo --skip leaves it as it is and goes on to the change before.)"
            )
            throw ExitStatus(code: 1)
        }
        print("Takes back: \(line)")
        for (_, step) in steps.prefix(10) { print("  \(step.text)") }
        if steps.count > 10 { print("  … and \(steps.count - 10) more") }
        if !yes, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 {
            print("Do it? [Y/n] ", terminator: "")
            fflush(nil)
            guard let answer = readLine(), ["", "y", "yes"].contains(answer.trimmingCharacters(in: .whitespaces).lowercased())
            else {
                print("Nothing done.")
                throw ExitStatus(code: 1)
            }
        }
        do {
            // Somebody may have been faster than the answer.
            let steps = try await undoing.plan(entries)
            for (scene, step) in steps { try await undoing.perform(step, in: scene) }
            try await undoing.renew(journal, after: entries)
        } catch let refusal as UndoRefusal {
            print("Not done: \(refusal.reason).")
            throw ExitStatus(code: 1)
        } catch let error as ServiceError {
            print("Not done, or not wholly: \(error.message)")
            throw ExitStatus(code: 1)
        }
        print("Done.")
    }
}

/// Plans and does what takes calls back.
struct Undoing: Sendable {
    let session: Session
    let folder: String

    /// The steps that take a command's calls back, the last call's first.
    ///
    /// - Throws: `UndoRefusal` where one of them can't be: then none is.
    func plan(_ entries: [UndoEntry]) async throws -> [(UndoScene, UndoStep)] {
        var steps: [(UndoScene, UndoStep)] = []
        for entry in entries.reversed() {
            guard let rule = UndoTable.rules[entry.name] else {
                throw UndoRefusal(UndoTable.reasons[entry.name] ?? "\(entry.operation) can't be taken back")
            }
            if let problem = entry.problem { throw UndoRefusal("what was there before could not be looked at: \(problem)") }
            let scene = scene(for: entry)
            do {
                steps += try await rule.plan(scene, entry).map { (scene, $0) }
            } catch let error as ServiceError {
                throw UndoRefusal("what is there now can't be looked at: \(error.message)")
            }
        }
        return steps
    }

    /// As whoever made the call, while the key is good; else as whoever takes it back.
    private func scene(for entry: UndoEntry) -> UndoScene {
        let key = entry.accessKeyID.flatMap { id in (try? session.world.store.read { try AccessKey.find(id, in: $0) }) ?? nil }
        let credentials = key.map { Credentials(accessKeyID: $0.id, secretAccessKey: $0.secret, sessionToken: $0.sessionToken) }
        return UndoScene(
            client: session.dispatcher, credentials: credentials ?? session.effectiveCredentials, region: entry.region,
            bodies: KeptBodies(folder: folder))
    }

    /// Brings what earlier changes left up to date with what has been made anew.
    func renew(_ journal: UndoJournal, after undone: [UndoEntry]) async throws {
        let others = journal.commands().flatMap { $0 }.filter { $0.command != undone.first?.command }
        for entry in undone {
            guard let rule = UndoTable.rules[entry.name] else { continue }
            for earlier in others {
                if let after = try await rule.renewal(scene(for: entry), entry, earlier) {
                    try journal.renew(earlier.id, after: after)
                }
            }
        }
    }

    func perform(_ step: UndoStep, in scene: UndoScene) async throws {
        var body: Body?
        if let name = step.body {
            body = scene.bodies.body(name)
            if body == nil { throw UndoRefusal("a kept body is gone") }
        }
        _ = try await scene.send(step.name, step.input, body: body)
        guard let wait = step.wait else { return }
        while try await scene.look(wait.name, wait.input)?[wait.member]?.stringValue != wait.value {
            try Task.checkCancellation()
            try await scene.client.waitForChange(atMost: 5)
        }
    }
}
