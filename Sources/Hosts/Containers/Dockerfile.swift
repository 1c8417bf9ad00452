// SPDX-License-Identifier: Apache-2.0

import Wire

/// A Dockerfile, read: how an image is made, a step an instruction.
///
/// Source: Dockerfile reference. Read are FROM, ARG, RUN, COPY, ADD of files, ENV, WORKDIR, ENTRYPOINT and CMD; MAINTAINER, LABEL, EXPOSE,
/// VOLUME, STOPSIGNAL and HEALTHCHECK are let pass, since they change nothing in a folder tree; all else is refused.
public struct Dockerfile: Sendable, Hashable {
    /// How a program is named: a line for `/bin/sh -c`, or its words.
    public enum Program: Sendable, Hashable {
        case shell(String)
        case words([String])

        /// The words to execute.
        public var words: [String] {
            switch self {
            case .shell(let line): ["/bin/sh", "-c", line]
            case .words(let words): words
            }
        }
    }

    /// Files that are copied into the image.
    public struct Copy: Sendable, Hashable {
        /// Patterns, below the folder of the build.
        public var sources: [String]
        /// Where in the image.
        public var destination: String
        /// Whether archives are unpacked: `ADD`.
        public var unpacks: Bool
        /// `--chmod`.
        public var mode: String?
        /// `--chown`.
        public var owner: String?
    }

    /// What an instruction does.
    ///
    /// Variables are not yet put in.
    public enum Action: Sendable, Hashable {
        case from(String)
        case argument(name: String, value: String?)
        case run(Program)
        case copy(Copy)
        case environment([Variable])
        case directory(String)
        case entryPoint(Program)
        case command(Program)
        case nothing
    }

    /// One of `ENV`'s.
    public struct Variable: Sendable, Hashable {
        /// Without spaces.
        public var name: String
        /// As written.
        public var value: String
    }

    /// An instruction and where it stands.
    public struct Instruction: Sendable, Hashable {
        /// From 1 on.
        public var line: Int
        /// As it was written, on one line.
        public var text: String
        /// What it does.
        public var action: Action
    }

    /// A fault of the file's.
    public struct Failure: Error, CustomStringConvertible, Hashable {
        /// Where, from 1 on.
        public var line: Int
        /// What is wrong, and what would be right.
        public var reason: String
        /// Where and why.
        public var description: String { "Dockerfile, line \(line): \(reason)" }
    }

    /// In order; the first but for ARG is FROM.
    public let instructions: [Instruction]

    /// - Throws: `Failure`.
    public init(_ text: String) throws {
        instructions = try Self.logicalLines(text).map { line, text in
            Instruction(line: line, text: text, action: try Self.action(text, line))
        }
        var hasBase = false
        for instruction in instructions {
            switch instruction.action {
            case .from:
                if hasBase {
                    throw Failure(line: instruction.line, reason: "there is a second FROM: builds in several stages are not done.")
                }
                hasBase = true
            case .argument: break
            default:
                if !hasBase {
                    throw Failure(line: instruction.line, reason: "FROM must come before \(instruction.text.prefix(40)).")
                }
            }
        }
        guard hasBase else { throw Failure(line: 1, reason: "there is no FROM, which names the image to begin with.") }
    }

    /// Joins lines that end with a backslash; comments and empty lines go.
    private static func logicalLines(_ text: String) -> [(Int, String)] {
        var result: [(Int, String)] = []
        var current = ""
        var start = 0
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = raw.trimmingWhitespace
            if trimmed.hasPrefix("#") || trimmed.isEmpty { continue }
            if current.isEmpty { start = index + 1 }
            var line = raw.hasSuffix("\r") ? raw.dropLast() : raw
            while let last = line.last, last == " " || last == "\t" { line = line.dropLast() }
            let continues = line.hasSuffix("\\")
            current += continues ? line.dropLast() : line
            if continues { continue }
            result.append((start, current.trimmingWhitespace))
            current = ""
        }
        if !current.trimmingWhitespace.isEmpty { result.append((start, current.trimmingWhitespace)) }
        return result
    }

    private static func action(_ text: String, _ line: Int) throws -> Action {
        let name = text.prefix { !$0.isWhitespace }
        let rest = text.dropFirst(name.count).trimmingWhitespace
        func fail(_ reason: String) -> Failure { Failure(line: line, reason: reason) }
        guard !rest.isEmpty else { throw fail("\(name) needs something after it.") }
        switch name.uppercased() {
        case "FROM": return .from(try base(rest, fail))
        case "ARG":
            let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return .argument(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]).unquoted : nil)
        case "RUN":
            guard !rest.hasPrefix("<<"), !rest.hasPrefix("--") else {
                throw fail("RUN takes neither here-documents nor options here.")
            }
            return .run(try program(rest, fail))
        case "COPY", "ADD": return .copy(try copy(rest, unpacks: name.uppercased() == "ADD", fail))
        case "ENV": return .environment(try variables(rest, fail))
        case "WORKDIR": return .directory(rest.unquoted)
        case "ENTRYPOINT": return .entryPoint(try program(rest, fail))
        case "CMD": return .command(try program(rest, fail))
        case "MAINTAINER", "LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK": return .nothing
        case "USER" where ["root", "0", "root:root", "0:0"].contains(rest): return .nothing
        default:
            throw fail(
                "\(name) is not done here; there is FROM, ARG, RUN, COPY, ADD, ENV, WORKDIR, ENTRYPOINT and CMD.")
        }
    }

    private static func base(_ rest: String, _ fail: (String) -> Failure) throws -> String {
        let words = rest.split(whereSeparator: \.isWhitespace).filter { !$0.hasPrefix("--platform=") }
        guard let image = words.first else { throw fail("FROM names no image.") }
        guard words.count == 1 || (words.count == 3 && words[1].lowercased() == "as") else {
            throw fail("FROM takes the name of one image.")
        }
        return String(image)
    }

    private static func program(_ rest: String, _ fail: (String) -> Failure) throws -> Program {
        guard rest.hasPrefix("[") else { return .shell(rest) }
        guard let list = try? JSON.parse(Array(rest.utf8)).listValue else { return .shell(rest) }
        let words = list.compactMap(\.stringValue)
        guard words.count == list.count, !words.isEmpty else {
            throw fail("a list of words must hold texts in double quotes: \(rest)")
        }
        return .words(words)
    }

    private static func copy(_ rest: String, unpacks: Bool, _ fail: (String) -> Failure) throws -> Copy {
        var text = Substring(rest)
        var (mode, owner): (String?, String?) = (nil, nil)
        while text.hasPrefix("--") {
            let option = text.prefix { !$0.isWhitespace }
            text = text.dropFirst(option.count).drop(while: \.isWhitespace)
            let parts = option.split(separator: "=", maxSplits: 1)
            switch parts[0] {
            case "--chmod": mode = parts.count > 1 ? String(parts[1]) : nil
            case "--chown": owner = parts.count > 1 ? String(parts[1]) : nil
            default: throw fail("the option \(parts[0]) is not done here; there is --chmod and --chown.")
            }
        }
        var words = text.split(whereSeparator: \.isWhitespace).map { String($0).unquoted }
        if text.hasPrefix("["), let list = try? JSON.parse(Array(text.utf8)).listValue { words = list.compactMap(\.stringValue) }
        guard words.count >= 2, let destination = words.last else { throw fail("sources and a destination are needed.") }
        let sources = Array(words.dropLast())
        if let address = sources.first(where: { $0.contains("://") || $0.hasPrefix("git@") }) {
            throw fail("\(address) is not in the folder: fetch it with RUN.")
        }
        guard sources.count == 1 || destination.hasSuffix("/") else {
            throw fail("with several sources the destination must be a folder and end with /.")
        }
        return Copy(sources: sources, destination: destination, unpacks: unpacks, mode: mode, owner: owner)
    }

    /// `NAME=VALUE …`, or `NAME VALUE`.
    private static func variables(_ rest: String, _ fail: (String) -> Failure) throws -> [Variable] {
        let first = rest.prefix { !$0.isWhitespace }
        guard first.contains("=") else {
            let value = rest.dropFirst(first.count).trimmingWhitespace
            guard !value.isEmpty else { throw fail("ENV \(first) has no value.") }
            return [Variable(name: String(first), value: value)]
        }
        var result: [Variable] = []
        for word in DockerfileWords.split(rest) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { throw fail("\(word) is no NAME=VALUE.") }
            result.append(Variable(name: String(parts[0]), value: String(parts[1])))
        }
        return result
    }
}

extension StringProtocol {
    /// Without spaces at its ends.
    fileprivate var trimmingWhitespace: String {
        var text = Substring(self).drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}

extension String {
    /// Without the quotes around it.
    fileprivate var unquoted: String {
        guard count >= 2, let quote = first, quote == "\"" || quote == "'", last == quote else { return self }
        return String(dropFirst().dropLast())
    }
}

/// Words and variables of a Dockerfile's lines.
enum DockerfileWords {
    /// Words between spaces; quotes and backslashes keep spaces in a word and are left in for `expand`.
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                word.append(character)
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
                word.append(character)
            } else if character == "\"" || character == "'" {
                quote = character
                word.append(character)
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// Takes quotes and backslashes away, and puts `$NAME`, `${NAME}`, `${NAME:-other}` and `${NAME:+other}` in.
    static func expand(_ text: String, _ variables: [String: String]) -> String {
        var result = ""
        var rest = Substring(text)
        var quote: Character?
        while let character = rest.popFirst() {
            switch character {
            case "\\" where quote != "'":
                if let next = rest.popFirst() { result.append(next) }
            case "\"", "'":
                if quote == nil { quote = character } else if quote == character { quote = nil } else { result.append(character) }
            case "$" where quote != "'": result += variable(&rest, variables)
            default: result.append(character)
            }
        }
        return result
    }

    private static func variable(_ rest: inout Substring, _ variables: [String: String]) -> String {
        if rest.first == "{", let end = rest.firstIndex(of: "}") {
            let inner = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            let name = inner.prefix(while: isNamePart)
            let value = variables[String(name)] ?? ""
            let other = inner.dropFirst(name.count)
            if other.hasPrefix(":-") { return value.isEmpty ? expand(String(other.dropFirst(2)), variables) : value }
            if other.hasPrefix(":+") { return value.isEmpty ? "" : expand(String(other.dropFirst(2)), variables) }
            return value
        }
        let name = rest.prefix(while: isNamePart)
        guard !name.isEmpty else { return "$" }
        rest = rest.dropFirst(name.count)
        return variables[String(name)] ?? ""
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
}
