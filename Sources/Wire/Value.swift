// SPDX-License-Identifier: Apache-2.0

import OrderedCollections

/// A service's input or output, or a part of one, independent of any wire protocol.
///
/// Structures and maps are both `object`; the order of keys is the order in which they were written, so
/// output built in the shape's member order prints in that order.
public enum Value: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    case double(Double)
    case string(String)
    case blob([UInt8])
    /// Seconds since 1970-01-01T00:00:00Z.
    case timestamp(Double)
    case list([Value])
    case object(OrderedDictionary<String, Value>)

    /// An object without members.
    public static let emptyObject = Value.object([:])
}

extension Value {
    /// The member named `key` of an object; nil for other kinds, absent keys and explicit nulls.
    public subscript(key: String) -> Value? {
        get {
            guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
            return value
        }
        set {
            guard case .object(var members) = self else {
                if let newValue { self = .object([key: newValue]) }
                return
            }
            self = .null  // releases the storage, so that the change below is in place
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element at `index` of a list; nil for other kinds and out of range.
    public subscript(index: Int) -> Value? {
        guard case .list(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text of a string.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number as an integer, where it is one.
    public var integerValue: Int? {
        switch self {
        case .integer(let number): number
        case .double(let number): Int(exactly: number)
        default: nil
        }
    }

    /// The number, whole or not.
    public var doubleValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        case .timestamp(let seconds): seconds
        default: nil
        }
    }

    /// The truth value.
    public var booleanValue: Bool? {
        if case .boolean(let flag) = self { flag } else { nil }
    }

    /// The bytes of a blob.
    public var blobValue: [UInt8]? {
        if case .blob(let bytes) = self { bytes } else { nil }
    }

    /// The elements of a list.
    public var listValue: [Value]? {
        if case .list(let elements) = self { elements } else { nil }
    }

    /// The members of an object.
    public var objectValue: OrderedDictionary<String, Value>? {
        if case .object(let members) = self { members } else { nil }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// Makes one from its parts.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes one from its parts.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// Makes one from its parts.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// Makes one from its parts.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Makes one from its parts.
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    /// Makes one from its parts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .object(OrderedDictionary(elements, uniquingKeysWith: { _, last in last }))
    }
    /// Makes one from its parts.
    public init(nilLiteral: ()) { self = .null }
}
