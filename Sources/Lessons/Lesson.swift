// SPDX-License-Identifier: Apache-2.0

/// A lesson: a Markdown file in steps, each with a check of the world's state.
public struct Lesson: Sendable {
    /// The file's name without `.md`, such as `02-regions-and-buckets`.
    public var name: String
    /// What it is about, in a few words.
    public var title: String
    /// The names of the lessons that it builds on.
    public var needs: [String]
    /// How long it takes somebody who is new to it.
    public var minutes: Int
    /// What stands before the first step.
    public var introduction: [LessonBlock]
    /// The steps in order; at least one.
    public var steps: [LessonStep]

    /// The number at the name's beginning: `02`.
    public var number: String { String(name.prefix { $0 != "-" }) }
}

/// A piece of a lesson's text.
public enum LessonBlock: Sendable, Hashable {
    /// Paragraphs, lists and quotations, as Markdown.
    case text(String)
    /// Lines for the prompt.
    case commands(String)
    /// What a command shows, or a file's content.
    case listing(String)
}

/// One step: something to read, something to do, and how to tell that it is done.
public struct LessonStep: Sendable {
    /// Its heading, without the number.
    public var title: String
    /// What the student reads.
    public var blocks: [LessonBlock]
    /// What must hold for the step to be done; empty where a question is asked instead.
    public var checks: [LessonCheck]
    /// A question to think about; nil where something has to be done instead.
    public var question: LessonQuestion?
    /// What has to be installed for the step, which is no part of the program.
    public var requirements: [LessonRequirement]
    /// From a nudge to nearly everything.
    public var hints: [String]
    /// Shell commands that do the step; the commands of its text where the lesson gives none of its own.
    ///
    /// Nil for questions.
    public var solution: String?
}

/// A program that a step can't do without.
public struct LessonRequirement: Sendable, Hashable {
    /// Its name, as found on PATH.
    public var program: String
    /// What the step needs it for, and how to get it.
    public var reason: String
}

/// A question with one right answer.
public struct LessonQuestion: Sendable, Hashable {
    /// The question.
    public var text: String
    /// The answers to choose from.
    public var choices: [String]
    /// The number of the right one, from 1.
    public var answer: Int
}

/// What is wrong with a lesson's file.
public struct LessonError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The lesson's name.
    public var lesson: String
    /// The line, from 1.
    public var line: Int
    /// What is wrong, and what would be right.
    public var problem: String

    /// Where and what.
    public var description: String { "\(lesson).md, line \(line): \(problem)" }
}
