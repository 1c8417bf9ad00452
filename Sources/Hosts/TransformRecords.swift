// SPDX-License-Identifier: Apache-2.0

import Algorithm
import Foundation
import OrderedCollections
import Wire

/// Cuts a transform job's objects into records and requests, as the developer guide's "Batch transform" describes `SplitType` and
/// `BatchStrategy`.
struct TransformSplitter: Sendable {
    enum Split: String, Sendable {
        case none = "None"
        case line = "Line"
        case recordIO = "RecordIO"
    }

    var split: Split
    /// Whether a request holds as many records as fit.
    var joinsRecords: Bool
    /// The largest request, in bytes.
    var maximumByteCount: Int

    /// The records of an object, without line ends.
    ///
    /// - Throws: `DataError`, `UserError`.
    func records(_ bytes: [UInt8], name: String) throws -> [[UInt8]] {
        switch split {
        case .none: return [bytes]
        case .line:
            var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
                Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            }
            if lines.last?.isEmpty == true { lines.removeLast() }
            return lines
        case .recordIO: return try recordIO(bytes, name: name)
        }
    }

    /// Frames with their heads and padding: each is what an algorithm reads.
    private func recordIO(_ bytes: [UInt8], name: String) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        var place = 0
        while place < bytes.count {
            guard place + 8 <= bytes.count, RecordIO.isRecordIO(bytes[place...]) else {
                throw UserError("\(name) is not RecordIO at byte \(place).")
            }
            let length = (0..<4).reduce(0) { $0 | Int(bytes[place + 4 + $1]) << (8 * $1) }
            let end = place + RecordIO.framedByteCount(payloadByteCount: length)
            guard length <= RecordIO.maximumPayloadByteCount, end <= bytes.count else {
                throw UserError("\(name) ends in the middle of the record at byte \(place).")
            }
            records.append(Array(bytes[place..<end]))
            place = end
        }
        return records
    }

    /// The records of each request.
    func batches(_ records: [[UInt8]]) -> [ArraySlice<[UInt8]>] {
        guard split != .none, joinsRecords else { return records.indices.map { records[$0...$0] } }
        var batches: [ArraySlice<[UInt8]>] = []
        var start = 0
        var byteCount = 0
        for (index, record) in records.enumerated() {
            if index > start, byteCount + record.count + 1 > maximumByteCount {
                batches.append(records[start..<index])
                start = index
                byteCount = 0
            }
            byteCount += record.count + 1
        }
        if start < records.count { batches.append(records[start...]) }
        return batches
    }

    /// The body of a request.
    func body(_ records: ArraySlice<[UInt8]>) -> [UInt8] {
        split == .line ? Array(records.joined(separator: [UInt8(ascii: "\n")])) : Array(records.joined())
    }
}

/// The part of a record that a JSONPath of batch transform names: `$`, `$.a.b`, `$['a','b']`, `$[0]`, `$[1:]`, `$[0,2]`.
///
/// Source: developer guide, "Supported JSONPath Operators" of "Associate Prediction Results with Input Records".
struct TransformPath: Sendable {
    private enum Step: Sendable {
        case names([String])
        case places([Int])
        case range(from: Int?, to: Int?)
    }

    private var steps: [Step] = []

    /// - Throws: `UserError` that names the path and what of it isn't read.
    init(_ text: String) throws {
        guard text.first == "$" else { throw UserError("The JSONPath \"\(text)\" must begin with $.") }
        var rest = text.dropFirst()
        while let first = rest.first {
            if first == "." {
                let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { throw UserError("The JSONPath \"\(text)\" has a . without a name.") }
                steps.append(.names([String(name)]))
                rest = rest.dropFirst(name.count + 1)
            } else if first == "[", let end = rest.firstIndex(of: "]") {
                steps.append(try Self.step(rest[rest.index(after: rest.startIndex)..<end], of: text))
                rest = rest[rest.index(after: end)...]
            } else {
                throw UserError("The JSONPath \"\(text)\" can't be read at \"\(rest)\".")
            }
        }
    }

    private static func step(_ inside: Substring, of text: String) throws -> Step {
        let parts = inside.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        if inside.contains(":") {
            let ends = inside.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard ends.count == 2, ends.allSatisfy({ $0.isEmpty || Int($0) != nil }) else {
                throw UserError("The JSONPath \"\(text)\" has a range that is not from:to: [\(inside)].")
            }
            return .range(from: Int(ends[0]), to: Int(ends[1]))
        }
        if let first = parts.first?.first, first == "'" || first == "\"" {
            return .names(parts.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "'\"")) })
        }
        let places = parts.compactMap { Int($0) }
        guard !places.isEmpty, places.count == parts.count else {
            throw UserError("The JSONPath \"\(text)\" has neither names nor places in [\(inside)].")
        }
        return .places(places)
    }

    /// What the path names; nil where the record has nothing there.
    func value(in record: Value) -> Value? {
        var value = record
        for step in steps {
            guard let next = Self.take(step, of: value) else { return nil }
            value = next
        }
        return value
    }

    private static func take(_ step: Step, of value: Value) -> Value? {
        switch step {
        case .names(let names):
            if names.count == 1 { return value[names[0]] }
            let found = names.compactMap { name in value[name].map { (name, $0) } }
            return found.isEmpty ? nil : .object(OrderedDictionary(found, uniquingKeysWith: { first, _ in first }))
        case .places(let places):
            guard let elements = value.listValue else { return nil }
            let found = places.compactMap { place -> Value? in
                let index = place < 0 ? elements.count + place : place
                return elements.indices.contains(index) ? elements[index] : nil
            }
            return found.isEmpty ? nil : found.count == 1 && places.count == 1 ? found[0] : .list(found)
        case .range(let from, let to):
            guard let elements = value.listValue else { return nil }
            let bound = { (place: Int) in min(max(place < 0 ? elements.count + place : place, 0), elements.count) }
            let (start, end) = (bound(from ?? 0), bound(to ?? elements.count))
            return start < end ? .list(Array(elements[start..<end])) : nil
        }
    }
}

/// Records as values, for filters and joins: rows of CSV as lists of texts, lines of JSON as they are.
enum TransformRecord {
    static func isJSON(_ mediaType: String?) -> Bool {
        ["application/json", "application/jsonlines"].contains(mediaType?.split(separator: ";").first.map(String.init) ?? "")
    }

    /// - Throws: `UserError` where the record is not what its type says.
    static func value(_ bytes: some Sequence<UInt8>, mediaType: String?) throws -> Value {
        let bytes = Array(bytes)
        guard isJSON(mediaType) else {
            return .list(
                String(decoding: bytes, as: UTF8.self).split(separator: ",", omittingEmptySubsequences: false).map {
                    .string(String($0))
                })
        }
        do {
            return try JSON.parse(bytes)
        } catch {
            throw UserError("A record is not JSON: \(String(decoding: bytes.prefix(80), as: UTF8.self))")
        }
    }

    static func bytes(_ value: Value, mediaType: String?) -> [UInt8] {
        if isJSON(mediaType) { return JSON.bytes(value) }
        guard let cells = value.listValue else { return Array(text(of: value).utf8) }
        return Array(cells.map(text(of:)).joined(separator: ",").utf8)
    }

    private static func text(of value: Value) -> String { value.stringValue ?? JSON.serialize(value) }

    /// A record with its prediction: members of an object, or further cells of a row.
    static func joined(_ input: Value, _ output: Value, isJSON: Bool) -> Value {
        guard isJSON else { return .list((input.listValue ?? [input]) + (output.listValue ?? [output])) }
        guard case .object = input else { return ["SageMakerInput": input, "SageMakerOutput": output] }
        var record = input
        record["SageMakerOutput"] = output
        return record
    }
}
