// SPDX-License-Identifier: Apache-2.0

import ServiceModel

/// Checks an input against its shape, at the two places where the real service's users meet such checks.
///
/// A client (botocore) looks for missing, unknown and wrongly typed members and for minima; the service checks everything
/// that the model says, and answers in its own words.
public enum ParameterValidator {
    /// What a client finds wrong with an input before it sends it: one line a problem, none where all is well.
    ///
    /// - Parameters:
    ///   - value: The input; text stands for timestamps and blobs too.
    ///   - shape: The operation's input shape.
    public static func clientProblems(_ value: Value, shape: Shape) -> [String] {
        var validation = ValidationOfClient()
        validation.check(value, shape, at: "")
        return validation.problems
    }

    /// What the service answers to an input that breaks its shape's constraints; nil where all is well.
    ///
    /// The streaming member is not looked for. S3 checks its inputs in its own words, elsewhere.
    ///
    /// - Parameter isRelaxed: Whether SageMaker's names, ARNs and addresses, and IAM's paths, may break their patterns where they stay plain text.
    public static func serviceError(_ value: Value, operation: OperationModel, isRelaxed: Bool = false) -> ServiceError? {
        guard let shape = operation.input, operation.serviceModel.protocolName != .restXML else { return nil }
        var validation = ValidationOfService(
            streamingMember: operation.streamingInputMember?.name, plainTextOf: isRelaxed ? operation.service : nil)
        validation.checkStructure(value, shape, at: "")
        if let mismatch = validation.mismatch { return ServiceError("SerializationException", mismatch, status: 400) }
        if validation.problems.isEmpty { return nil }
        let code = validationErrorCode(of: operation)
        if operation.service == "iam", let own = validation.firstOwnText { return ServiceError(code, own, status: 400) }
        let count = validation.problems.count
        return ServiceError(
            code,
            "\(count) validation \(count == 1 ? "error" : "errors") detected: " + validation.problems.joined(separator: "; "),
            status: 400)
    }

    /// The service's code, unless the operation documents another one only (CloudWatch Logs' deliveries).
    private static func validationErrorCode(of operation: OperationModel) -> String {
        let common = operation.serviceModel.validationErrorCode
        let documented = operation.errors.map(\.name)
        let other = "ValidationException"
        return operation.service == "logs" && !documented.contains(common) && documented.contains(other) ? other : common
    }
}
