// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// The example on a help page: what it needs, its files, its commands.
enum HelpExample {
    static func blocks(service: String, operation: String) -> [PageBlock] {
        blocks(Examples.operation(operation, of: service))
    }

    static func blocks(command path: [String]) -> [PageBlock] { blocks(Examples.command(path)) }

    private static func blocks(_ example: Example?) -> [PageBlock] {
        guard let example else { return [] }
        var blocks: [PageBlock] = []
        let fixtures = Examples.fixtures(of: example)
        if !fixtures.isEmpty {
            blocks += [.paragraph(PageText("Needs \(fixtures.map(\.text).joined(separator: ", ")).")), .gap]
        }
        let used = (fixtures.flatMap(\.files) + example.files).filter { file in
            example.commands.contains { $0.contains("//\(file.name)") || $0.contains(" \(file.name)") }
        }
        for file in used {
            let lines = file.content.split(separator: "\n").map(String.init)
            blocks += [.paragraph(PageText("The file \(file.name):")), .verbatim(lines, indent: 4), .gap]
        }
        return blocks + example.commands.map { .command($0) }
    }

    /// A command in lines that a shell reads as one: broken at spaces, with a backslash where they are not in single quotes.
    ///
    /// Options stay with their values where a line can hold both.
    static func lines(_ command: String, width: Int) -> [String] {
        let pieces = pieces(command)
        var lines: [String] = []
        var line = "$"
        var isQuoted = false
        for (index, piece) in pieces.enumerated() {
            let isOption = piece.hasPrefix("--") && !isQuoted
            let values = isOption ? pieces[(index + 1)...].prefix { !$0.hasPrefix("-") } : []
            let group = values.reduce(piece.count) { $0 + 1 + $1.count }
            // Two columns stay free for the backslash; what no line can hold begins where it is.
            let needed = group + 7 <= width ? group : piece.count
            if line.count + 1 + needed + 2 > width, line.contains(where: { $0 != " " && $0 != "$" }) {
                lines.append(isQuoted ? line : line + " \\")
                line = "   "
            }
            line += " " + piece
            if piece.count(where: { $0 == "'" }) % 2 == 1 { isQuoted.toggle() }
        }
        return lines + [line]
    }

    /// The command cut at spaces; words in double quotes stay together, but for those of a command in them.
    private static func pieces(_ command: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var isSingle = false
        var isDouble = false
        var depth = 0
        for character in command {
            switch character {
            case "'" where !isDouble: isSingle.toggle()
            case "\"" where !isSingle && depth == 0: isDouble.toggle()
            case "(" where !isSingle: depth += 1
            case ")" where !isSingle: depth = max(depth - 1, 0)
            default: break
            }
            if character == " ", !isDouble || depth > 0 {
                pieces.append(piece)
                piece = ""
            } else {
                piece.append(character)
            }
        }
        pieces.append(piece)
        return pieces.filter { !$0.isEmpty }
    }
}
