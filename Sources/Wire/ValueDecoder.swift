// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections

/// Turns `Value`s into `Decodable` types: the reverse of `ValueEncoder`.
///
/// Members that the type does not have are ignored; nulls and absent members are nil.
public struct ValueDecoder: Sendable {
    /// How properties are named on the wire.
    public var keyStyle: KeyStyle

    /// A decoder for one key style.
    public init(keyStyle: KeyStyle = .capitalized) {
        self.keyStyle = keyStyle
    }

    /// The Swift value of a value.
    ///
    /// - Throws: `ValueDecodingError`, or what a type's own `init(from:)` throws.
    public func decode<T: Decodable>(_ type: T.Type, from value: Value) throws -> T {
        try decode(type, from: value, path: [])
    }

    func decode<T: Decodable>(_ type: T.Type, from value: Value, path: [String]) throws -> T {
        let parent = path.isEmpty ? nil : ValuePath(names: path)
        return try ValueDecoding.decode(type, value, decoder: self, path: { parent?.names ?? [] })
    }
}

private struct ValuePath { let names: [String] }

/// A value that does not fit the type that was asked for.
public struct ValueDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Member names and list positions from the root.
    public var path: [String]
    /// What the type needs there.
    public var expected: String
    /// What is there; nil where nothing is.
    public var found: String?

    /// An error from its parts.
    public init(path: [String], expected: String, found: String?) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    init(path: [String], expected: String, found: Value) {
        self.init(path: path, expected: expected, found: found.kindName)
    }

    /// `InputDataConfig.0.ChannelName: expected a string, found a number`.
    public var description: String {
        let place = path.isEmpty ? "value" : path.joined(separator: ".")
        return "\(place): expected \(expected), found \(found ?? "nothing")"
    }
}

extension Value {
    /// The kind, as it reads in an error.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .double: "a number"
        case .string: "a string"
        case .blob: "a blob"
        case .timestamp: "a timestamp"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

/// One value that is being read, with the way to it.
final class ValueDecoding: Decoder {
    let value: Value
    let decoder: ValueDecoder
    let pathNames: () -> [String]

    init(value: Value, decoder: ValueDecoder, path: @escaping () -> [String]) {
        self.value = value
        self.decoder = decoder
        pathNames = path
    }

    var codingPath: [any CodingKey] { pathNames().map(PathKey.init(stringValue:)) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func decode<T: Decodable>(
        _ type: T.Type, _ value: Value, decoder: ValueDecoder, path: @escaping () -> [String]
    ) throws -> T {
        if let direct = try direct(type, value, path: path) { return direct }
        if let map = type as? any StringKeyedMap.Type {
            if let decoded = try map.decodeMap(value, with: decoder, path: path()) as? T { return decoded }
        }
        return try T(from: ValueDecoding(value: value, decoder: decoder, path: path))
    }

    /// Kinds that have a `Value` of their own.
    private static func direct<T>(_ type: T.Type, _ value: Value, path: () -> [String]) throws -> T? {
        if type == String.self {
            guard case .string(let text) = value else { throw ValueDecodingError(path: path(), expected: "a string", found: value) }
            return text as? T
        }
        if type == Value.self { return value as? T }
        if type == Date.self {
            guard let seconds = value.doubleValue else {
                throw ValueDecodingError(path: path(), expected: "a timestamp", found: value)
            }
            return Date(timeIntervalSince1970: seconds) as? T
        }
        if type == [UInt8].self { return try blob(value, path: path) as? T }
        if type == Data.self { return try Data(blob(value, path: path)) as? T }
        return nil
    }

    private static func blob(_ value: Value, path: () -> [String]) throws -> [UInt8] {
        guard case .blob(let bytes) = value else { throw ValueDecodingError(path: path(), expected: "a blob", found: value) }
        return bytes
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else {
            throw ValueDecodingError(path: pathNames(), expected: "an object", found: value)
        }
        return KeyedDecodingContainer(KeyedValueDecoding<Key>(members: members, decoding: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let elements) = value else {
            throw ValueDecodingError(path: pathNames(), expected: "a list", found: value)
        }
        return UnkeyedValueDecoding(elements: elements, decoding: self)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleValueDecoding(decoding: self) }

    // MARK: Scalars

    func boolean(_ value: Value, _ path: () -> [String]) throws -> Bool {
        guard case .boolean(let flag) = value else { throw ValueDecodingError(path: path(), expected: "a boolean", found: value) }
        return flag
    }

    func double(_ value: Value, _ path: () -> [String]) throws -> Double {
        guard let number = value.doubleValue else { throw ValueDecodingError(path: path(), expected: "a number", found: value) }
        return number
    }

    func integer<T: FixedWidthInteger>(_ value: Value, _ path: () -> [String]) throws -> T {
        switch value {
        case .integer(let number):
            if let fits = T(exactly: number) { return fits }
        case .double(let number):
            if let fits = T(exactly: number) { return fits }
        default: break
        }
        throw ValueDecodingError(path: path(), expected: "an integer of \(T.min)...\(T.max)", found: value)
    }
}

private struct KeyedValueDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: OrderedDictionary<String, Value>
    let decoding: ValueDecoding

    var codingPath: [any CodingKey] { decoding.codingPath }
    var allKeys: [Key] {
        members.keys.compactMap { name in
            if let key = Key(stringValue: name) { return key }
            guard decoding.decoder.keyStyle == .capitalized, let first = name.first else { return nil }
            return Key(stringValue: first.lowercased() + name.dropFirst())
        }
    }

    private func name(_ key: any CodingKey) -> String { decoding.decoder.keyStyle.memberName(key.stringValue) }
    private func path(_ key: any CodingKey) -> [String] { decoding.pathNames() + [name(key)] }

    private func member(_ key: any CodingKey) -> Value? {
        guard let value = members[name(key)] else { return nil }
        if case .null = value { return nil }
        return value
    }

    private func required(_ key: any CodingKey) throws -> Value {
        guard let value = member(key) else { throw ValueDecodingError(path: path(key), expected: "a value", found: String?.none) }
        return value
    }

    func contains(_ key: Key) -> Bool { members[name(key)] != nil }
    func decodeNil(forKey key: Key) -> Bool { member(key) == nil }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoding.boolean(required(key)) { path(key) } }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try decoding.double(required(key)) { path(key) } }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { Float(try decoding.double(required(key)) { path(key) }) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try decoding.integer(required(key)) { path(key) } }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try decoding.integer(required(key)) { path(key) } }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try ValueDecoding.decode(type, required(key), decoder: decoding.decoder) { path(key) }
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try member(key).map { value in try decoding.boolean(value) { path(key) } }
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try member(key).map { value in try decoding.double(value) { path(key) } }
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try member(key).map { value in try decoding.integer(value) { path(key) } }
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let value = member(key) else { return nil }
        return try ValueDecoding.decode(type, value, decoder: decoding.decoder) { path(key) }
    }

    private func nested(_ key: any CodingKey) throws -> ValueDecoding {
        ValueDecoding(value: try required(key), decoder: decoding.decoder) { path(key) }
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key) throws -> KeyedDecodingContainer<
        NestedKey
    > {
        try nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try nested(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder { try nested(PathKey(stringValue: "super")) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key) }
}

private struct UnkeyedValueDecoding: UnkeyedDecodingContainer {
    let elements: [Value]
    let decoding: ValueDecoding
    var currentIndex = 0

    init(elements: [Value], decoding: ValueDecoding) {
        self.elements = elements
        self.decoding = decoding
    }

    var codingPath: [any CodingKey] { decoding.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private func path(_ index: Int) -> [String] { decoding.pathNames() + [String(index)] }

    private func element() throws -> Value {
        guard currentIndex < elements.count else {
            throw ValueDecodingError(path: path(currentIndex), expected: "another element", found: String?.none)
        }
        return elements[currentIndex]
    }

    mutating func decodeNil() throws -> Bool {
        guard case .null = try element() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let index = currentIndex
        let decoding = decoding
        let decoded = try ValueDecoding.decode(type, element(), decoder: decoding.decoder) {
            decoding.pathNames() + [String(index)]
        }
        currentIndex += 1
        return decoded
    }

    private mutating func nested() throws -> ValueDecoding {
        let index = currentIndex
        let decoding = decoding
        let child = ValueDecoding(value: try element(), decoder: decoding.decoder) { decoding.pathNames() + [String(index)] }
        currentIndex += 1
        return child
    }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws -> KeyedDecodingContainer<NestedKey> {
        try nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try nested().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try nested() }
}

private struct SingleValueDecoding: SingleValueDecodingContainer {
    let decoding: ValueDecoding

    var codingPath: [any CodingKey] { decoding.codingPath }

    func decodeNil() -> Bool { decoding.value == .null }
    func decode(_ type: Bool.Type) throws -> Bool { try decoding.boolean(decoding.value, decoding.pathNames) }
    func decode(_ type: Double.Type) throws -> Double { try decoding.double(decoding.value, decoding.pathNames) }
    func decode(_ type: Float.Type) throws -> Float { Float(try decoding.double(decoding.value, decoding.pathNames)) }
    func decode(_ type: Int.Type) throws -> Int { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: UInt.Type) throws -> UInt { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoding.integer(decoding.value, decoding.pathNames) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoding.integer(decoding.value, decoding.pathNames) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try ValueDecoding.decode(type, decoding.value, decoder: decoding.decoder, path: decoding.pathNames)
    }
}

extension Value: Decodable {
    /// Takes the value as it is; from decoders other than `ValueDecoder`, whatever kind the text has.
    public init(from decoder: any Decoder) throws {
        if let decoding = decoder as? ValueDecoding {
            self = decoding.value
            return
        }
        if let container = try? decoder.container(keyedBy: PathKey.self) {
            var members: OrderedDictionary<String, Value> = [:]
            // Other coders give keys in no order; one that is always the same is the next best.
            for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                members[key.stringValue] = try container.decode(Value.self, forKey: key)
            }
            self = .object(members)
        } else if var container = try? decoder.unkeyedContainer() {
            var elements: [Value] = []
            while !container.isAtEnd { elements.append(try container.decode(Value.self)) }
            self = .list(elements)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .boolean(flag)
            } else if let number = try? container.decode(Int.self) {
                self = .integer(number)
            } else if let number = try? container.decode(Double.self) {
                self = .double(number)
            } else {
                self = .string(try container.decode(String.self))
            }
        }
    }
}
