// SPDX-License-Identifier: Apache-2.0

import GRDB
import OrderedCollections
import Wire
import World

/// What the families of Studio add and refuse.
enum StudioRules {
    static func complete(domain: inout Value, _ call: Call) {
        let id = domain["DomainId"]?.stringValue ?? ""
        domain["HomeEfsFileSystemId"] = .string("fs-" + ResourceID.random(8))
        domain["Url"] = .string("https://\(id).studio.\(call.region).sagemaker.aws")
        domain["AppNetworkAccessType"] = domain["AppNetworkAccessType"] ?? "PublicInternetOnly"
    }

    /// - Throws: `ServiceError` where the domain that a resource is to belong to isn't there.
    static func checkDomain(of document: Value, _ call: Call) throws {
        _ = try call.world.store.read { try ResourceFamilies.named("Domain").record(document, call, $0) }
    }

    /// A domain goes last.
    static func checkDelete(domain: KeptRecord, _ call: Call, _ database: Database) throws {
        for noun in ["UserProfile", "Space", "App"] {
            let kind = ResourceFamilies.named(noun).kind
            if let left = try database.keptRecords(kind, in: call.scope).first(where: { $0.name.hasPrefix(domain.name + "/") }) {
                throw ServiceError(
                    "ResourceInUse",
                    "Unable to delete Domain \(domain.name) because \(noun)(s) are associated with it: \(left.arn)",
                    status: 400)
            }
        }
    }
}

/// What feature groups add.
enum FeatureGroupRules {
    static func complete(_ document: inout Value, _ call: Call) throws {
        let name = document["FeatureGroupName"]?.stringValue ?? ""
        let names = Set(document["FeatureDefinitions"]?.listValue?.compactMap { $0["FeatureName"]?.stringValue } ?? [])
        for member in ["RecordIdentifierFeatureName", "EventTimeFeatureName"] {
            guard let feature = document[member]?.stringValue, !names.contains(feature) else { continue }
            throw SageMakerError.validation("\(member) \(feature) must be among the FeatureDefinitions of feature group \(name).")
        }
        guard var offline = document["OfflineStoreConfig"], let uri = offline["S3StorageConfig"]?["S3Uri"]?.stringValue else {
            return
        }
        let time = Int(call.now)
        let root = uri.hasSuffix("/") ? String(uri.dropLast()) : uri
        offline["S3StorageConfig"]?["ResolvedOutputS3Uri"] = .string(
            "\(root)/\(call.account)/sagemaker/\(call.region)/offline-store/\(name)-\(time)/data")
        if offline["DisableGlueTableCreation"]?.booleanValue != true, offline["DataCatalogConfig"] == nil {
            offline["DataCatalogConfig"] = [
                "TableName": .string("\(name.replacing("-", with: "_"))_\(time)"), "Catalog": "AwsDataCatalog",
                "Database": "sagemaker_featurestore",
            ]
        }
        document["OfflineStoreConfig"] = offline
        document["OfflineStoreStatus"] = ["Status": "Active"]
    }
}

/// What AutoML jobs add.
enum AutoMLRules {
    static func complete(_ document: inout Value) {
        document["AutoMLJobSecondaryStatus"] = "Starting"
        // The version-2 operations say the kind of problem by the one member that is set.
        document["AutoMLProblemTypeConfigName"] = document["AutoMLProblemTypeConfig"]?.objectValue?.keys.first.map {
            .string($0.replacing("JobConfig", with: ""))
        }
    }
}

/// What compilation jobs add.
enum CompilationRules {
    static func complete(_ document: inout Value) {
        let output = document["OutputConfig"]
        document["CompilationTargetDevice"] = output?["TargetDevice"]
        for part in ["Os", "Arch", "Accelerator"] {
            document["CompilationTargetPlatform" + part] = output?["TargetPlatform"]?[part]
        }
        document["ModelArtifacts"] = ["S3ModelArtifacts": output?["S3OutputLocation"] ?? ""]
    }
}

/// What monitoring schedules add.
enum MonitoringRules {
    static func complete(schedule: inout Value) {
        let config = schedule["MonitoringScheduleConfig"]
        schedule["MonitoringType"] = config?["MonitoringType"] ?? "DataQuality"
        schedule["MonitoringJobDefinitionName"] = config?["MonitoringJobDefinitionName"]
        schedule["EndpointName"] =
            config?["MonitoringJobDefinition"]?["MonitoringInputs"]?[0]?["EndpointInput"]?["EndpointName"]
    }
}
