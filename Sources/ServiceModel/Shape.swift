// SPDX-License-Identifier: Apache-2.0

/// What kind of value a shape describes.
public enum ShapeKind: String, Sendable, Hashable {
    case structure, list, map, string, integer, long, float, double, boolean, blob, timestamp

    /// Neither structure, list nor map.
    public var isScalar: Bool { self != .structure && self != .list && self != .map }
    /// Whole or not.
    public var isNumber: Bool { self == .integer || self == .long || self == .float || self == .double }
}

/// How a timestamp is written on the wire.
public enum TimestampFormat: String, Sendable, Hashable {
    case iso8601, rfc822, unixTimestamp
}

/// A type of a service's model: a structure with its members, a list, a map or a scalar with its constraints.
public final class Shape: Sendable {
    /// `TrainingJobName`.
    public let name: String
    /// What kind of value it is.
    public let kind: ShapeKind
    /// A structure's members in the model's order; `member` of a list; `key` and `value` of a map.
    public let members: [Member]
    /// The names of the members that must be there, in the model's order.
    public let required: [String]
    /// The smallest value, length (in characters) or number of elements.
    public let minimum: Double?
    /// The largest value, length (in characters) or number of elements.
    public let maximum: Double?
    /// A regular expression that the whole string must match.
    public let pattern: String?
    /// The texts that there are, where they are counted.
    public let enumValues: [String]
    /// The format on the wire, where given.
    public let timestampFormat: TimestampFormat?
    /// List elements or map entries without an element around them.
    public let isFlattened: Bool
    /// Not to be shown in logs.
    public let isSensitive: Bool
    /// Sent as a stream of bytes.
    public let isStreaming: Bool
    /// Exactly one member is set.
    public let isUnion: Bool
    /// Sent as a stream of events.
    public let isEventStream: Bool
    /// One of an event stream's events.
    public let isEvent: Bool
    /// One of a service's errors.
    public let isException: Bool
    /// A free-form JSON document.
    public let isDocument: Bool
    /// The error code on the wire where it is not the shape's name.
    public let declaredErrorCode: String?
    /// The HTTP status of an exception, where the model says it.
    public let declaredErrorStatus: Int?
    /// An exception that is the caller's doing.
    public let isSenderFault: Bool
    /// An exception that is the service's doing.
    public let isFault: Bool
    /// The member that is the whole HTTP body.
    public let payloadMemberName: String?
    /// The element name of the structure in XML, where it is not the member's.
    public let xmlName: String?
    /// The namespace of its XML element.
    public let xmlNamespace: String?
    /// The namespace's prefix.
    public let xmlNamespacePrefix: String?
    private let memberPlaces: [String: Int]

    init(facts: ShapeFacts, members: [Member]) {
        name = facts.name
        kind = facts.kind
        self.members = members
        required = facts.required
        minimum = facts.minimum
        maximum = facts.maximum
        pattern = facts.pattern
        enumValues = facts.enumValues
        timestampFormat = facts.timestampFormat
        isFlattened = facts.flags.contains("flattened")
        isSensitive = facts.flags.contains("sensitive")
        isStreaming = facts.flags.contains("streaming")
        isUnion = facts.flags.contains("union")
        isEventStream = facts.flags.contains("eventstream")
        isEvent = facts.flags.contains("event")
        isException = facts.flags.contains("exception")
        isDocument = facts.flags.contains("document")
        isSenderFault = facts.flags.contains("sender")
        isFault = facts.flags.contains("fault")
        declaredErrorCode = facts.errorCode
        declaredErrorStatus = facts.errorStatus
        payloadMemberName = facts.payload
        xmlName = facts.xmlName
        xmlNamespace = facts.xmlNamespace
        xmlNamespacePrefix = facts.xmlNamespacePrefix
        memberPlaces =
            members.count < 9
            ? [:] : Dictionary(members.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The member called `name` in the model.
    public func member(named name: String) -> Member? {
        if memberPlaces.isEmpty { return members.first { $0.name == name } }
        return memberPlaces[name].map { members[$0] }
    }

    /// A list's element.
    public var element: Member? { kind == .list ? members.first : nil }
    /// A map's key.
    public var key: Member? { kind == .map ? members.first : nil }
    /// A map's value.
    public var value: Member? { kind == .map ? members.last : nil }
    /// The member that is the whole HTTP body.
    public var payloadMember: Member? { payloadMemberName.flatMap { member(named: $0) } }
    /// The error code on the wire.
    public var errorCode: String { declaredErrorCode ?? name }
    /// The HTTP status of an exception.
    public var errorStatus: Int { declaredErrorStatus ?? (isFault ? 500 : 400) }
}

/// A shape's own line, read.
struct ShapeFacts {
    var name = ""
    var kind = ShapeKind.structure
    var required: [String] = []
    var minimum: Double?
    var maximum: Double?
    var pattern: String?
    var enumValues: [String] = []
    var timestampFormat: TimestampFormat?
    var errorCode: String?
    var errorStatus: Int?
    var payload: String?
    var xmlName: String?
    var xmlNamespace: String?
    var xmlNamespacePrefix: String?
    var flags: Set<String> = []

    init(line: ModelText) {
        var fields = ModelFields(line)
        _ = fields.next()
        name = fields.nextString()
        kind = ShapeKind(rawValue: fields.nextString()) ?? .structure
        while let field = fields.next() {
            let (key, value) = field.keyAndValue
            switch key.string {
            case "required": required = value.list
            case "min": minimum = value.number
            case "max": maximum = value.number
            case "pattern": pattern = value.string
            case "enum": enumValues = value.list
            case "time": timestampFormat = TimestampFormat(rawValue: value.string)
            case "code": errorCode = value.decoded
            case "status": errorStatus = value.integer
            case "payload": payload = value.string
            case "name": xmlName = value.decoded
            case "xmlns": xmlNamespace = value.decoded
            case "xmlprefix": xmlNamespacePrefix = value.decoded
            case let flag: flags.insert(flag)
            }
        }
    }
}
