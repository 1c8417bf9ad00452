// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Wire
import World

/// An input that names a lifecycle configuration.
struct LifecycleConfigNameInput: Decodable, Sendable {
    var notebookInstanceLifecycleConfigName: String
}

extension Call {
    func lifecycleConfigARN(_ name: String) -> String { sageMakerARN("notebook-instance-lifecycle-config", name) }
}

/// Keeps scripts for notebook instances.
enum CreateNotebookInstanceLifecycleConfig: Operation {
    typealias Input = LifecycleConfigRequest

    struct Output: Encodable, Sendable {
        var notebookInstanceLifecycleConfigArn: String
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let arn = call.lifecycleConfigARN(input.notebookInstanceLifecycleConfigName)
        try call.authorizeTags(input.tags, on: arn)
        try checkScripts((input.onCreate ?? []) + (input.onStart ?? []))
        var request = input
        request.tags = nil
        let record = LifecycleConfigRecord(request: request, arn: arn, now: call.now)
        try call.world.store.write { database in
            guard try database.insertResource(record, in: call.scope) else { throw SageMakerError.lifecycleConfigExists(arn: arn) }
            try database.setTags(input.tags ?? [], of: arn)
        }
        return Output(notebookInstanceLifecycleConfigArn: arn)
    }

    /// - Throws: `ServiceError` where a script is not base64.
    static func checkScripts(_ hooks: [LifecycleConfigRequest.Hook]) throws {
        for hook in hooks {
            guard let content = hook.content, Base64.decode(content) == nil else { continue }
            throw SageMakerError.validation("The Content of a lifecycle script must be base64; this is not: \(content.prefix(40))")
        }
    }
}

/// Shows a lifecycle configuration.
enum DescribeNotebookInstanceLifecycleConfig: Operation {
    typealias Input = LifecycleConfigNameInput

    struct Output: Encodable, Sendable {
        var notebookInstanceLifecycleConfigArn: String
        var notebookInstanceLifecycleConfigName: String
        var onCreate: [LifecycleConfigRequest.Hook]
        var onStart: [LifecycleConfigRequest.Hook]
        var lastModifiedTime: Date
        var creationTime: Date
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let name = input.notebookInstanceLifecycleConfigName
        let found = try call.world.store.read { try $0.resource(LifecycleConfigRecord.self, named: name, in: call.scope) }
        guard let record = found else {
            throw SageMakerError.missingLifecycleConfig("describe", arn: call.lifecycleConfigARN(name))
        }
        return Output(
            notebookInstanceLifecycleConfigArn: record.arn, notebookInstanceLifecycleConfigName: name,
            onCreate: record.request.onCreate ?? [], onStart: record.request.onStart ?? [],
            lastModifiedTime: Date(world: record.lastModifiedTime), creationTime: Date(world: record.creationTime))
    }
}

/// Lists lifecycle configurations, newest first unless asked otherwise.
enum ListNotebookInstanceLifecycleConfigs: Operation {
    typealias Input = RecordListingInput

    struct Summary: Encodable, Sendable {
        var notebookInstanceLifecycleConfigName: String
        var notebookInstanceLifecycleConfigArn: String
        var creationTime: Date
        var lastModifiedTime: Date
    }

    struct Output: Encodable, Sendable {
        var nextToken: String?
        var notebookInstanceLifecycleConfigs: [Summary]
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Output {
        let page = try RecordListing<LifecycleConfigRecord>.page(input, call)
        return Output(
            nextToken: page.nextToken,
            notebookInstanceLifecycleConfigs: page.records.map {
                Summary(
                    notebookInstanceLifecycleConfigName: $0.name, notebookInstanceLifecycleConfigArn: $0.arn,
                    creationTime: Date(world: $0.creationTime), lastModifiedTime: Date(world: $0.lastModifiedTime))
            })
    }
}

/// Replaces the scripts of a lifecycle configuration.
enum UpdateNotebookInstanceLifecycleConfig: Operation {
    struct Input: Decodable, Sendable {
        var notebookInstanceLifecycleConfigName: String
        var onCreate: [LifecycleConfigRequest.Hook]?
        var onStart: [LifecycleConfigRequest.Hook]?
    }

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let name = input.notebookInstanceLifecycleConfigName
        try CreateNotebookInstanceLifecycleConfig.checkScripts((input.onCreate ?? []) + (input.onStart ?? []))
        try call.world.store.write { database in
            guard var record = try database.resource(LifecycleConfigRecord.self, named: name, in: call.scope) else {
                throw SageMakerError.missingLifecycleConfig("update", arn: call.lifecycleConfigARN(name))
            }
            record.request.onCreate = input.onCreate ?? record.request.onCreate
            record.request.onStart = input.onStart ?? record.request.onStart
            record.lastModifiedTime = call.now
            try database.updateResource(record, in: call.scope)
        }
        return Empty()
    }
}

/// Removes a lifecycle configuration.
enum DeleteNotebookInstanceLifecycleConfig: Operation {
    typealias Input = LifecycleConfigNameInput

    static func handle(_ input: Input, _ call: Call) async throws -> Empty {
        let name = input.notebookInstanceLifecycleConfigName
        try call.world.store.write { database in
            guard let record = try database.resource(LifecycleConfigRecord.self, named: name, in: call.scope) else {
                throw SageMakerError.missingLifecycleConfig("delete", arn: call.lifecycleConfigARN(name))
            }
            try database.deleteResource(record, in: call.scope)
        }
        return Empty()
    }
}
