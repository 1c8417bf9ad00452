// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import OrderedCollections
import Wire
import World

/// Clusters and their nodes, which follow from the instance groups.
enum ClusterRules {
    private static var family: ResourceFamily { ResourceFamilies.named("Cluster") }

    static let rows: [OperationRow] = [
        OperationRow("sagemaker", "ListClusterNodes", template, depth: .kept, value: { try list($0, $1) }),
        OperationRow("sagemaker", "DescribeClusterNode", template, depth: .kept, value: { try describe($0, $1) }),
        OperationRow("sagemaker", "UpdateCluster", template, depth: .kept, value: { try update($0, $1) }),
    ]

    private static let template = Authorization.template("cluster/{ClusterName}")

    /// Groups as outputs show them.
    static func complete(_ document: inout Value) {
        let groups = (document["InstanceGroups"]?.listValue ?? []).map { group in
            var group = group
            group["CurrentCount"] = group["InstanceCount"] ?? group["CurrentCount"]
            group["TargetCount"] = group["InstanceCount"] ?? group["TargetCount"]
            group["InstanceCount"] = nil
            return group
        }
        document["InstanceGroups"] = .list(groups)
    }

    private static func update(_ input: Value, _ call: Call) throws -> Value {
        try family.change(input, call) { record in
            var groups = record.document["InstanceGroups"]?.listValue ?? []
            for group in input["InstanceGroups"]?.listValue ?? [] {
                let place = groups.firstIndex { $0["InstanceGroupName"] == group["InstanceGroupName"] }
                if let place { groups[place] = group } else { groups.append(group) }
            }
            let leaving = Set(input["InstanceGroupsToDelete"]?.listValue?.compactMap(\.stringValue) ?? [])
            groups.removeAll { leaving.contains($0["InstanceGroupName"]?.stringValue ?? "") }
            record.document["InstanceGroups"] = .list(groups)
            if let recovery = input["NodeRecovery"] { record.document["NodeRecovery"] = recovery }
            complete(&record.document)
            family.enter("Updating", &record, call)
        }
    }

    private static func nodes(_ input: Value, _ call: Call) throws -> [Value] {
        let cluster = try call.world.store.read { try family.record(input, call, $0) }
        return (cluster.document["InstanceGroups"]?.listValue ?? []).flatMap { group -> [Value] in
            let name = group["InstanceGroupName"]?.stringValue ?? ""
            return (0..<max(0, min(group["CurrentCount"]?.integerValue ?? 0, 10_000))).map { index in
                var node = group
                node["InstanceId"] = .string(instanceID(cluster.arn, "\(name)-\(index + 1)"))
                node["InstanceStatus"] = ["Status": cluster.status == "InService" ? "Running" : "Pending"]
                node["LaunchTime"] = .timestamp(cluster.creationTime)
                return node
            }
        }
    }

    /// Always the same for the same node.
    private static func instanceID(_ cluster: String, _ node: String) -> String {
        "i-" + SHA256.hash(data: Data("\(cluster)/\(node)".utf8)).map { String(format: "%02x", $0) }.joined().prefix(17)
    }

    private static func list(_ input: Value, _ call: Call) throws -> Value {
        let part = input["InstanceGroupNameContains"]?.stringValue
        var chosen = try nodes(input, call).filter { node in
            part.map { (node["InstanceGroupName"]?.stringValue ?? "").contains($0) } ?? true
        }
        if input["SortOrder"]?.stringValue == "Descending" { chosen.reverse() }
        let page = try ListPage(
            of: chosen, token: input["NextToken"]?.stringValue, limit: input["MaxResults"]?.integerValue ?? 100,
            list: "cluster-nodes",
            invalid: SageMakerError.validation("Invalid pagination token."))
        var output: Value = ["ClusterNodeSummaries": .list(page.elements)]
        output["NextToken"] = page.nextToken.map(Value.string)
        return output
    }

    private static func describe(_ input: Value, _ call: Call) throws -> Value {
        let id = input["NodeId"] ?? ""
        guard let node = try nodes(input, call).first(where: { $0["InstanceId"] == id }) else {
            throw ServiceError(
                "ResourceNotFound", "Instance \(id.stringValue ?? "") of cluster \(family.name(in: input)) does not exist.",
                status: 400)
        }
        return ["NodeDetails": node]
    }
}
