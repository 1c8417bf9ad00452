// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// Roles that belong to a service: it alone can assume them.
enum ServiceLinkedRoles {
    static let pathPrefix = "/aws-service-role/"

    /// Names that do not follow from the service's (IAM User Guide, "AWS services that work with IAM").
    private static let names: [String: String] = [
        "autoscaling": "AutoScaling", "ecs": "ECS", "elasticbeanstalk": "ElasticBeanstalk",
        "elasticloadbalancing": "ElasticLoadBalancing",
        "ecs.application-autoscaling": "ApplicationAutoScaling_ECSService",
        "sagemaker.application-autoscaling": "ApplicationAutoScaling_SageMakerEndpoint",
        "dynamodb.application-autoscaling": "ApplicationAutoScaling_DynamoDBTable",
        "ec2.application-autoscaling": "ApplicationAutoScaling_EC2SpotFleetRequest",
        "rds.application-autoscaling": "ApplicationAutoScaling_RDSCluster",
        "lambda.application-autoscaling": "ApplicationAutoScaling_LambdaConcurrency",
        "custom-resource.application-autoscaling": "ApplicationAutoScaling_CustomResource",
        "elasticmapreduce.application-autoscaling": "ApplicationAutoScaling_EMRInstanceGroup",
        "appstream.application-autoscaling": "ApplicationAutoScaling_AppStreamFleet",
        "notebooks.sagemaker": "AmazonSageMakerNotebooks", "rds": "RDS", "es": "AmazonElasticsearchService",
        "ops.apigateway": "APIGateway",
        "spot": "EC2Spot", "spotfleet": "EC2SpotFleet", "eks": "AmazonEKS", "organizations": "Organizations", "sso": "SSO",
        "support": "Support", "trustedadvisor": "TrustedAdvisor", "lex": "LexBots", "lexv2": "LexV2Bots",
        "guardduty": "AmazonGuardDuty",
        "elasticache": "ElastiCache", "redshift": "Redshift", "globalaccelerator": "GlobalAccelerator", "config": "Config",
        "cloudtrail": "CloudTrail", "batch": "Batch", "kafka": "Kafka", "backup": "Backup",
    ]

    static func name(of service: String, suffix: String?) -> String {
        let host = service.hasSuffix(".amazonaws.com") ? String(service.dropLast(14)) : service
        let title = names[host] ?? host.split { $0 == "." || $0 == "-" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return "AWSServiceRoleFor" + title + (suffix.map { "_" + $0 } ?? "")
    }
}

/// Makes the role of a service.
enum CreateServiceLinkedRole: Operation {
    struct Input: Decodable, Sendable {
        var aWSServiceName: String
        var description: String?
        var customSuffix: String?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        let service = input.aWSServiceName
        guard service.hasSuffix(".amazonaws.com") else {
            throw IAMError.invalidInput("\(service) is not a valid service name.")
        }
        if input.customSuffix != nil, !allowsSuffix(service) {
            throw IAMError.invalidInput("Custom suffix is not allowed for \(service)")
        }
        let name = ServiceLinkedRoles.name(of: service, suffix: input.customSuffix)
        let path = "\(ServiceLinkedRoles.pathPrefix)\(service)/"
        let trust = JSON.serialize([
            "Version": "2012-10-17",
            "Statement": [["Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": ["Service": [.string(service)]]]],
        ])
        let record = RoleRecord(
            name: name, path: path, id: IAMIdentifier.make(.role, account: call.account),
            arn: call.iamARN("role", path: path, name: name),
            creationTime: call.now, lastModifiedTime: call.now, trustPolicy: trust, description: input.description,
            maximumSessionSeconds: 3600)
        try call.world.store.write { database in
            if try database.isNameTaken(RoleRecord.self, name, in: call.globalScope) {
                throw IAMError.invalidInput(
                    "Service role name \(name) has been taken in this account, please try a different suffix.")
            }
            _ = try database.insertResource(record, in: call.globalScope)
        }
        return ["Role": record.value(isFull: false)]
    }

    /// Services with one role an account take no suffix.
    private static func allowsSuffix(_ service: String) -> Bool {
        ["autoscaling.amazonaws.com", "lexv2.amazonaws.com", "lex.amazonaws.com", "connect.amazonaws.com"].contains(service)
    }
}

/// Removes the role of a service; here that is done at once.
enum DeleteServiceLinkedRole: Operation {
    struct Input: Decodable, Sendable { var roleName: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        try call.world.store.write { database in
            let role = try database.holder(RoleRecord.self, named: input.roleName, in: call.globalScope)
            guard role.path.hasPrefix(ServiceLinkedRoles.pathPrefix) else {
                throw IAMError.invalidInput("The role \(role.name) is not a service-linked role.")
            }
            try database.deleteResource(role, in: call.globalScope)
            return ["DeletionTaskId": .string("task\(role.path)\(role.name)/\(UUID().uuidString.lowercased())")]
        }
    }
}

/// Says how far the removal of a service's role is.
enum GetServiceLinkedRoleDeletionStatus: Operation {
    struct Input: Decodable, Sendable { var deletionTaskId: String }

    static func handle(_ input: Input, _ call: Call) async throws -> Value {
        guard input.deletionTaskId.hasPrefix("task" + ServiceLinkedRoles.pathPrefix) else {
            throw IAMError.noSuchEntity("The deletion task \(input.deletionTaskId) cannot be found.")
        }
        return ["Status": "SUCCEEDED"]
    }
}
