// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

@testable import Registry

/// Rows that every kind of algorithm has something to find in: two well separated groups, labelled 0 and 1.
struct ConformanceRows {
    var features: [[Float]]
    var labels: [Float]

    static let width = 6

    /// Quarters, so that every text format carries the very same numbers; a fourth of them zeros.
    init(_ count: Int, seed: UInt64 = 1) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func draw(_ bound: UInt64) -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float((state >> 33) % bound)
        }
        features = []
        labels = []
        for row in 0..<count {
            let label = Float(row % 2)
            features.append(
                (0..<Self.width).map { column in
                    let noise = draw(4) == 0 ? 0 : draw(9) / 4
                    return column < 2 ? noise + 8 * label : noise
                })
            labels.append(label)
        }
    }

    func mapped(_ change: (Float) -> Float) -> ConformanceRows {
        var rows = self
        rows.features = features.map { $0.map(change) }
        return rows
    }

    func part(_ range: Range<Int>) -> ConformanceRows {
        var rows = self
        rows.features = Array(features[range])
        rows.labels = Array(labels[range])
        return rows
    }

    var recordIO: [UInt8] { Self.recordIO(features, labels: labels) }

    static func recordIO(_ features: [[Float]], labels: [Float]?) -> [UInt8] {
        var encoder = RecordIOEncoder()
        for (index, row) in features.enumerated() { encoder.append(features: row, label: labels?[index]) }
        return encoder.bytes
    }

    /// The same rows without their zeros.
    var sparseRecordIO: [UInt8] {
        var encoder = RecordIOEncoder()
        for (row, label) in zip(features, labels) {
            let keys = row.indices.filter { row[$0] != 0 }
            encoder.append(
                features: [RecordTensor(values: keys.map { row[$0] }, keys: keys.map { UInt64($0) }, shape: [UInt64(row.count)])],
                labels: [RecordTensor(values: [label])])
        }
        return encoder.bytes
    }

    var labelledCSV: [UInt8] { Self.csv(zip(features, labels).map { [$1] + $0 }) }

    static func csv(_ rows: [[Float]]) -> [UInt8] {
        Array(rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined().utf8)
    }

    /// The features as the body of a request.
    func body(_ mediaType: String) -> [UInt8] {
        let instances = features.map { "{\"features\": [\($0.map { "\($0)" }.joined(separator: ", "))]}" }
        switch mediaType {
        case ContentType.csv.mediaType: return Self.csv(features)
        case ContentType.json.mediaType: return Array("{\"instances\": [\(instances.joined(separator: ", "))]}".utf8)
        case ContentType.jsonLines.mediaType: return Array(instances.map { $0 + "\n" }.joined().utf8)
        default: return Self.recordIO(features, labels: nil)
        }
    }
}

/// A job of one algorithm in a folder of its own.
final class ConformanceJob: Sendable {
    let algorithm: any Algorithm.Type
    let directory: String
    private let lines = Mutex<[String]>([])

    init(_ name: String) throws {
        guard let algorithm = Registry.algorithm(named: name) else { throw AlgorithmError("no algorithm '\(name)'") }
        self.algorithm = algorithm
        directory = NSTemporaryDirectory() + "conformance-" + UUID().uuidString
        for folder in ["model", "output"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var log: [String] { lines.withLock { $0 } }

    /// A small job's hyperparameters: what is required, by its kind, and what keeps it small.
    func hyperparameters(_ changes: [String: String] = [:]) -> [String: String] {
        let wanted = [
            "feature_dim": "\(ConformanceRows.width)", "mini_batch_size": "20", "epochs": "2", "k": "2", "sample_size": "100",
            "num_components": "2",
        ]
        var texts: [String: String] = [:]
        for parameter in algorithm.hyperparameters {
            if let text = wanted[parameter.name] {
                texts[parameter.name] = text
            } else if parameter.isRequired, parameter.defaultValue == nil {
                texts[parameter.name] = Self.someValue(of: parameter)
            }
        }
        return texts.merging(changes) { $1 }
    }

    private static func someValue(of parameter: Hyperparameter) -> String {
        switch parameter.kind {
        case .integer(let range): return "\(min(max(range.minimum ?? 2, 2), range.maximum ?? Int.max))"
        case .continuous(let range): return "\(((range.minimum ?? 0) + (range.maximum ?? 1)) / 2)"
        case .categorical(let values), .categoricalList(let values): return values.first ?? ""
        case .boolean: return "true"
        case .text: return "text"
        }
    }

    func channel(_ name: String, _ bytes: [UInt8], contentType: ContentType? = nil, file: String = "data") throws -> InputChannel {
        let path = "\(directory)/\(name).\(file)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return InputChannel(name: name, directory: directory, files: [path], contentType: contentType)
    }

    /// Every required channel with these bytes.
    func channels(_ bytes: [UInt8], contentType: ContentType? = nil) throws -> [InputChannel] {
        try algorithm.channels.filter(\.isRequired).map { try channel($0.name, bytes, contentType: contentType) }
    }

    func train(
        _ channels: [InputChannel], changes: [String: String] = [:], seed: UInt64 = 1, threadCount: Int = 1,
        topology: HostTopology = .single, collectives: any Collectives = SingleProcess()
    ) async throws {
        let values = try algorithm.hyperparameterValues(from: hyperparameters(changes))
        try algorithm.validate(channels)
        let log = JobLog(
            host: topology.currentHost, now: { 1_600_000_000 }, write: { line in self.lines.withLock { $0.append(line) } })
        try await algorithm.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory + "/output", scratchDirectory: directory, topology: topology, log: log,
                threadCount: threadCount, seed: seed, collectives: collectives))
    }

    /// The failure reason, or nil where the job ends well; anything but an error with a class is passed on.
    func failure(_ channels: [InputChannel], changes: [String: String] = [:]) async throws -> (any ClassifiedError)? {
        do {
            try await train(channels, changes: changes)
            return nil
        } catch let error as any ClassifiedError {
            return error
        }
    }

    /// The model's files, by name.
    func model() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory + "/model") {
            files[name] = Array(FileManager.default.contents(atPath: "\(directory)/model/\(name)") ?? Data())
        }
        return files
    }

    func predictor() throws -> any Predictor { try algorithm.load(from: directory + "/model") }

    /// A trained job over some rows.
    static func trained(_ name: String, on rows: ConformanceRows = ConformanceRows(120)) async throws -> ConformanceJob {
        let job = try ConformanceJob(name)
        try await job.train(job.channels(rows.recordIO))
        return job
    }
}

/// What a response says: the numbers of every example, in order.
enum ConformanceAnswers {
    static func numbers(_ response: InferenceResponse) throws -> [[Double]] {
        switch response.contentType {
        case ContentType.csv.mediaType:
            return String(decoding: response.body, as: UTF8.self).split(separator: "\n").map { line in
                line.split(separator: ",").compactMap { Double($0) }
            }
        case ContentType.jsonLines.mediaType:
            return try String(decoding: response.body, as: UTF8.self).split(separator: "\n").map {
                numbers(in: try JSONSerialization.jsonObject(with: Data($0.utf8)))
            }
        case ContentType.json.mediaType:
            let document = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
            // The one list, whatever the algorithm calls it.
            let lists = (document ?? [:]).values.compactMap { $0 as? [Any] }
            return lists.first?.map { numbers(in: $0) } ?? []
        default:
            return records(response.body)
        }
    }

    /// The numbers of a prediction, members by name.
    private static func numbers(in value: Any) -> [Double] {
        switch value {
        case let number as NSNumber: return [number.doubleValue]
        case let list as [Any]: return list.flatMap { numbers(in: $0) }
        case let object as [String: Any]: return object.sorted { $0.key < $1.key }.flatMap { numbers(in: $0.value) }
        default: return []
        }
    }

    /// One (empty) list a RecordIO frame: what is in them is the encoder's own tests' matter.
    private static func records(_ bytes: [UInt8]) -> [[Double]] {
        var count = 0
        var offset = 0
        while offset + 8 <= bytes.count, RecordIO.isRecordIO(Array(bytes[offset..<(offset + 8)])) {
            let length = bytes[(offset + 4)..<(offset + 8)].reversed().reduce(0) { $0 << 8 | Int($1) }
            offset += 8 + (length + 3) / 4 * 4
            count += 1
        }
        return offset == bytes.count ? [[Double]](repeating: [], count: count) : []
    }
}
