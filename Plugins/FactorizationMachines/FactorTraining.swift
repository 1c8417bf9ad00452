// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A channel in memory, in batches.
struct FactorData {
    let batches: [FactorBatch]
    let rowCount: Int

    /// Reads a channel whole; its rows are shuffled where there is something to shuffle with.
    init(_ channel: InputChannel, settings: FactorSettings, random: inout Random, shuffles: Bool) throws {
        let examples = try channel.readExamples(ReadOptions(labels: .required, featureCount: settings.featureCount))
        if settings.isClassifier, let row = examples.labels.firstIndex(where: { $0 != 0 && $0 != 1 }) {
            throw DataError(
                .other(
                    "the label is \(PythonNumber.representation(of: Double(examples.labels[row]))); a binary classifier takes the labels 0 and 1"
                ),
                at: .init(file: "channel '\(channel.name)'", record: row + 1))
        }
        let features: FeatureMatrix?
        switch examples.features {
        case .dense(let values):
            features = Matrix(rowCount: examples.count, columnCount: examples.featureCount, values: values).map { .dense($0) }
        case .sparse(let rowStarts, let columns, let values):
            features = SparseMatrix(columnCount: examples.featureCount, rowStarts: rowStarts, columns: columns, values: values)
                .map { .sparse($0) }
        }
        guard let features else { throw AlgorithmError("channel '\(channel.name)' was read as parts that do not make a matrix") }
        let order = shuffles ? random.permutation(examples.count) : (0..<UInt32(examples.count)).map { $0 }
        batches = FactorBatch.batches(features, order: order, labels: examples.labels, batchSize: settings.batchSize)
        rowCount = examples.count
    }
}

/// One job's training.
struct FactorTraining {
    private let job: TrainingJob
    private let settings: FactorSettings

    init(_ job: TrainingJob, settings: FactorSettings) {
        self.job = job
        self.settings = settings
    }

    /// Trains until the epochs are over or the job is to stop.
    func run() throws -> FactorModel {
        let log = job.log
        log.info("Using default worker.")
        log.info("Create Store: local")
        var random = Random(seed: job.seed)
        let data = try FactorData(job.requiredChannel("train"), settings: settings, random: &random, shuffles: true)
        let test = try job.channel("test").map { try FactorData($0, settings: settings, random: &random, shuffles: false) }
        let coefficients = FactorizationCoefficients(
            bias: settings.biasStart.draw(&random),
            weights: (0..<settings.featureCount).map { _ in settings.linearStart.draw(&random) },
            factors: (0..<settings.featureCount * settings.factorCount).map { _ in settings.factorsStart.draw(&random) },
            factorCount: settings.factorCount)
        guard
            let machine = FactorizationMachine(
                coefficients, loss: settings.isClassifier ? .logistic : .squared, pool: ThreadPool(threadCount: job.threadCount))
        else { throw AlgorithmError("\(settings.featureCount) features with \(settings.factorCount) factors make no model") }
        for epoch in 0..<settings.epochCount where epoch == 0 || !job.isStopRequested { try runEpoch(epoch, machine, data) }
        if let test {
            let found = quality(test.batches.map { (machine.scores($0), $0.labels) }, machine)
            for (name, value, _) in found {
                log.info("#test_score (\(log.host)) : ('\(name)', \(PythonNumber.representation(of: value)))")
            }
            for (name, value, kind) in found { tell("test \(name) <\(kind)>", value) }
        } else {
            log.info("Test data is not provided.")
        }
        return FactorModel(isClassifier: settings.isClassifier, coefficients: machine.coefficients)
    }

    /// Batches' scores are those before their steps, as the service tells them.
    private func runEpoch(_ epoch: Int, _ machine: FactorizationMachine, _ data: FactorData) throws {
        let log = job.log
        let start = log.now()
        var random = Random(seed: job.seed, stream: UInt64(epoch + 1))
        var answers: [([Float], [Float])] = []
        for place in random.permutation(data.batches.count) {
            if job.isStopRequested, !answers.isEmpty { break }
            let batch = data.batches[Int(place)]
            answers.append((machine.learn(batch, with: settings.learning), batch.labels))
        }
        let found = quality(answers, machine)
        guard found.allSatisfy({ $0.1.isFinite }) else {
            throw AlgorithmError(
                "training diverged in epoch \(epoch): the loss is no longer a finite number; smaller values of bias_lr, linear_lr or "
                    + "factors_lr, or clip_gradient, may help")
        }
        for (name, value, kind) in found { tell("epoch=\(epoch), train \(name) <\(kind)>", value) }
        log.info("#progress_metric: host=\(log.host), completed \(100 * (epoch + 1) / settings.epochCount) % of epochs")
        let rowCount = answers.reduce(0) { $0 + $1.0.count }
        let throughput = Double(rowCount) / max(log.now() - start, 1e-6)
        log.info("#throughput_metric: host=\(log.host), train throughput=\(PythonNumber.text12(of: throughput)) records/second")
    }

    private func tell(_ what: String, _ value: Double) {
        job.log.info("#quality_metric: host=\(job.log.host), \(what)=\(PythonNumber.text12(of: value))")
    }

    /// The names, values and kinds of what is told about scores and labels.
    private func quality(_ answers: [([Float], [Float])], _ machine: FactorizationMachine) -> [(String, Double, String)] {
        let scores = answers.flatMap(\.0)
        let labels = answers.flatMap(\.1)
        let loss = machine.meanLoss(scores, labels: labels)
        let count = Double(max(1, labels.count))
        guard settings.isClassifier else {
            let absolute = zip(scores, labels).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / count
            return [("rmse", loss.squareRoot(), "loss"), ("mse", loss, "loss"), ("absolute_loss", absolute, "loss")]
        }
        var (hits, truePositives, found, wanted) = (0.0, 0.0, 0.0, 0.0)
        for (score, label) in zip(scores, labels) {
            let isPositive = score >= 0
            if isPositive == (label > 0.5) { hits += 1 }
            if isPositive, label > 0.5 { truePositives += 1 }
            if isPositive { found += 1 }
            if label > 0.5 { wanted += 1 }
        }
        let f = found + wanted == 0 ? 0 : 2 * truePositives / (found + wanted)
        return [
            ("binary_classification_accuracy", hits / count, "score"), ("binary_classification_cross_entropy", loss, "loss"),
            ("binary_f_1.000", f, "score"),
        ]
    }
}
