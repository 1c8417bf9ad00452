// SPDX-License-Identifier: Apache-2.0

import OrderedCollections
import ServiceModel
import Wire

/// What the real CLI adds by hand to one operation of the tables: options of its own, and what becomes of the answer.
struct OperationCustomization: Sendable {
    /// The options, in the order in which they follow the tables'.
    var arguments: [ArgumentSpecification]
    /// Options of the tables that need not be given.
    var optionalMembers: Set<String> = []
    /// Looks at the words before any file is read.
    var check: @Sendable (ParsedArguments) throws(CommandFailure) -> Void = { _ in }
    /// Puts the options' values into the parameters.
    var apply: @Sendable (ParsedArguments, ParameterFile, inout CallParameters) throws -> Void = { _, _, _ in }
    /// Does with the answer what the options ask for, and leaves what is printed.
    var receive: @Sendable (inout Value, ParsedArguments, CommandEnvironment) throws(CommandFailure) -> Void = { _, _, _ in }

    /// The customization of an operation, where it has one.
    static func of(_ operation: OperationModel) -> OperationCustomization? {
        table["\(operation.service).\(operation.name)"]
    }

    /// One row an operation.
    private static let table: [String: OperationCustomization] = [
        "cloudwatch.PutMetricData": .metricDatum, "iam.CreateVirtualMFADevice": .virtualDevice,
    ]
}
