// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf

/// Reads `Record` messages into examples.
///
/// The form that every writer in use produces (one `values` entry, one float32 tensor, packed) is read in place; anything else goes
/// through swift-protobuf, which is the definition of what a message means.
struct RecordDecoder {
    /// What a record holds, in place: float32 bytes, packed keys, the width.
    struct View {
        var values = UnsafeRawBufferPointer(start: nil, count: 0)
        var keys: UnsafeRawBufferPointer?
        var shape: UnsafeRawBufferPointer?
    }

    private var keys: [UInt64] = []
    /// Whether examples must have a label, must not be looked at for one, or may have one.
    var labels: LabelPolicy
    /// Takes labels as names, where they are.
    let labelNames: LabelNames?

    init(labels: LabelPolicy, labelNames: LabelNames? = nil) {
        self.labels = labels
        self.labelNames = labelNames
    }

    /// Adds one record; gives the problem, or nil.
    mutating func decode(_ payload: UnsafeRawBufferPointer, into builder: inout ExampleBuilder) -> DataError.Problem? {
        var features = View()
        var label = View()
        var hasFeatures = false
        var hasLabel = false
        var cursor = Cursor(payload)
        while !cursor.isAtEnd {
            guard let tag = cursor.varint(), let body = cursor.lengthDelimited() else { return decodeSlowly(payload, &builder) }
            if tag == 0x0a, !hasFeatures, Self.readEntry(body, into: &features) {
                hasFeatures = true
            } else if tag == 0x12, !hasLabel, Self.readEntry(body, into: &label) {
                hasLabel = true
            } else if tag == 0x1a || tag == 0x22 || tag == 0x2a, body.allSatisfy({ $0 < 0x80 }) {
                continue
            } else {
                return decodeSlowly(payload, &builder)
            }
        }
        guard hasFeatures, label.keys == nil, labels == .ignored || !hasLabel || label.values.count == 4 else {
            return decodeSlowly(payload, &builder)
        }
        var labelValue: Float?
        if hasLabel, labels != .ignored {
            let bits = UInt32(littleEndian: label.values.loadUnaligned(as: UInt32.self))
            labelValue = Float(bitPattern: bits)
        }
        if let problem = check(label: labelValue) { return problem }
        return append(features, label: named(labelValue), to: &builder)
    }

    private func named(_ label: Float?) -> Float? {
        guard let labelNames, let label else { return label }
        return labelNames.place(of: label)
    }

    private func check(label: Float?) -> DataError.Problem? {
        switch label {
        case .none: return labels == .required ? .missingField("label['values']") : nil
        case .some(let value): return value.isFinite ? nil : .notFinite(text: "the label \(value)")
        }
    }

    private mutating func append(_ features: View, label: Float?, to builder: inout ExampleBuilder) -> DataError.Problem? {
        let width: Int?
        switch Self.width(shape: features.shape) {
        case .success(let value): width = value
        case .failure(let problem): return problem.problem
        }
        let isEmptySparseRow = features.values.isEmpty && (width ?? 0) > 0
        if features.keys == nil, !isEmptySparseRow { return builder.appendDense(features.values, label: label) }
        keys.removeAll(keepingCapacity: true)
        if let packed = features.keys {
            var cursor = Cursor(packed)
            while !cursor.isAtEnd {
                guard let key = cursor.varint() else { return .malformedMessage("a sparse key is cut off") }
                keys.append(key)
            }
        }
        return builder.appendSparse(keys: keys, values: features.values, width: width, label: label)
    }

    /// The last dimension of the shape is the width of a row.
    private static func width(shape: UnsafeRawBufferPointer?) -> Result<Int?, DataError> {
        guard let shape else { return .success(nil) }
        var cursor = Cursor(shape)
        var last: UInt64?
        while !cursor.isAtEnd {
            guard let dimension = cursor.varint() else { return .failure(DataError(.malformedMessage("the shape is cut off"))) }
            last = dimension
        }
        guard let last else { return .success(nil) }
        guard last <= UInt64(Int32.max) else {
            return .failure(DataError(.tooLarge(what: "the feature count \(last)", maximum: Int(Int32.max))))
        }
        return .success(Int(last))
    }

    /// A map entry: key "values", then a value that is one float32 tensor with each field at most once.
    private static func readEntry(_ entry: UnsafeRawBufferPointer, into view: inout View) -> Bool {
        var cursor = Cursor(entry)
        guard cursor.take(0x0a), let key = cursor.lengthDelimited(), key.elementsEqual("values".utf8),
            cursor.take(0x12), let value = cursor.lengthDelimited(), cursor.isAtEnd
        else { return false }
        cursor = Cursor(value)
        guard cursor.take(0x12), let tensor = cursor.lengthDelimited(), cursor.isAtEnd else { return false }
        cursor = Cursor(tensor)
        var hasValues = false
        while !cursor.isAtEnd {
            guard let tag = cursor.varint(), let body = cursor.lengthDelimited() else { return false }
            switch tag {
            case 0x0a where !hasValues && body.count.isMultiple(of: 4):
                view.values = body
                hasValues = true
            case 0x12 where view.keys == nil: view.keys = body.isEmpty ? nil : body
            case 0x1a where view.shape == nil: view.shape = body
            default: return false
            }
        }
        return true
    }
}

/// Whether examples have labels.
public enum LabelPolicy: Sendable {
    /// Each example must have one.
    case required
    /// All have one or none has.
    case optional
    /// Labels are not looked at.
    case ignored
}

extension RecordDecoder {
    /// The same by swift-protobuf: any legal encoding, and a diagnosis of what is not.
    mutating func decodeSlowly(_ payload: UnsafeRawBufferPointer, _ builder: inout ExampleBuilder) -> DataError.Problem? {
        let record: RecordMessage_Record
        do {
            record = try RecordMessage_Record(serializedBytes: Array(payload))
        } catch {
            return .malformedMessage("\(error)")
        }
        guard let features = record.features["values"] else { return .missingField("features['values']") }
        guard case .float32Tensor(let tensor) = features.value else {
            return .unsupportedTensor(found: Self.kind(of: features), expected: "float32")
        }
        var labelValue: Float?
        if labels != .ignored, let label = record.label["values"] {
            guard case .float32Tensor(let tensor) = label.value else {
                return .unsupportedTensor(found: "a label of \(Self.kind(of: label))", expected: "float32")
            }
            guard tensor.values.count == 1, let value = tensor.values.first else {
                return .wrongFieldCount(found: tensor.values.count, expected: 1)
            }
            labelValue = value
        }
        if let problem = check(label: labelValue) { return problem }
        labelValue = named(labelValue)
        let width = tensor.shape.last.flatMap { Int(exactly: $0) }
        if tensor.shape.last != nil, width == nil || width ?? 0 > Int(Int32.max) {
            return .tooLarge(what: "the feature count", maximum: Int(Int32.max))
        }
        let isEmptySparseRow = tensor.values.isEmpty && (width ?? 0) > 0
        return tensor.values.withUnsafeBytes { values in
            if tensor.keys.isEmpty, !isEmptySparseRow { return builder.appendDense(values, label: labelValue) }
            return builder.appendSparse(keys: tensor.keys, values: values, width: width, label: labelValue)
        }
    }

    private static func kind(of value: RecordMessage_Value) -> String {
        switch value.value {
        case .float32Tensor: return "float32"
        case .float64Tensor: return "float64"
        case .int32Tensor: return "int32"
        case .bytes: return "bytes"
        case nil: return "empty"
        }
    }
}

/// A place in bytes that are read as protobuf's wire format; it never reads past the end.
struct Cursor {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    /// Takes the byte if it is the next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// A base-128 number of at most ten bytes.
    mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return shift == 63 && byte > 1 ? nil : value }
            shift += 7
        }
        return nil
    }

    /// A length and so many bytes.
    mutating func lengthDelimited() -> UnsafeRawBufferPointer? {
        guard let length = varint(), length <= UInt64(bytes.count - position) else { return nil }
        defer { position += Int(length) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Int(length))])
    }
}
