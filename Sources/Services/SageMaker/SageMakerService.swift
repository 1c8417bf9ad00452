// SPDX-License-Identifier: Apache-2.0

import Wire

/// Amazon SageMaker: training jobs, models, endpoints and notebook instances.
public enum SageMakerService {
    /// The operations, a row each.
    public static let table = ServiceTable(
        service: "sagemaker", prefix: "sagemaker", settle: { try await Settlement.run($0) },
        trainingRows + hostingRows + notebookRows + keptRows + [
            OperationRow(AddTags.self, .template("{ResourceArn}")),
            OperationRow(ListTags.self, .template("{ResourceArn}")),
            OperationRow(DeleteTags.self, .template("{ResourceArn}")),
        ])

    /// Families of resources that are kept, and what some of them have beyond the table.
    private static let keptRows =
        ResourceFamilies.rows + ExperimentRules.rows + ModelPackageRules.rows + Pipelines.rows + ModelCards.rows + ClusterRules.rows
        + Lineage.rows + Search.rows + TransformJobs.rows + TuningJobs.rows

    private static let trainingRows = [
        OperationRow(CreateTrainingJob.self, .template("training-job/{TrainingJobName|lower}")),
        OperationRow(DescribeTrainingJob.self, .template("training-job/{TrainingJobName|lower}")),
        OperationRow(StopTrainingJob.self, .template("training-job/{TrainingJobName|lower}")),
        OperationRow(DeleteTrainingJob.self, .template("training-job/{TrainingJobName|lower}")),
        OperationRow(ListTrainingJobs.self),
    ]

    private static let hostingRows = [
        OperationRow(CreateModel.self, .template("model/{ModelName|lower}")),
        OperationRow(DescribeModel.self, .template("model/{ModelName|lower}")),
        OperationRow(DeleteModel.self, .template("model/{ModelName|lower}")),
        OperationRow(ListModels.self),
        OperationRow(CreateEndpointConfig.self, .template("endpoint-config/{EndpointConfigName|lower}")),
        OperationRow(DescribeEndpointConfig.self, .template("endpoint-config/{EndpointConfigName|lower}")),
        OperationRow(DeleteEndpointConfig.self, .template("endpoint-config/{EndpointConfigName|lower}")),
        OperationRow(ListEndpointConfigs.self),
        OperationRow(CreateEndpoint.self, endpointAndConfig("CreateEndpoint")),
        OperationRow(DescribeEndpoint.self, .template("endpoint/{EndpointName|lower}")),
        OperationRow(UpdateEndpoint.self, endpointAndConfig("UpdateEndpoint")),
        OperationRow(UpdateEndpointWeightsAndCapacities.self, .template("endpoint/{EndpointName|lower}")),
        OperationRow(DeleteEndpoint.self, .template("endpoint/{EndpointName|lower}")),
        OperationRow(ListEndpoints.self),
    ]

    private static let notebookRows = [
        OperationRow(CreateNotebookInstance.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(DescribeNotebookInstance.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(UpdateNotebookInstance.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(StartNotebookInstance.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(StopNotebookInstance.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(DeleteNotebookInstance.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(ListNotebookInstances.self),
        OperationRow(CreatePresignedNotebookInstanceUrl.self, .template("notebook-instance/{NotebookInstanceName|lower}")),
        OperationRow(CreateNotebookInstanceLifecycleConfig.self, .template(lifecycleConfig)),
        OperationRow(DescribeNotebookInstanceLifecycleConfig.self, .template(lifecycleConfig)),
        OperationRow(UpdateNotebookInstanceLifecycleConfig.self, .template(lifecycleConfig)),
        OperationRow(DeleteNotebookInstanceLifecycleConfig.self, .template(lifecycleConfig)),
        OperationRow(ListNotebookInstanceLifecycleConfigs.self),
    ]

    private static let lifecycleConfig = "notebook-instance-lifecycle-config/{NotebookInstanceLifecycleConfigName|lower}"

    /// Who makes an endpoint of a configuration needs the permission on both.
    private static func endpointAndConfig(_ operation: String) -> Authorization {
        .custom { input, call in
            let endpoint = input["EndpointName"]?.stringValue ?? "*"
            let config = input["EndpointConfigName"]?.stringValue ?? "*"
            return [call.sageMakerARN("endpoint", endpoint), call.sageMakerARN("endpoint-config", config)].map {
                AuthorizationQuestion(action: "sagemaker:\(operation)", resource: $0)
            }
        }
    }
}
