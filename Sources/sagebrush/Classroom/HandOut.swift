// SPDX-License-Identifier: Apache-2.0

import Foundation
import World

/// What a student gets in the hand: who he is, and how he begins.
struct HandOut {
    /// The form of a file.
    enum Form: String, CaseIterable {
        /// Text that reads well anywhere.
        case markdown = "md"
        /// A page for a browser or a printer.
        case html
        /// The key pair as `aws configure import` takes it.
        case csv
    }

    var student: Classroom.Student
    var alias: String
    var key: AccessKey
    var region: String
    /// Where the class's `serve` answers; nil where nobody said.
    var endpoint: String?
    /// The world's folder.
    var world: String

    /// The whole file.
    func text(_ form: Form) -> String {
        switch form {
        case .markdown: markdown
        case .html: HandOut.page(title: student.name, bodies: [htmlBody])
        case .csv: "User Name,Access key ID,Secret access key\n\(alias),\(key.id),\(key.secret)\n"
        }
    }

    // MARK: What it says

    private var facts: [(String, String)] {
        [
            ("Account", key.account), ("Name", alias), ("Region", region), ("Access key ID", key.id),
            ("Secret access key", key.secret),
        ]
    }

    private static let introduction =
        "You have an account of your own in the class's cloud. Nothing in it costs money, and nobody else sees what you make. "
        + "Keep the key to yourself: whoever has it is you."

    /// A way to begin: a title, what to know, and commands.
    private var ways: [(title: String, text: String, commands: String)] {
        let address = endpoint ?? "http://CLASS-MACHINE:4566"
        var ways = [
            (
                "On your own machine",
                "In a terminal, tell the AWS CLI (2.13 or later), boto3 or Sagebrush where the class's cloud is and who you are"
                    + (endpoint == nil ? "; your teacher knows the address" : "")
                    + ". The last line answers with your account. An older AWS CLI needs --endpoint-url \(address) after the word aws.",
                """
                export AWS_ENDPOINT_URL=\(address)
                export AWS_ACCESS_KEY_ID=\(key.id)
                export AWS_SECRET_ACCESS_KEY=\(key.secret)
                export AWS_REGION=\(region) AWS_DEFAULT_REGION=\(region)
                export SAGEBRUSH_STUDENT=\(alias)
                aws sts get-caller-identity
                """
            ),
            (
                "On the class's machine", "This goes into your account; exit leaves it.",
                "sagebrush --world \(Self.quoted(world)) --account \(alias)"
            ),
        ]
        if endpoint == nil { ways.swapAt(0, 1) }
        return ways
    }

    private static let ending = (
        title: "The workshop",
        text:
            "Start Sagebrush either way (the command is sagebrush), then ask where you are and what comes next. lesson check says "
            + "whether a step is done, lesson hint helps.",
        commands: "workshop\nlesson start 00"
    )

    private static func quoted(_ path: String) -> String {
        path.allSatisfy { $0.isLetter || $0.isNumber || "/._-".contains($0) }
            ? path : "'" + path.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }

    // MARK: Markdown

    private var markdown: String {
        let escaped = student.name.map { "\\`*_[]<>#|".contains($0) ? "\\\($0)" : String($0) }.joined()
        var text = "# \(escaped)\n\n\(Self.introduction)\n\n| | |\n|---|---|\n"
        for (name, value) in facts { text += "| \(name) | `\(value)` |\n" }
        for (title, words, commands) in ways + [Self.ending] {
            text += "\n## \(title)\n\n\(words)\n\n```sh\n\(commands)\n```\n"
        }
        return text
    }

    // MARK: HTML

    /// What stands between `<body>` and its end, for one student.
    var htmlBody: String {
        var text = "<section>\n<h1>\(Self.escaped(student.name))</h1>\n<p>\(Self.escaped(Self.introduction))</p>\n<table>\n"
        for (name, value) in facts {
            text += "<tr><th>\(Self.escaped(name))</th><td><code>\(Self.escaped(value))</code></td></tr>\n"
        }
        text += "</table>\n"
        for (title, words, commands) in ways + [Self.ending] {
            text += "<h2>\(title)</h2>\n<p>\(Self.escaped(words))</p>\n<pre>\(Self.escaped(commands))</pre>\n"
        }
        return text + "</section>\n"
    }

    /// A page with some students on it, each on a sheet of his own when it is printed.
    static func page(title: String, bodies: [String]) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <title>\(escaped(title))</title>
        <style>
        body { font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; }
        section + section { break-before: page; margin-top: 4em; }
        th { text-align: left; padding-right: 2em; font-weight: normal; }
        pre { background: #f2f2f2; padding: .8em; overflow-x: auto; }
        code, pre { font-family: monospace; font-size: 14px; }
        </style>
        <body>
        \(bodies.joined())</body>
        </html>

        """
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
    }

    // MARK: All of them

    /// A line a student, for the teacher's spreadsheet.
    static func table(_ handOuts: [HandOut]) -> String {
        let header = ["name", "email", "account name", "account", "region", "access key id", "secret access key"]
        let rows = handOuts.map { handOut in
            [
                CSVCell.words(handOut.student.name), CSVCell.words(handOut.student.email ?? ""), handOut.alias, handOut.key.account,
                handOut.region,
                handOut.key.id,
                handOut.key.secret,
            ]
        }
        return ([header] + rows).map { $0.map(CSVCell.text).joined(separator: ",") + "\n" }.joined()
    }
}

/// A cell of a CSV file.
enum CSVCell {
    /// As RFC 4180 wants it.
    static func text(_ value: String) -> String {
        guard value.contains(where: { ",\"\n\r;\t".contains($0) }) else { return value }
        return "\"" + value.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    /// Words that somebody wrote, so that no spreadsheet takes them for a formula.
    static func words(_ value: String) -> String {
        value.first.map { "=+-@".contains($0) } == true ? "'" + value : value
    }
}
