// SPDX-License-Identifier: Apache-2.0

/// Amazon SageMaker Runtime: asking endpoints.
public enum SageMakerRuntimeService {
    /// The operations, a row each.
    ///
    /// Policies know them as SageMaker's own.
    public static let table = ServiceTable(
        service: "sagemaker-runtime", prefix: "sagemaker",
        [OperationRow(InvokeEndpoint.self, .template("endpoint/{EndpointName|lower}"))])
}
