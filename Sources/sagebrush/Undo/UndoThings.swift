// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire

/// Policy documents as IAM answers them: percent-encoded JSON.
enum UndoPolicies {
    static func document(_ value: Value) -> Value {
        guard let text = value.stringValue, text.hasPrefix("%7B") || text.hasPrefix("%7b") else { return value }
        return .string(text.removingPercentEncoding ?? text)
    }
}

/// The rows of IAM's things.
extension UndoTable {
    static let role = UndoThing(
        service: "iam", noun: "role", create: "CreateRole", delete: "DeleteRole", look: "GetRole", keys: ["RoleName"],
        holder: "Role", identity: "RoleId",
        rebuild: { found in
            var input = found.picking(["RoleName", "Path", "Description", "MaxSessionDuration", "Tags"])
            input["AssumeRolePolicyDocument"] = found["AssumeRolePolicyDocument"].map(UndoPolicies.document)
            input["PermissionsBoundary"] = found["PermissionsBoundary"]?["PermissionsBoundaryArn"]
            return input
        },
        dependents: { scene, key in
            if let reason = try await policies(of: "Role", scene, key) { return reason }
            let profiles = try await scene.list("iam ListInstanceProfilesForRole", key, "InstanceProfiles")
            if let name = profiles.first?["InstanceProfileName"]?.stringValue { return "the instance profile \(name) has the role" }
            return try await user(ofRole: key, scene)
        }, note: "with a new id")

    static let user = UndoThing(
        service: "iam", noun: "user", create: "CreateUser", delete: "DeleteUser", look: "GetUser", keys: ["UserName"],
        holder: "User", identity: "UserId",
        rebuild: { found in
            var input = found.picking(["UserName", "Path", "Tags"])
            input["PermissionsBoundary"] = found["PermissionsBoundary"]?["PermissionsBoundaryArn"]
            return input
        },
        dependents: { scene, key in
            if let reason = try await policies(of: "User", scene, key) { return reason }
            if try await !scene.list("iam ListAccessKeys", key, "AccessKeyMetadata").isEmpty {
                return "the user has access keys by now"
            }
            let groups = try await scene.list("iam ListGroupsForUser", key, "Groups")
            return groups.isEmpty ? nil : "the user is in a group by now"
        }, note: "with a new id")

    static let group = UndoThing(
        service: "iam", noun: "group", create: "CreateGroup", delete: "DeleteGroup", look: "GetGroup", keys: ["GroupName"],
        holder: "Group", identity: "GroupId", rebuild: { $0.picking(["GroupName", "Path"]) },
        dependents: { scene, key in
            if let reason = try await policies(of: "Group", scene, key) { return reason }
            return try await scene.list("iam GetGroup", key, "Users").isEmpty ? nil : "the group has users by now"
        }, note: "with a new id")

    static let policy = UndoThing(
        service: "iam", noun: "policy", create: "CreatePolicy", delete: "DeletePolicy", look: "GetPolicy", keys: ["PolicyArn"],
        holder: "Policy", identity: "PolicyId",
        keyOfOutput: { output in
            // Nothing but the answer of its creation knows a policy's ARN.
            output["Policy"]?["Arn"].map { ["PolicyArn": $0] } ?? .emptyObject
        },
        extra: { scene, key, found in
            let version = try await scene.look(
                "iam GetPolicyVersion", key.merging(["VersionId": found["DefaultVersionId"] ?? "v1"]))
            return ["Document": version?["PolicyVersion"]?["Document"].map(UndoPolicies.document) ?? .null]
        },
        rebuild: { found in
            var input = found.picking(["PolicyName", "Path", "Description", "Tags"])
            input["PolicyDocument"] = found["Document"]
            return input
        },
        dependents: { scene, key in
            for (member, noun) in [("PolicyRoles", "role"), ("PolicyUsers", "user"), ("PolicyGroups", "group")] {
                let holders = try await scene.list("iam ListEntitiesForPolicy", key, member)
                if let name = holders.first?[noun.capitalized + "Name"]?.stringValue {
                    return "the \(noun) \(name) has the policy attached"
                }
            }
            return nil
        }, note: "with a new id")

    static let instanceProfile = UndoThing(
        service: "iam", noun: "instance profile", create: "CreateInstanceProfile", delete: "DeleteInstanceProfile",
        look: "GetInstanceProfile", keys: ["InstanceProfileName"], holder: "InstanceProfile", identity: "InstanceProfileId",
        rebuild: { $0.picking(["InstanceProfileName", "Path", "Tags"]) },
        dependents: { scene, key in
            let profile = try await scene.look("iam GetInstanceProfile", key)?["InstanceProfile"]
            return profile?["Roles"]?.listValue?.isEmpty ?? true ? nil : "the instance profile has a role by now"
        }, note: "with a new id")

    static let accessKey = UndoThing(
        service: "iam", noun: "access key", create: "CreateAccessKey", delete: "DeleteAccessKey", look: "GetAccessKeyLastUsed",
        keys: ["UserName", "AccessKeyId"], lookKeys: ["AccessKeyId"], identity: "UserName",
        keyOfOutput: { $0["AccessKey"]?.picking(["UserName", "AccessKeyId"]) ?? .emptyObject },
        lost: "a deleted access key's secret is gone: make a new key")

    private static func policies(of holder: String, _ scene: UndoScene, _ key: Value) async throws -> String? {
        let attached = try await scene.list("iam ListAttached\(holder)Policies", key, "AttachedPolicies")
        if let name = attached.first?["PolicyName"]?.stringValue {
            return "\(name) is attached to the \(holder.lowercased()) by now"
        }
        let inline = try await scene.list("iam List\(holder)Policies", key, "PolicyNames")
        return inline.first?.stringValue.map { "the \(holder.lowercased()) has the inline policy \($0) by now" }
    }

    /// The notebook instance, model or running job that has a role.
    private static func user(ofRole key: Value, _ scene: UndoScene) async throws -> String? {
        guard let arn = try await scene.look("iam GetRole", key)?["Role"]?["Arn"] else { return nil }
        for (noun, list, items, describe, name, role) in [
            (
                "notebook instance", "ListNotebookInstances", "NotebookInstances", "DescribeNotebookInstance",
                "NotebookInstanceName", "RoleArn"
            ),
            ("model", "ListModels", "Models", "DescribeModel", "ModelName", "ExecutionRoleArn"),
        ] {
            for item in try await scene.list("sagemaker \(list)", ["MaxResults": 100], items) {
                let thing = try await scene.look("sagemaker \(describe)", item.picking([name]))
                if thing?[role] == arn { return "the \(noun) \(item[name]?.stringValue ?? "") has the role" }
            }
        }
        for item in try await scene.list("sagemaker ListTrainingJobs", ["StatusEquals": "InProgress"], "TrainingJobSummaries") {
            let job = try await scene.look("sagemaker DescribeTrainingJob", item.picking(["TrainingJobName"]))
            if job?["RoleArn"] == arn { return "the training job \(item["TrainingJobName"]?.stringValue ?? "") runs as the role" }
        }
        return nil
    }
}

/// The rows of SageMaker's things.
extension UndoTable {
    /// What a description says and a creation does not take.
    private static func without(_ names: [String]) -> @Sendable (Value) -> Value {
        { found in
            var input = found
            for name in names + ["CreationTime", "LastModifiedTime"] { input[name] = nil }
            return input
        }
    }

    private static func keptTags(_ arn: String) -> @Sendable (UndoScene, Value, Value) async throws -> Value {
        { scene, _, found in
            let tags = try await scene.list("sagemaker ListTags", ["ResourceArn": found[arn] ?? ""], "Tags")
            return tags.isEmpty ? .emptyObject : ["Tags": .list(tags)]
        }
    }

    static let model = UndoThing(
        service: "sagemaker", noun: "model", create: "CreateModel", delete: "DeleteModel", look: "DescribeModel",
        keys: ["ModelName"],
        identity: "CreationTime", extra: keptTags("ModelArn"), rebuild: without(["ModelArn", "DeploymentRecommendation"]),
        dependents: { scene, key in
            for config in try await scene.list("sagemaker ListEndpointConfigs", ["MaxResults": 100], "EndpointConfigs") {
                let name = config.picking(["EndpointConfigName"])
                let variants = try await scene.list("sagemaker DescribeEndpointConfig", name, "ProductionVariants")
                if variants.contains(where: { $0["ModelName"] == key["ModelName"] }) {
                    return "the endpoint configuration \(name.shownNames) uses the model"
                }
            }
            return nil
        })

    static let endpointConfig = UndoThing(
        service: "sagemaker", noun: "endpoint configuration", create: "CreateEndpointConfig", delete: "DeleteEndpointConfig",
        look: "DescribeEndpointConfig", keys: ["EndpointConfigName"], identity: "CreationTime",
        extra: keptTags("EndpointConfigArn"),
        rebuild: without(["EndpointConfigArn"]),
        dependents: { scene, key in
            for endpoint in try await scene.list("sagemaker ListEndpoints", ["MaxResults": 100], "Endpoints") {
                let name = endpoint.picking(["EndpointName"])
                let found = try await scene.look("sagemaker DescribeEndpoint", name)
                if found?["EndpointConfigName"] == key["EndpointConfigName"] {
                    return "the endpoint \(name.shownNames) is made of the configuration"
                }
            }
            return nil
        })

    static let endpoint = UndoThing(
        service: "sagemaker", noun: "endpoint", create: "CreateEndpoint", delete: "DeleteEndpoint", look: "DescribeEndpoint",
        keys: ["EndpointName"], identity: "CreationTime", extra: keptTags("EndpointArn"),
        rebuild: { $0.picking(["EndpointName", "EndpointConfigName", "Tags"]) })

    static let lifecycleConfig = UndoThing(
        service: "sagemaker", noun: "lifecycle configuration", create: "CreateNotebookInstanceLifecycleConfig",
        delete: "DeleteNotebookInstanceLifecycleConfig", look: "DescribeNotebookInstanceLifecycleConfig",
        keys: ["NotebookInstanceLifecycleConfigName"], identity: "CreationTime",
        rebuild: { $0.picking(["NotebookInstanceLifecycleConfigName", "OnCreate", "OnStart"]) },
        dependents: { scene, key in
            let name = key["NotebookInstanceLifecycleConfigName"]
            let notebooks = try await scene.list("sagemaker ListNotebookInstances", ["MaxResults": 100], "NotebookInstances")
            let found = notebooks.first { $0["NotebookInstanceLifecycleConfigName"] == name }
            return found?["NotebookInstanceName"]?.stringValue.map { "the notebook instance \($0) uses the configuration" }
        })

    static let notebook = UndoThing(
        service: "sagemaker", noun: "notebook instance", create: "CreateNotebookInstance", delete: "DeleteNotebookInstance",
        look: "DescribeNotebookInstance", keys: ["NotebookInstanceName"], identity: "CreationTime",
        extra: keptTags("NotebookInstanceArn"),
        rebuild: { found in
            var input = found.picking([
                "NotebookInstanceName", "InstanceType", "SubnetId", "SecurityGroupIds", "RoleArn", "KmsKeyId", "Tags",
                "DirectInternetAccess", "VolumeSizeInGB", "DefaultCodeRepository", "AdditionalCodeRepositories", "RootAccess",
                "PlatformIdentifier",
            ])
            input["LifecycleConfigName"] = found["NotebookInstanceLifecycleConfigName"]
            return input
        },
        preparation: { key, found in
            switch found["NotebookInstanceStatus"]?.stringValue ?? "" {
            case "Stopped", "Failed": return []
            case "InService": return [UndoNotebooks.stop(key)]
            case let status: throw UndoRefusal("the notebook instance \(key.shownNames) is \(status): wait until that is over")
            }
        }, note: "with an empty disk: its files went with the old one")
}

/// Notebook instances that were started or stopped.
enum UndoNotebooks {
    static let rules = [
        rule("StartNotebookInstance", leadsTo: "InService", back: stop),
        rule("StopNotebookInstance", leadsTo: "Stopped", back: start),
    ]

    private static func rule(
        _ operation: String, leadsTo status: String, back: @escaping @Sendable (Value) -> UndoStep
    ) -> UndoRule {
        UndoRule(
            name: "sagemaker \(operation)",
            plan: { scene, entry in
                let key = entry.input.picking(["NotebookInstanceName"])
                let now = try await scene.look("sagemaker DescribeNotebookInstance", key)?["NotebookInstanceStatus"]?.stringValue
                guard now == status else {
                    throw UndoRefusal("the notebook instance \(key.shownNames) is \(now ?? "gone"), not \(status)")
                }
                return [back(key)]
            })
    }

    static func stop(_ key: Value) -> UndoStep {
        UndoStep(
            name: "sagemaker StopNotebookInstance", input: key, text: "stops the notebook instance \(key.shownNames)",
            wait: UndoStep.Wait(
                name: "sagemaker DescribeNotebookInstance", input: key, member: "NotebookInstanceStatus", value: "Stopped"))
    }

    private static func start(_ key: Value) -> UndoStep {
        UndoStep(name: "sagemaker StartNotebookInstance", input: key, text: "starts the notebook instance \(key.shownNames)")
    }
}
