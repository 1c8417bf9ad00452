// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation

/// What is shown below an error of a command that was typed at a terminal: the line again, a caret under the word that the error is
/// about, and what may have been meant.
struct ErrorAdvice: Equatable {
    /// The typed line.
    var line: String
    /// The word, in characters of the line.
    var range: Range<Int>
    var suggestions: [String]

    /// Finds the word that an error is about.
    ///
    /// - Parameters:
    ///   - error: what the command wrote to standard error.
    ///   - line: the line as it was typed.
    ///   - candidates: the words that could stand in the line behind the given text, the last of which is begun.
    /// - Returns: nil where the error is not about one word.
    init?(error: String, line: String, candidates: (_ text: String) -> [String]) {
        guard !line.contains("\n"), let words = try? Tokenizer.words(line),
            let (word, choices) = ErrorAdvice.find(error, words)
        else { return nil }
        self.line = line
        range = word.range
        // The command's own error may have said it.
        guard !error.contains("Maybe you meant:") else {
            suggestions = []
            return
        }
        let before = String(line.prefix(word.range.lowerBound))
        let start = ErrorAdvice.start(of: word.text)
        // What is like a part of the word was found with the word.
        suggestions =
            choices
            ?? Similarity.nearest(to: word.text, in: candidates(before + start).map { $0.trimmingCharacters(in: .whitespaces) })
    }

    /// The part of a word that says where the rest is looked up: `--`, `s3://`, a folder.
    private static func start(of word: String) -> String {
        if word.hasPrefix("--") { return "--" }
        if let slash = word.lastIndex(of: "/") { return String(word[...slash]) }
        return ""
    }

    private static func find(_ error: String, _ words: [Tokenizer.Word]) -> (Tokenizer.Word, [String]?)? {
        if let list = text(in: error, after: "Unknown options: ") {
            let names = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return words.first { names.contains($0.text) }.map { ($0, nil) }
        }
        if let name = quoted(in: error, after: "Found invalid choice ") { return word(equalTo: name, words).map { ($0, nil) } }
        if let name = quoted(in: error, after: "Error parsing parameter ") { return value(of: name, words).map { ($0, nil) } }
        if let option = text(in: error, after: "argument --")?.split(separator: ":").first {
            return word(equalTo: "--" + option, words).map { ($0, nil) }
        }
        if let list = text(in: error, after: "the following arguments are required: ") {
            return misspelt(list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }, words)
        }
        if error.contains("Unknown parameter in "), let list = text(in: error, after: "must be one of: "),
            let name = text(in: error, after: "Unknown parameter in ")?.split(separator: "\"").dropFirst().first
        {
            let choices = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return words.first { $0.text.contains(name) }.map { ($0, Similarity.nearest(to: String(name), in: choices)) }
        }
        if let list = text(in: error, after: "Member must satisfy enum value set: ["),
            let value = quoted(in: error, after: "Value ")
        {
            let choices = list.prefix { $0 != "]" }.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return words.first { $0.text.contains(value) }.map { ($0, Similarity.nearest(to: value, in: choices)) }
        }
        return absent(error, words).map { ($0, nil) }
    }

    /// The option that was meant to be one of those that are missing.
    private static func misspelt(_ required: [String], _ words: [Tokenizer.Word]) -> (Tokenizer.Word, [String]?)? {
        for word in words where word.text.hasPrefix("--") && !required.contains(word.text) {
            let meant = Similarity.nearest(to: word.text, in: required)
            if !meant.isEmpty { return (word, meant) }
        }
        return nil
    }

    /// What the service, or the file system, does not have.
    private static func absent(_ error: String, _ words: [Tokenizer.Word]) -> Tokenizer.Word? {
        let lowered = error.lowercased()
        let isAbout = [
            "not exist", "not be found", "not found", "could not find", "no such", "nosuch", "failed to satisfy", "invalid",
            "is not a valid",
        ].contains { lowered.contains($0) }
        guard isAbout else { return nil }
        if error.contains("NoSuchBucket") {
            return words.first { $0.text.hasPrefix("s3://") } ?? value(of: "--bucket", words) ?? value(of: "--copy-source", words)
        }
        let named = words.dropFirst(2).filter { word in
            let name = word.text.split(separator: "/").last.map(String.init) ?? word.text
            return !word.text.hasPrefix("-") && name.count > 1 && contains(error, name)
        }
        return named.max { $0.text.count < $1.text.count }
    }

    /// Whether a name stands in a text as a word of its own.
    private static func contains(_ text: String, _ name: String) -> Bool {
        guard let range = text.range(of: name) else { return false }
        func isPart(_ character: Character?) -> Bool {
            character.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" } ?? false
        }
        let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : nil
        let after = range.upperBound < text.endIndex ? text[range.upperBound] : nil
        return !isPart(before) && !isPart(after)
    }

    private static func word(equalTo text: String, _ words: [Tokenizer.Word]) -> Tokenizer.Word? {
        words.first { $0.text == text || $0.text.hasPrefix(text + "=") }
    }

    private static func value(of option: String, _ words: [Tokenizer.Word]) -> Tokenizer.Word? {
        guard let index = words.firstIndex(where: { $0.text == option || $0.text.hasPrefix(option + "=") }) else { return nil }
        return words[index].text.contains("=") || index + 1 == words.count ? words[index] : words[index + 1]
    }

    /// The rest of the line after some words.
    private static func text(in error: String, after words: String) -> String? {
        guard let range = error.range(of: words) else { return nil }
        return String(error[range.upperBound...].prefix { $0 != "\n" })
    }

    private static func quoted(in error: String, after words: String) -> String? {
        guard let rest = text(in: error, after: words), rest.first == "'" else { return nil }
        return String(rest.dropFirst().prefix { $0 != "'" })
    }

    /// What is written below the error.
    func text(usesColor: Bool) -> String {
        let width = max(1, range.count)
        let caret = String(repeating: " ", count: range.lowerBound) + "^" + String(repeating: "~", count: width - 1)
        let question = suggestions.isEmpty ? "" : " did you mean \(suggestions.joined(separator: ", "))?"
        let (faint, strong, plain) = usesColor ? ("\u{1b}[2m", "\u{1b}[33m", "\u{1b}[0m") : ("", "", "")
        return "\n  \(faint)\(line)\(plain)\n  \(strong)\(caret)\(question)\(plain)\n"
    }
}

/// Writes on to standard error and keeps what was written.
final class ErrorRecorder: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var bytes: [UInt8] = []

    /// The process's streams, with this recorder listening.
    var streams: CommandStreams {
        var streams = CommandStreams.process
        let writeError = streams.writeError
        streams.writeError = { [self] written in
            lock.withLock { bytes += written }
            writeError(written)
        }
        return streams
    }

    var text: String { lock.withLock { String(decoding: bytes, as: UTF8.self) } }
}
