// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// One job's training: which rows are kept.
struct NeighborTraining {
    private let job: TrainingJob
    private let settings: NeighborSettings
    private let pool: ThreadPool

    init(_ job: TrainingJob, settings: NeighborSettings) {
        self.job = job
        self.settings = settings
        pool = ThreadPool(threadCount: job.threadCount)
    }

    func run() throws -> NeighborModel {
        let log = job.log
        log.info("Using default worker.")
        let start = log.now()
        var random = Random(seed: job.seed)
        let channel = try job.requiredChannel("train")
        let examples = try read(channel)
        guard examples.count >= settings.neighborCount else {
            throw UserError(
                "channel '\(channel.name)' has \(examples.count) rows, fewer than the \(settings.neighborCount) neighbors that "
                    + "hyperparameter 'k' wants; give more rows or a smaller k")
        }
        let (rows, labels) = sample(examples, &random)
        let projection = settings.reduction.map { kind, target in
            NeighborProjection(kind, featureCount: settings.featureCount, targetCount: target, random: &random)
        }
        let model = NeighborModel(
            isClassifier: settings.isClassifier, neighborCount: settings.neighborCount, metric: settings.metric,
            projection: projection, rows: projection?.projected(rows, rowCount: labels.count) ?? rows, labels: labels)
        log.info("#progress_metric: host=\(log.host), completed 100 % of epochs")
        let throughput = Double(examples.count) / max(log.now() - start, 1e-6)
        log.info("#throughput_metric: host=\(log.host), train throughput=\(PythonNumber.text12(of: throughput)) records/second")
        if let test = job.channel("test") {
            try tellQuality(of: model, on: read(test))
        } else {
            log.info("Test data is not provided.")
        }
        return model
    }

    private func read(_ channel: InputChannel) throws -> ExampleSet {
        let examples = try channel.readExamples(ReadOptions(labels: .required, featureCount: settings.featureCount))
        if let row = examples.labels.firstIndex(where: { !$0.isFinite }) {
            throw DataError(
                .notFinite(text: "\(examples.labels[row])"), at: .init(file: "channel '\(channel.name)'", record: row + 1))
        }
        return examples
    }

    /// `sample_size` rows, each set of so many equally likely, in the order of the data; all, where there are no more.
    private func sample(_ examples: ExampleSet, _ random: inout Random) -> (rows: [Float], labels: [Float]) {
        let values = examples.denseValues()
        guard examples.count > settings.sampleCount else { return (values, examples.labels) }
        let kept = random.permutation(examples.count).prefix(settings.sampleCount).sorted().map { Int($0) }
        let width = examples.featureCount
        var rows: [Float] = []
        rows.reserveCapacity(kept.count * width)
        for row in kept { rows += values[row * width..<(row + 1) * width] }
        return (rows, kept.map { examples.labels[$0] })
    }

    private func tellQuality(of model: NeighborModel, on examples: ExampleSet) throws {
        let log = job.log
        let answers = try NeighborPredictor(model, pool: pool).answers(examples).0
        let count = Double(max(1, examples.count))
        var found: [(name: String, value: Double, kind: String)]
        if settings.isClassifier {
            let hits = zip(answers, examples.labels).reduce(0.0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
            found = [
                ("accuracy", hits / count, "score"), ("macro_f_1.000", Self.macroF(answers, examples.labels), "score"),
            ]
        } else {
            let squares = zip(answers, examples.labels).reduce(0.0) { sum, pair in
                let difference = Double(pair.0) - Double(pair.1)
                return sum + difference * difference
            }
            found = [("mse", squares / count, "loss")]
        }
        for (name, value, _) in found {
            log.info("#test_score (\(log.host)) : ('\(name)', \(PythonNumber.representation(of: value)))")
        }
        for (name, value, kind) in found {
            log.info("#quality_metric: host=\(log.host), test \(name) <\(kind)>=\(PythonNumber.text12(of: value))")
        }
    }

    /// The mean over the labels that occur of twice the hits by what was answered and what is true.
    static func macroF(_ answers: [Float], _ labels: [Float]) -> Double {
        var sizes: [Float: (hits: Double, total: Double)] = [:]
        for (answer, label) in zip(answers, labels) {
            sizes[answer, default: (0, 0)].total += 1
            sizes[label, default: (0, 0)].total += 1
            if answer == label { sizes[label, default: (0, 0)].hits += 1 }
        }
        let sum = sizes.keys.sorted().reduce(0.0) { sum, label in
            let size = sizes[label] ?? (0, 1)
            return sum + 2 * size.hits / size.total
        }
        return sum / Double(max(1, sizes.count))
    }
}
