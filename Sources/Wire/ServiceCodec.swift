// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections
import ServiceModel

/// One service's wire protocol, driven by its model: requests and answers as HTTP, on either side.
public struct ServiceCodec: Sendable {
    /// Whose operations they are.
    public let model: ServiceModel
    /// What is spoken, one of the model's.
    public let protocolName: ServiceProtocol
    /// `1.0` or `1.1`, for json.
    public let jsonVersion: String

    /// A codec for the protocol that a request came in, or the one that clients prefer.
    public init(model: ServiceModel, protocolName: ServiceProtocol? = nil, jsonVersion: String? = nil) {
        self.model = model
        self.protocolName = protocolName ?? model.protocolName
        self.jsonVersion = jsonVersion ?? model.jsonVersion ?? "1.1"
    }

    var isREST: Bool { protocolName == .restJSON || protocolName == .restXML }

    var xml: XMLCodec {
        XMLCodec(scalars: ScalarText(timestampFormat: .iso8601, alwaysMilliseconds: model.identifier == "s3"))
    }

    var jsonContentType: String { "application/x-amz-json-\(jsonVersion)" }

    /// The members that the body carries where no member is the payload.
    static func isBodyMember(_ member: Member) -> Bool { member.location == .body }

    /// The same for outputs, which have neither path nor query.
    static func isOutputBodyMember(_ member: Member) -> Bool {
        member.location == .body || member.location == .uri || member.location == .querystring
    }

    /// The error that stands for input which is not in its protocol's form.
    func serviceError(_ error: MalformedInput) -> ServiceError {
        switch protocolName {
        case .json, .restJSON, .cbor: return ServiceError("SerializationException", error.problem, status: 400)
        case .query:
            let place = error.place.isEmpty ? "The input" : "Value '\(error.found)' at '\(error.place)'"
            return ServiceError("MalformedInput", "\(place) \(error.problem)", status: 400)
        case .restXML:
            if error.place.isEmpty || model.identifier != "s3" {
                return ServiceError(
                    "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
                    status: 400)
            }
            let isInteger = error.problem.hasSuffix("integer") || error.problem.hasSuffix("long")
            return ServiceError(
                "InvalidArgument",
                isInteger
                    ? "Provided \(error.place) not an integer or within integer range" : "Provided \(error.place) \(error.problem)",
                status: 400, details: [.init("ArgumentName", .string(error.place)), .init("ArgumentValue", .string(error.found))])
        }
    }
}

/// A request's input, apart from HTTP.
public struct DecodedInput: Sendable {
    /// Without the streaming member.
    public var input: Value
    /// The streaming member.
    public var body: Body?
}

/// Headers, query items and labels of the REST protocols.
struct RESTBinding {
    let headerScalars = ScalarText(timestampFormat: .rfc822)
    let queryScalars = ScalarText(timestampFormat: .iso8601)

    // MARK: Reading

    /// A header's value; lists are split at their commas, except within quotes and dates.
    func readHeader(_ text: String, _ member: Member) throws -> Value {
        let shape = member.shape
        if member.isJSONValue, let bytes = Base64.decode(text) { return .string(String(decoding: bytes, as: UTF8.self)) }
        guard shape.kind == .list, let element = shape.element else {
            return try scalar(headerScalars, text.trimmingSpace, member, place: member.locationName)
        }
        let isHTTPDate = element.shape.kind == .timestamp && (element.timestampFormat ?? .rfc822) == .rfc822
        return .list(
            try Self.split(text, commasPerElement: isHTTPDate ? 1 : 0).map {
                try scalar(headerScalars, $0, element, place: member.locationName)
            })
    }

    /// The headers that begin with a map member's prefix.
    func readHeaders(_ headers: HTTPHeaders, _ member: Member) -> Value? {
        let prefix = (member.declaredLocationName ?? "").lowercased()
        var entries: OrderedDictionary<String, Value> = [:]
        for field in headers {
            let name = field.name.lowercased()
            guard name.hasPrefix(prefix) else { continue }
            let key = prefix.isEmpty ? field.name : String(name.dropFirst(prefix.count))
            if case .string(let known) = entries[key] {
                entries[key] = .string("\(known),\(field.value)")
            } else {
                entries[key] = .string(field.value)
            }
        }
        return entries.isEmpty ? nil : .object(entries)
    }

    /// A query string's member.
    func readQuery(_ items: [QueryItem], _ member: Member, template: Set<String>) throws -> Value? {
        let shape = member.shape
        if shape.kind == .map {
            var entries: OrderedDictionary<String, Value> = [:]
            for item in items where !template.contains(item.name) {
                let value = Value.string(item.value ?? "")
                if shape.value?.shape.kind == .list {
                    entries[item.name] = .list((entries[item.name]?.listValue ?? []) + [value])
                } else {
                    entries[item.name] = value
                }
            }
            return entries.isEmpty ? nil : .object(entries)
        }
        let values = items.filter { $0.name == member.locationName }
        guard let first = values.first else { return nil }
        if shape.kind == .list, let element = shape.element {
            return .list(try values.map { try scalar(queryScalars, $0.value ?? "", element, place: member.locationName) })
        }
        let text = first.value ?? ""
        // An item without text says nothing about a number, a truth value or a time.
        if text.isEmpty, shape.kind != .string { return nil }
        return try scalar(queryScalars, text, member, place: member.locationName)
    }

    func scalar(_ scalars: ScalarText, _ text: String, _ member: Member, place: String) throws -> Value {
        if let value = scalars.value(text, member.shape) { return value }
        throw MalformedInput(place: place, problem: "is not of type \(member.shape.kind.rawValue)", found: text)
    }

    private static func split(_ text: String, commasPerElement: Int) -> [String] {
        var elements: [String] = []
        var current = ""
        var isQuoted = false
        var isEscaped = false
        var commas = 0
        for character in text {
            if isEscaped {
                current.append(character)
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                if commas < commasPerElement {
                    commas += 1
                    current.append(character)
                } else {
                    commas = 0
                    elements.append(current.trimmingSpace)
                    current = ""
                }
            } else {
                current.append(character)
            }
        }
        elements.append(current.trimmingSpace)
        return elements
    }

    // MARK: Writing

    func writeHeader(_ value: Value, _ member: Member) -> String {
        let shape = member.shape
        if member.isJSONValue { return Base64.encode(Array((value.stringValue ?? JSON.serialize(value)).utf8)) }
        guard shape.kind == .list, let element = shape.element, case .list(let elements) = value else {
            return headerScalars.text(value, shape, format: member.timestampFormat)
        }
        return elements.map { content in
            let text = headerScalars.text(content, element.shape, format: element.timestampFormat)
            guard element.shape.kind == .string, text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
            return "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
        }.joined(separator: member.shape.element?.shape.kind == .timestamp ? ", " : ",")
    }

    func queryItems(_ value: Value, _ member: Member) -> [QueryItem] {
        let shape = member.shape
        switch (shape.kind, value) {
        case (.list, .list(let elements)):
            guard let element = shape.element else { return [] }
            return elements.map {
                QueryItem(member.locationName, queryScalars.text($0, element.shape, format: element.timestampFormat))
            }
        case (.map, .object(let entries)):
            return entries.flatMap { key, content in
                (content.listValue ?? [content]).map { QueryItem(key, $0.stringValue ?? JSON.serialize($0)) }
            }
        default: return [QueryItem(member.locationName, queryScalars.text(value, shape, format: member.timestampFormat))]
        }
    }
}
