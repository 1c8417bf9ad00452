// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ServiceModel

@Suite struct DescriptionTests {
    private static func isSentence(_ text: String) -> Bool {
        text.hasSuffix(".") && text.count <= 80 && text.first?.isUppercase == true && !text.contains("  ")
    }

    @Test func everyServiceAndOperationIsDescribedInALine() {
        for service in ServiceCatalog.services {
            #expect(Self.isSentence(Descriptions.service(service)), "\(service.identifier)")
            for operation in service.operations {
                let text = Descriptions.operation(operation)
                #expect(Self.isSentence(text), "\(service.identifier) \(operation.name): \(text)")
            }
        }
    }

    @Test func regularNamesAreDescribedByRule() {
        let expected = [
            "ListTrainingJobs": "Lists the training jobs.", "DescribeModel": "Shows the details of a model.",
            "CreateUserProfile": "Makes a user profile.", "DeleteImage": "Deletes an image.",
            "GetBucketCors": "Shows a bucket's cross-origin rules.", "TagMFADevice": "Adds tags to an MFA device.",
            "ListSAMLProviderTags": "Lists the tags of a SAML provider.", "StopAutoMLJob": "Stops an AutoML job.",
            "CreateMlflowTrackingServer": "Makes an MLflow tracking server.", "UploadSSHPublicKey": "Uploads an SSH public key.",
        ]
        for (name, text) in expected { #expect(DescriptionRules.operation(name) == text) }
    }

    @Test func everyLineOfTheTableIsAboutSomethingThatExists() {
        let table = DescriptionTable(ModelText.descriptions)
        #expect(Set(table.services.keys) == Set(ServiceCatalog.services.map(\.identifier)))
        for (identifier, operations) in table.operations {
            for name in operations.keys {
                #expect(ServiceCatalog.service(identifier)?.operation(name) != nil, "\(identifier) \(name)")
            }
        }
        for (identifier, options) in table.options {
            let services =
                identifier.isEmpty ? ServiceCatalog.services : ServiceCatalog.services.filter { $0.identifier == identifier }
            let inputs = services.flatMap(\.operations).map { ($0.name, Set(($0.input?.members ?? []).map(\.name))) }
            let members = inputs.reduce(into: Set<String>()) { $0.formUnion($1.1) }
            for name in options.keys {
                let parts = name.split(separator: ".").map(String.init)
                let isKnown =
                    parts.count == 2 ? inputs.contains { $0.0 == parts[0] && $0.1.contains(parts[1]) } : members.contains(name)
                #expect(isKnown, "\(identifier) \(name)")
            }
        }
    }

    @Test func mostOptionsAreDescribed() throws {
        var described = 0
        var all = 0
        for operation in ServiceCatalog.services.flatMap(\.operations) {
            for member in operation.input?.members ?? [] {
                all += 1
                guard let text = Descriptions.option(member, of: operation) else { continue }
                described += 1
                #expect(Self.isSentence(text), "\(operation.name) \(member.name): \(text)")
            }
        }
        #expect(described * 10 > all * 9)
        let job = try #require(ServiceCatalog.service("sagemaker")?.operation("CreateTrainingJob"))
        let role = try #require(job.input?.member(named: "RoleArn"))
        #expect(Descriptions.option(role, of: job) == "The ARN of the role that the service acts as.")
        let assume = try #require(ServiceCatalog.service("sts")?.operation("AssumeRole"))
        let assumed = try #require(assume.input?.member(named: "RoleArn"))
        #expect(Descriptions.option(assumed, of: assume) == "The ARN of the role to assume.")
    }

    @Test func commandsHaveTheOptionsOfThoseTheyStandBelow() {
        #expect(Descriptions.command(["s3", "cp"]) == "Copies a file or object to another place.")
        #expect(Descriptions.flag("recursive", of: ["s3", "cp"])?.isEmpty == false)
        #expect(Descriptions.flag("recursive", of: ["logs", "tail"]) == nil)
        #expect(Descriptions.globalOption("--query")?.isEmpty == false)
    }
}
