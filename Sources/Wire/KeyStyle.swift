// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections

/// How the names of Swift properties stand for the names of a shape's members.
public enum KeyStyle: Sendable {
    /// The member's name begins with a capital: `trainingJobName` stands for `TrainingJobName`. Most services.
    case capitalized
    /// Names are the same: `logGroupName`. Logs, ECR.
    case asWritten

    func memberName(_ property: String) -> String {
        switch self {
        case .asWritten: return property
        case .capitalized:
            guard let first = property.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z") else { return property }
            return String(unsafeUninitializedCapacity: property.utf8.count) { buffer in
                let end = buffer.update(fromContentsOf: property.utf8)
                buffer[0] = first - 0x20
                return end
            }
        }
    }
}

/// A position in a coding path.
struct PathKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// Maps whose keys are data, so that no key style applies, and whose coding is ours.
protocol StringKeyedMap {
    func encodeMap(with encoder: ValueEncoder) throws -> Value
    static func decodeMap(_ value: Value, with decoder: ValueDecoder, path: [String]) throws -> Self
}

extension Dictionary: StringKeyedMap where Key == String, Value: Codable {
    func encodeMap(with encoder: ValueEncoder) throws -> Wire.Value {
        var members = OrderedDictionary<String, Wire.Value>(minimumCapacity: count)
        for (key, value) in sorted(by: { $0.key < $1.key }) { members[key] = try encoder.encode(value) }
        return .object(members)
    }

    static func decodeMap(_ value: Wire.Value, with decoder: ValueDecoder, path: [String]) throws -> Self {
        guard case .object(let members) = value else { throw ValueDecodingError(path: path, expected: "a map", found: value) }
        var map = Self(minimumCapacity: members.count)
        for (key, member) in members where member != .null {
            map[key] = try decoder.decode(Value.self, from: member, path: path + [key])
        }
        return map
    }
}

extension OrderedDictionary: StringKeyedMap where Key == String, Value: Codable {
    func encodeMap(with encoder: ValueEncoder) throws -> Wire.Value {
        var members = OrderedDictionary<String, Wire.Value>(minimumCapacity: count)
        for (key, value) in self { members[key] = try encoder.encode(value) }
        return .object(members)
    }

    static func decodeMap(_ value: Wire.Value, with decoder: ValueDecoder, path: [String]) throws -> Self {
        guard case .object(let members) = value else { throw ValueDecodingError(path: path, expected: "a map", found: value) }
        var map = Self(minimumCapacity: members.count)
        for (key, member) in members where member != .null {
            map[key] = try decoder.decode(Value.self, from: member, path: path + [key])
        }
        return map
    }
}
