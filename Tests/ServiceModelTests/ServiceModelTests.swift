// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import ServiceModel

@Suite struct CommandNameTests {
    @Test func namesAreBotocores() throws {
        let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Vectors/command-names.txt")
        let lines = try String(contentsOf: vectors, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count > 3000)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            #expect(commandName(words[0]) == words[1])
        }
    }
}

@Suite struct ServiceModelTests {
    @Test func allServicesAreThere() {
        #expect(
            ServiceCatalog.services.map(\.identifier) == [
                "application-autoscaling", "cloudwatch", "ecr", "iam", "logs", "s3", "sagemaker", "sagemaker-metrics",
                "sagemaker-runtime", "service-quotas", "sts",
            ])
        #expect(ServiceCatalog.services.reduce(0) { $0 + $1.operations.count } == 977)
        #expect(ServiceCatalog.service(commandName: "s3api")?.identifier == "s3")
        #expect(ServiceCatalog.service(commandName: "s3") == nil)
    }

    @Test func serviceFacts() throws {
        let sagemaker = try #require(ServiceCatalog.service("sagemaker"))
        #expect(sagemaker.protocolName == .json)
        #expect(sagemaker.targetPrefix == "SageMaker")
        #expect(sagemaker.jsonVersion == "1.1")
        #expect(sagemaker.signingName == "sagemaker")
        let cloudWatch = try #require(ServiceCatalog.service("cloudwatch"))
        #expect(cloudWatch.protocols == [.json, .cbor, .query])
        #expect(cloudWatch.isQueryCompatible)
        #expect(ServiceCatalog.service("application-autoscaling")?.serviceID == "Application Auto Scaling")
        #expect(ServiceCatalog.service("iam")?.isGlobal == true)
    }

    @Test func everyOperationResolvesToItsLastMember() {
        for service in ServiceCatalog.services {
            var seen: Set<String> = []
            var open = service.operations.flatMap { [$0.input, $0.output].compactMap { $0 } + $0.errors }
            while let shape = open.popLast() {
                guard seen.insert(shape.name).inserted else { continue }
                #expect(!shape.name.isEmpty)
                #expect(shape.required.allSatisfy { shape.member(named: $0)?.isRequired == true })
                open += shape.members.map(\.shape)
            }
            #expect(seen.isSubset(of: service.shapeNames))
            for operation in service.operations {
                #expect(service.operation(operation.name) === operation)
                #expect((service.operation(commandName: operation.commandName) === operation) == operation.isOffered)
            }
        }
    }

    @Test func operationFacts() throws {
        let create = try #require(ServiceCatalog.service("sagemaker")?.operation(commandName: "create-training-job"))
        #expect(create.name == "CreateTrainingJob")
        #expect(create.input?.required.first == "TrainingJobName")
        let name = try #require(create.input?.member(named: "TrainingJobName"))
        #expect(name.optionName == "training-job-name")
        #expect(name.shape.minimum == 1)
        #expect(name.shape.maximum == 63)
        #expect(name.shape.pattern == "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
        #expect(create.errors.map(\.name).contains("ResourceLimitExceeded"))
        let list = try #require(ServiceCatalog.service("s3")?.operation("ListObjectsV2"))
        #expect(list.requestURI == "/{Bucket}?list-type=2")
        #expect(list.outputElement == "ListBucketResult")
        #expect(list.paginator?.resultKeys == ["Contents", "CommonPrefixes"])
        #expect(list.paginator?.nonAggregateKeys == ["RequestCharged", "Prefix"])
        let get = try #require(ServiceCatalog.service("s3")?.operation("GetObject"))
        #expect(get.streamingOutputMember?.name == "Body")
        #expect(get.input?.member(named: "Range")?.location == .header)
        #expect(get.output?.member(named: "Metadata")?.location == .headers)
        let invoke = try #require(ServiceCatalog.service("sagemaker-runtime")?.operation("InvokeEndpoint"))
        #expect(invoke.streamingInputMember?.isStreaming == false)
        #expect(invoke.input?.payloadMember?.name == "Body")
        #expect(ServiceCatalog.service("sts")?.operation("AssumeRoleWithWebIdentity")?.requiresAuthentication == false)
        #expect(ServiceCatalog.service("sts")?.operation("GetCallerIdentity")?.outputWrapper == "GetCallerIdentityResult")
    }

    @Test func errorStatuses() {
        #expect(ServiceCatalog.service("s3")?.errorStatus("NoSuchBucket") == 404)
        #expect(ServiceCatalog.service("iam")?.errorStatus("NoSuchEntity") == 404)
        #expect(ServiceCatalog.service("iam")?.errorStatus("EntityAlreadyExists") == 409)
        #expect(ServiceCatalog.service("sagemaker")?.errorStatus("ResourceNotFound") == 400)
        #expect(ServiceCatalog.service("sagemaker")?.errorStatus("Nonsense") == nil)
    }

    @Test func waitersAndRenames() throws {
        let waiter = try #require(ServiceCatalog.service("sagemaker")?.waiter(commandName: "endpoint-in-service"))
        #expect(waiter.operation == "DescribeEndpoint")
        #expect(waiter.delaySeconds == 30 && waiter.maximumAttempts == 120)
        #expect(waiter.acceptors.map(\.state) == [.success, .failure, .failure])
        #expect(waiter.acceptors.last?.expected == "ValidationException")
        let describe = try #require(ServiceCatalog.service("sagemaker")?.operation("DescribeImageVersion"))
        let version = try #require(describe.input?.member(named: "Version"))
        #expect(describe.optionName(of: version) == "version-number")
    }

    @Test func errataNamesWhatExists() {
        for service in ServiceCatalog.services {
            let errata = service.errata
            let named = Array(errata.elements.keys) + Array(errata.options.keys) + Array(errata.removed)
            for name in named { #expect(service.operation(name) != nil, "\(service.identifier) \(name)") }
            for (operation, options) in errata.options {
                for name in options.keys { #expect(service.operation(operation)?.input?.member(named: name) != nil) }
            }
        }
        #expect(ServiceCatalog.service("logs")?.validationErrorCode == "InvalidParameterException")
        #expect(ServiceCatalog.service("sagemaker")?.validationErrorCode == "ValidationException")
    }

    @Test func severalThreadsSeeOneModel() async {
        await withTaskGroup(of: [ObjectIdentifier].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    ["CreateModel", "CreateEndpoint", "DescribeTrainingJob"].compactMap {
                        ServiceCatalog.service("sagemaker")?.operation($0)?.input.map(ObjectIdentifier.init)
                    }
                }
            }
            var all: Set<[ObjectIdentifier]> = []
            for await identifiers in group { all.insert(identifiers) }
            #expect(all.count == 1)
        }
    }
}
