// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import OrderedCollections
import ServiceModel
import Wire
import World

extension ResourceFamily {
    /// The rows of the operations that the model has for the family.
    func rows(of model: ServiceModel, depth: OperationDepth = .kept) -> [OperationRow] {
        let handlers: [(String, Authorization, @Sendable (Value, Call) async throws -> Value)] = [
            ("Create" + noun, authorization, { try create($0, $1) }),
            ("Describe" + noun, authorization, { try describe($0, $1) }),
            ("Update" + noun, authorization, { try update($0, $1) }),
            ("Delete" + noun, authorization, { try delete($0, $1) }),
            ("Stop" + noun, authorization, { try stop($0, $1) }),
            ("Start" + noun, authorization, { try start($0, $1) }),
            (listOperation(model), .template("*"), { try list($0, $1) }),
        ]
        return handlers.compactMap { name, authorization, handle in
            guard !exceptions.contains(name), model.operation(name) != nil else { return nil }
            return OperationRow(model.identifier, name, authorization, depth: depth, value: handle)
        }
    }

    private var authorization: Authorization {
        .template("\(type)/" + naming.map { "{\($0)}" }.joined(separator: "/"))
    }

    private func listOperation(_ model: ServiceModel) -> String {
        let ending = noun.hasSuffix("y") ? String(noun.dropLast()) + "ies" : noun + "s"
        return "List" + ending
    }

    // MARK: Creating

    func create(_ input: Value, _ call: Call) throws -> Value {
        var document = input
        document["Tags"] = nil
        for (member, value) in defaults where document[member] == nil { document[member] = value }
        if let (member, prefix) = generatedKey { document[member] = .string(prefix + ResourceID.random(12)) }
        let name = name(in: document)
        let arn = call.familyARN(type, hasRandomARN ? ResourceID.random(12) : name)
        let tags = try ValueDecoder().decode([Tag]?.self, from: input["Tags"] ?? .null) ?? []
        try call.authorizeTags(tags, on: arn)
        for role in ["RoleArn", "ExecutionRoleArn"] {
            if let role = input[role]?.stringValue { try call.authorizeHandingOver(role: role) }
        }
        let creator = call.userContext
        document["CreatedBy"] = creator
        document["LastModifiedBy"] = creator
        try prepare?(&document, call)
        let record = KeptRecord(
            kind: kind, name: name, arn: arn, status: states.initial, now: call.now, dueTime: due(after: states.initial, call),
            document: document)
        return try call.world.store.write { database in
            try FamilyQuotas.check(self, record, call, database)
            guard try database.insertKept(record, in: call.scope) else { throw existing(name) }
            try database.setTags(tags, of: arn)
            return facts(record)
        }
    }

    /// World time at which a passing status ends; nil for one that lasts.
    func due(after status: String, _ call: Call) -> Double? {
        states.next[status] == nil ? nil : call.now + call.clock.wait(states.seconds)
    }

    // MARK: Showing

    func describe(_ input: Value, _ call: Call) throws -> Value {
        let record = try call.world.store.read { try self.record(input, call, $0) }
        guard let wrapper else { return facts(record) }
        return [wrapper: facts(record)]
    }

    // MARK: Changing

    func update(_ input: Value, _ call: Call) throws -> Value {
        let keyMembers = Set(naming)
        return try change(input, call) { record in
            for (member, value) in input.objectValue ?? [:] where !keyMembers.contains(member) && member != arnMember {
                Self.apply(member, value, to: &record.document)
            }
            record.document["LastModifiedBy"] = call.userContext
            if let updating = states.updating { enter(updating, &record, call) }
        }
    }

    /// `PropertiesToRemove` takes keys from `Properties`; other members replace what was there.
    private static func apply(_ member: String, _ value: Value, to document: inout Value) {
        guard member.hasSuffix("ToRemove") else {
            document[member] = value
            return
        }
        let target = String(member.dropLast("ToRemove".count))
        guard var entries = document[target]?.objectValue else { return }
        for key in value.listValue?.compactMap(\.stringValue) ?? [] { entries[key] = nil }
        document[target] = .object(entries)
    }

    func stop(_ input: Value, _ call: Call) throws -> Value {
        try change(input, call) { record in
            guard let stopping = states.stopping else { return }
            let ended: Set = ["Completed", "Failed", "Stopped", "COMPLETED", "FAILED", "STOPPED"]
            guard !ended.contains(record.status) else {
                throw SageMakerError.validation(
                    "The request was rejected because \(title) \(record.arn) is in status \(record.status).")
            }
            enter(stopping, &record, call)
        }
    }

    func start(_ input: Value, _ call: Call) throws -> Value {
        try change(input, call) { record in
            if let starting = states.starting { enter(starting, &record, call) }
        }
    }

    func enter(_ status: String, _ record: inout KeptRecord, _ call: Call) {
        record.status = status
        record.dueTime = due(after: status, call)
    }

    /// Changes a resource in one transaction.
    ///
    /// - Throws: `ServiceError` where there is none; what `body` throws.
    func change(_ input: Value, _ call: Call, _ body: @Sendable (inout KeptRecord) throws -> Void) throws -> Value {
        try call.world.store.write { database in
            var record = try self.record(input, call, database)
            try body(&record)
            record.lastModifiedTime = call.now
            try database.updateKept(record, in: call.scope)
            guard let wrapper else { return facts(record) }
            var output = facts(record)
            output[wrapper] = facts(record)
            return output
        }
    }

    func delete(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            let record = try self.record(input, call, database)
            try checkDelete?(record, call, database)
            try database.deleteKept(record, in: call.scope)
            var output = facts(record)
            output["Success"] = true
            return output
        }
    }

    // MARK: Settling

    /// Moves a resource on whose passing status has ended.
    func settle(_ record: inout KeptRecord, _ call: Call) {
        guard let next = states.next[record.status], let due = record.dueTime else { return }
        record.status = next
        record.lastModifiedTime = max(due, record.lastModifiedTime)
        record.dueTime = self.due(after: next, call)
        if let reason = states.failureReason, next.uppercased() == "FAILED" {
            record.document["FailureReason"] = .string(reason)
            for member in ["EndTime", "ProcessingEndTime", "CompilationEndTime", "CompletionTime", "OptimizationEndTime"] {
                record.document[member] = .timestamp(record.lastModifiedTime)
            }
        }
    }
}

extension Call {
    /// The ARN of a resource of a family: these carry names as they were given.
    func familyARN(_ type: String, _ name: String) -> String { arn("sagemaker", "\(type)/\(name)") }

    /// Who made or changed a resource, as outputs show it.
    var userContext: Value {
        ["IamIdentity": ["Arn": .string(principal.arn), "PrincipalId": .string(principal.userID)]]
    }

    /// Checks that the caller may hand `role` to SageMaker, for resources for which nothing acts as the role.
    ///
    /// - Throws: `ServiceError` AccessDeniedException.
    func authorizeHandingOver(role: String) throws {
        guard let parsed = ARN(role), parsed.service == "iam", parsed.account == account else { return }
        try authorize(
            AuthorizationQuestion(
                action: "iam:PassRole", resource: role, context: ["iam:PassedToService": ["sagemaker.amazonaws.com"]]))
    }
}
