// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import Wire

/// A text that this reader does not understand as YAML.
struct YAMLError: Error, Equatable {
    var line: Int
}

/// Reads the YAML that `--generate-cli-skeleton yaml-input` makes and people fill in: block mappings and sequences, plain and
/// quoted scalars, literal blocks, comments, and anything that is JSON.
struct YAMLReader {
    private struct Line {
        var number: Int
        var indent: Int
        var text: String
    }

    private var lines: [Line] = []
    private var place = 0
    private let source: [String]

    static func read(_ text: String) throws -> Value {
        if let value = try? JSON.parse(text) { return value }
        var reader = YAMLReader(text)
        if reader.lines.isEmpty { return .null }
        let value = try reader.block(indent: reader.lines[0].indent)
        guard reader.place == reader.lines.count else { throw YAMLError(line: reader.lines[reader.place].number) }
        return value
    }

    private init(_ text: String) {
        source = text.components(separatedBy: "\n")
        for (number, line) in source.enumerated() {
            let content = Self.withoutComment(line)
            if content.allSatisfy(\.isWhitespace) || content == "---" { continue }
            let indent = content.prefix { $0 == " " }.count
            lines.append(Line(number: number, indent: indent, text: content.trimmingCharacters(in: .whitespaces)))
        }
    }

    private mutating func block(indent: Int) throws -> Value {
        let isSequence = lines[place].text == "-" || lines[place].text.hasPrefix("- ")
        return isSequence ? try sequence(indent: indent) : try mapping(indent: indent)
    }

    private mutating func sequence(indent: Int) throws -> Value {
        var elements: [Value] = []
        while place < lines.count, lines[place].indent == indent, lines[place].text == "-" || lines[place].text.hasPrefix("- ") {
            let rest = lines[place].text.dropFirst().drop { $0 == " " }
            if rest.isEmpty {
                place += 1
                guard place < lines.count, lines[place].indent > indent else {
                    elements.append(.null)
                    continue
                }
                elements.append(try block(indent: lines[place].indent))
            } else if Self.keyEnd(String(rest)) != nil || rest.hasPrefix("- ") {
                // A mapping that begins on the dash's own line.
                let inner = indent + lines[place].text.count - rest.count
                lines[place].indent = inner
                lines[place].text = String(rest)
                elements.append(try block(indent: inner))
            } else {
                elements.append(try scalar(String(rest), lines[place].number))
                place += 1
            }
        }
        return .list(elements)
    }

    private mutating func mapping(indent: Int) throws -> Value {
        var members: OrderedDictionary<String, Value> = [:]
        while place < lines.count, lines[place].indent == indent {
            let line = lines[place]
            guard let end = Self.keyEnd(line.text), case .string(let key) = try scalarKey(line, end) else {
                throw YAMLError(line: line.number)
            }
            let rest = line.text[line.text.index(line.text.startIndex, offsetBy: end + 1)...].trimmingCharacters(in: .whitespaces)
            place += 1
            if rest.hasPrefix("|") || rest.hasPrefix(">") {
                members[key] = .string(literal(below: line, isFolded: rest.hasPrefix(">"), keepsEnd: !rest.hasSuffix("-")))
            } else if !rest.isEmpty {
                members[key] = try scalar(rest, line.number)
            } else if place < lines.count,
                lines[place].indent > indent || (lines[place].indent == indent && lines[place].text.hasPrefix("-"))
            {
                members[key] = try block(indent: lines[place].indent)
            } else {
                members[key] = .null
            }
        }
        return .object(members)
    }

    private func scalarKey(_ line: Line, _ end: Int) throws -> Value {
        let text = String(line.text.prefix(end))
        return text.hasPrefix("\"") || text.hasPrefix("'") ? try scalar(text, line.number) : .string(text)
    }

    private mutating func literal(below line: Line, isFolded: Bool, keepsEnd: Bool) -> String {
        var content: [String] = []
        var number = line.number + 1
        while number < source.count {
            let text = source[number]
            let indent = text.prefix { $0 == " " }.count
            if !text.allSatisfy(\.isWhitespace), indent <= line.indent { break }
            content.append(text)
            number += 1
        }
        while place < lines.count, lines[place].number < number { place += 1 }
        while content.last?.allSatisfy(\.isWhitespace) == true { content.removeLast() }
        let margin = content.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        let stripped = content.map { String($0.dropFirst(margin)) }
        return stripped.joined(separator: isFolded ? " " : "\n") + (keepsEnd ? "\n" : "")
    }

    private func scalar(_ text: String, _ line: Int) throws -> Value {
        if let first = text.first, first == "{" || first == "[" || first == "\"" {
            guard let value = try? JSON.parse(text) else { throw YAMLError(line: line) }
            return value
        }
        if text.hasPrefix("'") {
            guard text.count >= 2, text.hasSuffix("'") else { throw YAMLError(line: line) }
            return .string(String(text.dropFirst().dropLast()).replacingAll("''", with: "'"))
        }
        switch text {
        case "null", "~", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: break
        }
        if let number = Int(text) { return .integer(number) }
        if text.contains(where: \.isNumber), let number = Double(text) { return .double(number) }
        return .string(text)
    }

    /// The length of the key where a line begins with `key:`.
    private static func keyEnd(_ text: String) -> Int? {
        var quote: Character?
        let characters = Array(text)
        for (place, character) in characters.enumerated() {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                if place == 0 { quote = character }
            } else if character == "{" || character == "[", place == 0 {
                return nil
            } else if character == ":", place + 1 == characters.count || characters[place + 1] == " " {
                return place
            }
        }
        return nil
    }

    private static func withoutComment(_ line: String) -> String {
        var quote: Character?
        var previous: Character = " "
        for (place, character) in line.enumerated() {
            if let open = quote {
                if character == open { quote = nil }
            } else if (character == "'" || character == "\"") && " :[{,-".contains(previous) {
                quote = character
            } else if character == "#", previous == " " {
                return String(line.prefix(place))
            }
            previous = character
        }
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
    }
}
