// SPDX-License-Identifier: Apache-2.0

import GRDB
import Wire
import World

/// The quotas that families of resources count against.
enum FamilyQuotas {
    /// What there may be so many of: the quota's name, and what the message calls one of them.
    private static let quotas: [String: (quota: String, unit: String)] = [
        "Domain": ("Total domains", "Domains"),
        "UserProfile": ("Maximum number of Studio user profiles allowed per account", "UserProfiles"),
        "Space": ("Maximum number of Studio spaces allowed per account", "Spaces"),
        "App": ("Maximum number of running Studio apps allowed per account", "Apps"),
        "ModelPackageGroup": ("Maximum number of SageMaker Model Package Groups allowed per account", "ModelPackageGroups"),
        "Image": ("Maximum number of SageMakerImage images allowed per account", "Images"),
        "Pipeline": ("Maximum number of pipelines allowed per account", "Pipelines"),
        "FlowDefinition": ("Maximum number of A2I flow definitions", "FlowDefinitions"),
        "HumanTaskUi": ("Maximum number of A2I human task UIs", "HumanTaskUis"),
        "DeviceFleet": ("Maximum number of device-fleets", "DeviceFleets"),
        "AutoMLJob": ("Maximum number of concurrent AutoML Jobs", "AutoML Jobs"),
        "AutoMLJobV2": ("Maximum number of concurrent AutoML Jobs", "AutoML Jobs"),
        "CompilationJob": ("Maximum number of parallel compilation jobs", "Compilation Jobs"),
        "EdgePackagingJob": ("Maximum number of parallel edge-packaging jobs", "Edge Packaging Jobs"),
        "LabelingJob": ("Maximum number of Ground Truth labeling jobs", "Labeling Jobs"),
    ]

    /// What is over holds no place.
    private static let overStatuses: Set = [
        "Completed", "COMPLETED", "Failed", "FAILED", "Stopped", "STOPPED", "Deleted", "Deleting",
    ]

    /// Checks that one more fits.
    ///
    /// - Throws: `ServiceError` ResourceLimitExceeded.
    static func check(_ family: ResourceFamily, _ record: KeptRecord, _ call: Call, _ database: Database) throws {
        // Suites for other emulators make more than an account may have.
        guard !call.dispatcher.environment.isRelaxed else { return }
        if family.noun == "ProcessingJob" { return try checkProcessing(family, record, call, database) }
        guard let (name, unit) = quotas[family.noun] else { return }
        let isJob = family.noun.contains("Job") || family.noun == "App"
        let present = try database.keptRecords(family.kind, in: call.scope).filter { !isJob || !overStatuses.contains($0.status) }
        // That the name is taken is said first.
        guard !present.contains(where: { $0.name == record.name }) else { return }
        try Quota.named(name)?.check(used: present.count, requested: 1, unit: unit, in: call.scope, database)
    }

    private static func checkProcessing(
        _ family: ResourceFamily, _ record: KeptRecord, _ call: Call, _ database: Database
    ) throws {
        let wanted = machines(record)
        let running = try database.keptRecords(family.kind, in: call.scope).filter { !overStatuses.contains($0.status) }.map(
            machines)
        try Quota.instances(of: wanted.type, for: "processing job usage")?.check(
            used: running.filter { $0.type == wanted.type }.reduce(0) { $0 + $1.count }, requested: wanted.count, in: call.scope,
            database)
        try Quota.named("Number of instances across all processing jobs")?.check(
            used: running.reduce(0) { $0 + $1.count }, requested: wanted.count, in: call.scope, database)
    }

    private static func machines(_ record: KeptRecord) -> (type: String, count: Int) {
        let cluster = record.document["ProcessingResources"]?["ClusterConfig"]
        return (cluster?["InstanceType"]?.stringValue ?? "", cluster?["InstanceCount"]?.integerValue ?? 1)
    }
}
