// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Application Auto Scaling: targets, policies and scheduled actions, kept; nothing scales by itself here.
public enum ApplicationAutoScalingService {
    /// The operations, a row each.
    public static let table = ServiceTable(
        service: "application-autoscaling", prefix: "application-autoscaling",
        ScalableTargets.rows + ScalingPolicies.rows + ScheduledActions.rows + ScalingTags.rows)
}

/// What the families of Application Auto Scaling share.
enum Scaling {
    static func validation(_ message: String) -> ServiceError { ServiceError("ValidationException", message, status: 400) }

    static func row(_ name: String, _ handle: @escaping @Sendable (Value, Call) throws -> Value) -> OperationRow {
        OperationRow("application-autoscaling", name, .template("*"), depth: .kept, value: { try handle($0, $1) })
    }

    /// The three members that name a target, joined by bars, which none of them may hold.
    static func targetName(_ input: Value) -> String {
        ["ServiceNamespace", "ResourceId", "ScalableDimension"].map { input[$0]?.stringValue ?? "" }.joined(separator: "|")
    }

    static func missing(_ what: String, _ input: Value) -> ServiceError {
        ServiceError(
            "ObjectNotFoundException",
            "No \(what) found for service namespace: \(input["ServiceNamespace"]?.stringValue ?? ""), resource ID: "
                + "\(input["ResourceId"]?.stringValue ?? ""), scalable dimension: \(input["ScalableDimension"]?.stringValue ?? "")",
            status: 400)
    }

    /// One page of a family's documents; `names` are the member that lists them in the input and the member that names one.
    static func list(
        _ kind: String, member: String, names: (list: String, own: String), _ input: Value, _ call: Call
    ) throws -> Value {
        let wanted = input[names.list]?.listValue
        let chosen = try call.allKept(kind).map(\.document).filter { document in
            ["ServiceNamespace", "ResourceId", "ScalableDimension"].allSatisfy { input[$0] == nil || document[$0] == input[$0] }
                && (wanted.map { list in document[names.own].map(list.contains) ?? false } ?? true)
        }
        let page = try ListPage(
            of: chosen, token: input["NextToken"]?.stringValue, limit: input["MaxResults"]?.integerValue ?? 50, list: member,
            invalid: ServiceError("InvalidNextTokenException", "The specified next token is not valid.", status: 400))
        var output: Value = .emptyObject
        output[member] = .list(page.elements)
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }
}

/// What can be scaled, and between which numbers.
enum ScalableTargets {
    static let kind = "application-autoscaling:scalable-target"

    static let rows: [OperationRow] = [
        Scaling.row("RegisterScalableTarget") { try register($0, $1) },
        Scaling.row("DeregisterScalableTarget") { input, call in
            guard let record = try call.kept(kind, named: Scaling.targetName(input)) else {
                throw Scaling.missing("scalable target", input)
            }
            try call.world.store.write { database in
                for dependent in [ScalingPolicies.kind, ScheduledActions.kind] {
                    for found in try database.keptRecords(dependent, in: call.scope) where found.name.hasPrefix(record.name + "|") {
                        try database.deleteKept(found, in: call.scope)
                    }
                }
                try database.deleteKept(record, in: call.scope)
            }
            return .emptyObject
        },
        Scaling.row("DescribeScalableTargets") {
            try Scaling.list(kind, member: "ScalableTargets", names: ("ResourceIds", "ResourceId"), $0, $1)
        },
        Scaling.row("DescribeScalingActivities") { _, _ in ["ScalingActivities": []] },
    ]

    private static func register(_ input: Value, _ call: Call) throws -> Value {
        let name = Scaling.targetName(input)
        let earlier = try call.kept(kind, named: name)
        var document = earlier?.document ?? .emptyObject
        for (member, value) in input.objectValue ?? [:] where member != "Tags" { document[member] = value }
        guard let least = document["MinCapacity"]?.integerValue, let most = document["MaxCapacity"]?.integerValue else {
            throw Scaling.validation("MinCapacity and MaxCapacity must be given when a scalable target is registered.")
        }
        guard least <= most else { throw Scaling.validation("Maximum capacity cannot be less than minimum capacity") }
        let arn = earlier?.arn ?? call.arn("application-autoscaling", "scalable-target/\(ResourceID.random(34))")
        let service = input["ServiceNamespace"]?.stringValue ?? ""
        document["ScalableTargetARN"] = .string(arn)
        document["CreationTime"] = document["CreationTime"] ?? .timestamp(call.now)
        document["SuspendedState"] =
            document["SuspendedState"]
            ?? ["DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false]
        document["RoleARN"] =
            document["RoleARN"]
            ?? .string(
                "arn:aws:iam::\(call.account):role/aws-service-role/\(service).application-autoscaling.amazonaws.com/"
                    + "AWSServiceRoleForApplicationAutoScaling_\(service == "sagemaker" ? "SageMakerEndpoint" : service.capitalized)"
            )
        let record = KeptRecord(kind: kind, name: name, arn: arn, now: call.now, document: document)
        try call.world.store.write { database in
            try database.putKept(record, in: call.scope)
            let tags = (input["Tags"]?.objectValue ?? [:]).map { Tag(Key: $0.key, Value: $0.value.stringValue ?? "") }
            try database.setTags(tags, of: arn)
        }
        return ["ScalableTargetARN": .string(arn)]
    }
}

/// Policies, with the alarms that a target-tracking policy brings.
enum ScalingPolicies {
    static let kind = "application-autoscaling:scaling-policy"

    static let rows: [OperationRow] = [
        Scaling.row("PutScalingPolicy") { try put($0, $1) },
        Scaling.row("DeleteScalingPolicy") { input, call in
            guard let record = try call.kept(kind, named: name(input)) else { throw Scaling.missing("scaling policy", input) }
            let alarms = record.document["Alarms"]?.listValue?.compactMap { $0["AlarmName"]?.stringValue } ?? []
            try call.world.store.write { database in
                for alarm in alarms {
                    guard let found = try database.keptRecord(Alarms.metricKind, named: alarm, in: call.scope) else { continue }
                    try database.deleteKept(found, in: call.scope)
                }
                try database.deleteKept(record, in: call.scope)
            }
            return .emptyObject
        },
        Scaling.row("DescribeScalingPolicies") {
            try Scaling.list(kind, member: "ScalingPolicies", names: ("PolicyNames", "PolicyName"), $0, $1)
        },
    ]

    private static func name(_ input: Value) -> String {
        "\(Scaling.targetName(input))|\(input["PolicyName"]?.stringValue ?? "")"
    }

    private static func put(_ input: Value, _ call: Call) throws -> Value {
        guard try call.kept(ScalableTargets.kind, named: Scaling.targetName(input)) != nil else {
            throw Scaling.missing("scalable target", input)
        }
        let earlier = try call.kept(kind, named: name(input))
        var document = earlier?.document ?? .emptyObject
        for (member, value) in input.objectValue ?? [:] { document[member] = value }
        document["PolicyType"] = document["PolicyType"] ?? "StepScaling"
        let id = UUID().uuidString.lowercased()
        let resource = input["ResourceId"]?.stringValue ?? ""
        let arn =
            earlier?.arn
            ?? "arn:aws:autoscaling:\(call.region):\(call.account):scalingPolicy:\(id):resource/"
            + "\(input["ServiceNamespace"]?.stringValue ?? "")/\(resource):policyName/\(input["PolicyName"]?.stringValue ?? "")"
        document["PolicyARN"] = .string(arn)
        document["CreationTime"] = document["CreationTime"] ?? .timestamp(call.now)
        if earlier == nil { document["Alarms"] = try alarms(of: document, call) }
        try call.putKept(KeptRecord(kind: kind, name: name(input), arn: arn, now: call.now, document: document))
        return ["PolicyARN": .string(arn), "Alarms": document["Alarms"] ?? []]
    }

    /// The two alarms by which a target-tracking policy watches an endpoint's metric.
    private static func alarms(of policy: Value, _ call: Call) throws -> Value {
        guard let tracking = policy["TargetTrackingScalingPolicyConfiguration"], let target = tracking["TargetValue"]?.doubleValue
        else { return [] }
        let resource = policy["ResourceId"]?.stringValue ?? ""
        let parts = resource.split(separator: "/").map(String.init)
        let isEndpoint = parts.count == 4 && parts[0] == "endpoint" && parts[2] == "variant"
        let predefined = tracking["PredefinedMetricSpecification"]?["PredefinedMetricType"]?.stringValue
        let custom = tracking["CustomizedMetricSpecification"]
        guard custom != nil || isEndpoint && predefined == "SageMakerVariantInvocationsPerInstance" else { return [] }
        return .list(
            try [("AlarmHigh", "GreaterThanThreshold", 3, target), ("AlarmLow", "LessThanThreshold", 15, target * 0.9)].map {
                kind, comparison, periods, threshold in
                let name = "TargetTracking-\(resource)-\(kind)-\(UUID().uuidString.lowercased())"
                var alarm: Value = [
                    "AlarmName": .string(name), "ComparisonOperator": .string(comparison), "Threshold": .double(threshold),
                    "EvaluationPeriods": .integer(periods), "Period": 60, "AlarmActions": .list([policy["PolicyARN"] ?? ""]),
                    "Namespace": custom?["Namespace"] ?? "AWS/SageMaker",
                    "MetricName": custom?["MetricName"] ?? "InvocationsPerInstance", "Statistic": custom?["Statistic"] ?? "Sum",
                ]
                alarm["Dimensions"] =
                    custom?["Dimensions"]
                    ?? .list([
                        ["Name": "EndpointName", "Value": .string(parts.count > 1 ? parts[1] : "")],
                        ["Name": "VariantName", "Value": .string(parts.last ?? "")],
                    ])
                _ = try Alarms.put(Alarms.metricKind, alarm, call)
                return ["AlarmName": .string(name), "AlarmARN": .string(call.arn("cloudwatch", "alarm:\(name)"))]
            })
    }
}

/// Changes of capacity at set times: kept.
enum ScheduledActions {
    static let kind = "application-autoscaling:scheduled-action"

    static let rows: [OperationRow] = [
        Scaling.row("PutScheduledAction") { input, call in
            guard try call.kept(ScalableTargets.kind, named: Scaling.targetName(input)) != nil else {
                throw Scaling.missing("scalable target", input)
            }
            let earlier = try call.kept(kind, named: name(input))
            guard earlier != nil || input["Schedule"] != nil else {
                throw Scaling.validation("Schedule must be given for a new scheduled action.")
            }
            var document = earlier?.document ?? .emptyObject
            for (member, value) in input.objectValue ?? [:] { document[member] = value }
            let arn =
                earlier?.arn
                ?? "arn:aws:autoscaling:\(call.region):\(call.account):scheduledAction:\(UUID().uuidString.lowercased()):resource/"
                + "\(input["ServiceNamespace"]?.stringValue ?? "")/\(input["ResourceId"]?.stringValue ?? ""):scheduledActionName/"
                + "\(input["ScheduledActionName"]?.stringValue ?? "")"
            document["ScheduledActionARN"] = .string(arn)
            document["CreationTime"] = document["CreationTime"] ?? .timestamp(call.now)
            try call.putKept(KeptRecord(kind: kind, name: name(input), arn: arn, now: call.now, document: document))
            return .emptyObject
        },
        Scaling.row("DeleteScheduledAction") { input, call in
            guard let record = try call.kept(kind, named: name(input)) else { throw Scaling.missing("scheduled action", input) }
            try call.deleteKept(record)
            return .emptyObject
        },
        Scaling.row("DescribeScheduledActions") {
            try Scaling.list(
                kind, member: "ScheduledActions", names: ("ScheduledActionNames", "ScheduledActionName"), $0, $1)
        },
    ]

    private static func name(_ input: Value) -> String {
        "\(Scaling.targetName(input))|\(input["ScheduledActionName"]?.stringValue ?? "")"
    }
}

/// Labels of scalable targets.
enum ScalingTags {
    static let rows: [OperationRow] = [
        Scaling.row("ListTagsForResource") { input, call in
            let arn = try target(input, call)
            let tags = try call.world.store.read { try $0.tags(of: arn) }
            return ["Tags": tags.reduce(into: .emptyObject) { $0[$1.Key] = .string($1.Value) }]
        },
        Scaling.row("TagResource") { input, call in
            let arn = try target(input, call)
            let tags = (input["Tags"]?.objectValue ?? [:]).map { Tag(Key: $0.key, Value: $0.value.stringValue ?? "") }
            try call.world.store.write { try $0.setTags(tags, of: arn) }
            return .emptyObject
        },
        Scaling.row("UntagResource") { input, call in
            let arn = try target(input, call)
            let keys = input["TagKeys"]?.listValue?.compactMap(\.stringValue) ?? []
            try call.world.store.write { try $0.removeTags(withKeys: keys, of: arn) }
            return .emptyObject
        },
    ]

    private static func target(_ input: Value, _ call: Call) throws -> String {
        let arn = input["ResourceARN"]?.stringValue ?? ""
        guard try call.world.store.read({ try $0.keptRecord(ScalableTargets.kind, arn: arn) }) != nil,
            Scope(ofARN: arn) == call.scope
        else { throw ServiceError("ResourceNotFoundException", "The resource \(arn) doesn't exist.", status: 400) }
        return arn
    }
}
