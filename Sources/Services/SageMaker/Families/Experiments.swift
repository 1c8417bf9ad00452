// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// Experiments, trials and their components: which belong to which.
///
/// An association is a record of its own, named `<trial>/<component>`.
enum ExperimentRules {
    private static let association = "sagemaker:trial-association"

    private static var trial: ResourceFamily { ResourceFamilies.named("Trial") }
    private static var component: ResourceFamily { ResourceFamilies.named("TrialComponent") }

    static let rows: [OperationRow] = [
        row("AssociateTrialComponent") { try associate($0, $1) },
        row("DisassociateTrialComponent") { try disassociate($0, $1) },
        row("ListTrials", "*") { try listTrials($0, $1) },
        row("ListTrialComponents", "*") { try listComponents($0, $1) },
        row("UpdateTrialComponent") { try updateComponent($0, $1) },
    ]

    private static func row(
        _ name: String, _ template: String = "experiment-trial-component/{TrialComponentName}",
        _ handle: @escaping @Sendable (Value, Call) throws -> Value
    ) -> OperationRow {
        OperationRow("sagemaker", name, .template(template), depth: .kept, value: { try handle($0, $1) })
    }

    // MARK: Associations

    private static func pair(_ input: Value, _ call: Call, _ database: Database) throws -> (
        trial: KeptRecord, component: KeptRecord
    ) {
        (try trial.record(input, call, database), try component.record(input, call, database))
    }

    private static func associate(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            let (trial, component) = try pair(input, call, database)
            let name = "\(trial.name)/\(component.name)"
            let record = KeptRecord(
                kind: association, name: name, arn: "\(trial.arn)/\(component.name)", now: call.now, document: .emptyObject)
            _ = try database.insertKept(record, in: call.scope)
            return ["TrialArn": .string(trial.arn), "TrialComponentArn": .string(component.arn)]
        }
    }

    private static func disassociate(_ input: Value, _ call: Call) throws -> Value {
        try call.world.store.write { database in
            let trialName = trial.name(in: input)
            let componentName = component.name(in: input)
            guard let record = try database.keptRecord(association, named: "\(trialName)/\(componentName)", in: call.scope) else {
                throw ServiceError(
                    "ResourceNotFound",
                    "Trial component '\(componentName)' is not associated with trial '\(trialName)'.", status: 400)
            }
            try database.deleteKept(record, in: call.scope)
            return [
                "TrialArn": .string(call.familyARN("experiment-trial", trialName)),
                "TrialComponentArn": .string(call.familyARN("experiment-trial-component", componentName)),
            ]
        }
    }

    /// The names of the trials with a component, or of the components of a trial.
    private static func partners(trial: String?, component: String?, _ call: Call, _ database: Database) throws -> Set<String> {
        let pairs = try database.keptRecords(association, in: call.scope).map { $0.name.split(separator: "/").map(String.init) }
        return Set(
            pairs.compactMap { pair in
                guard pair.count == 2 else { return nil }
                if let trial { return pair[0] == trial ? pair[1] : nil }
                return component == pair[1] ? pair[0] : nil
            })
    }

    // MARK: Lists

    private static func listTrials(_ input: Value, _ call: Call) throws -> Value {
        var filters = input
        let component = input["TrialComponentName"]?.stringValue
        filters["TrialComponentName"] = nil
        let names = try component.map { component in
            try call.world.store.read { try partners(trial: nil, component: component, call, $0) }
        }
        return try trial.list(filters, call) { record, _ in names?.contains(record.name) ?? true }
    }

    private static func listComponents(_ input: Value, _ call: Call) throws -> Value {
        var filters = input
        for member in ["TrialName", "ExperimentName", "SourceArn"] { filters[member] = nil }
        let trialName = input["TrialName"]?.stringValue
        let experiment = input["ExperimentName"]?.stringValue
        guard trialName == nil || experiment == nil else {
            throw SageMakerError.validation("Only one of TrialName and ExperimentName can be given.")
        }
        let names = try call.world.store.read { database -> Set<String>? in
            if let trialName { return try partners(trial: trialName, component: nil, call, database) }
            guard let experiment else { return nil }
            let trials = try database.keptRecords(trial.kind, in: call.scope).filter {
                $0.document["ExperimentName"]?.stringValue == experiment
            }
            return try trials.reduce(into: []) {
                $0.formUnion(try partners(trial: $1.name, component: nil, call, database))
            }
        }
        let source = input["SourceArn"]?.stringValue
        return try component.list(filters, call) { record, _ in
            (names?.contains(record.name) ?? true)
                && (source.map { $0 == record.document["Source"]?["SourceArn"]?.stringValue } ?? true)
        }
    }

    // MARK: Components

    private static let mergedMembers = [
        ("Parameters", "ParametersToRemove"), ("InputArtifacts", "InputArtifactsToRemove"),
        ("OutputArtifacts", "OutputArtifactsToRemove"),
    ]

    /// Unlike elsewhere, maps are added to what is there.
    private static func updateComponent(_ input: Value, _ call: Call) throws -> Value {
        let exists = try call.world.store.read {
            try $0.keptRecord(component.kind, named: component.name(in: input), in: call.scope)
        }
        guard exists != nil else {
            let arn = call.familyARN("experiment-trial-component", component.name(in: input))
            throw SageMakerError.validation("Could not find trial component '\(arn)'")
        }
        return try component.change(input, call) { record in
            for member in ["DisplayName", "Status", "StartTime", "EndTime"] where input[member] != nil {
                record.document[member] = input[member]
            }
            for (member, removal) in mergedMembers {
                var entries = record.document[member]?.objectValue ?? [:]
                for (key, value) in input[member]?.objectValue ?? [:] { entries[key] = value }
                for key in input[removal]?.listValue?.compactMap(\.stringValue) ?? [] { entries[key] = nil }
                if !entries.isEmpty || record.document[member] != nil { record.document[member] = .object(entries) }
            }
            record.document["LastModifiedBy"] = call.userContext
        }
    }

    // MARK: What may be made and removed

    /// What isn't given another name is shown under its own.
    static func completeDisplayName(_ document: inout Value, _ key: String) {
        document["DisplayName"] = document["DisplayName"] ?? document[key]
    }

    static func checkExperiment(of trial: Value, _ call: Call) throws {
        _ = try call.world.store.read { try ResourceFamilies.named("Experiment").record(trial, call, $0) }
    }

    static func checkDelete(experiment: KeptRecord, _ call: Call, _ database: Database) throws {
        let trials = try database.keptRecords(trial.kind, in: call.scope).filter {
            $0.document["ExperimentName"]?.stringValue == experiment.name
        }
        guard trials.isEmpty else {
            throw SageMakerError.validation(
                "Experiment '\(experiment.name)' can't be deleted: it still has trials: \(trials.map(\.name).joined(separator: ", "))"
            )
        }
    }

    static func checkDelete(trial: KeptRecord, _ call: Call, _ database: Database) throws {
        let components = try partners(trial: trial.name, component: nil, call, database)
        guard components.isEmpty else {
            throw SageMakerError.validation(
                "Trial '\(trial.name)' can't be deleted: disassociate its components first: "
                    + components.sorted().joined(separator: ", "))
        }
    }

    static func checkDelete(component: KeptRecord, _ call: Call, _ database: Database) throws {
        let trials = try partners(trial: nil, component: component.name, call, database)
        guard trials.isEmpty else {
            throw SageMakerError.validation(
                "Trial component '\(component.name)' can't be deleted: disassociate it from its trials first: "
                    + trials.sorted().joined(separator: ", "))
        }
    }
}
