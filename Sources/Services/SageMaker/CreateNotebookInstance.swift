// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// How long notebook instances take to change, in seconds of the real service.
enum NotebookSeconds {
    static let pending = 150.0
    static let stopping = 60.0
    static let updating = 15.0
    static let deleting = 20.0
}

/// Makes a notebook instance: commits its record, then starts its host.
enum CreateNotebookInstance: Operation {
    typealias Input = NotebookInstanceRequest

    struct Output: Encodable, Sendable {
        var notebookInstanceArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let arn = call.sageMakerARN("notebook-instance", input.notebookInstanceName)
        try call.authorizeTags(input.tags, on: arn)
        try call.authorizePassing(role: input.roleArn)
        var request = input
        request.tags = nil
        request.volumeSizeInGB = request.volumeSizeInGB ?? 5
        request.directInternetAccess = request.directInternetAccess ?? "Enabled"
        request.rootAccess = request.rootAccess ?? "Enabled"
        request.ipAddressType = request.ipAddressType ?? "ipv4"
        request.platformIdentifier = request.platformIdentifier ?? "notebook-al2-v2"
        request.instanceMetadataServiceConfiguration =
            request.instanceMetadataServiceConfiguration ?? ["MinimumInstanceMetadataServiceVersion": "1"]
        if request.directInternetAccess == "Disabled", request.subnetId == nil {
            throw SageMakerError.validation("DirectInternetAccess can be Disabled only for a notebook instance with a SubnetId.")
        }
        let record = NotebookInstanceRecord(
            request: request, arn: arn, now: call.now, readyTime: call.now + call.clock.wait(NotebookSeconds.pending))
        try call.world.store.write { database in
            if try database.resource(NotebookInstanceRecord.self, named: record.name, in: call.scope) != nil {
                throw SageMakerError.notebookExists(arn: arn)
            }
            try NotebookRules.checkLifecycleConfig(record.request.lifecycleConfigName, call, database)
            try NotebookRules.checkQuotas(type: record.request.instanceType, isNew: true, call, database)
            guard try database.insertResource(record, in: call.scope) else { throw SageMakerError.notebookExists(arn: arn) }
            try database.setTags(input.tags ?? [], of: arn)
        }
        try call.notebookHosts.startOrFail(arn)
        return Output(notebookInstanceArn: arn)
    }
}

/// What notebook instances may be.
enum NotebookRules {
    static func checkLifecycleConfig(_ name: String?, _ call: Call, _ database: Database) throws {
        guard let name, try database.resource(LifecycleConfigRecord.self, named: name, in: call.scope) == nil else { return }
        throw SageMakerError.missingLifecycleConfig(
            "describe", arn: call.sageMakerARN("notebook-instance-lifecycle-config", name))
    }

    static func checkQuotas(type: String, isNew: Bool, _ call: Call, _ database: Database) throws {
        let all = try database.resources(NotebookInstanceRecord.self, in: call.scope).records
        let running = all.filter {
            [.pending, .inService, .stopping].contains($0.notebookStatus) && $0.request.instanceType == type
        }
        try Quota.instances(of: type, for: "notebook instance usage")?
            .check(used: running.count, requested: 1, in: call.scope, database)
        guard isNew else { return }
        try Quota.named("Total number of notebook instances")?.check(used: all.count, requested: 1, in: call.scope, database)
    }
}

/// Changes a stopped notebook instance.
enum UpdateNotebookInstance: Operation {
    struct Input: Decodable, Sendable {
        var notebookInstanceName: String
        var instanceType: String?
        var ipAddressType: String?
        var platformIdentifier: String?
        var roleArn: String?
        var lifecycleConfigName: String?
        var disassociateLifecycleConfig: Bool?
        var volumeSizeInGB: Int?
        var defaultCodeRepository: String?
        var additionalCodeRepositories: [String]?
        var acceleratorTypes: [String]?
        var disassociateAcceleratorTypes: Bool?
        var disassociateDefaultCodeRepository: Bool?
        var disassociateAdditionalCodeRepositories: Bool?
        var rootAccess: String?
        var instanceMetadataServiceConfiguration: Value?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        if let role = input.roleArn { try call.authorizePassing(role: role) }
        try call.changeNotebook(input.notebookInstanceName) { record, database in
            try record.require([.stopped, .failed], for: .updating)
            try NotebookRules.checkLifecycleConfig(input.lifecycleConfigName, call, database)
            try apply(input, to: &record.request)
            record.notebookStatus = .updating
            record.statusEndTime = call.now + call.clock.wait(NotebookSeconds.updating)
        }
        return Empty()
    }

    private static func apply(_ input: Input, to request: inout NotebookInstanceRequest) throws {
        if let size = input.volumeSizeInGB {
            guard size >= request.volumeSizeInGB ?? 5 else {
                throw SageMakerError.validation(
                    "VolumeSizeInGB can't be made smaller: it is \(request.volumeSizeInGB ?? 5), and \(size) was asked for.")
            }
            request.volumeSizeInGB = size
        }
        request.instanceType = input.instanceType ?? request.instanceType
        request.ipAddressType = input.ipAddressType ?? request.ipAddressType
        request.platformIdentifier = input.platformIdentifier ?? request.platformIdentifier
        request.roleArn = input.roleArn ?? request.roleArn
        request.rootAccess = input.rootAccess ?? request.rootAccess
        request.instanceMetadataServiceConfiguration =
            input.instanceMetadataServiceConfiguration ?? request.instanceMetadataServiceConfiguration
        request.lifecycleConfigName =
            input.disassociateLifecycleConfig == true ? nil : input.lifecycleConfigName ?? request.lifecycleConfigName
        request.acceleratorTypes =
            input.disassociateAcceleratorTypes == true ? nil : input.acceleratorTypes ?? request.acceleratorTypes
        request.defaultCodeRepository =
            input.disassociateDefaultCodeRepository == true ? nil : input.defaultCodeRepository ?? request.defaultCodeRepository
        request.additionalCodeRepositories =
            input.disassociateAdditionalCodeRepositories == true
            ? nil : input.additionalCodeRepositories ?? request.additionalCodeRepositories
    }
}

extension NotebookInstanceRecord {
    /// - Throws: `ServiceError` ValidationException where the instance's status does not allow what is to come.
    func require(_ allowed: [Status], for target: Status) throws {
        guard !allowed.contains(notebookStatus) else { return }
        throw SageMakerError.transition(from: status, allowed: allowed.map(\.rawValue), to: target.rawValue, arn: arn)
    }
}

extension Call {
    /// Changes a notebook instance in one transaction.
    ///
    /// - Throws: `ServiceError` where there is none of that name; what `body` throws.
    func changeNotebook(_ name: String, _ body: @Sendable (inout NotebookInstanceRecord, Database) throws -> Void) throws {
        try world.store.write { database in
            guard var record = try database.resource(NotebookInstanceRecord.self, named: name, in: scope) else {
                throw SageMakerError.noNotebookInstance
            }
            try body(&record, database)
            record.lastModifiedTime = now
            try database.updateResource(record, in: scope)
        }
    }
}
