// SPDX-License-Identifier: Apache-2.0

/// A named float32 tensor of a record: dense without keys; sparse with keys and a width.
public struct RecordTensor: Sendable, Equatable {
    /// The key in the record's map; `values` in training data.
    public var name: String
    /// The values.
    public var values: [Float]
    /// The index of each value in a sparse tensor; empty in a dense one.
    public var keys: [UInt64]
    /// The dimensions; empty where they are not written.
    public var shape: [UInt64]

    /// Makes one from its parts.
    public init(name: String = "values", values: [Float], keys: [UInt64] = [], shape: [UInt64] = []) {
        self.name = name
        self.values = values
        self.keys = keys
        self.shape = shape
    }
}

/// Writes framed `Record` messages into memory, byte for byte as protobuf serializes them with fields in ascending order.
public struct RecordIOEncoder {
    /// The frames so far.
    public private(set) var bytes: [UInt8] = []

    /// An encoder without frames.
    public init() {}

    /// Makes room for so many more bytes.
    public mutating func reserve(byteCount: Int) { LargePages.reserve(bytes.count + max(0, byteCount), in: &bytes) }

    /// Gives the frames so far and begins anew.
    public mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// Hands over the frames so far and begins anew in the same memory.
    public mutating func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try bytes.withUnsafeBytes(body)
        bytes.removeAll(keepingCapacity: true)
    }

    /// One example of dense features, with or without a label.
    public mutating func append(features: UnsafeBufferPointer<Float>, label: Float?) {
        let tensor = TensorSize(nameByteCount: 6, valueCount: features.count)
        let labelSize = TensorSize(nameByteCount: 6, valueCount: 1)
        var payload = Self.fieldByteCount(tensor.entry)
        if label != nil { payload += Self.fieldByteCount(labelSize.entry) }
        frame(payload) { encoder in
            encoder.append(mapField: 0x0a, name: "values", tensor)
            encoder.append(floats: features)
            if let label {
                encoder.append(mapField: 0x12, name: "values", labelSize)
                encoder.append(littleEndian: label.bitPattern)
            }
        }
    }

    /// One example of dense features, with or without a label.
    public mutating func append(features: [Float], label: Float?) {
        features.withUnsafeBufferPointer { append(features: $0, label: label) }
    }

    /// A record of any tensors, as features and as labels.
    public mutating func append(features: [RecordTensor], labels: [RecordTensor]) {
        let featureSizes = features.map(TensorSize.init)
        let labelSizes = labels.map(TensorSize.init)
        let payload = (featureSizes + labelSizes).reduce(0) { $0 + Self.fieldByteCount($1.entry) }
        frame(payload) { encoder in
            for (tensor, size) in zip(features, featureSizes) { encoder.append(mapField: 0x0a, tensor, size) }
            for (tensor, size) in zip(labels, labelSizes) { encoder.append(mapField: 0x12, tensor, size) }
        }
    }

    /// The lengths of the nested messages of a tensor in a map entry.
    private struct TensorSize {
        var values: Int
        var keys = 0
        var shape = 0
        var tensor: Int
        var value: Int
        var entry: Int

        init(nameByteCount: Int, valueCount: Int, keys: Int = 0, shape: Int = 0) {
            values = valueCount * 4
            self.keys = keys
            self.shape = shape
            tensor = [values, keys, shape].reduce(0) { $0 + ($1 == 0 ? 0 : RecordIOEncoder.fieldByteCount($1)) }
            value = RecordIOEncoder.fieldByteCount(tensor)
            entry = RecordIOEncoder.fieldByteCount(nameByteCount) + RecordIOEncoder.fieldByteCount(value)
        }

        init(_ tensor: RecordTensor) {
            self.init(
                nameByteCount: tensor.name.utf8.count, valueCount: tensor.values.count,
                keys: tensor.keys.reduce(0) { $0 + RecordIOEncoder.varintByteCount($1) },
                shape: tensor.shape.reduce(0) { $0 + RecordIOEncoder.varintByteCount($1) })
        }
    }

    private static func varintByteCount(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }

    /// A tag of one byte, a length, and so many bytes.
    private static func fieldByteCount(_ byteCount: Int) -> Int { 1 + varintByteCount(UInt64(byteCount)) + byteCount }

    private mutating func frame(_ payloadByteCount: Int, _ body: (inout RecordIOEncoder) -> Void) {
        let end = bytes.count + RecordIO.framedByteCount(payloadByteCount: payloadByteCount)
        append(littleEndian: RecordIO.magic)
        append(littleEndian: UInt32(truncatingIfNeeded: payloadByteCount))
        body(&self)
        while bytes.count < end { bytes.append(0) }
    }

    private mutating func append(mapField tag: UInt8, name: String, _ size: TensorSize) {
        append(tag: tag, length: size.entry)
        append(tag: 0x0a, length: name.utf8.count)
        bytes.append(contentsOf: name.utf8)
        append(tag: 0x12, length: size.value)
        append(tag: 0x12, length: size.tensor)
        if size.values > 0 { append(tag: 0x0a, length: size.values) }
    }

    private mutating func append(mapField tag: UInt8, _ tensor: RecordTensor, _ size: TensorSize) {
        append(mapField: tag, name: tensor.name, size)
        tensor.values.withUnsafeBufferPointer { append(floats: $0) }
        if size.keys > 0 {
            append(tag: 0x12, length: size.keys)
            for key in tensor.keys { append(varint: key) }
        }
        if size.shape > 0 {
            append(tag: 0x1a, length: size.shape)
            for dimension in tensor.shape { append(varint: dimension) }
        }
    }

    private mutating func append(floats: UnsafeBufferPointer<Float>) {
        #if _endian(little)
            bytes.append(contentsOf: UnsafeRawBufferPointer(floats))
        #else
            for value in floats { append(littleEndian: value.bitPattern) }
        #endif
    }

    private mutating func append(tag: UInt8, length: Int) {
        bytes.append(tag)
        append(varint: UInt64(length))
    }

    private mutating func append(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private mutating func append(littleEndian value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
