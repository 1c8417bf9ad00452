// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names a notebook instance.
struct NotebookInstanceNameInput: Decodable, Sendable {
    var notebookInstanceName: String
}

/// Shows a notebook instance.
enum DescribeNotebookInstance: Operation {
    typealias Input = NotebookInstanceNameInput

    struct Output: Encodable, Sendable {
        var notebookInstanceArn: String
        var notebookInstanceName: String
        var notebookInstanceStatus: String
        var failureReason: String?
        var url: String
        var instanceType: String
        var ipAddressType: String?
        var subnetId: String?
        var securityGroups: [String]?
        var roleArn: String
        var kmsKeyId: String?
        var lastModifiedTime: Date
        var creationTime: Date
        var notebookInstanceLifecycleConfigName: String?
        var directInternetAccess: String?
        var volumeSizeInGB: Int?
        var acceleratorTypes: [String]?
        var defaultCodeRepository: String?
        var additionalCodeRepositories: [String]?
        var rootAccess: String?
        var platformIdentifier: String?
        var instanceMetadataServiceConfiguration: Value?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let found = try call.world.store.read {
            try $0.resource(NotebookInstanceRecord.self, named: input.notebookInstanceName, in: call.scope)
        }
        guard let record = found else { throw SageMakerError.noNotebookInstance }
        let request = record.request
        return Output(
            notebookInstanceArn: record.arn, notebookInstanceName: record.name, notebookInstanceStatus: record.status,
            failureReason: record.failureReason, url: record.hostName, instanceType: request.instanceType,
            ipAddressType: request.ipAddressType, subnetId: request.subnetId, securityGroups: request.securityGroupIds,
            roleArn: request.roleArn, kmsKeyId: request.kmsKeyId, lastModifiedTime: Date(world: record.lastModifiedTime),
            creationTime: Date(world: record.creationTime), notebookInstanceLifecycleConfigName: request.lifecycleConfigName,
            directInternetAccess: request.directInternetAccess, volumeSizeInGB: request.volumeSizeInGB,
            acceleratorTypes: request.acceleratorTypes, defaultCodeRepository: request.defaultCodeRepository,
            additionalCodeRepositories: request.additionalCodeRepositories, rootAccess: request.rootAccess,
            platformIdentifier: request.platformIdentifier,
            instanceMetadataServiceConfiguration: request.instanceMetadataServiceConfiguration)
    }
}

/// Lists notebook instances by name unless asked otherwise.
enum ListNotebookInstances: Operation {
    typealias Input = RecordListingInput

    struct Summary: Encodable, Sendable {
        var notebookInstanceName: String
        var notebookInstanceArn: String
        var notebookInstanceStatus: String
        var url: String
        var instanceType: String
        var creationTime: Date
        var lastModifiedTime: Date
        var notebookInstanceLifecycleConfigName: String?
        var defaultCodeRepository: String?
        var additionalCodeRepositories: [String]?
    }

    struct Output: Encodable, Sendable {
        var nextToken: String?
        var notebookInstances: [Summary]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let page = try RecordListing<NotebookInstanceRecord>.page(input, sortKey: .name, isAscending: true, call)
        let records = page.records.filter { record in
            let request = record.request
            if let text = input.notebookInstanceLifecycleConfigNameContains, request.lifecycleConfigName?.contains(text) != true {
                return false
            }
            if let text = input.defaultCodeRepositoryContains, request.defaultCodeRepository?.contains(text) != true {
                return false
            }
            if let name = input.additionalCodeRepositoryEquals, request.additionalCodeRepositories?.contains(name) != true {
                return false
            }
            return true
        }
        return Output(
            nextToken: page.nextToken,
            notebookInstances: records.map { record in
                Summary(
                    notebookInstanceName: record.name, notebookInstanceArn: record.arn, notebookInstanceStatus: record.status,
                    url: record.hostName, instanceType: record.request.instanceType, creationTime: Date(world: record.creationTime),
                    lastModifiedTime: Date(world: record.lastModifiedTime),
                    notebookInstanceLifecycleConfigName: record.request.lifecycleConfigName,
                    defaultCodeRepository: record.request.defaultCodeRepository,
                    additionalCodeRepositories: record.request.additionalCodeRepositories)
            })
    }
}

/// Starts a stopped notebook instance; its files are as they were.
enum StartNotebookInstance: Operation {
    typealias Input = NotebookInstanceNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.changeNotebook(input.notebookInstanceName) { record, database in
            try record.require([.stopped, .failed], for: .pending)
            try NotebookRules.checkQuotas(type: record.request.instanceType, isNew: false, call, database)
            record.notebookStatus = .pending
            record.failureReason = nil
            record.statusEndTime = call.now + call.clock.wait(NotebookSeconds.pending)
        }
        let arn = call.sageMakerARN("notebook-instance", input.notebookInstanceName)
        try await call.notebookHosts.end(of: arn)
        try call.notebookHosts.startOrFail(arn)
        return Empty()
    }
}

/// Stops a notebook instance and ends its processes; its files stay.
enum StopNotebookInstance: Operation {
    typealias Input = NotebookInstanceNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.changeNotebook(input.notebookInstanceName) { record, database in
            try record.require([.inService], for: .stopping)
            record.notebookStatus = .stopping
            record.statusEndTime = call.now + call.clock.wait(NotebookSeconds.stopping)
            for host in try HostProcess.all(of: record.arn, in: database) { host.terminate() }
        }
        return Empty()
    }
}

/// Removes a stopped notebook instance with its files.
enum DeleteNotebookInstance: Operation {
    typealias Input = NotebookInstanceNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        try call.changeNotebook(input.notebookInstanceName) { record, _ in
            try record.require([.stopped, .failed], for: .deleting)
            record.notebookStatus = .deleting
            record.statusEndTime = call.now + call.clock.wait(NotebookSeconds.deleting)
        }
        return Empty()
    }
}

/// Gives a URL that opens the instance's Jupyter; it has to be opened within five minutes.
enum CreatePresignedNotebookInstanceUrl: Operation {
    struct Input: Decodable, Sendable {
        var notebookInstanceName: String
        /// How long the session lasts that the URL opens: here until the instance stops.
        var sessionExpirationDurationInSeconds: Int?
    }

    struct Output: Encodable, Sendable {
        var authorizedUrl: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let found = try call.world.store.read {
            try $0.resource(NotebookInstanceRecord.self, named: input.notebookInstanceName, in: call.scope)
        }
        guard let record = found else { throw SageMakerError.noNotebookInstance }
        guard record.notebookStatus == .inService else {
            throw SageMakerError.validation(
                "Status (\(record.status)) not in ([InService]). Unable to open Notebook Instance (\(record.arn)): start it first.")
        }
        let host = try await call.notebookHosts.readyHost(of: record.arn)
        let ticket = try NotebookTicket.issue(for: host)
        return Output(authorizedUrl: "http://\(host.address ?? "")/?authToken=\(ticket)")
    }
}
