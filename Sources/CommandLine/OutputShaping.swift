// SPDX-License-Identifier: Apache-2.0

import Foundation
import JMESPath
import OrderedCollections
import ServiceModel
import Wire

/// A service's answer as the client's own parser would hand it to the printer: members in the shape's order, nothing that
/// the shape does not know, IAM's policies as objects.
struct OutputShaping {
    let operation: OperationModel
    /// `cli_timestamp_format = wire`: times stay as the service's protocol writes them.
    var keepsWireTimes = false

    /// The output without its streaming member, ready to be queried and printed.
    func shaped(_ output: Value) -> JSONValue {
        let zone = TimestampZone(protocolName: operation.serviceModel.protocolName.rawValue)
        guard let shape = operation.output else { return .object(JSONObject()) }
        var ordered = ordered(output, shape, isTop: true)
        if operation.name == "GetBucketLocation", ordered["LocationConstraint"] == nil {
            ordered["LocationConstraint"] = .null
        }
        return JSONValue(ordered, zone: zone)
    }

    private var isREST: Bool {
        let name = operation.serviceModel.protocolName
        return name == .restXML || name == .restJSON
    }

    private func ordered(_ value: Value, _ shape: Shape, isTop: Bool = false) -> Value {
        switch (shape.kind, value) {
        case (.structure, .object(let members)): return .object(orderedMembers(members, shape, isTop: isTop))
        case (.list, .list(let elements)):
            guard let element = shape.element?.shape else { return value }
            return element.kind.isScalar && element.name != "policyDocumentType"
                ? value : .list(elements.map { ordered($0, element) })
        case (.map, .object(let members)):
            guard let content = shape.value?.shape, !content.kind.isScalar else { return value }
            return .object(members.mapValues { ordered($0, content) })
        case (.string, .string(let text)) where shape.name == "policyDocumentType" && operation.service == "iam":
            guard let decoded = text.removingPercentEncoding, let document = try? JSON.parse(decoded) else { return value }
            return document
        case (.timestamp, .integer), (.timestamp, .double), (.timestamp, .timestamp):
            guard let seconds = value.doubleValue else { return value }
            return keepsWireTimes ? wireTime(seconds, shape.timestampFormat, in: .body) : .timestamp(seconds)
        case (.float, .integer(let number)), (.double, .integer(let number)): return .double(Double(number))
        default: return value
        }
    }

    /// In HTTP bindings, headers and the status come before what is in the body.
    private func orderedMembers(
        _ members: OrderedDictionary<String, Value>, _ shape: Shape, isTop: Bool
    ) -> OrderedDictionary<String, Value> {
        var ordered: OrderedDictionary<String, Value> = [:]
        ordered.reserveCapacity(members.count)
        let streaming = isTop ? operation.streamingOutputMember?.name : nil
        let passes = isTop && isREST ? [true, false] : [nil]
        for wantsHeader in passes {
            for member in shape.members where member.name != streaming {
                if let wantsHeader, (member.location != .body) != wantsHeader { continue }
                if let content = members[member.name], content != .null {
                    if keepsWireTimes, case .timestamp(let seconds) = content {
                        ordered[member.name] = wireTime(seconds, member.timestampFormat, in: member.location)
                    } else {
                        ordered[member.name] = self.ordered(content, member.shape)
                    }
                } else if isTop, member.location == .headers {
                    ordered[member.name] = .emptyObject
                }
            }
        }
        return ordered
    }

    /// A time as it comes over the wire: in JSON a number of seconds, elsewhere a text.
    private func wireTime(_ seconds: Double, _ format: TimestampFormat?, in location: Member.Location) -> Value {
        let name = operation.serviceModel.protocolName
        let isJSON = name == .json || name == .restJSON
        switch format ?? (location == .header ? .rfc822 : isJSON ? .unixTimestamp : .iso8601) {
        case .iso8601: return .string(Timestamp.iso8601(seconds, alwaysMilliseconds: operation.service == "s3"))
        case .rfc822: return .string(Timestamp.rfc822(seconds))
        case .unixTimestamp: return .double((seconds * 1000).rounded() / 1000)
        }
    }
}
