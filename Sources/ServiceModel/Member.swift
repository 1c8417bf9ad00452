// SPDX-License-Identifier: Apache-2.0

/// A member of a structure, a list's element, or a map's key or value.
public struct Member: Sendable {
    /// Where in an HTTP message a member is.
    public enum Location: String, Sendable {
        case body, header, headers, uri, querystring, statusCode
    }

    /// The name in the model: `TrainingJobName`.
    public let name: String
    /// Where in the HTTP message.
    public let location: Location
    /// The name on the wire, where the model gives one.
    public let declaredLocationName: String?
    /// True where the input is wrong without it.
    public let isRequired: Bool
    /// The format given here rather than at the shape.
    public let declaredTimestampFormat: TimestampFormat?
    /// An attribute of its XML element.
    public let isXMLAttribute: Bool
    /// List elements without an element around them.
    public let isFlattened: Bool
    /// A member that clients fill with a fresh UUID where it is absent.
    public let isIdempotencyToken: Bool
    /// Marked as a stream here rather than at the shape.
    public let declaresStreaming: Bool
    /// A string that holds JSON text (base64 in a header).
    public let isJSONValue: Bool
    /// Part of the host's name.
    public let isHostLabel: Bool
    /// The whole payload of an event.
    public let isEventPayload: Bool
    /// Marked as one not to use any more.
    public let isDeprecated: Bool
    /// The namespace of its XML element.
    public let xmlNamespace: String?
    /// The namespace's prefix.
    public let xmlNamespacePrefix: String?
    let shapePlace: Int
    let service: ServiceModel

    init(line: ModelText, required: [String], service: ServiceModel) {
        var fields = ModelFields(line)
        _ = fields.next()
        let name = fields.nextString()
        let shapeName = fields.next()
        var location = Location.body
        var locationName: String?
        var timestampFormat: TimestampFormat?
        var namespace: String?
        var namespacePrefix: String?
        var flags: Set<String> = []
        while let field = fields.next() {
            let (key, value) = field.keyAndValue
            switch key.string {
            case "at": location = Location(rawValue: value.string) ?? .body
            case "name": locationName = value.decoded
            case "time": timestampFormat = TimestampFormat(rawValue: value.string)
            case "xmlns": namespace = value.decoded
            case "xmlprefix": namespacePrefix = value.decoded
            case let flag: flags.insert(flag)
            }
        }
        self.name = name
        self.location = location
        declaredLocationName = locationName
        isRequired = required.contains(name)
        declaredTimestampFormat = timestampFormat
        isXMLAttribute = flags.contains("attribute")
        isFlattened = flags.contains("flattened")
        isIdempotencyToken = flags.contains("token")
        declaresStreaming = flags.contains("streaming")
        isJSONValue = flags.contains("jsonvalue")
        isHostLabel = flags.contains("host")
        isEventPayload = flags.contains("payload")
        isDeprecated = flags.contains("deprecated")
        xmlNamespace = namespace
        xmlNamespacePrefix = namespacePrefix
        self.service = service
        shapePlace = shapeName.flatMap { service.shapePlace(named: $0.bytes) } ?? -1
    }

    /// The member's type; the models name only shapes that they have.
    public var shape: Shape { service.shape(at: shapePlace) }
    /// The name on the wire: the model's location name, or the member's own.
    public var locationName: String { declaredLocationName ?? name }
    /// The command line's option without its dashes: `training-job-name`.
    public var optionName: String { commandName(name) }
    /// The format on the wire, where the model gives one here or at the shape.
    public var timestampFormat: TimestampFormat? { declaredTimestampFormat ?? shape.timestampFormat }
    /// Sent as a stream of bytes or events.
    public var isStreaming: Bool { declaresStreaming || shape.isStreaming || shape.isEventStream }
    /// Not to be shown in logs.
    public var isSensitive: Bool { shape.isSensitive }
}
