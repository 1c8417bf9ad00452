// SPDX-License-Identifier: Apache-2.0

import Algorithm

/// The container's log lines, in its words.
struct KMeansLog: Sendable {
    /// Where the seconds of the mini-batch phase went.
    struct Timings: Sendable {
        var loading = 0.0
        var distances = 0.0
        var exchange = 0.0
        var update = 0.0

        var named: [(String, Double)] {
            [
                ("batch data loading with context", loading), ("compute all data-center distances: inner product", distances),
                ("collect from kv store", exchange), ("gradient: cluster center", update),
            ]
        }
    }

    private let log: JobLog
    private let hyperparameters: HyperparameterValues
    private let start: Double

    init(_ log: JobLog, hyperparameters: HyperparameterValues) {
        self.log = log
        self.hyperparameters = hyperparameters
        start = log.now()
    }

    var now: Double { log.now() }

    /// What the container prints before it looks at data.
    func configuration(_ settings: KMeansSettings, hostCount: Int) {
        let defaults = KMeans.hyperparameters.compactMap { parameter in
            parameter.defaultValue.map { (parameter.name, $0) }
        }
        let given = hyperparameters.given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let known = Set(defaults.map(\.0))
        let final = defaults.map { ($0.0, hyperparameters.texts[$0.0] ?? $0.1) } + given.filter { !known.contains($0.0) }
        log.info(
            "Reading default configuration from /opt/amazon/lib/python2.7/site-packages/algorithm/resources/default-input.json: "
                + Self.dictionary(defaults))
        log.info(
            "Reading provided configuration from /opt/ml/input/config/hyperparameters.json: " + Self.dictionary(given))
        log.info("Final configuration: " + Self.dictionary(final))
        log.warning("Loggers have already been setup.")
        log.line("Process 1 is a worker.")
        log.info("Using default worker.")
        log.info("Create Store: \(hostCount > 1 ? "dist_async" : "local")")
        log.info("Setting up with params: " + Self.dictionary(final))
        log.info("number of center slices 1")
    }

    /// As Python 2 prints a dictionary of texts.
    private static func dictionary(_ pairs: [(String, String)]) -> String {
        "{" + pairs.map { "u'\($0.0)': u'\($0.1)'" }.joined(separator: ", ") + "}"
    }

    func smallBatch(batchSize: Int, rowCount: Int) {
        log.warning(
            "Batch size \(batchSize) is bigger than the first batch data. Effective batch size used to initialize is \(rowCount)")
    }

    func epochEnd(epoch: Int, epochCount: Int, batchCount: Int, rowCount: Int, byteCount: Int, start: Double) {
        let end = now
        log.epochStatistics(
            dataPath: "/opt/ml/input/data/train", epoch: epoch, durationMilliseconds: Int(max(0, end - start) * 1000),
            batchCount: batchCount, byteCount: byteCount)
        log.info("processed a total of \(rowCount) examples")
        log.info("#progress_metric: host=\(log.host), completed \(100 * (epoch + 1) / epochCount) % of epochs")
        log.metrics(
            [
                JobLog.Sample("Max Batches Seen Between Resets", whole: batchCount),
                JobLog.Sample("Number of Batches Since Last Reset", whole: batchCount),
                JobLog.Sample("Number of Records Since Last Reset", whole: rowCount),
                JobLog.Sample("Total Batches Seen", whole: batchCount * (epoch + 1)),
                JobLog.Sample("Total Records Seen", whole: rowCount * (epoch + 1)),
                JobLog.Sample("Max Records Seen Between Resets", whole: rowCount), JobLog.Sample("Reset Count", whole: epoch + 1),
            ],
            dimensions: [
                ("Host", .text(log.host)), ("Meta", .text("training_data_iter")), ("Operation", .text("training")),
                ("Algorithm", .text(KMeans.logName)), ("epoch", .whole(epoch)),
            ], start: start, end: end)
        let throughput = Double(rowCount) / max(end - start, 1e-6)
        log.info(
            "#throughput_metric: host=\(log.host), train throughput=\(PythonNumber.text12(of: throughput)) records/second")
    }

    func shrinking(from centreCount: Int, to clusterCount: Int) {
        log.info("shrinking \(centreCount) centers into \(clusterCount)")
    }

    func attempt(_ number: Int, meanSquare: Double) {
        log.info("local kmeans attempt #\(number). Current mean square distance \(PythonNumber.text12(of: meanSquare))")
    }

    func shrunk(meanSquare: Double) {
        log.info("finished shrinking process. Mean Square Distance = \(Int(min(max(meanSquare, 0), 9e18)))")
    }

    func quality(_ channel: String, _ name: String, _ value: Double) {
        log.info("#quality_metric: host=\(log.host), \(channel) \(name) <loss>=\(PythonNumber.text12(of: value))")
    }

    func timings(_ timings: Timings) {
        let total = timings.named.reduce(0) { $0 + $1.1 }
        for (name, seconds) in timings.named {
            let share = total > 0 ? (1e6 * seconds / total).rounded() / 1e4 : 0
            log.info("\(name) took: \(share)%, (\((seconds * 1e6).rounded() / 1e6) secs)")
        }
        log.info("TOTAL took: \(PythonNumber.text12(of: total))")
    }

    func noTestData() { log.info("Test data is not provided.") }

    func totals(epochCount: Int) {
        log.metrics(
            [JobLog.Sample("totaltime", (now - start) * 1000), JobLog.Sample("epochs", whole: epochCount)],
            dimensions: [
                ("Host", .text(log.host)), ("Operation", .text("training")), ("Algorithm", .text(KMeans.logName)),
            ], start: start, end: now)
    }
}
