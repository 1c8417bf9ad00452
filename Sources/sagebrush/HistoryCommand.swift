// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import World

/// `history [N]`: the lines typed at prompts, oldest first, as numbered lines.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Shows the lines typed so far, or the last N of them.")

    @Argument(help: "How many lines, from the end.")
    var count: Int?

    func validate() throws {
        if let count, count < 0 { throw ValidationError("history takes a number of lines, not \(count).") }
    }

    func run() throws {
        let path = HistoryCommand.path(variables: Session.ambient?.variables ?? ProcessInfo.processInfo.environment)
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = text.split(separator: "\n")
        // An entry of several lines has unit separators in it.
        for index in max(0, lines.count - (count ?? lines.count))..<lines.count {
            let number = String(index + 1)
            print(
                String(repeating: " ", count: max(0, 5 - number.count)) + number + "  "
                    + lines[index].replacingOccurrences(of: "\u{1f}", with: "\n       "))
        }
    }

    /// The file of past lines, shared by all prompts of the user.
    static func path(variables: [String: String]) -> String {
        (World.defaultPath(environment: variables.filter { $0.key != "SAGEBRUSH_WORLD" }) as NSString).deletingLastPathComponent
            + "/history"
    }
}

/// `commands`: what `help` alone shows, for a bash of ours.
struct ListCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commands", abstract: "Lists the commands of the prompt.", shouldDisplay: false)

    func run() throws {
        print(OwnCommand.help, terminator: "")
    }
}
