// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import ServiceModel
import Wire
import World

/// One family of SageMaker's resources that are kept and shown: a row of `ResourceFamilies.all`.
///
/// The operations follow from the noun: `CreateX`, `DescribeX`, `ListXs`, `UpdateX`, `DeleteX`, `StartX`, `StopX`, those of them that the
/// service's model has. Inputs are kept as they come; outputs are what is kept, brought into the model's shapes.
struct ResourceFamily: Sendable {
    /// The operations' noun: `Experiment`.
    var noun: String
    /// The resource type in ARNs: `experiment`.
    var type: String
    /// The members of inputs that name a resource, the outer ones first.
    var keys: [String]
    /// The member of outputs that holds the ARN.
    var arnMember: String
    /// The member of outputs that holds the status; nil where there is none.
    var statusMember: String?
    /// How the status changes by itself, and what requests make of it.
    var states: States
    /// A member that the service makes up, with its prefix, and that names the resource from then on.
    var generatedKey: (member: String, prefix: String)?
    /// What errors call it.
    var title: String
    /// Members that are there where the request says nothing.
    var defaults: OrderedDictionary<String, Value>
    /// Whether lists begin with the oldest where the request doesn't say.
    var listsAscending: Bool
    /// The member of `DescribeX`'s output that holds everything; nil where the output's own members do.
    var wrapper: String?
    /// Members of list entries that have other names than those of the resource.
    var summaryNames: [String: String]
    /// Operations that have handlers of their own.
    var exceptions: Set<String>
    /// Whether ARNs carry letters and digits by chance instead of the name.
    var hasRandomARN: Bool
    /// Completes or refuses what is asked for, before it is kept.
    var prepare: (@Sendable (_ document: inout Value, _ call: Call) throws -> Void)?
    /// Refuses a removal.
    var checkDelete: (@Sendable (_ record: KeptRecord, _ call: Call, _ database: Database) throws -> Void)?

    /// The statuses of a family.
    struct States: Sendable {
        /// After `CreateX`.
        var initial = ""
        /// After `UpdateX`; nil where it changes nothing.
        var updating: String?
        /// After `StopX`.
        var stopping: String?
        /// After `StartX`.
        var starting: String?
        /// What a passing status turns into by itself.
        var next: [String: String] = [:]
        /// How long a passing status lasts in the real service, in seconds.
        var seconds = 0.0
        /// Set with the status of a job that nothing runs for.
        var failureReason: String?

        static let none = States()
    }

    /// Nouns whose lists begin with the newest, as their documentation says.
    private static let newestFirst: Set = [
        "Action", "AppImageConfig", "Artifact", "AutoMLJob", "Context", "DataQualityJobDefinition", "Experiment", "Image",
        "MlflowTrackingServer", "ModelBiasJobDefinition", "ModelExplainabilityJobDefinition", "ModelQualityJobDefinition",
        "MonitoringSchedule", "StudioLifecycleConfig", "Trial", "TrialComponent", "TransformJob",
    ]

    init(
        _ noun: String, type: String, keys: [String]? = nil, arnMember: String? = nil, status: String? = nil,
        states: States = .none, generatedKey: (member: String, prefix: String)? = nil, title: String? = nil,
        defaults: OrderedDictionary<String, Value> = [:], listsAscending: Bool? = nil, wrapper: String? = nil,
        summaryNames: [String: String] = [:], exceptions: Set<String> = [], hasRandomARN: Bool = false,
        prepare: (@Sendable (_ document: inout Value, _ call: Call) throws -> Void)? = nil,
        checkDelete: (@Sendable (_ record: KeptRecord, _ call: Call, _ database: Database) throws -> Void)? = nil
    ) {
        self.noun = noun
        self.type = type
        self.keys = keys ?? [noun + "Name"]
        self.arnMember = arnMember ?? noun + "Arn"
        statusMember = status
        self.states = states
        self.generatedKey = generatedKey
        self.title = title ?? noun
        self.defaults = defaults
        self.listsAscending = listsAscending ?? !Self.newestFirst.contains(noun)
        self.wrapper = wrapper
        self.summaryNames = summaryNames
        self.exceptions = exceptions
        self.hasRandomARN = hasRandomARN
        self.prepare = prepare
        self.checkDelete = checkDelete
    }

    /// `sagemaker:experiment`.
    var kind: String { "sagemaker:\(type)" }

    /// The key's members as requests after the first have them.
    var naming: [String] { generatedKey.map { [$0.member] } ?? keys }
}

// MARK: Naming

extension ResourceFamily {
    /// The name of a resource under which it is kept: the values of its key, joined by slashes.
    ///
    /// Requests may give an ARN instead, which ends in the same.
    func name(in input: Value) -> String {
        naming.compactMap { input[$0]?.stringValue }.map(Self.nameOfARN).joined(separator: "/")
    }

    /// What follows the resource type of an ARN; other text as it is.
    static func nameOfARN(_ text: String) -> String {
        ARN(text).map(\.resourceName) ?? text
    }

    /// - Throws: `ServiceError` where there is no such resource.
    func record(_ input: Value, _ call: Call, _ database: Database) throws -> KeptRecord {
        let wanted = name(in: input)
        if let record = try database.keptRecord(kind, named: wanted, in: call.scope) { return record }
        // Of some, ARNs carry something else than the name.
        let arn = call.familyARN(type, wanted)
        if let record = try database.keptRecord(kind, arn: arn), Scope(ofARN: arn) == call.scope { return record }
        throw missing(arn, operation: call.operation)
    }

    /// The error for a resource that isn't there, with the code that the model has for the operation.
    func missing(_ arn: String, operation: String) -> ServiceError {
        let codes = ResourceFamilies.model?.operation(operation)?.errors.map(\.errorCode) ?? []
        let text = title == "Modelcard" ? "\(title) \(Self.nameOfARN(arn)) does not exist." : "\(title) '\(arn)' does not exist."
        return ServiceError(codes.contains("ResourceNotFound") ? "ResourceNotFound" : "ValidationException", text, status: 400)
    }

    /// The error for a name that is taken.
    func existing(_ name: String) -> ServiceError {
        let codes = ResourceFamilies.model?.operation("Create" + noun)?.errors.map(\.errorCode) ?? []
        let code = ["ResourceInUse", "ConflictException"].first(where: codes.contains) ?? "ValidationException"
        if title == "Modelcard" { return ServiceError(code, "\(title) \(name) already exists", status: 400) }
        return ServiceError(
            code, "Resource Already Exists: \(title) with name \(name) already exists. Choose a different name.", status: 400)
    }
}

// MARK: What outputs show

extension ResourceFamily {
    /// Everything that is known of a resource, under all the names that outputs have for it.
    func facts(_ record: KeptRecord) -> Value {
        var facts = record.document
        facts[arnMember] = .string(record.arn)
        if let statusMember { facts[statusMember] = .string(record.status) }
        for name in ["CreationTime", "CreatedAt", "CreateDate"] { facts[name] = .timestamp(record.creationTime) }
        for name in ["LastModifiedTime", "LastModifiedAt", "LastUpdatedDate"] {
            facts[name] = .timestamp(record.lastModifiedTime)
        }
        return facts
    }
}
