// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Compute

/// A channel in memory: images in as little memory as holds them exactly, and their classes.
struct NetworkData: Sendable {
    let images: Matrix
    let labels: [Int32]

    /// Reads a channel whole; `featureCount` and what says so, where the width is known already.
    init(_ channel: InputChannel, featureCount: Int?, source: String, pool: ThreadPool) throws {
        let examples = try channel.readExamples(
            ReadOptions(labels: .required, featureCount: featureCount, featureCountSource: source))
        guard
            let matrix = Matrix(rowCount: examples.count, columnCount: examples.featureCount, values: examples.denseValues())
        else { throw AlgorithmError("channel '\(channel.name)' was read as parts that do not make a matrix") }
        images = matrix.compacted(with: pool)
        if let row = examples.labels.firstIndex(where: { $0 < 0 || $0 > 65_534 || $0 != $0.rounded() }) {
            throw DataError(
                .other(
                    "the label is \(PythonNumber.representation(of: Double(examples.labels[row]))); labels are whole numbers from 0"
                ),
                at: .init(file: "channel '\(channel.name)'", record: row + 1))
        }
        labels = examples.labels.map { Int32($0) }
    }

    /// The largest magnitude of a number, 1 where there is none; what features are divided by.
    var largestMagnitude: Float {
        var largest: Float = 0
        switch images.storage {
        case .float32(let values): for value in values { largest = max(largest, abs(value)) }
        case .uint8(let codes, let divisor): largest = Float(codes.max() ?? 0) / divisor
        }
        return largest > 0 && (1 / largest).isFinite ? largest : 1
    }

    /// Throws ``DataError`` for a label that is not below `classCount`.
    func checkLabels(of channel: String, classCount: Int) throws {
        guard let row = labels.firstIndex(where: { Int($0) >= classCount }) else { return }
        throw DataError(
            .other("the label is \(labels[row]); with \(classCount) classes labels are whole numbers from 0 to \(classCount - 1)"),
            at: .init(file: "channel '\(channel)'", record: row + 1))
    }

    /// Writes the rows' features, divided by `scale`, one behind the other.
    func gather(_ rows: ArraySlice<UInt32>, scale: Float, into target: UnsafeMutablePointer<Float>) {
        let width = images.columnCount
        switch images.storage {
        case .float32(let values):
            let factor = 1 / scale
            for (place, row) in rows.enumerated() {
                let (from, to) = (Int(row) * width, place * width)
                for column in 0..<width { target[to + column] = values[from + column] * factor }
            }
        case .uint8(let codes, let divisor):
            let factor = 1 / (divisor * scale)
            for (place, row) in rows.enumerated() {
                let (from, to) = (Int(row) * width, place * width)
                for column in 0..<width { target[to + column] = Float(codes[from + column]) * factor }
            }
        }
    }
}
