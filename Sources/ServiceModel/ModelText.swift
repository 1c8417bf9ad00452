// SPDX-License-Identifier: Apache-2.0

import CServiceModels
import Foundation

/// A stretch of one of the embedded tables.
///
/// The bytes live as long as the process.
struct ModelText: @unchecked Sendable {
    let bytes: UnsafeBufferPointer<UInt8>

    /// The whole of services.model.
    static let services = ModelText(embedded: sagebrush_services_model)
    /// The whole of errata.model.
    static let errata = ModelText(embedded: sagebrush_errata_model)
    /// The whole of descriptions.model.
    static let descriptions = ModelText(embedded: sagebrush_descriptions_model)
    /// The whole of examples.model.
    static let examples = ModelText(embedded: sagebrush_examples_model)

    private init(embedded: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?) {
        var length = 0
        let start = embedded(&length)
        bytes = UnsafeBufferPointer(start: start, count: length)
    }

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    subscript(range: Range<Int>) -> ModelText {
        ModelText(bytes: UnsafeBufferPointer(rebasing: bytes[range]))
    }

    var count: Int { bytes.count }
    var isEmpty: Bool { bytes.isEmpty }
    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The end of the line that begins at `start`: the place of its newline, or the end of the text.
    func lineEnd(from start: Int) -> Int {
        guard start < count, let base = bytes.baseAddress,
            let found = memchr(base + start, 0x0a, count - start)
        else { return count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    func hasPrefix(_ prefix: StaticString, at place: Int = 0) -> Bool {
        let length = prefix.utf8CodeUnitCount
        guard place + length <= count, let base = bytes.baseAddress else { return false }
        return memcmp(base + place, prefix.utf8Start, length) == 0
    }

    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    /// Negative, zero or positive, as `memcmp`, with shorter first.
    func compare(_ other: UnsafeBufferPointer<UInt8>) -> Int32 {
        let common = min(count, other.count)
        if common > 0, let left = bytes.baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, common)
            if order != 0 { return order }
        }
        return Int32(clamping: count - other.count)
    }

    /// The place of `byte`, or the end.
    func place(of byte: UInt8, from start: Int = 0) -> Int {
        guard start < count, let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), count - start) else {
            return count
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}

/// The fields of one line, from left to right.
struct ModelFields: Sequence, IteratorProtocol {
    private let line: ModelText
    private var place = 0

    init(_ line: ModelText) {
        self.line = line
    }

    mutating func next() -> ModelText? {
        guard place < line.count else { return nil }
        // A pattern is raw and the last field.
        let end = line.hasPrefix("pattern=", at: place) ? line.count : line.place(of: 0x20, from: place)
        defer { place = end + 1 }
        return line[place..<end]
    }

    /// The next field's text, decoded; empty at the end of the line.
    mutating func nextString() -> String {
        next()?.decoded ?? ""
    }
}

extension ModelText {
    /// The text with its percent-encoded characters back.
    var decoded: String {
        guard place(of: 0x25) < count else { return string }
        var decoded: [UInt8] = []
        var place = 0
        while place < count {
            if bytes[place] == 0x25, place + 2 < count, let high = hexadecimal(bytes[place + 1]),
                let low = hexadecimal(bytes[place + 2])
            {
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        default: nil
        }
    }

    /// The elements of a comma-separated list.
    var list: [String] {
        var elements: [String] = []
        var start = 0
        while start <= count {
            let end = place(of: 0x2c, from: start)
            elements.append(self[start..<end].decoded)
            start = end + 1
        }
        return elements
    }

    /// The number; NaN-free: 0 where it is not one.
    var number: Double { Double(string) ?? 0 }
    var integer: Int { Int(string) ?? 0 }

    /// The field split at its first `=`: key, and value where there is one.
    var keyAndValue: (key: ModelText, value: ModelText) {
        let equals = place(of: 0x3d)
        return (self[0..<equals], equals < count ? self[(equals + 1)..<count] : self[count..<count])
    }
}
