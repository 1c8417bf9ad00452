// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute
import Foundation
import Synchronization

@testable import KMeans

/// A job in a folder of its own that collects its log.
final class TestJob: Sendable {
    let directory: String
    private let lines = Mutex<[String]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "kmeans-" + UUID().uuidString
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
        _ hyperparameters: [String: String], _ channels: [InputChannel], seed: UInt64 = 1, threadCount: Int = 1,
        stopFlag: StopFlag = StopFlag(), topology: HostTopology = .single, collectives: any Collectives = SingleProcess()
    ) async throws {
        let values = try KMeans.hyperparameterValues(from: hyperparameters)
        try KMeans.validate(channels)
        let clock = Atomic<Int>(1_600_000_000)
        let log = JobLog(
            host: topology.currentHost, now: { Double(clock.add(1, ordering: .relaxed).newValue) },
            write: { line in self.lines.withLock { $0.append(line) } })
        try await KMeans.train(
            TrainingJob(
                name: "job", hyperparameters: values, channels: channels, modelDirectory: directory + "/model",
                outputDirectory: directory, scratchDirectory: directory, topology: topology, log: log, stopFlag: stopFlag,
                threadCount: threadCount, seed: seed, collectives: collectives))
    }

    var modelBytes: [UInt8] { Array(FileManager.default.contents(atPath: directory + "/model/model_algo-1") ?? Data()) }

    func model() throws -> KMeansModel { try KMeansModel(directory: directory + "/model") }

    func predictions(_ rows: [[Float]]) throws -> (clusters: [Int], distances: [Float]) {
        let found = try KMeansPredictor(model()).predict(
            ExampleSet(count: rows.count, featureCount: rows.first?.count ?? 0, features: .dense(rows.flatMap { $0 })))
        return (found.columns[0].values.map { Int($0) }, found.columns[1].values)
    }

    /// The last value of a `#quality_metric` line.
    func quality(_ channel: String, _ name: String) -> Double? {
        log.last { $0.contains("#quality_metric: host=") && $0.contains("\(channel) \(name) <loss>=") }
            .flatMap { $0.split(separator: "=").last }.flatMap { Double($0) }
    }
}

/// Rows around the corners of a cube; row i belongs to corner i % groups.
func corners(_ count: Int, groups: Int = 4, width: Int = 6, seed: UInt64, whole: Bool = false) -> [[Float]] {
    var random = Random(seed: seed)
    return (0..<count).map { row in
        (0..<width).map { column in
            let corner: Float = (row % groups) >> (column % 3) & 1 == 1 ? 90 : 10
            let value = corner + 4 * random.normal()
            return whole ? max(0, value.rounded()) : value
        }
    }
}

func recordIO(_ rows: [[Float]], labels: [Float]? = nil) -> [UInt8] {
    var encoder = RecordIOEncoder()
    for (index, row) in rows.enumerated() { encoder.append(features: row, label: labels?[index]) }
    return encoder.bytes
}

func csv(_ rows: [[Float]]) -> [UInt8] {
    Array(rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined().utf8)
}

/// The share of rows whose cluster's most frequent group is their own.
func purity(_ clusters: [Int], _ groups: [Int]) -> Double {
    var counts: [Int: [Int: Int]] = [:]
    for (cluster, group) in zip(clusters, groups) { counts[cluster, default: [:]][group, default: 0] += 1 }
    return Double(counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }) / Double(max(1, clusters.count))
}

/// Hosts that are threads of this process: who comes last to a sum wakes the others.
final class ThreadHosts: Sendable {
    struct Meeting {
        var arrived = 0
        var round = 0
        var gathered: [Int: [Double]] = [:]
        var result: [[Double]] = []
    }

    let count: Int
    private let meeting = Mutex(Meeting())
    private let gate = NSCondition()

    init(count: Int) { self.count = count }

    /// Gives the values of all hosts when all have come.
    func meet(_ rank: Int, _ values: [Double]) -> [[Double]] {
        gate.lock()
        defer { gate.unlock() }
        let round = meeting.withLock { meeting in
            meeting.gathered[rank] = values
            meeting.arrived += 1
            let round = meeting.round
            if meeting.arrived == count {
                meeting.result = (0..<count).map { meeting.gathered[$0] ?? [] }
                meeting.arrived = 0
                meeting.round += 1
                gate.broadcast()
            }
            return round
        }
        while meeting.withLock({ $0.round == round }) { gate.wait() }
        return meeting.withLock { $0.result }
    }

    struct Host: Collectives {
        let hosts: ThreadHosts
        let rank: Int
        var count: Int { hosts.count }

        func allReduce(_ values: UnsafeMutableBufferPointer<Float>) {
            let all = hosts.meet(rank, values.map { Double($0) })
            for index in values.indices { values[index] = Float(all.reduce(0) { $0 + $1[index] }) }
        }
        func allReduce(_ values: UnsafeMutableBufferPointer<Double>) {
            let all = hosts.meet(rank, Array(values))
            for index in values.indices { values[index] = all.reduce(0) { $0 + $1[index] } }
        }
        func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) {
            let all = hosts.meet(rank, values.map { Double($0) })
            for index in values.indices { values[index] = Float(all[root][index]) }
        }
        func allGather(_ values: [Double]) -> [[Double]] { hosts.meet(rank, values) }
        func barrier() { _ = hosts.meet(rank, []) }
    }
}
