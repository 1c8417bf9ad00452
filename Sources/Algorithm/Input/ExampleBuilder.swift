// SPDX-License-Identifier: Apache-2.0

/// Gathers examples: dense rows as they come, sparse rows as compressed rows, a mixture in the form of the first.
struct ExampleBuilder {
    /// The width; nil until the first example tells.
    private(set) var featureCount: Int?
    private(set) var count = 0
    private var isSparse = false
    private var values: [Float] = []
    private var columns: [Int32] = []
    private var rowStarts: [Int] = [0]
    private(set) var labels: [Float] = []
    private var scratch: [(column: Int32, value: Float)] = []

    init(featureCount: Int?) { self.featureCount = featureCount }

    /// Makes room for so many more dense examples.
    mutating func reserve(exampleCount: Int) {
        guard let featureCount, !isSparse, exampleCount > 0 else { return }
        let (valueCount, overflow) = exampleCount.multipliedReportingOverflow(by: featureCount)
        guard !overflow, valueCount <= 1 << 32 else { return }
        LargePages.reserve(values.count + valueCount, in: &values)
        labels.reserveCapacity(labels.count + exampleCount)
    }

    /// What was gathered; the builder is empty afterwards and keeps the width.
    mutating func take() -> ExampleSet {
        let width = featureCount ?? 0
        let features: ExampleSet.Features =
            isSparse ? .sparse(rowStarts: rowStarts, columns: columns, values: values) : .dense(values)
        let set = ExampleSet(count: count, featureCount: width, features: features, labels: labels)
        self = ExampleBuilder(featureCount: featureCount)
        return set
    }

    /// One dense row, from little-endian float32 bytes at any alignment; gives the problem, or nil.
    mutating func appendDense(_ bytes: UnsafeRawBufferPointer, label: Float?) -> DataError.Problem? {
        let width = bytes.count / 4
        if let featureCount, width != featureCount { return .wrongFieldCount(found: width, expected: featureCount) }
        featureCount = width
        if isSparse { return appendDenseAsSparse(bytes, label: label) }
        var finite = true
        values.append(addingCapacity: width) { (span: inout OutputSpan<Float>) in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                guard let target = buffer.baseAddress, let source = bytes.baseAddress else { return }
                UnsafeMutableRawPointer(target + initializedCount).copyMemory(from: source, byteCount: width * 4)
                finite = Self.allFinite(UnsafeBufferPointer(start: target + initializedCount, count: width))
                initializedCount += width
            }
        }
        if !finite {
            let bad = values.suffix(width).first { !$0.isFinite } ?? .nan
            values.removeLast(width)
            return .notFinite(text: "\(bad)")
        }
        finishRow(label)
        return nil
    }

    /// One dense row whose numbers `fill` writes, all of them and finite; nothing is added where it gives false.
    mutating func appendDense(label: Float?, width: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Bool) {
        var isFilled = false
        if isSparse {
            let row = [Float](unsafeUninitializedCapacity: width) { buffer, initializedCount in
                isFilled = fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<width]))
                initializedCount = width
            }
            if isFilled { _ = row.withUnsafeBytes { appendDenseAsSparse($0, label: label) } }
            return
        }
        values.append(addingCapacity: width) { (span: inout OutputSpan<Float>) in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                isFilled = fill(UnsafeMutableBufferPointer(rebasing: buffer[initializedCount..<(initializedCount + width)]))
                if isFilled { initializedCount += width }
            }
        }
        guard isFilled else { return }
        featureCount = width
        finishRow(label)
    }

    /// One sparse row; gives the problem, or nil.
    mutating func appendSparse(
        keys: [UInt64], values newValues: UnsafeRawBufferPointer, width: Int?, label: Float?
    ) -> DataError.Problem? {
        let entryCount = newValues.count / 4
        guard keys.count == entryCount else { return .wrongFieldCount(found: keys.count, expected: entryCount) }
        guard let total = featureCount ?? width else { return .missingField("shape of its sparse features") }
        if let width, width != total { return .wrongFieldCount(found: width, expected: total) }
        guard total <= Int(Int32.max) else { return .tooLarge(what: "the feature count \(total)", maximum: Int(Int32.max)) }
        if featureCount == nil { isSparse = true }
        if count == 0, entryCount < total { isSparse = true }
        featureCount = total
        scratch.removeAll(keepingCapacity: true)
        var isAscending = true
        for (i, key) in keys.enumerated() {
            guard key < UInt64(total) else { return .keyOutOfRange(key: key, featureCount: total) }
            let bits = UInt32(littleEndian: newValues.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self))
            let value = Float(bitPattern: bits)
            guard value.isFinite else { return .notFinite(text: "\(value)") }
            if let last = scratch.last, last.column >= Int32(key) { isAscending = false }
            scratch.append((Int32(key), value))
        }
        if !isAscending {
            scratch.sort { $0.column < $1.column }
            for i in scratch.indices.dropFirst() where scratch[i].column == scratch[i - 1].column {
                return .duplicateKey(UInt64(scratch[i].column))
            }
        }
        if isSparse {
            for entry in scratch {
                columns.append(entry.column)
                values.append(entry.value)
            }
            rowStarts.append(values.count)
        } else {
            let base = values.count
            values.append(contentsOf: repeatElement(0, count: total))
            for entry in scratch { values[base + Int(entry.column)] = entry.value }
        }
        finishRow(label)
        return nil
    }

    private mutating func appendDenseAsSparse(_ bytes: UnsafeRawBufferPointer, label: Float?) -> DataError.Problem? {
        let before = values.count
        for column in 0..<(bytes.count / 4) {
            let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: column * 4, as: UInt32.self))
            let value = Float(bitPattern: bits)
            guard value.isFinite else {
                values.removeLast(values.count - before)
                columns.removeLast(columns.count - before)
                return .notFinite(text: "\(value)")
            }
            if value != 0 {
                columns.append(Int32(column))
                values.append(value)
            }
        }
        rowStarts.append(values.count)
        finishRow(label)
        return nil
    }

    private mutating func finishRow(_ label: Float?) {
        count += 1
        if let label { labels.append(label) }
    }

    /// A float is infinite or NaN when its exponent bits are all ones: adding one to them carries into the sign bit.
    static func allFinite(_ row: UnsafeBufferPointer<Float>) -> Bool {
        var carries: UInt32 = 0
        for value in row { carries |= (value.bitPattern & 0x7f80_0000) &+ 0x0080_0000 }
        return carries & 0x8000_0000 == 0
    }
}
