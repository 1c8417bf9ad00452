// SPDX-License-Identifier: Apache-2.0

import Wire
import World

/// SageMaker's errors and their texts.
enum SageMakerError {
    static func validation(_ message: String) -> ServiceError { ServiceError("ValidationException", message, status: 400) }

    static let noTrainingJob = validation("Requested resource not found.")
    static let noNotebookInstance = validation("RecordNotFound")

    /// - Parameter kind: `model`, `endpoint`, `endpoint configuration`.
    static func missing(_ kind: String, arn: String) -> ServiceError { validation("Could not find \(kind) \"\(arn)\".") }

    /// - Parameter kind: `model`, `endpoint`, `endpoint configuration`.
    static func existing(_ kind: String, arn: String) -> ServiceError {
        validation("Cannot create already existing \(kind) \"\(arn)\".")
    }

    static func trainingJobExists(arn: String) -> ServiceError {
        ServiceError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this name already exists (\(arn))",
            status: 400)
    }

    static func jobIsOver(status: String) -> ServiceError {
        validation("The request was rejected because the training job is in status \(status).")
    }

    static func inProgress(endpoint arn: String) -> ServiceError { validation("Cannot update in-progress endpoint \"\(arn)\".") }

    static func notebookExists(arn: String) -> ServiceError { validation("Cannot create a duplicate Notebook Instance (\(arn))") }

    static func transition(from status: String, allowed: [String], to target: String, arn: String) -> ServiceError {
        validation(
            "Status (\(status)) not in ([\(allowed.joined(separator: ", "))]). Unable to transition to (\(target)) for Notebook "
                + "Instance (\(arn)).")
    }

    /// - Parameter action: `describe`, `update`, `delete`.
    static func missingLifecycleConfig(_ action: String, arn: String) -> ServiceError {
        validation(
            "Unable to \(action) Notebook Instance Lifecycle Config '\(arn)'. "
                + "(Details: Notebook Instance Lifecycle Config does not exist.)")
    }

    static func lifecycleConfigExists(arn: String) -> ServiceError {
        validation(
            "Unable to create Notebook Instance Lifecycle Config \(arn). "
                + "(Details: Notebook Instance Lifecycle Config already exists.)")
    }

    static func roleNotAssumable(_ arn: String) -> ServiceError {
        validation(
            "Could not assume role \(arn). Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume "
                + "the role.")
    }

    static func notAnImage(_ image: String) -> ServiceError {
        validation(
            "Invalid image URI \(image). Please provide a valid Amazon Elastic Container Registry path of the Docker image.")
    }

    static func noRepository(_ image: ImageReference, role: String) -> ServiceError {
        validation(
            "Cannot find repository: \(image.repository) in registry ID: \(image.account) Please check if your ECR repository exists and "
                + "role \(role) has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
                + "ecr:GetDownloadUrlForLayer")
    }

    static func noModelData(_ uri: String) -> ServiceError { validation("Could not find model data at \(uri).") }

    static func unreachableModelData(_ uri: String, role: String, region: String) -> ServiceError {
        validation(
            "Could not access model data at \(uri). Please ensure that the role \"\(role)\" exists and that its trust relationship policy "
                + "allows the action \"sts:AssumeRole\" for the service principal \"sagemaker.amazonaws.com\". Also ensure that the role "
                + "has \"s3:GetObject\" permissions and that the object is located in \(region).")
    }
}
