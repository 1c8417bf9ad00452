// SPDX-License-Identifier: Apache-2.0

import Foundation
import OrderedCollections

@testable import ServiceModel
@testable import Wire

/// Makes service models from the JSON descriptions that the protocol suites carry, through the text that models are read from.
enum ProtocolModel {
    private static func encode(_ text: String, inList: Bool = false) -> String {
        let encoded = text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: " ", with: "%20")
            .replacingOccurrences(of: "\n", with: "%0A")
        return inList ? encoded.replacingOccurrences(of: ",", with: "%2C") : encoded
    }

    private static func field(_ name: String, _ value: Value?) -> String? {
        guard let value else { return nil }
        return "\(name)=\(encode(value.stringValue ?? JSON.serialize(value)))"
    }

    private static func list(_ name: String, _ value: Value?) -> String? {
        guard let elements = value?.listValue, !elements.isEmpty else { return nil }
        return "\(name)=" + elements.map { encode($0.stringValue ?? JSON.serialize($0), inList: true) }.joined(separator: ",")
    }

    private static func flag(_ name: String, _ value: Value?) -> String? { value?.booleanValue == true ? name : nil }

    private static func namespace(_ value: Value?) -> [String?] {
        guard let value else { return [] }
        if let uri = value.stringValue { return [field("xmlns", .string(uri))] }
        return [field("xmlns", value["uri"]), field("xmlprefix", value["prefix"])]
    }

    private static func line(_ fields: [String?]) -> String { fields.compactMap { $0 }.joined(separator: " ") }

    /// The model of a suite with one operation.
    static func model(_ suite: Value, given: Value) -> ServiceModel {
        let metadata = suite["metadata"] ?? .emptyObject
        var lines: [String] = []
        lines.append(
            line(
                [
                    "service", "suite", field("version", metadata["apiVersion"]),
                    list("protocols", metadata["protocols"] ?? [metadata["protocol"] ?? "json"]),
                ]
                    + [field("json", metadata["jsonVersion"]), field("target", metadata["targetPrefix"])]
                    + namespace(metadata["xmlNamespace"]) + [metadata["awsQueryCompatible"] == nil ? nil : "query-compatible"]))
        let http = given["http"] ?? .emptyObject
        let name = given["name"]?.stringValue ?? "OperationName"
        let input = given["input"]
        let errors = given["errors"]?.listValue?.compactMap { $0["shape"]?.stringValue }
        let exceptions = (suite["shapes"]?.objectValue ?? [:]).filter { $0.value["exception"]?.booleanValue == true }.keys
        let allErrors = (errors ?? []) + exceptions.filter { errors?.contains($0) != true }
        lines.append(
            line(
                ["operation", name, http["method"]?.stringValue ?? "POST", encode(http["requestUri"]?.stringValue ?? "/")]
                    + [
                        field("in", input?["shape"]), field("out", given["output"]?["shape"]),
                        field("status", http["responseCode"]),
                    ]
                    + [field("wrapper", given["output"]?["resultWrapper"]), field("inputelement", input?["locationName"])]
                    + namespace(input?["xmlNamespace"]) + [list("errors", .list(allErrors.map(Value.string)))]
                    + [field("host", given["endpoint"]?["hostPrefix"])]))
        for (shapeName, shape) in (suite["shapes"]?.objectValue ?? [:]).sorted(by: {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }) {
            lines += shapeLines(shapeName, shape)
        }
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        // Models live as long as the process: so do the suites'.
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
        _ = bytes.initialize(from: text)
        return ServiceModel(text: ModelText(bytes: UnsafeBufferPointer(bytes)))
    }

    private static func shapeLines(_ name: String, _ shape: Value) -> [String] {
        let error = shape["error"]
        let kind = shape["type"]?.stringValue ?? "structure"
        var lines = [
            line(
                [
                    "shape", name, ["character": "string", "bigdecimal": "double", "biginteger": "long"][kind] ?? kind,
                    list("required", shape["required"]),
                ]
                    + [
                        field("payload", shape["payload"]), field("time", shape["timestampFormat"]),
                        field("name", shape["locationName"]),
                    ]
                    + namespace(shape["xmlNamespace"])
                    + ["flattened", "streaming", "union", "eventstream", "event", "exception", "fault", "document"].map {
                        flag($0, shape[$0])
                    }
                    + [field("code", error?["code"]), field("status", error?["httpStatusCode"]), list("enum", shape["enum"])])
        ]
        var members = shape["members"]?.objectValue ?? [:]
        for role in ["member", "key", "value"] { if let member = shape[role] { members[role] = member } }
        for (memberName, member) in members {
            lines.append(
                line(
                    [
                        ".", memberName, member["shape"]?.stringValue, field("at", member["location"]),
                        field("name", member["locationName"]),
                    ]
                        + [field("time", member["timestampFormat"])] + namespace(member["xmlNamespace"])
                        + [
                            flag("flattened", member["flattened"]), flag("attribute", member["xmlAttribute"]),
                            flag("streaming", member["streaming"]), flag("token", member["idempotencyToken"]),
                            flag("jsonvalue", member["jsonvalue"]), flag("host", member["hostLabel"]),
                            flag("payload", member["eventpayload"]),
                        ]))
        }
        return lines
    }

    /// A case's parameters as values: what JSON can't tell apart follows from the shape.
    static func value(_ json: Value, _ shape: Shape) -> Value {
        switch (shape.kind, json) {
        case (.structure, .object(let members)):
            if shape.isDocument { return json }
            return .object(
                OrderedDictionary(
                    uniqueKeysWithValues: members.map { name, member in
                        (name, shape.member(named: name).map { value(member, $0.shape) } ?? member)
                    }))
        case (.list, .list(let elements)):
            return .list(elements.map { element in shape.element.map { value(element, $0.shape) } ?? element })
        case (.map, .object(let entries)):
            return .object(entries.mapValues { entry in shape.value.map { value(entry, $0.shape) } ?? entry })
        case (.timestamp, .integer), (.timestamp, .double): return .timestamp(json.doubleValue ?? 0)
        case (.blob, .string(let text)): return .blob(Array(text.utf8))
        case (.double, .integer(let number)), (.float, .integer(let number)): return .double(Double(number))
        case (.double, .string(let text)), (.float, .string(let text)):
            return .double(["NaN": .nan, "Infinity": .infinity, "-Infinity": -.infinity][text] ?? 0)
        default: return json
        }
    }

    /// Equality in which NaN equals itself, and nulls of structures are absent.
    static func isEqual(_ left: Value?, _ right: Value?) -> Bool {
        switch (left, right) {
        case (.double(let one)?, .double(let other)?): return one == other || (one.isNaN && other.isNaN)
        case (.timestamp(let one)?, .timestamp(let other)?): return abs(one - other) < 1e-3
        case (.list(let one)?, .list(let other)?): return one.count == other.count && zip(one, other).allSatisfy { isEqual($0, $1) }
        case (.object(let one)?, .object(let other)?):
            return Set(one.keys).union(other.keys).allSatisfy { isEqual(one[$0] ?? .null, other[$0] ?? .null) }
        default: return left == right
        }
    }

    /// The value without empty lists and objects.
    static func withoutEmpty(_ value: Value) -> Value {
        guard case .object(let members) = value else { return value }
        return .object(
            members.mapValues(withoutEmpty).filter { $0.value != .emptyObject && $0.value != .list([]) && $0.value != .string("") })
    }
}
