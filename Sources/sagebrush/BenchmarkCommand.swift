// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import ConvolutionalNetwork
import DecisionTree
import Foundation
import KMeans
import LinearLearner

/// What `scripts/bench` measures of this program, as `sagebrush host benchmark …`; not for people.
enum BenchmarkCommand {
    /// A task gives a line of JSON for each repetition.
    private typealias Task =
        @Sendable (_ directory: String, _ threadCount: Int, _ repetitions: Int, _ now: () -> Double) throws -> [String]

    private static let tasks: [String: Task] = [
        "cnn": NetworkBenchmark.run,
        "ingest": IngestBenchmark.run,
        // Of kernels, the third number is that of hundredths of a second for each.
        "kernels": { _, _, repetitions, _ in KernelBenchmark.run(seconds: Double(repetitions) / 100, now: processorSeconds) },
        "kmeans": KMeansBenchmark.run,
        "linear": { try LinearBenchmark.run(directory: $0, threadCount: $1, repetitions: $2, now: $3).map(\.json) },
        "tree": TreeBenchmark.run,
    ]

    /// What this process has worked, in seconds.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Runs the benchmark that the words name.
    static func run(_ words: [String]) throws {
        switch words.first {
        case "prompt-world":
            guard words.count == 3, let count = Int(words[2]) else {
                throw UsageError("host benchmark prompt-world FOLDER COUNT: see scripts/bench.")
            }
            try PromptBenchmark.fill(path: words[1], count: count)
        case "keystroke":
            guard words.count == 4, let startCount = Int(words[2]), let repetitions = Int(words[3]) else {
                throw UsageError("host benchmark keystroke WORLD STARTS REPETITIONS: see scripts/bench.")
            }
            try PromptBenchmark.run(worldPath: words[1], startCount: startCount, repetitions: repetitions)
        default: try runTask(words)
        }
    }

    private static func runTask(_ words: [String]) throws {
        guard words.count == 4, let task = tasks[words[0]], let threadCount = Int(words[2]), threadCount > 0,
            let repetitions = Int(words[3])
        else {
            let names = tasks.keys.sorted().joined(separator: ", ")
            throw UsageError("host benchmark TASK FOLDER THREADS REPETITIONS, where TASK is one of \(names): see scripts/bench.")
        }
        for line in try task(words[1], threadCount, repetitions, { ProcessInfo.processInfo.systemUptime }) { print(line) }
    }
}
