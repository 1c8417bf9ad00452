// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// Scalars as the text that XML, queries, paths and headers carry.
struct ScalarText {
    /// The format where neither member nor shape names one.
    var timestampFormat: TimestampFormat
    /// S3 writes milliseconds into every ISO 8601 time.
    var alwaysMilliseconds = false

    func text(_ value: Value, _ shape: Shape, format: TimestampFormat?) -> String {
        switch value {
        case .null: ""
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): shape.kind == .double || shape.kind == .float ? JSON.text(of: Double(number)) : String(number)
        case .double(let number): JSON.text(of: number)
        case .string(let text): text
        case .blob(let bytes): Base64.encode(bytes)
        case .timestamp(let seconds): text(seconds: seconds, format: format ?? timestampFormat)
        case .list, .object: JSON.serialize(value)
        }
    }

    func text(seconds: Double, format: TimestampFormat) -> String {
        switch format {
        case .iso8601: Timestamp.iso8601(seconds, alwaysMilliseconds: alwaysMilliseconds)
        case .rfc822: Timestamp.rfc822(seconds)
        case .unixTimestamp: Timestamp.epoch(seconds)
        }
    }

    /// The value of a text; nil where it does not fit the shape's kind.
    func value(_ text: String, _ shape: Shape) -> Value? {
        switch shape.kind {
        case .boolean:
            switch text.lowercased() {
            case "true", "1": .boolean(true)
            case "false", "0": .boolean(false)
            default: nil
            }
        case .integer, .long: Int(text).map(Value.integer)
        case .float, .double: Self.double(text).map(Value.double)
        case .timestamp: Timestamp.parse(text).map(Value.timestamp)
        case .blob: Base64.decode(text).map(Value.blob)
        case .string: .string(text)
        case .structure, .list, .map: (try? JSON.parse(text)) ?? .string(text)
        }
    }

    private static func double(_ text: String) -> Double? {
        switch text {
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}

/// Input that is not in its protocol's form; the codec turns it into the service's own error.
struct MalformedInput: Error {
    /// The member or header that is wrong; empty for the whole body.
    var place: String
    var problem: String
    /// The text that was found there.
    var found = ""
}
