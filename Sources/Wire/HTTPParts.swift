// SPDX-License-Identifier: Apache-2.0

/// Header fields in their order; names compare without case.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence {
    /// One field.
    public struct Field: Sendable, Hashable {
        /// As it was written.
        public var name: String
        /// Without the space around it.
        public var value: String

        /// A field from its parts.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All fields.
    public var fields: [Field]

    /// Fields in order.
    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// Fields in order.
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field($0, $1) }
    }

    /// The first field called `name`; setting replaces all of that name, nil removes them.
    public subscript(name: String) -> String? {
        get { fields.first { Self.isEqual($0.name, name) }?.value }
        set {
            if let newValue, let index = fields.firstIndex(where: { Self.isEqual($0.name, name) }) {
                fields[index].value = newValue
                if let next = fields[(index + 1)...].firstIndex(where: { Self.isEqual($0.name, name) }) {
                    fields = fields[..<next] + fields[next...].filter { !Self.isEqual($0.name, name) }
                }
            } else if let newValue {
                fields.append(Field(name, newValue))
            } else {
                fields.removeAll { Self.isEqual($0.name, name) }
            }
        }
    }

    /// The values of all fields called `name`.
    public func values(_ name: String) -> [String] {
        fields.filter { Self.isEqual($0.name, name) }.map(\.value)
    }

    /// Adds a field, beside others of its name.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name, value))
    }

    /// The fields, one by one.
    public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

    /// Equality of ASCII names without case.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { left, right in left == right || lower(left) == lower(right) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}

/// An HTTP request, independent of any library.
public struct HTTPRequestParts: Sendable {
    /// In capitals.
    public var method: String
    /// The path as it is on the wire: percent-encoded, beginning with `/`.
    public var path: String
    /// The query string as it is on the wire, without `?`.
    public var query: String
    /// The header fields.
    public var headers: HTTPHeaders
    /// Nil where there is none.
    public var body: Body?

    /// A request from its parts.
    public init(method: String, path: String = "/", query: String = "", headers: HTTPHeaders = [:], body: Body? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The query's items, decoded.
    public var queryItems: [QueryItem] {
        get { QueryItem.parse(query) }
        set { query = QueryItem.serialize(newValue) }
    }

    /// Path and query.
    public var target: String { query.isEmpty ? path : path + "?" + query }
}

/// An HTTP response, independent of any library.
public struct HTTPResponseParts: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// Empty where there is none.
    public var body: Body

    /// A response from its parts.
    public init(status: Int, headers: HTTPHeaders = [:], body: Body = Body(bytes: [])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
