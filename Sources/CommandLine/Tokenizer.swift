// SPDX-License-Identifier: Apache-2.0

/// A line that cannot be split into words: a quote without its end.
public struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The quote character.
    public var quote: Character
    /// Where it is, in characters from the line's start.
    public var offset: Int

    /// The complaint.
    public var description: String { "no closing quotation for \(quote) at column \(offset + 1)" }
}

/// Splits a typed line into words as a shell does: blanks between words, single quotes, double quotes with `\`, `\` outside.
///
/// There is no substitution: `$NAME` and globs stay as they are, and the word says that only a shell knows what it means.
public enum Tokenizer {
    /// One word and where it stands.
    public struct Word: Sendable, Equatable {
        /// The word without its quotes.
        public var text: String
        /// The characters of the line that it was made from.
        public var range: Range<Int>
        /// True where any part was quoted: such a word is not an operator or comment.
        public var isQuoted: Bool
        /// True where a shell would do more than take the word as it is: expand it, or end the command there.
        public var needsShell: Bool
    }

    /// Outside quotes these begin expansions, redirections, operators and groups.
    private static let shellCharacters: Set<Character> = [
        "$", "`", "|", "&", ";", "<", ">", "(", ")", "*", "?", "{", "}", "!",
    ]

    /// The words of a line; a `#` at a word's start begins a comment.
    public static func words(_ line: String) throws(TokenizerError) -> [Word] {
        let characters = Array(line)
        var words: [Word] = []
        var place = 0
        while true {
            while let blank = blankLength(characters, at: place) {
                // A further line is a further command, unless a backslash joins it.
                if blank == 1, characters[place].isNewline, !words.isEmpty { words[words.count - 1].needsShell = true }
                place += blank
            }
            guard place < characters.count, characters[place] != "#" else { return words }
            let start = place
            var text = ""
            var isQuoted = false
            var needsShell = characters[place] == "~" || characters[place] == "["
            while place < characters.count, !characters[place].isWhitespace {
                switch characters[place] {
                case "\\":
                    isQuoted = true
                    let next = place + 1 < characters.count ? characters[place + 1] : "\\"
                    // An escaped line end joins lines.
                    if next != "\n" { text.append(next) }
                    place += 2
                case "'", "\"":
                    isQuoted = true
                    let start = place
                    (text, place) = try quoted(characters, from: start, after: text)
                    if characters[start] == "\"" { needsShell = needsShell || expands(characters[start..<place]) }
                default:
                    needsShell = needsShell || shellCharacters.contains(characters[place])
                    text.append(characters[place])
                    place += 1
                }
            }
            place = min(place, characters.count)
            if isQuoted || !text.isEmpty {
                words.append(Word(text: text, range: start..<place, isQuoted: isQuoted, needsShell: needsShell))
            }
        }
    }

    /// How many characters of space stand at `place`: one, two for an escaped line end, nil for none.
    private static func blankLength(_ characters: [Character], at place: Int) -> Int? {
        guard place < characters.count else { return nil }
        if characters[place].isWhitespace { return 1 }
        return characters[place] == "\\" && place + 1 < characters.count && characters[place + 1] == "\n" ? 2 : nil
    }

    /// Whether a double-quoted part has something in it that a shell replaces.
    private static func expands(_ characters: ArraySlice<Character>) -> Bool {
        var isEscaped = false
        for character in characters {
            if !isEscaped, character == "$" || character == "`" { return true }
            isEscaped = character == "\\" && !isEscaped
        }
        return false
    }

    private static func quoted(
        _ characters: [Character], from start: Int, after prefix: String
    ) throws(TokenizerError) -> (text: String, end: Int) {
        let quote = characters[start]
        var text = prefix
        var place = start + 1
        while place < characters.count {
            let character = characters[place]
            if character == quote { return (text, place + 1) }
            if quote == "\"", character == "\\", place + 1 < characters.count {
                let next = characters[place + 1]
                if next == "\n" {
                    // joins lines
                } else if next == "\"" || next == "\\" || next == "$" || next == "`" {
                    text.append(next)
                } else {
                    text.append("\\")
                    text.append(next)
                }
                place += 2
            } else {
                text.append(character)
                place += 1
            }
        }
        throw TokenizerError(quote: quote, offset: start)
    }

    /// A word as a shell needs it written: as it is, or in quotes.
    public static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"),
                    UInt8(ascii: "="),
                    UInt8(ascii: ","), UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "+"):
                    true
                default: byte >= 0x80
                }
            }
        return isPlain ? word : "'" + word.replacingAll("'", with: "'\\''") + "'"
    }
}
