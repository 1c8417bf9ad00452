// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Wire
import World

/// The families of resources that are kept and shown: one row each.
enum ResourceFamilies {
    static let model = ServiceCatalog.service("sagemaker")

    static let all: [ResourceFamily] = experiments + models + jobs + studio + monitoring + others

    private static let byKind = Dictionary(
        (all + [Pipelines.executions]).map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })

    /// The kinds whose resources change by themselves.
    static let changingKinds = (all + [Pipelines.executions]).filter { !$0.states.next.isEmpty }.map(\.kind)

    static let rows: [OperationRow] = model.map { model in all.flatMap { $0.rows(of: model) } } ?? []

    /// The family of that noun, which has to be in the table.
    static func named(_ noun: String) -> ResourceFamily {
        all.first { $0.noun == noun } ?? ResourceFamily(noun, type: noun.lowercased())
    }

    /// Moves on what only waited for time to pass.
    static func settle(_ scope: Scope, _ found: KeptRecord, _ call: Call) throws {
        guard let family = byKind[found.kind] else { return }
        try call.world.store.write { database in
            guard var record = try database.keptRecord(found.kind, named: found.name, in: scope), record.dueTime == found.dueTime
            else { return }
            family.settle(&record, call)
            try database.updateKept(record, in: scope)
        }
    }

    // MARK: Statuses

    private static func changing(_ from: String, _ to: String, seconds: Double = 60) -> ResourceFamily.States {
        .init(initial: from, updating: from == "Creating" ? "Updating" : nil, next: [from: to, "Updating": to], seconds: seconds)
    }

    /// Jobs that nothing runs for end so, and say why.
    private static func failing(_ from: String, _ to: String, stopping: String, stopped: String, what: String)
        -> ResourceFamily.States
    {
        .init(
            initial: from, stopping: stopping, next: [from: to, stopping: stopped], seconds: 60,
            failureReason: "InternalServerError: \(what) are kept, but nothing runs for them here.")
    }

    private static func lasting(_ status: String) -> ResourceFamily.States { .init(initial: status) }

    // MARK: Rows

    private static let experiments: [ResourceFamily] = [
        .init(
            "Experiment", type: "experiment",
            prepare: { document, _ in ExperimentRules.completeDisplayName(&document, "ExperimentName") },
            checkDelete: { try ExperimentRules.checkDelete(experiment: $0, $1, $2) }),
        .init(
            "Trial", type: "experiment-trial", exceptions: ["ListTrials"],
            prepare: { document, call in
                try ExperimentRules.checkExperiment(of: document, call)
                ExperimentRules.completeDisplayName(&document, "TrialName")
            },
            checkDelete: { try ExperimentRules.checkDelete(trial: $0, $1, $2) }),
        .init(
            "TrialComponent", type: "experiment-trial-component", exceptions: ["ListTrialComponents", "UpdateTrialComponent"],
            prepare: { document, _ in
                ExperimentRules.completeDisplayName(&document, "TrialComponentName")
                document["Metrics"] = []
            },
            checkDelete: { try ExperimentRules.checkDelete(component: $0, $1, $2) }),
        .init("Action", type: "action"),
        .init("Artifact", type: "artifact", generatedKey: ("ArtifactArn", "")),
        .init("Context", type: "context"),
    ]

    private static let models: [ResourceFamily] = [
        .init(
            "ModelPackageGroup", type: "model-package-group", status: "ModelPackageGroupStatus",
            states: changing("Pending", "Completed", seconds: 5), title: "ModelPackageGroup",
            checkDelete: { try ModelPackageRules.checkDelete(group: $0, $1, $2) }),
        .init(
            "ModelCard", type: "model-card", title: "Modelcard",
            exceptions: ["UpdateModelCard", "DescribeModelCard"], prepare: { document, _ in document["ModelCardVersion"] = 1 }),
        .init("Algorithm", type: "algorithm", status: "AlgorithmStatus", states: changing("Pending", "Completed", seconds: 5)),
        .init("CodeRepository", type: "code-repository"),
        .init(
            "FeatureGroup", type: "feature-group", status: "FeatureGroupStatus",
            states: .init(initial: "Creating", next: ["Creating": "Created"], seconds: 15),
            prepare: { try FeatureGroupRules.complete(&$0, $1) }),
        .init(
            "Pipeline", type: "pipeline", title: "Pipeline", defaults: ["PipelineStatus": "Active"],
            exceptions: ["CreatePipeline", "UpdatePipeline"],
            prepare: { document, _ in
                document["PipelineDisplayName"] = document["PipelineDisplayName"] ?? document["PipelineName"]
            }),
        .init("Hub", type: "hub", status: "HubStatus", states: changing("Creating", "InService")),
        .init(
            "Project", type: "project", status: "ProjectStatus", states: changing("CreateInProgress", "CreateCompleted"),
            prepare: { document, _ in document["ProjectId"] = .string("p-" + ResourceID.random(12)) }),
    ]

    private static let jobs: [ResourceFamily] = [
        .init(
            "ProcessingJob", type: "processing-job", status: "ProcessingJobStatus",
            states: failing("InProgress", "Failed", stopping: "Stopping", stopped: "Stopped", what: "Processing jobs")),
        .init(
            "AutoMLJob", type: "automl-job", status: "AutoMLJobStatus",
            states: failing("InProgress", "Failed", stopping: "Stopping", stopped: "Stopped", what: "AutoML jobs"),
            prepare: { document, _ in AutoMLRules.complete(&document) }),
        .init(
            "AutoMLJobV2", type: "automl-job", keys: ["AutoMLJobName"], arnMember: "AutoMLJobArn", status: "AutoMLJobStatus",
            states: failing("InProgress", "Failed", stopping: "Stopping", stopped: "Stopped", what: "AutoML jobs"),
            prepare: { document, _ in AutoMLRules.complete(&document) }),
        .init(
            "CompilationJob", type: "compilation-job", status: "CompilationJobStatus",
            states: failing("INPROGRESS", "FAILED", stopping: "STOPPING", stopped: "STOPPED", what: "Compilation jobs"),
            prepare: { document, _ in CompilationRules.complete(&document) }),
        .init(
            "LabelingJob", type: "labeling-job", status: "LabelingJobStatus",
            states: failing("InProgress", "Failed", stopping: "Stopping", stopped: "Stopped", what: "Labeling jobs")),
        .init(
            "OptimizationJob", type: "optimization-job", status: "OptimizationJobStatus",
            states: failing("INPROGRESS", "FAILED", stopping: "STOPPING", stopped: "STOPPED", what: "Optimization jobs")),
        .init(
            "EdgePackagingJob", type: "edge-packaging-job", status: "EdgePackagingJobStatus",
            states: failing("INPROGRESS", "FAILED", stopping: "STOPPING", stopped: "STOPPED", what: "Edge packaging jobs")),
        .init(
            "InferenceRecommendationsJob", type: "inference-recommendations-job", keys: ["JobName"], arnMember: "JobArn",
            status: "Status",
            states: failing("PENDING", "FAILED", stopping: "STOPPING", stopped: "STOPPED", what: "Inference recommendations")),
    ]

    private static let studio: [ResourceFamily] = [
        .init(
            "Domain", type: "domain", status: "Status", states: changing("Pending", "InService"),
            generatedKey: ("DomainId", "d-"), prepare: { StudioRules.complete(domain: &$0, $1) },
            checkDelete: { try StudioRules.checkDelete(domain: $0, $1, $2) }),
        .init(
            "UserProfile", type: "user-profile", keys: ["DomainId", "UserProfileName"], status: "Status",
            states: changing("Pending", "InService", seconds: 10), prepare: { try StudioRules.checkDomain(of: $0, $1) }),
        .init(
            "Space", type: "space", keys: ["DomainId", "SpaceName"], status: "Status",
            states: changing("Pending", "InService", seconds: 10), prepare: { try StudioRules.checkDomain(of: $0, $1) }),
        .init(
            "App", type: "app", keys: ["DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"], status: "Status",
            states: changing("Pending", "InService"), prepare: { try StudioRules.checkDomain(of: $0, $1) }),
        .init("AppImageConfig", type: "app-image-config"),
        .init("StudioLifecycleConfig", type: "studio-lifecycle-config"),
        .init("Image", type: "image", status: "ImageStatus", states: .init(initial: "CREATING", next: ["CREATING": "CREATED"])),
        .init(
            "MlflowTrackingServer", type: "mlflow-tracking-server", keys: ["TrackingServerName"], arnMember: "TrackingServerArn",
            status: "TrackingServerStatus",
            states: .init(
                initial: "Creating", stopping: "Stopping", starting: "Starting",
                next: ["Creating": "Created", "Stopping": "Stopped", "Starting": "Started"], seconds: 300)),
    ]

    private static let monitoring: [ResourceFamily] = [
        definition("DataQuality", "data-quality"), definition("ModelBias", "model-bias"),
        definition("ModelExplainability", "model-explainability"), definition("ModelQuality", "model-quality"),
        .init(
            "MonitoringSchedule", type: "monitoring-schedule", status: "MonitoringScheduleStatus",
            states: .init(
                initial: "Pending", updating: "Pending", stopping: "Pending-stop", starting: "Pending",
                next: ["Pending": "Scheduled", "Pending-stop": "Stopped"], seconds: 10),
            prepare: { document, _ in MonitoringRules.complete(schedule: &document) }),
    ]

    private static func definition(_ name: String, _ type: String) -> ResourceFamily {
        .init(
            name + "JobDefinition", type: type + "-job-definition", keys: ["JobDefinitionName"], arnMember: "JobDefinitionArn",
            summaryNames: [
                "MonitoringJobDefinitionName": "JobDefinitionName", "MonitoringJobDefinitionArn": "JobDefinitionArn",
            ],
            prepare: { document, _ in
                document["EndpointName"] = document[name + "JobInput"]?["EndpointInput"]?["EndpointName"]
            })
    }

    private static let others: [ResourceFamily] = [
        .init(
            "Cluster", type: "cluster", status: "ClusterStatus", states: changing("Creating", "InService", seconds: 600),
            exceptions: ["UpdateCluster"], hasRandomARN: true, prepare: { document, _ in ClusterRules.complete(&document) }),
        .init("DeviceFleet", type: "device-fleet"),
        .init("EdgeDeploymentPlan", type: "edge-deployment"),
        .init(
            "FlowDefinition", type: "flow-definition", status: "FlowDefinitionStatus", states: changing("Initializing", "Active")),
        .init("HumanTaskUi", type: "human-task-ui", status: "HumanTaskUiStatus", states: lasting("Active")),
        .init("Workforce", type: "workforce", status: "Status", states: lasting("Active"), wrapper: "Workforce"),
        .init("Workteam", type: "workteam/private-crowd", wrapper: "Workteam"),
    ]
}
