// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lessons
import World

/// What lessons show on a terminal.
struct LessonPage {
    let desk: LessonDesk
    let text: LessonText

    init(_ desk: LessonDesk) {
        self.desk = desk
        let screen = PlotScreen(colorOption: nil, variables: desk.session.variables)
        text = LessonText(width: min(100, screen.columns), usesColor: screen.isColored, values: desk.values)
    }

    // MARK: The front page

    /// `workshop`: all lessons, where the student is, and what comes next.
    var front: String {
        let values = desk.values
        var text = self.text.heading("The workshop")
        text +=
            self.text.paragraphs(
                "Account \(desk.account), \(desk.region). Names here are made of `\(values["student"] ?? "")`, as in the bucket "
                    + "`\(values["bucket"] ?? "")`"
                    + (desk.progress.student == nil ? "; `workshop --name \"Ada Lovelace\"` puts yours in its place." : ".")) + "\n"
        text += table + "\n"
        return text + self.text.paragraphs(next) + elsewhere
    }

    /// One line a lesson.
    var table: String {
        let width = desk.lessons.map(\.title.count).max() ?? 0
        return desk.lessons.map { lesson in
            let place = desk.progress.place(in: lesson)
            let skipped = desk.progress.skipped[lesson.name]?.count ?? 0
            let isCurrent = desk.progress.current == lesson.name
            let mark = desk.progress.isOver(lesson) ? "✓" : isCurrent ? "▸" : place > 0 ? "·" : " "
            var state = "\(lesson.minutes) min"
            if desk.progress.isOver(lesson) {
                state = "done" + (skipped > 0 ? ", \(skipped) skipped" : "")
            } else if place > 0 || isCurrent {
                state = "step \(place + 1) of \(lesson.steps.count)"
            }
            let title = lesson.title.padding(toLength: width, withPad: " ", startingAt: 0)
            return "  \(mark) \(lesson.number)  \(title)  \(state)\n"
        }.joined()
    }

    private var next: String {
        if let lesson = desk.current, !desk.progress.isOver(lesson) {
            return
                "You are in lesson \(lesson.number). `lesson` shows where you are; `lesson hint` helps; `lesson help` lists the rest."
        }
        guard let lesson = desk.progress.next(in: desk.lessons) else {
            return
                "That was all of it. `lesson start NUMBER --again` begins a lesson anew; `status` shows what is left to clean up."
        }
        let isFirst = lesson.name == desk.lessons.first?.name
        return (isFirst ? "Begin with" : "Next:") + " `lesson start \(lesson.number)`."
    }

    /// Lessons are in one region: whoever is in another looks in the wrong place.
    private var elsewhere: String {
        let here = desk.session.context.region
        guard desk.region != here else { return "" }
        return text.paragraphs("> You are in \(here), your lessons are in \(desk.region): `region \(desk.region)` goes back.")
    }

    // MARK: A step

    /// `lesson`: the step that the student is at.
    func step(of lesson: Lesson) -> String {
        let place = desk.progress.place(in: lesson)
        guard place < lesson.steps.count else { return end(of: lesson) }
        let step = lesson.steps[place]
        var page = ""
        if place == 0 {
            page += text.heading("\(lesson.number)  \(lesson.title)") + "\n"
            if !lesson.introduction.isEmpty { page += text.blocks(lesson.introduction) + "\n" }
        }
        page += text.heading("\(lesson.number) · step \(place + 1) of \(lesson.steps.count) · \(step.title)") + "\n"
        page += text.blocks(step.blocks)
        if let question = step.question { page += (step.blocks.isEmpty ? "" : "\n") + text.question(question) }
        let missing = step.requirements.filter { !LessonScript.isPresent($0.program) }
        for requirement in missing {
            page +=
                "\n"
                + text.paragraphs(
                    "> This step needs \(requirement.program), which is not here: \(requirement.reason) `lesson skip` goes on.")
        }
        return page + "\n" + text.paragraphs(footer(step)) + elsewhere
    }

    private func footer(_ step: LessonStep) -> String {
        if step.question != nil { return "→ `lesson answer N`" }
        let hasCommands = step.blocks.contains { if case .commands = $0 { true } else { false } }
        return
            "→ \(hasCommands ? "type it, or let `lesson run` do it" : "find the commands") · `lesson check` · `lesson hint` · `lesson skip`"
    }

    /// What is said when a lesson is over.
    func end(of lesson: Lesson) -> String {
        var page = text.paragraphs("✓ Lesson \(lesson.number), \(lesson.title), is done.")
        let skipped = (desk.progress.skipped[lesson.name] ?? []).sorted().map { String($0 + 1) }
        if !skipped.isEmpty { page += text.paragraphs("Skipped: step \(skipped.joined(separator: ", ")).") }
        guard let next = desk.progress.next(in: desk.lessons) else {
            return page + text.paragraphs("That was the last one: the workshop is over. `status` shows what is left to clean up.")
        }
        return page + text.paragraphs("Next: `lesson start \(next.number)`, \(next.title).")
    }

    /// What is said when steps have turned green.
    func news(of done: [LessonStep], in lesson: Lesson) -> String {
        let place = desk.progress.place(in: lesson)
        var page = ""
        for (index, step) in done.enumerated() {
            let number = place - done.count + index + 1
            page += text.green("✓ \(lesson.number) step \(number) of \(lesson.steps.count) is done: \(step.title)") + "\n"
        }
        if place < lesson.steps.count {
            let title = lesson.steps[place].title
            return page + text.paragraphs("Next: \(title)\(title.hasSuffix("?") ? "" : ".") `lesson` shows it.")
        }
        return page + end(of: lesson)
    }

    /// Why a step is not done.
    func failure(_ failure: LessonDesk.Failure) -> String {
        let shown = failure.shown.trimmingCharacters(in: .whitespacesAndNewlines)
        var page = text.paragraphs("Not yet: \(failure.check.expectationText). This was asked:") + "\n"
        page += text.commands(failure.check.command)
        page += shown.isEmpty ? text.paragraphs("It shows nothing.") : text.listing(shown)
        return page
    }
}
