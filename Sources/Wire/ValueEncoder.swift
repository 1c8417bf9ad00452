// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections

/// Turns `Encodable` types into `Value`s.
///
/// `Date` becomes a timestamp, `[UInt8]` and `Data` a blob; absent optionals are left out; members keep the order in which they are
/// encoded. A `Value` within stays as it is.
public struct ValueEncoder: Sendable {
    /// How properties are named on the wire.
    public var keyStyle: KeyStyle

    /// An encoder for one key style.
    public init(keyStyle: KeyStyle = .capitalized) {
        self.keyStyle = keyStyle
    }

    /// The value of a Swift value.
    public func encode<T: Encodable>(_ value: T) throws -> Value {
        if let direct = Self.direct(value) { return direct }
        if let map = value as? any StringKeyedMap { return try map.encodeMap(with: self) }
        let encoding = ValueEncoding(encoder: self, parent: nil, key: nil)
        try value.encode(to: encoding)
        return encoding.finish()
    }

    /// Kinds that have a `Value` of their own.
    static func direct<T>(_ value: T) -> Value? {
        if T.self == String.self, let text = value as? String { return .string(text) }
        if T.self == Value.self { return value as? Value }
        if T.self == Date.self, let date = value as? Date { return .timestamp(date.timeIntervalSince1970) }
        if T.self == [UInt8].self, let bytes = value as? [UInt8] { return .blob(bytes) }
        if T.self == Data.self, let data = value as? Data { return .blob([UInt8](data)) }
        return nil
    }
}

/// One object, list or scalar that is being written.
final class ValueEncoding: Encoder {
    enum Kind { case undecided, scalar, object, list }

    let encoder: ValueEncoder
    let parent: ValueEncoding?
    let key: (any CodingKey)?
    var kind = Kind.undecided
    var scalar = Value.emptyObject
    var members: OrderedDictionary<String, Value> = [:]
    var elements: [Value] = []
    /// Nested containers write here until this one is finished.
    var nestedMembers: [(String, ValueEncoding)] = []
    var nestedElements: [(Int, ValueEncoding)] = []

    init(encoder: ValueEncoder, parent: ValueEncoding?, key: (any CodingKey)?) {
        self.encoder = encoder
        self.parent = parent
        self.key = key
    }

    var codingPath: [any CodingKey] { (parent?.codingPath ?? []) + (key.map { [$0] } ?? []) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func finish() -> Value {
        switch kind {
        case .undecided, .scalar: return scalar
        case .object:
            for (name, nested) in nestedMembers { members[name] = nested.finish() }
            return .object(members)
        case .list:
            for (index, nested) in nestedElements { elements[index] = nested.finish() }
            return .list(elements)
        }
    }

    func value<T: Encodable>(of value: T, key: any CodingKey) throws -> Value {
        if let direct = ValueEncoder.direct(value) { return direct }
        if let map = value as? any StringKeyedMap { return try map.encodeMap(with: encoder) }
        let child = ValueEncoding(encoder: encoder, parent: self, key: key)
        try value.encode(to: child)
        return child.finish()
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        kind = .object
        return KeyedEncodingContainer(KeyedValueEncoding<Key>(encoding: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        kind = .list
        return UnkeyedValueEncoding(encoding: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        kind = .scalar
        return SingleValueEncoding(encoding: self)
    }
}

private struct KeyedValueEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: ValueEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }

    func put(_ value: Value, _ key: any CodingKey) {
        encoding.members[encoding.encoder.keyStyle.memberName(key.stringValue)] = value
    }

    func encodeNil(forKey key: Key) {}
    func encode(_ value: Bool, forKey key: Key) { put(.boolean(value), key) }
    func encode(_ value: String, forKey key: Key) { put(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) { put(.double(value), key) }
    func encode(_ value: Float, forKey key: Key) { put(.double(Double(value.description) ?? Double(value)), key) }
    func encode(_ value: Int, forKey key: Key) { put(.integer(value), key) }
    func encode(_ value: Int8, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: Int16, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: Int32, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: Int64, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: UInt, forKey key: Key) { put(Value(unsigned: UInt64(value)), key) }
    func encode(_ value: UInt8, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: UInt16, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: UInt32, forKey key: Key) { put(.integer(Int(value)), key) }
    func encode(_ value: UInt64, forKey key: Key) { put(Value(unsigned: value), key) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        put(try encoding.value(of: value, key: key), key)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy keyType: NestedKey.Type, forKey key: Key) -> KeyedEncodingContainer<
        NestedKey
    > {
        nested(key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { nested(PathKey(stringValue: "super")) }
    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

    private func nested(_ key: any CodingKey) -> ValueEncoding {
        let child = ValueEncoding(encoder: encoding.encoder, parent: encoding, key: key)
        put(.null, key)
        encoding.nestedMembers.append((encoding.encoder.keyStyle.memberName(key.stringValue), child))
        return child
    }
}

private struct UnkeyedValueEncoding: UnkeyedEncodingContainer {
    let encoding: ValueEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }
    var count: Int { encoding.elements.count }

    func put(_ value: Value) { encoding.elements.append(value) }

    func encodeNil() { put(.null) }
    func encode(_ value: Bool) { put(.boolean(value)) }
    func encode(_ value: String) { put(.string(value)) }
    func encode(_ value: Double) { put(.double(value)) }
    func encode(_ value: Int) { put(.integer(value)) }

    func encode<T: Encodable>(_ value: T) throws {
        put(try encoding.value(of: value, key: PathKey(intValue: count)))
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy keyType: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        nested().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
    func superEncoder() -> any Encoder { nested() }

    private func nested() -> ValueEncoding {
        let child = ValueEncoding(encoder: encoding.encoder, parent: encoding, key: PathKey(intValue: count))
        encoding.nestedElements.append((count, child))
        put(.null)
        return child
    }
}

private struct SingleValueEncoding: SingleValueEncodingContainer {
    let encoding: ValueEncoding

    var codingPath: [any CodingKey] { encoding.codingPath }

    func encodeNil() { encoding.scalar = .null }
    func encode(_ value: Bool) { encoding.scalar = .boolean(value) }
    func encode(_ value: String) { encoding.scalar = .string(value) }
    func encode(_ value: Double) { encoding.scalar = .double(value) }
    func encode(_ value: Float) { encoding.scalar = .double(Double(value.description) ?? Double(value)) }
    func encode(_ value: Int) { encoding.scalar = .integer(value) }
    func encode(_ value: Int8) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: Int16) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: Int32) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: Int64) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: UInt) { encoding.scalar = Value(unsigned: UInt64(value)) }
    func encode(_ value: UInt8) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: UInt16) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: UInt32) { encoding.scalar = .integer(Int(value)) }
    func encode(_ value: UInt64) { encoding.scalar = Value(unsigned: value) }

    func encode<T: Encodable>(_ value: T) throws {
        if let direct = ValueEncoder.direct(value) {
            encoding.scalar = direct
        } else if let map = value as? any StringKeyedMap {
            encoding.scalar = try map.encodeMap(with: encoding.encoder)
        } else {
            let child = ValueEncoding(encoder: encoding.encoder, parent: encoding, key: nil)
            try value.encode(to: child)
            encoding.scalar = child.finish()
        }
    }
}

extension Value {
    /// A whole number beyond `Int` is kept as the nearest double.
    init(unsigned number: UInt64) {
        self = Int(exactly: number).map(Value.integer) ?? .double(Double(number))
    }
}

extension Value: Encodable {
    /// Writes the value itself; through encoders other than `ValueEncoder` blobs become base64 strings and timestamps numbers.
    public func encode(to encoder: any Encoder) throws {
        if let encoding = encoder as? ValueEncoding {
            encoding.kind = .scalar
            encoding.scalar = self
            return
        }
        switch self {
        case .list(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .object(let members):
            var container = encoder.container(keyedBy: PathKey.self)
            for (key, member) in members { try container.encode(member, forKey: PathKey(stringValue: key)) }
        default:
            var container = encoder.singleValueContainer()
            switch self {
            case .boolean(let flag): try container.encode(flag)
            case .integer(let number): try container.encode(number)
            case .double(let number), .timestamp(let number): try container.encode(number)
            case .string(let text): try container.encode(text)
            case .blob(let bytes): try container.encode(Base64.encode(bytes))
            case .null, .list, .object: try container.encodeNil()
            }
        }
    }
}
