// SPDX-License-Identifier: Apache-2.0

import JMESPath
import OrderedCollections
import Wire

extension JSONValue {
    /// A service's value as the command line prints it and as queries see it.
    ///
    /// Timestamps become ISO 8601 text in `zone`, blobs become Base64 text.
    public init(_ value: Wire.Value, zone: TimestampZone) {
        switch value {
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .blob(let bytes): self = .string(Base64.encode(bytes))
        case .timestamp(let seconds): self = .string(isoTimestamp(seconds, zone: zone))
        case .list(let elements): self = .array(elements.map { JSONValue($0, zone: zone) })
        case .object(let members): self = .object(JSONObject(members.lazy.map { ($0.key, JSONValue($0.value, zone: zone)) }))
        }
    }
}

extension Value {
    /// A JSON document as a service's value.
    public init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let number): self = .integer(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { Value($0) })
        case .object(let object):
            self = .object(
                OrderedDictionary(object.members.lazy.map { ($0, Value($1)) }, uniquingKeysWith: { _, last in last }))
        }
    }
}
