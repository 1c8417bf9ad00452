// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

@testable import DecisionTree

/// A job in a folder of its own that collects its log.
final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "decision-tree-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory + "/model", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var log: [String] { lines.withLock { $0 } }

    func channel(_ name: String, _ bytes: [UInt8], contentType: ContentType? = nil) throws -> InputChannel {
        let path = "\(directory)/\(name).data"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return InputChannel(name: name, directory: directory, files: [path], contentType: contentType)
    }

    func train(
        _ hyperparameters: [String: String], _ channels: [InputChannel], seed: UInt64 = 0, threadCount: Int = 1
    ) async throws {
        let values = try DecisionTree.hyperparameterValues(from: hyperparameters)
        try DecisionTree.validate(channels)
        let clock = Atomic<Int>(1_600_000_000)
        let log = JobLog(
            now: { Double(clock.add(1, ordering: .relaxed).newValue) },
            write: { line in self.lines.withLock { $0.append(line) } })
        try await DecisionTree.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, threadCount: threadCount, seed: seed))
    }

    func document() throws -> TreeDocument { try TreeDocument(directory: directory + "/model") }

    func answer(_ body: String, contentType: String = "text/csv", accept: String? = nil) throws -> String {
        let predictor = try DecisionTree.load(from: directory + "/model")
        let request = InferenceRequest(body: Array(body.utf8), contentType: contentType, accept: accept)
        return String(decoding: try predictor.predict(request).body, as: UTF8.self)
    }

    /// The value that a metric's regular expression finds last.
    func metric(_ name: String) throws -> Double? {
        guard let definition = DecisionTree.metrics.first(where: { $0.name == name }) else { return nil }
        let expression = try Regex(definition.regularExpression)
        return log.compactMap { $0.firstMatch(of: expression)?.output[1].substring }.last.flatMap { Double($0) }
    }
}

/// scikit-learn's trees on iris, and iris.
struct IrisVectors: Decodable {
    struct Case: Decodable {
        /// The values as text, as a job would give them.
        var settings: [String: String]
        var trees: [RecordedTree]

        private enum Key: CodingKey { case settings, trees }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            trees = try container.decode([RecordedTree].self, forKey: .trees)
            settings = try container.decode([String: Setting].self, forKey: .settings).mapValues(\.text)
        }
    }

    /// A word, a number or an object.
    struct Setting: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let word = try? container.decode(String.self) {
                text = word
            } else if let count = try? container.decode(Int.self) {
                text = "\(count)"
            } else if let number = try? container.decode(Double.self) {
                text = "\(number)"
            } else {
                let object = try container.decode([String: Double].self)
                text = String(decoding: try JSONEncoder().encode(object), as: UTF8.self)
            }
        }
    }

    struct RecordedTree: Decodable {
        var left: [Int]
        var right: [Int]
        var feature: [Int]
        var threshold: [Double]
        var impurity: [Double]
        var samples: [Int]
        var weight: [Double]
        var value: [[Double]]
        var importances: [Double]
        var text: String
    }

    var rows: [[Double]]
    var labels: [String]
    var cases: [Case]

    static func load() throws -> IrisVectors {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Vectors/iris-trees/trees.json")
        return try JSONDecoder().decode(IrisVectors.self, from: Data(contentsOf: url))
    }

    /// Label first; for numbers the petal's width is the label.
    func csv(isRegression: Bool = false) -> [UInt8] {
        let lines = zip(rows, labels).map { row, label in
            (isRegression ? ["\(row[3])"] + row[0..<3].map { "\($0)" } : [label] + row.map { "\($0)" }).joined(separator: ",")
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}

/// Rows of small whole numbers, some of them zero, with labels that depend on a few of them.
struct CountedRows {
    var values: [[Float]] = []
    var labels: [Int] = []

    init(_ count: Int, width: Int, seed: UInt64) {
        var random = Random(seed: seed)
        for _ in 0..<count {
            let row = (0..<width).map { _ in random.uniform() < 0.6 ? Float(0) : Float(Int(random.next() % 9)) - 3 }
            values.append(row)
            labels.append(min(4, max(0, Int(row[0] + row[1] * row[2]) + Int(random.next() % 2))))
        }
    }

    var csv: [UInt8] {
        Array(
            zip(values, labels).map { row, label in "\(label)," + row.map { "\($0)" }.joined(separator: ",") + "\n" }.joined().utf8)
    }

    var recordIO: [UInt8] {
        var encoder = RecordIOEncoder()
        for (row, label) in zip(values, labels) { encoder.append(features: row, label: Float(label)) }
        return encoder.bytes
    }

    var sparseRecordIO: [UInt8] {
        var encoder = RecordIOEncoder()
        for (row, label) in zip(values, labels) {
            let keys = row.indices.filter { row[$0] != 0 }
            encoder.append(
                features: [RecordTensor(values: keys.map { row[$0] }, keys: keys.map { UInt64($0) }, shape: [UInt64(row.count)])],
                labels: [RecordTensor(values: [Float(label)])])
        }
        return encoder.bytes
    }
}
