// SPDX-License-Identifier: Apache-2.0

import Algorithm

/// The container's log lines, in its words.
struct LearnerLog: Sendable {
    /// A number about a model's quality.
    struct Quality: Sendable, Equatable {
        var name: String
        /// Losses are better small, scores large.
        var isLoss: Bool
        var value: Double

        static func loss(_ name: String, _ value: Double) -> Quality { Quality(name: name, isLoss: true, value: value) }
        static func score(_ name: String, _ value: Double) -> Quality { Quality(name: name, isLoss: false, value: value) }
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

    func info(_ text: String) { log.info(text) }

    /// What the container prints before it looks at data.
    func configuration() {
        let defaults = LinearLearner.hyperparameters.compactMap { parameter in
            parameter.defaultValue.map { (parameter.name, $0) }
        }
        let known = Set(defaults.map(\.0))
        let given = hyperparameters.given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let final =
            defaults.map { ($0.0, hyperparameters.texts[$0.0] ?? $0.1) } + given.filter { !known.contains($0.0) }
        log.info(
            "Reading default configuration from /opt/amazon/lib/python2.7/site-packages/algorithm/resources/default-input.json: "
                + Self.dictionary(defaults))
        log.info(
            "Merging with provided configuration from /opt/ml/input/config/hyperparameters.json: " + Self.dictionary(given))
        log.info("Final configuration: " + Self.dictionary(final))
        log.warning("Loggers have already been setup.")
        log.line("Process 1 is a worker.")
        log.info("Using default worker.")
        log.info("Checkpoint loading and saving are disabled.")
    }

    /// As Python 2 prints a dictionary of texts.
    private static func dictionary(_ pairs: [(String, String)]) -> String {
        "{" + pairs.map { "u'\($0.0)': u'\($0.1)'" }.joined(separator: ", ") + "}"
    }

    func store(hostCount: Int) { log.info("Create Store: \(hostCount > 1 ? "dist_async" : "local")") }

    func dataRead(epoch: Int, seconds: Double, batchCount: Int, byteCount: Int) {
        log.epochStatistics(
            dataPath: "/opt/ml/input/data/train", epoch: epoch, durationMilliseconds: Int(seconds * 1000),
            batchCount: batchCount, byteCount: byteCount)
    }

    func scaler(featureCount: Int, scales: Bool, centers: Bool, label: (mean: Float, deviation: Float)?) {
        func vector(_ isThere: Bool) -> String { isThere ? "<NDArray \(featureCount) @cpu(0)>" : "None" }
        func number(_ value: Float?) -> String { value.map { PythonNumber.text12(of: Double($0)) } ?? "None" }
        log.info("Scaler algorithm parameters")
        log.line(" <algorithm.scaler.ScalerAlgorithmStable object>")
        log.info("Scaling model computed with parameters:")
        log.line(
            " {'stdev_weight': \(vector(scales)), 'stdev_label': \(number(label?.deviation)), "
                + "'mean_label': \(number(label?.mean)), 'mean_weight': \(vector(centers))}")
        log.info("Number of GPUs being used: 0")
    }

    /// A `#metrics` line for every model and the line that the metric definitions read, with the first model's loss.
    func objective(_ name: String, channel: String, epoch: Int, losses: [Double], start: Double) {
        let operation = channel == "train" ? "training" : channel
        for (model, loss) in losses.enumerated() {
            log.metrics(
                [JobLog.Sample("\(channel)_\(name)", loss)],
                dimensions: [
                    ("model", .whole(model)), ("Host", .text(log.host)), ("Operation", .text(operation)),
                    ("Algorithm", .text(LinearLearner.logName)), ("epoch", .whole(epoch)),
                ], start: start, end: now)
        }
        log.info(
            "#quality_metric: host=\(log.host), epoch=\(epoch), \(channel) \(name) <loss>="
                + PythonNumber.text12(of: losses.first ?? .nan))
    }

    func earlyStopping(epoch: Int, criterion: String, value: Double) {
        log.info(
            "#early_stopping_criteria_metric: host=\(log.host), epoch=\(epoch), criteria=\(criterion), value="
                + PythonNumber.text12(of: value))
    }

    func improved(epoch: Int) {
        log.info("Epoch \(epoch): Loss improved. Updating best model")
        log.info("Saving model for epoch: \(epoch)")
    }

    func notImproved(epoch: Int, epochCount: Int) {
        log.info("Epoch \(epoch): Loss has not improved for \(epochCount) epochs.")
    }

    func stoppedEarly(epoch: Int, patience: Int) {
        log.info("Early stop condition met. Stopping training after epoch \(epoch): no improvement in \(patience) epochs.")
    }

    func epochEnd(epoch: Int, epochCount: Int, batchCount: Int, rowCount: Int, start: Double) {
        log.info("#progress_metric: host=\(log.host), completed \(100 * (epoch + 1) / epochCount) % of epochs")
        let end = now
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
                ("Algorithm", .text(LinearLearner.logName)), ("epoch", .whole(epoch)),
            ], start: start, end: end)
        let throughput = Double(rowCount) / max(end - start, 1e-6)
        log.info(
            "#throughput_metric: host=\(log.host), train throughput=\(PythonNumber.text12(of: throughput)) records/second")
    }

    /// The final lines of a channel: exact numbers first, then those that the metric definitions read.
    func scores(_ channel: String, _ qualities: [Quality]) {
        for quality in qualities {
            log.info(
                "#\(channel)_score (\(log.host)) : ('\(quality.name)', \(PythonNumber.representation(of: quality.value)))")
        }
        for quality in qualities {
            log.info(
                "#quality_metric: host=\(log.host), \(channel) \(quality.name) <\(quality.isLoss ? "loss" : "score")>="
                    + PythonNumber.text12(of: quality.value))
        }
    }

    func workersNotSynchronized() {
        log.warning("wait_for_all_workers will not sync workers since the kv store is not running distributed")
    }

    /// The winner's place on the grid, as JSON.
    func bestModel(_ pairs: [(String, String)]) {
        log.info(
            "Best model found for hyperparameters: {" + pairs.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}")
    }

    func noTestData() { log.info("Test data is not provided.") }

    func totals(epochCount: Int) {
        let end = now
        log.metrics(
            [JobLog.Sample("totaltime", (end - start) * 1000), JobLog.Sample("epochs", whole: epochCount)],
            dimensions: [
                ("Host", .text(log.host)), ("Operation", .text("training")), ("Algorithm", .text(LinearLearner.logName)),
            ], start: start, end: end)
    }
}
