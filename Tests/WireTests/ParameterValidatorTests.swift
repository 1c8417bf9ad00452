// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Testing

@testable import Wire

@Suite struct ClientValidationTests {
    private func problems(_ service: String, _ operation: String, _ value: Value) throws -> [String] {
        let shape = try #require(ServiceCatalog.service(service)?.operation(operation)?.input)
        return ParameterValidator.clientProblems(value, shape: shape)
    }

    @Test func missingAndUnknownMembers() throws {
        #expect(
            try problems("s3", "PutBucketTagging", ["Bucket": "b", "Tagging": ["TagSet": [["Kei": "a", "Value": "b"]]]]) == [
                #"Missing required parameter in Tagging.TagSet[0]: "Key""#,
                #"Unknown parameter in Tagging.TagSet[0]: "Kei", must be one of: Key, Value"#,
            ])
        let model = try problems("sagemaker", "CreateModel", ["PrimaryContainer": ["Imag": "a"]])
        #expect(model.first == #"Missing required parameter in input: "ModelName""#)
        #expect(
            model.last?.hasPrefix(
                #"Unknown parameter in PrimaryContainer: "Imag", must be one of: ContainerHostname, Image, ImageConfig, Mode, "#
                    + "ModelDataUrl") == true)
    }

    @Test func typesAreNamedInPython() throws {
        #expect(
            try problems(
                "sagemaker", "ListEndpoints", ["CreationTimeAfter": "notadate", "NameContains": 3, "MaxResults": "x"]) == [
                    "Invalid type for parameter CreationTimeAfter, value: notadate, type: <class 'str'>, "
                        + "valid types: <class 'datetime.datetime'>, timestamp-string",
                    "Invalid type for parameter NameContains, value: 3, type: <class 'int'>, valid types: <class 'str'>",
                    "Invalid type for parameter MaxResults, value: x, type: <class 'str'>, valid types: <class 'int'>",
                ])
        #expect(
            try problems("sts", "AssumeRole", ["RoleArn": ["a": "it's"], "RoleSessionName": "ab"]) == [
                #"Invalid type for parameter RoleArn, value: {'a': "it's"}, type: <class 'dict'>, valid types: <class 'str'>"#
            ])
    }

    @Test func onlyMinimaAreTheClients() throws {
        #expect(
            try problems("sts", "AssumeRole", ["RoleArn": "short", "RoleSessionName": "s"]) == [
                "Invalid length for parameter RoleArn, value: 5, valid min length: 20",
                "Invalid length for parameter RoleSessionName, value: 1, valid min length: 2",
            ])
        #expect(try problems("sagemaker", "ListTrainingJobs", ["MaxResults": 5000, "SortOrder": "Foo"]).isEmpty)
        #expect(
            try problems("sagemaker", "ListTrainingJobs", ["MaxResults": 0]) == [
                "Invalid value for parameter MaxResults, value: 0, valid min value: 1"
            ])
    }
}

@Suite struct ServiceValidationTests {
    private func error(_ service: String, _ operation: String, _ value: Value) throws -> ServiceError? {
        ParameterValidator.serviceError(value, operation: try #require(ServiceCatalog.service(service)?.operation(operation)))
    }

    @Test func relaxedTakesPlainTextForNames() throws {
        func error(_ service: String, _ operation: String, _ value: Value) throws -> ServiceError? {
            let model = try #require(ServiceCatalog.service(service)?.operation(operation))
            return ParameterValidator.serviceError(value, operation: model, isRelaxed: true)
        }
        #expect(try error("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "under_score"]) == nil)
        #expect(try error("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "up/../and/away"]) != nil)
        #expect(try error("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "bad name!"]) != nil)
        #expect(try error("iam", "CreateUser", ["UserName": "somebody", "Path": "no-slashes"]) == nil)
        #expect(try error("iam", "CreateUser", ["UserName": "some/body"]) != nil)
        #expect(try error("ecr", "CreateRepository", ["repositoryName": "UPPER"]) != nil)
    }

    @Test func deliveriesHaveTheirOwnCode() throws {
        let input: Value = [
            "name": "d", "outputFormat": "parquets", "deliveryDestinationConfiguration": ["destinationResourceArn": "a"],
        ]
        #expect(try error("logs", "PutDeliveryDestination", input)?.code == "ValidationException")
        #expect(try error("logs", "PutMetricFilter", [:])?.code == "InvalidParameterException")
    }

    @Test func oneProblem() throws {
        let found = try #require(try error("sagemaker", "ListTrainingJobs", ["MaxResults": 5000]))
        #expect(found.code == "ValidationException")
        #expect(
            found.message
                == "1 validation error detected: Value '5000' at 'maxResults' failed to satisfy constraint: "
                + "Member must have value less than or equal to 100")
    }

    @Test func patternEnumAndAbsence() throws {
        let found = try #require(try error("sagemaker", "DescribeTrainingJob", ["TrainingJobName": "bad name!"]))
        #expect(
            found.message
                == "1 validation error detected: Value 'bad name!' at 'trainingJobName' failed to satisfy constraint: "
                + "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
        let order = try #require(try error("sagemaker", "ListTrainingJobs", ["SortOrder": "Foo"]))
        #expect(order.message.hasSuffix("Member must satisfy enum value set: [Ascending, Descending]"))
        let absent = try #require(try error("sagemaker", "DescribeEndpoint", [:]))
        #expect(
            absent.message
                == "1 validation error detected: Value null at 'endpointName' failed to satisfy constraint: Member must not be null"
        )
    }

    @Test func severalProblemsAndNestedPlaces() throws {
        let found = try #require(
            try error(
                "sagemaker", "CreateEndpointConfig",
                ["EndpointConfigName": "-", "ProductionVariants": [["VariantName": "v", "InitialInstanceCount": 0]]]))
        #expect(found.message.hasPrefix("2 validation errors detected: Value '-' at 'endpointConfigName' failed"))
        #expect(
            found.message.hasSuffix(
                "; Value '0' at 'productionVariants.1.member.initialInstanceCount' failed to satisfy constraint: "
                    + "Member must have value greater than or equal to 1"))
        let map = try #require(
            try error(
                "sagemaker", "CreateModel",
                [
                    "ModelName": "m",
                    "PrimaryContainer": ["Environment": .object(["K": .string(String(repeating: "x", count: 1025))])],
                ]))
        #expect(map.message.contains("at 'primaryContainer.environment' failed to satisfy constraint: Map value must satisfy"))
    }

    @Test func codesAreTheServices() throws {
        #expect(try error("iam", "CreateRole", ["RoleName": "a b", "AssumeRolePolicyDocument": "{}"])?.code == "ValidationError")
        #expect(
            try error("iam", "CreateRole", ["RoleName": "a b", "AssumeRolePolicyDocument": "{}"])?.message
                == "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the "
                + "following: +=,.@_-")
        #expect(try error("logs", "CreateLogGroup", ["logGroupName": "a b"])?.code == "InvalidParameterException")
        #expect(try error("sagemaker", "DescribeModel", ["ModelName": 3])?.code == "SerializationException")
        #expect(try error("s3", "CreateBucket", [:]) == nil)
        #expect(try error("sagemaker", "DescribeModel", ["ModelName": "m"]) == nil)
    }

    @Test func allPatternsCompile() {
        for service in ServiceCatalog.services {
            for name in service.shapeNames {
                guard let pattern = service.shape(named: name)?.pattern else { continue }
                #expect(ValidationPatterns.canRead(pattern), "\(service.identifier) \(name) \(pattern)")
            }
        }
    }
}

@Suite struct TimestampTextTests {
    @Test(arguments: [
        ("2024-01-01", 1_704_067_200), ("2024-01-01T00:00:00Z", 1_704_067_200), ("2024-01-01T09:00:00+09:00", 1_704_067_200),
        ("20240101T000000Z", 1_704_067_200), ("2024-01-01 00:00", 1_704_067_200), ("1704067200", 1_704_067_200),
        ("1704067200.5", 1_704_067_200.5), ("2024-01-01T00:00:00.250-0100", 1_704_070_800.25),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 1_704_067_200), ("1969-12-31T23:59:59Z", -1),
    ])
    func reads(_ text: String, _ seconds: Double) {
        #expect(TimestampText.seconds(text) == seconds)
    }

    @Test(arguments: ["", "notadate", "2024-13-01", "2023-02-29", "2024-01-01T25:00", "2024-01-01x"])
    func refuses(_ text: String) {
        #expect(TimestampText.seconds(text) == nil)
    }
}
