// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import Testing
import Wire

@testable import Services

@Suite struct ApplicationAutoScalingTests {
    private static let target: Value = [
        "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/digits/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    ]

    private static func input(_ members: Value) -> Value {
        (members.objectValue ?? [:]).reduce(into: target) { $0[$1.key] = $1.value }
    }

    @Test func policiesNeedATargetAndBringAlarms() async throws {
        let test = try await SageMakerTestWorld()
        let policy = Self.input([
            "PolicyName": "follow", "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": [
                "TargetValue": 70,
                "PredefinedMetricSpecification": ["PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"],
            ],
        ])
        let service = "application-autoscaling"
        #expect(try await test.failure(service, "PutScalingPolicy", policy).code == "ObjectNotFoundException")
        try await test.send(service, "RegisterScalableTarget", Self.input(["MinCapacity": 1, "MaxCapacity": 4]))
        let wrong = try await test.failure(service, "RegisterScalableTarget", Self.input(["MaxCapacity": 0]))
        #expect(wrong.code == "ValidationException")
        let put = try await test.send(service, "PutScalingPolicy", policy)
        #expect(put["Alarms"]?.listValue?.count == 2)
        #expect(try await test.send("cloudwatch", "DescribeAlarms")["MetricAlarms"]?.listValue?.count == 2)
        let listed = try await test.send(service, "DescribeScalingPolicies", ["ServiceNamespace": "sagemaker"])
        #expect(listed["ScalingPolicies"]?[0]?["PolicyName"] == "follow")
        try await test.send(service, "DeleteScalingPolicy", Self.input(["PolicyName": "follow"]))
        #expect(try await test.send("cloudwatch", "DescribeAlarms")["MetricAlarms"] == [])
        try await test.send(service, "DeregisterScalableTarget", Self.target)
        let none = try await test.send(service, "DescribeScalableTargets", ["ServiceNamespace": "sagemaker"])
        #expect(none["ScalableTargets"] == [])
    }
}
