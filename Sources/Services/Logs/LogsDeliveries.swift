// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Deliveries of other services' logs, with their sources and destinations: kept.
enum LogsDeliveries {
    private static let source = "logs:delivery-source"
    private static let destination = "logs:delivery-destination"
    private static let delivery = "logs:delivery"

    static let rows: [OperationRow] = sourceRows + destinationRows + deliveryRows

    private static func row(
        _ name: String, _ template: String = "*", _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("logs", name, .template(template), depth: .kept, value: { try handle($0, $1) })
    }

    private static func invalid(_ message: String) -> ServiceError { ServiceError("ValidationException", message, status: 400) }

    private static func found(_ kind: String, _ what: String, _ name: Value?, _ call: Call) throws -> KeptRecord {
        guard let record = try call.kept(kind, named: name?.stringValue ?? "") else {
            throw LogsError.missing("Requested \(what) does not exist in this account.")
        }
        return record
    }

    private static func put(_ kind: String, name: String, arn: String, document: Value, _ input: Value, _ call: Call) throws {
        let record = KeptRecord(kind: kind, name: name, arn: arn, now: call.now, document: document)
        try call.world.store.write { database in
            try database.putKept(record, in: call.scope)
            try database.setTags(LogsTags.tags(input["tags"]), of: arn)
        }
    }

    private static func list(_ kind: String, _ member: String, _ input: Value, _ call: Call) throws -> Value {
        try LogsPage.output(try call.allKept(kind).map(\.document), input, member: member)
    }

    /// The services whose logs are delivered, with their kinds of logs; from the user guide's table of vended logs.
    private static let logTypes: [String: Set<String>] = [
        "cloudfront": ["ACCESS_LOGS", "CONNECTION_LOGS"], "bedrock": ["APPLICATION_LOGS"], "codewhisperer": ["EVENT_LOGS"],
        "mediapackagev2": ["EGRESS_ACCESS_LOGS", "INGRESS_ACCESS_LOGS"],
        "mediatailor": ["AD_DECISION_SERVER_LOGS", "MANIFEST_SERVICE_LOGS", "TRANSCODE_LOGS"], "sso": ["ERROR_LOGS"],
        "ses": ["APPLICATION_LOGS", "TRAFFIC_POLICY_DEBUG_LOGS"],
        "workmail": [
            "ACCESS_CONTROL_LOGS", "AUTHENTICATION_LOGS", "WORKMAIL_AVAILABILITY_PROVIDER_LOGS", "WORKMAIL_MAILBOX_ACCESS_LOGS",
            "WORKMAIL_PERSONAL_ACCESS_TOKEN_LOGS",
        ],
        "elasticloadbalancing": ["CONNECTION_LOGS"], "qbusiness": ["EVENT_LOGS"], "vpc-lattice": ["VPC_LATTICE_ACCESS_LOGS"],
    ]

    private static let sourceRows = [
        row("PutDeliverySource", "delivery-source:{name}") { input, call in
            let name = input["name"]?.stringValue ?? ""
            let service = ARN(input["resourceArn"]?.stringValue ?? "")?.service ?? ""
            guard let types = logTypes[service] else {
                throw LogsError.missing("Cannot access provided service: \(service) delivers no logs.")
            }
            guard types.contains(input["logType"]?.stringValue ?? "") else {
                throw invalid(
                    "This service is not allowed for this LogSource: \(service) has \(types.sorted().joined(separator: ", ")).")
            }
            let earlier = try call.kept(source, named: name)
            if let earlier, earlier.document["resourceArns"]?[0] != input["resourceArn"] {
                throw ServiceError(
                    "ConflictException", "Update operation is not permitted for this Delivery Source: its resource can't change.",
                    status: 400)
            }
            let arn = call.arn("logs", "delivery-source:\(name)")
            var document = input.picking("name", "logType", "tags", "deliverySourceConfiguration")
            document["arn"] = .string(arn)
            document["resourceArns"] = .list([input["resourceArn"] ?? ""])
            document["service"] = .string(service)
            try put(source, name: name, arn: arn, document: document, input, call)
            return ["deliverySource": document]
        },
        row("GetDeliverySource", "delivery-source:{name}") { input, call in
            ["deliverySource": try found(source, "delivery source", input["name"], call).document]
        },
        row("DescribeDeliverySources") { try list(source, "deliverySources", $0, $1) },
        row("DeleteDeliverySource", "delivery-source:{name}") { input, call in
            let record = try found(source, "delivery source", input["name"], call)
            if let used = try call.allKept(delivery).first(where: { $0.document["deliverySourceName"]?.stringValue == record.name })
            {
                throw ServiceError("ConflictException", "This source has the delivery \(used.name): delete it first.", status: 400)
            }
            try call.deleteKept(record)
            return .emptyObject
        },
    ]

    private static let destinationRows = [
        row("PutDeliveryDestination", "delivery-destination:{name}") { input, call in
            let name = input["name"]?.stringValue ?? ""
            let formats = ["json", "plain", "w3c", "raw", "parquet"]
            if let format = input["outputFormat"]?.stringValue, !formats.contains(format) {
                throw invalid(
                    "1 validation error detected: Value '\(format)' at 'outputFormat' failed to satisfy constraint: Member must "
                        + "satisfy enum value set: [\(formats.joined(separator: ", "))]")
            }
            let earlier = try call.kept(destination, named: name)?.document
            if let earlier, let format = input["outputFormat"], format != earlier["outputFormat"] {
                throw invalid("Update to existing Delivery Destination with new Output Format is not allowed.")
            }
            let arn = call.arn("logs", "delivery-destination:\(name)")
            var document = earlier ?? .emptyObject
            for (member, value) in input.objectValue ?? [:] { document[member] = value }
            document["arn"] = .string(arn)
            let target = ARN(input["deliveryDestinationConfiguration"]?["destinationResourceArn"]?.stringValue ?? "")?.service
            document["deliveryDestinationType"] =
                input["deliveryDestinationType"] ?? .string(["s3": "S3", "logs": "CWL", "firehose": "FH"][target ?? ""] ?? "S3")
            try put(destination, name: name, arn: arn, document: document, input, call)
            return ["deliveryDestination": document]
        },
        row("GetDeliveryDestination", "delivery-destination:{name}") { input, call in
            ["deliveryDestination": try found(destination, "delivery destination", input["name"], call).document]
        },
        row("DescribeDeliveryDestinations") { try list(destination, "deliveryDestinations", $0, $1) },
        row("DeleteDeliveryDestination", "delivery-destination:{name}") { input, call in
            let record = try found(destination, "delivery destination", input["name"], call)
            if let used = try call.allKept(delivery).first(where: {
                $0.document["deliveryDestinationArn"]?.stringValue == record.arn
            }) {
                throw ServiceError(
                    "ConflictException", "This destination has the delivery \(used.name): delete it first.", status: 400)
            }
            try call.deleteKept(record)
            return .emptyObject
        },
        row("PutDeliveryDestinationPolicy", "delivery-destination:{deliveryDestinationName}") { input, call in
            var record = try found(destination, "delivery destination", input["deliveryDestinationName"], call)
            record.document["deliveryDestinationPolicy"] = input["deliveryDestinationPolicy"]
            try call.putKept(record)
            return ["policy": record.document]
        },
        row("GetDeliveryDestinationPolicy", "delivery-destination:{deliveryDestinationName}") { input, call in
            ["policy": try found(destination, "delivery destination", input["deliveryDestinationName"], call).document]
        },
        row("DeleteDeliveryDestinationPolicy", "delivery-destination:{deliveryDestinationName}") { input, call in
            var record = try found(destination, "delivery destination", input["deliveryDestinationName"], call)
            record.document["deliveryDestinationPolicy"] = nil
            try call.putKept(record)
            return .emptyObject
        },
    ]

    private static let deliveryRows = [
        row("CreateDelivery") { try createDelivery($0, $1) },
        row("GetDelivery", "delivery:{id}") { input, call in
            ["delivery": try found(delivery, "delivery", input["id"], call).document]
        },
        row("DescribeDeliveries") { try list(delivery, "deliveries", $0, $1) },
        row("DeleteDelivery", "delivery:{id}") { input, call in
            try call.deleteKept(try found(delivery, "delivery", input["id"], call))
            return .emptyObject
        },
    ]

    private static func createDelivery(_ input: Value, _ call: Call) throws -> Value {
        _ = try found(source, "delivery source", input["deliverySourceName"], call)
        let target = input["deliveryDestinationArn"]?.stringValue ?? ""
        guard let to = try call.allKept(destination).first(where: { $0.arn == target }) else {
            throw LogsError.missing("Requested delivery destination does not exist in this account.")
        }
        let isThere = try call.allKept(delivery).contains {
            $0.document["deliverySourceName"] == input["deliverySourceName"]
                && $0.document["deliveryDestinationArn"] == input["deliveryDestinationArn"]
        }
        guard !isThere else { throw ServiceError("ConflictException", "Delivery already exists.", status: 400) }
        let id = ResourceID.random(16)
        let arn = call.arn("logs", "delivery:\(id)")
        var document = input
        document["id"] = .string(id)
        document["arn"] = .string(arn)
        document["deliveryDestinationType"] = to.document["deliveryDestinationType"]
        try put(delivery, name: id, arn: arn, document: document, input, call)
        return ["delivery": document]
    }
}
