// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// Asks the policies, and says no in the words of the service that was called.
enum Authorizer {
    /// - Throws: `ServiceError` where the answer is no.
    static func authorize(_ question: AuthorizationQuestion, call: Call) throws {
        let (request, policies) = try evidence(question, call: call)
        let decision = PolicyEvaluator.evaluate(request, policies)
        if decision.isAllowed { return }
        // What an access control list opens to everybody, only a policy that says no closes.
        if question.isPublicRead, case .implicitlyDenied = decision.outcome { return }
        var error = denial(of: request, decision, service: call.service)
        error.explanation = PolicyExplanation(request, policies, decision).text
        throw error
    }

    /// The question in full, and the policies that have a say.
    private static func evidence(_ question: AuthorizationQuestion, call: Call) throws -> (AuthorizationRequest, PolicySet) {
        var policies = try call.world.store.read { try IdentityPolicies.load(for: call.principal, in: $0) }
        if let document = question.resourcePolicy {
            policies.resource = NamedPolicy(name: "resource policy", document: try PolicyCache.document(document, kind: .resource))
        }
        var context = RequestContext(question.context)
        context.setEnvironment(
            time: Date().timeIntervalSince1970, sourceAddress: call.sourceAddress, region: call.region, userAgent: call.userAgent,
            isSecure: true)
        let request = AuthorizationRequest(
            action: question.action, resource: question.resource, resourceAccount: question.resourceAccount,
            principal: call.principal, context: context)
        return (request, policies)
    }

    /// How IAM names its resources: new ones and lists by their ARN, others by kind and name.
    private static func iamResource(_ request: AuthorizationRequest) -> String? {
        guard let arn = ARN(request.resource), let name = arn.resource.split(separator: "/").last else { return nil }
        let path = arn.resource.dropFirst(arn.resourceType.count)
        switch (arn.resourceType, request.action) {
        case (_, "iam:PassRole"), (_, "iam:CreateUser"), (_, "iam:CreateRole"), (_, "iam:CreateGroup"),
            (_, "iam:CreateInstanceProfile"), (_, "iam:ListUsers"), (_, "iam:ListRoles"), (_, "iam:ListGroups"),
            (_, "iam:ListInstanceProfiles"):
            return nil
        case ("policy", "iam:CreatePolicy"): return "policy \(name)"
        case ("policy", "iam:ListPolicies"): return "policy path \(path)"
        case ("policy", _): return "policy \(request.resource)"
        case ("instance-profile", _): return "instance profile \(name)"
        default: return "\(arn.resourceType) \(name)"
        }
    }

    /// The error for a request that policies do not let through.
    static func denial(of request: AuthorizationRequest, _ decision: Decision, service: String) -> ServiceError {
        let message =
            decision.message(
                for: request, resource: service == "iam" ? iamResource(request) : nil, quotesResource: service == "s3",
                showsWildcard: service != "s3" && service != "cloudwatch") ?? ""
        switch service {
        case "s3":
            // S3 gives its reasons only to callers of the account that owns the bucket.
            let isForeign = request.resourceAccount.map { $0 != request.principal.account } ?? false
            let isNobody = request.principal.kind == .anonymous
            return ServiceError("AccessDenied", isForeign || isNobody ? "Access Denied" : message, status: 403)
        case "iam", "sts", "cloudwatch":
            return ServiceError("AccessDenied", message, status: 403)
        case "sagemaker-runtime", "sagemaker-metrics":
            return ServiceError("AccessDeniedException", message, status: 403)
        default:
            return ServiceError("AccessDeniedException", message, status: 400)
        }
    }
}
