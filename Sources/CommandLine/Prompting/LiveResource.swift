// SPDX-License-Identifier: Apache-2.0

import ServiceModel
import Wire

/// A kind of thing in the world whose names the prompt completes, and how they are asked for.
struct LiveResource: Sendable {
    /// The service's identifier and the operation that lists them.
    var service: String
    var operation: String
    /// The member of the answer that is the list.
    var items: String
    /// The member of an element that is the name.
    var name: String
    /// Members of an element that say more, in the order in which they are shown.
    var details: [String] = []
    /// The input member that takes a part of the name, where the service can filter.
    var filter: String?
    /// The input of the listing.
    var input: Value = .emptyObject
    /// An input member that another option of the line gives.
    var parent: (member: String, option: String)?

    /// The answers of one listing.
    var key: String { "\(service).\(operation).\(name)" }
}

/// Which options take names of things that are there: the one table.
enum LiveResources {
    private static let newestFirst: Value = ["MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"]

    static let bucket = LiveResource(
        service: "s3", operation: "ListBuckets", items: "Buckets", name: "Name", details: ["CreationDate"],
        filter: "Prefix", input: ["MaxBuckets": 500])
    private static let role = LiveResource(
        service: "iam", operation: "ListRoles", items: "Roles", name: "RoleName", details: ["Description", "CreateDate"],
        input: ["MaxItems": 1000])
    private static let roleARN = LiveResource(
        service: "iam", operation: "ListRoles", items: "Roles", name: "Arn", details: ["Description", "CreateDate"],
        input: ["MaxItems": 1000])
    private static let user = LiveResource(
        service: "iam", operation: "ListUsers", items: "Users", name: "UserName", details: ["CreateDate"], input: ["MaxItems": 1000]
    )
    private static let group = LiveResource(
        service: "iam", operation: "ListGroups", items: "Groups", name: "GroupName", details: ["CreateDate"],
        input: ["MaxItems": 1000])
    private static let policyARN = LiveResource(
        service: "iam", operation: "ListPolicies", items: "Policies", name: "Arn", details: ["Description"],
        input: ["MaxItems": 1000])
    private static let instanceProfile = LiveResource(
        service: "iam", operation: "ListInstanceProfiles", items: "InstanceProfiles", name: "InstanceProfileName",
        details: ["CreateDate"])
    private static let trainingJob = LiveResource(
        service: "sagemaker", operation: "ListTrainingJobs", items: "TrainingJobSummaries", name: "TrainingJobName",
        details: ["TrainingJobStatus", "CreationTime"], filter: "NameContains", input: newestFirst)
    private static let tuningJob = LiveResource(
        service: "sagemaker", operation: "ListHyperParameterTuningJobs", items: "HyperParameterTuningJobSummaries",
        name: "HyperParameterTuningJobName", details: ["HyperParameterTuningJobStatus", "CreationTime"], filter: "NameContains",
        input: newestFirst)
    private static let transformJob = LiveResource(
        service: "sagemaker", operation: "ListTransformJobs", items: "TransformJobSummaries", name: "TransformJobName",
        details: ["TransformJobStatus", "CreationTime"], filter: "NameContains", input: newestFirst)
    private static let processingJob = LiveResource(
        service: "sagemaker", operation: "ListProcessingJobs", items: "ProcessingJobSummaries", name: "ProcessingJobName",
        details: ["ProcessingJobStatus", "CreationTime"], filter: "NameContains", input: newestFirst)
    private static let model = LiveResource(
        service: "sagemaker", operation: "ListModels", items: "Models", name: "ModelName", details: ["CreationTime"],
        filter: "NameContains", input: newestFirst)
    private static let endpoint = LiveResource(
        service: "sagemaker", operation: "ListEndpoints", items: "Endpoints", name: "EndpointName",
        details: ["EndpointStatus", "CreationTime"], filter: "NameContains", input: newestFirst)
    private static let endpointConfig = LiveResource(
        service: "sagemaker", operation: "ListEndpointConfigs", items: "EndpointConfigs", name: "EndpointConfigName",
        details: ["CreationTime"], filter: "NameContains", input: newestFirst)
    private static let notebook = LiveResource(
        service: "sagemaker", operation: "ListNotebookInstances", items: "NotebookInstances", name: "NotebookInstanceName",
        details: ["NotebookInstanceStatus", "InstanceType", "CreationTime"], filter: "NameContains", input: ["MaxResults": 100])
    private static let lifecycleConfig = LiveResource(
        service: "sagemaker", operation: "ListNotebookInstanceLifecycleConfigs", items: "NotebookInstanceLifecycleConfigs",
        name: "NotebookInstanceLifecycleConfigName", details: ["CreationTime"], filter: "NameContains", input: ["MaxResults": 100])
    private static let logGroup = LiveResource(
        service: "logs", operation: "DescribeLogGroups", items: "logGroups", name: "logGroupName", filter: "logGroupNamePattern",
        input: ["limit": 50])
    private static let logStream = LiveResource(
        service: "logs", operation: "DescribeLogStreams", items: "logStreams", name: "logStreamName", input: ["limit": 50],
        parent: ("logGroupName", "--log-group-name"))
    private static let repository = LiveResource(
        service: "ecr", operation: "DescribeRepositories", items: "repositories", name: "repositoryName",
        details: ["repositoryUri", "createdAt"])
    private static let quotaService = LiveResource(
        service: "service-quotas", operation: "ListServices", items: "Services", name: "ServiceCode", details: ["ServiceName"])
    private static let quota = LiveResource(
        service: "service-quotas", operation: "ListServiceQuotas", items: "Quotas", name: "QuotaCode",
        details: ["QuotaName", "Value"],
        input: ["MaxResults": 100], parent: ("ServiceCode", "--service-code"))
    private static let alarm = LiveResource(
        service: "cloudwatch", operation: "DescribeAlarms", items: "MetricAlarms", name: "AlarmName",
        details: ["StateValue", "AlarmDescription"])
    private static let metricNamespace = LiveResource(
        service: "cloudwatch", operation: "ListMetrics", items: "Metrics", name: "Namespace")
    private static let metric = LiveResource(
        service: "cloudwatch", operation: "ListMetrics", items: "Metrics", name: "MetricName", details: ["Namespace"])

    /// Options by service (nil for all) that take such names.
    private static let options: [(service: String?, option: String, resource: LiveResource)] = [
        ("s3", "--bucket", bucket), (nil, "--role-arn", roleARN), (nil, "--execution-role-arn", roleARN), (nil, "--role", roleARN),
        ("iam", "--role-name", role), ("iam", "--user-name", user), ("iam", "--group-name", group),
        ("iam", "--policy-arn", policyARN),
        ("iam", "--policy-source-arn", roleARN), ("iam", "--permissions-boundary", policyARN),
        ("iam", "--instance-profile-name", instanceProfile),
        ("sagemaker", "--training-job-name", trainingJob), ("sagemaker", "--hyper-parameter-tuning-job-name", tuningJob),
        ("sagemaker", "--transform-job-name", transformJob), ("sagemaker", "--processing-job-name", processingJob),
        ("sagemaker", "--model-name", model), (nil, "--endpoint-name", endpoint),
        ("sagemaker", "--endpoint-config-name", endpointConfig),
        ("sagemaker", "--notebook-instance-name", notebook), ("sagemaker", "--lifecycle-config-name", lifecycleConfig),
        ("sagemaker", "--notebook-instance-lifecycle-config-name", lifecycleConfig),
        ("logs", "--log-group-name", logGroup), ("logs", "--log-group-names", logGroup), ("logs", "--log-stream-name", logStream),
        ("logs", "--log-stream-names", logStream), ("ecr", "--repository-name", repository),
        ("ecr", "--repository-names", repository),
        ("service-quotas", "--service-code", quotaService), ("service-quotas", "--quota-code", quota),
        ("cloudwatch", "--alarm-name", alarm), ("cloudwatch", "--alarm-names", alarm),
        ("cloudwatch", "--namespace", metricNamespace),
        ("cloudwatch", "--metric-name", metric),
    ]

    /// What an option of an operation takes; nil for the name of something that the operation makes.
    static func resource(option: String, of operation: OperationModel) -> LiveResource? {
        let name = operation.commandName
        let noun = name.drop { $0 != "-" }.dropFirst()
        if name.hasPrefix("create-"), option == "--\(noun)" || option == "--\(noun)-name" { return nil }
        return options.first { ($0.service == nil || $0.service == operation.service) && $0.option == option }?.resource
    }

    /// What the positional words of a command that is no operation take.
    static func resource(positionalOf path: [String]) -> LiveResource? { path == ["logs", "tail"] ? logGroup : nil }

    /// Members, inside structured values too, that hold addresses of objects.
    static let addressMembers: Set<String> = ["S3Uri", "S3OutputPath", "ModelDataUrl", "SourceAlgorithmS3Uri"]
}
