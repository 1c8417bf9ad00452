// SPDX-License-Identifier: Apache-2.0

import Foundation
import Services

/// A teacher's list of students: one a line, or a table as spreadsheets write it (comma, semicolon or tab between the cells).
///
/// A first line that names the columns (`name`, or `first name` and `last name`, and perhaps `email`) says what is where; without
/// one, the first cell is the name, and a cell with an @ the e-mail address. Empty lines and lines that begin with # count for nothing.
struct StudentList {
    var newcomers: [ClassroomEnrolment.Newcomer] = []

    /// Reads the list in a file.
    ///
    /// - Throws: `UsageError` naming the file, the line and what would be right.
    init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw UsageError("The list of students \(file) can't be read: name a file with one student a line.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw UsageError("The list of students \(file) is not text in UTF-8: save it as CSV (UTF-8) or plain text.")
        }
        try self.init(text: text, file: file)
    }

    /// Reads a list.
    ///
    /// - Parameter file: what errors call it.
    init(text: String, file: String) throws {
        var columns: Columns?
        var lines: [String: Int] = [:]
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let cells = Self.cells(of: line)
            guard let first = cells.first(where: { !$0.isEmpty }), !line.hasPrefix("#") else { continue }
            guard let known = columns else {
                let header = Columns(header: cells)
                columns = header ?? Columns()
                if header == nil { try add(cells, first, Columns(), line: index + 1, file, &lines) }
                continue
            }
            try add(cells, first, known, line: index + 1, file, &lines)
        }
        guard !newcomers.isEmpty else { throw UsageError("The list of students \(file) names nobody: write one student a line.") }
    }

    private mutating func add(
        _ cells: [String], _ first: String, _ columns: Columns, line: Int, _ file: String, _ lines: inout [String: Int]
    ) throws {
        let name = columns.name(in: cells) ?? first
        let email = columns.email(in: cells)
        // A name in letters that no Latin ones stand for may come with an address.
        let slug = LessonDesk.slug(name)
        let alias = slug.isEmpty ? LessonDesk.slug(String(email?.prefix { $0 != "@" } ?? "")) : slug
        let place = "\(file), line \(line): \"\(name)\""
        guard !alias.isEmpty else {
            throw UsageError("\(place) has no letter that an account's name can hold: add one in letters a to z.")
        }
        guard !AccountCommand.isReserved(alias) else {
            throw UsageError("\(place) can't be an account's name: take another, such as \"student \(name)\".")
        }
        if let other = lines[alias] {
            throw UsageError(
                "\(place) becomes the account \(alias), as line \(other) does already: tell them apart, as in \"\(name) B\".")
        }
        lines[alias] = line
        newcomers.append(.init(name: name, email: email, alias: alias))
    }

    /// Which cell is what.
    private struct Columns {
        var name: [Int] = []
        var email: Int?

        init() {}

        /// Nil where `cells` are not the names of columns.
        init?(header cells: [String]) {
            let titles = cells.map { $0.lowercased().filter(\.isLetter) }
            let whole = titles.firstIndex { ["name", "student", "fullname", "studentname"].contains($0) }
            let parts = [["firstname", "givenname", "first"], ["lastname", "surname", "familyname", "last"]]
            name = whole.map { [$0] } ?? parts.compactMap { names in titles.firstIndex { names.contains($0) } }
            guard !name.isEmpty else { return nil }
            email = titles.firstIndex { ["email", "mail", "emailaddress"].contains($0) }
        }

        func name(in cells: [String]) -> String? {
            let parts = name.compactMap { cells.indices.contains($0) && !cells[$0].isEmpty ? cells[$0] : nil }
            return parts.isEmpty ? nil : parts.joined(separator: " ")
        }

        func email(in cells: [String]) -> String? {
            let cell = email.flatMap { cells.indices.contains($0) ? cells[$0] : nil } ?? cells.first { $0.contains("@") }
            return cell.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    /// The cells of a line, without space around them; a quoted cell may hold separators, and quotes written twice (RFC 4180).
    static func cells(of line: Substring) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var rest = line[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                cell.append("\"")
            case "\"" where isQuoted: isQuoted = false
            case "\"" where cell.allSatisfy(\.isWhitespace):
                cell = ""
                isQuoted = true
            case ",", ";", "\t":
                if isQuoted { fallthrough }
                cells.append(cell.trimmingCharacters(in: .whitespaces))
                cell = ""
            default: cell.append(character)
            }
        }
        return cells + [cell.trimmingCharacters(in: .whitespaces)]
    }
}
