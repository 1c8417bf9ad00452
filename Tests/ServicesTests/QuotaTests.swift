// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire
import World

@testable import Services

/// Service Quotas: what an account may have, where it is refused more, and how it gets more.
@Suite struct QuotaTests {
    private func value(_ test: SageMakerTestWorld, _ name: String) async throws -> (Double?, String?) {
        let quota = try #require(Quota.all.first { $0.name == name })
        let shown = try await test.send(
            "service-quotas", "GetServiceQuota", ["ServiceCode": .string(quota.serviceCode), "QuotaCode": .string(quota.code)])
        return (shown["Quota"]?["Value"]?.doubleValue, shown["Quota"]?["Description"]?.stringValue)
    }

    private func ask(_ test: SageMakerTestWorld, _ name: String, _ amount: Double) async throws -> Value {
        let quota = try #require(Quota.all.first { $0.name == name })
        return try await test.send(
            "service-quotas", "RequestServiceQuotaIncrease",
            ["ServiceCode": .string(quota.serviceCode), "QuotaCode": .string(quota.code), "DesiredValue": .double(amount)])
    }

    @Test func aRequestIsPendingAndThenApprovedOnTheWorldsClock() async throws {
        let test = try await SageMakerTestWorld()
        try test.world.store.write { try $0.setClock(try $0.clock().changed(to: .scaled(factor: 1))) }
        let asked = try await ask(test, "Total number of notebook instances", 30)
        #expect(asked["RequestedQuota"]?["Status"] == "PENDING")
        #expect(try await value(test, "Total number of notebook instances").0 == 8)
        let id = try #require(asked["RequestedQuota"]?["Id"])
        let second = try await test.failure(
            "service-quotas", "RequestServiceQuotaIncrease",
            ["ServiceCode": "sagemaker", "QuotaCode": "L-04CE2E67", "DesiredValue": 40])
        #expect(second.code == "ResourceAlreadyExistsException")
        #expect(second.message == "Only one open service quota increase request is allowed per quota.")

        try test.world.store.write { try $0.setClock(try $0.clock().changed(to: .scaled(factor: 1_000_000))) }
        var status: Value?
        repeat {
            status = try await test.send("service-quotas", "GetRequestedServiceQuotaChange", ["RequestId": id])["RequestedQuota"]?[
                "Status"]
        } while status == "PENDING"
        #expect(status == "APPROVED")
        #expect(try await value(test, "Total number of notebook instances").0 == 30)
        let lower = try await test.failure(
            "service-quotas", "RequestServiceQuotaIncrease",
            ["ServiceCode": "sagemaker", "QuotaCode": "L-04CE2E67", "DesiredValue": 30])
        #expect(lower.message == "You must provide a quota value greater than the current quota value.")

        let history = try await test.send(
            "service-quotas", "ListRequestedServiceQuotaChangeHistory", ["ServiceCode": "sagemaker", "Status": "APPROVED"])
        #expect(history["RequestedQuotas"]?.listValue?.count == 1)
        let none = try await test.send(
            "service-quotas", "ListRequestedServiceQuotaChangeHistoryByQuota", ["ServiceCode": "s3", "QuotaCode": "L-DC2B2D3D"])
        #expect(none["RequestedQuotas"]?.listValue == [])
    }

    @Test func theAccountSaysWhereItHasMoreThanAWSGives() async throws {
        let test = try await SageMakerTestWorld()
        let (granted, note) = try await value(test, "ml.c4.xlarge for training job usage")
        #expect(granted == 20)
        #expect(note == "Accounts of this world have 20 from the start; AWS's default is 0.")
        let standard = try await test.send(
            "service-quotas", "GetAWSDefaultServiceQuota", ["ServiceCode": "sagemaker", "QuotaCode": "L-85D4BAF3"])
        #expect(standard["Quota"]?["Value"]?.doubleValue == 0)
        #expect(standard["Quota"]?["QuotaArn"] == "arn:aws:servicequotas:us-east-1::sagemaker/L-85D4BAF3")
        #expect(try await value(test, "Rate of GetMetricData requests").1?.contains("does not enforce") == true)
    }

    @Test func aGlobalQuotaHoldsInAllRegions() async throws {
        let test = try await SageMakerTestWorld()
        _ = try await ask(test, "Managed policies per role", 12)
        for region in ["us-east-1", "eu-west-1"] {
            let shown = try await test.dispatcher.send(
                ServiceRequest(
                    service: "service-quotas", operation: "GetServiceQuota",
                    input: ["ServiceCode": "iam", "QuotaCode": "L-0DA4ABF3"],
                    credentials: IAMTestWorld.student, region: region)
            ).output
            #expect(shown["Quota"]?["Value"]?.doubleValue == 12)
            #expect(shown["Quota"]?["GlobalQuota"] == true)
            #expect(shown["Quota"]?["QuotaArn"]?.stringValue?.hasPrefix("arn:aws:servicequotas::") == true)
        }
        _ = try await test.send(
            "iam", "CreateRole", ["RoleName": "many", "AssumeRolePolicyDocument": .string(IAMTestWorld.trustSageMaker)])
        for number in 1...13 {
            let policy = try await test.send(
                "iam", "CreatePolicy",
                [
                    "PolicyName": .string("p\(number)"),
                    "PolicyDocument": #"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
                ])
            let input: Value = ["RoleName": "many", "PolicyArn": policy["Policy"]?["Arn"] ?? .null]
            if number <= 12 {
                try await test.send("iam", "AttachRolePolicy", input)
            } else {
                let full = try await test.failure("iam", "AttachRolePolicy", input)
                #expect(full.message == "Cannot exceed quota for PoliciesPerRole: 12")
            }
        }
    }

    @Test func moreThanTheAccountMayHaveIsRefused() async throws {
        let test = try await SageMakerTestWorld()
        var long = SageMakerTestWorld.trainingJob("long")
        long["StoppingCondition"] = ["MaxRuntimeInSeconds": 864_000]
        let seconds = try await test.failure("sagemaker", "CreateTrainingJob", long)
        #expect(seconds.code == "ResourceLimitExceeded")
        #expect(
            seconds.message.hasPrefix(
                "The account-level service limit 'Longest run time for a training job' is 432000 Seconds, with current utilization of 0 "
                    + "Seconds and a request delta of 864000 Seconds. Please use AWS Service Quotas to request an increase"))
        var big = SageMakerTestWorld.trainingJob("big")
        big["ResourceConfig"]?["VolumeSizeInGB"] = 2000
        #expect(try await test.failure("sagemaker", "CreateTrainingJob", big).message.contains("EBS volume"))
    }

    @Test func bucketsAreCountedOverAllRegions() async throws {
        let test = try IAMTestWorld()
        for number in 1...100 {
            _ = try await test.send("s3", "CreateBucket", ["Bucket": .string("quota-bucket-\(number)")], as: IAMTestWorld.student)
        }
        let error = await #expect(throws: ServiceError.self) {
            try await test.send("s3", "CreateBucket", ["Bucket": "quota-bucket-101"], as: IAMTestWorld.student)
        }
        #expect(error?.code == "TooManyBuckets")
        _ = try await test.send("s3", "CreateBucket", ["Bucket": "of-the-other-account"], as: try test.outsider())
        _ = try await test.send(
            "service-quotas", "RequestServiceQuotaIncrease",
            ["ServiceCode": "s3", "QuotaCode": "L-DC2B2D3D", "DesiredValue": 200], as: IAMTestWorld.student)
        _ = try await test.send("s3", "CreateBucket", ["Bucket": "quota-bucket-101"], as: IAMTestWorld.student)
    }

    @Test func domainsAreCountedUntilMoreAreGranted() async throws {
        let test = try await SageMakerTestWorld()
        for number in 1...3 {
            let domain: Value = [
                "DomainName": .string("d\(number)"), "AuthMode": "IAM", "VpcId": "vpc-12345678", "SubnetIds": ["subnet-12345678"],
                "DefaultUserSettings": ["ExecutionRole": .string(SageMakerTestWorld.role)],
            ]
            if number <= 2 {
                try await test.send("sagemaker", "CreateDomain", domain)
            } else {
                let full = try await test.failure("sagemaker", "CreateDomain", domain)
                #expect(
                    full.message.hasPrefix(
                        "The account-level service limit 'Total domains' is 2 Domains, with current utilization of 2 Domains and a "
                            + "request delta of 1 Domains."))
            }
        }
        _ = try await ask(test, "Total domains", 3)
        try await test.send(
            "sagemaker", "CreateDomain",
            [
                "DomainName": "d3", "AuthMode": "IAM", "VpcId": "vpc-12345678", "SubnetIds": ["subnet-12345678"],
                "DefaultUserSettings": ["ExecutionRole": .string(SageMakerTestWorld.role)],
            ])
    }
}
