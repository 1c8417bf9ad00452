// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import World

/// `clock [MODE]`, `clock advance 12h`.
struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "Shows or sets how waiting for machines passes: instant, realtime or xN; advance puts the clock forward.",
        discussion: """
            Time that is passed over counts: what runs costs for it, jobs reach their time limits, lifecycle rules act. \
            The clock never goes back.
            """)

    @OptionGroup var options: ProgramOptions

    @Argument(help: "instant, realtime or xN (x60: sixty times as fast); or advance and a time such as 12h.")
    var words: [String] = []

    func run() async throws {
        var effective = options.effective
        var advanceSeconds = 0.0
        switch (words.first, words.count) {
        case (nil, _): break
        case ("advance", 2): advanceSeconds = try ClockCommand.seconds(words[1])
        case ("advance", _): throw UsageError("clock advance takes a time: 30s, 45m, 12h, 3d or 2w.")
        case (let mode, 1): effective.clock = mode
        default: throw UsageError("clock takes instant, realtime, xN, or advance and a time such as 12h.")
        }
        let session = try Session.open(effective)
        let clock = try session.world.store.write { [advanceSeconds] database in
            let clock = try database.clock()
            if advanceSeconds == 0 { return clock }
            let advanced = clock.advanced(bySeconds: advanceSeconds)
            try database.setClock(advanced)
            return advanced
        }
        // What waited for time to pass moves on now, not at the next look.
        if advanceSeconds > 0 { await session.settle() }
        print("\(clock.mode)  \(Date(timeIntervalSince1970: clock.now()).formatted(.iso8601))")
    }

    /// Seconds of `12h`: a positive number and s, m, h, d or w.
    ///
    /// - Throws: `UsageError` for anything else and for more than ten years.
    static func seconds(_ text: String) throws -> Double {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        let limit = 10 * 365 * 86_400.0
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number > 0, number * unit <= limit
        else {
            throw UsageError("clock advance takes a time of at most ten years, such as 30s, 45m, 12h, 3d or 2w, not \"\(text)\".")
        }
        return number * unit
    }
}
