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
    public static func serviceError(_ value: Value, operation: OperationModel) -> ServiceError? {
        guard let shape = operation.input, operation.serviceModel.protocolName != .restXML else { return nil }
        var validation = ValidationOfService(streamingMember: operation.streamingInputMember?.name)
        validation.checkStructure(value, shape, at: "")
        if let mismatch = validation.mismatch { return ServiceError("SerializationException", mismatch, status: 400) }
        if validation.problems.isEmpty { return nil }
        let code = operation.serviceModel.validationErrorCode
        if operation.service == "iam", let own = validation.firstOwnText { return ServiceError(code, own, status: 400) }
        let count = validation.problems.count
        return ServiceError(
            code,
            "\(count) validation \(count == 1 ? "error" : "errors") detected: " + validation.problems.joined(separator: "; "),
            status: 400)
    }
}
