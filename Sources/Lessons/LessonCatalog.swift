// SPDX-License-Identifier: Apache-2.0

import CLessons

/// The lessons in the box.
public enum LessonCatalog {
    /// All of them, in the order in which they are taken.
    ///
    /// - Throws: `LessonError` where a file is not of a lesson's form.
    public static func all() throws -> [Lesson] { try parsed.get() }

    /// They are read once: the prompt looks at them after each line.
    private static let parsed = Result {
        try (0..<sagebrush_lesson_count()).map { index in
            let file = sagebrush_lesson_at(index)
            let text = String(decoding: UnsafeBufferPointer(start: file.bytes, count: file.length), as: UTF8.self)
            return try LessonParser.parse(text, name: String(cString: file.name))
        }
    }

    /// The lesson that somebody means by its whole name, its number (`2`, `02`) or the beginning of its name or of the words after
    /// the number; nil where none or several may be meant.
    public static func find(_ word: String, in lessons: [Lesson]) -> Lesson? {
        if let number = Int(word) { return lessons.first { Int($0.number) == number } }
        if let exact = lessons.first(where: { $0.name == word }) { return exact }
        let word = word.lowercased()
        let matches = lessons.filter { $0.name.hasPrefix(word) || $0.name.dropFirst($0.number.count + 1).hasPrefix(word) }
        return matches.count == 1 ? matches.first : nil
    }

    /// What a lesson builds on, and what that builds on, in order; without the lesson itself.
    public static func foundations(of lesson: Lesson, in lessons: [Lesson]) -> [Lesson] {
        var names: Set<String> = []
        var open = lesson.needs
        while let name = open.popLast() {
            guard names.insert(name).inserted else { continue }
            open += lessons.first { $0.name == name }?.needs ?? []
        }
        return lessons.filter { names.contains($0.name) }
    }
}
