// SPDX-License-Identifier: Apache-2.0

/// Why a text is not a policy document.
///
/// `message` is the text for IAM's MalformedPolicyDocument, `bucketMessage` for S3's MalformedPolicy.
public enum PolicyDocumentError: Error, Sendable, Hashable {
    /// Not JSON at all, with the parser's reason.
    case notJSON(reason: String)
    /// JSON, but an element is unknown, missing, doubled or of the wrong kind; `place` is like `Statement[0].Effect`.
    case syntax(place: String, problem: String)
    case effect(String)
    case unknownConditionOperator(String)
    case version
    case legacyParsing(place: String)
    case duplicateSid(String)
    case noActions
    case noResources
    case actionWithoutService(String)
    case actionWithSeveralColons(String)
    case invalidService(String)
    case resourceNotARN(String)
    case invalidPartition(partition: String, resource: String)
    case resourceServiceMissing(String)
    case resourceWithRegion(service: String, resource: String)
    case iamResourcePath
    case principalNotAllowed
    case principalMissing
    case resourceNotAllowed
    case trustAction(String)
    case invalidPrincipal(type: String, value: String)
    case foreignResource(String)

    /// IAM's sentence.
    public var message: String {
        switch self {
        case .notJSON, .syntax, .effect, .unknownConditionOperator: "Syntax errors in policy."
        case .version: "Policy document must be version 2012-10-17 or greater."
        case .legacyParsing: "The policy failed legacy parsing"
        case .duplicateSid: "Statement IDs (SID) in a single policy must be unique."
        case .noActions: "Policy statement must contain actions."
        case .noResources: "Policy statement must contain resources."
        case .actionWithoutService: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        case .actionWithSeveralColons: "Actions/Condition can contain only one colon."
        case .invalidService(let service): "Vendor \(service) is not valid"
        case .resourceNotARN(let resource), .foreignResource(let resource): "Resource \(resource) must be in ARN format or \"*\"."
        case .invalidPartition(let partition, let resource): "Partition \"\(partition)\" is not valid for resource \"\(resource)\"."
        case .resourceServiceMissing: "Resource vendor must be fully qualified and cannot contain regexes."
        case .resourceWithRegion(let service, let resource):
            service == "iam"
                ? "IAM resource \(resource) cannot contain region information."
                : "Resource \(resource) can not contain region information."
        case .iamResourcePath:
            "IAM resource path must either be \"*\" or start with \(PolicyValidator.iamResourcePaths.joined(separator: ", "))."
        case .principalNotAllowed: "Policy document should not specify a principal."
        case .principalMissing: "Missing required field Principal"
        case .resourceNotAllowed: "Has prohibited field Resource."
        case .trustAction:
            "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity"
        case .invalidPrincipal(let type, let value):
            "Invalid principal in policy: \"\(type == "AWS" ? type : type.uppercased())\":\"\(value)\""
        }
    }

    /// S3's sentence.
    public var bucketMessage: String {
        switch self {
        case .notJSON: "Policies must be valid JSON and the first byte must be '{'"
        case .effect(let effect): "Invalid effect: \(effect)"
        case .version: "The policy must contain a valid version string"
        case .unknownConditionOperator(let name): "Invalid Condition type : \(name)"
        case .noActions: "Missing required field Action"
        case .actionWithoutService, .actionWithSeveralColons, .invalidService, .trustAction: "Policy has invalid action"
        case .noResources: "Missing required field Resource"
        case .resourceNotARN, .invalidPartition, .resourceServiceMissing, .resourceWithRegion, .iamResourcePath, .foreignResource,
            .resourceNotAllowed:
            "Policy has invalid resource"
        case .principalMissing: "Missing required field Principal"
        case .principalNotAllowed, .invalidPrincipal: "Invalid principal in policy"
        case .syntax, .legacyParsing, .duplicateSid: "Invalid policy syntax."
        }
    }

    /// What is wrong and where, in words of our own, for people who look for the reason.
    public var explanation: String {
        switch self {
        case .notJSON(let reason): "The text is not JSON: \(reason)"
        case .syntax(let place, let problem): "\(place): \(problem)"
        case .effect(let effect): "The effect must be Allow or Deny, not \"\(effect)\"."
        case .unknownConditionOperator(let name): "There is no condition operator \"\(name)\"."
        case .legacyParsing(let place): "\(place) has a value that can't be read."
        case .duplicateSid(let sid): "Two statements have the Sid \"\(sid)\"."
        case .actionWithoutService(let action): "The action \"\(action)\" must be * or service:Action."
        case .actionWithSeveralColons(let action): "The action \"\(action)\" has more than one colon."
        case .trustAction(let action): "A trust policy can't have the action \"\(action)\"."
        case .resourceServiceMissing(let resource): "The resource \"\(resource)\" names no service."
        case .foreignResource(let resource): "The resource \"\(resource)\" is not what the policy is attached to, nor in it."
        default: message
        }
    }
}
