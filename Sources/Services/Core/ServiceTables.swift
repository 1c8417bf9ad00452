// SPDX-License-Identifier: Apache-2.0

/// The services that are simulated: one row each.
public enum ServiceTables {
    /// Every service, in no particular order.
    public static let all: [ServiceTable] = [
        S3Service.table,
        IAMService.table,
        STSService.table,
        SageMakerService.table,
        SageMakerRuntimeService.table,
        LogsService.table,
        CloudWatchService.table,
        ServiceQuotasService.table,
    ]
}
