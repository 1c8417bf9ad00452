// SPDX-License-Identifier: Apache-2.0

/// A JSON document or a part of one: what a query reads and what it answers with.
///
/// Integers are kept apart from other numbers, as in Python, because the two print differently.
public enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The object's member named `key`; nil for other kinds and absent keys.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The text of a string.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Equality as JMESPath has it: by value, numbers by magnitude, text by code points.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.integer(let a), .double(let b)), (.double(let b), .integer(let a)): Double(a) == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// The value that a Swift literal of this kind stands for.
    public init(stringLiteral value: String) { self = .string(value) }
    /// The value that a Swift literal of this kind stands for.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// The value that a Swift literal of this kind stands for.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// The value that a Swift literal of this kind stands for.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// The value that a Swift literal of this kind stands for.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// The value that a Swift literal of this kind stands for.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
    /// The value that a Swift literal of this kind stands for.
    public init(nilLiteral: ()) { self = .null }
}

/// The members of a JSON object in the order in which they were written; a key written again keeps its place.
public struct JSONObject: Sendable, Equatable {
    /// The members' names, in order.
    public private(set) var keys: [String] = []
    /// The members' values, in the order of `keys`.
    public private(set) var values: [JSONValue] = []
    /// Positions by name; built only for objects that are too large to search through.
    private var positions: [String: Int] = [:]

    private static let searchedCount = 12

    /// An object without members.
    public init() {}

    /// An object of these members, the last of each name winning.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// The number of members.
    public var count: Int { keys.count }
    /// True where there is no member.
    public var isEmpty: Bool { keys.isEmpty }

    /// The members in order.
    public var members: Zip2Sequence<[String], [JSONValue]> { zip(keys, values) }

    /// The member named `key`; setting nil removes it.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { values[$0] } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): values[position] = value
            case (let position?, nil):
                keys.remove(at: position)
                values.remove(at: position)
                indexAll()
            case (nil, let value?):
                keys.append(key)
                values.append(value)
                if !positions.isEmpty {
                    positions[key] = keys.count - 1
                } else if keys.count > Self.searchedCount {
                    indexAll()
                }
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        positions.isEmpty ? keys.firstIndex(of: key) : positions[key]
    }

    private mutating func indexAll() {
        positions.removeAll()
        guard keys.count > Self.searchedCount else { return }
        for (position, key) in keys.enumerated() { positions[key] = position }
    }

    /// Equal when both have the same members, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0] == $1 }
    }
}
