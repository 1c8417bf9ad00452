// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import World

/// A host's lines on their way to its log stream, and the metrics found in them.
///
/// Lines are gathered and committed many at a time, because an algorithm may write thousands in a second.
final class HostLog: Sendable {
    private struct Line {
        var time: Double
        var text: String
    }

    private let store: Store
    private let scope: Scope
    private let group: String
    private let stream: String
    private let clock: Clock
    private let metricReader: MetricReader
    private let metricNamespace: String
    private let metricDimensions: [String: String]
    private let lines = Mutex<[Line]>([])
    private let lastValues = Mutex<(order: [String], values: [String: (value: Double, time: Double)])>(([], [:]))

    init(
        store: Store, scope: Scope, group: String, stream: String, clock: Clock, metricReader: MetricReader = MetricReader([]),
        metricNamespace: String = "", metricDimensions: [String: String] = [:]
    ) {
        self.store = store
        self.scope = scope
        self.group = group
        self.stream = stream
        self.clock = clock
        self.metricReader = metricReader
        self.metricNamespace = metricNamespace
        self.metricDimensions = metricDimensions
    }

    /// Adds a line, stamped with the world's time.
    func write(_ text: String) {
        let line = Line(time: clock.now(), text: text)
        lines.withLock { $0.append(line) }
    }

    /// Commits what has been gathered.
    func flush() throws {
        let pending = lines.withLock { lines in
            defer { lines.removeAll() }
            return lines
        }
        guard !pending.isEmpty else { return }
        let metrics = pending.flatMap { line in
            metricReader.metrics(in: line.text).map { (name: $0.name, value: $0.value, time: line.time) }
        }
        lastValues.withLock { last in
            for metric in metrics {
                if last.values.updateValue((metric.value, metric.time), forKey: metric.name) == nil {
                    last.order.append(metric.name)
                }
            }
        }
        let events = pending.map { LogEvent(timestampMilliseconds: Int($0.time * 1000), message: $0.text) }
        let now = clock.now()
        try store.write { database in
            try database.appendLogEvents(events, group: group, stream: stream, in: scope, now: now)
            for metric in metrics {
                try database.putMetric(
                    namespace: metricNamespace, name: metric.name, dimensions: metricDimensions, value: metric.value,
                    time: metric.time, in: scope)
            }
        }
    }

    /// Commits every tenth of a second until the task is cancelled.
    func flushRegularly() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(100))
            try? flush()
        }
    }

    /// The last value of each metric seen so far, in the order in which they first came.
    var finalMetrics: [TrainingJobRecord.FinalMetric] {
        lastValues.withLock { last in
            last.order.compactMap { name in
                last.values[name].map { TrainingJobRecord.FinalMetric(metricName: name, value: $0.value, timestamp: $0.time) }
            }
        }
    }
}
