// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import World

/// The options that every command takes, before or after its name.
struct ProgramOptions: ParsableArguments, Sendable {
    @Option(name: .customLong("world"), help: ArgumentHelp("The world's folder.", valueName: "dir"))
    var worldPath: String?

    @Option(help: "The region that commands go to.")
    var region: String?

    @Option(help: "The account that commands are made in: its 12 digits or its name.")
    var account: String?

    @Option(help: "Colours: on, off or auto.")
    var color: String?

    @Option(help: "How waiting passes in this world: instant, realtime or xN.")
    var clock: String?

    /// What these options say, completed by those before the command's name.
    var effective: ProgramSettings {
        let leading = ProgramSettings.leading
        return ProgramSettings(
            worldPath: worldPath ?? leading.worldPath, region: region ?? leading.region, account: account ?? leading.account,
            color: color ?? leading.color, clock: clock ?? leading.clock)
    }
}

/// What the program's options say.
struct ProgramSettings: Sendable {
    var worldPath: String?
    var region: String?
    var account: String?
    var color: String?
    var clock: String?

    /// The options that stood before the command's name.
    @TaskLocal static var leading = ProgramSettings()

    /// Whether the values make sense, whatever the world.
    ///
    /// - Throws: `UsageError` or `WorldError`, naming the option and what it takes.
    func validate() throws {
        if let clock, ClockMode(clock) == nil {
            throw UsageError("--clock takes instant, realtime or xN (x60: sixty times as fast), not \"\(clock)\".")
        }
        if let color, !["on", "off", "auto"].contains(color) {
            throw UsageError("--color takes on, off or auto, not \"\(color)\".")
        }
        if let region, Region.named(region) == nil { throw WorldError.unknownRegion(region) }
    }

    /// Takes the options before the first word that is not one of them.
    static func takeLeading(_ words: [String]) -> (ProgramSettings, [String]) {
        var options = ProgramSettings()
        var rest = words[...]
        let paths: [String: WritableKeyPath<ProgramSettings, String?>] = [
            "--world": \.worldPath, "--region": \.region, "--account": \.account, "--color": \.color, "--clock": \.clock,
        ]
        while let word = rest.first, word.hasPrefix("--") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let path = paths[parts[0]] else { break }
            if parts.count == 2 {
                options[keyPath: path] = parts[1]
                rest = rest.dropFirst()
            } else if let value = rest.dropFirst().first {
                options[keyPath: path] = value
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        return (options, Array(rest))
    }
}
