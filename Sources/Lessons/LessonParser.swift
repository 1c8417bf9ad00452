// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads a lesson from Markdown.
///
/// Between lines of `---` stand `title`, `needs` (a list in brackets) and `minutes`; each heading `# N. Title` begins a step. Fenced
/// blocks called `aws` or `sh` are lines for the prompt, `check`, `hint`, `solution`, `question` and `requires` belong to the step and are
/// not shown with it; all others are listings.
struct LessonParser {
    private let name: String
    private let lines: [String]
    private var index = 0
    private var fields: [String: String] = [:]
    private var introduction: [LessonBlock] = []
    private var steps: [LessonStep] = []
    private var text: [String] = []

    /// - Throws: `LessonError`.
    static func parse(_ text: String, name: String) throws -> Lesson {
        var parser = LessonParser(name: name, text: text)
        return try parser.lesson()
    }

    private init(name: String, text: String) {
        self.name = name
        lines = text.components(separatedBy: "\n")
    }

    private func error(_ problem: String) -> LessonError {
        LessonError(lesson: name, line: min(index, lines.count - 1) + 1, problem: problem)
    }

    private mutating func lesson() throws -> Lesson {
        try readFields()
        while index < lines.count {
            let line = lines[index]
            if line.hasPrefix("# ") {
                try beginStep(line)
            } else if line.hasPrefix("```") {
                try readFence(String(line.dropFirst(3)))
            } else {
                text.append(line)
            }
            index += 1
        }
        try endStep()
        guard let title = fields["title"] else { throw error("the head needs `title: …`") }
        guard !steps.isEmpty else { throw error("a lesson needs at least one step: a heading `# 1. Title`") }
        guard let minutes = fields["minutes"].flatMap({ Int($0) }) else { throw error("the head needs `minutes: N`") }
        let needs = (fields["needs"] ?? "").trimmingCharacters(in: CharacterSet(charactersIn: "[] "))
        return Lesson(
            name: name, title: title,
            needs: needs.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }, minutes: minutes,
            introduction: introduction, steps: steps)
    }

    private mutating func readFields() throws {
        guard lines.first == "---" else { throw error("a lesson begins with `---` and its title") }
        index = 1
        while index < lines.count, lines[index] != "---" {
            let parts = lines[index].split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2 else { throw error("the head has lines of the form `name: value`") }
            // YAML wants quotes around what holds a colon.
            fields[parts[0]] = parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            index += 1
        }
        index += 1
    }

    private mutating func beginStep(_ line: String) throws {
        try endStep()
        let heading = line.dropFirst(2)
        guard let dot = heading.range(of: ". "), Int(heading[..<dot.lowerBound]) == steps.count + 1 else {
            throw error("the heading of this step is `# \(steps.count + 1). Title`")
        }
        steps.append(
            LessonStep(
                title: String(heading[dot.upperBound...]), blocks: [], checks: [], question: nil, requirements: [], hints: [],
                solution: nil))
    }

    /// Puts the text so far into the step, and sees that the step can be done and checked.
    private mutating func endStep() throws {
        flushText()
        guard var step = steps.popLast() else { return }
        let commands = step.blocks.compactMap { block in
            if case .commands(let text) = block { text } else { nil }
        }
        if step.solution == nil, step.question == nil { step.solution = commands.joined(separator: "\n") }
        guard step.question != nil || !step.checks.isEmpty else { throw error("the step before needs a check or a question") }
        guard step.question != nil || step.solution?.isEmpty == false else {
            throw error("the step before needs commands or a solution")
        }
        steps.append(step)
    }

    private mutating func flushText() {
        let joined = text.joined(separator: "\n").trimmingCharacters(in: .newlines)
        text = []
        guard !joined.isEmpty else { return }
        append(.text(joined))
    }

    private mutating func append(_ block: LessonBlock) {
        if steps.isEmpty { introduction.append(block) } else { steps[steps.count - 1].blocks.append(block) }
    }

    private mutating func readFence(_ kind: String) throws {
        flushText()
        let start = index
        var content: [String] = []
        index += 1
        while index < lines.count, lines[index] != "```" {
            content.append(lines[index])
            index += 1
        }
        guard index < lines.count else {
            index = start
            throw error("the block that begins here has no end")
        }
        let block = content.joined(separator: "\n")
        switch kind {
        case "aws", "sh": append(.commands(block))
        case "check", "hint", "solution", "question", "requires":
            guard !steps.isEmpty else { throw error("a \(kind) belongs into a step") }
            try addToStep(kind, content)
        default: append(.listing(block))
        }
    }

    private mutating func addToStep(_ kind: String, _ content: [String]) throws {
        let last = steps.count - 1
        switch kind {
        case "hint": steps[last].hints.append(content.joined(separator: "\n"))
        case "solution": steps[last].solution = content.joined(separator: "\n")
        case "question": steps[last].question = try question(content)
        case "requires": steps[last].requirements += try content.map(requirement)
        default:
            for line in content where !line.trimmingCharacters(in: .whitespaces).isEmpty {
                guard let check = LessonCheck(line) else {
                    throw error("`\(line)` is no check: it begins with `aws`, or with `! aws`")
                }
                steps[last].checks.append(check)
            }
        }
    }

    /// A program, and behind it what it is needed for.
    private func requirement(_ line: String) throws -> LessonRequirement {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw error("a requirement is a program's name and what it is needed for") }
        return LessonRequirement(program: parts[0], reason: parts[1].trimmingCharacters(in: .whitespaces))
    }

    /// The question's lines, then `1. …`, `2. …`, then `answer: N`.
    private func question(_ content: [String]) throws -> LessonQuestion {
        var text: [String] = []
        var choices: [String] = []
        var answer: Int?
        for line in content {
            if line.hasPrefix("answer:") {
                answer = Int(line.dropFirst(7).trimmingCharacters(in: .whitespaces))
            } else if line.hasPrefix("\(choices.count + 1). ") {
                choices.append(String(line.drop { $0 != " " }.dropFirst()))
            } else if choices.isEmpty {
                text.append(line)
            } else {
                choices[choices.count - 1] += " " + line.trimmingCharacters(in: .whitespaces)
            }
        }
        guard let answer, choices.indices.contains(answer - 1), choices.count > 1 else {
            throw error("a question has choices `1. …`, `2. …` and a line `answer: N`")
        }
        return LessonQuestion(text: text.joined(separator: "\n"), choices: choices, answer: answer)
    }
}
