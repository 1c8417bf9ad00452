// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinearLearner

/// What `scripts/bench` measures of this program, as `sagebrush host benchmark linear FOLDER THREADS REPETITIONS`; not for people.
enum BenchmarkCommand {
    /// Runs the benchmark that the words name and prints a line of JSON for each repetition.
    static func run(_ words: [String]) throws {
        guard words.count == 4, words[0] == "linear", let threadCount = Int(words[2]), threadCount > 0,
            let repetitions = Int(words[3])
        else { throw UsageError("host benchmark linear FOLDER THREADS REPETITIONS: see scripts/bench.") }
        let results = try LinearBenchmark.run(
            directory: words[1], threadCount: threadCount, repetitions: repetitions,
            now: { ProcessInfo.processInfo.systemUptime })
        for result in results { print(result.json) }
    }
}
