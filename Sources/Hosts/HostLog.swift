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
    private let stream: LogStream
    private let clock: LiveClock
    private let metricReader: MetricReader
    private let metricNamespace: String
    private let metricDimensions: [MetricIdentity.Dimension]
    private let lines = Mutex<[Line]>([])
    /// One commit at a time: whoever flushes finds all that was written before in the store afterwards, also what another has taken up.
    private let committing = Mutex(())
    private let lastValues = Mutex<(order: [String], values: [String: (value: Double, time: Double)])>(([], [:]))

    /// Opens the stream, making it and its group where they are absent.
    init(
        store: Store, scope: Scope, group: String, stream: String, clock: LiveClock, metricReader: MetricReader = MetricReader([]),
        metricNamespace: String = "", metricDimensions: [MetricIdentity.Dimension] = []
    ) throws {
        self.store = store
        self.scope = scope
        self.clock = clock
        self.metricReader = metricReader
        self.metricNamespace = metricNamespace
        self.metricDimensions = metricDimensions
        self.stream = try store.write { try $0.ensureLogStream(stream, group: group, in: scope, now: clock.now()) }
    }

    /// Adds a line, stamped with the world's time.
    func write(_ text: String) {
        let line = Line(time: clock.now(), text: text)
        lines.withLock { $0.append(line) }
    }

    /// Commits what has been gathered.
    ///
    /// Where that fails, the lines are kept for the next time.
    func flush() throws {
        try committing.withLock { _ in
            let pending = lines.withLock { lines in
                defer { lines.removeAll() }
                return lines
            }
            do {
                try commit(pending)
            } catch {
                lines.withLock { $0.insert(contentsOf: pending, at: 0) }
                throw error
            }
        }
    }

    private func commit(_ pending: [Line]) throws {
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
        let logLines = pending.map { LogLine(time: $0.time, message: $0.text) }
        let data = metrics.map { metric in
            MetricDatum(
                MetricIdentity(namespace: metricNamespace, name: metric.name, dimensions: metricDimensions), timestamp: metric.time,
                value: metric.value)
        }
        let now = clock.now()
        let (stream, scope) = (stream.id, scope)
        try store.write { database in
            try database.appendLogLines(logLines, to: stream, now: now)
            try database.putMetricData(data, in: scope)
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
