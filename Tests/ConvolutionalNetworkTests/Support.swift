// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

@testable import ConvolutionalNetwork

/// A job in a folder of its own that collects its log.
final class TestJob: Sendable {
    /// A small network for images of 6 by 6.
    static let small = """
        [{"type": "conv", "filters": 5, "kernel": 3}, {"type": "relu"}, {"type": "pool", "size": 2},
        {"type": "dense", "units": 20}, {"type": "relu"}, {"type": "dense"}]
        """

    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "convolutional-network-" + UUID().uuidString
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
        _ hyperparameters: [String: String], _ channels: [InputChannel], seed: UInt64 = 0, threadCount: Int = 1,
        stopFlag: StopFlag = StopFlag()
    ) async throws {
        let values = try ConvolutionalNetwork.hyperparameterValues(from: hyperparameters)
        try ConvolutionalNetwork.validate(channels)
        let clock = Atomic<Int>(1_600_000_000)
        let log = JobLog(
            now: { Double(clock.add(1, ordering: .relaxed).newValue) },
            write: { line in self.lines.withLock { $0.append(line) } })
        try await ConvolutionalNetwork.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, log: log, stopFlag: stopFlag, threadCount: threadCount,
                seed: seed))
    }

    func file() throws -> NetworkFile { try NetworkFile(directory: directory + "/model") }

    func answer(_ body: [UInt8], contentType: String, accept: String? = nil) throws -> String {
        let predictor = try ConvolutionalNetwork.load(from: directory + "/model")
        let request = InferenceRequest(body: body, contentType: contentType, accept: accept)
        return String(decoding: try predictor.predict(request).body, as: UTF8.self)
    }

    /// The last value of a `#quality_metric` line.
    func quality(_ channel: String, _ name: String) -> Double? {
        log.last { $0.contains("#quality_metric") && $0.contains("\(channel) \(name) <") }
            .flatMap { $0.split(separator: "=").last }.flatMap { Double($0) }
    }
}

/// Images of 6 by 6: a bright bar that lies (class 0), stands (class 1) or slants (class 2), at some place, among noise.
struct BarImages {
    var images: [[Float]] = []
    var labels: [Int] = []

    init(_ count: Int, seed: UInt64) {
        var random = Random(seed: seed)
        for index in 0..<count {
            let label = index % 3
            var image = (0..<36).map { _ in Float(random.next() % 60) }
            let place = Int(random.next() % 4)
            let start = Int(random.next() % 3)
            for step in start..<start + 4 {
                let pixel =
                    label == 0 ? (place + 1) * 6 + step : label == 1 ? step * 6 + place + 1 : step * 6 + min(5, step + place / 3)
                image[min(35, pixel)] = 200 + Float(random.next() % 55)
            }
            images.append(image)
            labels.append(label)
        }
    }

    var recordIO: [UInt8] {
        var encoder = RecordIOEncoder()
        for (image, label) in zip(images, labels) { encoder.append(features: image, label: Float(label)) }
        return encoder.bytes
    }

    var csv: [UInt8] {
        Array(
            zip(images, labels).map { image, label in "\(label)," + image.map { "\($0)" }.joined(separator: ",") + "\n" }.joined()
                .utf8)
    }
}
