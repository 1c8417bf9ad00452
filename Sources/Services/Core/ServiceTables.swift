// SPDX-License-Identifier: Apache-2.0

/// The services that are simulated: one row each, by the model's identifier.
///
/// A table is made when its service is first asked.
public enum ServiceTables {
    /// Every service.
    public static let all: [String: @Sendable () -> ServiceTable] = [
        "s3": { S3Service.table },
        "iam": { IAMService.table },
        "sts": { STSService.table },
        "sagemaker": { SageMakerService.table },
        "sagemaker-runtime": { SageMakerRuntimeService.table },
        "sagemaker-metrics": { SageMakerMetricsService.table },
        "logs": { LogsService.table },
        "cloudwatch": { CloudWatchService.table },
        "ecr": { ECRService.table },
        "application-autoscaling": { ApplicationAutoScalingService.table },
        "service-quotas": { ServiceQuotasService.table },
    ]
}
